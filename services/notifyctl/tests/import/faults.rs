//! What DefectDojo may answer instead.

use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use crate::dojo::TOKEN;
use crate::play::Play;

const FINDINGS: &str = "SELECT count(*)::text FROM live_findings";

#[tokio::test]
async fn a_429_is_waited_out_for_as_long_as_it_asks() {
    let play = Play::begin().await;
    play.dojo
        .fail("users/?limit=10&offset=10", 1, 429, Some("1"));
    let began = Instant::now();
    play.import().await;
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(play.directory().await.users.len(), 11);
}

#[tokio::test]
async fn a_500_in_the_middle_is_tried_again() {
    let play = Play::begin().await;
    play.dojo.fail("findings/?limit=10&offset=20", 2, 500, None);
    play.import().await;
    assert_eq!(play.texts(FINDINGS).await, ["49"]);
}

#[tokio::test]
async fn a_run_that_is_cut_off_goes_on_where_it_was() {
    let play = Play::begin().await;
    play.dojo
        .fail("findings/?limit=10&offset=20", 99, 500, None);
    let said = play.failure().await;
    assert!(
        said.contains("run the same command again, and it goes on where it was"),
        "{said}"
    );
    assert!(
        said.contains(
            "api/v2/findings/?limit=10&offset=20 was asked for 3 times, last with HTTP 500"
        ),
        "{said}"
    );
    assert_eq!(
        play.texts(FINDINGS).await,
        ["20"],
        "what was read is written"
    );

    play.dojo.mend();
    play.dojo.take_requests();
    let report = play.import().await;
    assert!(
        report.notes[1].contains("which was cut off in findings after 20 objects"),
        "{:?}",
        report.notes
    );
    let requests = play.dojo.take_requests();
    assert!(
        !requests
            .iter()
            .any(|it| it.starts_with("users/") || it.ends_with("findings/?limit=10&offset=10"))
    );
    assert_eq!(play.texts(FINDINGS).await, ["49"]);

    play.import().await;
    assert!(
        play.dojo
            .take_requests()
            .iter()
            .any(|it| it.starts_with("users/")),
        "a run that ended is not gone on with"
    );
}

#[tokio::test]
async fn a_run_that_is_cut_off_begins_anew_when_asked_to() {
    let mut play = Play::begin().await;
    play.dojo.fail("findings/", 99, 503, None);
    play.failure().await;
    play.dojo.mend();
    play.dojo.take_requests();
    play.options.restart = true;
    play.import().await;
    assert!(
        play.dojo
            .take_requests()
            .iter()
            .any(|it| it.starts_with("users/"))
    );
}

#[tokio::test]
async fn a_token_that_expires_in_the_middle_is_told_and_another_one_goes_on() {
    let mut play = Play::begin().await;
    play.dojo.fail("tests/", 99, 500, None);
    play.failure().await;
    play.dojo.mend();
    play.dojo.expire_token();
    let said = play.failure().await;
    assert!(
        said.contains(
            "DefectDojo does not take the token (HTTP 403 at api/v2/user_profile/: Invalid token.)"
        ),
        "{said}"
    );
    assert!(!said.contains(TOKEN));
    play.options.token = Some(SecretString::from("another"));
    play.import().await;
    assert_eq!(play.texts(FINDINGS).await, ["49"]);
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let play = Play::begin().await;
    play.dojo.fail("user_profile/", 1, 301, None);
    let said = play.failure().await;
    assert!(
        said.contains("is redirected to https://elsewhere.example/"),
        "{said}"
    );
}

#[tokio::test]
async fn an_address_without_an_api_is_told() {
    let mut play = Play::begin().await;
    play.options.url = format!("{}sub/", play.dojo.url()).parse().unwrap();
    let said = play.failure().await;
    assert!(
        said.contains("is --url the address of a DefectDojo?"),
        "{said}"
    );
}

/// Runs the program against the play's DefectDojo and database.
fn run(play: &Play, token: &str) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_notifyctl"))
        .args(["import", "defectdojo", "--url", play.dojo.url()])
        .env("DD_IMPORT_TOKEN", token)
        .env(
            "DD_DATABASE_URL",
            play.options.store.database_url.expose_secret(),
        )
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_ends_the_program_with_1_and_is_not_shown() {
    let play = Play::begin().await;
    let output = run(&play, "wrong-and-secret");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("notifyctl: DefectDojo does not take the token"),
        "{said}"
    );
    assert!(!said.contains("wrong-and-secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_the_program_says_what_it_wrote() {
    let play = Play::begin().await;
    let output = run(&play, TOKEN);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with(&format!("Read from {} as ingrid.holm.\n", play.dojo.url())),
        "{said}"
    );
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("findings: 49 read")
    );
}
