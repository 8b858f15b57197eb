//! When things happened to an event, as a picture. The scale is logarithmic: what takes milliseconds
//! and what takes days are both to be seen.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use proto_events::outcome::State;

use super::story::{JobStory, Story};
use crate::pages::outcome::{channel_words, duration};

/// How many jobs have a line; the list below has all of a page.
const LINES: usize = 12;

const WIDTH: f64 = 1000.0;
/// Where lines begin and end.
const LEFT: f64 = 230.0;
const RIGHT: f64 = 985.0;
/// From line to line.
const STEP: f64 = 26.0;
const TOP: f64 = 20.0;

/// Marks of the scale, in milliseconds.
const MARKS: [i64; 9] = [
    100,
    1_000,
    10_000,
    60_000,
    600_000,
    3_600_000,
    36_000_000,
    86_400_000,
    864_000_000,
];

/// From time to place.
struct Scale {
    start: DateTime<Utc>,
    total: f64,
}

impl Scale {
    fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self {
            start,
            total: bent((end - start).max(TimeDelta::milliseconds(10))),
        }
    }

    fn x(&self, at: DateTime<Utc>) -> f64 {
        self.after(at - self.start)
    }

    fn after(&self, length: TimeDelta) -> f64 {
        LEFT + (RIGHT - LEFT) * (bent(length) / self.total).clamp(0.0, 1.0)
    }
}

/// Ten milliseconds are the smallest step that is told apart.
fn bent(length: TimeDelta) -> f64 {
    let milliseconds = length.num_milliseconds().clamp(0, 1 << 52);
    // Exact: f64 holds whole numbers up to 2^53.
    #[expect(clippy::cast_precision_loss, reason = "bounded above")]
    let milliseconds = milliseconds as f64;
    (milliseconds / 10.0).ln_1p()
}

/// The picture; the lists of the page say the same in words.
pub(super) fn picture(story: &Story) -> Markup {
    let received = story.event.as_ref().map(|event| event.received_at);
    let decided = story.event.as_ref().map(|event| event.decided_at);
    // A publisher's clock may be wrong: what it says counts only if it comes before.
    let published = story
        .published
        .filter(|at| received.is_some_and(|it| *at <= it));
    let jobs: Vec<&JobStory> = story.jobs.results.iter().rev().take(LINES).collect();
    let attempts = || jobs.iter().flat_map(|job| &job.attempts);
    let points = [published, received, decided].into_iter().flatten();
    let alerts: Vec<DateTime<Utc>> = story.alerts.iter().map(|alert| alert.created).collect();
    let moments: Vec<DateTime<Utc>> = points
        .chain(attempts().map(|it| it.started_at))
        .chain(attempts().filter_map(|it| it.finished_at))
        .chain(alerts.iter().copied())
        .collect();
    let (Some(start), Some(end)) = (moments.iter().min(), moments.iter().max()) else {
        return html! {};
    };
    let scale = Scale::new(*start, *end);
    let marks = [
        ("published", published),
        ("received", received),
        ("decided", decided),
    ];
    let dots: Vec<&str> = marks
        .iter()
        .filter_map(|(name, at)| at.map(|_| *name))
        .collect();
    let mut lines = vec![("the event".to_owned(), points_of(&scale, &marks))];
    if !alerts.is_empty() {
        lines.push(("in-app alerts".to_owned(), ticks(&scale, &alerts)));
    }
    lines.extend(
        jobs.iter()
            .map(|job| (label(job, story), bars(&scale, job))),
    );
    drawn(&scale, *end, &lines, &dots)
}

