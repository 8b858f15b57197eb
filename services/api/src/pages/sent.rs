//! What became of a test message.

use std::time::{Duration, Instant};

use maud::{Markup, html};
use proto_events::JobId;
use proto_events::outcome::State;
use store::browse::ListedDelivery;

use super::outcome::{plain, standing, why};
use crate::app::App;
use crate::refusal::Refusal;

/// How long a page waits for the first outcome.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long between two looks at the ledger.
const LOOK: Duration = Duration::from_millis(150);

/// The last attempt of each job, waited for a moment; none: nobody has taken it yet.
pub(super) async fn last(
    app: &App,
    jobs: &[JobId],
) -> Result<Vec<(JobId, Option<ListedDelivery>)>, Refusal> {
    let begun = Instant::now();
    let mut all = Vec::with_capacity(jobs.len());
    for job in jobs {
        let last = loop {
            let last = app.store.attempts(*job).await?.pop();
            let is_known = last.as_ref().is_some_and(|it| it.state != State::Claimed);
            if is_known || begun.elapsed() >= PATIENCE {
                break last;
            }
            tokio::time::sleep(LOOK).await;
        };
        all.push((*job, last));
    }
    Ok(all)
}

/// An attempt in words.
pub(super) fn words(attempt: Option<&ListedDelivery>) -> Markup {
    let Some(attempt) = attempt else {
        return html! { span.state { "on its way" } " The message is in the queue; no sender has said yet what came of it." };
    };
    html! {
        (standing(attempt.state))
        @if let Some(reason) = attempt.reason { " " (why(reason)) "." }
        @if let Some(detail) = &attempt.detail { " " code { (plain(detail)) } }
    }
}
