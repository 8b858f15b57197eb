//! Points in time as people write them.

use chrono::{DateTime, TimeDelta, Utc};

/// Reads an RFC 3339 time, or how long ago it was: a whole number with s, m, h, d or w.
pub(crate) fn parse(text: &str) -> Result<DateTime<Utc>, String> {
    at(text, Utc::now())
}

fn at(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    ago(text)
        .and_then(|ago| now.checked_sub_signed(ago))
        .ok_or_else(|| {
            "write an RFC 3339 time, such as 2026-01-31T08:00:00Z, or how long ago: 90s, 45m, 2h, 3d, 1w".to_owned()
        })
}

fn ago(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    // What parse takes besides: a sign.
    let number: u32 = digits
        .strip_prefix('+')
        .is_none()
        .then(|| digits.parse().ok())??;
    TimeDelta::try_seconds(i64::from(number) * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let now = DateTime::from_timestamp(1_000_000_000, 0)?;
        Some(at(text, now).ok()?.to_rfc3339())
    }

    #[test]
    fn a_time_is_rfc_3339_or_so_long_ago() {
        assert_eq!(
            read("2001-09-09T03:46:40+02:00").as_deref(),
            Some("2001-09-09T01:46:40+00:00")
        );
        assert_eq!(read("40s").as_deref(), Some("2001-09-09T01:46:00+00:00"));
        assert_eq!(read("46m").as_deref(), Some("2001-09-09T01:00:40+00:00"));
        assert_eq!(read("2h").as_deref(), Some("2001-09-08T23:46:40+00:00"));
        assert_eq!(read("3d").as_deref(), Some("2001-09-06T01:46:40+00:00"));
        assert_eq!(read("1w").as_deref(), Some("2001-09-02T01:46:40+00:00"));
    }

    #[test]
    fn anything_else_is_no_time() {
        for text in [
            "",
            "h",
            "2",
            "-2h",
            "+2h",
            "2 h",
            "2.5h",
            "2y",
            "yesterday",
            "2001-09-09",
            "4294967295w",
            "2ä",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
