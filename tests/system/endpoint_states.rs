//! Webhook endpoints that fail: how they rest, come back, and are disabled.

use notifyctl::stage::Fleet;
use notifyctl::stage::receivers::Answer;
use proto_events::{Channel, Reason, Service};
use reqwest::StatusCode;
use reqwest::header::{HeaderValue, RETRY_AFTER};
use serde_json::json;
use system_tests::look::about_cranes;
use system_tests::play::{Opening, PATIENCE, Play, play, play_with, until};

/// Mei's endpoint as time has made it.
struct Endpoint {
    status: String,
    on_trial: bool,
    note: Option<String>,
}

async fn endpoint(play: &Play) -> Endpoint {
    let found = sqlx::query_as::<_, (String, bool, Option<String>)>(
        "SELECT state.status, state.first_error IS NOT NULL, state.note
         FROM webhook_states AS state JOIN notification_webhooks AS w USING (id) WHERE w.name = 'mei'",
    );
    let (status, on_trial, note) = found.fetch_one(&mut play.database().await).await.unwrap();
    Endpoint {
        status,
        on_trial,
        note,
    }
}

async fn becomes(play: &Play, status: &str) -> Endpoint {
    until(&format!("the endpoint to be {status}"), async || {
        let endpoint = endpoint(play).await;
        (endpoint.status == status).then_some(endpoint)
    })
    .await
}

async fn set(play: &Play, statement: &'static str) {
    let mut database = play.database().await;
    sqlx::query(statement).execute(&mut database).await.unwrap();
}

/// Waits until this many jobs are in line.
async fn in_line(play: &Play, count: i64) {
    until(&format!("{count} jobs in line"), async || {
        let parked = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM parked_jobs");
        let parked = parked.fetch_one(&mut play.database().await).await.unwrap();
        (parked == count).then_some(())
    })
    .await;
}

/// Publishes the event with this number.
async fn publish(play: &Play, n: u32) {
    let mut data = about_cranes();
    data["title"] = json!(n.to_string());
    play.publish("test_added", data).await;
}

/// What the endpoint answers, one a request; after them it takes what comes.
fn answers(play: &Play, answers: &[Answer]) {
    play.receivers.script("/hooks/mei", answers.to_vec());
}

/// The numbers of the events that came, in the order of coming.
fn arrived(play: &Play) -> Vec<u32> {
    let all = play.receivers.record.all();
    all.iter()
        .filter(|message| message.channel == Channel::Webhooks && message.to == "mei")
        .filter_map(|message| message.json()["title"].as_str()?.parse().ok())
        .collect()
}

/// Why messages were given up, once this many were.
async fn given_up(play: &Play, count: usize) -> Vec<Reason> {
    let mut reasons: Vec<_> = until(&format!("{count} dead letters"), async || {
        let letters = play.store().dead_letters().await.unwrap();
        (letters.len() == count).then(|| letters.iter().map(|letter| letter.reason).collect())
    })
    .await;
    reasons.sort();
    reasons
}

/// Lets an endpoint's rest be over.
async fn a_minute_later(play: &Play) {
    set(
        play,
        "UPDATE notification_webhooks SET last_error = last_error - interval '61 seconds',
             first_error = first_error - interval '61 seconds', state_since = state_since - interval '61 seconds'",
    )
    .await;
    set(play, "UPDATE parked_jobs SET due = now()").await;
}

