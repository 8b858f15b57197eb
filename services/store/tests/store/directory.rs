use proto_events::directory::{
    Group, GroupMember, Member, Membership, Product, ProductType, Role, RuleChannels, RuleScope,
    Securable, Settings, User,
};
use serde_json::json;
use store::StoreError;

use crate::support::{mailed, put_one_product, refused_by, scratch, settings, sql, user};
use crate::sync::{applied, at};

#[tokio::test]
async fn what_is_put_is_what_is_loaded() {
    let scratch = scratch().await;
    let store = scratch.store();
    let alice = User {
        first_name: "Alice".to_owned(),
        last_name: "Žižková".to_owned(),
        email: "alice@example.com".to_owned(),
        superuser: true,
        global_role: Some(Role::ApiImporter),
        slack_email: Some("alice@slack.example".to_owned()),
        slack_user_id: Some("U1".to_owned()),
        ..user(1, "alice")
    };
    let bob = User {
        active: false,
        ..user(2, "bob")
    };
    let group = Group {
        id: 5,
        name: "Auditors".to_owned(),
        global_role: Some(Role::Reader),
    };
    let memberships = [
        Membership {
            member: Member::Group(5),
            of: Securable::ProductType(1),
            role: None,
        },
        Membership {
            member: Member::User(1),
            of: Securable::Product(10),
            role: Some(Role::Owner),
        },
    ];
    store
        .put_users(&[alice.clone(), bob.clone()])
        .await
        .unwrap();
    put_one_product(store).await;
    store
        .put_groups(std::slice::from_ref(&group))
        .await
        .unwrap();
    store
        .put_group_members(&[GroupMember { group: 5, user: 2 }])
        .await
        .unwrap();
    store.put_memberships(&memberships).await.unwrap();
    store.put_settings(&settings()).await.unwrap();

    let directory = store.load_directory().await.unwrap();
    assert_eq!(directory.users, [alice, bob]);
    assert_eq!(
        directory.product_types,
        [ProductType {
            id: 1,
            name: "Web".to_owned()
        }]
    );
    assert_eq!(directory.products[0].tags, ["pci"]);
    assert_eq!(directory.groups, [group]);
    let links = directory.group_members.iter().map(|link| link.row);
    assert!(links.eq([GroupMember { group: 5, user: 2 }]));
    let found = directory
        .memberships
        .iter()
        .map(|membership| membership.row);
    assert!(found.eq(memberships));
    assert_eq!(directory.settings, settings());
}

#[tokio::test]
async fn a_fresh_database_has_defectdojos_default_settings() {
    let scratch = scratch().await;
    assert_eq!(
        scratch.store().load_directory().await.unwrap().settings,
        Settings::default()
    );
}

#[tokio::test]
async fn of_two_rows_with_one_id_the_last_counts_and_a_later_put_updates() {
    let scratch = scratch().await;
    let store = scratch.store();
    store
        .put_users(&[user(1, "old"), user(1, "new")])
        .await
        .unwrap();
    assert_eq!(
        store.load_directory().await.unwrap().users[0].username,
        "new"
    );
    let member = Member::User(1);
    put_one_product(store).await;
    for role in [Some(Role::Reader), None] {
        let membership = Membership {
            member,
            of: Securable::Product(10),
            role,
        };
        store.put_memberships(&[membership]).await.unwrap();
        let found = store.load_directory().await.unwrap().memberships;
        assert!(found.iter().map(|found| found.row).eq([membership]));
    }
}

#[tokio::test]
async fn the_deleted_are_known_as_such_and_come_back_when_put() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[user(1, "alice")]).await.unwrap();
    put_one_product(store).await;
    store.delete_users(&[1]).await.unwrap();
    let gone = [("product", 10), ("product_type", 1)];
    applied(
        store,
        &gone.map(|(kind, id)| at(0, "delete", kind, &json!({ "id": id }))),
    )
    .await;
    let directory = store.load_directory().await.unwrap();
    assert!(
        directory.users.is_empty()
            && directory.products.is_empty()
            && directory.product_types.is_empty()
    );
    assert_eq!(
        (directory.deleted_products, directory.deleted_product_types),
        (vec![10], vec![1])
    );

    put_one_product(store).await;
    let directory = store.load_directory().await.unwrap();
    assert_eq!(
        (directory.products.len(), directory.deleted_products.len()),
        (1, 0)
    );
}

