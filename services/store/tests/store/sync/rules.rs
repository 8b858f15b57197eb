//! A new user's rule comes with the user, exactly once.

use proto_events::Column;
use proto_events::directory::{Rule, RuleChannels, RuleScope};
use serde_json::json;
use store::{Fate, NewRule, Store};

use super::{applied, at, user};
use crate::support::scratch;

async fn personal(store: &Store) -> Vec<Rule> {
    let rules = store.load_directory().await.unwrap().rules;
    let personal = |rule: &Rule| matches!(rule.scope, RuleScope::Personal { .. });
    rules.into_iter().filter(personal).collect()
}

async fn put(store: &Store, scope: RuleScope, channels: RuleChannels) {
    store
        .put_rules(&[NewRule { scope, channels }])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_user_gets_the_templates_rule_or_else_the_defaults() {
    let scratch = scratch().await;
    let store = scratch.store();
    applied(store, &[at(0, "upsert", "user", &user(1, "mei"))]).await;
    put(store, RuleScope::Template, RuleChannels::NONE).await;
    applied(store, &[at(0, "upsert", "user", &user(2, "tomasz"))]).await;
    let rules = personal(store).await;
    assert_eq!(rules[0].channels, RuleChannels::default());
    assert_eq!(rules[1].channels, RuleChannels::NONE);
    assert_eq!(rules.len(), 2);
}

#[tokio::test]
async fn a_user_who_changes_or_is_deleted_and_made_again_keeps_the_rule_there_was() {
    let scratch = scratch().await;
    let store = scratch.store();
    applied(store, &[at(0, "upsert", "user", &user(1, "mei"))]).await;
    let mut chosen = RuleChannels::default();
    chosen.set(Column::Other, proto_events::ChannelSet::EMPTY);
    put(store, RuleScope::Personal { user: 1 }, chosen).await;
    put(store, RuleScope::Template, RuleChannels::NONE).await;
    applied(store, &[at(1, "upsert", "user", &user(1, "mei-lin"))]).await;
    applied(store, &[at(2, "delete", "user", &json!({"id": 1}))]).await;
    applied(store, &[at(3, "upsert", "user", &user(1, "mei-lin"))]).await;
    let rules = personal(store).await;
    assert_eq!(rules.len(), 1);
    assert_eq!(rules[0].channels, chosen);
}

#[tokio::test]
async fn a_user_who_comes_from_many_sides_at_once_gets_one_rule() {
    let scratch = scratch().await;
    let store = scratch.store();
    let mut writers = Vec::new();
    for second in 0..12 {
        let store = store.clone();
        let change = at(second, "upsert", "user", &user(1, "mei"));
        writers.push(tokio::spawn(
            async move { store.apply_changes(&[change]).await },
        ));
    }
    for writer in writers {
        let fates = writer.await.unwrap().unwrap();
        assert!(
            matches!(fates[0], Fate::Applied | Fate::Superseded),
            "{fates:?}"
        );
    }
    assert_eq!(personal(store).await.len(), 1);
}
