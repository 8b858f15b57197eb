//! Being told whose alerts became more or fewer, when that commits.

use secrecy::SecretString;

use crate::error::StoreError;
use crate::listen::{Ear, Heard};
use crate::store::Store;

/// The channel of the function `ring_bells`.
const CHANNEL: &str = "dojo_alerts";

/// Whose alerts became more or fewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Perhaps anybody's.
    Anybodys,
    /// These people's.
    Theirs(Vec<i64>),
}

/// News of alerts. A listener may be cut off without noticing: whoever hears nothing for long asks
/// for the next news anew, which opens another connection.
#[derive(Debug)]
pub struct AlertNews(Ear);

impl Store {
    /// News of alerts, over a connection of its own: to the URL's database, where a pooler that
    /// passes no notification on stands between, else to this store's. Opens no connection yet.
    ///
    /// # Errors
    /// [`StoreError::Config`] if the URL cannot be read.
    pub fn alert_news(&self, url: Option<&SecretString>) -> Result<AlertNews, StoreError> {
        Ok(AlertNews(self.ear(CHANNEL, url)?))
    }
}

impl AlertNews {
    /// Waits for the next. Each connection begins with [`Whose::Anybodys`], since what was said
    /// before it was lost.
    ///
    /// # Errors
    /// If there is no connection, or it was lost; the next call opens another.
    pub async fn next(&mut self) -> Result<Whose, StoreError> {
        Ok(match self.0.next().await? {
            Heard::Silence => Whose::Anybodys,
            Heard::Word(people) => read(&people),
        })
    }
}

/// What is no list of people is reason to look at all.
fn read(people: &str) -> Whose {
    let ids: Result<Vec<i64>, _> = people.split(',').map(str::parse).collect();
    ids.map_or(Whose::Anybodys, Whose::Theirs)
}

#[cfg(test)]
mod tests {
    use super::{Whose, read};

    #[test]
    fn who_is_named_is_meant_and_otherwise_perhaps_anybody() {
        assert_eq!(read("7"), Whose::Theirs(vec![7]));
        assert_eq!(read("7,12,99"), Whose::Theirs(vec![7, 12, 99]));
        for nobody in ["", "7,", "everybody"] {
            assert_eq!(read(nobody), Whose::Anybodys);
        }
    }
}
