//! Where notices go: to the broker, or only to the eye.

use chassis::broker::{Outgoing, Published, Publisher};
use chrono::{DateTime, Utc};
use proto_events::Names;
use store::Store;

use crate::notice::Notice;
use crate::report::{Report, Skip};
use crate::run::RunError;

/// How many notices are published together.
const BATCH: usize = 200;

/// Takes notices.
pub trait Outlet {
    /// Whether nothing is really done.
    const REHEARSAL: bool;

    /// Tells those of the notices that were not told before.
    fn tell(
        &mut self,
        notices: Vec<Notice>,
        report: &mut Report,
    ) -> impl Future<Output = Result<(), RunError>> + Send;
}

/// Publishes notices: each is confirmed by the broker first, then marked as told. Whatever
/// happens in between, it is told again under the same id, which is no news to its readers.
pub struct Telling<'a> {
    /// Where it is marked.
    pub store: &'a Store,
    /// The way to the broker.
    pub publisher: &'a Publisher,
    /// The names there.
    pub names: &'a Names,
    /// The moment that messages are from.
    pub now: DateTime<Utc>,
}

impl Outlet for Telling<'_> {
    const REHEARSAL: bool = false;

    async fn tell(&mut self, notices: Vec<Notice>, report: &mut Report) -> Result<(), RunError> {
        let fresh = untold(self.store, notices, report).await?;
        for batch in fresh.chunks(BATCH) {
            let messages: Vec<Outgoing> = batch
                .iter()
                .map(|notice| notice.message(self.names, self.now))
                .collect::<Result<_, _>>()?;
            let answers = self.publisher.publish(&messages).await?;
            let mut taken = Vec::with_capacity(batch.len());
            let mut unroutable = None;
            for (message, answer) in messages.into_iter().zip(answers) {
                match answer {
                    Published::Confirmed => taken.push(message.message_id),
                    Published::Unroutable => unroutable = Some(message.exchange),
                    Published::Refused(words) => {
                        tracing::error!(
                            notice = message.message_id,
                            reason = words,
                            "a notice cannot be published"
                        );
                        report.count_skipped(Skip::Refused, 1);
                    }
                }
            }
            self.store.mark_told(&taken, self.now).await?;
            report.told += taken.len() as u64;
            if let Some(exchange) = unroutable {
                return Err(RunError::Unroutable(exchange));
            }
        }
        Ok(())
    }
}

/// Keeps what would be told, and tells nobody.
pub struct Rehearsal<'a> {
    /// What was told before.
    pub store: &'a Store,
    /// What would be told.
    pub notices: Vec<Notice>,
}

impl Outlet for Rehearsal<'_> {
    const REHEARSAL: bool = true;

    async fn tell(&mut self, notices: Vec<Notice>, report: &mut Report) -> Result<(), RunError> {
        let fresh = untold(self.store, notices, report).await?;
        report.told += fresh.len() as u64;
        self.notices.extend(fresh);
        Ok(())
    }
}

/// The notices that were not told before.
async fn untold(
    store: &Store,
    notices: Vec<Notice>,
    report: &mut Report,
) -> Result<Vec<Notice>, RunError> {
    if notices.is_empty() {
        return Ok(notices);
    }
    let ids: Vec<String> = notices.iter().map(|notice| notice.id.clone()).collect();
    let told = store.told(&ids).await?;
    report.known += told.len() as u64;
    let fresh = notices.into_iter();
    Ok(fresh.filter(|notice| !told.contains(&notice.id)).collect())
}
