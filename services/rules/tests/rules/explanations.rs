//! Every step of a decision is told in words.

use proptest::prelude::*;
use proto_events::Channel::{self, Alert, Mail, Msteams, Slack};
use proto_events::Severity;
use proto_events::directory::{Limits, Role, RuleScope, Securable, Settings};
use rules::{Explainer, Explanation, Policy, WithoutAccess, decide};

use crate::beyond::limited;
use crate::strategies::Case;
use crate::world::{What, World, everywhere};

/// What is told of a channel: whether it is used, then why, then what holds for all channels.
fn explained(
    world: &World,
    policy: &Policy,
    what: &What,
    name: Option<&str>,
    channel: Channel,
) -> String {
    let directory = world.directory();
    let explainer = Explainer::new(&directory, policy, what.facts());
    let explanation = match name {
        None => explainer.system(),
        Some(name) => explainer.user(directory.user_named(name).unwrap()),
    };
    let general = explanation.reasons.iter().map(ToString::to_string);
    let found = explanation
        .channels
        .iter()
        .find(|explained| explained.channel == channel);
    let own = found.map(|found| found.reasons.iter().map(ToString::to_string));
    let told = found.is_some_and(|found| found.told);
    let reasons: Vec<String> = own.into_iter().flatten().chain(general).collect();
    format!(
        "{}{}: {}",
        if told { "yes" } else { "no" },
        if explanation.redacted {
            ", redacted"
        } else {
            ""
        },
        reasons.join("; ")
    )
}

fn to_user(world: &World, what: &What, name: &str, channel: Channel) -> String {
    explained(world, &Policy::default(), what, Some(name), channel)
}

fn to_system(world: &World, what: &What, channel: Channel) -> String {
    explained(world, &Policy::default(), what, None, channel)
}

fn scan() -> What {
    What::happened("scan_added").on_product(1)
}

#[test]
fn the_system_rule() {
    let world = World::new().system_wants(&[Slack]);
    assert_eq!(
        to_system(&world, &scan(), Slack),
        "yes: system rule has slack for scan_added; the event names no recipients, so the system hears of it"
    );
    assert_eq!(
        to_system(&world, &What::happened("unheard_of"), Msteams),
        "no: system rule has no msteams for other; the event names no recipients, so the system hears of it"
    );
    assert_eq!(
        to_system(&world, &scan().to(&["ann"]), Slack),
        "no: the event names its recipients, so the system is left out"
    );
}

#[test]
fn the_system_rule_of_a_superuser() {
    let world = World::new().superuser("root").system_wants(&[Slack]);
    assert_eq!(
        to_user(&world, &scan(), "root", Slack),
        "yes: superuser: system rule has slack for scan_added; no personal rule; superuser"
    );
    assert_eq!(
        to_user(&world, &What::happened("scan_added"), "root", Slack),
        "yes: superuser: system rule has slack for scan_added; no personal rule; superuser, and the event is about no product"
    );
}

#[test]
fn a_personal_rule() {
    let world = World::new()
        .user("ann")
        .member("ann", Securable::Product(1))
        .wants("ann", &[Mail]);
    assert_eq!(
        to_user(&world, &scan(), "ann", Mail),
        "yes: personal rule has mail for scan_added; authorised for product 1"
    );
    assert_eq!(
        to_user(&world, &scan(), "ann", Msteams),
        "no: msteams is for the system alone; authorised for product 1"
    );
    let elsewhere = What::happened("scan_added").on_product(2);
    assert_eq!(
        to_user(&world, &elsewhere, "ann", Mail),
        "no: not authorised for product 2"
    );
    let unnamed = What::happened("scan_added");
    assert_eq!(
        to_user(&world, &unnamed, "ann", Mail),
        "no: the event is about no product, so of the users only superusers hear of it"
    );
}

#[test]
fn a_product_rule() {
    let world = World::new()
        .user("ann")
        .member("ann", Securable::ProductType(1))
        .wants_of_product("ann", 1, &[Slack]);
    assert_eq!(
        to_user(&world, &scan(), "ann", Slack),
        "yes: no personal rule; rule for product 1 has slack for scan_added; authorised for product type 1"
    );
}

