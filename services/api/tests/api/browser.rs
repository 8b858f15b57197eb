//! A browser in which somebody signed in: it keeps cookies, and says which site asks.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};

use crate::desk::Desk;

/// What a browser holds.
pub(crate) struct Browser {
    client: Client,
    address: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// A page as it came.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    /// Where the browser is sent.
    pub(crate) location: Option<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

/// Which version of a resource the form on a page is filled in over.
pub(crate) fn version(page: &Seen) -> String {
    let rest = page.text.split("name=\"version\" value=\"").nth(1);
    let value = rest.expect("a form with a version").split('"').next();
    value.unwrap().to_owned()
}

impl Seen {
    /// Asserts that a text is on the page.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "no {text:?} in {}", self.text);
        self
    }

    /// Asserts that a text is not on the page.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "{text:?} in {}", self.text);
        self
    }
}

impl Browser {
    /// One in which nobody signed in.
    pub(crate) fn new(desk: &Desk) -> Self {
        let none = reqwest::redirect::Policy::none();
        Self {
            client: Client::builder().redirect(none).build().unwrap(),
            address: desk.address.clone(),
            cookies: Mutex::default(),
        }
    }

    /// One in which somebody signed in.
    pub(crate) async fn of(desk: &Desk, person: i64) -> Self {
        let browser = Self::new(desk);
        let form = [("token", desk.token(person))];
        let seen = browser.send("/sign-in", &form).await;
        assert_eq!((seen.status, seen.location.as_deref()), (303, Some("/")));
        browser
    }

    /// The page of a path.
    pub(crate) async fn look(&self, path: &str) -> Seen {
        let url = format!("http://{}{path}", self.address);
        self.seen(self.client.get(url)).await
    }

    /// What comes of a form that our own page sends.
    pub(crate) async fn send(&self, path: &str, form: &[(&str, &str)]) -> Seen {
        self.send_from("same-origin", path, form).await
    }

    /// What comes of a form that a page of some site sends.
    pub(crate) async fn send_from(&self, site: &str, path: &str, form: &[(&str, &str)]) -> Seen {
        let url = format!("http://{}{path}", self.address);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self
            .client
            .post(url)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Sec-Fetch-Site", site)
            .body(body);
        self.seen(request).await
    }

    /// As [`Browser::send`], and the page that the browser is sent to.
    pub(crate) async fn send_on(&self, path: &str, form: &[(&str, &str)]) -> Seen {
        let seen = self.send(path, form).await;
        assert_eq!(seen.status, 303, "{}", seen.text);
        self.look(&seen.location.expect("sent somewhere")).await
    }

    /// What comes of a path for as long as it comes, after the last event that the browser knows.
    pub(crate) async fn listen(&self, path: &str, last: &str) -> Response {
        let url = format!("http://{}{path}", self.address);
        let request = self.client.get(url).header(COOKIE, self.jar());
        request.header("Last-Event-ID", last).send().await.unwrap()
    }

    async fn seen(&self, request: RequestBuilder) -> Seen {
        let response = request.header(COOKIE, self.jar()).send().await.unwrap();
        self.keep(&response);
        let header =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                (name.to_string(), value.to_str().unwrap().to_owned())
            };
        let headers: BTreeMap<_, _> = response.headers().iter().map(header).collect();
        Seen {
            status: response.status().as_u16(),
            location: headers.get(LOCATION.as_str()).cloned(),
            headers,
            text: response.text().await.unwrap(),
        }
    }

    fn jar(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&self, response: &Response) {
        for cookie in response.headers().get_all(SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            if text.contains("Max-Age=0;") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
