//! Identifiers made of what they identify, so that doing a thing twice gives the same one.

use uuid::Uuid;

use crate::channel::Channel;
use crate::job::Target;

/// UUIDv5 name space of everything below.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b0b_4f4e_63b5_4a53_9b5d_0d6a_5f0c_4d11);

/// The id of a job: event source, event id, channel, recipient, destination. An alert
/// batch's is made of its sorted recipients.
#[must_use]
pub fn job(event_source: &str, event_id: &str, to: &Target) -> Uuid {
    let channel = to.channel().as_str();
    match (to, to.address()) {
        (Target::Alert { recipients }, _) => {
            let mut sorted = recipients.clone();
            sorted.sort_unstable();
            let list: Vec<String> = sorted.into_iter().map(or_null).collect();
            make(&[event_source, event_id, channel, &list.join(",")])
        }
        (_, Some(address)) => {
            let recipient = or_null(address.recipient.as_ref().map(|user| user.id));
            make(&[
                event_source,
                event_id,
                channel,
                &recipient,
                &address.destination.to_string(),
            ])
        }
        (_, None) => make(&[event_source, event_id, channel]),
    }
}

/// The id of one alert: event source, event id, user (null at system scope).
#[must_use]
pub fn alert(event_source: &str, event_id: &str, user: Option<i64>) -> Uuid {
    make(&[
        event_source,
        event_id,
        Channel::Alert.as_str(),
        "row",
        &or_null(user),
    ])
}

fn or_null(id: Option<i64>) -> String {
    id.map_or_else(|| "null".to_owned(), |id| id.to_string())
}

/// Each part goes in with its length before it, so that no two lists of parts look alike.
fn make(parts: &[&str]) -> Uuid {
    let mut name = Vec::with_capacity(128);
    for part in parts {
        name.extend_from_slice(part.len().to_string().as_bytes());
        name.push(b':');
        name.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&NAMESPACE, &name)
}