#[tokio::test]
async fn usernames_are_unique_among_the_living_and_may_be_swapped_at_once() {
    let scratch = scratch().await;
    let store = scratch.store();
    store
        .put_users(&[user(1, "alice"), user(2, "bob")])
        .await
        .unwrap();
    store
        .put_users(&[user(1, "bob"), user(2, "alice")])
        .await
        .unwrap();
    let error = store.put_users(&[user(3, "bob")]).await.unwrap_err();
    assert!(
        error.to_string().contains("users_username_unique") && !error.is_temporary(),
        "{error}"
    );
    store.delete_users(&[1]).await.unwrap();
    store.put_users(&[user(3, "bob")]).await.unwrap();
}

#[tokio::test]
async fn a_product_of_an_unknown_type_is_refused() {
    let scratch = scratch().await;
    let product = Product {
        id: 1,
        product_type: 99,
        ..Product::default()
    };
    let error = scratch.store().put_products(&[product]).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Query(_))
            && error.to_string().contains("products_product_type_fkey"),
        "{error}"
    );
}

#[tokio::test]
async fn a_membership_is_of_one_member_in_one_object_once() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[user(1, "alice")]).await.unwrap();
    store
        .put_groups(&[Group {
            id: 5,
            ..Group::default()
        }])
        .await
        .unwrap();
    put_one_product(store).await;
    for (statement, constraint) in [
        (
            "INSERT INTO memberships (user_id, group_id, product_id) VALUES (1, 5, 10)",
            "memberships_one_member",
        ),
        (
            "INSERT INTO memberships (product_id) VALUES (10)",
            "memberships_one_member",
        ),
        (
            "INSERT INTO memberships (user_id, product_id, product_type_id) VALUES (1, 10, 1)",
            "memberships_one_object",
        ),
        (
            "INSERT INTO memberships (user_id) VALUES (1)",
            "memberships_one_object",
        ),
        (
            "INSERT INTO memberships (user_id, product_id) VALUES (1, 10), (1, 10)",
            "memberships_unique",
        ),
        (
            "INSERT INTO memberships (user_id, product_id, role) VALUES (1, 10, 'King')",
            "memberships_role_check",
        ),
        (
            "UPDATE system_settings SET id = 2",
            "system_settings_id_check",
        ),
        (
            "UPDATE system_settings SET team_name = repeat('x', 101)",
            "system_settings_team_name_check",
        ),
    ] {
        assert_eq!(
            refused_by(&scratch, statement).await,
            constraint,
            "{statement}"
        );
    }
}

#[tokio::test]
async fn a_nul_in_a_name_is_shown_and_not_refused() {
    let scratch = scratch().await;
    scratch
        .store()
        .put_users(&[user(1, "al\0ice")])
        .await
        .unwrap();
    assert_eq!(
        scratch.store().load_directory().await.unwrap().users[0].username,
        "al␀ice"
    );
}

#[tokio::test]
async fn words_of_a_newer_release_are_passed_over_and_open_nothing() {
    let scratch = scratch().await;
    let store = scratch.store();
    store
        .put_users(&[mailed(1, "alice"), user(2, "bob")])
        .await
        .unwrap();
    put_one_product(store).await;
    let membership = |id| Membership {
        member: Member::User(id),
        of: Securable::Product(10),
        role: Some(Role::Reader),
    };
    store
        .put_memberships(&[membership(1), membership(2)])
        .await
        .unwrap();
    for statement in [
        "ALTER TABLE destinations DROP CONSTRAINT destinations_channel_check",
        "INSERT INTO destinations (channel) VALUES ('pigeon')",
        "ALTER TABLE rules DROP CONSTRAINT rules_scope_check, DROP CONSTRAINT rules_user_by_scope",
        "UPDATE rules SET scope = 'galactic' WHERE user_id = 2",
        "UPDATE rules SET channels = '{\"other\": \"mail\"}' WHERE user_id = 1",
        "ALTER TABLE memberships DROP CONSTRAINT memberships_role_check",
        "UPDATE memberships SET role = 'Guest' WHERE user_id = 2",
        "ALTER TABLE users DROP CONSTRAINT users_global_role_check",
        "UPDATE users SET global_role = 'Guest' WHERE id = 2",
    ] {
        sql(&scratch, statement).await.unwrap();
    }
    let directory = store.load_directory().await.unwrap();
    assert_eq!(directory.users[1].global_role, None);
    assert!(
        directory
            .memberships
            .iter()
            .map(|found| found.row)
            .eq([membership(1)])
    );
    let rules = directory
        .rules
        .iter()
        .map(|rule| (rule.scope, rule.channels));
    assert!(
        rules.eq([
            (RuleScope::System, RuleChannels::default()),
            (RuleScope::Personal { user: 1 }, RuleChannels::NONE)
        ]),
        "{:?}",
        directory.rules
    );
    assert_eq!(directory.destinations.len(), 1, "alice's mail");
}
