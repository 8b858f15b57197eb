//! What is to be written of a group of messages before they are acknowledged.

use proto_events::Cause;

use crate::dead_letters::{self, DeadLetter};
use crate::endpoint_states::{self, EndpointNews};
use crate::error::StoreError;
use crate::ledger::{self, Finished};
use crate::parking::{self, Parked, Turn};
use crate::pauses::{self, Pause};
use crate::store::Store;

/// Outcomes, dead letters and parked jobs that belong together: all is written, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// What came of attempts.
    pub finished: Vec<Finished>,
    /// What was given up.
    pub dead: Vec<DeadLetter>,
    /// What is to wait in its destination's line.
    pub parked: Vec<Parked>,
    /// What becomes of jobs that were taken from their lines, by [`crate::parking::Taken::sequence`].
    pub turns: Vec<(i64, Turn)>,
    /// Who is to be left alone for a while.
    pub pauses: Vec<Pause>,
    /// What attempts said of webhook endpoints, in the order of their ends.
    pub endpoints: Vec<EndpointNews>,
}

impl Settlement {
    /// Whether there is nothing to write.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.finished.is_empty() && self.endpoints.is_empty() && self.tells_only_of_attempts()
    }

    /// Whether there is nothing but attempts that ended, and good news of endpoints.
    fn is_plain(&self) -> bool {
        let good = |news: &EndpointNews| news.cause == Cause::Success;
        self.tells_only_of_attempts() && self.endpoints.iter().all(good)
    }

    const fn tells_only_of_attempts(&self) -> bool {
        let Self {
            finished: _,
            dead,
            parked,
            turns,
            pauses,
            endpoints: _,
        } = self;
        dead.is_empty() && parked.is_empty() && turns.is_empty() && pauses.is_empty()
    }

    /// Leaves out what people wrote: what was seen, and the receiver's own identifier.
    pub fn drop_texts(&mut self) {
        const NOT_STORED: &str = "(the database refused the words; the log has its reason)";
        for row in &mut self.finished {
            row.detail = Some(NOT_STORED.to_owned());
            row.provider_id = None;
        }
        for news in &mut self.endpoints {
            news.note = NOT_STORED.to_owned();
        }
        for letter in &mut self.dead {
            letter.detail = NOT_STORED.to_owned();
        }
    }

    /// Takes in what another one holds.
    pub fn append(&mut self, other: Self) {
        self.finished.extend(other.finished);
        self.dead.extend(other.dead);
        self.parked.extend(other.parked);
        self.turns.extend(other.turns);
        self.pauses.extend(other.pauses);
        self.endpoints.extend(other.endpoints);
    }
}

impl Store {
    /// Writes a settlement in one transaction. May be repeated when the answer was lost. An
    /// outcome that is known already stays, unless the new one is a success: what arrived
    /// has arrived. Gives how many dead letters were not kept, since so many of their
    /// endpoint wait already; the ledger says so of each.
    ///
    /// # Errors
    /// If the database is away, or refuses a row; then nothing is written, and it must be
    /// kept and written later.
    pub async fn settle(&self, settlement: &Settlement) -> Result<usize, StoreError> {
        // By far the most are plain, and need no transaction: a commit more for every group.
        if settlement.is_plain() {
            let mut database = self.pool.acquire().await?;
            if !endpoint_states::in_trouble(&mut database, &settlement.endpoints).await? {
                ledger::record(&mut database, &settlement.finished).await?;
                return Ok(0);
            }
        }
        let mut transaction = self.pool.begin().await?;
        let (news, dead) = (&settlement.endpoints, &settlement.dead);
        let locked = endpoint_states::lock(&mut transaction, news, dead).await?;
        endpoint_states::move_endpoints(&mut transaction, news, &locked).await?;
        let not_kept = dead_letters::file(&mut transaction, dead).await?;
        if not_kept.is_empty() {
            ledger::record(&mut transaction, &settlement.finished).await?;
        } else {
            let finished = settlement.finished.iter().cloned();
            let finished: Vec<_> = finished.map(|row| row.unless_kept(&not_kept)).collect();
            ledger::record(&mut transaction, &finished).await?;
        }
        parking::park(&mut transaction, &settlement.parked).await?;
        parking::end_turns(&mut transaction, &settlement.turns).await?;
        pauses::pause(&mut transaction, &settlement.pauses).await?;
        transaction.commit().await?;
        Ok(not_kept.len())
    }
}
