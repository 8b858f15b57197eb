//! Who may view an object, and what becomes of recipients who may not.

use crate::world::{What, World, told};
use proto_events::Channel::Alert;
use proto_events::directory::Role;
use proto_events::directory::Securable::{self, Product, ProductType};
use proto_events::{Event, EventName, Severity};
use rules::{Decisions, Facts, Policy, Presence, WithoutAccess, decide};
use serde_json::json;

const NOTHING: [&str; 0] = [];

/// `ann`, who wants alerts and has no access to anything.
fn ann() -> World {
    World::new().user("ann").wants("ann", &[Alert])
}

fn on_product() -> What {
    What::happened("test_added").on_product(1)
}

fn on_type() -> What {
    What::happened("product_type_added").on_type(1)
}

/// Whether ann hears of events on product 1 and on type 1.
fn hears(world: &World) -> (bool, bool) {
    let of = |what| !world.tells(&what).is_empty();
    (of(on_product()), of(on_type()))
}

fn in_group(of: Securable) -> World {
    ann().group(7, None, &["ann"]).group_member_of(7, of)
}

mod viewing {
    use super::*;

    #[test]
    fn is_refused_without_any_membership() {
        assert_eq!(hears(&ann()), (false, false));
    }

    #[test]
    fn a_product_is_granted_by_its_membership_without_a_role_too() {
        assert_eq!(hears(&ann().member("ann", Product(1))), (true, false));
    }

    #[test]
    fn a_product_is_granted_by_a_membership_of_its_type() {
        assert_eq!(hears(&ann().member("ann", ProductType(1))), (true, true));
    }

    #[test]
    fn is_granted_by_memberships_of_a_group() {
        assert_eq!(hears(&in_group(Product(1))), (true, false));
        assert_eq!(hears(&in_group(ProductType(1))), (true, true));
    }

    #[test]
    fn is_not_granted_by_memberships_of_other_groups_products_or_types() {
        let world = in_group(Product(2)).member("ann", ProductType(2));
        assert_eq!(
            hears(&world.group(8, None, &[]).group_member_of(8, Product(1))),
            (false, false)
        );
    }

    #[test]
    fn is_granted_by_any_global_role_of_the_user() {
        for role in Role::ALL {
            let world = World::new().with_user("ann", |user| user.global_role = Some(role));
            assert_eq!(
                hears(&world.wants("ann", &[Alert])),
                (true, true),
                "{role:?}"
            );
        }
    }

    #[test]
    fn is_granted_by_a_global_role_of_a_group() {
        assert_eq!(
            hears(&ann().group(7, Some(Role::Reader), &["ann"])),
            (true, true)
        );
        assert_eq!(hears(&ann().group(7, None, &["ann"])), (false, false));
    }

    #[test]
    fn is_granted_to_superusers() {
        assert_eq!(
            hears(&World::new().superuser("ann").wants("ann", &[Alert])),
            (true, true)
        );
    }
}

mod an_object_that_the_directory_does_not_hold {
    use super::*;

    #[test]
    fn is_judged_by_the_product_type_that_the_event_names() {
        let world = ann().member("ann", ProductType(1));
        let what = What::happened("test_added").on_product(99);
        assert_eq!(world.tells(&what), NOTHING);
        assert_eq!(world.tells(&what.on_type(1)), ["alert:ann"]);
    }

    #[test]
    fn is_open_to_global_roles_and_superusers() {
        let world = World::new()
            .superuser("root")
            .with_user("reader", |user| user.global_role = Some(Role::Reader))
            .wants("root", &[Alert])
            .wants("reader", &[Alert]);
        let everyone = ["alert:reader", "alert:root"];
        assert_eq!(
            world.tells(&What::happened("test_added").on_product(99)),
            everyone
        );
        assert_eq!(
            world.tells(&What::happened("test_added").on_type(99)),
            everyone
        );
    }

    #[test]
    fn is_unknown_unless_it_was_deleted() {
        let mut world = ann();
        world.0.deleted_products.push(8);
        world.0.deleted_product_types.push(9);
        let directory = world.directory();
        assert_eq!(
            [1, 8, 9].map(|id| directory.product(id)),
            [Presence::Known, Presence::Deleted, Presence::Unknown]
        );
        assert_eq!(
            [1, 8, 9].map(|id| directory.product_type(id)),
            [Presence::Known, Presence::Unknown, Presence::Deleted]
        );
    }

    #[test]
    fn is_worth_waiting_for_only_if_access_depends_on_it() {
        let mut world = ann();
        world.0.deleted_products.push(8);
        world.0.deleted_product_types.push(9);
        let directory = world.directory();
        let behind = |what: What| directory.is_behind(&what.facts());
        let event = || What::happened("other");
        assert!(behind(event().on_product(99)));
        assert!(behind(event().on_type(99)));
        assert!(behind(event().on_product(8).on_type(99)));
        assert!(!behind(event()));
        assert!(!behind(event().on_product(1).on_type(99)));
        assert!(!behind(event().on_product(8)));
        assert!(!behind(event().on_product(8).on_type(1)));
        assert!(!behind(event().on_type(9)));
    }
}

mod a_recipient_without_access {
    use super::*;

