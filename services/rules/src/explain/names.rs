//! What reasons speak of, by the names that people read.

use std::fmt;

use crate::directory::Directory;
use crate::facts::Facts;
use crate::merge::Mute;

/// What access to an event depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A product's id.
    Product(i64),
    /// A product type's id.
    ProductType(i64),
    /// No object.
    Nothing,
}

/// A rule, and why it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// The system rule, for the system itself.
    System,
    /// The system rule, for a superuser.
    OfSuperuser,
    /// The system rule, for the recipient of an event on the trump list.
    Trump,
    /// The user's personal rule.
    Personal,
    /// The user's rule for this product.
    Product(i64),
    /// The user's rule for this product type.
    ProductType(i64),
    /// The rule of the group of this name.
    Group(String),
}

/// A rule that mutes, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Muted {
    /// By a rule for the product.
    ByProductRule(i64),
    /// By a rule for the product type.
    ByProductTypeRule(i64),
}

impl From<Mute> for Muted {
    fn from(mute: Mute) -> Self {
        match mute {
            Mute::Product(id) => Self::ByProductRule(id),
            Mute::ProductType(id) => Self::ByProductTypeRule(id),
        }
    }
}

impl Subject {
    /// What access to an event depends on: of a product that is not known, the event's own
    /// product type.
    pub(super) fn of(directory: &Directory, facts: &Facts<'_>) -> Self {
        let of_type = facts.product_type;
        let known = |id: &i64| directory.product_entry(*id).is_some();
        let product = facts.product;
        match (product.filter(|id| of_type.is_none() || known(id)), of_type) {
            (Some(id), _) => Self::Product(id),
            (None, Some(id)) => Self::ProductType(id),
            (None, None) => Self::Nothing,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Product(id) => write!(f, "product {id}"),
            Self::ProductType(id) => write!(f, "product type {id}"),
            Self::Nothing => f.write_str("any product"),
        }
    }
}

impl fmt::Display for RuleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system rule"),
            Self::OfSuperuser => f.write_str("superuser: system rule"),
            Self::Trump => f.write_str("on the trump list: system rule"),
            Self::Personal => f.write_str("personal rule"),
            Self::Product(id) => write!(f, "rule for product {id}"),
            Self::ProductType(id) => write!(f, "rule for product type {id}"),
            Self::Group(name) => write!(f, "group rule of '{name}'"),
        }
    }
}

impl fmt::Display for Muted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByProductRule(id) => write!(f, "product rule {id}"),
            Self::ByProductTypeRule(id) => write!(f, "product-type rule {id}"),
        }
    }
}