#[tokio::test]
async fn what_comes_while_an_endpoint_rests_arrives_afterwards_in_order_whichever_replica_has_it() {
    let others = Service::ALL.into_iter();
    let opening = Opening {
        services: others.filter(|it| *it != Service::WebhookSender).collect(),
        ..Opening::default()
    };
    play_with(opening, async |play: Play| {
        let mut fleets = Vec::new();
        for number in 0..4 {
            let folder = play.world.folder().join(format!("replica{number}"));
            let fleet = Fleet::new(&play.world, play.receivers.environment()).unwrap();
            let mut fleet = fleet.logging_to(folder).unwrap();
            fleet.start(&[Service::WebhookSender]).unwrap();
            fleets.push(fleet);
        }
        for fleet in &mut fleets {
            fleet.ready(PATIENCE).await.unwrap();
        }
        let out_of_order = Answer::status(StatusCode::NOT_IMPLEMENTED);
        answers(&play, &[out_of_order.clone(), out_of_order]);
        publish(&play, 0).await;
        let resting = becomes(&play, "inactive_tmp").await;
        assert_eq!(resting.note.as_deref(), Some("Response status code: 501"));
        in_line(&play, 1).await;
        for n in 1..6 {
            publish(&play, n).await;
            in_line(&play, i64::from(n) + 1).await;
        }
        assert_eq!(arrived(&play), [0], "it is left alone");
        // Of four replicas one tries, with one job; it fails again, and all wait again.
        a_minute_later(&play).await;
        until("the trial", async || {
            (arrived(&play) == [0, 0]).then_some(())
        })
        .await;
        becomes(&play, "inactive_tmp").await;
        a_minute_later(&play).await;
        until("all of them", async || {
            (arrived(&play) == [0, 0, 0, 1, 2, 3, 4, 5]).then_some(())
        })
        .await;
        in_line(&play, 0).await;
        let back = becomes(&play, "active_tmp").await;
        assert!(!back.on_trial, "a success lifts the trial");
        for mut fleet in fleets {
            fleet.terminate().await.unwrap();
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_refusal_of_one_message_leaves_the_endpoint_and_any_other_4xx_disables_it() {
    play(async |play: Play| {
        let about_a_message = [
            StatusCode::UNPROCESSABLE_ENTITY,
            StatusCode::PAYLOAD_TOO_LARGE,
        ];
        for (n, status) in (0..).zip(about_a_message) {
            answers(&play, &[Answer::status(status)]);
            publish(&play, n).await;
            given_up(&play, n as usize + 1).await;
            assert_eq!(endpoint(&play).await.status, "active", "{status}");
        }
        answers(&play, &[Answer::status(StatusCode::GONE)]);
        publish(&play, 2).await;
        let disabled = becomes(&play, "inactive_permanent").await;
        assert_eq!(disabled.note.as_deref(), Some("Response status code: 410"));
        publish(&play, 3).await;
        let mut expected = [
            Reason::Refused,
            Reason::TooLarge,
            Reason::EndpointGone,
            Reason::EndpointInactive,
        ];
        expected.sort();
        assert_eq!(given_up(&play, 4).await, expected);
        assert_eq!(arrived(&play), [0, 1, 2], "a disabled one gets nothing");
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_day_without_a_success_disables_an_endpoint_for_good() {
    play(async |play: Play| {
        set(
            &play,
            "UPDATE notification_webhooks SET status = 'active_tmp', last_error = now() - interval '2 minutes',
                 first_error = now() - interval '25 hours', state_since = now() - interval '1 minute'
             WHERE name = 'mei'",
        )
        .await;
        answers(&play, &[Answer::status(StatusCode::BAD_GATEWAY)]);
        publish(&play, 0).await;
        let disabled = becomes(&play, "inactive_permanent").await;
        assert_eq!(disabled.note.as_deref(), Some("Response status code: 502"));
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_goes_to_an_endpoint_before_the_time_that_it_asked_for() {
    play(async |play: Play| {
        let later = Answer::status(StatusCode::TOO_MANY_REQUESTS)
            .header(RETRY_AFTER, HeaderValue::from_static("3600"));
        answers(&play, &[later]);
        publish(&play, 0).await;
        becomes(&play, "inactive_tmp").await;
        publish(&play, 1).await;
        in_line(&play, 2).await;
        // The rest is over, the hour is not.
        a_minute_later(&play).await;
        until("the end of the look at the line", async || {
            let later = sqlx::query_scalar::<_, bool>(
                "SELECT bool_and(due > now() + interval '50 minutes') FROM parked_jobs
                 WHERE sequence = (SELECT min(sequence) FROM parked_jobs)",
            );
            let waits = later.fetch_one(&mut play.database().await).await.unwrap();
            waits.then_some(())
        })
        .await;
        assert_eq!(arrived(&play), [0]);
        play.end().await;
    })
    .await;
}
