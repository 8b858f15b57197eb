//! Whose rule a page is about.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use maud::{Markup, html};
use proto_events::directory::RuleScope;
use proto_events::{Channel, Column};
use rules::Policy;
use store::Window;
use store::browse::ProductFilter;

use super::{PATH, PRODUCTS};
use crate::access::{Caller, Superuser};
use crate::app::App;
use crate::pages::outcome::plain;
use crate::pages::trouble::Trouble;
use crate::pages::visitor::Visitor;
use crate::refusal::Refusal;
use crate::rest::notifications::{self, Notification};

/// Whose rule it is, and for what.
#[derive(Clone, Debug)]
pub(super) enum Scope {
    /// The visitor's own, for everything.
    Personal,
    /// The system's.
    System,
    /// The pattern for new users.
    Template,
    /// The visitor's own, for a product that they may view.
    Product { id: i64, name: String },
}

/// Who asks for which of them, if they may.
pub(super) struct Asked {
    pub(super) visitor: Visitor,
    pub(super) scope: Scope,
}

impl FromRequestParts<App> for Asked {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Trouble> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        let words = Path::<BTreeMap<String, String>>::from_request_parts(parts, app).await;
        let Path(words) = words.map_err(|_| Refusal::NoPath)?;
        let word = |name| words.get(name).map(String::as_str);
        let scope = match (word("scope"), word("product")) {
            (None, None) | (Some("personal"), _) => Scope::Personal,
            (Some("system"), _) => Scope::System,
            (Some("template"), _) => Scope::Template,
            (None, Some(id)) => {
                let id = id.parse().map_err(|_| Refusal::NoPath)?;
                product(app, &visitor.caller, id).await?
            }
            _ => return Err(Refusal::NoPath.into()),
        };
        if matches!(scope, Scope::System | Scope::Template) {
            Superuser::of(&visitor.caller)?;
        }
        Ok(Self { visitor, scope })
    }
}

async fn product(app: &App, caller: &Caller, id: i64) -> Result<Scope, Refusal> {
    let filter = ProductFilter {
        id: Some(id),
        person: caller.id,
        ..ProductFilter::default()
    };
    let found = app.store.products_page(&filter, Window::ONE).await?.first();
    let name = found.ok_or(Refusal::NotFound("Product"))?.name;
    Ok(Scope::Product { id, name })
}

impl Scope {
    /// The address of its page.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Personal => PATH.to_owned(),
            Self::System => format!("{PATH}/system"),
            Self::Template => format!("{PATH}/template"),
            Self::Product { id, .. } => format!("{PRODUCTS}/{id}"),
        }
    }

    /// As people read it.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Personal => "What reaches you".to_owned(),
            Self::System => "What reaches the system's own channels".to_owned(),
            Self::Template => "What new users begin with".to_owned(),
            Self::Product { name, .. } => format!("What reaches you of {}", plain(name)),
        }
    }

    /// Its rule, if there is one.
    pub(super) async fn stored(
        &self,
        app: &App,
        caller: &Caller,
    ) -> Result<Option<Notification>, Refusal> {
        let user = caller.id;
        let scope = match *self {
            Self::Personal => RuleScope::Personal { user },
            Self::System => RuleScope::System,
            Self::Template => RuleScope::Template,
            Self::Product { id: product, .. } => RuleScope::Product { user, product },
        };
        notifications::of_scope(app, caller, scope).await
    }

    /// Whether a channel can be chosen here: Teams is the system's alone.
    pub(super) fn may_have(&self, channel: Channel) -> bool {
        channel != Channel::Msteams || matches!(self, Self::System)
    }

    /// Whether its rule can ask for a severity.
    pub(super) const fn has_minimum(&self) -> bool {
        matches!(self, Self::Personal | Self::Product { .. })
    }

    /// Whether its rule can silence.
    pub(super) const fn has_mute(&self) -> bool {
        matches!(self, Self::Product { .. })
    }

    /// What is asked before its rule is removed; none if it has to stay.
    pub(super) fn question(&self) -> Option<String> {
        match self {
            Self::Personal | Self::System => None,
            Self::Template => Some(
                "Remove the template? New users begin with an alert for nearly everything then."
                    .to_owned(),
            ),
            Self::Product { name, .. } => Some(format!(
                "Remove your rule for {}? What reaches you of it is decided by your other rules then, and no mute holds any more.",
                plain(name)
            )),
        }
    }

    /// What came of removing it; none if it has to stay.
    pub(super) const fn removed(&self) -> Option<&'static str> {
        match self {
            Self::Personal | Self::System => None,
            Self::Template => Some("The template is removed."),
            Self::Product { .. } => Some("Your rule for this product is removed."),
        }
    }

    /// When it counts, and what counts beside it.
    pub(super) fn explained(&self, policy: &Policy, is_superuser: bool) -> Markup {
        html! { p.soft {
            @match self {
                Self::Personal => {
                    "Counts for everything that you may view. Rules for a product, for a product type and of your groups add to it; \
                     none of them takes anything away, but for a mute. "
                    @if is_superuser { "As a superuser you also get what the system rule says, at your own addresses. " }
                    "Of events that name you only this rule counts" (trumped(policy)) "."
                },
                Self::System => {
                    "Counts for the system's own places: its Slack channel, its Teams workflow, its mail addresses and the webhook \
                     endpoints without an owner. Superusers get the same at their own addresses" (trumped(policy))
                    ". Destinations with a filter hear what passes it, whatever stands here."
                },
                Self::Template => {
                    "Is copied into the personal rule of everybody who is new from now on. It changes nobody's present rule."
                },
                Self::Product { .. } => {
                    "Adds to your personal rule, for events about this product; what is ticked there need not be ticked here. \
                     It does not count for events that name you, such as a mention."
                },
            }
        } }
    }
}

/// For which columns the system rule counts too, of events that name somebody.
fn trumped(policy: &Policy) -> String {
    let columns = Column::ALL.into_iter();
    let labels: Vec<&str> = columns
        .filter(|column| policy.trump.reaches(*column))
        .map(Column::label)
        .collect();
    match labels.as_slice() {
        [] => String::new(),
        labels => format!(
            "; for {} the system rule adds its channels for whoever is named",
            labels.join(" and ")
        ),
    }
}

/// The menu of scopes; none is the choice of a product.
pub(super) fn tabs(here: Option<&Scope>, is_superuser: bool) -> Markup {
    let entries = [
        (PATH, "Personal", false),
        ("/notifications/system", "System", true),
        ("/notifications/template", "Template", true),
        (PRODUCTS, "Per product", false),
    ];
    let current = match here {
        Some(Scope::Product { .. }) | None => PRODUCTS.to_owned(),
        Some(scope) => scope.path(),
    };
    html! {
        ul.tabs {
            @for (path, label, for_superusers) in entries {
                @if is_superuser || !for_superusers {
                    li { a href=(path) aria-current=[(path == current).then_some("true")] { (label) } }
                }
            }
        }
    }
}
