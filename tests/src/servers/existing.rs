//! Can the servers that run be used?

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use lapin::{
    Connection, ConnectionProperties,
    options::{QueueDeclareOptions, QueueDeleteOptions},
    types::{AMQPValue, FieldTable},
};
use secrecy::SecretString;
use sqlx::{Connection as _, PgConnection};
use url::Url;

use super::database::OLDEST;

/// How long a server may take to answer all that is asked.
const PATIENCE: Duration = Duration::from_secs(5);

/// Logs in, declares a queue, deletes it.
pub(super) async fn check_broker(url: &str) -> Result<()> {
    within_patience(async {
        let connection = Connection::connect(url, ConnectionProperties::default())
            .await
            .context("no log-in")?;
        let checked = declare_and_delete(&connection).await;
        connection.close(200, "checked".into()).await.ok();
        checked
    })
    .await
}

/// The queue is of the kind that the retry ladder needs: quorum queues have a time to live since RabbitMQ 3.10.
async fn declare_and_delete(connection: &Connection) -> Result<()> {
    let name = probe_name("dojo.probe.");
    let channel = connection.create_channel().await?;
    let mut arguments = FieldTable::default();
    arguments.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    arguments.insert("x-message-ttl".into(), AMQPValue::LongInt(1_000));
    // The broker removes it should this process end in between.
    arguments.insert("x-expires".into(), AMQPValue::LongInt(60_000));
    let options = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel
        .queue_declare(name.as_str().into(), options, arguments)
        .await
        .context("cannot declare a quorum queue with a time to live, as RabbitMQ 3.10 and newer let a user with configure rights do")?;
    channel
        .queue_delete(name.as_str().into(), QueueDeleteOptions::default())
        .await?;
    Ok(())
}

/// Logs in, checks the version, creates a database, drops it.
pub(super) async fn check_database(url: &str) -> Result<()> {
    let name = probe_name("dojo_probe_");
    let mut probe = Url::parse(url).context("the URL cannot be read")?;
    probe.set_path(&name);
    let probe = SecretString::from(probe.to_string());
    within_patience(async {
        let connection = PgConnection::connect(url).await.context("no log-in")?;
        let version = connection.server_version_num();
        connection.close().await?;
        match version {
            Some(number) => ensure!(
                number / 10_000 >= OLDEST,
                "it is PostgreSQL {}, older than {OLDEST}",
                number / 10_000
            ),
            None => bail!("it does not tell its version"),
        }
        store::create_database(&probe)
            .await
            .context("cannot create a database")?;
        store::drop_database(&probe)
            .await
            .context("cannot drop a database")?;
        Ok(())
    })
    .await
}

fn probe_name(prefix: &str) -> String {
    format!("{prefix}{}", uuid::Uuid::new_v4().simple())
}

async fn within_patience(check: impl Future<Output = Result<()>>) -> Result<()> {
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(checked) => checked,
        Err(_) => bail!("no answer within {} s", PATIENCE.as_secs()),
    }
}
