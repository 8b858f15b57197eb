use proto_events::directory::{Group, Limits, RuleChannels, RuleScope};
use proto_events::{Channel, ChannelSet, Column, Severity};
use store::{NewRule, News, Store};

use crate::support::{put_alice_and_bob, put_one_product, refused_by, scratch, sql, user};

/// All defaults, but mail for new scans.
fn mail_for_scans() -> RuleChannels {
    let mut channels = RuleChannels::default();
    channels.set(Column::ScanAdded, ChannelSet::ALERT.with(Channel::Mail));
    channels
}

async fn rule(store: &Store, scope: RuleScope) -> Option<RuleChannels> {
    let directory = store.load_directory().await.unwrap();
    directory
        .rules
        .iter()
        .find(|rule| rule.scope == scope)
        .map(|rule| rule.channels)
}

#[tokio::test]
async fn a_fresh_database_has_the_system_rule_with_defaults() {
    let scratch = scratch().await;
    assert_eq!(
        rule(scratch.store(), RuleScope::System).await,
        Some(RuleChannels::default())
    );
}

#[tokio::test]
async fn a_new_user_gets_defaults_or_the_template_and_exactly_once() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[user(1, "early")]).await.unwrap();
    store
        .put_rules(&[NewRule {
            scope: RuleScope::Template,
            channels: mail_for_scans(),
        }])
        .await
        .unwrap();
    store
        .put_users(&[user(1, "early"), user(2, "late")])
        .await
        .unwrap();
    assert_eq!(
        rule(store, RuleScope::Personal { user: 1 }).await,
        Some(RuleChannels::default())
    );
    assert_eq!(
        rule(store, RuleScope::Personal { user: 2 }).await,
        Some(mail_for_scans())
    );

    sql(&scratch, "DELETE FROM rules WHERE user_id = 2")
        .await
        .unwrap();
    store.put_users(&[user(2, "late")]).await.unwrap();
    assert_eq!(rule(store, RuleScope::Personal { user: 2 }).await, None);
}

async fn put_group(store: &Store) {
    let group = Group {
        id: 5,
        name: "appsec".to_owned(),
        global_role: None,
    };
    store.put_groups(&[group]).await.unwrap();
}

#[tokio::test]
async fn limits_read_back_and_outlive_what_defectdojo_writes() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[user(1, "alice")]).await.unwrap();
    put_one_product(store).await;
    put_group(store).await;
    let of_product = RuleScope::Product {
        user: 1,
        product: 10,
    };
    for (scope, muted, minimum_severity) in [
        (of_product, true, Some(Severity::Low)),
        (RuleScope::Personal { user: 1 }, false, Some(Severity::High)),
        (
            RuleScope::Group { group: 5 },
            false,
            Some(Severity::Critical),
        ),
    ] {
        let limits = Limits {
            muted,
            minimum_severity,
        };
        let channels = RuleChannels::NONE;
        let id = store.put_rule(&NewRule { scope, channels }, limits).await;
        let id = id.unwrap();
        let channels = mail_for_scans();
        store
            .put_rules(&[NewRule { scope, channels }])
            .await
            .unwrap();
        let rules = store.load_directory().await.unwrap().rules;
        let rule = rules.iter().find(|rule| rule.id == id).unwrap();
        assert_eq!(
            (rule.scope, rule.channels, rule.limits),
            (scope, channels, limits)
        );
        assert!(store.remove_rule(id).await.unwrap());
        assert!(!store.remove_rule(id).await.unwrap());
        assert_eq!(self::rule(store, scope).await, None);
    }
}

#[tokio::test]
async fn a_group_that_is_deleted_takes_its_rule_with_it() {
    let scratch = scratch().await;
    let store = scratch.store();
    put_group(store).await;
    let scope = RuleScope::Group { group: 5 };
    let channels = mail_for_scans();
    let mut reader = store.directory_reader();
    store
        .put_rules(&[NewRule { scope, channels }])
        .await
        .unwrap();
    let (before, moment) = reader.load().await.unwrap();
    let id = before.rules.iter().find(|rule| rule.scope == scope);
    let id = id.unwrap().id;
    sql(&scratch, "DELETE FROM groups").await.unwrap();
    let (News::Delta(delta), _) = reader.news(&moment).await.unwrap() else {
        panic!("it is not told")
    };
    assert_eq!(delta.touched.rules, [id]);
    assert!(delta.now.rules.is_empty());
}

#[tokio::test]
async fn a_rule_of_every_scope_reads_back_and_is_replaced_by_its_scope() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[user(1, "alice")]).await.unwrap();
    put_one_product(store).await;
    let scopes = [
        RuleScope::System,
        RuleScope::Template,
        RuleScope::Personal { user: 1 },
        RuleScope::Product {
            user: 1,
            product: 10,
        },
        RuleScope::ProductType {
            user: 1,
            product_type: 1,
        },
        RuleScope::Group { group: 5 },
    ];
    put_group(store).await;
    for channels in [mail_for_scans(), RuleChannels::NONE] {
        store
            .put_rules(&scopes.map(|scope| NewRule { scope, channels }))
            .await
            .unwrap();
        for scope in scopes {
            assert_eq!(rule(store, scope).await, Some(channels), "{scope:?}");
        }
    }
    assert_eq!(
        store.load_directory().await.unwrap().rules.len(),
        scopes.len()
    );
}

