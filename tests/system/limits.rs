//! Mutes, minimum severities and rules of groups, as a person sets them.

use notifyctl::stage::World;
use proto_events::Channel;
use proto_events::directory::{Group, GroupMember};
use serde_json::json;
use std::collections::BTreeSet;
use std::process::Output;
use system_tests::look::about_cranes;
use system_tests::play::{MEI, Play, play, until};

use crate::operator::{notifyctl, words};

fn rules(world: &World, arguments: &[&str]) -> Output {
    let all = [&["rules"][..], arguments].concat();
    notifyctl(&all).envs(world.environment()).output().unwrap()
}

/// Runs a command that succeeds, and gives what it says.
fn done(play: &Play, arguments: &[&str]) -> String {
    let output = rules(&play.world, arguments);
    assert!(output.status.success(), "{}", words(&output));
    words(&output)
}

/// Who hears of a scan of the cranes through a channel; `-` is the system.
async fn told(play: &Play, severity: &str, channel: Channel) -> BTreeSet<String> {
    let mut data = about_cranes();
    data["findings"] = json!({"new": [{"id": 5, "title": "F", "severity": severity}]});
    let id = play.publish("scan_added", data).await;
    let event = until("the event's record", async || {
        let events = play.store().decided_events().await.unwrap();
        events.into_iter().find(|event| event.id == id)
    });
    let told = event.await.decisions.remove(&channel).unwrap_or_default();
    told.into_iter()
        .map(|name| name.unwrap_or_else(|| "-".to_owned()))
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_product_that_one_person_mutes_is_silent_for_them_and_for_nobody_else() {
    play(async |play: Play| {
        let said = done(&play, &["set", "--user", "mei", "--product", "7", "--mute"]);
        assert!(
            said.contains(" mei, product 7: muted; no channel\n"),
            "{said}"
        );
        play.in_force().await;
        assert_eq!(
            told(&play, "High", Channel::Mail).await,
            set(&["-", "admin"])
        );
        done(
            &play,
            &["set", "--user", "mei", "--product", "7", "--unmute"],
        );
        play.in_force().await;
        assert_eq!(
            told(&play, "High", Channel::Mail).await,
            set(&["-", "admin", "mei"])
        );
        let wrong = rules(&play.world, &["set", "--user", "mei", "--mute"]);
        assert_eq!(wrong.status.code(), Some(1));
        assert!(words(&wrong).contains("a mute is for a product or a product type"));
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_minimum_severity_keeps_back_what_is_below_it_unless_a_group_s_rule_adds_it() {
    play(async |play: Play| {
        done(
            &play,
            &["set", "--user", "mei", "--minimum-severity", "High"],
        );
        play.in_force().await;
        let others = set(&["-", "admin"]);
        let all = set(&["-", "admin", "mei"]);
        assert_eq!(told(&play, "Medium", Channel::Slack).await, others);
        assert_eq!(told(&play, "Critical", Channel::Slack).await, all);

        let appsec = Group {
            id: 5,
            name: "appsec".to_owned(),
            global_role: None,
        };
        play.store().put_groups(&[appsec]).await.unwrap();
        let link = GroupMember {
            group: 5,
            user: MEI,
        };
        play.store().put_group_members(&[link]).await.unwrap();
        done(&play, &["set", "--group", "appsec", "--channels", "slack"]);
        play.in_force().await;
        assert_eq!(told(&play, "Medium", Channel::Slack).await, all);
        assert_eq!(told(&play, "Medium", Channel::Mail).await, others);
        let listed = done(&play, &["list", "--user", "mei"]);
        assert!(
            listed.contains(" group appsec: slack for everything\n"),
            "{listed}"
        );
        let removed = done(&play, &["remove", "--group", "appsec"]);
        assert!(removed.starts_with("Removed rule "), "{removed}");
        play.end().await;
    })
    .await;
}
