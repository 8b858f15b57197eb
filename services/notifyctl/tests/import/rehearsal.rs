//! `--dry-run`.

use serde_json::json;

use crate::play::Play;

const EVERYTHING: &str = "SELECT format('%s %s %s', (SELECT count(*) FROM users),
    (SELECT count(*) FROM directory_objects), (SELECT count(*) FROM import_progress))";

#[tokio::test]
async fn it_says_what_is_new_and_writes_nothing() {
    let mut play = Play::begin().await;
    play.options.rules = true;
    let said = play.rehearse().await;
    assert!(
        said.contains("\n+ user: ingrid.holm, tomasz_w, mei-lin and 8 more\n"),
        "{said}"
    );
    let types = "\n+ product_type: Port Systems, 客户 Portals & Apps, <b>Legacy</b> \"Tools\"\n";
    assert!(said.contains(types), "{said}");
    assert!(said.contains("Rules: 17 would be taken over.\n"), "{said}");
    assert_eq!(play.texts(EVERYTHING).await, ["0 0 0"]);
}

#[tokio::test]
async fn it_says_what_is_changed_and_gone() {
    let mut play = Play::begin().await;
    play.import().await;
    assert!(!play.rehearse().await.contains("\n~ "), "all is the same");
    play.dojo.remove("findings", 1);
    play.dojo
        .change("users", |all| all[1]["email"] = json!("new@example.org"));
    play.dojo.change("products", |all| {
        all[1]["authorized_users"] = json!([10, 5, 9]);
    });
    let before = play
        .texts("SELECT to_jsonb(it)::text FROM directory_objects AS it ORDER BY kind, key")
        .await;
    let said = play.rehearse().await;
    let differences: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with(['+', '~', '-']))
        .collect();
    assert_eq!(
        differences,
        [
            "~ user: tomasz_w",
            "+ membership: user 9 of product 1",
            "- membership: user 2 of product 1",
            "- finding: SQL Injection in Crane \"Log\" Search",
        ]
    );
    assert_eq!(play.rehearse().await, said, "it is the same every time");
    let after = play
        .texts("SELECT to_jsonb(it)::text FROM directory_objects AS it ORDER BY kind, key")
        .await;
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_slack_id_that_was_found_out_here_is_no_difference() {
    let mut play = Play::begin().await;
    play.import().await;
    play.sql("UPDATE users SET slack_user_id = 'UFOUND' WHERE id = 6")
        .await;
    assert!(!play.rehearse().await.contains("~ user"));
}
