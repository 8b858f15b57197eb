//! The rules, one sentence each.

use crate::world::{What, World, everywhere, told};
use proto_events::Channel::{Alert, Mail, Msteams, Slack, Webhooks};
use proto_events::directory::Securable::{Product, ProductType};
use proto_events::directory::{Role, RuleScope};
use proto_events::payload::UserRef;
use proto_events::{Channel, Column};
use rules::{Policy, Trump, decide};

/// `ann` is a member of product 1 and wants alerts; `root` is a superuser without rules.
fn world() -> World {
    World::new()
        .superuser("root")
        .user("ann")
        .member("ann", Product(1))
        .wants("ann", &[Alert])
}

fn event() -> What {
    What::happened("test_added").on_product(1)
}

const NOTHING: [&str; 0] = [];

mod recipients {
    use super::*;

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
}

mod broadcast {
    use super::*;

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
}

mod gates {
    use super::*;

    #[test]
    fn a_channel_that_is_switched_off_reaches_nobody() {
        let mut world = world()
            .system_wants(&Channel::ALL)
            .wants("ann", &Channel::ALL);
        world.0.settings.enable_mail_notifications = false;
        world.0.settings.enable_msteams_notifications = false;
        world.0.settings.enable_webhooks_notifications = false;
        assert_eq!(
            world.tells(&event()),
            [
                "alert:-",
                "alert:ann",
                "alert:root",
                "slack:-",
                "slack:ann",
                "slack:root"
            ]
        );
    }

    #[test]
    fn alert_only_leaves_alerts() {
        let world = world()
            .system_wants(&Channel::ALL)
            .wants("ann", &Channel::ALL);
        let what = What {
            alert_only: true,
            ..event()
        };
        assert_eq!(world.tells(&what), ["alert:-", "alert:ann", "alert:root"]);
        let directed = What {
            alert_only: true,
            ..event().to(&["ann"])
        };
        assert_eq!(world.tells(&directed), ["alert:ann"]);
    }

    #[test]
    fn teams_is_for_the_system_alone() {
        let world = World::new()
            .user("ann")
            .member("ann", Product(1))
            .system_wants(&[Msteams])
            .wants("ann", &[Msteams]);
        assert_eq!(world.tells(&event()), ["msteams:-"]);
        assert_eq!(world.tells(&event().to(&["ann"])), NOTHING);
    }
}

mod columns {
    use super::*;

    /// `ann` wants only mails, and only of one column.
    fn follows(name: &str, column: Column) -> bool {
        let mut channels = everywhere(&[]);
        channels.set(column, [Mail].into_iter().collect());
        let scope = RuleScope::Personal { user: 1 };
        let world = World::new()
            .user("ann")
            .member("ann", Product(1))
            .rule(scope, channels);
        world.tells(&What::happened(name).on_product(1)) == ["mail:ann"]
    }

    #[test]
    fn an_event_follows_the_column_of_its_name() {
        for column in Column::ALL {
            assert!(follows(column.as_str(), column), "{column:?}");
        }
    }

    #[test]
    fn an_event_without_a_column_follows_other() {
        for name in [
            "finding_added",
            "engagement_deleted",
            "engagement_reopened",
            "dummy",
        ] {
            assert!(follows(name, Column::Other), "{name}");
        }
    }

    #[test]
    fn engagement_closed_follows_close_engagement() {
        assert!(follows("engagement_closed", Column::CloseEngagement));
        assert!(!follows("engagement_closed", Column::Other));
    }
}
