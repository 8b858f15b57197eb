//! How fresh the directory is, and what the service says of that.

use std::sync::Arc;
use std::time::Duration;

use chassis::health::Part;
use rules::Directory;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// An event is decided only with a directory verified within this time.
const FRESH: Duration = Duration::from_secs(1);

/// The newest directory, and what keeps it from being newer.
#[derive(Clone, Default)]
pub(super) struct State {
    /// It, and when it was last known to be what the store holds.
    verified: Option<(Arc<Directory>, Instant)>,
    /// What went wrong since.
    problem: Option<String>,
}

impl State {
    pub(super) fn verify(&mut self, directory: Arc<Directory>, at: Instant) {
        self.verified = Some((directory, at));
        self.problem = None;
    }

    pub(super) fn fail(&mut self, problem: String) {
        self.problem = Some(problem);
    }

    pub(super) fn directory(&self) -> Option<Arc<Directory>> {
        self.verified
            .as_ref()
            .map(|(directory, _)| Arc::clone(directory))
    }

    /// Whether events may be decided with it.
    pub(super) fn is_fresh(&self) -> bool {
        self.fresh_until()
            .is_some_and(|until| Instant::now() < until)
    }

    fn fresh_until(&self) -> Option<Instant> {
        self.verified.as_ref().map(|(_, at)| *at + FRESH)
    }

    /// Why events wait.
    fn ailment(&self) -> String {
        let problem = self.problem.as_deref().unwrap_or("no answer yet");
        if self.verified.is_some() {
            format!(
                "the directory could not be verified within the last second, so events wait: {problem}"
            )
        } else {
            format!("there is no directory yet, so events wait: {problem}")
        }
    }
}

/// Keeps the service's readiness true to the state.
pub(super) async fn tell(part: Part, mut states: watch::Receiver<State>) {
    loop {
        let state = states.borrow_and_update().clone();
        let changed = match state.fresh_until().filter(|_| state.is_fresh()) {
            Some(until) => {
                part.up();
                tokio::select! {
                    changed = states.changed() => changed,
                    () = sleep_until(until) => Ok(()),
                }
            }
            None => {
                part.down(state.ailment());
                states.changed().await
            }
        };
        if changed.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use chassis::health::Health;
    use rules::Directory;

    use super::*;

    fn ailment(health: &Health) -> Option<String> {
        health.ailments().remove("directory")
    }

    #[tokio::test(start_paused = true)]
    async fn readiness_ends_a_second_after_the_last_verification_and_says_why() {
        let health = Health::default();
        let (announce, states) = watch::channel(State::default());
        let telling = tokio::spawn(tell(health.part("directory"), states));
        tokio::task::yield_now().await;
        let unread = "there is no directory yet, so events wait: no answer yet";
        assert_eq!(ailment(&health).as_deref(), Some(unread));

        let directory = Arc::new(Directory::default());
        announce.send_modify(|state| state.verify(directory, Instant::now()));
        tokio::time::sleep(FRESH / 2).await;
        announce.send_modify(|state| state.fail("nobody answers".to_owned()));
        tokio::time::sleep(FRESH / 4).await;
        assert_eq!(ailment(&health), None, "it is fresh for a second");

        tokio::time::sleep(FRESH / 2).await;
        let stale = "the directory could not be verified within the last second, so events wait: nobody answers";
        assert_eq!(ailment(&health).as_deref(), Some(stale));
        assert!(!announce.borrow().is_fresh());

        announce.send_modify(|state| state.verify(Arc::default(), Instant::now()));
        tokio::task::yield_now().await;
        assert_eq!(ailment(&health), None);
        drop(announce);
        telling.await.unwrap();
    }
}
