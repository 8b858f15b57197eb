//! `notifyctl events tail`.

use anyhow::Context as _;
use chassis::broker::Session;
use chassis::config::BrokerConfig;
use chrono::Utc;
use clap::Args;
use proto_events::Event;

use crate::screen::{Screen, printable, time};

#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    /// Names of events, such as scan_added; without any, all
    names: Vec<String>,
    /// End after so many
    #[arg(long)]
    count: Option<u64>,
    /// Print events as they came, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    broker: BrokerConfig,
}

/// Shows events as they are published, until Ctrl-C.
///
/// # Errors
/// If the broker is away, or its user may not make a queue.
pub(crate) async fn run(args: &TailArgs) -> anyhow::Result<()> {
    let screen = Screen::new();
    let session = Session::open(&args.broker, "notifyctl events tail").await?;
    let keys = if args.names.is_empty() {
        vec!["#".to_owned()]
    } else {
        args.names.clone()
    };
    let tail = session
        .tail(&args.broker.broker_prefix.events(), &keys)
        .await;
    let mut tail = tail.context(
        "cannot read along; run notifyctl topology apply, or use an administrator's DD_BROKER_URL",
    )?;
    if !args.json {
        screen.say("Reading along from now on; Ctrl-C ends.")?;
    }
    let mut seen = 0;
    while args.count.is_none_or(|count| seen < count) {
        let body = tokio::select! {
            body = tail.next() => body?,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        seen += 1;
        screen.say(&if args.json {
            one_line(&body)
        } else {
            line(&body)
        })?;
    }
    Ok(())
}

/// An event in a line.
fn line(body: &[u8]) -> String {
    let now = time(Utc::now());
    match Event::parse(body) {
        Ok(event) => {
            let (id, source) = (printable(&event.id), printable(&event.source));
            let title = printable(&event.data.title);
            format!(
                "{now}  {}  {id} of {source}  {title}",
                printable(event.name.as_str())
            )
        }
        Err(error) => format!("{now}  unreadable: {}", printable(&error.to_string())),
    }
}

/// A body as it came, but in one line: JSON has line breaks only between its parts.
fn one_line(body: &[u8]) -> String {
    String::from_utf8_lossy(body).replace(['\r', '\n'], " ")
}
