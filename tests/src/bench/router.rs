//! Events a second through the router, beside messages passed through as they are.

use anyhow::Result;
use notifyctl::stage::Servers;
use proto_events::Service;

use super::events::{events, with_bad_ones};
use super::figures::{Figures, table, verdict};
use super::passage::Passage;
use super::stage::{Load, Stage};
use super::{ROUNDS, progress};

/// What the router must reach of the limit.
const GOAL: f64 = 0.7;

/// What the router must keep of its rate while one message in ten is bad.
const GOAL_AMONG_BAD: f64 = 0.8;

/// One kind of event.
struct Case {
    event: &'static str,
    jobs: usize,
    sender: Service,
    /// How many events are sent.
    events: usize,
    what: &'static str,
    /// Whether the limit is a goal.
    goal: bool,
}

const CASES: [Case; 3] = [
    Case {
        event: "test_added",
        jobs: 1,
        sender: Service::WebhookSender,
        events: 60_000,
        what: "1 job an event",
        goal: true,
    },
    Case {
        event: "scan_added",
        jobs: 5,
        sender: Service::EmailSender,
        events: 20_000,
        what: "5 jobs an event",
        goal: true,
    },
    Case {
        event: "engagement_added",
        jobs: 1,
        sender: Service::AlertWriter,
        events: 20_000,
        what: "1 alert job for 210 viewers",
        goal: false,
    },
];

/// What one case came to, in events.
#[derive(Default)]
struct Came {
    limit: Runs,
    unrecorded: Runs,
    recorded: Runs,
}

/// Rates and CPU times of several runs.
#[derive(Default)]
struct Runs {
    rate: Figures,
    cpu: Figures,
}

impl Runs {
    /// Adds a run that was counted in jobs.
    fn add(&mut self, passage: Passage, jobs: usize) {
        let jobs = jobs as f64;
        self.rate.add(passage.rate / jobs);
        self.cpu.add(passage.cpu * jobs);
    }
}

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let mut stage = Stage::set_up(servers).await?;
    let mut cases: Vec<(&Case, Came)> = CASES.iter().map(|case| (case, Came::default())).collect();
    let mut among_bad = AmongBad::default();
    for round in 1..=ROUNDS {
        for (case, came) in &mut cases {
            measure(&mut stage, case, came, round).await?;
        }
        among_bad.add(&mut stage, round).await?;
    }
    stage.close().await?;
    let mut rows = Vec::new();
    for (case, came) in &cases {
        let goal = case.goal.then_some(GOAL);
        let what = case.what;
        rows.push(row(
            &format!("{what}, events table off"),
            &came.unrecorded,
            &came.limit,
            goal,
        ));
        rows.push(row(
            &format!("{what}, events table on"),
            &came.recorded,
            &came.limit,
            None,
        ));
    }
    let (case, came) = &cases[0];
    let what = case.what;
    for (counted, runs, goal) in [
        ("all counted", &among_bad.all, Some(GOAL_AMONG_BAD)),
        ("the good ones counted", &among_bad.good, None),
    ] {
        let what = format!(
            "{what}, one message in ten bad, {counted}, events table off; limit: ours without them"
        );
        rows.push(row(&what, runs, &came.unrecorded, goal));
    }
    let header = [
        "router",
        "events/s",
        "limit",
        "ratio",
        "goal",
        "verdict",
        "CPU µs an event, ours : limit",
    ];
    Ok(table(&header, &rows))
}

async fn measure(stage: &mut Stage, case: &Case, came: &mut Came, round: usize) -> Result<()> {
    let what = case.what;
    let total = case.events * case.jobs;
    let load = |messages, record| Load {
        messages,
        sender: case.sender,
        jobs: total,
        record,
    };
    let told = |how: &str, passage: Passage| {
        let rate = passage.rate / case.jobs as f64;
        progress(&format!(
            "round {round} of {ROUNDS}, {what}, {how}: {rate:.0} events/s"
        ));
    };
    let messages = events(case.event, case.events)?;
    let limit = stage.pass_through(&messages, case.jobs).await?;
    told("limit", limit);
    came.limit.add(limit, case.jobs);
    let unrecorded = stage.route(load(&messages, false)).await?;
    told("events table off", unrecorded);
    came.unrecorded.add(unrecorded, case.jobs);
    let recorded = stage.route(load(&messages, true)).await?;
    told("events table on", recorded);
    came.recorded.add(recorded, case.jobs);
    Ok(())
}

/// Runs with one bad message in ten.
#[derive(Default)]
struct AmongBad {
    /// In messages that the router got through, routed or kept.
    all: Runs,
    /// In events that were routed.
    good: Runs,
}

impl AmongBad {
    async fn add(&mut self, stage: &mut Stage, round: usize) -> Result<()> {
        let case = &CASES[0];
        let (messages, bad) = with_bad_ones(case.event, case.events)?;
        let load = Load {
            messages: &messages,
            sender: case.sender,
            jobs: case.events * case.jobs,
            record: false,
        };
        let good = stage.route(load).await?;
        let share = case.events as f64 / messages.len() as f64;
        let all = Passage {
            rate: good.rate / share,
            cpu: good.cpu * share,
        };
        progress(&format!(
            "round {round} of {ROUNDS}, {bad} bad messages among {}: {:.0} messages/s, {:.0} good events/s",
            messages.len(),
            all.rate,
            good.rate
        ));
        self.all.add(all, case.jobs);
        self.good.add(good, case.jobs);
        Ok(())
    }
}

fn row(what: &str, ours: &Runs, limit: &Runs, goal: Option<f64>) -> Vec<String> {
    let ratio = ours.rate.over(&limit.rate);
    let calm = ours.rate.calm() && limit.rate.calm();
    vec![
        what.to_owned(),
        ours.rate.shown(),
        limit.rate.shown(),
        format!("{:.2}", ratio.median()),
        goal.map_or_else(|| "–".to_owned(), |goal| format!("≥ {goal}")),
        goal.map_or_else(
            || "–".to_owned(),
            |goal| verdict(ratio.median() >= goal, calm),
        ),
        format!("{:.0} : {:.0}", ours.cpu.median(), limit.cpu.median()),
    ]
}