#[test]
fn the_trump_list() {
    let world = World::new()
        .user("ann")
        .member("ann", Securable::Product(1))
        .wants("ann", &[])
        .system_wants(&[Mail]);
    let mention = What::happened("user_mentioned").on_product(1).to(&["ann"]);
    assert_eq!(
        to_user(&world, &mention, "ann", Mail),
        "yes: on the trump list: system rule has mail for user_mentioned; personal rule has no mail for user_mentioned; named by the event; authorised for product 1"
    );
}

#[test]
fn recipients_who_are_told_nothing() {
    let world = World::new()
        .user("ann")
        .with_user("ida", |user| user.active = false);
    let directed = scan().to(&["ann", "ida"]);
    assert_eq!(
        to_user(&world, &directed, "ann", Alert),
        "no: named by the event; no personal rule, and a recipient needs one"
    );
    assert_eq!(
        to_user(&world, &directed, "ida", Alert),
        "no: named by the event; inactive"
    );
    assert_eq!(
        to_user(&world, &scan().to(&["ida"]), "ann", Alert),
        "no: not among the recipients that the event names"
    );
}

#[test]
fn a_recipient_without_access() {
    let world = World::new().user("ann").wants("ann", &[Alert]);
    let directed = scan().to(&["ann"]);
    let explained = |without_access| {
        let policy = Policy {
            without_access,
            ..Policy::default()
        };
        explained(&world, &policy, &directed, Some("ann"), Alert)
    };
    assert_eq!(
        explained(WithoutAccess::Redact),
        "yes, redacted: personal rule has alert for scan_added; named by the event; not authorised for product 1; told without note and finding details (DD_DIRECTED_WITHOUT_ACCESS=redact)"
    );
    assert_eq!(
        explained(WithoutAccess::Full),
        "yes: personal rule has alert for scan_added; named by the event; not authorised for product 1; told all the same (DD_DIRECTED_WITHOUT_ACCESS=full)"
    );
    assert_eq!(
        explained(WithoutAccess::Drop),
        "no: named by the event; not authorised for product 1; not told (DD_DIRECTED_WITHOUT_ACCESS=drop)"
    );
}

#[test]
fn every_way_to_view_an_object() {
    let world = World::new()
        .with_user("reader", |user| user.global_role = Some(Role::Reader))
        .user("auditor")
        .user("dev")
        .user("ops")
        .group(7, Some(Role::Owner), &["auditor"])
        .group(8, None, &["dev"])
        .group(9, None, &["ops"])
        .group_member_of(8, Securable::Product(1))
        .group_member_of(9, Securable::ProductType(1));
    for (name, way) in [
        ("reader", "has the global role Reader"),
        ("auditor", "in group 7 (), which has a global role"),
        ("dev", "in group 8 (), which is authorised for product 1"),
        (
            "ops",
            "in group 9 (), which is authorised for product type 1",
        ),
    ] {
        assert_eq!(
            to_user(&world, &scan(), name, Alert),
            format!("no: no personal rule; {way}")
        );
    }
    let unknown = What::happened("scan_added").on_product(99);
    assert_eq!(
        to_user(&world, &unknown, "dev", Alert),
        "no: not authorised for product 99"
    );
    assert_eq!(
        to_user(&world, &unknown.on_type(2), "ops", Alert),
        "no: not authorised for product type 2"
    );
}

#[test]
fn what_keeps_a_channel_shut() {
    let mut world = World::new()
        .user("ann")
        .member("ann", Securable::Product(1))
        .rule(RuleScope::Personal { user: 1 }, everywhere(&[Mail, Slack]));
    world.0.settings = Settings {
        enable_slack_notifications: true,
        ..Settings::default()
    };
    assert_eq!(
        to_user(&world, &scan(), "ann", Mail),
        "no: personal rule has mail for scan_added; mail is switched off in System Settings; authorised for product 1"
    );
    let alert_only = What {
        alert_only: true,
        ..scan()
    };
    assert_eq!(
        to_user(&world, &alert_only, "ann", Slack),
        "no: personal rule has slack for scan_added; the event allows alerts only (alert_only); authorised for product 1"
    );
    let no_users = What {
        no_users: true,
        ..scan()
    };
    assert_eq!(
        to_user(&world, &no_users, "ann", Slack),
        "no: the event is for the system alone (no_users)"
    );
}

