//! `notifyctl explain`, as a person runs it.

use std::io::Write as _;
use std::process::{Output, Stdio};

use notifyctl::stage::{Servers, World};
use proto_events::directory::RuleScope;
use proto_events::{Channel, Column};
use serde_json::Value;
use store::NewRule;
use system_tests::play::{everything, person};

use crate::operator::{notifyctl, words};

const EVENT: &str = r#"{"specversion":"1.0","id":"1","source":"s","type":"scan_added","data":{"title":"T","recipients":["mei"]}}"#;

/// Asks about the event on standard input.
fn explain(world: &World, arguments: &[&str]) -> Output {
    let mut child = notifyctl(&[&["explain", "-"][..], arguments].concat())
        .envs(world.environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(EVENT.as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

#[tokio::test]
async fn an_event_is_explained_by_what_the_database_holds_and_nothing_is_written() {
    chassis::start::install_tls_provider();
    let servers = Servers::from_environment().unwrap();
    let world = World::create("test", &servers, "1,2".parse().unwrap())
        .await
        .unwrap();
    let mut channels = everything([]);
    channels.set(Column::ScanAdded, [Channel::Alert].into_iter().collect());
    let scope = RuleScope::Personal { user: 2 };
    let store = world.store();
    store.put_users(&[person(2, "mei")]).await.unwrap();
    store
        .put_rules(&[NewRule { scope, channels }])
        .await
        .unwrap();
    let mut reader = store.directory_reader();
    let (_, before) = reader.load().await.unwrap();

    let text = explain(&world, &[]);
    assert!(text.status.success(), "{}", words(&text));
    let expected = "\
scan_added follows the column scan_added.

the system: the event names its recipients, so the system is left out

mei: named by the event
  alert     yes  personal rule has alert for scan_added
";
    assert!(words(&text).starts_with(expected), "{}", words(&text));
    assert_eq!(
        words(&text),
        words(&explain(&world, &[])),
        "it is the same again"
    );

    let object: Value = serde_json::from_slice(&explain(&world, &["--json"]).stdout).unwrap();
    assert_eq!(object["receivers"][1]["channels"][0]["told"], true);
    let nobody = explain(&world, &["--user", "eve"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(words(&nobody).contains("nobody is called \"eve\""));

    let (news, _) = reader.news(&before).await.unwrap();
    assert!(matches!(news, store::News::None), "{news:?}");
    world.close().await.unwrap();
}
