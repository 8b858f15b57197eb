//! Why a destination with a filter is told of an event, or is not.

use proto_events::directory::{Filter, FilteredDestination};

use super::Explainer;
use super::reason::Reason;
use crate::filtered::HeldBack;

/// Whether a destination with a filter is told, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationExplanation<'d> {
    /// The destination.
    pub filtered: &'d FilteredDestination,
    /// Whether it is told.
    pub told: bool,
    /// What the filter says, then what keeps the channel shut.
    pub reasons: Vec<Reason>,
}

impl<'d> Explainer<'d, '_> {
    /// The destinations that are asked: those whose filters point at the event's product, its
    /// product type or at neither; by id. An event with recipients asks none.
    #[must_use]
    pub fn watching(&self) -> Vec<&'d FilteredDestination> {
        if self.facts.recipients.is_some() {
            return Vec::new();
        }
        self.case.watching(&self.facts)
    }

    /// What a destination is told, also if it is not asked at all.
    #[must_use]
    pub fn destination(&self, filtered: &'d FilteredDestination) -> DestinationExplanation<'d> {
        let reasons = self.of_destination(filtered);
        DestinationExplanation {
            filtered,
            told: reasons == [Reason::Passes],
            reasons,
        }
    }

    fn of_destination(&self, filtered: &FilteredDestination) -> Vec<Reason> {
        if self.facts.recipients.is_some() {
            return vec![Reason::Directed];
        }
        let held_back = self.case.held_back(&filtered.filter, &self.facts);
        let mut reasons = vec![held_back.map_or(Reason::Passes, |why| {
            Reason::HeldBack(self.words(why, &filtered.filter))
        })];
        let channel = filtered.destination.channel;
        if !self.case.enabled.contains(channel) {
            reasons.push(Reason::SwitchedOff(channel));
        }
        if !self.case.allowed.contains(channel) {
            reasons.push(Reason::AlertOnly);
        }
        if filtered.destination.switched_off {
            reasons.push(Reason::DestinationOff);
        }
        reasons
    }

    fn words(&self, why: HeldBack, filter: &Filter) -> String {
        let or = |id: Option<i64>, kind: &str| {
            id.map_or_else(
                || format!("an event about no {kind}"),
                |id| format!("{kind} {id}"),
            )
        };
        match why {
            HeldBack::Event => format!(
                "{} is not among its events: {}",
                self.facts.name,
                filter.events.join(", ")
            ),
            HeldBack::ProductType => format!(
                "{} is not among its product types: {}",
                or(self.case.product_type_id, "product type"),
                list(&filter.product_types)
            ),
            HeldBack::Product => format!(
                "{} is not among its products: {}",
                or(self.facts.product, "product"),
                list(&filter.products)
            ),
            HeldBack::Tags => format!(
                "{} has none of its tags: {}",
                or(self.facts.product, "product"),
                filter.tags.join(", ")
            ),
            HeldBack::Severity => {
                let word = |severity: Option<_>| {
                    severity.map_or_else(String::new, |it: proto_events::Severity| it.to_string())
                };
                format!(
                    "{} is below its minimum severity {}",
                    word(self.case.severity),
                    word(filter.minimum_severity)
                )
            }
        }
    }
}

fn list(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.join(", ")
}
