//! REST for programs and pages for people: settings, alerts, webhooks, events and what became of them, in DefectDojo's
//! shapes and habits where it has them.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of this service |
//! | `app` | what every request is answered with |
//! | `server` | connections, and how long they may take |
//! | `access` | who asks |
//! | `bells` | open bells, kept in step with the database |
//! | `count` | what was answered, as metrics |
//! | `refusal` | every answer that is a no |
//! | `rest` | resources, one file each |
//! | `pages` | the same, for people |
//! | [`openapi`] | the document that describes them, and the page that shows it |

mod access;
mod app;
mod bells;
pub mod config;
mod count;
pub mod openapi;
mod pages;
mod refusal;
mod rest;
mod server;

use std::time::Duration;

use anyhow::Context;
use chassis::Runtime;
use chassis::health::Part;
use chassis::reconnect::until_ok;
use store::Store;
use tokio::net::TcpListener;

use app::App;
pub use config::ApiConfig;

/// The service's name: its binary, and its label in metrics.
pub const NAME: &str = "api";

/// How often the database is asked for a sign of life.
const WATCH: Duration = Duration::from_secs(5);

/// Runs the service until it is to stop.
///
/// # Errors
/// If the configuration cannot be used, or the address cannot be listened on.
pub async fn run(config: ApiConfig, runtime: Runtime) -> anyhow::Result<()> {
    server::allow_connections();
    let listen = config.api_listen;
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!("cannot listen on {listen}; set DD_API_LISTEN to a free address")
    })?;
    serve(config, runtime, listener).await
}

/// As [`run`], on a listener that is there.
///
/// # Errors
/// As [`run`].
pub async fn serve(
    config: ApiConfig,
    runtime: Runtime,
    listener: TcpListener,
) -> anyhow::Result<()> {
    let database = runtime.health.part("database");
    let app = App::new(config, &runtime)?;
    let listen = app.config.database_listen_url.as_ref();
    let news = app.store.alert_news(listen)?;
    if until_ok(&database, &runtime.stop, || app.store.ready())
        .await
        .is_none()
    {
        return Ok(());
    }
    tracing::info!(address = %listener.local_addr()?, "the API listens");
    tokio::select! {
        () = server::serve(listener, rest::router(app.clone()), &runtime.stop) => {}
        () = watch(&app.store, &database) => {}
        () = app.bells.keep(&app.store, news), if app.config.has_live_bells() => {}
    }
    app.close().await;
    Ok(())
}

/// Says in readiness whether the database answers, without end.
async fn watch(store: &Store, database: &Part) {
    loop {
        tokio::time::sleep(WATCH).await;
        match store.ping().await {
            Ok(()) => database.up(),
            Err(error) => database.down(error),
        }
    }
}
