//! W3C `traceparent`, read and written.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use proto_events::headers::is_traceparent;

/// The context below a parent; without a usable one a trace begins.
pub(super) fn below(parent: Option<&str>) -> Context {
    let context = Context::new();
    match parent.and_then(read) {
        Some(parent) => context.with_remote_span_context(parent),
        None => context,
    }
}

fn read(text: &str) -> Option<SpanContext> {
    let mut parts = text.split('-').skip(1);
    let (trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?);
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        flags & TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    (is_traceparent(text) && context.is_valid()).then_some(context)
}

/// The text for a span's followers; none if the span is none, as after the end of the export.
pub(super) fn written(context: &SpanContext) -> Option<String> {
    context.is_valid().then(|| {
        format!(
            "00-{}-{}-{:02x}",
            context.trace_id(),
            context.span_id(),
            context.trace_flags()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_read_is_written_alike() {
        let read = read(PARENT).and_then(|context| written(&context));
        assert_eq!(read.as_deref(), Some(PARENT));
    }

    #[test]
    fn what_names_no_span_is_no_parent() {
        for text in [
            "",
            "00-1-2-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-xy",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
