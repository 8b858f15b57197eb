//! The services as processes, which never outlive this one.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use chassis::broker::Session;
use proto_events::Service;
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout_at};

use super::World;
use super::process::{programs, spawn, tail, terminate};

/// How long a service may take to stop; its own grace period is shorter (`DD_SHUTDOWN_GRACE`).
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// How often queues are asked for their readers.
const LOOK: Duration = Duration::from_millis(50);

/// The services of a world. Dropping it kills them.
pub struct Fleet {
    // Dropped first, so that nobody is left in a world that ends.
    running: BTreeMap<Service, Child>,
    world: World,
    programs: PathBuf,
    logs: PathBuf,
    environment: Vec<(&'static str, String)>,
    own: HashMap<Service, Vec<(String, String)>>,
}

impl Fleet {
    /// A fleet that is not started yet. `receivers` is what leads it to the outside world.
    ///
    /// # Errors
    /// If the services' programs are not built.
    pub fn new(world: &World, receivers: Vec<(&'static str, String)>) -> anyhow::Result<Self> {
        let mut environment = world.environment();
        environment.extend(receivers);
        environment.extend([
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("DD_HTTP_LISTEN", "127.0.0.1:0".to_owned()),
            ("DD_SITE_URL", "http://localhost:8080".to_owned()),
            ("DD_LOG_FORMAT", "json".to_owned()),
        ]);
        let fleet = Self {
            running: BTreeMap::new(),
            world: world.clone(),
            programs: programs(Service::ALL.map(Service::as_str))?,
            logs: PathBuf::new(),
            environment,
            own: HashMap::new(),
        };
        fleet.logging_to(world.folder().join("logs"))
    }

    /// The fleet with its logs in another folder than the world's, so that they outlive it.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn logging_to(mut self, folder: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        self.logs = folder;
        Ok(self)
    }

    /// Gives one service a variable more, from its next start on.
    pub fn set(&mut self, service: Service, variable: &str, value: &str) {
        let own = self.own.entry(service).or_default();
        own.push((variable.to_owned(), value.to_owned()));
    }

    /// Starts services and waits for nothing; one that runs is left alone.
    ///
    /// # Errors
    /// If a program cannot be run.
    pub fn start(&mut self, services: &[Service]) -> anyhow::Result<()> {
        for service in services {
            if !self.running.contains_key(service) {
                let child = self.spawn(*service)?;
                self.running.insert(*service, child);
            }
        }
        Ok(())
    }

    /// Waits until every running service reads its queue.
    ///
    /// # Errors
    /// If one has ended, or does not read in time; the error holds the end of its log.
    pub async fn ready(&mut self, within: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        let session = Session::open(self.world.broker(), "notifyctl stage").await?;
        let mut waiting: Vec<Service> = self.running.keys().copied().collect();
        while let Some(service) = waiting.last().copied() {
            if self.readers(&session, service).await? > 0 {
                waiting.pop();
                continue;
            }
            self.check()?;
            if Instant::now() >= deadline {
                let within = within.as_secs();
                bail!(
                    "{service} does not read its queue after {within} s\n{}",
                    self.tail(service)
                );
            }
            sleep(LOOK).await;
        }
        session.close().await;
        Ok(())
    }

    /// Looks whether every started service still runs.
    ///
    /// # Errors
    /// If one has ended; the error holds the end of its log.
    pub fn check(&mut self) -> anyhow::Result<()> {
        let mut ended = None;
        for (service, child) in &mut self.running {
            if let Some(status) = child.try_wait()? {
                ended = Some((*service, status));
            }
        }
        match ended {
            None => Ok(()),
            Some((service, status)) => {
                bail!("{service} ended with {status}\n{}", self.tail(service))
            }
        }
    }

    /// Stops every service with SIGTERM.
    ///
    /// # Errors
    /// Naming each that did not exit with 0 within 30 s; it is killed then.
    pub async fn terminate(&mut self) -> anyhow::Result<()> {
        let all = std::mem::take(&mut self.running);
        self.stop(all).await
    }

