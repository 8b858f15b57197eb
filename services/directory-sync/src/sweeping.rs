//! Forgets what is old enough, now and then.

use std::time::Duration;

use store::Store;
use tokio_util::sync::CancellationToken;

/// How long nothing is swept after a sweep that found nothing more to do.
const REST: Duration = Duration::from_secs(600);

/// How long between two batches, so that a large sweep leaves the database to others.
const BREATH: Duration = Duration::from_secs(1);

/// Sweeps in batches until the service is to stop. A sweep that fails is tried again at the
/// next turn; nothing depends on when it is done.
pub(crate) async fn sweep(store: Store, stop: CancellationToken) {
    loop {
        let pause = match store.sweep_directory().await {
            Ok(0) => REST,
            Ok(rows) => {
                tracing::info!(rows, "forgot what had been deleted for long");
                BREATH
            }
            Err(error) => {
                tracing::warn!(%error, "could not sweep the directory; it is tried again later");
                REST
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
