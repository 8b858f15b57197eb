//! docs/webhooks.md says what is sent: its bodies are those of recorded events, and its programs
//! verify what we sign. `DOJO_WRITE_DOCS=1 cargo test -p webhook-sender` writes the bodies anew.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use messages::{Context, Message, Templates};
use proto_events::Event;
use proto_events::directory::{Settings, User};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use store::Endpoint;
use support::{attempt, channel, endpoint, receiver};

const BEGIN: &str = "<!-- bodies, written by a test -->\n";
const END: &str = "<!-- end of bodies -->\n";

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/webhooks.md")
}

fn body(event: &Event) -> Value {
    let settings = Settings::default();
    let context = Context {
        channel: proto_events::Channel::Webhooks,
        sensitivity: messages::Sensitivity::Full,
        site_url: "https://dojo.example",
        notify_url: "https://dojo.example",
        settings: &settings,
        redacted: false,
        personal: true,
    };
    let owner = User {
        id: 7,
        username: "mei".to_owned(),
        first_name: "Mei".to_owned(),
        last_name: "Lin".to_owned(),
        email: "mei@example.com".to_owned(),
        ..User::default()
    };
    let message = Message::compose(&Templates::built_in().unwrap(), event, &context).unwrap();
    messages::webhook(event, &message, &context, Some(&owner))
}

/// How long a body may be on the page, if there is a shorter one (bytes).
const LONG: usize = 5000;

/// A body of each event: of those that were recorded the first with the most members.
fn bodies() -> BTreeMap<String, String> {
    let ping = json!({"specversion": "1.0", "id": "1", "source": "x", "type": "ping", "data": {"title": ""}});
    let recorded = include_str!("../../../tests/fixtures/events.jsonl");
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in recorded.lines().chain([ping.to_string().as_str()]) {
        let event = Event::parse(line.as_bytes()).unwrap();
        let bodies = all.entry(event.name.as_str().to_owned()).or_default();
        bodies.push(body(&event));
    }
    // An event of somebody's own making, which other installations do not have.
    all.remove("hafen_deploy_finished");
    // A hostile one.
    all.remove("other/../scan_added");
    let shown = |bodies: Vec<Value>| {
        let best = bodies.into_iter().min_by_key(|body| {
            let members = body.as_object().unwrap().len();
            (body.to_string().len() > LONG, Reverse(members))
        });
        serde_json::to_string_pretty(&best.unwrap()).unwrap()
    };
    all.into_iter()
        .map(|(name, bodies)| (name, shown(bodies)))
        .collect()
}

#[test]
fn the_page_shows_the_body_of_every_event() {
    let parts: String = bodies()
        .iter()
        .map(|(name, body)| format!("### `{name}`\n\n```json\n{body}\n```\n\n"))
        .collect();
    let page_text = std::fs::read_to_string(page()).unwrap();
    let (before, rest) = page_text.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var_os("DOJO_WRITE_DOCS").is_some() {
        std::fs::write(page(), format!("{before}{BEGIN}\n{parts}{END}{after}")).unwrap();
        return;
    }
    assert!(
        written.trim() == parts.trim(),
        "docs/webhooks.md shows other bodies than are sent; DOJO_WRITE_DOCS=1 writes them anew"
    );
}

/// A program on the page.
fn program(language: &str) -> String {
    let text = std::fs::read_to_string(page()).unwrap();
    let (_, rest) = text
        .split_once(&format!("```{language}\n# verify\n"))
        .or_else(|| text.split_once(&format!("```{language}\n// verify\n")))
        .unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

struct Signed {
    headers: BTreeMap<String, String>,
    body: String,
}

/// A request as it comes to a receiver while a secret is being replaced.
async fn signed(secrets: [&SecretString; 2]) -> Signed {
    let (url, serving) = receiver("HTTP/1.1 204 No Content\r\n\r\n", None).await;
    let endpoint = Endpoint {
        signing_secrets: secrets.map(Clone::clone).to_vec(),
        ..endpoint(&url)
    };
    attempt(&channel(None), endpoint).await;
    let (request, _) = serving.await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let headers = head.lines().skip(1).map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    });
    Signed {
        headers: headers.collect(),
        body: body.to_owned(),
    }
}

fn secret() -> SecretString {
    delivery::endpoint::signature::SigningKey::new_secret().unwrap()
}

/// What runs a program of the page: the words before it, and what is put behind it.
const RUNS: [(&str, &str, &str); 3] = [
    (
        "python",
        "python3",
        "\nimport json, sys\nprint('yes' if verify(sys.argv[1], json.load(open(sys.argv[2])), open(sys.argv[3], 'rb').read()) else 'no')\n",
    ),
    (
        "javascript",
        "node",
        "\nconst fs = require('node:fs');\nconst [secret, headers, body] = process.argv.slice(2);\nconsole.log(verify(secret, JSON.parse(fs.readFileSync(headers)), fs.readFileSync(body)) ? 'yes' : 'no');\n",
    ),
    (
        "sh",
        "sh",
        "\nif verify \"$1\" \"$4\" \"$5\" \"$6\" \"$3\"; then echo yes; else echo no; fi\n",
    ),
];

#[tokio::test]
async fn the_programs_on_the_page_verify_what_is_sent_and_nothing_else() {
    let (new, old, other) = (secret(), secret(), secret());
    let request = signed([&new, &old]).await;
    let altered = Signed {
        headers: request.headers.clone(),
        body: format!("{} ", request.body),
    };
    let mut late = Signed {
        headers: request.headers.clone(),
        body: request.body.clone(),
    };
    late.headers
        .insert("webhook-timestamp".to_owned(), "1614265330".to_owned());
    let cases = [
        (&new, &request, "yes"),
        (&old, &request, "yes"),
        (&other, &request, "no"),
        (&new, &altered, "no"),
        (&new, &late, "no"),
    ];
    for (language, interpreter, call) in RUNS {
        if Command::new(interpreter).args(["-c", ""]).output().is_err() {
            println!(
                "SKIPPED: the {language} program is not tested, since {interpreter} is not installed"
            );
            continue;
        }
        for (secret, signed, expected) in &cases {
            let said = run(
                interpreter,
                &format!("{}{call}", program(language)),
                secret,
                signed,
            );
            assert_eq!(said, *expected, "{language}");
        }
    }
}

fn run(interpreter: &str, program: &str, secret: &SecretString, signed: &Signed) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let output = Command::new(interpreter)
        .arg(write("program.cjs", program))
        .arg(secret.expose_secret())
        .arg(write("headers.json", &json!(signed.headers).to_string()))
        .arg(write("body", &signed.body))
        .args(
            ["webhook-id", "webhook-timestamp", "webhook-signature"]
                .map(|name| &signed.headers[name]),
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(
        !said.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}
