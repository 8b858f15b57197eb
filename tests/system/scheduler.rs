//! What time makes happen, on real servers and at times that tests choose: from the directory
//! through the scheduler's jobs, the router and the alert list to the people.

mod command;
mod engagements;
mod replicas;
mod risk_acceptances;
mod sla;

use chrono::{DateTime, Utc};
use clap::Parser;
use proto_events::{DirectoryChange, Service};
use schedule::{Job, Report, Runner, ScheduleConfig, Telling};
use serde_json::{Value, json};
use store::Fate;
use system_tests::look::alerted;
use system_tests::play::{CRANES, Opening, Play, play_with};

/// Plays a test with the services that make notices visible. Everybody wants everything; mei
/// may see the product and the outsider may not.
async fn play<F: Future<Output = ()>>(test: impl FnOnce(Play) -> F) {
    let opening = Opening {
        services: vec![Service::EventRouter, Service::AlertWriter],
        ..Opening::default()
    };
    play_with(opening, test).await;
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A scheduler with some of its variables set, without a clock.
struct Clockless {
    runner: Runner,
}

impl Clockless {
    fn of(play: &Play, arguments: &[&str]) -> Self {
        #[derive(Parser)]
        struct Variables {
            #[command(flatten)]
            schedule: ScheduleConfig,
        }
        let words = ["test"].iter().chain(arguments);
        let config = Variables::try_parse_from(words).unwrap().schedule;
        let store = play.store().clone();
        Self {
            runner: Runner { store, config },
        }
    }

    /// Everything that is due at a moment is done.
    async fn at(&self, play: &Play, moment: &str) -> Vec<(Job, Report)> {
        let now = time(moment);
        let mut reports = Vec::new();
        for due in self.runner.due(now).await.unwrap() {
            let mut telling = Telling {
                store: &self.runner.store,
                publisher: &play.publisher,
                names: play.world.names(),
                now,
            };
            let report = self.runner.run(due, now, &mut telling).await.unwrap();
            reports.push((due.job, report));
        }
        reports
    }

    /// How many notices a job tells at a moment; 0 if it is not due.
    async fn told(&self, play: &Play, job: Job, moment: &str) -> u64 {
        let reports = self.at(play, moment).await;
        let own = reports.iter().find(|(ran, _)| *ran == job);
        own.map_or(0, |(_, report)| report.told)
    }
}

/// Makes an object known, as directory-sync does.
async fn know(play: &Play, kind: &str, object: &Value) {
    let at = Utc::now();
    let change = json!({"kind": kind, "action": "upsert", "at": at, "object": object});
    let change = DirectoryChange::parse(change.to_string().as_bytes(), at).unwrap();
    let fates = play.store().apply_changes(&[change]).await.unwrap();
    assert_eq!(fates, [Fate::Applied], "{object}");
}

/// An engagement of the product, led by somebody.
async fn engagement(play: &Play, id: i64, lead: Option<i64>, from: &str, to: &str) {
    let object = json!({"id": id, "name": format!("Q{id}"), "product": CRANES, "lead": lead,
        "target_start": from, "target_end": to, "status": "In Progress"});
    know(play, "engagement", &object).await;
}

/// Engagement 9 with test 42, below which findings hang.
async fn test_of(play: &Play) {
    engagement(play, 9, None, "2026-01-01", "2027-12-31").await;
    know(
        play,
        "test",
        &json!({"id": 42, "title": "Nightly", "engagement": 9}),
    )
    .await;
}

/// A finding of test 42 whose SLA ends on a day.
async fn finding(play: &Play, id: i64, ends: &str, more: &Value) {
    let mut object = json!({"id": id, "title": format!("F{id}"), "test": 42, "severity": "High",
        "date": "2026-10-01", "sla_expiration_date": ends, "active": true});
    for (name, value) in more.as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
    know(play, "finding", &object).await;
}

/// Runs a statement past the store, for settings that nothing writes yet.
async fn sql(play: &Play, statement: &'static str) {
    let done = sqlx::query(statement)
        .execute(&mut play.database().await)
        .await;
    done.unwrap();
}

/// One text of the database.
async fn text(play: &Play, query: &'static str) -> Option<String> {
    let found = sqlx::query_scalar(query)
        .fetch_one(&mut play.database().await)
        .await;
    found.unwrap()
}

/// Everybody who hears of a broadcast about the product, as the alert list names them: mei who
/// may see it, admin who may see everything, and the system.
const VIEWERS: [Option<&str>; 3] = [None, Some("admin"), Some("mei")];

/// Waits until exactly these people have an alert of a notice.
async fn heard(play: &Play, notice: &str, people: &[Option<&str>]) {
    alerted(play, notice, people).await;
}

/// The ids of all events that were decided, once the router has had all that were told.
async fn decided(play: &Play, count: usize) -> Vec<String> {
    system_tests::play::until("the decided events", async || {
        let events = play.store().decided_events().await.unwrap();
        let mut ids: Vec<String> = events.into_iter().map(|event| event.id).collect();
        ids.sort_unstable();
        (ids.len() >= count).then_some(ids)
    })
    .await
}