#[tokio::test]
async fn names_of_a_newer_release_are_passed_over_and_the_rest_of_the_rule_holds() {
    let scratch = scratch().await;
    sql(
        &scratch,
        r#"UPDATE rules SET channels = '{"scan_added": ["mail", "pigeon", "alert"], "moon_phase": ["mail"]}'"#,
    )
    .await
    .unwrap();
    assert_eq!(
        rule(scratch.store(), RuleScope::System).await,
        Some(mail_for_scans())
    );
}

#[tokio::test]
async fn a_scope_has_one_rule_and_the_parties_that_belong_to_it() {
    let scratch = scratch().await;
    scratch
        .store()
        .put_users(&[user(1, "alice")])
        .await
        .unwrap();
    put_one_product(scratch.store()).await;
    for (statement, constraint) in [
        (
            "INSERT INTO rules (scope, channels) VALUES ('system', '{}')",
            "rules_unique",
        ),
        (
            "INSERT INTO rules (scope, channels) VALUES ('template', '{}'), ('template', '{}')",
            "rules_unique",
        ),
        (
            "INSERT INTO rules (scope, user_id, channels) VALUES ('personal', 1, '{}')",
            "rules_unique",
        ),
        (
            "INSERT INTO rules (scope, user_id, channels) VALUES ('template', 1, '{}')",
            "rules_user_by_scope",
        ),
        (
            "INSERT INTO rules (scope, user_id, channels) VALUES ('product', 1, '{}')",
            "rules_product_by_scope",
        ),
        (
            "INSERT INTO rules (scope, product_id, channels) VALUES ('template', 10, '{}')",
            "rules_product_by_scope",
        ),
        (
            "INSERT INTO rules (scope, channels) VALUES ('galactic', '{}')",
            "rules_scope_check",
        ),
        ("UPDATE rules SET channels = '[]'", "rules_channels_check"),
        (
            "INSERT INTO rules (scope, user_id, channels) VALUES ('product_type', 1, '{}')",
            "rules_product_type_by_scope",
        ),
        (
            "INSERT INTO rules (scope, channels) VALUES ('group', '{}')",
            "rules_group_by_scope",
        ),
        (
            "UPDATE rules SET muted = true WHERE scope = 'personal'",
            "rules_muted_by_scope",
        ),
        (
            "UPDATE rules SET minimum_severity = 'High' WHERE scope = 'system'",
            "rules_minimum_severity_by_scope",
        ),
        (
            "UPDATE rules SET minimum_severity = 'Bad' WHERE scope = 'personal'",
            "rules_minimum_severity_check",
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
async fn whoever_stops_mails_of_a_column_keeps_all_else_and_the_router_is_told() {
    let scratch = scratch().await;
    let store = scratch.store();
    put_alice_and_bob(store).await;
    put_one_product(store).await;
    let mut channels = mail_for_scans();
    channels.set(Column::SlaBreach, ChannelSet::ALERT.with(Channel::Mail));
    let own = [
        RuleScope::Personal { user: 1 },
        RuleScope::Product {
            user: 1,
            product: 10,
        },
        RuleScope::ProductType {
            user: 1,
            product_type: 1,
        },
    ];
    let bobs = RuleScope::Personal { user: 2 };
    for scope in own.into_iter().chain([bobs, RuleScope::System]) {
        store
            .put_rules(&[NewRule { scope, channels }])
            .await
            .unwrap();
    }
    let mut reader = store.directory_reader();
    let (_, moment) = reader.load().await.unwrap();
    let still = store
        .stop_mail(1, &[Column::ScanAdded])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (still.superuser, still.shared, still.system.as_slice()),
        (false, false, &[Column::ScanAdded][..])
    );
    let (News::Delta(delta), _) = reader.news(&moment).await.unwrap() else {
        panic!("it is not told")
    };
    for scope in own {
        let id = store.rule_of(scope).await.unwrap().unwrap().id;
        assert!(delta.touched.rules.contains(&id), "{scope:?}");
    }
    channels.set(Column::ScanAdded, ChannelSet::ALERT);
    for scope in own {
        assert_eq!(rule(store, scope).await, Some(channels), "{scope:?}");
    }
    for scope in [bobs, RuleScope::System] {
        let kept = rule(store, scope).await.unwrap().get(Column::ScanAdded);
        assert!(kept.contains(Channel::Mail), "{scope:?}");
    }
    // Once more changes nothing.
    store.stop_mail(1, &[Column::ScanAdded]).await.unwrap();
    assert_eq!(rule(store, own[0]).await, Some(channels));
    assert_eq!(
        store.stop_mail(99, &[Column::ScanAdded]).await.unwrap(),
        None
    );
}
