//! `notifyctl doctor` names planted faults and says what to do.

use std::path::Path;
use std::process::Command;

use axum::Router;
use axum::http::header;
use notifyctl::stage::receivers::{Certificate, Receivers};
use notifyctl::stage::{Servers, SmtpOptions, World};
use proto_events::directory::Settings;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use system_tests::servers::{PrivateBroker, PrivateDatabase};

use crate::operator::{run_in, words};

/// What the doctor finds wrong, as `check: what`.
async fn wrong(world: &World, variables: &[(&str, &str)]) -> Vec<String> {
    let output = run_in(world, &["doctor", "--json"], variables).await;
    let lines = String::from_utf8(output.stdout.clone()).unwrap();
    let findings = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let wrong: Vec<String> = findings
        .filter(|it| it["verdict"] == "wrong")
        .map(|it| {
            assert!(!it["remedy"].as_str().unwrap().is_empty(), "{it}");
            format!(
                "{}: {}",
                it["check"].as_str().unwrap(),
                it["what"].as_str().unwrap()
            )
        })
        .collect();
    let code = i32::from(!wrong.is_empty());
    assert_eq!(output.status.code(), Some(code), "{}", words(&output));
    wrong
}

/// Plants a fault by variables: it is named, and nothing else is.
async fn planted(world: &World, variables: &[(&str, &str)], expected: &str) {
    let wrong = wrong(world, variables).await;
    let [only] = wrong.as_slice() else {
        panic!("{expected:?} is one fault: {wrong:#?}");
    };
    assert!(only.starts_with(expected), "no {expected:?}: {only}");
}

