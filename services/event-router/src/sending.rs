//! Messages on their way to the broker, a window at a time: an event may have thousands of
//! jobs, and each of a webhook's carries the whole event.

use chassis::broker::{Outgoing, Published, Publisher, PublisherStopped};
use proto_events::Reason;

/// How many messages are on their way at once: those of a chunk with a handful of jobs an event,
/// since a second window would wait for the first one's confirms.
const WINDOW: usize = 2048;

/// How large they may be together (bytes); one that is larger goes alone.
const WINDOW_SIZE: usize = 8 * 1024 * 1024;

/// What became of the messages that were published for one of the router's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    /// How many came back because no queue is bound for them.
    pub(crate) unroutable: usize,
    /// Why one can never be published, if so.
    pub(crate) refusal: Option<(Reason, String)>,
}

/// A message to be published, or why there is none.
pub(crate) type Made = Result<Outgoing, serde_json::Error>;

/// Publishes messages, each made when its window comes. Each belongs to one of `places`; the
/// answers stand in their order.
///
/// # Errors
/// [`PublisherStopped`] after a fault of the publishing side.
pub(crate) async fn send(
    publisher: &Publisher,
    places: usize,
    messages: impl Iterator<Item = (usize, Made)>,
) -> Result<Vec<Sent>, PublisherStopped> {
    let mut sent = vec![Sent::default(); places];
    let mut window = Window::default();
    for (place, made) in messages {
        match made {
            Ok(message) => {
                if window.is_too_full_for(&message) {
                    std::mem::take(&mut window).go(publisher, &mut sent).await?;
                }
                window.add(place, message);
            }
            Err(error) => {
                let detail = format!("a job of the event cannot be written as JSON: {error}");
                sent[place].refusal = Some((Reason::Internal, detail));
            }
        }
    }
    window.go(publisher, &mut sent).await?;
    Ok(sent)
}

/// Messages that go together.
#[derive(Default)]
struct Window {
    messages: Vec<Outgoing>,
    places: Vec<usize>,
    size: usize,
}

impl Window {
    fn is_too_full_for(&self, message: &Outgoing) -> bool {
        self.messages.len() == WINDOW
            || !self.messages.is_empty() && self.size + message.body.len() > WINDOW_SIZE
    }

    fn add(&mut self, place: usize, message: Outgoing) {
        self.size += message.body.len();
        self.messages.push(message);
        self.places.push(place);
    }

    async fn go(self, publisher: &Publisher, sent: &mut [Sent]) -> Result<(), PublisherStopped> {
        if self.messages.is_empty() {
            return Ok(());
        }
        let results = publisher.publish(&self.messages).await?;
        for (place, result) in self.places.into_iter().zip(results) {
            match result {
                Published::Confirmed => {}
                Published::Unroutable => sent[place].unroutable += 1,
                Published::Refused(words) => {
                    let detail = format!("the broker refuses to take it: {words}");
                    sent[place].refusal = Some((Reason::TooLarge, detail));
                }
            }
        }
        Ok(())
    }
}
