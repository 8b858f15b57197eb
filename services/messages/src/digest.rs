//! Several events in one message: a group for each product, a line for each event.

use proto_events::Event;
use proto_events::job::Digest;
use proto_events::payload::EventData;

use crate::findings::{FindingGroup, FindingLine};
use crate::link::{Object, Site};
use crate::message::Message;
use crate::text::{self, counted};
use crate::{Context, MessageError, Templates};

/// Longest name of a product in a heading, in characters: there may be many of them.
const NAME_CHARS: usize = 60;

/// Longest words about an event beside its title, in characters.
const ABOUT_CHARS: usize = 120;

/// What an event is grouped by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Product(i64),
    ProductType(i64),
    Nothing,
}

impl Message {
    /// Says what several events have to tell, each in a line below its product. `event` is what
    /// stands for all of them.
    ///
    /// # Errors
    /// [`MessageError`] if a template is broken; built-in ones are not.
    pub fn digest(
        templates: &Templates,
        event: &Event,
        digest: &Digest,
        context: &Context<'_>,
    ) -> Result<Self, MessageError> {
        let mut groups: Vec<(About, FindingGroup)> = Vec::new();
        let mut left_out = digest.left_out;
        for notice in &digest.notices {
            let Ok(told) = notice.event() else {
                left_out += 1;
                continue;
            };
            let of_notice = Context {
                redacted: notice.redacted,
                ..*context
            };
            let message = Self::compose(templates, &told, &of_notice)?;
            let about = About::of(&told.data);
            let place = groups.iter().position(|(other, _)| *other == about);
            let place = place.unwrap_or_else(|| {
                groups.push((about, about.group(&told.data, context)));
                groups.len() - 1
            });
            let group = &mut groups[place].1;
            let line = line(&message, group.more.as_deref(), context.site_url);
            group.total += 1;
            group.findings.push(line);
        }
        let redacted = digest.notices.iter().any(|notice| notice.redacted);
        let all = Context {
            redacted,
            ..*context
        };
        let mut message = Self::compose(templates, event, &all)?;
        if left_out > 0 {
            let sentence = format!("\n\n{} in the list of alerts only.", are(left_out));
            message.text.push_str(&sentence);
        }
        message.title = title(&groups, left_out);
        message.groups = groups.into_iter().map(|(_, group)| group).collect();
        Ok(message)
    }
}

/// `12 notices about 3 products`, `2 notices about Cranes`.
fn title(groups: &[(About, FindingGroup)], left_out: u64) -> String {
    let listed: u64 = groups.iter().map(|(_, group)| group.total).sum();
    let notices = counted(listed + left_out, "notice");
    let is_product = |(about, _): &&(About, FindingGroup)| matches!(about, About::Product(_));
    let products = groups.iter().filter(is_product).count();
    match (groups, products) {
        ([(_, only)], 1) if left_out == 0 => format!("{notices} about {}", only.label),
        (_, 0) => notices,
        (_, products) => format!("{notices} about {}", counted(products as u64, "product")),
    }
}

fn are(count: u64) -> String {
    let notices = counted(count, "more notice");
    if count == 1 {
        format!("{notices} is")
    } else {
        format!("{notices} are")
    }
}

/// One event: its title, and beside it what kind it is and how many findings it tells of. It leads to
/// its own page, or else to the product's.
fn line(message: &Message, page: Option<&str>, site_url: &str) -> FindingLine {
    let kind = (message.title != message.category).then(|| message.category.clone());
    let findings = message.groups.iter().map(FindingGroup::heading);
    let about: Vec<String> = kind.into_iter().chain(findings).collect();
    let about = text::shortened(&about.join("; "), ABOUT_CHARS);
    FindingLine {
        severity: None,
        title: message.title.clone(),
        href: message.href().or(page).unwrap_or(site_url).to_owned(),
        dates: Some(about).filter(|about| !about.is_empty()),
    }
}

impl About {
    fn of(data: &EventData) -> Self {
        let product = data.product.as_ref().map(|it| Self::Product(it.id));
        let product_type = data.product_type.as_ref();
        product
            .or(product_type.map(|it| Self::ProductType(it.id)))
            .unwrap_or(Self::Nothing)
    }

    /// The group of what is about this, with nothing in it yet.
    fn group(self, data: &EventData, context: &Context<'_>) -> FindingGroup {
        let site = Site::new(context.site_url);
        let product = data.product.as_ref().map(|it| it.name.as_str());
        let product_type = data.product_type.as_ref().map(|it| it.name.as_str());
        let (name, more) = match self {
            Self::Product(id) => (product, Some(site.page(Object::Product, id))),
            Self::ProductType(id) => (product_type, Some(site.page(Object::ProductType, id))),
            Self::Nothing => (None, None),
        };
        let name = text::title(name.unwrap_or_default());
        let name = Some(name).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "Everything else".to_owned());
        FindingGroup {
            name: "",
            label: text::shortened(&name, NAME_CHARS).into(),
            total: 0,
            severities: None,
            findings: Vec::new(),
            more,
        }
    }
}