fn drawn(scale: &Scale, end: DateTime<Utc>, lines: &[(String, Markup)], dots: &[&str]) -> Markup {
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let height = TOP + STEP * f64::from(count) + 24.0;
    let foot = height - 8.0;
    let total = end - scale.start;
    html! {
        figure.timeline {
            div.table { svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img"
                aria-label={ "Timeline over " (duration(total)) "; the lists below say the same" } {
                @for mark in MARKS.map(TimeDelta::milliseconds).into_iter().filter(|mark| *mark < total) {
                    @let x = scale.after(mark);
                    line.mark x1=(x) x2=(x) y1="4" y2=(height - 22.0) {}
                    text.mark x=(x) y=(foot) text-anchor="middle" { (short(mark)) }
                }
                @for (place, (label, content)) in (0u32..).zip(lines) {
                    @let y = TOP + STEP * f64::from(place);
                    text x="8" y=(y + 4.0) { (label) }
                    line.way x1=(LEFT) x2=(RIGHT) y1=(y) y2=(y) {}
                    g transform=(format!("translate(0 {y})")) { (content) }
                }
            } }
            figcaption.soft { "From the first to the last moment: " (duration(total)) ". The scale is logarithmic."
                @if !dots.is_empty() { " Dots: " (dots.join(", ")) "." } }
        }
    }
}

/// Marks of the scale are round: one number is enough.
fn short(mark: TimeDelta) -> String {
    match mark.num_milliseconds() {
        length @ 0..1_000 => format!("{length} ms"),
        length @ 1_000..60_000 => format!("{} s", length / 1_000),
        length @ 60_000..3_600_000 => format!("{} min", length / 60_000),
        length @ 3_600_000..86_400_000 => format!("{} h", length / 3_600_000),
        length => format!("{} d", length / 86_400_000),
    }
}

fn label(job: &JobStory, story: &Story) -> String {
    let last = &job.last;
    let place = last.destination.and_then(|id| story.labels.place(id));
    let to = match (last.recipient, place) {
        (Some(id), _) => story.labels.person(id),
        (None, Some(place)) => place.to_owned(),
        (None, None) => "the system".to_owned(),
    };
    let words = format!("{} to {to}", channel_words(last.channel));
    if words.chars().count() > 28 {
        words.chars().take(27).chain(['…']).collect()
    } else {
        words
    }
}

fn points_of(scale: &Scale, points: &[(&str, Option<DateTime<Utc>>)]) -> Markup {
    html! {
        @for (name, at) in points {
            @if let Some(at) = at {
                circle.point cx=(scale.x(*at)) cy="0" r="6" { title { (name) " " (at.format("%H:%M:%S%.3f UTC")) } }
            }
        }
    }
}

fn ticks(scale: &Scale, moments: &[DateTime<Utc>]) -> Markup {
    html! {
        @for at in moments.iter().take(200) {
            rect.good x=(scale.x(*at) - 2.0) y="-7" width="4" height="14" {}
        }
    }
}

fn bars(scale: &Scale, job: &JobStory) -> Markup {
    html! {
        @for attempt in &job.attempts {
            @let from = scale.x(attempt.started_at);
            @let to = attempt.finished_at.map_or(from, |at| scale.x(at));
            rect class=(colour(attempt.state)) x=(from) y="-7" width=((to - from).max(5.0)) height="14" rx="2" {
                title { "attempt " (attempt.attempt) ": " (attempt.state) }
            }
        }
    }
}

const fn colour(state: State) -> &'static str {
    match state {
        State::Claimed => "soft",
        State::Retrying => "warn",
        State::Delivered | State::Accepted => "good",
        State::Dead => "bad",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_begins_left_ends_right_and_tells_short_and_long_apart() {
        let start = DateTime::UNIX_EPOCH;
        let after = |milliseconds| start + TimeDelta::milliseconds(milliseconds);
        let scale = Scale::new(start, after(86_400_000));
        let places = [0, 50, 1_000, 3_600_000, 86_400_000].map(|at| scale.x(after(at)));
        assert!((places[0] - LEFT).abs() < 0.01 && (places[4] - RIGHT).abs() < 0.01);
        assert!(
            places.windows(2).all(|pair| pair[1] - pair[0] > 40.0),
            "{places:?}"
        );
    }

    #[test]
    fn what_took_no_time_at_all_has_a_scale_too() {
        let scale = Scale::new(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
        assert!((scale.x(DateTime::UNIX_EPOCH) - LEFT).abs() < 0.01);
    }
}
