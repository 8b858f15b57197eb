//! Webhook endpoints on pages.

mod changing;
mod finding;
mod rotating;

use store::NewWebhook;

use crate::desk::Desk;

async fn stored(desk: &Desk, name: &str, owner: Option<i64>) -> i64 {
    let webhook = NewWebhook {
        name: name.to_owned(),
        url: "https://siem.hafen.example/in".to_owned(),
        header_name: None,
        header_value: None,
        owner,
    };
    desk.store().add_webhook(&webhook).await.unwrap().unwrap()
}
