//! Findings whose SLA ends: which are told of, and how.

use proto_events::Severity;
use proto_events::payload::{
    EngagementObject, EventData, FindingObject, Findings, NamedObject, ProductObject, TestObject,
};
use store::SystemSettings;
use store::scheduling::sla::{SlaFilter, SlaFinding};

use crate::config::ScheduleConfig;
use crate::engagements::Moment;
use crate::flood::{Group, Product};
use crate::notice::{Notice, time_on};

/// How many findings a combined notice lists when it stands for more than have notices of
/// their own; as many as channels show of a list.
pub const LISTED: usize = proto_events::trim::FINDINGS;

/// Where a finding stands with its SLA. The order is that of the notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Breach {
    /// It has ended.
    Breached,
    /// It ends today.
    Breaching,
    /// It ends soon.
    Prebreach,
}

impl Breach {
    /// Where a finding stands that has so many days left.
    #[must_use]
    pub const fn of(days: i32) -> Self {
        match days {
            ..0 => Self::Breached,
            0 => Self::Breaching,
            1.. => Self::Prebreach,
        }
    }

    /// DefectDojo's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Breached => "breached",
            Self::Breaching => "breaching",
            Self::Prebreach => "prebreach",
        }
    }
}

/// Which findings are told of on a day; none if nobody is to be told of SLAs.
#[must_use]
pub fn filter(settings: &SystemSettings, config: &ScheduleConfig, at: Moment) -> Option<SlaFilter> {
    let verified_only = settings.enable_notify_sla_active_verified;
    let wanted = verified_only || settings.enable_notify_sla_active;
    if !settings.enable_finding_sla || !wanted {
        return None;
    }
    let backoff = settings.enable_notify_sla_exponential_backoff;
    let told = |days: &i32| *days >= 0 || !backoff || days.unsigned_abs().is_power_of_two();
    let window = -config.sla_notify_post_breach..=config.sla_notify_pre_breach;
    Some(SlaFilter {
        today: at.today,
        days: window.filter(told).collect(),
        verified_only,
        jira_only: settings.enable_notify_sla_jira_only,
    })
}

/// The notice about one finding.
#[must_use]
pub fn single(finding: &SlaFinding, at: Moment) -> Notice {
    let kind = Breach::of(finding.days);
    let data = EventData {
        title: format!("Finding {} - {}", finding.id, title(finding.days)),
        url: Some(format!("/finding/{}", finding.id)),
        engagement: Some(EngagementObject {
            id: finding.engagement,
            name: finding.engagement_name.clone(),
            lead: finding.lead_username.clone(),
        }),
        test: Some(TestObject {
            id: finding.test,
            title: finding.test_title.clone(),
            display: None,
        }),
        finding: Some(listed(finding)),
        sla_age: Some(finding.days.into()),
        ..about(finding)
    };
    let subject = format!("finding/{}", finding.id);
    notice("sla_breach", subject, kind, at, data)
}

/// The notice about all findings of a product that stand alike; `found` are those of them that
/// were read, the worst first. None without any.
#[must_use]
pub fn combined(
    product: &Product,
    group: &Group,
    found: &[&SlaFinding],
    at: Moment,
) -> Option<Notice> {
    let first = found.first()?;
    let kind = group.kind.as_str();
    let mut data = EventData {
        title: format!(
            "SLA alert ({kind}): Organization '{}', Asset '{}'",
            first.product_type_name, first.product_name
        ),
        breach_kind: Some(kind.to_owned()),
        ..about(first)
    };
    let mut shown = found;
    if product.is_flood {
        shown = &found[..found.len().min(LISTED)];
        data.findings_counts = Some([("list".to_owned(), group.total())].into());
        data.description = Some(format!(
            "Of these {} findings ({}) none has a notice of its own, because there are so many; the page shows all.",
            group.total(),
            group.by_severity()
        ));
        data.url = Some(format!("/asset/{}", product.id));
    }
    let list = shown.iter().map(|finding| listed(finding)).collect();
    data.findings = Some(Findings::List(list));
    let subject = format!("product/{}", product.id);
    Some(notice("sla_breach_combined", subject, group.kind, at, data))
}

/// Whether a severity is one that has an SLA.
#[must_use]
pub fn is_known(severity: &str) -> bool {
    severity
        .parse()
        .is_ok_and(|severity: Severity| severity != Severity::Info)
}

fn notice(name: &str, subject: String, kind: Breach, at: Moment, data: EventData) -> Notice {
    let threshold = format!("{}/{}", kind.as_str(), at.today);
    Notice::event(name, subject, threshold, time_on(at.today, at.now), data)
}

/// DefectDojo's words (`helper.py`, `_create_notifications`).
fn title(days: i32) -> String {
    let overdue = days.unsigned_abs();
    match days {
        -1 => "SLA breached by 1 day! Overdue notice".to_owned(),
        ..0 => format!("SLA breached by {overdue} days! Overdue notice"),
        0 => "SLA is breaching today".to_owned(),
        1.. => format!("SLA pre-breach warning - {days} day(s) left"),
    }
}

fn about(finding: &SlaFinding) -> EventData {
    EventData {
        product_type: Some(NamedObject {
            id: finding.product_type,
            name: finding.product_type_name.clone(),
        }),
        product: Some(ProductObject {
            id: finding.product,
            name: finding.product_name.clone(),
            tags: finding.product_tags.clone(),
        }),
        ..EventData::default()
    }
}

fn listed(finding: &SlaFinding) -> FindingObject {
    FindingObject {
        id: finding.id,
        title: finding.title.clone(),
        severity: finding.severity.clone(),
        active: Some(true),
        verified: Some(finding.verified),
        date: Some(finding.date),
        sla_expiration_date: Some(finding.sla_end),
    }
}
