//! Addresses: DefectDojo's pages and REST resources, and the links that events carry.

use url::Url;

/// Longest address that is made clickable, in characters (DefectDojo's limit of an alert's url).
pub const CHARS: usize = 2000;

/// The link of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// As the event gave it.
    pub given: String,
    /// The same as an absolute address.
    pub absolute: String,
    /// For a click: only `http` and `https` addresses of at most [`CHARS`] have it.
    pub href: Option<String>,
}

impl Link {
    /// The link of an event on DefectDojo's site; a path is below the site's address, an
    /// absolute address stays as it is. No text, no link.
    #[must_use]
    pub fn on(site: &Site<'_>, given: Option<&str>) -> Option<Self> {
        let given = given.map(str::trim).filter(|url| !url.is_empty())?;
        let absolute = site.absolute(given);
        Some(Self {
            given: given.to_owned(),
            href: clickable(&absolute),
            absolute,
        })
    }
}

/// The address in its normal form, if it may be clicked.
fn clickable(address: &str) -> Option<String> {
    let url = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(String::from(url)).filter(|url| url.chars().nth(CHARS).is_none())
}

/// What has a page and a REST resource in DefectDojo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// Product type, also called Organization.
    ProductType,
    /// Product, also called Asset.
    Product,
    /// Engagement.
    Engagement,
    /// Test.
    Test,
    /// Finding.
    Finding,
    /// User.
    User,
}

impl Object {
    /// First part of the page's path, and the REST collection (DefectDojo 3, `urls.py`).
    const fn paths(self) -> (&'static str, &'static str) {
        match self {
            Self::ProductType => ("organization", "product_types"),
            Self::Product => ("asset", "products"),
            Self::Engagement => ("engagement", "engagements"),
            Self::Test => ("test", "tests"),
            Self::Finding => ("finding", "findings"),
            Self::User => ("user", "users"),
        }
    }
}

/// DefectDojo's site.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a>(&'a str);

impl<'a> Site<'a> {
    /// The site at an address, with or without a slash at its end.
    #[must_use]
    pub fn new(address: &'a str) -> Self {
        Self(address.trim().trim_end_matches('/'))
    }

    /// An address below the site, unless it is absolute already.
    #[must_use]
    pub fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') {
            format!("{}{url}", self.0)
        } else if has_scheme(url) {
            url.to_owned()
        } else {
            format!("{}/{url}", self.0)
        }
    }

    /// The page of an object.
    #[must_use]
    pub fn page(&self, object: Object, id: i64) -> String {
        format!("{}/{}/{id}", self.0, object.paths().0)
    }

    /// The REST resource of an object.
    #[must_use]
    pub fn resource(&self, object: Object, id: i64) -> String {
        format!("{}/api/v2/{}/{id}/", self.0, object.paths().1)
    }
}

/// Whether the text begins like `https:` (RFC 3986, section 3.1).
fn has_scheme(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'))
    })
}
