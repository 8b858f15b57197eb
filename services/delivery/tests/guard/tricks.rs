//! Ways to make somebody else's server send a request to this machine. Without the guard most
//! of them work.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use delivery::endpoint::Endpoints;
use proto_events::{Outcome, Reason};
use reqwest::Client;
use reqwest::dns::Resolve;
use url::Url;

use crate::canary::{Canary, Front};
use crate::names::Names;
use crate::{attempt, config, endpoints};

/// Hosts that are this machine, or that some programs take for it.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.1.2.3",
    "2130706433",
    "2130706433.",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "127.0x0.0.1",
    "0177.0.0.1",
    "0177.0.0.01",
    "0000177.0.0.1",
    "017700000001",
    "0.0.0.0",
    "0",
    "0x0",
    "１２７.０.０.１",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "①②⑦.⓪.⓪.①",
    "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "127\u{ad}.0.0.1",
    "127.0\u{200b}.0.1",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:127.1.2.3]",
    "[::ffff:0:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::127.0.0.1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::80ff:fffe]",
    "[::1%25lo]",
    "[::1%lo]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "ｌｏｃａｌｈｏｓｔ",
    "loopback.test",
    "loopback.test.",
    "127.0.0.1.nip.test",
    "xn--bcher-kva.test",
    "with_underscore.test",
    "intranet",
    "v6.test",
    "mapped.test",
    "nowhere.test",
    "nowhere6.test",
    "two.test",
    "other.test",
    "rebind.test",
    "rebind-mixed.test",
    "rebind-v6.test",
];

/// Whole addresses, `PORT` in place of the canary's.
const URLS: &[&str] = &[
    "http://user:password@127.0.0.1:PORT/",
    "http://front.test@127.0.0.1:PORT/",
    "http://front.test%40@127.0.0.1:PORT/",
    "http://:@127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "http:/127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "http:////127.0.0.1:PORT/",
    "ht\ntp://127.0\t.0.1:PORT/",
    "  http://127.0.0.1:PORT/",
    "\u{1}http://127.0.0.1:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT#.front.test",
    "http://127.0.0.1:PORT?.front.test",
    "http://127.0.0.1:000PORT/",
    "http://127.0.0.1:PORT\\@front.test/",
    "https://127.0.0.1:PORT/",
    "https://localhost:PORT/",
    "https://[::1]:PORT/",
    "http://127.0.0.1 :PORT/",
    "http://127.0.0.1:PORT:80/",
    "http://127.0.0.1:-PORT/",
    "http://127.0.0.1\0:PORT/",
    "//127.0.0.1:PORT/",
    "127.0.0.1:PORT",
    "gopher://127.0.0.1:PORT/_POST%20/",
    "ftp://127.0.0.1:PORT/",
    "ws://127.0.0.1:PORT/",
    "dict://127.0.0.1:PORT/info",
    "ldap://127.0.0.1:PORT/",
    "file:///etc/passwd",
    "file://127.0.0.1:PORT/etc/passwd",
    "unix:///run/docker.sock",
    "jar:http://127.0.0.1:PORT!/",
    "data:text/plain,hello",
    "view-source:http://127.0.0.1:PORT/",
];

/// Answers of the allowed receiver that lead on, `PORT` as above.
const LEADS: &[(u16, &str)] = &[
    (301, "Location: http://127.0.0.1:PORT/"),
    (302, "Location: http://127.0.0.1:PORT/"),
    (303, "Location: http://127.0.0.1:PORT/"),
    (307, "Location: http://127.0.0.1:PORT/"),
    (308, "Location: http://127.0.0.1:PORT/"),
    (300, "Location: http://127.0.0.1:PORT/"),
    (305, "Location: http://127.0.0.1:PORT/"),
    (307, "Location: //127.0.0.1:PORT/"),
    (307, "Location: http://2130706433:PORT/"),
    (307, "Location: http://[::1]:PORT/"),
    (307, "Location: http://[::ffff:127.0.0.1]:PORT/"),
    (307, "Location: http://loopback.test:PORT/"),
    (307, "Location: http://user:password@127.0.0.1:PORT/"),
    (307, "Location: https://127.0.0.1:PORT/"),
    (307, "Location: gopher://127.0.0.1:PORT/"),
    (200, "Location: http://127.0.0.1:PORT/"),
    (201, "Location: http://127.0.0.1:PORT/"),
    (200, "Refresh: 0; url=http://127.0.0.1:PORT/"),
    (200, "Alt-Svc: http/1.1=\"127.0.0.1:PORT\""),
];

