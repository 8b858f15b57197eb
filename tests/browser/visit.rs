//! Somebody's visit.

use std::future::Future;

use notifyctl::stage::Api;
use secrecy::ExposeSecret;
use system_tests::browser::{Browser, Scheme, installed};
use system_tests::play::{PATIENCE, Play, play, until};
use system_tests::webdriver::{By, WebElement};

/// Somebody before a page, in an installation where everything runs.
pub(crate) struct Visit {
    pub(crate) play: Play,
    browser: Browser,
    api: Api,
}

/// Somebody signs in and does something; on a machine without a browser nobody does, unless
/// `DOJO_BROWSER=required` says that there is one.
pub(crate) async fn visit<F: Future<Output = Visit>>(who: &str, what: impl FnOnce(Visit) -> F) {
    if installed().is_none() {
        let required = std::env::var_os("DOJO_BROWSER").is_some_and(|it| it == "required");
        assert!(
            !required,
            "there is no chromium with a chromedriver here, and DOJO_BROWSER requires them"
        );
        eprintln!("skipped: there is no chromium with a chromedriver here");
        return;
    }
    play(async |play| {
        let api = play.fleet.serve_api(PATIENCE).await.unwrap();
        let browser = Browser::open(Scheme::Light, 1280, 900).await.unwrap();
        let visit = Visit { play, browser, api };
        visit.sign_in(who).await;
        let Visit { play, browser, api } = what(visit).await;
        browser.close().await.unwrap();
        api.stop().await.unwrap();
        play.end().await;
    })
    .await;
}

impl Visit {
    async fn sign_in(&self, who: &str) {
        let made = self
            .play
            .store()
            .create_token(who, "browser")
            .await
            .unwrap();
        let (_, token) = made.unwrap();
        self.go("/sign-in").await;
        self.write("token", token.expose_secret()).await;
        self.press("Sign in").await;
        self.sees("Alerts").await;
    }

    /// Opens a page.
    pub(crate) async fn go(&self, path: &str) {
        let url = format!("{}{path}", self.api.url());
        self.browser.driver.goto(&url).await.unwrap();
    }

    /// Where they are.
    pub(crate) async fn path(&self) -> String {
        let url = self.browser.driver.current_url().await.unwrap();
        url.path().to_owned()
    }

    /// The first element of a selector, as soon as it is there.
    pub(crate) async fn find(&self, selector: &str) -> WebElement {
        until(selector, async || {
            self.browser.driver.find(By::Css(selector)).await.ok()
        })
        .await
    }

    /// Writes into a field, in place of what was there.
    pub(crate) async fn write(&self, field: &str, text: &str) {
        let input = self.find(&format!("[name='{field}']")).await;
        input.clear().await.unwrap();
        input.send_keys(text).await.unwrap();
    }

    /// Opens a page again and again until it shows a text.
    pub(crate) async fn go_until(&self, path: &str, text: &str) {
        until(&format!("{text:?} at {path}"), async || {
            self.go(path).await;
            self.shows(text).await.then_some(())
        })
        .await;
    }

    /// Presses the first button or link that is called so and can be seen.
    pub(crate) async fn press(&self, label: &str) {
        self.press_in("", label).await;
    }

    /// Presses the button of the question that has just been asked.
    pub(crate) async fn agree(&self, label: &str) {
        self.press_in("//*[@popover]", label).await;
    }

    async fn press_in(&self, place: &str, label: &str) {
        let path = format!(
            "{place}//*[self::button or self::a or self::summary][normalize-space(.)='{label}']"
        );
        until(&format!("a button {label:?}"), async || {
            for button in self.browser.driver.find_all(By::XPath(&path)).await.ok()? {
                if button.is_displayed().await.ok()? && button.click().await.is_ok() {
                    return Some(());
                }
            }
            None
        })
        .await;
    }

    /// Waits until the page shows a text.
    pub(crate) async fn sees(&self, text: &str) {
        until(&format!("{text:?} on the page"), async || {
            let page = self.browser.driver.find(By::Css("body")).await.ok()?;
            let shown = page.text().await.ok()?;
            shown.contains(text).then_some(())
        })
        .await;
    }

    /// Whether the page shows a text now. A page that is just being replaced is looked at again.
    pub(crate) async fn shows(&self, text: &str) -> bool {
        let shown = until("a page", async || {
            let page = self.browser.driver.find(By::Css("body")).await.ok()?;
            page.text().await.ok()
        });
        shown.await.contains(text)
    }

    /// Ticks a box of a form, or does not.
    pub(crate) async fn tick(&self, name: &str, value: &str, ticked: bool) {
        let selector = format!("input[type=checkbox][name='{name}'][value='{value}']");
        let tick = self.find(&selector).await;
        if tick.is_selected().await.unwrap() != ticked {
            tick.click().await.unwrap();
        }
    }

    /// Ticks the first box of a name.
    pub(crate) async fn tick_first(&self, name: &str) {
        let selector = format!("input[type=checkbox][name='{name}']");
        self.find(&selector).await.click().await.unwrap();
    }

    /// The number beside the bell.
    pub(crate) async fn bell(&self) -> String {
        self.find(".bell .badge").await.text().await.unwrap()
    }

    /// Waits until the bell shows a number, on the page that is open.
    pub(crate) async fn bell_shows(&self, count: &str) {
        until(&format!("{count} beside the bell"), async || {
            (self.bell().await == count).then_some(())
        })
        .await;
    }
}
