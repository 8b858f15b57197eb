//! An event with everything in it, which operators' templates are tried with.

use proto_events::directory::Settings;
use proto_events::{Channel, Event, Unreadable};

use crate::{Context, Sensitivity};

/// An event (CloudEvents JSON) with every member that a template's values are made of.
pub const EVENT: &str = r#"{
    "specversion": "1.0", "id": "sample", "source": "sample", "type": "sample", "time": "2026-01-02T03:04:05Z",
    "data": {
        "title": "Title", "description": "Description", "url": "/test/1", "source": "Source", "actor": "actor",
        "product_type": {"id": 1, "name": "Product type"},
        "product": {"id": 1, "name": "Product", "tags": ["tag"]},
        "engagement": {"id": 1, "name": "Engagement", "lead": "lead"},
        "test": {"id": 1, "title": "Test"},
        "finding": {"id": 1, "title": "Finding", "severity": "High", "date": "2026-01-01", "sla_expiration_date": "2026-01-31"},
        "findings": {
            "new": [{"id": 1, "title": "Finding", "severity": "High", "date": "2026-01-01", "sla_expiration_date": "2026-01-31"}],
            "reactivated": [], "mitigated": [], "untouched": []
        },
        "finding_count": 1, "sla_age": -1, "breach_kind": "breached", "note": "Note", "section": "Finding: Finding",
        "requested_by": {"id": 1, "username": "asking"}, "reviewers": [{"id": 2, "username": "asked"}],
        "risk_acceptance": {"id": 1, "name": "Risk acceptance", "owner": "owner", "expiration_date": "2026-01-31",
            "reactivate_expired": true, "restart_sla_expired": true},
        "accepted_findings": [{"id": 1, "title": "Finding", "severity": "High"}],
        "reactivated_findings": [{"id": 1, "title": "Finding", "severity": "High"}]
    }
}"#;

pub(crate) fn event() -> Result<Event, Unreadable> {
    Event::parse(EVENT.as_bytes())
}

pub(crate) fn settings() -> Settings {
    Settings {
        team_name: "Team".to_owned(),
        disclaimer_notifications: "Disclaimer".to_owned(),
        ..Settings::default()
    }
}

pub(crate) const fn context(channel: Channel, settings: &Settings) -> Context<'_> {
    Context {
        channel,
        site_url: "https://dojo.example",
        notify_url: "https://dojo.example",
        settings,
        redacted: false,
        sensitivity: Sensitivity::Full,
        personal: true,
    }
}
