//! The kinds of objects that a directory holds.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of object. Its word is the message's `kind` and its routing key.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person or a service account.
    User,
    /// A product type (Organization).
    ProductType,
    /// A product (Asset).
    Product,
    /// A group of users.
    Group,
    /// A user in a group.
    GroupMember,
    /// A user or group who may see a product or product type.
    Membership,
    /// An engagement.
    Engagement,
    /// A test.
    Test,
    /// A finding.
    Finding,
    /// A risk acceptance.
    RiskAcceptance,
}

/// A text that names no kind.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no kind of object")]
pub struct UnknownKind(pub String);

impl Kind {
    /// Every kind, parents before what hangs below them.
    pub const ALL: [Self; 10] = [
        Self::User,
        Self::ProductType,
        Self::Product,
        Self::Group,
        Self::GroupMember,
        Self::Membership,
        Self::Engagement,
        Self::Test,
        Self::Finding,
        Self::RiskAcceptance,
    ];

    /// The word on the wire, in the database and in metric labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ProductType => "product_type",
            Self::Product => "product",
            Self::Group => "group",
            Self::GroupMember => "group_member",
            Self::Membership => "membership",
            Self::Engagement => "engagement",
            Self::Test => "test",
            Self::Finding => "finding",
            Self::RiskAcceptance => "risk_acceptance",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}