#[test]
fn a_mute() {
    let muted = Limits {
        muted: true,
        ..Limits::default()
    };
    let scope = RuleScope::Product {
        user: 1,
        product: 1,
    };
    let world = World::new()
        .user("ann")
        .member("ann", Securable::Product(1))
        .wants("ann", &[Mail])
        .limited(scope, everywhere(&[]), muted);
    assert_eq!(
        to_user(&world, &scan(), "ann", Mail),
        "no: authorised for product 1; muted by product rule 3"
    );
    assert_eq!(
        to_user(&world, &scan().to(&["ann"]), "ann", Mail),
        "yes: personal rule has mail for scan_added; named by the event; authorised for product 1; muted by product rule 3, but the event names its recipients"
    );
    let scope = RuleScope::ProductType {
        user: 1,
        product_type: 2,
    };
    let world = world
        .member("ann", Securable::Product(2))
        .limited(scope, everywhere(&[]), muted);
    let elsewhere = What::happened("scan_added").on_product(2);
    assert_eq!(
        to_user(&world, &elsewhere, "ann", Mail),
        "no: authorised for product 2; muted by product-type rule 4"
    );
}

#[test]
fn a_minimum_severity() {
    let minimum = Limits {
        minimum_severity: Some(Severity::High),
        ..Limits::default()
    };
    let world = World::new()
        .user("ann")
        .member("ann", Securable::Product(1))
        .limited(
            RuleScope::Personal { user: 1 },
            everywhere(&[Mail]),
            minimum,
        );
    assert_eq!(
        to_user(&world, &scan().of_severity(Severity::Medium), "ann", Mail),
        "no: Medium is below the minimum severity High of the personal rule; authorised for product 1"
    );
    assert_eq!(
        to_user(&world, &scan().of_severity(Severity::High), "ann", Mail),
        "yes: personal rule has mail for scan_added; authorised for product 1"
    );
}

#[test]
fn rules_of_groups_and_product_types() {
    let of_type = RuleScope::ProductType {
        user: 1,
        product_type: 1,
    };
    let mut world = World::new()
        .user("ann")
        .member("ann", Securable::Product(1))
        .group(7, None, &["ann"])
        .rule(RuleScope::Group { group: 7 }, everywhere(&[Slack]))
        .rule(of_type, everywhere(&[Mail]));
    world.0.groups[0].name = "appsec".to_owned();
    assert_eq!(
        to_user(&world, &scan(), "ann", Slack),
        "yes: no personal rule; group rule of 'appsec' adds slack; rule for product type 1 has no slack for scan_added; authorised for product 1"
    );
    assert_eq!(
        to_user(&world, &scan(), "ann", Mail),
        "yes: no personal rule; group rule of 'appsec' does not add mail; rule for product type 1 has mail for scan_added; authorised for product 1"
    );
    world.0.rules[1].limits.minimum_severity = Some(Severity::Critical);
    assert_eq!(
        to_user(&world, &scan().of_severity(Severity::Low), "ann", Slack),
        "no: no personal rule; Low is below the minimum severity Critical of the group rule of 'appsec'; rule for product type 1 has no slack for scan_added; authorised for product 1"
    );
}

proptest! {
    #[test]
    fn an_explanation_says_what_the_decision_says(case in limited()) {
        let Case { snapshot, policy, what } = &case;
        let directory = World(snapshot.clone()).directory();
        let decisions = decide(&directory, policy, &what.facts());
        let explainer = Explainer::new(&directory, policy, what.facts());
        let told = |explanation: &Explanation<'_>| -> Vec<Channel> {
            let channels = explanation.channels.iter();
            channels.filter(|channel| channel.told).map(|channel| channel.channel).collect()
        };
        prop_assert_eq!(told(&explainer.system()), decisions.system.iter().collect::<Vec<_>>());
        for user in &snapshot.users {
            let decided = decisions.users.iter().find(|told| told.user.id == user.id);
            let explanation = explainer.user(user);
            let channels = decided.map(|told| told.channels.iter().collect::<Vec<_>>());
            prop_assert_eq!(told(&explanation), channels.unwrap_or_default());
            prop_assert_eq!(explanation.redacted, decided.is_some_and(|told| told.redacted));
            let asked = explainer.asked().iter().any(|asked| asked.id == user.id);
            prop_assert!(asked || decided.is_none());
        }
    }
}
