//! Traces: a span for each step on a message's way, and the context that ties them together.
//!
//! Spans are made by hand, not by `tracing`: their parents come with messages, and work goes in
//! groups. Without a collector nothing is made, and the publisher's context travels as it came.

mod carried;
mod context;
mod export;

use std::borrow::Cow;
use std::fmt;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, Tracer as _};
use opentelemetry_sdk::trace::SdkTracer;

pub use carried::{carried, carrying};
pub use export::Export;

use crate::broker::Outgoing;

/// Makes spans where traces are exported, and empty ones elsewhere.
#[derive(Clone, Default)]
pub struct Tracer(Option<SdkTracer>);

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tracer").field(&self.is_on()).finish()
    }
}

/// A step under way. It ends, and is exported, when it is dropped.
// Boxed, since most are empty and stand beside each message.
#[derive(Default)]
pub struct Span(Option<Box<opentelemetry_sdk::trace::Span>>);

impl Tracer {
    /// Whether spans are made at all; else there is no use in putting words together for them.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// A message is taken and worked on.
    #[must_use]
    pub fn process(&self, queue: &str, message_id: &str, parent: Option<&str>) -> Span {
        self.start(parent, || Step {
            kind: SpanKind::Consumer,
            name: format!("process {queue}"),
            attributes: messaging("process", queue, message_id),
        })
    }

    /// A receiver outside is spoken to.
    #[must_use]
    pub fn call(&self, what: &str, parent: Option<&str>) -> Span {
        self.start(parent, || Step {
            kind: SpanKind::Client,
            name: what.to_owned(),
            attributes: Vec::new(),
        })
    }

    /// Messages are published: a span for each, none at all where traces go nowhere.
    pub(crate) fn send(&self, messages: &[Outgoing]) -> Vec<Span> {
        if !self.is_on() {
            return Vec::new();
        }
        let send = |message: &Outgoing| {
            let parent = message.headers.traceparent.as_deref();
            let key = &message.routing_key;
            // OpenTelemetry's name for what a publisher sends to on RabbitMQ.
            let destination = format!("{}:{key}", message.exchange);
            self.start(parent, || {
                let mut attributes = messaging("send", &destination, &message.message_id);
                let name = "messaging.rabbitmq.destination.routing_key";
                attributes.push(KeyValue::new(name, key.clone()));
                Step {
                    kind: SpanKind::Producer,
                    name: format!("send {destination}"),
                    attributes,
                }
            })
        };
        messages.iter().map(send).collect()
    }

    fn start(&self, parent: Option<&str>, step: impl FnOnce() -> Step) -> Span {
        let Some(tracer) = &self.0 else {
            return Span::default();
        };
        let Step {
            kind,
            name,
            attributes,
        } = step();
        let builder = SpanBuilder::from_name(name)
            .with_kind(kind)
            .with_attributes(attributes);
        let span = tracer.build_with_context(builder, &context::below(parent));
        Span(Some(Box::new(span)))
    }
}

/// What a span begins with.
struct Step {
    kind: SpanKind,
    name: String,
    attributes: Vec<KeyValue>,
}

/// The attributes that OpenTelemetry asks for of a step with a message.
fn messaging(operation: &'static str, destination: &str, message_id: &str) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("messaging.system", "rabbitmq"),
        KeyValue::new("messaging.operation.name", operation),
        KeyValue::new("messaging.operation.type", operation),
        KeyValue::new("messaging.destination.name", destination.to_owned()),
    ];
    if !message_id.is_empty() {
        attributes.push(KeyValue::new("messaging.message.id", message_id.to_owned()));
    }
    attributes
}

impl Span {
    /// The context for what follows; none if there is no span.
    #[must_use]
    pub fn traceparent(&self) -> Option<String> {
        context::written(self.0.as_ref()?.span_context())
    }

    /// Adds what is known of the step.
    pub fn tell(&mut self, name: &'static str, value: &str) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(name, value.to_owned()));
        }
    }

    /// Adds a number.
    pub fn count(&mut self, name: &'static str, value: impl Into<i64>) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(name, value.into()));
        }
    }

    /// The step failed: a word that can be counted, and a sentence.
    pub fn fail(&mut self, word: &'static str, detail: impl Into<Cow<'static, str>>) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new("error.type", word));
            span.set_status(Status::error(detail));
        }
    }
}
