//! As many open pages as a large organisation has, at one replica.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use notifyctl::stage::{Servers, World};
use proto_events::directory::User;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use secrecy::ExposeSecret;
use serde_json::Value;
use store::NewAlert;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, Command};
use uuid::Uuid;

const PEOPLE: i64 = 2000;

/// What the program may hold in memory (KiB).
const MOST: u64 = 200 * 1024;

/// How many files a process must be able to open: one for each page, and some for what else is
/// open in the program, or in the tests beside this one.
const FILES: u64 = 3000;

/// How many things are done at once.
const AT_ONCE: usize = 64;

/// How long something may take that takes a moment.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program itself, with its addresses.
struct Served {
    program: Child,
    metrics: String,
    api: String,
    /// Kept, so that the program may go on writing to it.
    _log: Lines<BufReader<ChildStderr>>,
}

async fn served(world: &World) -> Served {
    let mut program = Command::new(env!("CARGO_BIN_EXE_api"))
        .envs(world.environment())
        .env("DD_API_LISTEN", "127.0.0.1:0")
        .env("DD_HTTP_LISTEN", "127.0.0.1:0")
        .env("DD_LOG_FORMAT", "json")
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = BufReader::new(program.stderr.take().unwrap()).lines();
    let mut addresses = Vec::new();
    while addresses.len() < 2 {
        let line = log.next_line().await.unwrap().expect("it starts");
        let line: Value = serde_json::from_str(&line).unwrap();
        addresses.extend(line["address"].as_str().map(str::to_owned));
    }
    Served {
        program,
        api: addresses.pop().unwrap(),
        metrics: addresses.pop().unwrap(),
        _log: log,
    }
}

impl Served {
    /// What it holds in memory (KiB).
    fn resident(&self) -> u64 {
        let path = format!("/proc/{}/status", self.program.id().unwrap());
        let status = fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
        kib.parse().unwrap()
    }
}

/// A page that listens, and what it reads.
type Page = Lines<BufReader<TcpStream>>;

async fn open(address: &str, token: &str) -> Page {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /alerts/stream HTTP/1.1\r\nHost: {address}\r\nAuthorization: Token {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // A small buffer: this side has 2,000 of them too.
    let mut page = BufReader::with_capacity(512, stream).lines();
    assert_eq!(count(&mut page).await, 0);
    page
}

/// The next number of alerts.
async fn count(page: &mut Page) -> i64 {
    let reading = async {
        loop {
            let line = page.next_line().await.unwrap().expect("it goes on");
            if let Some(data) = line.strip_prefix("data: ") {
                let data: Value = serde_json::from_str(data).unwrap();
                return data["count"].as_i64().unwrap();
            }
        }
    };
    let count = tokio::time::timeout(PATIENCE, reading).await;
    count.expect("a number of alerts comes")
}

fn allow_connections() {
    let limit = getrlimit(Resource::Nofile);
    assert!(
        limit.maximum.is_none_or(|most| most >= FILES),
        "a process may open {} files here and needs {FILES}: raise the hard limit, as root with \
         `ulimit -Hn {FILES}` before the tests, or with `--ulimit nofile={FILES}` of the container",
        limit.maximum.unwrap_or_default()
    );
    let most = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, most).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_bells_are_open_at_one_replica_within_200_mb_and_rise() {
    allow_connections();
    chassis::start::install_tls_provider();
    let servers = Servers::from_environment().unwrap();
    let world = World::create("bells", &servers, "1,2".parse().unwrap())
        .await
        .unwrap();
    let store = world.store();
    let people: Vec<User> = (1..=PEOPLE)
        .map(|id| User {
            id,
            username: format!("person{id}"),
            active: true,
            ..User::default()
        })
        .collect();
    store.put_users(&people).await.unwrap();
    let served = served(&world).await;
    let pages: Vec<Page> = stream::iter(&people)
        .map(async |person| {
            let token = store.create_token(&person.username, "bell").await.unwrap();
            open(&served.api, token.unwrap().1.expose_secret()).await
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut pages = pages;
    let told = reqwest::get(format!("http://{}/metrics", served.metrics)).await;
    let told = told.unwrap().text().await.unwrap();
    let open = format!("\ndojo_notify_api_open_streams {PEOPLE}\n");
    assert!(told.contains(&open), "{told}");

    let alert = |user| NewAlert {
        id: Uuid::new_v4(),
        user: Some(user),
        title: "Test added".to_owned(),
        description: String::new(),
        url: None,
        icon: "info".to_owned(),
        source: "Test Added".to_owned(),
        event_source: "test".to_owned(),
        event_id: "1".to_owned(),
    };
    store.insert_alerts(&[alert(1000)]).await.unwrap();
    assert_eq!(count(&mut pages[999]).await, 1);
    // And all of them at once, who are too many to be named.
    let everybody: Vec<_> = (1..=PEOPLE).map(alert).collect();
    store.insert_alerts(&everybody).await.unwrap();
    for (place, page) in pages.iter_mut().enumerate() {
        assert_eq!(count(page).await, if place == 999 { 2 } else { 1 });
    }
    let resident = served.resident();
    println!("{PEOPLE} open bells: {} MiB resident", resident / 1024);
    assert!(resident < MOST, "{resident} KiB");
}