    async fn stop(&self, mut stopping: BTreeMap<Service, Child>) -> anyhow::Result<()> {
        let mut problems = Vec::new();
        for (service, child) in &stopping {
            if let Err(error) = terminate(child) {
                problems.push(format!("{service} cannot be told to stop: {error}"));
            }
        }
        let deadline = Instant::now() + STOP_WITHIN;
        for (service, child) in &mut stopping {
            match timeout_at(deadline, child.wait()).await {
                Ok(Ok(status)) if status.success() => {}
                Ok(Ok(status)) => problems.push(format!(
                    "{service} ended with {status} after SIGTERM\n{}",
                    self.tail(*service)
                )),
                Ok(Err(error)) => problems.push(format!("{service} cannot be waited for: {error}")),
                Err(_) => problems.push(format!(
                    "{service} did not stop within {} s of SIGTERM\n{}",
                    STOP_WITHIN.as_secs(),
                    self.tail(*service)
                )),
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            bail!("{}", problems.join("\n"))
        }
    }

    /// Kills a service with SIGKILL, in the midst of whatever it does.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill(&mut self, service: Service) -> anyhow::Result<()> {
        let mut child = self
            .running
            .remove(&service)
            .with_context(|| format!("{service} does not run"))?;
        child
            .kill()
            .await
            .with_context(|| format!("cannot kill {service}"))
    }

    /// Kills a service, starts it again, and waits until the new one reads its queue.
    ///
    /// # Errors
    /// As [`Fleet::kill`] and [`Fleet::ready`].
    pub async fn restart(&mut self, service: Service, within: Duration) -> anyhow::Result<()> {
        self.kill(service).await?;
        self.forgotten(service, within).await?;
        self.start(&[service])?;
        self.ready(within).await
    }

    /// Stops a service with SIGTERM, starts it again, and waits until the new one reads its
    /// queue. Unlike after [`Fleet::restart`] no claim of the old process is left standing.
    ///
    /// # Errors
    /// As [`Fleet::terminate`] and [`Fleet::ready`].
    pub async fn renew(&mut self, service: Service, within: Duration) -> anyhow::Result<()> {
        let running = self.running.remove_entry(&service);
        self.stop(running.into_iter().collect()).await?;
        self.forgotten(service, within).await?;
        self.start(&[service])?;
        self.ready(within).await
    }

    /// The id of a running service's process.
    #[must_use]
    pub fn process_id(&self, service: Service) -> Option<u32> {
        self.running.get(&service)?.id()
    }

    /// The log of a service, all its runs in one file.
    #[must_use]
    pub fn log(&self, service: Service) -> PathBuf {
        self.logs.join(format!("{service}.log"))
    }

    /// The folder of the logs.
    #[must_use]
    pub fn logs(&self) -> &Path {
        &self.logs
    }

    /// Waits until the broker has noticed that a killed service is gone, so that its
    /// reader is not taken for the next one's.
    async fn forgotten(&self, service: Service, within: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        let session = Session::open(self.world.broker(), "notifyctl stage").await?;
        while self.readers(&session, service).await? > 0 {
            if Instant::now() >= deadline {
                bail!("the broker still has a reader of the killed {service}");
            }
            sleep(LOOK).await;
        }
        session.close().await;
        Ok(())
    }

    async fn readers(&self, session: &Session, service: Service) -> anyhow::Result<u32> {
        let queue = self.world.names().queue(service);
        Ok(session.queue_state(&queue).await?.consumers)
    }

    fn spawn(&self, service: Service) -> anyhow::Result<Child> {
        let program = self.programs.join(service.as_str());
        let own = self.own.get(&service).into_iter().flatten().cloned();
        let environment = self
            .environment()
            .map(|(name, value)| (name.to_owned(), value));
        spawn(&program, &self.log(service), environment.chain(own))
    }

    /// The variables of every process.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.environment.iter().cloned()
    }

    fn tail(&self, service: Service) -> String {
        tail(&self.log(service))
    }
}
