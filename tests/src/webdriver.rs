//! As much of WebDriver (W3C) as the tests of pages speak. The crates for it change how all JSON of
//! the workspace is written (`serde_json/preserve_order`), so this is our own.

use std::path::Path;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The name that the protocol gives to an element's id (WebDriver, 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How an element is looked for.
#[derive(Clone, Copy, Debug)]
pub enum By<'s> {
    /// By a CSS selector.
    Css(&'s str),
    /// By an XPath expression.
    XPath(&'s str),
}

/// A session with a browser.
#[derive(Clone, Debug)]
pub struct WebDriver {
    client: Client,
    session: String,
}

/// An element of the page that is open.
#[derive(Clone, Debug)]
pub struct WebElement {
    driver: WebDriver,
    id: String,
}

impl WebDriver {
    /// Opens a session.
    ///
    /// # Errors
    /// If the driver does not answer, or has no such browser.
    pub async fn new(url: &str, browser: &str, flags: &[String]) -> Result<Self> {
        let mut driver = Self {
            client: Client::new(),
            session: format!("{url}/session"),
        };
        let options = json!({"binary": browser, "args": flags});
        let wishes = json!({"browserName": "chrome", "goog:chromeOptions": options});
        let body = json!({"capabilities": {"alwaysMatch": wishes}});
        let opened = driver.ask(Method::POST, "", Some(body)).await?;
        let id = opened["sessionId"].as_str().context("no session")?;
        driver.session = format!("{}/{id}", driver.session);
        Ok(driver)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let url = format!("{}{path}", self.session);
        let request = self.client.request(method, url);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await?;
        let (status, answer) = (response.status(), response.json::<Value>().await?);
        if !status.is_success() {
            bail!("{path}: {}", answer["value"]["message"]);
        }
        Ok(answer["value"].clone())
    }

    /// Opens a page.
    ///
    /// # Errors
    /// If the browser cannot.
    pub async fn goto(&self, url: &str) -> Result<()> {
        let done = self.ask(Method::POST, "/url", Some(json!({"url": url})));
        done.await.map(drop)
    }

    /// The address of the page.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub async fn current_url(&self) -> Result<url::Url> {
        let url = self.ask(Method::GET, "/url", None).await?;
        Ok(url.as_str().context("no address")?.parse()?)
    }

    /// All elements that are found, in the page's order.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub async fn find_all(&self, by: By<'_>) -> Result<Vec<WebElement>> {
        let (using, value) = match by {
            By::Css(selector) => ("css selector", selector),
            By::XPath(path) => ("xpath", path),
        };
        let body = json!({"using": using, "value": value});
        let found = self.ask(Method::POST, "/elements", Some(body)).await?;
        let ids = found.as_array().into_iter().flatten();
        let ids = ids.filter_map(|element| element[ELEMENT].as_str());
        Ok(ids
            .map(|id| WebElement {
                driver: self.clone(),
                id: id.to_owned(),
            })
            .collect())
    }

    /// The first element that is found.
    ///
    /// # Errors
    /// If there is none.
    pub async fn find(&self, by: By<'_>) -> Result<WebElement> {
        let found = self.find_all(by).await?.into_iter().next();
        found.with_context(|| format!("nothing is found by {by:?}"))
    }

    /// Writes a picture of what is seen.
    ///
    /// # Errors
    /// If the browser does not answer, or the file cannot be written.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        let picture = self.ask(Method::GET, "/screenshot", None).await?;
        let picture = STANDARD.decode(picture.as_str().context("no picture")?)?;
        Ok(std::fs::write(file, picture)?)
    }

    /// Ends the session, and the browser with it.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn quit(&self) -> Result<()> {
        self.ask(Method::DELETE, "", None).await.map(drop)
    }
}

impl WebElement {
    async fn do_to(&self, what: &str, body: Value) -> Result<()> {
        let path = format!("/element/{}/{what}", self.id);
        let done = self.driver.ask(Method::POST, &path, Some(body));
        done.await.map(drop)
    }

    async fn read(&self, what: &str) -> Result<Value> {
        let path = format!("/element/{}/{what}", self.id);
        self.driver.ask(Method::GET, &path, None).await
    }

    /// Clicks on it.
    ///
    /// # Errors
    /// If it cannot be clicked on.
    pub async fn click(&self) -> Result<()> {
        self.do_to("click", json!({})).await
    }

    /// Empties it.
    ///
    /// # Errors
    /// If it is no field.
    pub async fn clear(&self) -> Result<()> {
        self.do_to("clear", json!({})).await
    }

    /// Types into it.
    ///
    /// # Errors
    /// If it is no field.
    pub async fn send_keys(&self, text: &str) -> Result<()> {
        self.do_to("value", json!({"text": text})).await
    }

    /// What it shows.
    ///
    /// # Errors
    /// If it is not on the page any more; so with the others.
    pub async fn text(&self) -> Result<String> {
        let text = self.read("text").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Whether it can be seen.
    ///
    /// # Errors
    /// As [`WebElement::text`].
    pub async fn is_displayed(&self) -> Result<bool> {
        Ok(self.read("displayed").await? == true)
    }

    /// Whether it is ticked.
    ///
    /// # Errors
    /// As [`WebElement::text`].
    pub async fn is_selected(&self) -> Result<bool> {
        Ok(self.read("selected").await? == true)
    }

    /// An attribute.
    ///
    /// # Errors
    /// As [`WebElement::text`].
    pub async fn attr(&self, name: &str) -> Result<Option<String>> {
        let value = self.read(&format!("attribute/{name}")).await?;
        Ok(value.as_str().map(str::to_owned))
    }
}
