//! Names of events and the 18 rule columns they follow.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The `type` prefix of a CloudEvent from DefectDojo; the bare name is read too.
pub const TYPE_PREFIX: &str = "com.defectdojo.";

/// The name of an event, e.g. `scan_added`, without the `com.defectdojo.` prefix.
///
/// Any text is a name: one without a rule column follows [`Column::Other`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventName(String);

impl EventName {
    /// Reads a CloudEvents `type`, with or without the prefix.
    #[must_use]
    pub fn new(event_type: &str) -> Self {
        Self(
            event_type
                .strip_prefix(TYPE_PREFIX)
                .unwrap_or(event_type)
                .to_owned(),
        )
    }

    /// The bare name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The rule column this event follows: its own, `close_engagement` for
    /// `engagement_closed`, else `other` (DefectDojo `notifications/helper.py`, `_get_notifications_object`).
    #[must_use]
    pub fn column(&self) -> Column {
        if self.0 == "engagement_closed" {
            return Column::CloseEngagement;
        }
        self.0.parse().unwrap_or(Column::Other)
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for EventName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{TYPE_PREFIX}{}", self.0))
    }
}

impl<'de> Deserialize<'de> for EventName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let name = Self::new(&text);
        if name.0.is_empty() {
            return Err(serde::de::Error::custom("the event type is empty"));
        }
        Ok(name)
    }
}

impl JsonSchema for EventName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EventName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "minLength": 1,
            "description": "`com.defectdojo.<event name>`, or the bare name. A name without a rule column follows the `other` rule.",
            "examples": ["com.defectdojo.scan_added", "product_added"]
        })
    }
}

macro_rules! columns {
    ($($variant:ident = $name:literal, $label:literal;)*) => {
        /// A column of a rule: the events that a person can choose channels for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum Column {
            $(#[doc = concat!("`", $name, "`")] #[serde(rename = $name)] $variant,)*
        }

        impl Column {
            /// Every column, in DefectDojo's order.
            pub const ALL: [Self; 18] = [$(Self::$variant),*];

            /// The column's name in rules and in the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The words people see for it.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

columns! {
    ProductTypeAdded = "product_type_added", "Product Type Added";
    ProductAdded = "product_added", "Product Added";
    EngagementAdded = "engagement_added", "Engagement Added";
    TestAdded = "test_added", "Test Added";
    ScanAdded = "scan_added", "Scan Added";
    ScanAddedEmpty = "scan_added_empty", "Scan Added Empty";
    JiraUpdate = "jira_update", "JIRA Problems";
    UpcomingEngagement = "upcoming_engagement", "Upcoming Engagement";
    StaleEngagement = "stale_engagement", "Stale Engagement";
    AutoCloseEngagement = "auto_close_engagement", "Auto Close Engagement";
    CloseEngagement = "close_engagement", "Close Engagement";
    UserMentioned = "user_mentioned", "User Mentioned";
    CodeReview = "code_review", "Code Review";
    ReviewRequested = "review_requested", "Review Requested";
    Other = "other", "Other";
    SlaBreach = "sla_breach", "SLA Breach";
    RiskAcceptanceExpiration = "risk_acceptance_expiration", "Risk Acceptance Expiration";
    SlaBreachCombined = "sla_breach_combined", "SLA Breach (Combined)";
}

/// A text that names no rule column.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no rule column")]
pub struct UnknownColumn(pub String);

impl FromStr for Column {
    type Err = UnknownColumn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|column| column.as_str() == text)
            .ok_or_else(|| UnknownColumn(text.to_owned()))
    }
}
