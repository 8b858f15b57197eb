//! Rules, System Settings and webhook endpoints, from the API's form to ours.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use proto_events::directory::{RuleChannels, RuleScope};
use proto_events::{Channel, ChannelSet, Column};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use store::{NewRule, NewWebhook, SystemSettings, UpstreamWebhook};

use super::scheduled::present;

/// What DefectDojo notes of an endpoint that a person switched off.
const SWITCHED_OFF: &str = "Deactivate from UI";

/// Who is here, by whose ids others are judged.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Users.
    pub(super) users: HashSet<i64>,
    /// Products.
    pub(super) products: HashSet<i64>,
}

/// `notifications`: one row, without its columns.
#[derive(Deserialize)]
struct ApiRule {
    id: i64,
    user: Option<i64>,
    product: Option<i64>,
    #[serde(default)]
    template: bool,
}

/// `notification_webhooks`.
#[derive(Deserialize)]
struct ApiWebhook {
    name: String,
    url: String,
    header_name: Option<String>,
    header_value: Option<String>,
    status: String,
    first_error: Option<DateTime<Utc>>,
    last_error: Option<DateTime<Utc>>,
    note: Option<String>,
    owner: Option<i64>,
}

/// System Settings and their two secrets.
pub(super) struct Settings {
    pub(super) settings: SystemSettings,
    pub(super) slack_token: Option<SecretString>,
    pub(super) msteams_url: Option<SecretString>,
}

/// The rules that rows come to, and how many rows come to none: those of nobody who is here,
/// and those that DefectDojo itself passes over. Of several of a scope the oldest counts.
pub(super) fn rules(
    rows: &[Value],
    known: &Known,
) -> Result<(Vec<NewRule>, usize), serde_json::Error> {
    let mut oldest: BTreeMap<RuleScope, (i64, RuleChannels)> = BTreeMap::new();
    for row in rows {
        let rule = ApiRule::deserialize(row)?;
        let Some(scope) = scope(&rule, known) else {
            continue;
        };
        let before = oldest.get(&scope).map(|(id, _)| *id);
        if before.is_none_or(|id| rule.id < id) {
            oldest.insert(scope, (rule.id, channels(row)));
        }
    }
    let rules: Vec<NewRule> = oldest
        .into_iter()
        .map(|(scope, (_, channels))| NewRule { scope, channels })
        .collect();
    let left_out = rows.len() - rules.len();
    Ok((rules, left_out))
}

fn scope(rule: &ApiRule, known: &Known) -> Option<RuleScope> {
    match (rule.template, rule.user, rule.product) {
        (true, None, None) => Some(RuleScope::Template),
        (false, None, None) => Some(RuleScope::System),
        (false, Some(user), None) if known.users.contains(&user) => {
            Some(RuleScope::Personal { user })
        }
        (false, Some(user), Some(product))
            if known.users.contains(&user) && known.products.contains(&product) =>
        {
            Some(RuleScope::Product { user, product })
        }
        _ => None,
    }
}

/// The columns of a row: lists of names, or one name. What is no channel is passed over.
fn channels(row: &Value) -> RuleChannels {
    let mut channels = RuleChannels::default();
    for column in Column::ALL {
        let set: ChannelSet = match &row[column.as_str()] {
            Value::Array(names) => names.iter().filter_map(channel).collect(),
            name @ Value::String(_) => channel(name).into_iter().collect(),
            _ => continue,
        };
        channels.set(column, set);
    }
    channels
}

fn channel(name: &Value) -> Option<Channel> {
    name.as_str()?.parse().ok()
}

/// System Settings; what a version does not have has its default.
pub(super) fn settings(row: &Value) -> Result<Settings, serde_json::Error> {
    let mut settings = SystemSettings::deserialize(&present(row))?;
    // Unset, these two say something: nobody is told, and there is no default.
    if row.get("risk_acceptance_notify_before_expiration") == Some(&Value::Null) {
        settings.risk_acceptance_notify_before_expiration = None;
    }
    if row.get("risk_acceptance_form_default_days") == Some(&Value::Null) {
        settings.risk_acceptance_form_default_days = None;
    }
    let secret = |member: &str| row[member].as_str().filter(|text| !text.is_empty());
    Ok(Settings {
        settings,
        slack_token: secret("slack_token").map(SecretString::from),
        msteams_url: secret("msteams_url").map(SecretString::from),
    })
}

