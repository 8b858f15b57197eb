//! Looking at letters.

use std::collections::HashMap;

use notifyctl::stage::World;
use serde_json::Value;
use store::Kind;

use super::{file, file_ten, unreadable, world};
use crate::dead_letters::{dead_job, dead_letters, letters, refused, said};
use crate::operator::words;

/// The objects that a list prints.
async fn listed(world: &World, filters: &[&str]) -> Vec<Value> {
    let arguments = [&["list", "--json"], filters].concat();
    let output = dead_letters(world, &arguments).output().await.unwrap();
    assert!(output.status.success(), "{}", words(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn a_list_shows_what_agrees_with_its_filters_to_people_and_to_programs() {
    let world = world().await;
    file(&world, &[dead_job("e1")]).await;
    file(&world, &[dead_job("e2")]).await;
    let since = chrono::Utc::now().to_rfc3339();
    file(&world, &[unreadable(b"hello")]).await;
    let job = letters(world.store(), Kind::Any).await[0]
        .job
        .unwrap()
        .to_string();
    for (filters, count) in [
        (vec![], 3),
        (vec!["--service", "webhook-sender"], 2),
        (vec!["--reason", "unreadable"], 1),
        (vec!["--event", "e1"], 1),
        (vec!["--job", &job], 1),
        (vec!["--since", "1h"], 3),
        (vec!["--until", "1h"], 0),
        (vec!["--since", &since], 1),
        (vec!["--until", &since, "--event", "e2"], 1),
        (vec!["--limit", "2"], 2),
        (vec!["--resolved"], 0),
        (vec!["--all"], 3),
    ] {
        assert_eq!(listed(&world, &filters).await.len(), count, "{filters:?}");
    }
    let newest = &listed(&world, &[]).await[0];
    assert_eq!(newest["reason"], "unreadable");
    assert_eq!(
        (&newest["body_bytes"], &newest["arrived"]),
        (&5.into(), &false.into())
    );
    assert!(newest.get("body").is_none());
    let id = newest["id"].as_str().unwrap();
    let table = said(&world, &["list", "--limit", "1"]).await;
    assert!(
        table.contains(&id[..8]) && table.contains("1 of 3 letters shown"),
        "{table}"
    );
    assert!(!table.contains('\u{1b}'), "{table}");
    let summary = said(&world, &["list", "--summary"]).await;
    for line in ["event-router", "unreadable", "endpoint_gone", "3 letters."] {
        assert!(summary.contains(line), "no {line} in {summary}");
    }
    world.close().await.unwrap();
}

#[tokio::test]
async fn a_letter_is_shown_by_the_beginning_of_its_id_with_its_body_byte_for_byte() {
    let world = world().await;
    let body = b"{\"a\":\xff\x00\n";
    file(&world, &[unreadable(body)]).await;
    let id = letters(world.store(), Kind::Any).await[0].id.to_string();
    let shown = said(&world, &["show", &id[..10]]).await;
    for words in [
        id.as_str(),
        "event-router",
        "not UTF-8",
        r#"{\"a\":\xff\x00\n"#,
        "\"attempt\": 1",
    ] {
        assert!(shown.contains(words), "no {words} in {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "{shown}");
    let output = dead_letters(&world, &["show", &id, "--body"])
        .output()
        .await
        .unwrap();
    assert_eq!(output.stdout, body);
    file_ten(&world).await;
    let ids: Vec<String> = letters(world.store(), Kind::Any)
        .await
        .iter()
        .map(|letter| letter.id.to_string())
        .collect();
    let mut by_digit: HashMap<&str, Vec<&str>> = HashMap::new();
    for id in &ids {
        by_digit.entry(&id[..1]).or_default().push(id);
    }
    for (digit, ids) in by_digit {
        match ids.as_slice() {
            [id] => assert!(said(&world, &["show", digit]).await.contains(id)),
            several => {
                let told = refused(&world, &["show", digit], 1).await;
                assert!(several.iter().all(|id| told.contains(id)), "{told}");
            }
        }
    }
    world.close().await.unwrap();
}
