//! Messages about an engagement stand in one thread in each channel, over all replicas.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod workspace;

use proto_events::Outcome;
use slack_sender::channel::SlackChannel;
use store::Place;
use workspace::{Team, deliver, task};

const THREADS: [&str; 2] = ["--slack-threads", "true"];

fn to(channel: &str) -> Place {
    Place::SlackChannel {
        channel: channel.to_owned(),
    }
}

async fn delivered(replica: &SlackChannel, channel: &str, engagement: i64) {
    let outcome = deliver(replica, task(to(channel), engagement)).await;
    assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
}

/// The threads that messages went into, in the order of their coming.
fn threads(team: &Team) -> Vec<Option<String>> {
    team.posts().into_iter().map(|post| post.thread).collect()
}

fn below(ts: &str) -> Option<String> {
    Some(ts.to_owned())
}

#[tokio::test]
async fn the_first_message_begins_a_thread_that_other_replicas_go_on_with() {
    let team = Team::new().await;
    let (one, other) = (team.replica(&THREADS), team.replica(&THREADS));
    delivered(&one, "#appsec", 7).await;
    delivered(&other, "#appsec", 7).await;
    delivered(&one, "#appsec", 8).await;
    delivered(&other, "#appsec", 8).await;
    delivered(&one, "#appsec", 7).await;
    assert_eq!(
        threads(&team),
        [None, below("1.0"), None, below("3.0"), below("1.0")]
    );
}

#[tokio::test]
async fn without_the_option_messages_stand_alone() {
    let team = Team::new().await;
    let replica = team.replica(&[]);
    delivered(&replica, "#appsec", 7).await;
    delivered(&replica, "#appsec", 7).await;
    assert_eq!(threads(&team), [None, None]);
}

#[tokio::test]
async fn a_thread_whose_first_message_is_gone_is_begun_anew() {
    for word in ["thread_not_found", "message_not_found"] {
        let team = Team::new().await;
        let (one, other) = (team.replica(&THREADS), team.replica(&THREADS));
        delivered(&one, "#appsec", 7).await;
        {
            let mut slack = team.slack.lock().unwrap();
            slack.deleted.insert("1.0".to_owned());
            slack.thread_error = word;
        }
        delivered(&other, "#appsec", 7).await;
        delivered(&one, "#appsec", 7).await;
        assert_eq!(threads(&team), [None, None, below("2.0")], "{word}");
    }
}

#[tokio::test]
async fn a_destination_with_another_channel_begins_threads_there() {
    let team = Team::new().await;
    let replica = team.replica(&THREADS);
    delivered(&replica, "#appsec", 7).await;
    delivered(&replica, "#security", 7).await;
    delivered(&replica, "#security", 7).await;
    assert_eq!(threads(&team), [None, None, below("2.0")]);
}

/// Two firsts at once may both begin one; nothing is lost, and what follows is together.
#[tokio::test]
async fn messages_at_once_from_two_replicas_all_arrive_and_one_thread_remains() {
    let team = Team::new().await;
    let (one, other) = (team.replica(&THREADS), team.replica(&THREADS));
    tokio::join!(
        delivered(&one, "#appsec", 7),
        delivered(&other, "#appsec", 7)
    );
    for _ in 0..3 {
        tokio::join!(
            delivered(&one, "#appsec", 7),
            delivered(&other, "#appsec", 7)
        );
    }
    let threads = threads(&team);
    assert_eq!(threads.len(), 8);
    let begun = threads.iter().filter(|thread| thread.is_none()).count();
    assert!((1..=2).contains(&begun), "{threads:?}");
    let last = threads.last().unwrap();
    assert!(
        threads[2..].iter().all(|thread| thread == last),
        "{threads:?}"
    );
}

#[tokio::test]
async fn a_direct_message_is_in_no_thread() {
    let team = Team::new().await;
    {
        let mut slack = team.slack.lock().unwrap();
        slack
            .people
            .insert(workspace::EMAIL.to_owned(), "U1".to_owned());
    }
    let replica = team.replica(&THREADS);
    for _ in 0..2 {
        deliver(&replica, task(team.person().await, 7)).await;
    }
    assert_eq!(threads(&team), [None, None]);
}
