//! A DefectDojo, a database of one's own, and what an import is asked for.

use std::num::NonZeroU32;
use std::time::Duration;

use notifyctl::import::{ImportOptions, Report, import, rehearse};
use proto_events::directory::Snapshot;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};
use store::{Scratch, Store};

use crate::dojo::{Dojo, TOKEN};

pub(crate) struct Play {
    pub(crate) dojo: Dojo,
    pub(crate) options: ImportOptions,
    scratch: Scratch,
}

impl Play {
    /// What was recorded, an empty database, pages of ten objects, and little patience.
    pub(crate) async fn begin() -> Self {
        chassis::start::install_tls_provider();
        let dojo = Dojo::recorded().await;
        let scratch = Scratch::create().await.unwrap();
        let options = ImportOptions {
            url: dojo.url().parse().unwrap(),
            token: Some(SecretString::from(TOKEN)),
            token_file: None,
            dry_run: false,
            reconcile: false,
            rules: false,
            restart: false,
            page_size: NonZeroU32::new(10).unwrap(),
            attempts: NonZeroU32::new(3).unwrap(),
            backoff: Duration::from_millis(1),
            timeout: Duration::from_secs(30),
            extra_ca_file: None,
            endpoint: delivery::endpoint::EndpointConfig::default(),
            store: scratch.config().clone(),
        };
        Self {
            dojo,
            options,
            scratch,
        }
    }

    pub(crate) fn store(&self) -> &Store {
        self.scratch.store()
    }

    /// Imports; everything must have its place.
    pub(crate) async fn import(&self) -> Report {
        let report = import(&self.options, self.store()).await.unwrap();
        assert_eq!(report.problems, [""; 0]);
        report
    }

    /// Imports, and reconciles.
    pub(crate) async fn reconcile(&mut self) -> Report {
        self.options.reconcile = true;
        self.import().await
    }

    /// Why an import fails.
    pub(crate) async fn failure(&self) -> String {
        let error = import(&self.options, self.store()).await.unwrap_err();
        format!("{error:#}")
    }

    /// What a rehearsal says, without trailing blanks.
    pub(crate) async fn rehearse(&mut self) -> String {
        self.options.dry_run = true;
        let text = rehearse(&self.options, self.store()).await.unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        lines.join("\n")
    }

    /// The directory as the router sees it.
    pub(crate) async fn directory(&self) -> Snapshot {
        self.store().load_directory().await.unwrap()
    }

    /// What a query gives, as text.
    pub(crate) async fn texts(&self, query: &'static str) -> Vec<String> {
        let rows = sqlx::query_scalar(query);
        rows.fetch_all(&mut self.connect().await).await.unwrap()
    }

    /// Runs a statement past the store.
    pub(crate) async fn sql(&self, statement: &'static str) {
        let statement = sqlx::query(statement);
        statement.execute(&mut self.connect().await).await.unwrap();
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(self.scratch.config().database_url.expose_secret())
            .await
            .unwrap()
    }
}
