//! What is taken out of an event before anything is written: what the recipient may not
//! see, and what the channel is not to tell.

use std::borrow::Cow;

use proto_events::payload::{
    EngagementObject, EventData, FindingObject, ProductObject, TestObject,
};

use crate::link::{Link, Object, Site};
use crate::{Context, Sensitivity};

/// Ends a message with parts left out for want of access.
const NO_ACCESS: &str = "Notes and details of findings are left out of this message, because you have \
     no access to the product. Ask its owners for access to read them.";

/// Ends a message in a channel that is not to tell details.
const LINK_ONLY: &str =
    "Details are left out here on purpose; DefectDojo shows them to those who may see them.";

/// The sentence that says what is missing, if anything is.
pub(crate) const fn notice(context: &Context<'_>) -> Option<&'static str> {
    match (context.redacted, context.sensitivity) {
        (true, _) => Some(NO_ACCESS),
        (false, Sensitivity::LinkOnly) => Some(LINK_ONLY),
        (false, Sensitivity::Full) => None,
    }
}

/// The event's data as they may be told.
///
/// Lists of what stays, not of what goes: a member that comes with a later release is
/// kept back until someone adds it here. Titles and descriptions go too, since
/// DefectDojo writes the finding's title into them.
pub(crate) fn visible<'a>(data: &'a EventData, context: &Context<'_>) -> Cow<'a, EventData> {
    match (context.sensitivity, context.redacted) {
        (Sensitivity::LinkOnly, _) => Cow::Owned(link_only(data, &Site::new(context.site_url))),
        (Sensitivity::Full, true) => Cow::Owned(EventData {
            url: data.url.clone(),
            url_api: data.url_api.clone(),
            engagement: data.engagement.clone(),
            test: data.test.clone(),
            ..about(data)
        }),
        (Sensitivity::Full, false) => Cow::Borrowed(data),
    }
}

/// What is told of every event: what it concerns, by name down to the product, and who.
fn about(data: &EventData) -> EventData {
    EventData {
        icon: data.icon.clone(),
        product_type: data.product_type.clone(),
        product: data.product.as_ref().map(|product| ProductObject {
            tags: Vec::new(),
            ..product.clone()
        }),
        finding: data.finding.as_ref().map(|finding| FindingObject {
            id: finding.id,
            ..FindingObject::default()
        }),
        requested_by: data.requested_by.clone(),
        reviewers: data.reviewers.clone(),
        actor: data.actor.clone(),
        ..EventData::default()
    }
}

/// Test and finding keep their ids for programs; a test's title can name what it looks for.
fn link_only(data: &EventData, site: &Site<'_>) -> EventData {
    // What cannot be clicked would be written out as text, and it can be any text.
    let clickable = |url: &Option<String>| {
        let link = Link::on(site, url.as_deref())?;
        link.href.and(Some(link.given))
    };
    EventData {
        url: clickable(&data.url).or_else(|| nearest(data)),
        url_api: clickable(&data.url_api),
        engagement: data.engagement.as_ref().map(|engagement| EngagementObject {
            lead: None,
            ..engagement.clone()
        }),
        test: data.test.as_ref().map(|test| TestObject {
            id: test.id,
            ..TestObject::default()
        }),
        ..about(data)
    }
}

/// The page of the smallest thing that is named, for events without one of their own.
fn nearest(data: &EventData) -> Option<String> {
    let finding = data.finding.as_ref().map(|it| (Object::Finding, it.id));
    let test = data.test.as_ref().map(|it| (Object::Test, it.id));
    let engagement = data
        .engagement
        .as_ref()
        .map(|it| (Object::Engagement, it.id));
    let product = data.product.as_ref().map(|it| (Object::Product, it.id));
    let product_type = data
        .product_type
        .as_ref()
        .map(|it| (Object::ProductType, it.id));
    let (object, id) = finding
        .or(test)
        .or(engagement)
        .or(product)
        .or(product_type)?;
    Some(Site::new("").page(object, id))
}
