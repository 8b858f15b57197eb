//! Slack, from the event to what Slack was asked.

use notifyctl::stage::Answer;
use notifyctl::stage::receivers::Via;
use notifyctl::stage::receivers::http::SLACK_POST;
use proto_events::directory::{Settings, User};
use proto_events::outcome::State;
use proto_events::{Channel, Reason};
use reqwest::StatusCode;
use system_tests::look::{about_cranes, settled};
use system_tests::play::{MEI, Play, person, play, settings};

use crate::bad_input::filed;

#[tokio::test]
async fn blocks_that_slack_refuses_cost_neither_a_message_nor_an_attempt() {
    play(async |play: Play| {
        let settings = Settings {
            slack_username: "Harbour watch".to_owned(),
            ..settings()
        };
        play.store().put_settings(&settings).await.unwrap();
        let refusal = r#"{"ok":false,"error":"invalid_blocks"}"#;
        let refusal = Answer::status(StatusCode::OK).body(refusal);
        play.receivers.script(SLACK_POST, [refusal]);
        let event = play.publish("test_added", about_cranes()).await;
        let ledger = settled(&play, &event, 9).await;
        let slack = ledger.iter().filter(|it| it.channel == Channel::Slack);
        for delivery in slack {
            let became = (delivery.state, delivery.attempts);
            assert_eq!(became, (State::Delivered, 1));
        }
        let all = play.receivers.record.all();
        let posts = all.iter().filter(|it| it.channel == Channel::Slack);
        let (plain, shown): (Vec<_>, Vec<_>) =
            posts.partition(|it| it.json().get("blocks").is_none());
        assert_eq!((plain.len(), shown.len()), (1, 3));
        let refused = shown.iter().find(|it| !it.accepted).unwrap();
        assert_eq!(plain[0].job, refused.job);
        assert_eq!(plain[0].json()["text"], refused.json()["text"]);
        for post in plain.iter().chain(&shown) {
            assert_eq!(post.json()["username"], "Harbour watch");
            let Via::Http { headers, .. } = &post.via else {
                panic!("{:?}", post.via);
            };
            assert_eq!(headers["authorization"], "Bearer xoxb-test-token");
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn somebody_whom_slack_does_not_know_is_given_up_with_words_that_say_why() {
    play(async |play: Play| {
        let mei = User {
            slack_email: Some("unknown.mei@hafen.example".to_owned()),
            ..person(MEI, "mei")
        };
        play.store().put_users(&[mei]).await.unwrap();
        let event = play.publish("test_added", about_cranes()).await;
        settled(&play, &event, 9).await;
        let letters = filed(&play, 1).await;
        assert_eq!(letters.len(), 1);
        let (reason, detail) = (letters[0].reason, letters[0].detail.as_str());
        assert_eq!(reason, Reason::RecipientGone);
        assert_eq!(
            detail,
            "Slack says users_not_found; nobody there has the person's Slack address"
        );
        play.end().await;
    })
    .await;
}