    fn with<T>(policy: WithoutAccess, what: &What, look: impl FnOnce(&Decisions<'_>) -> T) -> T {
        let world = ann()
            .user("bob")
            .wants("bob", &[Alert])
            .member("bob", Product(1));
        let policy = Policy {
            without_access: policy,
            ..Policy::default()
        };
        look(&decide(&world.directory(), &policy, &what.facts()))
    }

    fn redacted(decisions: &Decisions<'_>) -> Vec<(String, bool)> {
        decisions
            .users
            .iter()
            .map(|told| (told.user.username.clone(), told.redacted))
            .collect()
    }

    fn both() -> What {
        on_product().to(&["ann", "bob"])
    }

    #[test]
    fn is_told_a_redacted_text_by_default() {
        let seen = with(WithoutAccess::default(), &both(), redacted);
        assert_eq!(seen, [("ann".to_owned(), true), ("bob".to_owned(), false)]);
    }

    #[test]
    fn is_told_everything_where_the_policy_is_full() {
        let seen = with(WithoutAccess::Full, &both(), redacted);
        assert_eq!(seen, [("ann".to_owned(), false), ("bob".to_owned(), false)]);
    }

    #[test]
    fn is_dropped_and_noted_where_the_policy_is_drop() {
        with(WithoutAccess::Drop, &both(), |decisions| {
            assert_eq!(told(decisions), ["alert:bob"]);
            let dropped: Vec<_> = decisions
                .notes
                .dropped
                .iter()
                .map(|user| &user.username)
                .collect();
            assert_eq!(dropped, ["ann"]);
        });
    }

    #[test]
    fn does_not_exist_for_an_event_about_nothing() {
        let seen = with(
            WithoutAccess::Redact,
            &What::happened("user_mentioned").to(&["ann"]),
            redacted,
        );
        assert_eq!(seen, [("ann".to_owned(), false)]);
    }

    #[test]
    fn is_judged_by_the_event_s_product_type_when_the_product_is_unknown() {
        let what = What::happened("user_mentioned").on_product(99).to(&["bob"]);
        assert_eq!(
            with(WithoutAccess::Redact, &what, redacted),
            [("bob".to_owned(), true)]
        );
    }

    #[test]
    fn is_configured_by_one_of_three_words() {
        assert_eq!("drop".parse(), Ok(WithoutAccess::Drop));
        assert_eq!("full".parse(), Ok(WithoutAccess::Full));
        assert_eq!("redact".parse(), Ok(WithoutAccess::Redact));
        let error = "Redact".parse::<WithoutAccess>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"Redact\" is not allowed here; use redact, full or drop"
        );
    }
}

mod the_facts_of_an_event {
    use super::*;

    fn event(data: &serde_json::Value) -> Event {
        let envelope = json!({"specversion": "1.0", "id": "1", "source": "t", "type": "com.defectdojo.jira_update", "data": data});
        Event::parse(envelope.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn are_read_from_its_data() {
        let event = event(&json!({
            "title": "", "product": {"id": 4}, "product_type": {"id": 5}, "obj": {"type": "product", "id": 6},
            "recipients": ["ann", 3, null], "no_users": true, "alert_only": true,
        }));
        let facts = Facts::from(&event);
        assert_eq!(facts.name, &EventName::new("jira_update"));
        assert_eq!((facts.product, facts.product_type), (Some(4), Some(5)));
        assert_eq!(facts.recipients.map(<[_]>::len), Some(3));
        assert!(facts.no_users && facts.alert_only);
    }

    #[test]
    fn know_the_worst_severity_that_the_event_brings_news_of() {
        let severity = |data| Facts::from(&event(&data)).severity;
        let finding = |severity| json!({"id": 1, "severity": severity});
        let scan = json!({"title": "", "findings": {
            "new": [finding("Low"), finding("High")], "mitigated": [finding("Medium")],
            "untouched": [finding("Critical")], "new_duplicate": [finding("Critical")],
        }});
        assert_eq!(severity(scan), Some(Severity::High));
        let list = json!({"title": "", "findings": [finding("Info"), finding("unheard of")]});
        assert_eq!(severity(list), Some(Severity::Info));
        let accepted = json!({"title": "", "accepted_findings": [finding("Critical")]});
        assert_eq!(severity(accepted), Some(Severity::Critical));
        let one = json!({"title": "", "finding": finding("Medium")});
        assert_eq!(severity(one), Some(Severity::Medium));
        let known = json!({"title": "", "findings": {"untouched": [finding("High")]}});
        assert_eq!(severity(known), None);
    }

    #[test]
    fn take_an_object_for_the_product_only_if_it_is_one() {
        let product = event(&json!({"title": "", "obj": {"type": "product", "id": 6}}));
        assert_eq!(Facts::from(&product).product, Some(6));
        let finding = event(&json!({"title": "", "obj": {"type": "finding", "id": 6}}));
        assert_eq!(Facts::from(&finding).product, None);
        assert_eq!(Facts::from(&finding).recipients, None);
    }
}

mod destinations {
    use super::*;
    use proto_events::Channel::{Mail, Webhooks};
    use proto_events::directory::Destination;

    #[test]
    fn are_found_by_owner_and_channel_in_order_of_id() {
        let mut world = ann();
        let mut add = |id, channel, user| {
            world.0.destinations.push(Destination {
                id,
                channel,
                user,
                switched_off: id == 2,
            });
        };
        add(4, Webhooks, Some(1));
        add(3, Mail, Some(1));
        add(2, Webhooks, Some(1));
        add(1, Mail, None);
        let directory = world.directory();
        let ids = |user, channel| {
            directory
                .destinations(user, channel)
                .map(|at| at.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(Some(1), Webhooks), [2, 4]);
        assert_eq!(ids(Some(1), Mail), [3]);
        assert_eq!(ids(None, Mail), [1]);
        assert!(ids(Some(9), Mail).is_empty());
    }
}
