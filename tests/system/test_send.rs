//! `notifyctl test-send`: a message through the real way, and what came of it.

use notifyctl::stage::Answer;
use notifyctl::stage::receivers::http::TEAMS_WORKFLOW;
use proto_events::Channel;
use reqwest::StatusCode;
use system_tests::look::{received, targets};
use system_tests::play::{Play, play};

use crate::operator::{run_in, words};

#[tokio::test]
async fn a_test_message_arrives_and_its_outcome_is_told() {
    play(async |play: Play| {
        for (arguments, expected) in [
            (&["test-send", "slack"][..], "It was delivered."),
            (&["test-send", "mail", "--user", "mei"], "It was delivered."),
            (&["test-send", "msteams"], "It was accepted;"),
        ] {
            let output = run_in(&play.world, arguments, &[]).await;
            assert!(output.status.success(), "{}", words(&output));
            assert!(words(&output).contains(expected), "{}", words(&output));
        }
        let came = targets(&received(&play, 3).await);
        assert!(
            came.contains(&(Channel::Mail, "mei@hafen.example".to_owned())),
            "{came:?}"
        );
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_test_message_that_does_not_arrive_says_why() {
    play(async |play: Play| {
        play.receivers
            .script(TEAMS_WORKFLOW, [Answer::status(StatusCode::NOT_FOUND)]);
        let output = run_in(&play.world, &["test-send", "msteams"], &[]).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(
            words(&output).contains("it did not arrive:"),
            "{}",
            words(&output)
        );
        run_in(&play.world, &["pause", "slack"], &[]).await;
        let output = run_in(&play.world, &["test-send", "slack", "--wait", "2"], &[]).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(
            words(&output).contains("it waits in its destination's line"),
            "{}",
            words(&output)
        );
        play.end().await;
    })
    .await;
}