/// An endpoint as it stands; none if it has no name or address, or its owner is not here.
pub(super) fn webhook(
    row: &Value,
    known: &Known,
) -> Result<Option<UpstreamWebhook>, serde_json::Error> {
    let from = ApiWebhook::deserialize(row)?;
    let is_owned = from.owner.is_none_or(|owner| known.users.contains(&owner));
    if from.name.is_empty() || from.url.is_empty() || !is_owned {
        return Ok(None);
    }
    let set = |text: Option<String>| text.filter(|text| !text.is_empty());
    let disabled_by_person =
        from.status == "inactive_permanent" && from.note.as_deref() == Some(SWITCHED_OFF);
    Ok(Some(UpstreamWebhook {
        webhook: NewWebhook {
            name: from.name,
            url: from.url,
            header_name: set(from.header_name),
            header_value: set(from.header_value).map(SecretString::from),
            owner: from.owner,
        },
        status: from.status,
        first_error: from.first_error,
        last_error: from.last_error,
        note: set(from.note),
        disabled_by_person,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_lists_or_one_name_and_what_is_not_there_has_its_default() {
        let row =
            json!({ "other": ["mail", "pigeon"], "scan_added_empty": "slack", "code_review": [] });
        let channels = channels(&row);
        let only = |channel| ChannelSet::EMPTY.with(channel);
        assert_eq!(channels.get(Column::Other), only(Channel::Mail));
        assert_eq!(channels.get(Column::ScanAddedEmpty), only(Channel::Slack));
        assert_eq!(channels.get(Column::CodeReview), ChannelSet::EMPTY);
        assert_eq!(channels.get(Column::SlaBreach), ChannelSet::ALERT);
    }

    #[test]
    fn rows_that_route_nothing_come_to_no_rule() -> Result<(), serde_json::Error> {
        let known = Known {
            users: [2].into(),
            products: [7].into(),
        };
        let rows = [
            json!({ "id": 4, "user": 2, "product": 7, "template": false }),
            json!({ "id": 5, "user": null, "product": 7, "template": false }),
            json!({ "id": 6, "user": 2, "product": 8, "template": false }),
            json!({ "id": 7, "user": 3, "product": null, "template": false }),
        ];
        let (rules, left_out) = rules(&rows, &known)?;
        let scopes: Vec<RuleScope> = rules.iter().map(|rule| rule.scope).collect();
        let product = RuleScope::Product {
            user: 2,
            product: 7,
        };
        assert_eq!((scopes, left_out), (vec![product], 3));
        Ok(())
    }

    #[test]
    fn a_warning_that_is_switched_off_stays_off() -> Result<(), serde_json::Error> {
        let row = json!({ "risk_acceptance_notify_before_expiration": null, "team_name": null });
        let settings = settings(&row)?.settings;
        assert_eq!(settings.risk_acceptance_notify_before_expiration, None);
        assert_eq!(settings.risk_acceptance_form_default_days, Some(180));
        assert_eq!(settings.settings.team_name, "");
        Ok(())
    }

    #[test]
    fn an_endpoint_that_a_person_switched_off_is_told_from_one_that_failed()
    -> Result<(), serde_json::Error> {
        let by_person = |note: &str| {
            let row = json!({ "name": "x", "url": "https://x.example", "header_name": "",
                "header_value": "", "status": "inactive_permanent", "note": note });
            let webhook = webhook(&row, &Known::default())?;
            Ok(webhook.is_some_and(|it| it.disabled_by_person && it.webhook.header_name.is_none()))
        };
        assert!(by_person(SWITCHED_OFF)?);
        assert!(!by_person("Response status code: 410")?);
        Ok::<(), serde_json::Error>(())
    }
}
