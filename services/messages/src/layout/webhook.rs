//! The webhook body, field for field as DefectDojo sends it.
//!
//! Objects stand beside each other, never in each other. Where DefectDojo sends only
//! the description (SLA, mentions, risk acceptances …), the event's objects are added.
//!
//! Where details are not told, their members are left out, and `redacted` or `sensitivity`
//! says why: an empty list or a zero would be a false report.

use proto_events::Event;
use proto_events::directory::User;
use proto_events::payload::{EventData, FindingObject, Findings, Person, ScanFindings, TestObject};
use serde_json::{Map, Value, json};

use crate::findings::worst_first;
use crate::link::{Link, Object, Site};
use crate::message::Message;
use crate::redaction::visible;
use crate::{Context, Sensitivity};

/// The event as a webhook's JSON body; `owner` is whose endpoint it is, none for the
/// system's.
#[must_use]
pub fn webhook(
    event: &Event,
    message: &Message,
    context: &Context<'_>,
    owner: Option<&User>,
) -> Value {
    let data = &*visible(&event.data, context);
    let writer = Writer {
        site: Site::new(context.site_url),
        redacted: context.redacted,
        link_only: context.sensitivity == Sensitivity::LinkOnly,
        dated: matches!(
            event.name.as_str(),
            "sla_breach" | "sla_breach_combined" | "risk_acceptance_expiration"
        ),
    };
    let mut body = writer.head(data, message, owner);
    writer.objects(&mut body, data);
    match event.name.as_str() {
        "scan_added" | "scan_added_empty" if !writer.bare() => writer.scan(&mut body, data),
        "review_requested" => writer.review(&mut body, data),
        _ => writer.other(&mut body, data),
    }
    Value::Object(body)
}

type Body = Map<String, Value>;

struct Writer<'a> {
    site: Site<'a>,
    redacted: bool,
    link_only: bool,
    /// Findings tell their dates; not where DefectDojo's body is fixed.
    dated: bool,
}

