//! Events to measure with: a recorded scan of 1.1 KB under many ids, and messages that are none.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use super::organisation::{PRODUCTS, type_of};

const RECORDED: &str = include_str!("../../fixtures/events.jsonl");

/// The id of the recorded event that the measurements publish.
const TEMPLATE: &str = "5dbddf02-eee2-4e6c-b04c-26d4ed245a1e";

/// What the router takes at most (`DD_MESSAGE_SIZE_LIMIT`).
const SIZE_LIMIT: usize = 4 * 1024 * 1024;

/// Every tenth message is bad.
const BAD_SHARE: usize = 10;

/// How many of them are too large.
const TOO_LARGE: usize = 4;

/// Events of a name, each with an id of its own, about the products in turn.
///
/// # Errors
/// If the recorded event is not there.
pub fn events(name: &str, count: usize) -> Result<Vec<Vec<u8>>> {
    let products = (1..=PRODUCTS).cycle().take(count);
    let mut template = template(name)?;
    Ok(products
        .map(|product| about(&mut template, product))
        .collect())
}

/// Events of a name about one product.
///
/// # Errors
/// If the recorded event is not there.
pub fn events_about(name: &str, product: i64, count: usize) -> Result<Vec<Vec<u8>>> {
    let mut template = template(name)?;
    Ok((0..count).map(|_| about(&mut template, product)).collect())
}

/// As many good events, and among them one message in ten that is no event, of every kind.
/// Gives the messages and how many of them are bad.
///
/// # Errors
/// If the recorded event is not there.
pub fn with_bad_ones(name: &str, good: usize) -> Result<(Vec<Vec<u8>>, usize)> {
    let mut template = template(name)?;
    let bad = good / (BAD_SHARE - 1);
    let mut messages = Vec::with_capacity(good + bad);
    for (number, event) in events(name, good)?.into_iter().enumerate() {
        messages.push(event);
        if number % (BAD_SHARE - 1) == BAD_SHARE - 2 {
            template["id"] = json!(Uuid::new_v4().to_string());
            let nth = number / (BAD_SHARE - 1);
            messages.push(if nth.is_multiple_of(bad / TOO_LARGE) {
                too_large(&template)
            } else {
                unreadable(&template, nth)
            });
        }
    }
    let bad = messages.len() - good;
    Ok((messages, bad))
}

fn template(name: &str) -> Result<Value> {
    let line = RECORDED
        .lines()
        .find(|line| line.contains(TEMPLATE))
        .context("the recorded event is gone from the fixtures")?;
    let mut event: Value = serde_json::from_str(line)?;
    event["type"] = json!(format!("com.defectdojo.{name}"));
    Ok(event)
}

fn about(template: &mut Value, product: i64) -> Vec<u8> {
    template["id"] = json!(Uuid::new_v4().to_string());
    template["data"]["product"]["id"] = json!(product);
    template["data"]["product_type"]["id"] = json!(type_of(product));
    template.to_string().into_bytes()
}

/// A message that is no event: of every kind in turn.
fn unreadable(event: &Value, nth: usize) -> Vec<u8> {
    let mut event = event.clone();
    match nth % 5 {
        0 => {
            let mut cut = event.to_string().into_bytes();
            cut.truncate(cut.len() / 2);
            return cut;
        }
        1 => {
            let mut text = event.to_string().into_bytes();
            let middle = text.len() / 2;
            text[middle] = 0xff;
            return text;
        }
        2 => event["data"]["title"] = Value::Null,
        3 => event["data"]["title"] = json!(7),
        _ => event["specversion"] = json!("2.0"),
    }
    event.to_string().into_bytes()
}

fn too_large(event: &Value) -> Vec<u8> {
    let mut event = event.clone();
    event["data"]["description"] = json!("x".repeat(SIZE_LIMIT));
    event.to_string().into_bytes()
}
