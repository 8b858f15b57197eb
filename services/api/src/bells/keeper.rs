//! Keeping bells in step with the database.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chassis::reconnect::Reconnect;
use store::{AlertNews, Store, StoreError, Whose};

use super::{Bells, Standing};

/// How long after a failure another connection is tried for notifications.
const LISTEN_AGAIN: Duration = Duration::from_secs(5);

/// After how long a silence the connection is replaced, and all bells are looked at: it may have
/// been cut off without a sign.
const SILENCE: Duration = Duration::from_secs(60);

/// The rest after a look, in lengths of the look: however many alerts come, bells take no more
/// than a fifth of one connection's time.
const REST: u32 = 4;

/// The longest rest.
const LONGEST_REST: Duration = Duration::from_secs(5);

impl Bells {
    /// Keeps them, without end.
    pub(crate) async fn keep(&self, store: &Store, news: AlertNews) {
        tokio::join!(self.listen(news), self.look_when_due(store));
    }

    async fn listen(&self, mut news: AlertNews) {
        loop {
            match tokio::time::timeout(SILENCE, news.next()).await {
                Ok(Ok(whose)) => self.ring(&whose),
                Ok(Err(error)) => {
                    tracing::debug!(%error, "bells rise later: nobody tells of alerts");
                    tokio::time::sleep(LISTEN_AGAIN).await;
                }
                // The next call opens another.
                Err(_silence) => {}
            }
        }
    }

    async fn look_when_due(&self, store: &Store) {
        let mut reconnect = Reconnect::default();
        loop {
            self.0.due.notified().await;
            let begun = Instant::now();
            let rest = match self.look(store).await {
                Ok(()) => {
                    reconnect = Reconnect::default();
                    (begun.elapsed() * REST).min(LONGEST_REST)
                }
                Err(error) => {
                    tracing::debug!(%error, "bells are looked at again");
                    self.0.due.notify_one();
                    reconnect.delay()
                }
            };
            tokio::time::sleep(rest).await;
        }
    }

    /// Reads how the alerts of all who are due stand, and tells them.
    async fn look(&self, store: &Store) -> Result<(), StoreError> {
        let due = self.take_due();
        if due.is_empty() {
            return Ok(());
        }
        match store.alert_counts(&due).await {
            Ok(found) => {
                // Of whoever has none, nothing is found.
                let mut standings: HashMap<i64, Standing> = due
                    .into_iter()
                    .map(|user| (user, Standing::default()))
                    .collect();
                standings.extend(found.iter().map(|one| (one.user, Standing::from(one))));
                for (user, standing) in standings {
                    self.tell(user, standing);
                }
                Ok(())
            }
            Err(error) => {
                self.ring(&Whose::Theirs(due));
                Err(error)
            }
        }
    }

    /// Notes whose alerts are to be looked at.
    pub(super) fn ring(&self, whose: &Whose) {
        let mut people = self.people();
        match whose {
            Whose::Anybodys => people.values_mut().for_each(|person| person.is_due = true),
            Whose::Theirs(ids) => {
                for id in ids {
                    if let Some(person) = people.get_mut(id) {
                        person.is_due = true;
                    }
                }
            }
        }
        self.0.due.notify_one();
    }

    /// Those who are due; they are so no longer.
    pub(super) fn take_due(&self) -> Vec<i64> {
        let mut people = self.people();
        let due = people.iter_mut().filter(|(_, person)| person.is_due);
        due.map(|(user, person)| {
            person.is_due = false;
            *user
        })
        .collect()
    }

    /// Tells somebody's streams how their alerts stand, if that is new.
    pub(super) fn tell(&self, user: i64, standing: Standing) {
        if let Some(person) = self.people().get(&user) {
            person.standing.send_if_modified(|known| {
                let is_new = *known != Some(standing);
                *known = Some(standing);
                is_new
            });
        }
    }
}
