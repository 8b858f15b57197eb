//! An endpoint's last deliveries, and its steps from state to state.

use maud::{Markup, html};
use proto_events::EndpointState;
use store::browse::ListedDelivery;

use super::standing::choice;
use crate::pages::component::moment;
use crate::pages::deliveries as log;
use crate::pages::outcome::{event_words, plain, standing, took, why};
use crate::rest::notification_webhooks::detail::{Detail, Step};

/// The last attempts at it.
pub(super) fn deliveries(detail: &Detail) -> Markup {
    html! {
        @if detail.attempts.is_empty() {
            div.card.empty { p { "Nothing was sent yet. Every attempt appears here, with the endpoint's answer." } }
        } @else {
            div.table.log tabindex="0" role="region" aria-labelledby="deliveries" {
                table {
                    thead { tr {
                        th scope="col" { "When" } th scope="col" { "Event" } th scope="col" { "Outcome" }
                        th scope="col" { "Answer" } th.number scope="col" { "Took" }
                    } }
                    tbody { @for attempt in &detail.attempts { (row(attempt)) } }
                }
            }
            p { a href={ (log::PATH) "?destination=" (detail.webhook.destination) } { "All deliveries to this endpoint in the last 24 hours" } }
        }
    }
}

fn row(attempt: &ListedDelivery) -> Markup {
    html! {
        tr {
            td { (moment(attempt.started_at)) }
            th scope="row" {
                a href={ (log::PATH) "?job=" (attempt.job) } { (plain(event_words(&attempt.event_name))) }
                @if attempt.attempt > 1 { span.soft { " attempt " (attempt.attempt) } }
            }
            td { (standing(attempt.state)) }
            td.words {
                @if let Some(status) = attempt.status { "HTTP " (status) }
                @if attempt.status.is_some() && attempt.reason.is_some() { " · " }
                @if let Some(reason) = attempt.reason { (why(reason)) }
                @if let Some(detail) = &attempt.detail { p.soft { (plain(detail)) } }
            }
            td.number { (took(attempt.started_at, attempt.finished_at)) }
        }
    }
}

/// How it came to stand where it stands.
pub(super) fn history(detail: &Detail) -> Markup {
    html! {
        @if detail.steps.is_empty() {
            div.card.empty { p { "It has always been active. Whenever it changes its status, the step and its reason appear here." } }
        } @else {
            div.table.log tabindex="0" role="region" aria-labelledby="history" {
                table {
                    thead { tr {
                        th scope="col" { "When" } th scope="col" { "From" } th scope="col" { "To" } th scope="col" { "Note" }
                    } }
                    tbody { @for step in &detail.steps { (step_row(step)) } }
                }
            }
        }
    }
}

fn step_row(step: &Step) -> Markup {
    html! {
        tr {
            td { (moment(step.at)) }
            td { (words(&step.from)) }
            td { (words(&step.to)) }
            td.words { @if let Some(note) = &step.note { (plain(note)) } }
        }
    }
}

/// A status as people read it.
fn words(status: &str) -> &str {
    status
        .parse()
        .map_or(status, |state: EndpointState| choice(state))
}