impl Writer<'_> {
    /// Whether details are left out.
    const fn bare(&self) -> bool {
        self.redacted || self.link_only
    }

    fn head(&self, data: &EventData, message: &Message, owner: Option<&User>) -> Body {
        let description = data
            .description
            .as_deref()
            .filter(|description| !description.trim().is_empty());
        let title = if self.bare() {
            &message.title
        } else {
            &data.title
        };
        let mut body = Body::new();
        put(
            &mut body,
            "description",
            Some(json!(description.unwrap_or(&message.text))),
        );
        put(&mut body, "title", Some(json!(title)));
        put(
            &mut body,
            "user",
            Some(json!(owner.map(|owner| self.user(owner)))),
        );
        put(&mut body, "url_ui", self.absolute(data.url.as_deref()));
        put(&mut body, "url_api", self.absolute(data.url_api.as_deref()));
        put(
            &mut body,
            "disclaimer",
            message
                .disclaimer
                .as_ref()
                .map(|disclaimer| json!(disclaimer)),
        );
        put(
            &mut body,
            "redacted",
            self.redacted.then_some(Value::Bool(true)),
        );
        put(
            &mut body,
            "sensitivity",
            self.link_only
                .then(|| json!(Sensitivity::LinkOnly.as_str())),
        );
        body
    }

    fn objects(&self, body: &mut Body, data: &EventData) {
        let product_type = data.product_type.as_ref();
        put(
            body,
            "product_type",
            product_type.map(|o| self.object(Object::ProductType, o.id, "name", Some(&o.name))),
        );
        let product = data.product.as_ref();
        put(
            body,
            "product",
            product.map(|o| self.object(Object::Product, o.id, "name", Some(&o.name))),
        );
        let engagement = data.engagement.as_ref();
        put(
            body,
            "engagement",
            engagement.map(|o| self.object(Object::Engagement, o.id, "name", Some(&o.name))),
        );
        put(body, "test", data.test.as_ref().map(|test| self.test(test)));
        put(
            body,
            "finding",
            data.finding.as_ref().map(|finding| self.finding(finding)),
        );
    }

    fn scan(&self, body: &mut Body, data: &EventData) {
        let none = ScanFindings::default();
        let scan = if let Some(Findings::Scan(scan)) = &data.findings {
            scan
        } else {
            &none
        };
        let lists: Body = scan
            .lists()
            .into_iter()
            .map(|(name, list)| (name.to_owned(), self.findings(list)))
            .collect();
        put(
            body,
            "finding_count",
            Some(json!(data.finding_count.unwrap_or_default())),
        );
        put(body, "findings", Some(Value::Object(lists)));
    }

    fn review(&self, body: &mut Body, data: &EventData) {
        let reviewers: Vec<Value> = data.reviewers.iter().flatten().map(person).collect();
        put(
            body,
            "requested_by",
            Some(json!(data.requested_by.as_ref().map(person))),
        );
        put(body, "reviewers", Some(json!(reviewers)));
    }

    fn other(&self, body: &mut Body, data: &EventData) {
        put(body, "requested_by", data.requested_by.as_ref().map(person));
        put(
            body,
            "reviewers",
            data.reviewers
                .as_ref()
                .map(|all| all.iter().map(person).collect()),
        );
        put(
            body,
            "section",
            data.section.as_ref().map(|section| json!(section)),
        );
        put(body, "note", data.note.as_ref().map(|note| json!(note)));
        put(body, "sla_age", data.sla_age.map(|days| json!(days)));
        put(
            body,
            "breach_kind",
            data.breach_kind.as_ref().map(|kind| json!(kind)),
        );
        if let Some(Findings::List(findings)) = &data.findings {
            put(body, "findings", Some(self.findings(findings)));
        }
        put(body, "risk_acceptance", self.risk_acceptance(data));
        put(
            body,
            "accepted_findings",
            data.accepted_findings
                .as_ref()
                .map(|all| self.findings(all)),
        );
        put(
            body,
            "reactivated_findings",
            data.reactivated_findings
                .as_ref()
                .map(|all| self.findings(all)),
        );
    }

    fn user(&self, user: &User) -> Value {
        json!({
            "id": user.id,
            "email": user.email,
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "url_ui": self.site.page(Object::User, user.id),
            "url_api": self.site.resource(Object::User, user.id),
        })
    }

    /// DefectDojo sends null for a test without a title. Events name its type in the
    /// title's place; then title and displayed name are the same.
    fn test(&self, test: &TestObject) -> Value {
        let title = Some(&test.title).filter(|title| test.display.as_ref() != Some(*title));
        self.object(Object::Test, test.id, "title", title)
    }

    fn object(&self, kind: Object, id: i64, label: &str, name: Option<&String>) -> Value {
        json!({
            label: name,
            "id": id,
            "url_ui": self.site.page(kind, id),
            "url_api": self.site.resource(kind, id),
        })
    }

    fn finding(&self, finding: &FindingObject) -> Value {
        let mut body = Body::new();
        put(&mut body, "id", Some(json!(finding.id)));
        put(
            &mut body,
            "url_ui",
            Some(json!(self.site.page(Object::Finding, finding.id))),
        );
        put(
            &mut body,
            "url_api",
            Some(json!(self.site.resource(Object::Finding, finding.id))),
        );
        if !self.bare() {
            put(&mut body, "title", Some(json!(finding.title)));
            put(&mut body, "severity", Some(json!(finding.severity)));
        }
        if self.dated {
            put(&mut body, "date", finding.date.map(|date| json!(date)));
            put(
                &mut body,
                "sla_expiration_date",
                finding.sla_expiration_date.map(|date| json!(date)),
            );
        }
        Value::Object(body)
    }

    fn findings(&self, findings: &[FindingObject]) -> Value {
        worst_first(findings)
            .into_iter()
            .map(|finding| self.finding(finding))
            .collect()
    }

    fn risk_acceptance(&self, data: &EventData) -> Option<Value> {
        let risk = data.risk_acceptance.as_ref()?;
        Some(json!({
            "id": risk.id,
            "name": risk.name,
            "owner": risk.owner,
            "expiration_date": risk.expiration_date,
            "url_api": self.site.absolute(&format!("/api/v2/risk_acceptance/{}/", risk.id)),
        }))
    }

    fn absolute(&self, url: Option<&str>) -> Option<Value> {
        Link::on(&self.site, url).map(|link| json!(link.absolute))
    }
}

/// A person as DefectDojo names one in `review_requested`.
fn person(person: &Person) -> Value {
    json!({
        "id": person.id,
        "username": person.username,
        "first_name": person.first_name,
        "last_name": person.last_name,
    })
}

/// Sets a member; one without a value is left out.
fn put(body: &mut Body, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value);
    }
}
