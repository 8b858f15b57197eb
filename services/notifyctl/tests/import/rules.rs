//! Rules, System Settings and webhook endpoints.

use proto_events::directory::RuleScope;
use proto_events::{Channel, ChannelSet, Column};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::play::Play;

#[tokio::test]
async fn rules_settings_and_webhooks_are_taken_over() {
    let mut play = Play::begin().await;
    play.options.rules = true;
    let report = play.import().await;
    assert_eq!(
        report.notes[1..],
        [
            "Rules: 17 taken over.",
            "System Settings: 1 taken over.",
            "Webhook endpoints: 4 taken over."
        ]
    );
    let directory = play.directory().await;
    let channels = |scope| {
        let rule = directory
            .rules
            .iter()
            .find(|rule| rule.scope == scope)
            .unwrap();
        rule.channels.get(Column::Other)
    };
    assert_eq!(
        channels(RuleScope::System),
        Channel::ALL.into_iter().collect::<ChannelSet>()
    );
    assert_eq!(channels(RuleScope::Template), ChannelSet::ALERT);
    assert_eq!(
        channels(RuleScope::Personal { user: 5 }),
        ChannelSet::EMPTY.with(Channel::Mail)
    );
    let product = RuleScope::Product {
        user: 3,
        product: 2,
    };
    assert_eq!(channels(product), ChannelSet::EMPTY.with(Channel::Slack));

    let settings = play.store().delivery_settings().await.unwrap();
    assert_eq!(settings.settings.slack_channel, "#hafen-appsec");
    assert_eq!(settings.settings.webhooks_notifications_timeout, 7);
    assert_eq!(
        settings.slack_token.unwrap().unwrap().expose_secret(),
        "TOKEN"
    );
    let scheduled = "SELECT format('%s %s', engagement_auto_close, enable_notify_sla_active) FROM system_settings";
    assert_eq!(play.texts(scheduled).await, ["t t"]);
    let webhooks = "SELECT format('%s %s %s', owner, status, header_value IS NOT NULL) FROM notification_webhooks ORDER BY id";
    assert_eq!(
        play.texts(webhooks).await,
        [
            " inactive_tmp t",
            "3 inactive_permanent f",
            " active t",
            "2 active_tmp f"
        ]
    );
}

#[tokio::test]
async fn a_second_time_nothing_of_them_is_changed() {
    let mut play = Play::begin().await;
    play.options.rules = true;
    play.import().await;
    let before = play.directory().await;
    play.dojo
        .change("notifications", |all| all[0]["other"] = json!([]));
    play.dojo.change("system_settings", |all| {
        all[0]["team_name"] = json!("Others");
    });
    play.dojo.remove("notification_webhooks", 1);
    let report = play.import().await;
    assert!(
        report.notes[1..]
            .iter()
            .all(|note| note.ends_with("there are some here already; nothing was changed.")),
        "{report}"
    );
    let after = play.directory().await;
    assert_eq!(after.rules, before.rules);
    assert_eq!(after.settings, before.settings);
    assert_eq!(
        play.texts("SELECT count(*)::text FROM notification_webhooks")
            .await,
        ["4"]
    );
}

#[tokio::test]
async fn what_somebody_chose_here_before_the_first_time_stands() {
    let mut play = Play::begin().await;
    play.sql("UPDATE system_settings SET team_name = 'Ours'")
        .await;
    play.options.rules = true;
    play.import().await;
    let settings = play.directory().await.settings;
    assert_eq!(settings.team_name, "Ours");
    assert_eq!(settings.slack_channel, "");
}

#[tokio::test]
async fn a_rule_of_somebody_who_is_not_here_is_left_out() {
    let mut play = Play::begin().await;
    play.options.rules = true;
    play.dojo.change("notifications", |all| {
        let mut rule = all[1].clone();
        rule["id"] = json!(99);
        rule["user"] = json!(77);
        all.push(rule);
        let mut second = all[0].clone();
        second["id"] = json!(100);
        second["other"] = json!([]);
        all.push(second);
    });
    let report = play.import().await;
    assert!(
        report.notes[1].starts_with("Rules: 17 taken over; 2 left out"),
        "{report}"
    );
}

#[tokio::test]
async fn without_rules_nothing_of_them_is_read() {
    let play = Play::begin().await;
    play.import().await;
    let requests = play.dojo.take_requests();
    assert!(
        !requests
            .iter()
            .any(|it| it.starts_with("notifi") || it.starts_with("system"))
    );
    assert_eq!(
        play.directory().await.rules.len(),
        12,
        "one each, and the system's"
    );
}
