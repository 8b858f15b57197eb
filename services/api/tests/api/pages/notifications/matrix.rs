//! The boxes of columns and channels, each of which somebody ticks or does not.

use proto_events::directory::{Product, RuleScope};
use proto_events::{Channel, ChannelSet, Column, Severity};

use super::{BOTH, desk, is_ticked, put};
use crate::browser::Browser;
use crate::desk::{ADMIN, CRANES, Desk, MEI, SHIPS};

/// What a scope chose for a column.
async fn chosen(desk: &Desk, scope: RuleScope, column: Column) -> Option<ChannelSet> {
    let rule = desk.store().rule_of(scope).await.unwrap();
    rule.map(|rule| rule.channels.get(column))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_chooses_channels_and_what_is_switched_off_keeps_its_choice() {
    let desk = desk().await;
    let personal = RuleScope::Personal { user: MEI };
    let hook = BOTH.with(Channel::Webhooks).with(Channel::Msteams);
    put(&desk, personal, Column::ScanAdded, hook).await;
    let browser = Browser::of(&desk, MEI).await;
    let page = browser.look("/notifications").await;
    for column in Column::ALL {
        page.shows(&format!("<strong>{}</strong>", column.label()));
    }
    assert_eq!(is_ticked(&page, "scan_added", "mail"), Some(true));
    assert_eq!(is_ticked(&page, "scan_added", "slack"), Some(false));
    assert_eq!(is_ticked(&page, "scan_added_empty", "alert"), Some(false));
    assert_eq!(is_ticked(&page, "scan_added", "webhooks"), None);
    page.shows("Switched off in System Settings: webhooks.")
        .hides("/notifications/system");
    let form = [
        ("shown", "alert"),
        ("shown", "mail"),
        ("shown", "slack"),
        ("scan_added", "slack"),
        ("minimum_severity", "High"),
    ];
    let saved = browser.send_on("/notifications", &form).await;
    saved.shows("Saved.");
    assert_eq!(is_ticked(&saved, "scan_added", "slack"), Some(true));
    assert_eq!(is_ticked(&saved, "scan_added", "mail"), Some(false));
    assert_eq!(is_ticked(&saved, "test_added", "alert"), Some(false));
    saved.shows("<option value=\"High\" selected>");
    let slack = ChannelSet::EMPTY.with(Channel::Slack);
    let kept = slack.with(Channel::Webhooks).with(Channel::Msteams);
    assert_eq!(chosen(&desk, personal, Column::ScanAdded).await, Some(kept));
    let rule = desk.store().rule_of(personal).await.unwrap().unwrap();
    assert_eq!(rule.limits.minimum_severity, Some(Severity::High));
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_writes_nothing_and_the_first_save_makes_the_rule() {
    let desk = desk().await;
    let personal = RuleScope::Personal { user: MEI };
    let rule = desk.store().rule_of(personal).await.unwrap().unwrap();
    desk.store().remove_rule(rule.id).await.unwrap();
    let browser = Browser::of(&desk, MEI).await;
    let page = browser.look("/notifications/personal").await;
    page.shows("Nothing is stored yet");
    assert_eq!(is_ticked(&page, "scan_added", "alert"), Some(true));
    assert!(desk.store().rule_of(personal).await.unwrap().is_none());
    let form = [
        ("shown", "alert"),
        ("shown", "mail"),
        ("scan_added", "mail"),
    ];
    browser
        .send_on("/notifications/personal", &form)
        .await
        .shows("Saved.")
        .hides("Nothing is stored yet");
    let mail = ChannelSet::EMPTY.with(Channel::Mail);
    assert_eq!(chosen(&desk, personal, Column::ScanAdded).await, Some(mail));
    let none = chosen(&desk, personal, Column::TestAdded).await;
    assert_eq!(none, Some(ChannelSet::EMPTY));
}

#[tokio::test(flavor = "multi_thread")]
async fn system_and_template_are_for_superusers_alone() {
    let desk = desk().await;
    let mei = Browser::of(&desk, MEI).await;
    for path in ["/notifications/system", "/notifications/template"] {
        assert_eq!(mei.look(path).await.status, 403, "{path}");
        let form = [("shown", "alert"), ("user", "2")];
        assert_eq!(mei.send(path, &form).await.status, 403, "{path}");
    }
    let removal = mei.send("/notifications/template/remove", &[]).await;
    assert_eq!(removal.status, 403);
    let admin = Browser::of(&desk, ADMIN).await;
    let form = [
        ("shown", "alert"),
        ("shown", "mail"),
        ("sla_breach", "mail"),
    ];
    admin
        .send_on("/notifications/system", &form)
        .await
        .shows("Saved.");
    let mail = Some(ChannelSet::EMPTY.with(Channel::Mail));
    let system = RuleScope::System;
    assert_eq!(chosen(&desk, system, Column::SlaBreach).await, mail);
    admin
        .look("/notifications/template")
        .await
        .shows("There is no template yet");
    admin
        .send_on("/notifications/template", &form)
        .await
        .shows("Saved.")
        .shows("Remove the template?");
    let template = RuleScope::Template;
    assert_eq!(chosen(&desk, template, Column::SlaBreach).await, mail);
    admin
        .send_on("/notifications/template/remove", &[])
        .await
        .shows("The template is removed.");
    assert_eq!(chosen(&desk, template, Column::SlaBreach).await, None);
    for fixed in ["personal", "system", "nothing"] {
        let path = format!("/notifications/{fixed}/remove");
        assert_eq!(admin.send(&path, &[]).await.status, 404, "{path}");
    }
    assert_eq!(admin.look("/notifications/nothing").await.status, 404);
    // Nobody's own rule was touched.
    let defaults = Some(ChannelSet::ALERT);
    let own = RuleScope::Personal { user: MEI };
    assert_eq!(chosen(&desk, own, Column::SlaBreach).await, defaults);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_one_may_view_has_a_rule_of_its_own_and_others_are_not_there() {
    let desk = desk().await;
    let browser = Browser::of(&desk, MEI).await;
    let path = format!("/notifications/product/{CRANES}");
    let page = browser.look(&path).await;
    page.shows("What reaches you of Cranes")
        .shows("You have no rule for this product yet");
    assert_eq!(is_ticked(&page, "scan_added", "alert"), Some(false));
    let form = [
        ("shown", "alert"),
        ("shown", "mail"),
        ("test_added", "mail"),
        ("muted", "true"),
    ];
    browser
        .send_on(&path, &form)
        .await
        .shows("Saved.")
        .shows("value=\"true\" checked");
    let scope = RuleScope::Product {
        user: MEI,
        product: CRANES,
    };
    let mail = Some(ChannelSet::EMPTY.with(Channel::Mail));
    assert_eq!(chosen(&desk, scope, Column::TestAdded).await, mail);
    let none = chosen(&desk, scope, Column::ScanAdded).await;
    assert_eq!(none, Some(ChannelSet::EMPTY));
    browser
        .look("/notifications/product")
        .await
        .shows("Products that you have a rule for")
        .hides("Ships");
    browser
        .send_on(&format!("{path}/remove"), &[])
        .await
        .shows("Your rule for this product is removed.");
    assert_eq!(chosen(&desk, scope, Column::TestAdded).await, None);
    for foreign in [SHIPS, 9999] {
        let path = format!("/notifications/product/{foreign}");
        assert_eq!(browser.look(&path).await.status, 404, "{path}");
        assert_eq!(browser.send(&path, &form).await.status, 404, "{path}");
        let path = format!("{path}/remove");
        assert_eq!(browser.send(&path, &[]).await.status, 404, "{path}");
    }
    for path in ["/notifications/product/x", "/notifications/product/-1"] {
        assert_eq!(browser.look(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_found_by_a_part_of_their_name_page_by_page() {
    let desk = desk().await;
    let product = |id: i64, name: String| Product {
        id,
        name,
        product_type: 1,
        tags: Vec::new(),
    };
    let mut products: Vec<Product> = (100..140)
        .map(|id| product(id, format!("Harbour {id}")))
        .collect();
    products.push(product(500, "<b>100%</b>".to_owned()));
    desk.store().put_products(&products).await.unwrap();
    let browser = Browser::of(&desk, ADMIN).await;
    let look = async |query: &str| {
        browser
            .look(&format!("/notifications/product?{query}"))
            .await
    };
    look("")
        .await
        .shows("43 products")
        .shows("rel=\"next\"")
        .shows("&lt;b&gt;100%&lt;/b&gt;")
        .hides("<b>");
    look("search=hARBOUR+11")
        .await
        .shows("10 products")
        .shows("Harbour 110")
        .hides("Harbour 120");
    look("search=%25").await.shows("1 product").hides("Harbour");
    look("search=nothing")
        .await
        .shows("No product that you may view is called like that.");
    let wrong = look("limit=none").await;
    assert_eq!(wrong.status, 400);
    wrong.shows("Write a whole number");
    Browser::of(&desk, MEI)
        .await
        .look("/notifications/product?search=s")
        .await
        .shows("Cranes")
        .hides("Ships");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_cannot_be_used_is_shown_again_and_nothing_is_saved() {
    let desk = desk().await;
    let browser = Browser::of(&desk, MEI).await;
    let form = [
        ("shown", "alert"),
        ("shown", "mail"),
        ("test_added", "mail"),
        ("scan_added", "<i>fax</i>"),
        ("minimum_severity", "Terrible"),
    ];
    let refused = browser.send("/notifications", &form).await;
    assert_eq!(refused.status, 400);
    refused
        .shows("Nothing was saved.")
        .shows("&quot;&lt;i&gt;fax&lt;/i&gt;&quot; is not a valid choice.")
        .shows("Terrible")
        .hides("<i>fax");
    assert_eq!(is_ticked(&refused, "test_added", "mail"), Some(true));
    let personal = RuleScope::Personal { user: MEI };
    let unchanged = Some(ChannelSet::ALERT);
    let stored = chosen(&desk, personal, Column::TestAdded).await;
    assert_eq!(stored, unchanged);
}
