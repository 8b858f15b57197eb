//! What was sent of an event, and what waits.

use maud::{Markup, html};
use proto_events::Service;
use store::browse::{HeldBack, ListedDelivery, ParkedJob};

use super::story::{JobStory, Story};
use crate::pages::component::{BY_TIME, moment, pager};
use crate::pages::deliveries::{self, to};
use crate::pages::outcome::{channel_words, plain, standing, took, why};

/// How many of what waits, or of alerts, are told of one by one.
const MOST: usize = 100;

/// What was sent.
pub(super) fn section(story: &Story) -> Markup {
    html! {
        section aria-labelledby="jobs" {
            h2 #jobs { "Deliveries " span.soft { "(" (story.jobs.count) ")" } }
            @if story.jobs.count == 0 {
                p.card { "No attempt was made to send it." }
            } @else {
                ul.tallies { @for tally in &story.tallies {
                    li { (tally.count) " by " (channel_words(tally.channel)) ": " (standing(tally.state)) }
                } }
                @for job in &story.jobs.results { (one(job, story)) }
                (pager(&story.jobs, BY_TIME))
            }
        }
    }
}

fn one(job: &JobStory, story: &Story) -> Markup {
    let last = &job.last;
    let is_long = job.attempts.len() > 3;
    html! {
        article.card.job {
            h3 {
                (channel_words(last.channel)) " to " (to(last.channel, last.recipient, last.destination, &story.labels)) " "
                (standing(last.state))
                @if last.job.replay() > 0 { " " span.state { "sent again, " (last.job.replay()) } }
            }
            @if is_long {
                details { summary { (job.attempts.len()) " attempts" } (attempts(&job.attempts)) }
                @if let Some(attempt) = job.attempts.last() { (attempts(std::slice::from_ref(attempt))) }
            } @else {
                (attempts(&job.attempts))
            }
            p.soft { "Job " code { (last.job) } }
        }
    }
}

fn attempts(attempts: &[ListedDelivery]) -> Markup {
    html! {
        ol.attempts { @for attempt in attempts {
            li value=(attempt.attempt) {
                (moment(attempt.started_at)) " "
                @if attempt.finished_at.is_some() {
                    span.soft { "took " (took(attempt.started_at, attempt.finished_at)) } " "
                }
                (standing(attempt.state))
                @if let Some(reason) = attempt.reason { " " (why(reason)) }
                @if let Some(status) = attempt.status { " " span.soft { "answer " (status) } }
                @if let Some(detail) = &attempt.detail { p.detail { (plain(detail)) } }
                @if let Some(id) = &attempt.provider_id { p.soft { "The receiver's own id: " code { (plain(id)) } } }
            }
        } }
    }
}

/// What waits, and for what.
pub(super) fn waiting(story: &Story) -> Markup {
    let waiting = &story.waiting;
    html! {
        @if !waiting.is_empty() {
            section aria-labelledby="waiting" {
                h2 #waiting { "Waiting" }
                @for hold in &waiting.holds {
                    p.card { span.state.warn { "held" } " " (hold.service.as_str()) " sends nothing since "
                        (moment(hold.since)) @if story.is_whole { ": " (plain(&hold.note)) } }
                }
                @for pause in &waiting.pauses {
                    p.card { span.state.warn { "paused" } " " (pause.service.as_str())
                        @if pause.destination.is_none() { ", for everybody," }
                        " until " (moment(pause.until)) ": " (why(pause.reason)) }
                }
                ul.waiting {
                    @for job in waiting.parked.iter().take(MOST) { (parked(job, story)) }
                    @for job in waiting.held.iter().take(MOST) { (held(job, story)) }
                }
                @let left = waiting.parked.len().saturating_sub(MOST) + waiting.held.len().saturating_sub(MOST);
                @if left > 0 { p.soft { "and " (left) " more." } }
            }
        }
    }
}

fn parked(job: &ParkedJob, story: &Story) -> Markup {
    let place = story.waiting.place(job.job);
    let (channel, user) = match place {
        Some(place) => (Some(place.channel), place.user),
        None => (job.service.channel(), None),
    };
    html! {
        li.card {
            span.state.warn { "in line" } " "
            @if let Some(channel) = channel { (channel_words(channel)) " to " (to(channel, user, Some(job.destination), &story.labels)) ", " }
            "since " (moment(job.parked_at)) ", attempt " (job.attempt) " is next. "
            @match job.before { 0 => {}, 1 => "1 waits before it. ", before => { (before) " wait before it. " } }
            "Looked at next " (moment(job.due)) "."
            @if let Some(reason) = job.reason { " The last attempt failed: " (why(reason)) "." }
        }
    }
}

fn held(job: &HeldBack, story: &Story) -> Markup {
    let digest = job.message.filter(|message| *message != job.job);
    html! {
        li.card {
            @match job.outcome.as_deref() {
                None => span.state { "held back" },
                Some("sent" | "delivered") => span.state.good { "was held back" },
                Some(_) => span.state.bad { "was held back" },
            }
            " "
            @if let Some(place) = story.waiting.place(job.job) {
                (channel_words(place.channel)) " to " (to(place.channel, place.user, Some(place.destination), &story.labels)) ", "
            }
            "since " (moment(job.held_at)) " until " (moment(job.due))
            @match job.outcome.as_deref() {
                None => ", for a digest or until quiet hours end.",
                Some("sent") => @if digest.is_some() { ", and came in a digest." } @else { ", and was sent then." },
                Some("delivered") => ", and had arrived before.",
                Some("recipient_gone") => ". Nothing was sent then: the person is gone or inactive.",
                Some("access_lost") => ". Nothing was sent then: the person may not see the object any more.",
                Some(_) => ". It could not be read then, and is among the dead letters.",
            }
            @if let Some(message) = digest {
                " " a href={ (deliveries::PATH) "?job=" (message) } { "The digest's delivery" }
            }
        }
    }
}

/// In-app alerts: each is its own ledger entry.
pub(super) fn alerts(story: &Story) -> Markup {
    let alerts = &story.alerts;
    html! {
        @if let (Some(first), Some(last)) = (alerts.first(), alerts.last()) {
            section aria-labelledby="alerts" {
                h2 #alerts { "In-app alerts " span.soft { "(" (alerts.len()) ")" } }
                div.card {
                    @if story.is_whole {
                        p { "Written by the " (Service::AlertWriter.as_str()) " "
                            (moment(first.created))
                            @if last.created > first.created { " to " (moment(last.created)) } "." }
                        @let named = |alert: &store::browse::EventAlert| alert.user
                            .map_or_else(|| "the system".to_owned(), |id| story.labels.person(id));
                        @let names: Vec<String> = alerts.iter().map(named).collect();
                        @if names.len() > 10 {
                            details { summary { "For " (names.len()) } (names.join(", ")) }
                        } @else { p { "For " (names.join(", ")) } }
                    } @else {
                        p { (plain(&first.title)) " " span.soft { (moment(first.created)) }
                            @if first.removed { " " span.state { "removed by you" } } }
                    }
                }
            }
        }
    }
}
