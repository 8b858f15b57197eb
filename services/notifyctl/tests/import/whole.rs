//! A whole import.

use proto_events::directory::{GroupMember, Member, Membership, Role, Securable, User};
use proto_events::{DirectoryChange, Kind};
use serde_json::json;

use crate::play::Play;

fn membership(member: Member, of: Securable, role: Option<Role>) -> Membership {
    Membership { member, of, role }
}

#[tokio::test]
async fn users_come_with_their_contact_info() {
    let play = Play::begin().await;
    play.import().await;
    let users = play.directory().await.users;
    assert_eq!(users.len(), 11);
    let user = |id| users.iter().find(|user| user.id == id).unwrap();
    let expected = User {
        id: 3,
        username: "mei-lin".to_owned(),
        first_name: "美玲".to_owned(),
        last_name: "陳".to_owned(),
        email: "mei-lin@hafenwerk.example".to_owned(),
        active: true,
        superuser: false,
        global_role: None,
        slack_email: Some("meilin@hafenwerk.example".to_owned()),
        slack_user_id: Some("UMEILIN".to_owned()),
    };
    assert_eq!(*user(3), expected);
    assert!(user(1).superuser && user(6).superuser && !user(6).active);
    assert_eq!(user(11).slack_email, None, "JIRA has no contact info");
}

#[tokio::test]
async fn authorized_users_are_memberships_where_there_are_no_member_lists() {
    let play = Play::begin().await;
    play.import().await;
    let directory = play.directory().await;
    assert_eq!(directory.product_types.len(), 3);
    assert_eq!(directory.products.len(), 7);
    assert_eq!(directory.memberships.len(), 5 + 10);
    for (user, of) in [(8, Securable::ProductType(3)), (10, Securable::Product(1))] {
        let expected = membership(Member::User(user), of, None);
        assert!(directory.memberships.contains(&expected), "{expected:?}");
    }
    let product = directory.products.iter().find(|it| it.id == 1).unwrap();
    assert_eq!(product.tags, ["crane-hoist", "pci"]);
}

