//! From the form of a rule to the rule, and back.

use proto_events::directory::{Limits, Rule, RuleScope};
use store::NewRule;
use store::browse::ListedRule;

use super::Notification;
use super::columns::Columns;
use crate::refusal::{Errors, Refusal};

impl Notification {
    /// The rule that the form stands for.
    pub(super) fn rule(&self) -> Result<NewRule, Refusal> {
        let scope = self.scope()?;
        let mut errors = Errors::default();
        let for_objects = matches!(
            scope,
            RuleScope::Product { .. } | RuleScope::ProductType { .. }
        );
        if self.muted && !for_objects {
            errors.add("muted", "A mute is for a product or a product type.");
        }
        if self.minimum_severity.is_some()
            && matches!(scope, RuleScope::System | RuleScope::Template)
        {
            errors.add(
                "minimum_severity",
                "A rule of a user or a group can have one.",
            );
        }
        errors.none()?;
        Ok(NewRule {
            scope,
            channels: self.columns.channels(),
        })
    }

    fn scope(&self) -> Result<RuleScope, Refusal> {
        let Self {
            user,
            product,
            product_type,
            group,
            template,
            ..
        } = *self;
        match (template, user, product, product_type, group) {
            (true, None, None, None, None) => Ok(RuleScope::Template),
            (true, ..) => Err(Refusal::field(
                "template",
                "The template is of nobody and for nothing.",
            )),
            (false, None, None, None, None) => Ok(RuleScope::System),
            (false, Some(user), None, None, None) => Ok(RuleScope::Personal { user }),
            (false, Some(user), Some(product), None, None) => {
                Ok(RuleScope::Product { user, product })
            }
            (false, Some(user), None, Some(product_type), None) => {
                Ok(RuleScope::ProductType { user, product_type })
            }
            (false, None, None, None, Some(group)) => Ok(RuleScope::Group { group }),
            (false, None, ..) if group.is_none() => Err(Refusal::field(
                "user",
                "A rule for a product or a product type is somebody's.",
            )),
            _ => Err(Refusal::general(
                "A rule is of a user or of a group, and for one product or one product type at most.",
            )),
        }
    }

    /// What it takes away.
    pub(super) const fn limits(&self) -> Limits {
        Limits {
            muted: self.muted,
            minimum_severity: self.minimum_severity,
        }
    }

    /// DefectDojo's words for a rule that is there already.
    pub(super) fn taken(&self) -> Refusal {
        Refusal::general(if self.template {
            "Notification template already exists"
        } else if self.product.is_some() {
            "The fields user, product must make a unique set."
        } else {
            "Notification for user and product already exists"
        })
    }
}

impl From<ListedRule> for Notification {
    fn from(ListedRule { rule, version }: ListedRule) -> Self {
        Self {
            version: Some(version),
            ..Self::from(rule)
        }
    }
}

impl From<Rule> for Notification {
    fn from(rule: Rule) -> Self {
        let mut form = Self {
            id: rule.id,
            muted: rule.limits.muted,
            minimum_severity: rule.limits.minimum_severity,
            columns: Columns::from(rule.channels),
            ..Self::default()
        };
        match rule.scope {
            RuleScope::System => {}
            RuleScope::Template => form.template = true,
            RuleScope::Personal { user } => form.user = Some(user),
            RuleScope::Product { user, product } => {
                (form.user, form.product) = (Some(user), Some(product));
            }
            RuleScope::ProductType { user, product_type } => {
                (form.user, form.product_type) = (Some(user), Some(product_type));
            }
            RuleScope::Group { group } => form.group = Some(group),
        }
        form
    }
}
