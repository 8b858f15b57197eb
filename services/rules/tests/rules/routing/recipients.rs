//! Events that name their recipients.

use proto_events::Channel;
use proto_events::Channel::{Alert, Mail, Msteams, Slack, Webhooks};
use proto_events::directory::Securable::Product;
use proto_events::payload::UserRef;
use rules::{Policy, Trump, decide};

use super::{NOTHING, event, world};
use crate::world::{What, told};

#[test]
fn an_empty_list_tells_nobody_not_even_the_system() {
    assert_eq!(
        world().system_wants(&[Alert]).tells(&event().to(&[])),
        NOTHING
    );
}

#[test]
fn a_list_of_nulls_names_nobody() {
    let what = What {
        recipients: Some(vec![None, None]),
        ..event()
    };
    assert_eq!(world().system_wants(&[Alert]).tells(&what), NOTHING);
}

#[test]
fn only_those_named_are_told_and_no_system_channel_is() {
    let world = world()
        .user("bob")
        .member("bob", Product(1))
        .wants("bob", &[Mail]);
    assert_eq!(
        world
            .system_wants(&Channel::ALL)
            .tells(&event().to(&["bob"])),
        ["mail:bob"]
    );
}

#[test]
fn one_named_twice_by_name_and_id_is_told_once() {
    let world = world();
    let mut what = event().to(&["ann", "ann"]);
    what.recipients
        .as_mut()
        .unwrap()
        .push(Some(UserRef::Id(world.id("ann"))));
    assert_eq!(world.tells(&what), ["alert:ann"]);
}

#[test]
fn one_without_a_personal_rule_is_told_nothing_even_with_a_product_rule_or_as_superuser() {
    let world = world()
        .system_wants(&[Mail])
        .user("bob")
        .wants_of_product("bob", 1, &[Mail]);
    assert_eq!(world.tells(&event().to(&["bob", "root"])), NOTHING);
    let trumped = What::happened("user_mentioned")
        .on_product(1)
        .to(&["bob", "root"]);
    assert_eq!(world.tells(&trumped), NOTHING);
}

#[test]
fn product_rules_and_the_superuser_s_system_rule_have_no_say() {
    let world = world()
        .system_wants(&[Webhooks])
        .wants_of_product("ann", 1, &[Mail])
        .wants("root", &[Slack]);
    assert_eq!(
        world.tells(&event().to(&["ann", "root"])),
        ["alert:ann", "slack:root"]
    );
}

#[test]
fn no_users_has_no_effect() {
    let what = What {
        no_users: true,
        ..event().to(&["ann"])
    };
    assert_eq!(world().tells(&what), ["alert:ann"]);
}

#[test]
fn names_match_exactly() {
    assert_eq!(
        world().tells(&event().to(&["Ann", "ann ", "Ann Smith (ann)"])),
        NOTHING
    );
}

#[test]
fn unknown_and_inactive_ones_are_noted_once_and_the_others_are_served() {
    let world = world()
        .with_user("ida", |user| user.active = false)
        .wants("ida", &[Alert]);
    let mut what = event().to(&["zoe", "ida", "carl", "zoe", "ann"]);
    what.recipients
        .as_mut()
        .unwrap()
        .push(Some(UserRef::Id(99)));
    let directory = world.directory();
    let decisions = decide(&directory, &Policy::default(), &what.facts());
    assert_eq!(told(&decisions), ["alert:ann"]);
    let unknown: Vec<String> = decisions
        .notes
        .unknown
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(unknown, ["#99", "carl", "zoe"]);
    assert_eq!(decisions.notes.inactive, [directory.user(3).unwrap()]);
    assert!(decisions.notes.dropped.is_empty());
}

#[test]
fn trump_adds_the_system_rule_s_channels_by_the_event_s_own_name() {
    let world = world().system_wants(&[Mail, Msteams]);
    let mentioned = What::happened("user_mentioned").on_product(1).to(&["ann"]);
    assert_eq!(world.tells(&mentioned), ["alert:ann", "mail:ann"]);
    assert_eq!(world.tells(&event().to(&["ann"])), ["alert:ann"]);

    // The name, not the column it follows.
    let policy = |list: &str| Policy {
        trump: list.parse().unwrap(),
        ..Policy::default()
    };
    let closed = What::happened("engagement_closed")
        .on_product(1)
        .to(&["ann"]);
    let directory = world.directory();
    let by_column = decide(
        &directory,
        &policy("close_engagement,other"),
        &closed.facts(),
    );
    assert_eq!(told(&by_column), ["alert:ann"]);
    let by_name = decide(
        &directory,
        &policy("other, engagement_closed"),
        &closed.facts(),
    );
    assert_eq!(told(&by_name), ["alert:ann", "mail:ann"]);
}

#[test]
fn a_trumped_scan_added_empty_merges_its_column_like_any_other() {
    let world = world().system_wants(&[Mail]);
    let what = What::happened("scan_added_empty")
        .on_product(1)
        .to(&["ann"]);
    let policy = Policy {
        trump: Trump::from_iter(["scan_added_empty"]),
        ..Policy::default()
    };
    let directory = world.directory();
    assert_eq!(
        told(&decide(&directory, &policy, &what.facts())),
        ["alert:ann", "mail:ann"]
    );
}

#[test]
fn what_trump_adds_for_one_stays_with_them() {
    let world = world()
        .system_wants(&[Mail])
        .user("bob")
        .wants("bob", &[Slack]);
    let what = What::happened("review_requested")
        .on_product(1)
        .to(&["ann", "bob"]);
    assert_eq!(
        world.tells(&what),
        ["alert:ann", "mail:ann", "mail:bob", "slack:bob"]
    );
}
