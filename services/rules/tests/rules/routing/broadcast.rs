//! Events for everybody whom they concern.

use proto_events::Channel;
use proto_events::Channel::{Alert, Mail, Msteams, Slack, Webhooks};
use proto_events::directory::Securable::{Product, ProductType};
use proto_events::directory::{Role, RuleScope};

use super::{NOTHING, event, world};
use crate::world::{What, World, everywhere};

#[test]
fn the_system_hears_by_its_rule_with_or_without_anybody_else() {
    let world = World::new().system_wants(&[Alert, Msteams]);
    assert_eq!(
        world.tells(&What::happened("other")),
        ["alert:-", "msteams:-"]
    );
}

#[test]
fn a_missing_system_rule_has_the_defaults() {
    let mut world = World::new();
    world.0.rules.clear();
    assert_eq!(world.tells(&event()), ["alert:-"]);
    assert_eq!(world.tells(&What::happened("scan_added_empty")), NOTHING);
}

#[test]
fn of_several_system_rules_the_lowest_id_is_in_force() {
    let mut world = World::new()
        .system_wants(&[Mail])
        .rule(RuleScope::System, everywhere(&[Slack]));
    world.0.rules.reverse();
    assert_eq!(world.tells(&event()), ["mail:-"]);
}

#[test]
fn no_users_stops_at_the_system() {
    let what = What {
        no_users: true,
        ..event()
    };
    assert_eq!(world().system_wants(&[Alert]).tells(&what), ["alert:-"]);
}

#[test]
fn a_member_without_any_rule_is_told_nothing() {
    let world = World::new().user("bob").member("bob", Product(1));
    assert_eq!(world.tells(&event()), NOTHING);
}

#[test]
fn personal_and_product_rules_of_a_member_add_up() {
    let world = world()
        .wants_of_product("ann", 1, &[Mail])
        .wants_of_product("ann", 2, &[Slack]);
    assert_eq!(world.tells(&event()), ["alert:ann", "mail:ann"]);
}

#[test]
fn a_product_rule_alone_is_enough() {
    let world = World::new()
        .user("bob")
        .member("bob", Product(1))
        .wants_of_product("bob", 1, &[Mail]);
    assert_eq!(world.tells(&event()), ["mail:bob"]);
}

#[test]
fn several_rules_of_one_user_and_scope_add_up() {
    let world = world()
        .wants("ann", &[Webhooks])
        .wants_of_product("ann", 1, &[Mail])
        .wants_of_product("ann", 1, &[Slack]);
    assert_eq!(
        world.tells(&event()),
        ["alert:ann", "mail:ann", "slack:ann", "webhooks:ann"]
    );
}

#[test]
fn a_product_rule_of_one_who_may_not_view_the_product_tells_nothing() {
    let world = World::new().user("bob").wants_of_product("bob", 1, &[Mail]);
    assert_eq!(world.tells(&event()), NOTHING);
}

#[test]
fn a_superuser_hears_what_the_system_hears_with_or_without_own_rules() {
    let world = World::new()
        .superuser("root")
        .superuser("own")
        .wants("own", &[Slack]);
    assert_eq!(
        world.system_wants(&[Alert]).tells(&event()),
        ["alert:-", "alert:own", "alert:root", "slack:own"]
    );
}

#[test]
fn a_superuser_s_scan_added_empty_merges_its_column_like_any_other() {
    let world = World::new()
        .superuser("root")
        .wants("root", &[Slack])
        .system_wants(&[Mail]);
    let what = What::happened("scan_added_empty").on_product(1);
    assert_eq!(world.tells(&what), ["mail:-", "mail:root", "slack:root"]);
}

#[test]
fn an_inactive_superuser_hears_nothing() {
    let world = World::new()
        .system_wants(&[Alert])
        .with_user("gone", |user| {
            user.superuser = true;
            user.active = false;
        });
    assert_eq!(world.wants("gone", &[Alert]).tells(&event()), ["alert:-"]);
}

#[test]
fn an_event_about_nothing_reaches_superusers_alone() {
    let world = world()
        .system_wants(&[Alert])
        .with_user("reader", |user| {
            user.global_role = Some(Role::Reader);
        })
        .wants("reader", &[Alert]);
    assert_eq!(
        world.tells(&What::happened("other")),
        ["alert:-", "alert:root"]
    );
}

#[test]
fn template_rules_route_nothing() {
    let world = World::new()
        .rule(RuleScope::Template, everywhere(&Channel::ALL))
        .superuser("root");
    assert_eq!(world.tells(&event()), NOTHING);
}

#[test]
fn a_product_makes_the_event_s_product_type_irrelevant() {
    let world = world()
        .user("bob")
        .member("bob", ProductType(2))
        .wants("bob", &[Alert]);
    assert_eq!(world.tells(&event().on_type(2)), ["alert:ann"]);
}
