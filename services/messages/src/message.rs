//! The channel-neutral message: what every layout starts from.

use proto_events::Event;
use proto_events::event_name::{Column, EventName};
use proto_events::payload::EventData;

use crate::findings::Grouping;
use crate::link::{Link, Object, Site};
use crate::redaction::{notice, visible};
use crate::terms::Source;
use crate::{Context, MessageError, Sensitivity, Templates, facts, text};

pub use crate::facts::Fact;
pub use crate::findings::{FindingGroup, FindingLine};

/// Icon of an alert whose event names none (DefectDojo `notifications/helper.py`).
const DEFAULT_ICON: &str = "info-circle";

/// What is to be told, in plain text. Only what the recipient may see is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// One line of at most [`text::TITLE_CHARS`]; never empty.
    pub title: String,
    /// What kind of event it is, e.g. `Scan Added`.
    pub category: String,
    /// The sentences, with `\n` as line end; never empty.
    pub text: String,
    /// The note that goes with a review request or mentions someone.
    pub note: Option<String>,
    /// What it is about.
    pub facts: Vec<Fact>,
    /// The findings, by what became of them.
    pub groups: Vec<FindingGroup>,
    /// Page of the subject.
    pub link: Option<Link>,
    /// Font Awesome icon name.
    pub icon: String,
    /// The system's disclaimer.
    pub disclaimer: Option<String>,
    /// Begins mail subjects.
    pub team: Option<String>,
    /// Why the reader gets this.
    pub reason: &'static str,
    /// Where that can be changed.
    pub preferences: String,
}

impl Message {
    /// Says what an event has to tell.
    ///
    /// # Errors
    /// [`MessageError`] if the event's template is broken; built-in ones are not.
    pub fn compose(
        templates: &Templates,
        event: &Event,
        context: &Context<'_>,
    ) -> Result<Self, MessageError> {
        let data = &*visible(&event.data, context);
        let site = Site::new(context.site_url);
        let link = Link::on(&site, data.url.as_deref());
        let category = category(&event.name);
        let title =
            filled(text::title(&data.title)).unwrap_or_else(|| untitled(&category, data, context));
        let today = event.time.map(|time| time.date_naive());
        let more = more(data, link.as_ref(), &site);
        let groups = Grouping::new(&site, today, more).of(data);
        let terms = Source {
            name: &event.name,
            data,
            category: &category,
            groups: &groups,
            link: link.as_ref(),
            today,
            context,
        }
        .terms();
        let mut sentences = templates.sentences(&event.name, context.channel, terms)?;
        if let Some(notice) = notice(context) {
            sentences = text::lines(&format!("{sentences}\n\n{notice}"));
        }
        let (reason, path) = if context.personal { PERSONAL } else { SYSTEM };
        Ok(Self {
            text: filled(sentences).unwrap_or_else(|| title.clone()),
            note: data.note.as_deref().map(text::lines).and_then(filled),
            facts: facts::of(data, &groups, &site, link.as_ref()),
            icon: icon(data),
            disclaimer: filled(text::lines(&context.settings.disclaimer_notifications)),
            team: filled(text::one_line(&context.settings.team_name)),
            reason,
            preferences: Site::new(context.notify_url).absolute(path),
            title,
            category,
            groups,
            link,
        })
    }

    /// The address to click, if there is one.
    #[must_use]
    pub fn href(&self) -> Option<&str> {
        self.link.as_ref()?.href.as_deref()
    }
}

/// Why a person gets a message, and the page where they change it.
const PERSONAL: (&str, &str) = (
    "You get this because of your notification settings.",
    "/notifications",
);

/// Likewise for the system's own destinations.
const SYSTEM: (&str, &str) = (
    "This goes to everyone here because of the system's notification settings.",
    "/notifications/system",
);

/// What kind of event it is, in words: the label of its rule column, or its name.
fn category(name: &EventName) -> String {
    name.as_str().parse::<Column>().map_or_else(
        |_| text::title_case(&text::title(&name.as_str().replace('_', " "))),
        |column| column.label().to_owned(),
    )
}

/// The title of an event that has none, or whose title is not told.
fn untitled(category: &str, data: &EventData, context: &Context<'_>) -> String {
    let product = data.product.as_ref().map(|product| &product.name);
    let product = product.or(data.product_type.as_ref().map(|it| &it.name));
    match (context.sensitivity, product) {
        (Sensitivity::LinkOnly, Some(product)) => text::title(&format!("{category}: {product}")),
        _ => category.to_owned(),
    }
}

/// Where findings that do not fit can be seen: the event's page, else the product's.
fn more(data: &EventData, link: Option<&Link>, site: &Site<'_>) -> Option<String> {
    let page = || {
        data.product
            .as_ref()
            .map(|product| site.page(Object::Product, product.id))
    };
    link.and_then(|link| link.href.clone()).or_else(page)
}

fn icon(data: &EventData) -> String {
    data.icon
        .as_deref()
        .map(text::title)
        .and_then(filled)
        .unwrap_or_else(|| DEFAULT_ICON.to_owned())
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
