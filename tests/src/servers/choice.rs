//! Which servers to use: the ones that run if they can be used, else private ones.

use std::time::Instant;

use anyhow::Result;
use url::Url;

use super::{PrivateBroker, PrivateDatabase, existing};

/// What to look for.
#[derive(Debug)]
pub struct Wanted {
    /// URL of a broker that may run.
    pub broker_url: String,
    /// URL of the maintenance database of a server that may run.
    pub database_url: String,
    /// Start private servers whatever runs.
    pub provision: bool,
}

/// A broker and a database that can be used; dropping it removes those that were started for it.
#[derive(Debug)]
pub struct Servers {
    broker: Either<PrivateBroker>,
    database: Either<PrivateDatabase>,
}

#[derive(Debug)]
enum Either<Private> {
    Existing(String),
    Private(Private),
}

impl Servers {
    /// Makes sure that both are there, telling on stderr which are used and why.
    ///
    /// # Errors
    /// When a private server is needed and does not start.
    pub async fn ensure(wanted: &Wanted) -> Result<Self> {
        let (broker, database) = tokio::try_join!(broker(wanted), database(wanted))?;
        Ok(Self { broker, database })
    }

    /// URL of the broker.
    #[must_use]
    pub fn broker_url(&self) -> &str {
        match &self.broker {
            Either::Existing(url) => url,
            Either::Private(broker) => broker.url(),
        }
    }

    /// URL of the database server's maintenance database.
    #[must_use]
    pub fn database_url(&self) -> &str {
        match &self.database {
            Either::Existing(url) => url,
            Either::Private(database) => database.url(),
        }
    }
}

async fn broker(wanted: &Wanted) -> Result<Either<PrivateBroker>> {
    let Some(reason) = unusable(wanted, &wanted.broker_url, existing::check_broker).await else {
        eprintln!(
            "broker: using {} (log-in and declaring a queue work)",
            place(&wanted.broker_url)
        );
        return Ok(Either::Existing(wanted.broker_url.clone()));
    };
    eprintln!("broker: starting a private RabbitMQ ({reason})");
    let start = Instant::now();
    let broker = PrivateBroker::start().await?;
    eprintln!(
        "broker: ready at {} after {:.1} s",
        place(broker.url()),
        start.elapsed().as_secs_f64()
    );
    Ok(Either::Private(broker))
}

async fn database(wanted: &Wanted) -> Result<Either<PrivateDatabase>> {
    let Some(reason) = unusable(wanted, &wanted.database_url, existing::check_database).await
    else {
        eprintln!(
            "database: using {} (log-in and creating a database work)",
            place(&wanted.database_url)
        );
        return Ok(Either::Existing(wanted.database_url.clone()));
    };
    eprintln!("database: starting a private PostgreSQL ({reason})");
    let start = Instant::now();
    let database = PrivateDatabase::start().await?;
    eprintln!(
        "database: ready at {} after {:.1} s",
        place(database.url()),
        start.elapsed().as_secs_f64()
    );
    Ok(Either::Private(database))
}

/// Why the server at `url` is not used, or `None` if it is.
async fn unusable(
    wanted: &Wanted,
    url: &str,
    check: impl AsyncFn(&str) -> Result<()>,
) -> Option<String> {
    if wanted.provision {
        return Some("--provision was given".into());
    }
    check(url)
        .await
        .err()
        .map(|error| format!("{} cannot be used: {error:#}", place(url)))
}

/// Host and port of a URL, without its password.
fn place(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => "a URL without a host".into(),
        },
        Err(_) => "a URL that cannot be read".into(),
    }
}
