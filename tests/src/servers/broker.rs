//! A private RabbitMQ.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use lapin::{Connection, ConnectionProperties};
use tokio::{net::TcpStream, process::Command, time::timeout};

use super::{
    account::Account,
    folder::Folder,
    guard::{self, Guard},
    packages, ports,
};

/// Called directly, since Debian's wrapper in /usr/sbin accepts certain users only.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const CONTROL: &str = "/usr/lib/rabbitmq/bin/rabbitmqctl";

/// Names of the programs in the folder.
const NODE: &str = "rabbitmq";
const PORT_MAPPER: &str = "epmd";

/// How long a start may take, on a machine busy with compiling too.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A RabbitMQ of its own ports, node name, password and data folder; dropping it removes it.
#[derive(Debug)]
pub struct PrivateBroker {
    guard: Guard,
    url: String,
    account: Account,
    environment: Vec<(&'static str, String)>,
    management_url: String,
}

impl PrivateBroker {
    /// Starts one, installing Debian's `rabbitmq-server` where it is missing.
    ///
    /// # Errors
    /// When the package cannot be installed or the server does not start; the message has its log's last lines.
    pub async fn start() -> Result<Self> {
        Self::start_with("[].\n").await
    }

    /// As [`PrivateBroker::start`], with the management API.
    ///
    /// # Errors
    /// As there.
    pub async fn start_with_management() -> Result<Self> {
        Self::start_with("[rabbitmq_management].\n").await
    }

    async fn start_with(plugins: &str) -> Result<Self> {
        packages::require(Path::new(SERVER), "rabbitmq-server").await?;
        let account = Account::of("rabbitmq")?;
        let password = uuid::Uuid::new_v4().simple().to_string();
        let folder = Folder::create("broker", &account)?;
        let (port, mapper_port, management_port) = (ports::free()?, ports::free()?, ports::free()?);
        let mut settings = format!(
            "listeners.tcp.1 = 127.0.0.1:{port}\ndefault_user = dojo\ndefault_pass = {password}\n"
        );
        // A setting of a plugin that is not there stops the server.
        if plugins.contains("management") {
            settings += &format!(
                "management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management_port}\n"
            );
        }
        folder.write("rabbitmq.conf", &settings, &account)?;
        folder.write("enabled_plugins", plugins, &account)?;
        folder.write(NODE, &format!("exec {SERVER}\n"), &account)?;
        folder.write(
            PORT_MAPPER,
            &format!("exec epmd -port {mapper_port} -address 127.0.0.1\n"),
            &account,
        )?;
        let environment = environment(folder.path(), mapper_port)?;
        let mut guard = Guard::over(folder, &account, &environment, "KILL")?;
        let url = format!("amqp://dojo:{password}@127.0.0.1:{port}/%2f");
        start_port_mapper(&mut guard, mapper_port).await?;
        launch(&mut guard, &url).await?;
        Ok(Self {
            guard,
            url,
            account,
            environment,
            management_url: format!("http://dojo:{password}@127.0.0.1:{management_port}"),
        })
    }

    /// The management API's URL, with the administrator's name and password; answers if it was
    /// started with it.
    #[must_use]
    pub fn management_url(&self) -> &str {
        &self.management_url
    }

    /// Its URL, with the administrator's name and password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.guard.process_id(NODE)
    }

    /// The folder with its data and log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.guard.folder()
    }

    /// Runs `rabbitmqctl` with these arguments against it; gives back what that prints.
    ///
    /// # Errors
    /// When it fails; the message has what it printed.
    pub async fn control(&self, arguments: &[&str]) -> Result<String> {
        let prefix = self.account.prefix();
        let output = Command::new(prefix[0])
            .args(&prefix[1..])
            .args([CONTROL, "--quiet"])
            .args(arguments)
            .env_clear()
            .envs(guard::ENVIRONMENT)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder())
            .output()
            .await
            .context("cannot run rabbitmqctl")?;
        let printed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        ensure!(
            output.status.success(),
            "rabbitmqctl {} failed: {printed} {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(printed)
    }

    /// Shuts it down in an orderly way; data stays for [`PrivateBroker::restart`].
    ///
    /// # Errors
    /// When its guard is gone.
    pub async fn stop(&mut self) -> Result<()> {
        self.guard.end(NODE, "TERM").await
    }

    /// Kills it with SIGKILL; data stays for [`PrivateBroker::restart`].
    ///
    /// # Errors
    /// When its guard is gone.
    pub async fn kill(&mut self) -> Result<()> {
        self.guard.end(NODE, "KILL").await
    }

    /// Stops it if it runs, and starts it again at the same URL with the same data.
    ///
    /// # Errors
    /// As [`PrivateBroker::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        launch(&mut self.guard, &self.url).await
    }
}

/// Starts Erlang's port mapper, of its own so that the machine's one knows nothing of this node.
async fn start_port_mapper(guard: &mut Guard, port: u16) -> Result<()> {
    guard.start(PORT_MAPPER).await?;
    // The node would start another one, which nobody would end, if this one were not there yet.
    let ready = async || TcpStream::connect(("127.0.0.1", port)).await.is_ok();
    guard
        .wait_until(ready, PATIENCE)
        .await
        .context("Erlang's port mapper (epmd) did not start")
}

async fn launch(guard: &mut Guard, url: &str) -> Result<()> {
    guard.start(NODE).await?;
    let connect = async || {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        connection.close(200, "ready".into()).await
    };
    // Without a limit lapin may wait for ever for a connection that was refused.
    let ready = async || matches!(timeout(CONNECT, connect()).await, Ok(Ok(())));
    guard
        .wait_until(ready, PATIENCE)
        .await
        .context("a private RabbitMQ did not start")
}

/// The node's environment: nothing of the machine's own broker (/etc/rabbitmq, /var/lib/rabbitmq) is read or written.
fn environment(folder: &Path, mapper_port: u16) -> Result<Vec<(&'static str, String)>> {
    let within = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let run = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(vec![
        // Erlang makes the cookie in HOME.
        ("HOME", within("")),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".into()),
        ("ERL_EPMD_PORT", mapper_port.to_string()),
        ("RABBITMQ_NODENAME", format!("dojo-{run}@localhost")),
        ("RABBITMQ_DIST_PORT", ports::free()?.to_string()),
        (
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            "-kernel inet_dist_use_interface {127,0,0,1}".into(),
        ),
        ("RABBITMQ_CONF_ENV_FILE", within("none")),
        ("RABBITMQ_CONFIG_FILE", within("rabbitmq.conf")),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", within("none")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", within("enabled_plugins")),
        ("RABBITMQ_GENERATED_CONFIG_DIR", within("config")),
        ("RABBITMQ_SCHEMA_DIR", within("schema")),
        ("RABBITMQ_MNESIA_BASE", within("data")),
        ("RABBITMQ_LOG_BASE", within("")),
        ("RABBITMQ_LOGS", "-".into()),
        ("RABBITMQ_OUTPUT_SUPPORTS_COLORS", "false".into()),
        ("RABBITMQ_PID_FILE", within("pid")),
        // With input allowed the start script becomes the server instead of waiting for it, so that signals and
        // the process id are the server's; the flag then takes the input away.
        ("RABBITMQ_ALLOW_INPUT", "1".into()),
        ("RABBITMQ_SERVER_START_ARGS", "-noinput".into()),
    ])
}
