//! The in-app alert.

use crate::layout::plain::{Parts, plain};
use crate::link;
use crate::message::Message;
use crate::text;

/// What stands in an alert, within the limits of DefectDojo's `Alerts` model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertText {
    /// At most 250 characters.
    pub title: String,
    /// At most 2,000 characters of plain text.
    pub description: String,
    /// As the event gave it, so that a path stays a path; at most 2,000 characters.
    /// None without a link that may be clicked.
    pub url: Option<String>,
    /// Font Awesome icon name, at most 25 characters.
    pub icon: String,
    /// What kind of event it is, at most 100 characters.
    pub source: String,
}

/// Findings of each group that an alert names.
const PARTS: Parts = Parts {
    findings: 5,
    title: 100,
    addresses: false,
};

/// The message as an alert (facts of the fields: DefectDojo `notifications/models.py`).
#[must_use]
pub fn alert(message: &Message) -> AlertText {
    let url = message
        .link
        .as_ref()
        .filter(|link| link.href.is_some())
        .map(|link| link.given.clone());
    AlertText {
        title: text::cut(&message.title, 250),
        description: text::shortened(&plain(message, PARTS), 2000),
        // A cut address leads nowhere.
        url: url.filter(|url| url.chars().nth(link::CHARS).is_none()),
        icon: text::cut(&message.icon, 25),
        source: text::cut(&text::title_case(&message.category), 100),
    }
}
