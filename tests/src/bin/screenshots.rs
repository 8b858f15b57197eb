//! Takes pictures of the pages, light and dark, with the demo's data: `screenshots FOLDER`.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use notifyctl::demo::play::Demo;
use notifyctl::screen::Screen;
use notifyctl::stage::Servers;
use system_tests::browser::{Browser, Scheme};

/// How wide a page is, and a phone (CSS pixels).
const WIDE: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// Pictures: a name and a page of a superuser.
const PAGES: [(&str, &str); 9] = [
    ("alerts", "/alerts"),
    ("notifications", "/notifications"),
    ("webhooks", "/webhooks"),
    ("deliveries", "/deliveries"),
    ("dead-letters", "/dead-letters"),
    ("destinations", "/destinations"),
    ("templates", "/templates"),
    ("system-settings", "/system-settings"),
    ("profile", "/profile"),
];

#[tokio::main]
async fn main() -> Result<()> {
    chassis::start::install_tls_provider();
    let folder = env::args().nth(1).context("say into which folder")?;
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    let screen = Screen::new();
    let messages = tempfile::tempdir()?;
    let servers = Servers::from_environment()?;
    let mut demo = Demo::raise(&screen, &servers, messages.path().to_owned()).await?;
    let taken = take_all(&mut demo, &screen, &folder).await;
    let closed = demo.close(&screen).await;
    taken.and(closed)
}

async fn take_all(demo: &mut Demo, screen: &Screen, folder: &Path) -> Result<()> {
    demo.play(screen).await?;
    let links = demo.sign_in_links().await?;
    let (_, link) = links.first().context("nobody may sign in")?;
    for (scheme, name) in [(Scheme::Light, "light"), (Scheme::Dark, "dark")] {
        let browser = Browser::open(scheme, WIDE.0, WIDE.1).await?;
        let visit = Visit {
            browser: &browser,
            url: demo.url(),
            folder,
            suffix: name,
        };
        visit.sign_in(link).await?;
        for (page, path) in PAGES {
            visit.take(page, path).await?;
        }
        let story = visit
            .first_link("/deliveries", "a[href^='/events/']")
            .await?;
        visit.take("event", &story).await?;
        browser.close().await?;
    }
    let browser = Browser::open(Scheme::Light, PHONE.0, PHONE.1).await?;
    let visit = Visit {
        browser: &browser,
        url: demo.url(),
        folder,
        suffix: "phone",
    };
    visit.sign_in(link).await?;
    for (page, path) in PAGES {
        visit.take(page, path).await?;
    }
    browser.close().await
}

/// Somebody who takes pictures.
struct Visit<'v> {
    browser: &'v Browser,
    url: String,
    folder: &'v Path,
    suffix: &'static str,
}

impl Visit<'_> {
    async fn sign_in(&self, link: &str) -> Result<()> {
        self.browser.driver.goto(link).await?;
        self.browser.shows("Sign out").await;
        Ok(())
    }

    async fn take(&self, name: &str, path: &str) -> Result<()> {
        self.browser
            .driver
            .goto(&format!("{}{path}", self.url))
            .await?;
        let file = self.folder.join(format!("{name}-{}.png", self.suffix));
        self.browser.driver.screenshot(&file).await?;
        println!("{}", file.display());
        Ok(())
    }

    /// Where the first link of a page leads that a selector finds.
    async fn first_link(&self, path: &str, selector: &str) -> Result<String> {
        self.browser
            .driver
            .goto(&format!("{}{path}", self.url))
            .await?;
        self.browser.link(selector).await
    }
}
