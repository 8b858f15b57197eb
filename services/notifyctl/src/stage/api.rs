//! The API as a process: resources for programs and pages for people.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout};

use super::Fleet;
use super::process::{programs, spawn, tail, terminate};

/// Its program.
const PROGRAM: &str = "api";

/// How often it is looked whether it listens.
const LOOK: Duration = Duration::from_millis(50);

/// How long it may take to stop.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// A running API. Dropping it kills it.
pub struct Api {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Fleet {
    /// Starts the API beside the services, at a free port of this machine, and waits until it
    /// listens.
    ///
    /// # Errors
    /// If its program is not built, or it does not come up in time; the error holds the end of
    /// its log.
    pub async fn serve_api(&self, within: Duration) -> anyhow::Result<Api> {
        let program = programs([PROGRAM])?.join(PROGRAM);
        let log = self.logs().join(format!("{PROGRAM}.log"));
        // Free now, and nobody else's a moment later but by a great accident.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let address = listener.and_then(|listener| listener.local_addr());
        let address = address.context("this machine gives no free port")?;
        let own = [
            ("DD_API_LISTEN", address.to_string()),
            ("DD_NOTIFY_URL", format!("http://{address}")),
        ];
        let mut api = Api {
            child: spawn(&program, &log, self.environment().chain(own))?,
            address,
            log,
        };
        api.listening(within).await?;
        Ok(api)
    }
}

impl Api {
    /// Its address, for a browser.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its process.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    async fn listening(&mut self, within: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait()?;
            if ended.is_some() || Instant::now() >= deadline {
                bail!(
                    "the API does not listen at {}\n{}",
                    self.address,
                    tail(&self.log)
                );
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Stops it with SIGTERM.
    ///
    /// # Errors
    /// If it does not exit with 0 within 30 s.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        terminate(&self.child)?;
        let status = timeout(STOP_WITHIN, self.child.wait()).await;
        match status.context("the API did not stop within 30 s of SIGTERM")?? {
            status if status.success() => Ok(()),
            status => bail!(
                "the API ended with {status} after SIGTERM\n{}",
                tail(&self.log)
            ),
        }
    }
}