#[tokio::test]
async fn what_the_scheduler_reads_comes_along() {
    let play = Play::begin().await;
    let report = play.import().await;
    for (kind, count) in [(Kind::Engagement, 11), (Kind::Test, 9), (Kind::Finding, 49)] {
        assert_eq!(report.tallies[&kind].written, count, "{kind}");
    }
    let finding = play
        .texts("SELECT to_jsonb(it)::text FROM live_findings AS it WHERE id = 1")
        .await;
    let finding: serde_json::Value = serde_json::from_str(&finding[0]).unwrap();
    assert_eq!(finding["title"], "SQL Injection in Crane \"Log\" Search");
    assert_eq!(finding["sla_expiration_date"], "2026-11-20");
    assert_eq!(finding["product"], 1);
    let acceptances =
        "SELECT format('%s: %s of %s accepts %s', id, engagement, product, accepted_findings)
                       FROM live_risk_acceptances ORDER BY id";
    assert_eq!(
        play.texts(acceptances).await,
        [
            "1: 1 of 1 accepts {4,6}",
            "2: 8 of 2 accepts {12}",
            "3: 1 of 1 accepts {5,9}",
            "4: 1 of 1 accepts {7}",
            "5: 1 of 1 accepts {10}"
        ]
    );
    let untitled = "SELECT title FROM tests WHERE id = 3";
    assert_eq!(play.texts(untitled).await, ["Generic Findings Import"]);
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let play = Play::begin().await;
    play.import().await;
    let requests = play.dojo.take_requests();
    let findings: Vec<_> = requests
        .iter()
        .filter(|it| it.starts_with("findings/"))
        .collect();
    let expected = [0, 10, 20, 30, 40].map(|offset| format!("findings/?limit=10&offset={offset}"));
    assert_eq!(findings, expected.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn where_the_version_has_roles_members_and_groups_are_read_from_their_lists() {
    let play = Play::begin().await;
    let lists = [
        (
            "roles",
            json!([{"id": 4, "name": "Owner"}, {"id": 5, "name": "Reader"}]),
        ),
        (
            "global_roles",
            json!([
            {"id": 1, "user": 4, "group": null, "role": 5},
            {"id": 2, "user": null, "group": 1, "role": 4},
            {"id": 3, "user": 5, "group": null, "role": null}]),
        ),
        (
            "dojo_groups",
            json!([{"id": 1, "name": "Crane team", "users": [2]}, {"id": 2, "name": "Gate team"}]),
        ),
        (
            "dojo_group_members",
            json!([{"id": 1, "group": 1, "user": 2, "role": 4}]),
        ),
        (
            "product_type_members",
            json!([{"id": 1, "product_type": 1, "user": 2, "role": 4}]),
        ),
        ("product_type_groups", json!([])),
        (
            "product_members",
            json!([{"id": 1, "product": 2, "user": 3, "role": 5}]),
        ),
        (
            "product_groups",
            json!([{"id": 1, "product": 1, "group": 2, "role": 5}]),
        ),
    ];
    for (list, objects) in lists {
        play.dojo
            .change(list, |all| all.clone_from(objects.as_array().unwrap()));
    }
    play.import().await;
    let directory = play.directory().await;
    let mut memberships = directory.memberships.clone();
    memberships.sort_by_key(|it| format!("{it:?}"));
    assert_eq!(
        memberships,
        [
            membership(Member::Group(2), Securable::Product(1), Some(Role::Reader)),
            membership(
                Member::User(2),
                Securable::ProductType(1),
                Some(Role::Owner)
            ),
            membership(Member::User(3), Securable::Product(2), Some(Role::Reader)),
        ]
    );
    assert_eq!(directory.group_members, [GroupMember { group: 1, user: 2 }]);
    let group = directory.groups.iter().find(|it| it.id == 1).unwrap();
    assert_eq!(group.global_role, Some(Role::Owner));
    let roles: Vec<_> = [4, 5]
        .map(|id| {
            directory
                .users
                .iter()
                .find(|it| it.id == id)
                .unwrap()
                .global_role
        })
        .into();
    assert_eq!(roles, [Some(Role::Reader), None]);
}

#[tokio::test]
async fn importing_again_wakes_nobody() {
    let play = Play::begin().await;
    play.import().await;
    let before = play.store().directory_version().await.unwrap();
    play.import().await;
    assert_eq!(play.store().directory_version().await.unwrap(), before);
}

#[tokio::test]
async fn a_change_that_is_newer_than_what_was_read_stands() {
    let play = Play::begin().await;
    let at = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let change = json!({"kind": "product_type", "action": "upsert", "at": at,
                        "object": {"id": 1, "name": "Renamed meanwhile"}});
    let change = DirectoryChange::parse(change.to_string().as_bytes(), at).unwrap();
    play.store().apply_changes(&[change]).await.unwrap();
    let report = play.import().await;
    assert_eq!(report.tallies[&Kind::ProductType].newer_here, 1);
    let directory = play.directory().await;
    let mut names = directory.product_types.iter().map(|it| it.name.as_str());
    assert!(names.any(|name| name == "Renamed meanwhile"));
}

#[tokio::test]
async fn what_cannot_be_written_is_named_and_keeps_nothing_else_back() {
    let play = Play::begin().await;
    play.dojo
        .change("findings", |all| all[0]["severity"] = json!("Terrible"));
    play.dojo.change("product_types", |all| {
        all[0]["authorized_users"] = json!([2, 99]);
    });
    let report = notifyctl::import::import(&play.options, play.store())
        .await
        .unwrap();
    assert_eq!(report.tallies[&Kind::Finding].written, 48);
    assert_eq!(report.problems.len(), 2);
    let said = report.to_string();
    assert!(
        said.contains("findings 1: unknown variant `Terrible`"),
        "{said}"
    );
    assert!(
        said.contains("membership user 99 of product_type 3: user 99 is not known"),
        "{said}"
    );
}
