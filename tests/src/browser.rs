//! A real Chromium, without a window.

use std::env;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::play::until;
use crate::webdriver::{By, WebDriver};

/// What Debian and others call the program that drives a browser.
const DRIVERS: [&str; 2] = ["chromedriver", "chromium.chromedriver"];

/// Browsers, the first that is there.
const BROWSERS: [&str; 3] = ["chromium", "google-chrome", "chrome-headless-shell"];

/// How a browser works without a window, as root, and without asking the internet for anything.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// How a page is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A running browser. Dropping it kills it; [`Browser::close`] ends it in order.
pub struct Browser {
    /// What it is told with.
    pub driver: WebDriver,
    process: Child,
    _profile: TempDir,
}

/// Where a browser and its driver are; none on a machine that has none.
#[must_use]
pub fn installed() -> Option<(PathBuf, PathBuf)> {
    Some((found(&DRIVERS)?, found(&BROWSERS)?))
}

fn found(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    let mut paths = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    paths.find(|path| path.is_file())
}

impl Browser {
    /// Opens one with a profile of its own.
    ///
    /// # Errors
    /// If there is none, or it does not start.
    pub async fn open(scheme: Scheme, width: u32, height: u32) -> Result<Self> {
        let (driver, browser) =
            installed().context("there is no chromium with a chromedriver here")?;
        let profile = tempfile::tempdir()?;
        let mut process = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the driver of the browser")?;
        let port = port(&mut process).await?;
        let dark = u8::from(scheme == Scheme::Light);
        let mut flags = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--blink-settings=preferredColorScheme={dark}"));
        flags.push(format!("--window-size={width},{height}"));
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let url = format!("http://127.0.0.1:{port}");
        let driver = WebDriver::new(&url, &browser.to_string_lossy(), &flags).await?;
        Ok(Self {
            driver,
            process,
            _profile: profile,
        })
    }

    /// Waits until the page has an element with this text.
    pub async fn shows(&self, text: &str) {
        let path = format!("//*[normalize-space(text())='{text}']");
        until(&format!("{text:?} on the page"), async || {
            self.driver.find(By::XPath(&path)).await.ok()
        })
        .await;
    }

    /// Where the first link leads that a selector finds.
    ///
    /// # Errors
    /// If there is none.
    pub async fn link(&self, selector: &str) -> Result<String> {
        let link = self.driver.find(By::Css(selector)).await?;
        link.attr("href")
            .await?
            .context("a link that leads nowhere")
    }

    /// Closes it.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn close(mut self) -> Result<()> {
        self.driver.quit().await?;
        Ok(self.process.kill().await?)
    }
}

/// The port that the driver took, which it says in a line.
async fn port(process: &mut Child) -> Result<u16> {
    let said = process.stdout.take().context("the driver says nothing")?;
    let mut lines = BufReader::new(said).lines();
    while let Some(line) = lines.next_line().await? {
        let port = line.trim_end_matches('.').rsplit("on port ").next();
        // The first line repeats the 0 that was asked for.
        if let Some(port) = port
            .and_then(|port| port.parse().ok())
            .filter(|port| *port != 0)
        {
            // Read on, or the driver waits for a reader once the pipe is full.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port);
        }
    }
    bail!("the driver of the browser ended before it listened")
}
