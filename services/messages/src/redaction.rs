//! What a recipient may see who may not view the object.

use std::borrow::Cow;

use proto_events::payload::{EventData, FindingObject, ProductObject};

/// Ends a message with parts left out.
pub(crate) const NOTICE: &str = "Notes and details of findings are left out of this message, because you have \
     no access to the product. Ask its owners for access to read them.";

/// The event's data as the recipient may see them.
///
/// A list of what stays, not of what goes: a member that comes with a later release is
/// kept back until someone adds it here. Titles and descriptions go too, since
/// DefectDojo writes the finding's title into them.
pub(crate) fn visible(data: &EventData, redacted: bool) -> Cow<'_, EventData> {
    if !redacted {
        return Cow::Borrowed(data);
    }
    Cow::Owned(EventData {
        url: data.url.clone(),
        url_api: data.url_api.clone(),
        icon: data.icon.clone(),
        product_type: data.product_type.clone(),
        product: data.product.as_ref().map(|product| ProductObject {
            tags: Vec::new(),
            ..product.clone()
        }),
        engagement: data.engagement.clone(),
        test: data.test.clone(),
        finding: data.finding.as_ref().map(|finding| FindingObject {
            id: finding.id,
            ..FindingObject::default()
        }),
        requested_by: data.requested_by.clone(),
        reviewers: data.reviewers.clone(),
        actor: data.actor.clone(),
        ..EventData::default()
    })
}
