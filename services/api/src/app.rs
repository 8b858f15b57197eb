//! What every request is answered with.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use chassis::Runtime;
use chassis::broker::{Outgoing, Published, Publisher};
use delivery::endpoint::Endpoints;
use delivery::http;
use messages::UnsubscribeTokens;
use proto_events::Names;
use rules::{Directory, Policy};
use secrecy::ExposeSecret;
use store::{Store, StoreError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::NAME;
use crate::access::attempts::Attempts;
use crate::bells::Bells;
use crate::config::ApiConfig;
use crate::count::Count;
use crate::refusal::Refusal;

/// How long the broker may take to confirm what a request publishes.
const CONFIRM: Duration = Duration::from_secs(10);

/// How many requests may hold a directory of their own in memory.
const DIRECTORIES: usize = 2;

/// What the service holds. Clones share it.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// See [`App`].
pub(crate) struct Parts {
    pub(crate) config: ApiConfig,
    pub(crate) policy: Policy,
    pub(crate) store: Store,
    pub(crate) endpoints: Endpoints,
    pub(crate) attempts: Attempts,
    /// None without a key: no mail has a link then.
    pub(crate) unsubscribing: Option<UnsubscribeTokens>,
    publisher: Publisher,
    directories: Arc<Semaphore>,
    pub(crate) count: Count,
    pub(crate) bells: Bells,
    /// Cancelled when the service is to stop: what would go on without end does not.
    pub(crate) stop: CancellationToken,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens what is needed; nothing is reached yet.
    pub(crate) fn new(config: ApiConfig, runtime: &Runtime) -> anyhow::Result<Self> {
        let extra_ca = http::extra_ca(config.extra_ca_file.as_deref())?;
        let keys = config.store.credential_aes_256_key.as_ref();
        let count = Count::new(&runtime.metrics.registry)?;
        Ok(Self(Arc::new(Parts {
            policy: config.policy.policy(),
            store: Store::new(&config.store, NAME)?,
            endpoints: Endpoints::new(&config.site_url, extra_ca.as_deref(), &config.endpoint)?,
            attempts: Attempts::default(),
            unsubscribing: keys.and_then(|keys| UnsubscribeTokens::from_keys(keys.expose_secret())),
            publisher: Publisher::start(&config.chassis.broker, runtime),
            directories: Arc::new(Semaphore::new(DIRECTORIES)),
            bells: Bells::new(count.streams.clone()),
            count,
            stop: runtime.stop.clone(),
            config,
        })))
    }

    /// Closes the session with the broker, once nobody is answered any more.
    pub(crate) async fn close(self) {
        if let Some(parts) = Arc::into_inner(self.0) {
            parts.publisher.close().await;
        }
    }
}

impl Parts {
    /// The names of exchanges and queues.
    pub(crate) fn names(&self) -> &Names {
        &self.config.chassis.broker.broker_prefix
    }

    /// The directory as it is now, given to one reader on a thread of its own, since reading takes its
    /// time. What it reads is only fetched once there is a place, and the place is its own until it is
    /// done, also where whoever asked has gone away.
    pub(crate) async fn with_directory<I: Send + 'static, T: Send + 'static>(
        &self,
        input: impl Future<Output = Result<I, StoreError>>,
        read: impl FnOnce(&Directory, I) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let place = Arc::clone(&self.directories).acquire_owned().await;
        let place = place.map_err(|closed| Refusal::Broken(closed.into()))?;
        let (input, snapshot) = (input.await?, self.store.load_directory().await?);
        let reading = tokio::task::spawn_blocking(move || {
            let _place = place;
            read(&Directory::new(snapshot), input)
        });
        reading
            .await
            .map_err(|broken| Refusal::Broken(broken.into()))
    }

    /// Publishes messages, all of them or with a refusal that says so.
    pub(crate) async fn publish(&self, messages: &[Outgoing]) -> Result<(), Refusal> {
        let publishing = tokio::time::timeout(CONFIRM, self.publisher.publish(messages)).await;
        let Ok(answers) = publishing else {
            return Err(Refusal::NotConfirmed);
        };
        for answer in answers.map_err(|stopped| Refusal::Broken(stopped.into()))? {
            match answer {
                Published::Confirmed => {}
                Published::Unroutable => return Err(Refusal::NotConfirmed),
                Published::Refused(words) => {
                    return Err(Refusal::general(format!(
                        "The broker does not take it: {words}"
                    )));
                }
            }
        }
        Ok(())
    }
}