fn tricks(canary: &Canary, front: &Front) -> Vec<String> {
    let port = canary.port.to_string();
    let hosts = HOSTS.iter().map(|host| format!("http://{host}:{port}/"));
    let urls = URLS.iter().map(|url| url.replace("PORT", &port));
    let at_front = |path: &str| format!("http://{}{path}", front.address);
    let leads = LEADS.iter().map(|(status, headers)| {
        let headers = headers.replace("PORT", &port);
        at_front(&Front::answering(*status, &headers))
    });
    // Over another page of the same receiver, which is allowed.
    let last = Front::answering(307, &format!("Location: http://127.0.0.1:{port}/"));
    let chain = at_front(&Front::answering(307, &format!("Location: {last}")));
    hosts.chain(urls).chain(leads).chain([chain]).collect()
}

/// What somebody writes who has not thought of it: looks the name up, thinks that it is fine,
/// and sends.
async fn without_guard(client: &Client, names: &Names, url: &str) {
    if let Ok(parsed) = Url::parse(url)
        && let Some(name) = parsed.domain().and_then(|host| host.parse().ok())
    {
        let _ = names.resolve(name).await;
    }
    let _ = client.post(url).body("{}").send().await;
}

/// What the services do: check when the endpoint is made, then attempt.
async fn with_guard(endpoints: &Endpoints, url: &str) -> Result<u16, Outcome> {
    endpoints
        .check(url)
        .await
        .map_err(delivery::guard::Refusal::outcome)?;
    attempt(endpoints, url)
        .await
        .map(|answer| answer.status.as_u16())
}

#[tokio::test]
async fn tricks_reach_this_machine_without_the_guard_and_not_with_it() {
    let (canary, front) = (Canary::start().await, Front::start().await);
    let all = tricks(&canary, &front);

    chassis::start::install_tls_provider();
    let names = Arc::new(Names::default());
    let client = Client::builder()
        .no_proxy()
        .dns_resolver(Arc::clone(&names))
        .connect_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let mut without = 0;
    for url in &all {
        let before = canary.reached().await;
        without_guard(&client, &names, url).await;
        let reached = canary.reached().await > before;
        without += usize::from(reached);
        println!("{} {url:?}", if reached { "reaches " } else { "misses  " });
    }

    let before = canary.reached().await;
    let guarded = endpoints(&config(Front::HOST, ""), Arc::new(Names::default()));
    for url in &all {
        let outcome = with_guard(&guarded, url).await;
        let is_front = url.contains(Front::HOST);
        let refused = matches!(
            outcome,
            Err(Outcome::Rejected {
                reason: Reason::AddressRefused | Reason::InvalidAddress,
                ..
            })
        );
        assert!(
            refused || is_front && outcome.is_ok(),
            "{url:?}: {outcome:?}"
        );
        assert_eq!(canary.reached().await, before, "{url:?} got through");
    }
    println!(
        "of {} tricks {without} reach this machine without the guard, 0 with it",
        all.len()
    );
    assert!(all.len() >= 60 && without >= 40);
}

#[tokio::test]
async fn of_a_name_with_allowed_and_refused_addresses_only_the_allowed_are_used() {
    let (canary, front) = (Canary::start().await, Front::start().await);
    let guarded = endpoints(&config(Front::HOST, ""), Arc::new(Names::default()));
    let url = format!("http://both.test:{}/", front.address.port());
    for _ in 0..5 {
        assert_eq!(with_guard(&guarded, &url).await, Ok(200));
    }
    assert_eq!(front.requests.load(Ordering::SeqCst), 5);
    assert_eq!(canary.reached().await, 0);
}

#[tokio::test]
async fn a_refusal_tells_the_variable_and_not_what_the_name_leads_to() {
    let guarded = endpoints(&config("", ""), Arc::new(Names::default()));
    let refused = attempt(&guarded, "http://private.test/token")
        .await
        .unwrap_err();
    let expected = "the host's name is refused: it leads to a private address; \
                    DD_WEBHOOK_ALLOWED_NETWORKS can allow it";
    assert_eq!(refused, Outcome::rejected(Reason::AddressRefused, expected));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_no_refusal() {
    let guarded = endpoints(&config("", ""), Arc::new(Names::default()));
    assert!(guarded.check("http://unknown.test/").await.is_ok());
    let outcome = attempt(&guarded, "http://unknown.test/").await.unwrap_err();
    assert!(
        matches!(
            outcome,
            Outcome::Retry {
                reason: Reason::Dns,
                ..
            }
        ),
        "{outcome:?}"
    );
}