async fn sql(world: &World, statement: &str) {
    let url = world.database_url().expose_secret();
    let mut connection = PgConnection::connect(url).await.unwrap();
    let statement = AssertSqlSafe(statement.to_owned());
    sqlx::raw_sql(statement)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

fn database_url(world: &World) -> url::Url {
    world.database_url().expose_secret().parse().unwrap()
}

#[tokio::test]
async fn ten_planted_faults_of_the_servers_are_named_each_in_words() {
    chassis::start::install_tls_provider();
    let (broker, database) = tokio::try_join!(
        PrivateBroker::start_with_management(),
        PrivateDatabase::start()
    )
    .unwrap();
    let servers = Servers {
        broker_url: broker.url().parse().unwrap(),
        database_url: database.url().to_owned().into(),
    };
    let world = World::create("test", &servers, "1,2".parse().unwrap())
        .await
        .unwrap();
    let api = ("DD_BROKER_MANAGEMENT_URL", broker.management_url());
    assert_eq!(wrong(&world, &[api]).await, Vec::<String>::new());

    let url = broker.url();
    let variants = [
        (
            url.replace("dojo:", "dojo:not"),
            "broker: the broker refuses the user or its password",
        ),
        (
            url.replace("%2f", "elsewhere"),
            "broker: there is no such virtual host",
        ),
        (
            url.replace("127.0.0.1", "nowhere.invalid"),
            "broker: the host's name is not known",
        ),
        (
            "amqp://dojo:x@127.0.0.1:9/%2f".to_owned(),
            "broker: nobody listens there",
        ),
    ];
    for (url, expected) in &variants {
        planted(&world, &[("DD_BROKER_URL", url)], expected).await;
    }
    planted(
        &world,
        &[("DD_BROKER_PREFIX", "test-not-here")],
        "exchanges and queues: a queue or exchange is missing",
    )
    .await;
    // Another ladder's rungs are missing, and ours are nobody's: seen through the API too.
    let found = wrong(&world, &[("DD_RETRY_LADDER", "1,3"), api]).await;
    assert!(
        found
            .iter()
            .any(|it| it.starts_with("arguments and bindings:")),
        "{found:#?}"
    );

    let mut database = database_url(&world);
    database.set_password(Some("wrong")).unwrap();
    planted(
        &world,
        &[("DD_DATABASE_URL", database.as_str())],
        "database: the database refuses the user or its password",
    )
    .await;
    let mut database = database_url(&world);
    database.set_path("/not_here");
    planted(
        &world,
        &[("DD_DATABASE_URL", database.as_str())],
        "database: there is no such database",
    )
    .await;

    sql(&world, "CREATE ROLE blind LOGIN PASSWORD 'p'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO blind; REVOKE SELECT ON parked_jobs FROM blind").await;
    let mut database = database_url(&world);
    database.set_username("blind").unwrap();
    database.set_password(Some("p")).unwrap();
    planted(
        &world,
        &[("DD_DATABASE_URL", database.as_str())],
        "rights on tables: blind may not read parked_jobs",
    )
    .await;

    let token = SecretString::from("xoxb-secret");
    world
        .store()
        .put_settings_secrets(None, Some(&token))
        .await
        .unwrap();
    let other = (
        "DD_CREDENTIAL_AES_256_KEY",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    );
    planted(&world, &[other], "secrets: of the secrets 1 cannot be read").await;

    sql(
        &world,
        "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    )
    .await;
    planted(&world, &[], "schema: the schema is older than this release").await;
    world.close().await.unwrap();
}

#[tokio::test]
async fn faults_of_mail_slack_and_clock_are_named() {
    let servers = Servers::from_environment().unwrap();
    let world = World::create("test", &servers, "1,2".parse().unwrap())
        .await
        .unwrap();
    world
        .store()
        .put_settings(&Settings::default())
        .await
        .unwrap();
    let (valid, expired) = certificates(world.folder());
    let relay = mail_server(expired).await;
    let [url, authority] =
        ["DD_EMAIL_URL", "DD_EXTRA_CA_FILE"].map(|name| (name, variable(&relay, name)));
    let over = [(url.0, url.1.as_str()), (authority.0, authority.1.as_str())];
    planted(
        &world,
        &over,
        "mail relay: the server's certificate has expired",
    )
    .await;

    let relay = mail_server(valid).await;
    let [url, authority] = ["DD_EMAIL_URL", "DD_EXTRA_CA_FILE"].map(|name| variable(&relay, name));
    let other = url.replace("secret", "wrong");
    let refused = [
        ("DD_EMAIL_URL", other.as_str()),
        ("DD_EXTRA_CA_FILE", authority.as_str()),
    ];
    planted(
        &world,
        &refused,
        "mail relay: the relay refuses the user or its password",
    )
    .await;
    planted(
        &world,
        &[("DD_EMAIL_URL", &url)],
        "mail relay: the server's certificate is not trusted",
    )
    .await;

    let site = serve(
        Router::new().fallback(|| async { [(header::DATE, "Thu, 01 Jan 2026 00:00:00 GMT")] }),
    )
    .await;
    planted(
        &world,
        &[("DD_SITE_URL", &site)],
        "DefectDojo: its clock and this machine's are",
    )
    .await;

    let slack =
        serve(Router::new().fallback(|| async { r#"{"ok":false,"error":"invalid_auth"}"# })).await;
    let token = SecretString::from("xoxb-secret");
    world
        .store()
        .put_settings_secrets(Some(&token), None)
        .await
        .unwrap();
    planted(
        &world,
        &[("DD_SLACK_API_URL", &slack)],
        "Slack: Slack refuses the token: invalid_auth",
    )
    .await;
    world.close().await.unwrap();
}

async fn mail_server(certificate: Certificate) -> Receivers {
    let options = SmtpOptions {
        login: Some(("dojo".to_owned(), "secret".to_owned())),
        certificate: Some(certificate),
    };
    Receivers::start(&options).await.unwrap()
}

fn variable(receivers: &Receivers, name: &str) -> String {
    let mut all = receivers.environment().into_iter();
    all.find(|(known, _)| *known == name).unwrap().1
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// What `openssl ca` is told, since `openssl req` makes nothing that is over.
const AUTHORITY: &str = "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n\
    policy=name\nx509_extensions=host\n[name]\ncommonName=supplied\n[host]\nsubjectAltName=DNS:localhost\n\
    basicConstraints=critical,CA:FALSE\n";

/// A certificate for `localhost` that is valid, and one whose time is over.
fn certificates(folder: &Path) -> (Certificate, Certificate) {
    std::fs::write(folder.join("authority.cnf"), AUTHORITY).unwrap();
    std::fs::write(folder.join("index.txt"), "").unwrap();
    for words in [
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
         -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
         -out valid.pem -keyout key.pem",
        "req -new -key key.pem -subj /CN=localhost -out request.pem",
        "ca -batch -selfsign -notext -create_serial -config authority.cnf -keyfile key.pem -in request.pem \
         -out expired.pem -startdate 20200101000000Z -enddate 20200102000000Z",
    ] {
        let mut openssl = Command::new("openssl");
        let made = openssl
            .args(words.split_whitespace())
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }
    let of = |name: &str| Certificate {
        chain: folder.join(name),
        key: folder.join("key.pem"),
    };
    (of("valid.pem"), of("expired.pem"))
}
