//! The document that describes the API.

use std::path::Path;

use serde_json::Value;

use crate::desk::{Desk, answer};

/// `api/openapi.json` is what the types say; `./dev contract` writes it anew.
#[test]
fn the_committed_document_is_what_the_types_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(
        committed == api::openapi::document(),
        "services/api/openapi.json is out of date: run ./dev contract"
    );
}

/// Every reference leads somewhere, and every operation has its own name.
#[test]
fn the_document_holds_together() {
    let document = api::openapi::document();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(
            document.pointer(pointer).is_some(),
            "{pointer} leads nowhere"
        );
    }
    let mut names: Vec<&str> = text
        .split("\"operationId\":\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_shows_it_runs_only_its_own_script() {
    let desk = Desk::empty().await;
    let served = answer(desk.request("GET", "/openapi.json")).await;
    assert_eq!(served.body, api::openapi::document());
    for file in ["../docs", "../docs.js", "../docs.css"] {
        let page = answer(desk.request("GET", &format!("/{file}"))).await;
        assert_eq!(page.status, 200, "{file}");
        let policy = &page.headers["content-security-policy"];
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{policy}"
        );
    }
}
