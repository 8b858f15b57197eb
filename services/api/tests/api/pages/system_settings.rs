//! System Settings.

use std::time::Duration;

use proto_events::outcome::State;
use proto_events::{Channel, Reason, Service};
use secrecy::ExposeSecret;
use store::{Attempt, Finished, Settlement};

use crate::browser::{Browser, Seen, version};
use crate::desk::{ADMIN, Desk, MEI};

const PAGE: &str = "/system-settings";

/// The least that a form with the page's numbers holds.
const NUMBERS: [(&str, &str); 4] = [
    ("webhooks_notifications_timeout", "10"),
    ("engagement_auto_close_days", "3"),
    ("risk_acceptance_notify_before_expiration", "10"),
    ("risk_acceptance_form_default_days", "180"),
];

async fn save(browser: &Browser, changed: &[(&str, &str)]) -> Seen {
    let mut form: Vec<(&str, &str)> = NUMBERS.to_vec();
    form.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    form.extend_from_slice(changed);
    browser.send(PAGE, &form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_superuser_neither_sees_nor_changes_nor_tries_them() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    assert_eq!(browser.look(PAGE).await.status, 403);
    let form = [("team_name", "Mei's")];
    assert_eq!(save(&browser, &form).await.status, 403);
    let test = browser.send("/system-settings/test", &[("channel", "mail")]);
    assert_eq!(test.await.status, 403);
    let settings = desk.store().system_settings().await.unwrap().settings;
    assert_eq!(settings.team_name, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_saved_meanwhile_is_not_overwritten_unseen() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let before = version(&browser.look(PAGE).await);
    let one = [("team_name", "one"), ("version", before.as_str())];
    assert_eq!(save(&browser, &one).await.status, 303);
    let two = [("team_name", "two"), ("version", before.as_str())];
    let refused = save(&browser, &two).await;
    assert_eq!(refused.status, 409);
    refused
        .shows("was changed meanwhile")
        .shows("value=\"two\"");
    let settings = desk.store().system_settings().await.unwrap().settings;
    assert_eq!(settings.team_name, "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_and_whatever_they_say_is_text() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let hostile = "\"><script>alert(1)</script>'&";
    let form = [
        ("enable_slack_notifications", "true"),
        ("slack_channel", hostile),
        ("slack_username", hostile),
        ("mail_notifications_to", hostile),
        ("email_from", hostile),
        ("team_name", hostile),
        ("disclaimer_notifications", "one\r\n</textarea><script>two"),
        ("risk_acceptance_form_default_days", ""),
    ];
    let sent = save(&browser, &form).await;
    assert_eq!((sent.status, sent.location.as_deref()), (303, Some(PAGE)));
    browser
        .look(PAGE)
        .await
        .shows("System Settings are saved.")
        .shows("name=\"enable_slack_notifications\" type=\"checkbox\" value=\"true\" checked")
        .shows("name=\"enable_finding_sla\" type=\"checkbox\" value=\"true\" aria-describedby")
        .hides("<script>");
    let settings = desk.store().system_settings().await.unwrap();
    assert_eq!(settings.settings.team_name, hostile);
    assert_eq!(
        settings.settings.disclaimer_notifications,
        "one\n</textarea><script>two"
    );
    assert_eq!(settings.risk_acceptance_form_default_days, None);
    assert!(settings.settings.enable_slack_notifications);
    assert!(!settings.enable_finding_sla);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_never_shown_stays_when_nothing_is_written_and_goes_when_its_box_is_ticked() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let token = async || {
        let settings = desk.store().delivery_settings().await.unwrap();
        let token = settings.slack_token.unwrap();
        token.map(|token| token.expose_secret().to_owned())
    };
    save(&browser, &[("slack_token", "xoxb-hunter2")]).await;
    assert_eq!(token().await.as_deref(), Some("xoxb-hunter2"));
    browser
        .look(PAGE)
        .await
        .hides("hunter2")
        .shows("set; write to replace it")
        .shows("name=\"clear_slack_token\"");
    save(&browser, &[("slack_token", "")]).await;
    assert_eq!(token().await.as_deref(), Some("xoxb-hunter2"));
    save(&browser, &[("clear_slack_token", "true")]).await;
    assert_eq!(token().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_refused_is_shown_again_as_it_was_written_but_for_secrets() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let long = "x".repeat(101);
    for (name, value, complaint) in [
        ("team_name", long.as_str(), "no more than 100 characters"),
        ("webhooks_notifications_timeout", "0", "between 1 and"),
        ("webhooks_notifications_timeout", "", "Write a number."),
        ("webhooks_notifications_timeout", "soon", "A valid integer"),
        (
            "webhooks_notifications_timeout",
            "99999999999",
            "between 0 and",
        ),
        ("engagement_auto_close_days", "-1", "between 0 and"),
    ] {
        let form = [
            (name, value),
            ("slack_token", "hunter2"),
            ("email_from", "<i>kept</i>"),
        ];
        let seen = save(&browser, &form).await;
        assert_eq!(seen.status, 400, "{name} {value}");
        seen.shows("Nothing was saved.")
            .shows(complaint)
            .shows("aria-invalid=\"true\"")
            .shows("&lt;i&gt;kept&lt;/i&gt;")
            .shows(&format!("value=\"{value}\""))
            .hides("hunter2");
    }
    let settings = desk.store().system_settings().await.unwrap().settings;
    assert_eq!(settings.email_from, "no-reply@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_goes_to_the_systems_own_places_and_what_came_of_it_is_shown() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let test = "/system-settings/test";
    browser
        .send_on(test, &[("channel", "mail")])
        .await
        .shows("Nothing was sent: set an address that mails go to and save first.");
    let nobody = browser.send(test, &[("channel", "pigeon")]).await;
    assert_eq!(nobody.status, 400);
    save(
        &browser,
        &[("mail_notifications_to", "a@hafen.example, b@hafen.example")],
    )
    .await;
    let sent = browser.send(test, &[("channel", "mail")]).await;
    let outcome = sent.location.unwrap();
    let (page, place) = outcome.split_once('#').unwrap();
    assert_eq!(place, "test-mail");
    let jobs: Vec<&str> = page.split("sent=").nth(1).unwrap().split(',').collect();
    assert_eq!(jobs.len(), 2);
    for (job, state, reason) in [
        (jobs[0], State::Delivered, None),
        (jobs[1], State::Dead, Some(Reason::Refused)),
    ] {
        attempted(&desk, job, state, reason).await;
    }
    browser
        .look(page)
        .await
        .shows("delivered")
        .shows("the receiver refuses this message")
        .shows("&lt;i&gt;said&lt;/i&gt;")
        .shows(&format!("/deliveries?job={}", jobs[1]));
    let waiting = format!("{PAGE}?channel=mail&sent=00000000-0000-0000-0000-000000000000,<b>");
    browser
        .look(&waiting)
        .await
        .shows("on its way")
        .hides("<b>");
}

/// A sender tried a job, and wrote down what came of it.
async fn attempted(desk: &Desk, job: &str, state: State, reason: Option<Reason>) {
    let attempt = Attempt {
        job: job.parse().unwrap(),
        attempt: 1,
        service: Service::EmailSender,
        event_source: "dojo-notify/test-send".to_owned(),
        event_id: "1".to_owned(),
        event_name: "other".to_owned(),
        channel: Channel::Mail,
        recipient: None,
        destination: None,
        lease: Duration::from_secs(60),
    };
    let finished = Finished {
        reason,
        detail: Some("<i>said</i>".to_owned()),
        ..Finished::of(&attempt, state)
    };
    desk.store().claim(&[attempt]).await.unwrap();
    let settlement = Settlement {
        finished: vec![finished],
        ..Settlement::default()
    };
    desk.store().settle(&settlement).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_stand_beside_a_setting_are_shown_and_the_proxys_password_is_not() {
    let flags = ["--webhook-proxy=http://user:hunter2@proxy.example:3128".to_owned()];
    let desk = Desk::open_with(&flags).await;
    let page = Browser::of(&desk, ADMIN).await.look(PAGE).await;
    page.shows("DD_WEBHOOK_ALLOWED_NETWORKS")
        .shows("127.0.0.0/8")
        .shows("DD_TEMPLATE_DIR")
        .hides("hunter2");
}
