//! A rule changed is a rule applied: events that are published a second after a change has
//! committed are decided by it, and wait where that cannot be known.

use std::time::Duration;

use notifyctl::stage::Servers;
use proto_events::directory::RuleScope;
use proto_events::{Channel, Service};
use serde_json::Value;
use sqlx::Connection as _;
use store::{DecidedEvent, NewRule};
use system_tests::look::{about_cranes, shown};
use system_tests::play::{MEI, OUTSIDER, Opening, Play, everything, person, play_with, until};
use system_tests::servers::PrivateDatabase;

/// What is promised.
const IN_FORCE_AFTER: Duration = Duration::from_secs(1);

/// Only the router.
fn router() -> Opening {
    Opening {
        services: vec![Service::EventRouter],
        ..Opening::default()
    }
}

#[tokio::test]
async fn a_changed_rule_decides_every_event_from_a_second_after_its_commit_on_also_under_load() {
    play_with(router(), async |play: Play| {
        let changing = async {
            for round in 0..6 {
                let wanted = round % 2 == 1;
                tell_mei(&play, wanted).await;
                tokio::time::sleep(IN_FORCE_AFTER).await;
                let events = [publish(&play).await, publish(&play).await];
                for event in events {
                    assert_eq!(mei_is_told(&play, &event).await, wanted, "round {round}");
                }
            }
        };
        tokio::select! {
            () = changing => {}
            () = events_without_end(&play) => {}
            () = changes_without_end(&play) => {}
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_drew_its_number_early_and_commits_late_is_not_missed() {
    play_with(router(), async |play: Play| {
        let mut database = play.database().await;
        let mut late = database.begin().await.unwrap();
        sqlx::query("UPDATE rules SET channels = '{\"test_added\": []}' WHERE scope = 'personal' AND user_id = $1")
            .bind(MEI)
            .execute(&mut *late)
            .await
            .unwrap();
        // Others draw theirs later and are in force before.
        for name in ["early", "earlier"] {
            play.store()
                .put_users(&[person(OUTSIDER, name)])
                .await
                .unwrap();
            tokio::time::sleep(IN_FORCE_AFTER).await;
            let event = publish(&play).await;
            assert!(mei_is_told(&play, &event).await, "it has not committed");
        }
        late.commit().await.unwrap();
        tokio::time::sleep(IN_FORCE_AFTER).await;
        let event = publish(&play).await;
        assert!(!mei_is_told(&play, &event).await);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn while_the_database_is_away_events_wait_and_readiness_says_why() {
    let mut database = PrivateDatabase::start().await.unwrap();
    let opening = Opening {
        servers: Servers {
            database_url: database.url().to_owned().into(),
            ..Servers::from_environment().unwrap()
        },
        ..router()
    };
    play_with(opening, async |play: Play| {
        let before = publish(&play).await;
        assert!(mei_is_told(&play, &before).await);
        database.kill().await.unwrap();
        until("readiness to say why", async || {
            let why = not_ready(&play).await["directory"].as_str()?.to_owned();
            let wait =
                "the directory could not be verified within the last second, so events wait: ";
            let cause = why.strip_prefix(wait)?;
            cause
                .starts_with("the database cannot be reached")
                .then_some(())
        })
        .await;
        let mut waiting = Vec::new();
        for _ in 0..20 {
            waiting.push(publish(&play).await);
        }
        let metrics = shown(&play, Service::EventRouter, "metrics").await;
        assert!(metrics.contains("dojo_notify_directory_verified_timestamp_seconds"));
        assert!(
            metrics.contains("dojo_notify_events_total{result=\"routed\"} 1\n"),
            "none is decided:\n{metrics}"
        );
        database.restart().await.unwrap();
        for event in waiting {
            assert!(mei_is_told(&play, &event).await);
        }
        until("readiness", async || {
            not_ready(&play).await["directory"].is_null().then_some(())
        })
        .await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_there_and_does_not_answer_is_one_that_is_away() {
    play_with(router(), async |play: Play| {
        let before = publish(&play).await;
        assert!(mei_is_told(&play, &before).await);
        let mut database = play.database().await;
        let mut lock = database.begin().await.unwrap();
        sqlx::query("LOCK TABLE change_log IN ACCESS EXCLUSIVE MODE")
            .execute(&mut *lock)
            .await
            .unwrap();
        until("readiness to say that events wait", async || {
            let why = not_ready(&play).await["directory"].as_str()?.to_owned();
            why.contains("so events wait").then_some(())
        })
        .await;
        let waiting = publish(&play).await;
        lock.rollback().await.unwrap();
        assert!(mei_is_told(&play, &waiting).await);
        play.end().await;
    })
    .await;
}

/// Publishes an event that Mei may hear of.
async fn publish(play: &Play) -> String {
    play.publish("test_added", about_cranes()).await
}

/// Sets Mei's rule to every channel or to none.
async fn tell_mei(play: &Play, wanted: bool) {
    let rule = NewRule {
        scope: RuleScope::Personal { user: MEI },
        channels: everything(Channel::ALL.into_iter().filter(|_| wanted)),
    };
    play.store().put_rules(&[rule]).await.unwrap();
}

/// Whether Mei is among those whom an event is for, once it is decided.
async fn mei_is_told(play: &Play, event: &str) -> bool {
    let DecidedEvent { decisions, .. } = until("the decision", async || {
        let events = play.store().decided_events().await.unwrap();
        events.into_iter().find(|decided| decided.id == event)
    })
    .await;
    let told = decisions.get(&Channel::Alert).into_iter().flatten();
    told.flatten().any(|name| name == "mei")
}

/// Events of others, one after another.
async fn events_without_end(play: &Play) {
    loop {
        publish(play).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Changes of others, one after another.
async fn changes_without_end(play: &Play) {
    for turn in 0.. {
        let name = format!("outsider{turn}");
        let user = person(OUTSIDER, &name);
        play.store().put_users(&[user]).await.unwrap();
    }
}

/// What ails the router's parts.
async fn not_ready(play: &Play) -> Value {
    let answer: Value =
        serde_json::from_str(&shown(play, Service::EventRouter, "readyz").await).unwrap();
    answer["not_ready"].clone()
}
