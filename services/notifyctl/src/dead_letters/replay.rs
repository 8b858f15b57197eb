//! `notifyctl dead-letters replay`.

mod consent;
mod rehearsal;
mod tally;

use std::time::Duration;

use anyhow::{Context, bail};
use chassis::broker::{Published, Publisher, Session};
use chassis::config::BrokerConfig;
use chassis::{Runtime, start};
use chrono::Utc;
use indicatif::ProgressBar;
use proto_events::{Names, Service};
use store::{Kind, LetterFilter, LetterHead, Order, Resolution, Store};
use tokio_util::sync::CancellationToken;

use consent::Consent;
use tally::{Fate, Tally};

use super::args::ReplayArgs;
use super::id::short;
use super::pace::Pace;
use super::plan::{self, Plan};
use super::select::{Survey, Walk};
use super::tell::counted;
use crate::screen::Screen;

/// How long a broker that does not answer is waited for once the command is to stop.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Sends letters again.
pub(super) async fn run(args: &ReplayArgs) -> anyhow::Result<()> {
    let screen = Screen::new();
    let store = Store::new(&args.store, "notifyctl")?;
    let mut filter = args.selection.filter(&store, Kind::Any).await?;
    let survey = Survey::of(&store, &mut filter).await?;
    let names = &args.broker.broker_prefix;
    if survey.letters == 0 {
        return screen.say("Nothing to do: no such letter waits.");
    }
    if args.dry_run {
        return rehearsal::run(&screen, &store, names, filter).await;
    }
    let Some(consent) = Consent::seek(args, &survey).await? else {
        return screen.say("Nothing was sent.");
    };
    find_exchanges(&args.broker).await?;
    let runtime = Runtime::new("notifyctl")?;
    start::stop_on_signal(runtime.stop.clone())?;
    let replay = Replay {
        store: &store,
        names,
        publisher: Publisher::outside(&args.broker, &runtime),
        stop: runtime.stop,
        consent,
    };
    // indicatif draws on standard error, and only where that is a terminal.
    let bar = ProgressBar::new(survey.letters);
    let mut tally = Tally::default();
    let ended = replay
        .all(filter, Pace::new(args.rate), &mut tally, &bar)
        .await;
    bar.finish_and_clear();
    replay.publisher.close().await;
    screen.say(&tally.to_string())?;
    ended?;
    if tally.failed > 0 {
        bail!(
            "{} could not be sent and wait as before; see above",
            counted(tally.failed)
        );
    }
    Ok(())
}

/// What becomes of a letter; none if somebody dealt with it since it was read.
async fn planned(
    store: &Store,
    names: &Names,
    letter: &LetterHead,
) -> anyhow::Result<Option<Plan>> {
    let Some(body) = store.letter_body(letter).await? else {
        return Ok(None);
    };
    let now = Utc::now();
    let Some(channel) = letter.service.channel() else {
        return Ok(Some(match letter.service {
            Service::DirectorySync => plan::change(letter, body, names, now),
            Service::Scheduler => plan::job(letter, body, None, Names::SCHEDULED, names, now),
            _ => plan::event(letter, body, names, now),
        }));
    };
    let known = match plan::job_of(letter, &body) {
        Some(job) => Some((job, store.standing(job).await?)),
        None => None,
    };
    Ok(Some(plan::job(
        letter,
        body,
        known,
        channel.as_str(),
        names,
        now,
    )))
}

/// A replay under way.
struct Replay<'a> {
    store: &'a Store,
    names: &'a Names,
    publisher: Publisher,
    stop: CancellationToken,
    consent: Consent,
}

impl Replay<'_> {
    /// Goes through the letters until the end, or until the command is to stop.
    async fn all(
        &self,
        filter: LetterFilter,
        mut pace: Pace,
        tally: &mut Tally,
        bar: &ProgressBar,
    ) -> anyhow::Result<()> {
        let mut walk = Walk::new(self.store, filter, Order::OldestFirst);
        while let Some(letter) = walk.next().await? {
            if self.stop.is_cancelled() {
                bail!("stopped by a signal; what is left waits as before");
            }
            let fate = tokio::select! {
                fate = self.one(&letter, &mut pace) => fate?,
                () = self.overdue() => bail!(
                    "stopped by a signal while a server did not answer; letter {} waits as before and may have been \
                     sent: sending it again does no harm",
                    short(letter.id)
                ),
            };
            tally.count(&fate);
            if let Fate::Failed(why) = fate {
                bar.suspend(|| eprintln!("{}: {why}", short(letter.id)));
            }
            bar.inc(1);
        }
        Ok(())
    }

    async fn one(&self, letter: &LetterHead, pace: &mut Pace) -> anyhow::Result<Fate> {
        let outgoing = match (planned(self.store, self.names, letter).await?, self.consent) {
            (None, _) => return Ok(Fate::Resolved),
            (Some(Plan::Send(outgoing)), _) | (Some(Plan::Again(outgoing)), Consent::Given) => {
                outgoing
            }
            (Some(Plan::Again(_)), Consent::Refused) => return Ok(Fate::Unwanted),
            (Some(Plan::Again(_)), Consent::Missing) => {
                let why =
                    "it has arrived meanwhile; --again sends it a second time, under a new id";
                return Ok(Fate::Failed(why.to_owned()));
            }
            (Some(Plan::Impossible(why)), _) => return Ok(Fate::Failed(why)),
        };
        pace.turn().await;
        let mut answers = self
            .publisher
            .publish(std::slice::from_ref(&outgoing))
            .await?;
        match answers.pop() {
            Some(Published::Confirmed) => {}
            Some(Published::Refused(words)) => {
                return Ok(Fate::Failed(format!(
                    "the broker does not take it: {words}; discard it, or mend that and try again"
                )));
            }
            Some(Published::Unroutable) | None => {
                return Ok(Fate::Failed(format!(
                    "exchange {} has no queue for key {}; run notifyctl topology apply, or check DD_BROKER_PREFIX",
                    outgoing.exchange, outgoing.routing_key
                )));
            }
        }
        // Should this process end here, the letter still waits, and sending it again does no
        // harm: a job goes out under the same id and attempt, an event makes the same jobs, and
        // the ledger drops the copies. What goes out under a new id does so only by consent.
        self.store
            .resolve(std::slice::from_ref(letter), Resolution::Replayed)
            .await
            .with_context(|| {
                format!(
                    "letter {} was sent, and that could not be written down; sending it again does no harm",
                    short(letter.id)
                )
            })?;
        Ok(Fate::Replayed)
    }

    /// Waits until the command has been stopped for longer than a letter should take.
    async fn overdue(&self) {
        self.stop.cancelled().await;
        tokio::time::sleep(LAST_WORDS).await;
    }
}

/// Makes sure that there is a broker with our exchanges before anything is sent.
async fn find_exchanges(broker: &BrokerConfig) -> anyhow::Result<()> {
    let session = Session::open(broker, "notifyctl").await?;
    let names = &broker.broker_prefix;
    for exchange in [names.jobs(), names.events(), names.directory()] {
        session.find_exchange(&exchange).await.context(
            "nobody takes messages here; run notifyctl topology apply, or check DD_BROKER_PREFIX",
        )?;
    }
    session.close().await;
    Ok(())
}
