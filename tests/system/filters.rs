//! Destinations with filters, as a person sets them: each team's channel gets its product's news.

use std::collections::BTreeSet;
use std::process::Output;
use std::sync::Arc;

use notifyctl::stage::World;
use notifyctl::stage::receivers::Received;
use proto_events::Channel;
use proto_events::directory::Product;
use serde_json::json;
use system_tests::play::{CRANES, PATIENCE, Play, play, until};

use crate::operator::{notifyctl, words};

/// A product that nobody but the system hears of.
const SHIPS: i64 = 8;

fn destinations(world: &World, arguments: &[&str]) -> Output {
    let all = [&["destinations"][..], arguments].concat();
    notifyctl(&all).envs(world.environment()).output().unwrap()
}

/// Runs a command that succeeds, and gives what it says.
fn done(play: &Play, arguments: &[&str]) -> String {
    let output = destinations(&play.world, arguments);
    assert!(output.status.success(), "{}", words(&output));
    words(&output)
}

/// Publishes an event about a product, with a finding of this severity.
async fn scan(play: &Play, title: &str, product: i64, severity: &str) -> String {
    let data = json!({
        "title": title, "product": {"id": product, "name": "P"},
        "findings": {"new": [{"id": 5, "title": "F", "severity": severity}]}, "no_users": true
    });
    play.publish("scan_added", data).await
}

/// How many messages the router made for Slack of an event.
async fn for_slack(play: &Play, id: &str) -> usize {
    let event = until("the event's record", async || {
        let events = play.store().decided_events().await.unwrap();
        events.into_iter().find(|event| event.id == id)
    });
    event.await.decisions[&Channel::Slack].len()
}

#[tokio::test]
async fn the_news_of_two_products_goes_to_the_slack_channels_of_their_teams() {
    play(async |play: Play| {
        let ships = Product {
            id: SHIPS,
            name: "Ships".to_owned(),
            product_type: 1,
            tags: vec!["afloat".to_owned()],
        };
        play.store().put_products(&[ships]).await.unwrap();
        let cranes = CRANES.to_string();
        let of_cranes = ["--slack", "#cranes", "--product", &cranes];
        let said = done(&play, &[&["set", "cranes"][..], &of_cranes].concat());
        assert_eq!(said, "cranes, slack #cranes: products 7\n");
        let of_ships = ["--slack", "#ships", "--tag", "afloat"];
        let severe = ["--minimum-severity", "High"];
        done(&play, &[&["set", "ships"][..], &of_ships, &severe].concat());
        play.in_force().await;

        let events = [
            scan(&play, "crane", CRANES, "Low").await,
            scan(&play, "grave ship", SHIPS, "Critical").await,
            scan(&play, "mild ship", SHIPS, "Low").await,
        ];
        // The system's own channel hears of all three.
        for (event, expected) in events.iter().zip([2, 2, 1]) {
            assert_eq!(for_slack(&play, event).await, expected);
        }
        let expected = [
            ("#appsec", "crane"),
            ("#appsec", "grave ship"),
            ("#appsec", "mild ship"),
            ("#cranes", "crane"),
            ("#ships", "grave ship"),
        ];
        let in_slack = |all: &[Arc<Received>]| -> BTreeSet<(String, String)> {
            let slack = all.iter().filter(|it| it.channel == Channel::Slack);
            let titles = ["crane", "grave ship", "mild ship"];
            let named = slack.flat_map(|it| {
                let found = titles.into_iter().filter(|title| it.body.contains(title));
                found.map(|title| (it.to.clone(), title.to_owned()))
            });
            named.collect()
        };
        let enough = |all: &[Arc<Received>]| in_slack(all).len() >= expected.len();
        let record = &play.receivers.record;
        let all = record.wait_for("five messages in Slack", PATIENCE, enough);
        let expected = expected.map(|(to, title)| (to.to_owned(), title.to_owned()));
        assert_eq!(in_slack(&all.await.unwrap()), BTreeSet::from(expected));
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_destination_that_is_removed_hears_no_more_and_its_secret_is_never_shown() {
    play(async |play: Play| {
        let file = play.world.folder().join("url");
        std::fs::write(&file, format!("{}\n", play.receivers.teams_url())).unwrap();
        let url_file = ["--msteams-url-file", file.to_str().unwrap()];
        let said = done(&play, &[&["set", "cranes"][..], &url_file].concat());
        assert_eq!(said, "cranes, msteams <secret>: everything\n");
        done(&play, &["set", "mails", "--mail", "c@hafen.example"]);
        let listed = done(&play, &["list", "--json"]);
        assert!(!listed.contains("http"), "{listed}");
        assert_eq!(done(&play, &["remove", "cranes"]), "Removed cranes.\n");
        assert_eq!(
            done(&play, &["list"]),
            "mails, mail c@hafen.example: everything\n"
        );

        let again = destinations(&play.world, &["remove", "cranes"]);
        assert_eq!(again.status.code(), Some(1));
        assert!(words(&again).contains("no destination with a filter is called \"cranes\""));
        let unknown = ["set", "x", "--slack", "#x", "--product", "99"];
        let unknown = destinations(&play.world, &unknown);
        assert!(words(&unknown).contains("there is no product 99"));
        let taken = destinations(&play.world, &["set", "mails", "--slack", "#x"]);
        assert!(words(&taken).contains("mails is the name of something else"));
        play.end().await;
    })
    .await;
}
