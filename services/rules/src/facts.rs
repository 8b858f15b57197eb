//! What a decision reads from an event.

use proto_events::payload::{EventData, FindingObject, Findings, ObjectRef, UserRef};
use proto_events::{Event, EventName, Severity};

/// The part of an event that decides who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts<'e> {
    /// The event's raw name.
    pub name: &'e EventName,
    /// The product it is about.
    pub product: Option<i64>,
    /// The product type it is about; looked at only while no product is known.
    pub product_type: Option<i64>,
    /// Only these are told, and no system channel is; `None` is a broadcast.
    /// A `None` within names nobody.
    pub recipients: Option<&'e [Option<UserRef>]>,
    /// A broadcast stops at the system's own channels.
    pub no_users: bool,
    /// Only alerts are made.
    pub alert_only: bool,
    /// The worst severity among the findings that it brings news of, if it does.
    pub severity: Option<Severity>,
}

impl<'e> From<&'e Event> for Facts<'e> {
    /// Reads an event. Its product is `product`, else an `obj` that is a product; publishers
    /// fill in the parents of engagements, tests and findings.
    fn from(event: &'e Event) -> Self {
        let data = &event.data;
        Self {
            name: &event.name,
            product: data
                .product
                .as_ref()
                .map(|product| product.id)
                .or_else(|| product_id(data.obj.as_ref()?)),
            product_type: data
                .product_type
                .as_ref()
                .map(|product_type| product_type.id),
            recipients: data.recipients.as_deref(),
            no_users: data.no_users,
            alert_only: data.alert_only,
            severity: worst(data),
        }
    }
}

/// The worst severity that an event brings news of. What a scan left as it was, and what is a
/// duplicate of something known, is no news.
fn worst(data: &EventData) -> Option<Severity> {
    let listed: [&[FindingObject]; 3] = match &data.findings {
        Some(Findings::Scan(scan)) => [&scan.new, &scan.reactivated, &scan.mitigated],
        Some(Findings::List(all)) => [all, &[], &[]],
        None => [&[]; 3],
    };
    let by_risk = [&data.accepted_findings, &data.reactivated_findings];
    let findings = listed.into_iter().flatten().chain(&data.finding);
    findings
        .chain(by_risk.into_iter().flatten().flatten())
        .filter_map(|finding| finding.severity.parse().ok())
        .max()
}

fn product_id(object: &ObjectRef) -> Option<i64> {
    (object.kind == "product").then_some(object.id)
}
