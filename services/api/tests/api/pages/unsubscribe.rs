//! The way out of mails with one click.

use messages::{Subscription, UnsubscribeTokens};
use proto_events::directory::{Group, GroupMember, Limits, RuleChannels, RuleScope, Settings};
use proto_events::{Channel, ChannelSet, Column};
use reqwest::Client;
use store::NewRule;

use crate::browser::Browser;
use crate::desk::{ADMIN, CRANES, Desk, MEI, OUTSIDER};

const BOTH: ChannelSet = ChannelSet::ALERT.with(Channel::Mail);

fn tokens(desk: &Desk) -> UnsubscribeTokens {
    let environment = desk.world.environment();
    let key = environment
        .iter()
        .find(|(name, _)| *name == "DD_CREDENTIAL_AES_256_KEY");
    UnsubscribeTokens::from_keys(&key.unwrap().1).unwrap()
}

/// The path of the link in a mail to a person about events of these columns.
fn link(desk: &Desk, user: i64, columns: &[Column]) -> String {
    let columns = columns.iter().copied().collect();
    let token = tokens(desk).token(&Subscription { user, columns });
    format!("/unsubscribe/{token}")
}

/// Gives a scope mail for scans and SLA breaches.
async fn mailed(desk: &Desk, scope: RuleScope) {
    let mut channels = RuleChannels::default();
    channels.set(Column::ScanAdded, BOTH);
    channels.set(Column::SlaBreach, BOTH);
    let rule = NewRule { scope, channels };
    let put = desk.store().put_rule(&rule, Limits::default()).await;
    put.unwrap();
}

/// Whether a scope has mail for scans, and for SLA breaches.
async fn mails(desk: &Desk, scope: RuleScope) -> [bool; 2] {
    let rule = desk.store().rule_of(scope).await.unwrap().unwrap();
    [Column::ScanAdded, Column::SlaBreach]
        .map(|column| rule.channels.get(column).contains(Channel::Mail))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_only_asks_and_its_button_stops_the_mails_of_its_column_in_ones_own_rules() {
    let desk = Desk::open().await;
    let personal = RuleScope::Personal { user: MEI };
    let product = RuleScope::Product {
        user: MEI,
        product: CRANES,
    };
    let another = RuleScope::Personal { user: OUTSIDER };
    for scope in [personal, product, another] {
        mailed(&desk, scope).await;
    }
    let link = link(&desk, MEI, &[Column::ScanAdded]);
    let browser = Browser::new(&desk);
    let asked = browser.look(&link).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    asked.shows("Stop these mails").shows("Scan Added");
    assert_eq!(mails(&desk, personal).await, [true, true]);
    // Twice is as once.
    for _ in 0..2 {
        let stopped = browser.send(&link, &[]).await;
        assert_eq!(stopped.status, 200, "{}", stopped.text);
        stopped
            .shows("Unsubscribed")
            .shows("Scan Added")
            .hides("system rule")
            .hides("group");
        assert_eq!(mails(&desk, personal).await, [false, true]);
        assert_eq!(mails(&desk, product).await, [false, true]);
    }
    let alert = desk.store().rule_of(personal).await.unwrap().unwrap();
    assert_eq!(alert.channels.get(Column::ScanAdded), ChannelSet::ALERT);
    assert_eq!(mails(&desk, another).await, [true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_program_needs_no_session_no_origin_and_any_body() {
    let desk = Desk::open().await;
    let personal = RuleScope::Personal { user: MEI };
    let url = format!(
        "http://{}{}",
        desk.address,
        link(&desk, MEI, &[Column::ScanAdded])
    );
    let one_click = "List-Unsubscribe=One-Click";
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    for (kind, body) in [
        ("application/x-www-form-urlencoded", one_click),
        ("multipart/form-data; boundary=x", multipart),
        ("text/plain", "\u{0}§"),
        ("application/json", "{"),
        ("", ""),
    ] {
        mailed(&desk, personal).await;
        let request = Client::new()
            .post(&url)
            .header("Content-Type", kind)
            .header("Origin", "https://mail.example")
            .header("Sec-Fetch-Site", "cross-site")
            .body(body);
        let status = request.send().await.unwrap().status();
        assert_eq!(status, 200, "{kind}");
        assert_eq!(mails(&desk, personal).await, [false, true], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_stops_the_mails_of_others_or_of_other_columns_with_a_changed_link() {
    let desk = Desk::open().await;
    let (mei, outsider) = (
        RuleScope::Personal { user: MEI },
        RuleScope::Personal { user: OUTSIDER },
    );
    for scope in [mei, outsider] {
        mailed(&desk, scope).await;
    }
    let whole = link(&desk, MEI, &[Column::ScanAdded]);
    let of_others = whole.replace("/2.", "/3.");
    assert_ne!(whole, of_others);
    let gone = link(&desk, 99, &[Column::ScanAdded]);
    let browser = Browser::new(&desk);
    for damaged in [
        of_others,
        whole.replace("scan_added", "sla_breach"),
        whole.replace("scan_added", "nothing"),
        whole[..whole.len() - 1].to_owned(),
        format!("{whole}A"),
        "/unsubscribe/2".to_owned(),
        "/unsubscribe/%FF".to_owned(),
        "/unsubscribe/%3Cscript%3E".to_owned(),
    ] {
        for seen in [
            browser.look(&damaged).await,
            browser.send(&damaged, &[]).await,
        ] {
            assert_eq!(seen.status, 404, "{damaged}: {}", seen.text);
            seen.shows("This link does not work").hides("<script>");
        }
    }
    assert_eq!(browser.send(&gone, &[]).await.status, 404);
    for scope in [mei, outsider] {
        assert_eq!(mails(&desk, scope).await, [true, true]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_unsubscribes_reads_whose_rules_still_send_mails() {
    let desk = Desk::open().await;
    let store = desk.store();
    mailed(&desk, RuleScope::System).await;
    let group = Group {
        id: 5,
        name: "<b>appsec</b>".to_owned(),
        ..Group::default()
    };
    store.put_groups(&[group]).await.unwrap();
    let member = GroupMember {
        group: 5,
        user: MEI,
    };
    store.put_group_members(&[member]).await.unwrap();
    mailed(&desk, RuleScope::Group { group: 5 }).await;
    let settings = Settings {
        mail_notifications_to: "MEI@hafen.example".to_owned(),
        ..Settings::default()
    };
    store.put_settings(&settings).await.unwrap();
    let browser = Browser::new(&desk);
    let scans = [Column::ScanAdded];
    let stop =
        async |user, columns: &[Column]| browser.send(&link(&desk, user, columns), &[]).await;
    stop(MEI, &scans)
        .await
        .shows("The rule of the group &lt;b&gt;appsec&lt;/b&gt; still sends mails")
        .shows("Your address is also one of the system's own")
        .hides("The system rule still applies");
    stop(ADMIN, &[Column::ScanAdded, Column::SlaBreach])
        .await
        .shows(
            "The system rule still applies: it has mail for Scan Added, SLA Breach, and superusers",
        )
        .hides("group")
        .hides("Your address");
    stop(MEI, &[Column::TestAdded])
        .await
        .hides("group")
        .hides("system");
    let mut channels = RuleChannels::default();
    channels.set(Column::UserMentioned, BOTH);
    let scope = RuleScope::System;
    store
        .put_rules(&[NewRule { scope, channels }])
        .await
        .unwrap();
    stop(OUTSIDER, &[Column::UserMentioned])
        .await
        .shows("it has mail for User Mentioned, and counts for everybody whom such an event names");
}
