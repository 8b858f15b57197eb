//! The context of the attempt under way, for whatever leaves over HTTP within it.

use std::future::Future;

tokio::task_local! {
    static CARRIED: Option<String>;
}

/// Runs work within a trace context.
pub async fn carrying<F: Future>(traceparent: Option<String>, work: F) -> F::Output {
    CARRIED.scope(traceparent, work).await
}

/// The context that this task works within.
#[must_use]
pub fn carried() -> Option<String> {
    CARRIED.try_with(Clone::clone).ok().flatten()
}
