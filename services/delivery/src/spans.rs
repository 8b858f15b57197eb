//! What traces tell of a job: that it is worked on, and what became of its attempt.

use chassis::trace::Span;
use proto_events::Outcome;

use crate::message::Message;
use crate::sender::Sender;
use crate::verdict::Key;

impl<C> Sender<C> {
    /// A job is worked on: until its outcome is handed on to be written down.
    pub(crate) fn process(&self, message: &Message, key: &Key) -> Span {
        if !self.tracer.is_on() {
            return Span::default();
        }
        let parent = message.headers.traceparent.as_deref();
        let id = key.job.to_string();
        let mut span = self.tracer.process(&self.queue, &id, parent);
        span.tell("job.id", &id);
        if let Some((_, event)) = &key.event {
            span.tell("event.id", event);
        }
        span
    }

    /// The attempt itself, as the receiver's caller.
    pub(crate) fn call(&self, message: &Message) -> Span {
        if !self.tracer.is_on() {
            return Span::default();
        }
        let parent = message.headers.traceparent.as_deref();
        let channel = self.service.channel().map_or("", |it| it.as_str());
        let mut span = self.tracer.call(&format!("attempt {channel}"), parent);
        span.tell("channel", channel);
        span.count("attempt", message.headers.attempt);
        span
    }
}

/// Ends an attempt's span with what became of it.
pub(crate) fn told(mut span: Span, outcome: &Outcome) {
    match outcome {
        Outcome::Delivered(receipt) => {
            if let Some(status) = receipt.status {
                span.count("http.response.status_code", status);
            }
        }
        Outcome::Retry { reason, detail, .. } | Outcome::Rejected { reason, detail } => {
            span.fail(reason.as_str(), detail.clone());
        }
    }
}
