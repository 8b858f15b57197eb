//! What is said of a value that cannot be used.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use chassis::config::{BrokerConfig, LogConfig, TraceConfig, parse_from};
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
struct Service {
    #[command(flatten)]
    broker: BrokerConfig,
    #[command(flatten)]
    _log: LogConfig,
    #[command(flatten)]
    trace: TraceConfig,
}

#[derive(Debug, Parser)]
struct Tool {
    #[command(subcommand)]
    _command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Apply(BrokerConfig),
}

/// The one line that is said.
fn refused<C: Parser + std::fmt::Debug>(words: &[&str]) -> String {
    let line = format!("{:#}", parse_from::<C>(words).unwrap_err());
    assert!(!line.contains('\n'), "{line}");
    line
}

#[test]
fn a_bad_value_is_said_with_its_variable_and_what_is_allowed() {
    let line = refused::<Service>(&["service", "--log-format", "xml"]);
    assert!(
        line.starts_with("DD_LOG_FORMAT is not usable: \"xml\"; allowed are auto, json, text"),
        "{line}"
    );
    let line = refused::<Service>(&["service", "--broker-prefetch", "0\n1"]);
    assert!(
        line.starts_with("DD_BROKER_PREFETCH is not usable: \"0\\n1\": ")
            && line.contains("unacknowledged messages"),
        "{line}"
    );
}

#[test]
fn a_bad_value_that_is_secret_is_not_repeated() {
    for secret in [
        "amqpx://user:topsecret@host",
        "amqp:user:topsecret@host",
        "topsecret:5672",
        "amqp://user:topsecret@host:port",
        "amqp://host?auth_mechanism=topsecret",
    ] {
        for line in [
            refused::<Service>(&["service", "--broker-url", secret]),
            refused::<Tool>(&["tool", "apply", "--broker-url", secret]),
        ] {
            assert!(
                line.starts_with("DD_BROKER_URL is not usable: ")
                    && line.contains("amqp[s]://user:password@host:port/vhost"),
                "{line}"
            );
            assert!(!line.contains("topsecret"), "{line}");
        }
    }
}

#[test]
fn a_collector_of_traces_is_reached_over_http() {
    for address in ["", "collector", "collector:4317", "grpc://collector:4317"] {
        let line = refused::<Service>(&["service", "--otlp-endpoint", address]);
        assert!(
            line.starts_with("OTEL_EXPORTER_OTLP_ENDPOINT is not usable: ")
                && line.contains("http://collector:4318"),
            "{line}"
        );
    }
    let address = "https://collector.example/otlp";
    let service: Service = parse_from(["service", "--otlp-endpoint", address]).unwrap();
    assert_eq!(service.trace.otlp_endpoint.unwrap().to_string(), address);
}

#[test]
fn a_command_line_that_can_be_used_is_read() {
    let service: Service = parse_from(["service", "--broker-prefetch", "7"]).unwrap();
    assert_eq!(service.broker.broker_prefetch, 7);
}
