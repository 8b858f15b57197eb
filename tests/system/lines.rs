//! Jobs that wait in line before a destination that rests.

use notifyctl::stage::Fleet;
use proto_events::{Channel, Service};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use system_tests::look::about_cranes;
use system_tests::play::{Opening, PATIENCE, Play, play_with, until, until_within};

/// How long it may take until a killed sender's claim is over and the line has moved on.
const LEASE_OVER: std::time::Duration = std::time::Duration::from_secs(150);

#[tokio::test]
async fn jobs_for_an_endpoint_that_rests_wait_and_arrive_in_order_whoever_is_killed_meanwhile() {
    let opening = Opening {
        // A claim and a place in the line outlive their holder by 30 s more than this.
        environment: vec![("DD_ATTEMPT_TIMEOUT", "8".to_owned())],
        ..Opening::default()
    };
    play_with(opening, async |mut play: Play| {
        let line = Line::before("mei", &play);
        line.rest().await;
        for n in 0..8 {
            publish(&play, n).await;
        }
        line.holds(8).await;
        restart(&mut play.fleet).await;
        // The endpoint is well again, but the line has not moved yet: who comes now waits behind it.
        line.set("UPDATE parked_jobs SET due = now() + interval '1 hour'")
            .await;
        line.set("UPDATE notification_webhooks SET status = 'active'")
            .await;
        publish(&play, 8).await;
        line.holds(9).await;
        assert_eq!(arrived(&play, "mei"), [] as [u64; 0]);
        let entries = play.store().ledger().await.unwrap();
        assert!(
            !entries
                .iter()
                .any(|entry| entry.channel == Channel::Webhooks && entry.recipient.is_some()),
            "waiting uses up no attempt"
        );

        line.set("UPDATE parked_jobs SET due = now()").await;
        until("some of them", async || {
            (arrived(&play, "mei").len() >= 2).then_some(())
        })
        .await;
        restart(&mut play.fleet).await;
        until_within(LEASE_OVER, "all of them", async || {
            let mut order = arrived(&play, "mei");
            // The one in flight at the kill may come twice, one after the other.
            order.dedup();
            (order == [0, 1, 2, 3, 4, 5, 6, 7, 8]).then_some(())
        })
        .await;
        line.holds(0).await;
        play.end().await;
    })
    .await;
}

/// Publishes the event with this number, and waits until its jobs were read.
async fn publish(play: &Play, n: u64) {
    let mut data = about_cranes();
    data["title"] = json!(n.to_string());
    play.publish("test_added", data).await;
    until("the other endpoint's delivery", async || {
        arrived(play, "system").contains(&n).then_some(())
    })
    .await;
}

/// The numbers of the events that came to an endpoint, in the order of coming.
fn arrived(play: &Play, endpoint: &str) -> Vec<u64> {
    let all = play.receivers.record.all();
    all.iter()
        .filter(|message| message.channel == Channel::Webhooks && message.to == endpoint)
        .filter_map(|message| message.json()["title"].as_str()?.parse().ok())
        .collect()
}

async fn restart(fleet: &mut Fleet) {
    let service = Service::WebhookSender;
    fleet.restart(service, PATIENCE).await.unwrap();
}

/// The line before an endpoint, seen past the services.
struct Line {
    endpoint: &'static str,
    database: SecretString,
}

impl Line {
    fn before(endpoint: &'static str, play: &Play) -> Self {
        let database = play.world.database_url().clone();
        Self { endpoint, database }
    }

    async fn connect(&self) -> PgConnection {
        let url = self.database.expose_secret();
        PgConnection::connect(url).await.unwrap()
    }

    /// Lays the endpoint to rest, as an error does.
    async fn rest(&self) {
        sqlx::query("UPDATE notification_webhooks SET status = 'inactive_tmp', last_error = now() WHERE name = $1")
            .bind(self.endpoint)
            .execute(&mut self.connect().await)
            .await
            .unwrap();
    }

    async fn set(&self, statement: &'static str) {
        let mut database = self.connect().await;
        sqlx::query(statement).execute(&mut database).await.unwrap();
    }

    /// Waits until this many jobs are in line.
    async fn holds(&self, count: i64) {
        let mut database = self.connect().await;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let now: i64 = sqlx::query_scalar("SELECT count(*) FROM parked_jobs")
                .fetch_one(&mut database)
                .await
                .unwrap();
            if now == count {
                return;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "{now} jobs in line instead of {count}"
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}
