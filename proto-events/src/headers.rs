//! Message headers. Scalars only: tables and arrays do not survive a conversion to AMQP 1.0.

/// Which attempt a job is at, starting with 1; absent on the first (integer).
pub const ATTEMPT: &str = "x-dojo-attempt";

/// When the message was first published, in milliseconds since 1970 (integer).
pub const FIRST_PUBLISHED: &str = "x-dojo-first-published";

/// Why the last attempt failed, a word of [`crate::Reason`] (text).
pub const REASON: &str = "x-dojo-reason";

/// W3C trace context (text).
pub const TRACEPARENT: &str = "traceparent";

/// Prefixes of CloudEvents attributes in binary mode (CloudEvents AMQP binding 3.1.3;
/// the underscore form is for clients that cannot write a colon).
pub const CLOUD_EVENTS: [&str; 2] = ["cloudEvents:", "cloudEvents_"];

/// The CloudEvents attributes among a message's headers, without their prefix; none in
/// structured mode, where the body holds them.
pub fn attributes<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<(String, String)> {
    let attribute = |(name, value): (&str, &str)| {
        let name = CLOUD_EVENTS
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))?;
        Some((name.to_owned(), value.to_owned()))
    };
    headers.into_iter().filter_map(attribute).collect()
}

/// Whether a text has the form of a `traceparent` (W3C Trace Context, 3.2): anything else
/// is not carried on, however long it is.
#[must_use]
pub fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == 4
        && parts.iter().map(|part| part.len()).eq([2, 32, 16, 2])
        && parts
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
