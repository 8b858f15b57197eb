//! Spoils events at random.

use fastrand::Rng;
use serde_json::{Value, json};

/// Bytes that no UTF-8 has: a lone continuation, a cut sequence, an overlong slash, half a surrogate.
const NOT_UTF8: [&[u8]; 4] = [b"\x80", b"\xf0\x9f", b"\xc0\xaf", b"\xed\xa0\x80"];

/// What is put right behind a quotation mark: escapes, lone surrogates, a raw line end.
const IN_A_TEXT: [&str; 6] = ["\\u0000", "\\ud800", "\\udc00\\ud800", "\\x", "\u{1}", "\n"];

/// What is put right behind an opening brace: members that are there already, and unheard-of ones.
const IN_AN_OBJECT: [&str; 6] = [
    "\"id\":\"again\",",
    "\"title\":\"again\",",
    "\"data\":{},",
    "\"unheard\":\"\\ud800\",",
    "\"unheard\":1e999,",
    "\"unheard\":-0,",
];

/// How deep unheard-of members go; JSON readers give up at 128.
const DEPTHS: [usize; 5] = [10, 126, 129, 1000, 50_000];

/// Spoils an event in one to four places: members of its tree, characters of its text, bytes.
pub(crate) fn spoilt(event: &str, random: &mut Rng) -> Vec<u8> {
    loop {
        let mut tree: Value = serde_json::from_str(event).unwrap();
        for _ in 0..random.usize(..3) {
            spoil_tree(&mut tree, random);
        }
        let mut text = tree.to_string();
        if random.u8(..4) == 0 {
            spoil_text(&mut text, random);
        }
        let mut bytes = text.into_bytes();
        if random.u8(..4) == 0 {
            spoil_bytes(&mut bytes, random);
        }
        if serde_json::from_slice::<Value>(&bytes).ok() != serde_json::from_str(event).ok() {
            return bytes;
        }
    }
}

/// Texts that are ordinary to no server.
const TEXTS: [&str; 6] = [
    "",
    "\0",
    "a\0b\r\nc\td\u{1b}[31m\u{7f}",
    "\u{202e}שלום\u{2028}🚢\u{feff}\u{ffff}",
    "<b>{{ 7*7 }}</b> {% raw %} <!channel>",
    "javascript:alert(1)",
];

/// Removes a member, swaps two, or puts something else in the place of one; half of the
/// time only another text in the place of a text.
fn spoil_tree(tree: &mut Value, random: &mut Rng) {
    let mut places = Vec::new();
    list_places(tree, "", &mut places);
    let texts = places
        .iter()
        .filter(|place| tree.pointer(place).is_some_and(Value::is_string));
    let (Some(place), Some(other), Some(text)) = (
        random.choice(&places),
        random.choice(&places),
        random.choice(texts.collect::<Vec<_>>()),
    ) else {
        return;
    };
    match random.u8(..6) {
        0 => remove(tree, place),
        1 => {
            let here = tree.pointer(place).cloned();
            let there = tree.pointer(other).cloned();
            put(tree, place, there.unwrap_or_default());
            put(tree, other, here.unwrap_or_default());
        }
        2 => put(tree, place, anything(random)),
        _ => put(tree, text, json!(random.choice(TEXTS))),
    }
}

/// The JSON pointers of everything below a value.
fn list_places(value: &Value, at: &str, places: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, inner)| (name.clone(), inner))
            .collect(),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .map(|(index, inner)| (index.to_string(), inner))
            .collect(),
        _ => Vec::new(),
    };
    for (name, inner) in inner {
        let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        list_places(inner, &at, places);
        places.push(at);
    }
}

fn remove(tree: &mut Value, place: &str) {
    let Some((parent, name)) = place.rsplit_once('/') else {
        return;
    };
    match tree.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.remove(name)),
        Some(Value::Array(values)) => drop(values.pop()),
        _ => {}
    }
}

fn put(tree: &mut Value, place: &str, value: Value) {
    if let Some(here) = tree.pointer_mut(place) {
        *here = value;
    }
}

/// A value of any type, ordinary or not.
fn anything(random: &mut Rng) -> Value {
    let long = 1 << random.u32(..17);
    let values = [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!("text"),
        json!("é".repeat(long)),
        json!([]),
        json!([null, 1, "two", ["three"]]),
        json!({}),
        json!({"\0": "\0", "id": "text", "name": 7}),
    ];
    random.choice(values).unwrap_or_default()
}

/// Puts something into the text that a tree cannot hold.
fn spoil_text(text: &mut String, random: &mut Rng) {
    let depth = random.choice(DEPTHS).unwrap_or(1);
    let deep = format!("\"unheard\":{}{},", "[".repeat(depth), "]".repeat(depth));
    let (behind, what) = match random.u8(..5) {
        0 | 1 => ('"', random.choice(IN_A_TEXT).unwrap_or_default()),
        2 | 3 => ('{', random.choice(IN_AN_OBJECT).unwrap_or_default()),
        _ => ('{', deep.as_str()),
    };
    let places: Vec<usize> = text.match_indices(behind).map(|(at, _)| at + 1).collect();
    if let Some(at) = random.choice(places) {
        text.insert_str(at, what);
    }
}

/// Flips, cuts out, puts in or cuts off bytes.
fn spoil_bytes(bytes: &mut Vec<u8>, random: &mut Rng) {
    let at = random.usize(..bytes.len());
    let to = bytes.len().min(at + random.usize(1..20));
    match random.u8(..5) {
        0 => bytes[at] ^= 1 << random.u8(..8),
        1 => drop(bytes.drain(at..to)),
        2 => drop(bytes.splice(at..at, (at..to).map(|_| random.u8(..)).collect::<Vec<_>>())),
        3 => drop(bytes.splice(
            at..at,
            random.choice(NOT_UTF8).unwrap_or_default().iter().copied(),
        )),
        _ => bytes.truncate(at),
    }
}
