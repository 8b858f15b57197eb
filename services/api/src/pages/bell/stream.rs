//! What an open page is told: how many alerts there are, whenever some came or went.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use serde_json::json;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::access::Caller;
use crate::app::App;
use crate::bells::Bell;
use crate::refusal::Refusal;

/// What a browser knew when its last stream ended.
const LAST: &str = "last-event-id";

/// Proxies pass each event on when it comes.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// After how long a browser comes back (ms): each person at another moment, so that the other
/// replicas are not asked by all at once when this one stops.
const COME_BACK: u64 = 2_000;
const SPREAD: u64 = 4_000;

/// A page that listens.
struct Listener {
    app: App,
    /// As it asked, to be looked up again.
    parts: Parts,
    user: i64,
    bell: Bell,
    /// The last event it knows.
    known: Option<String>,
    heartbeat: Interval,
}

pub(super) async fn listen(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<Response, Refusal> {
    if !app.config.has_live_bells() {
        return Err(Refusal::NoPath);
    }
    let Some(bell) = app.bells.open(caller.id) else {
        let wait = "You have too many pages open that listen to alerts.";
        return Ok((StatusCode::TOO_MANY_REQUESTS, wait).into_response());
    };
    let (parts, _) = request.into_parts();
    let listener = Listener {
        known: last_known(&parts.headers),
        heartbeat: heartbeat(app.config.alert_heartbeat),
        user: caller.id,
        app,
        parts,
        bell,
    };
    let come_back = Event::default().retry(Duration::from_millis(
        COME_BACK + caller.id.unsigned_abs() % 1009 * SPREAD / 1009,
    ));
    let first = stream::iter([Ok::<_, Infallible>(come_back)]);
    let events = futures_util::StreamExt::chain(first, listener.events());
    Ok(([UNBUFFERED], Sse::new(events)).into_response())
}

fn last_known(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(LAST)?.to_str().ok()?.to_owned())
}

fn heartbeat(seconds: u32) -> Interval {
    let mut heartbeat = interval(Duration::from_secs(seconds.into()));
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.reset();
    heartbeat
}

impl Listener {
    /// The events until the service stops, or whoever listens is known no longer.
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut listener| {
            let event = listener.next().await?;
            Some((Ok(event), listener))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            let standing = tokio::select! {
                biased;
                () = self.app.stop.cancelled() => return None,
                standing = self.bell.rung() => standing,
                _ = self.heartbeat.tick() => {
                    // In a box, so that a page that waits needs no room for it.
                    let is_known = Box::pin(self.is_still_known()).await;
                    return is_known.then(|| Event::default().comment("still here"));
                }
            };
            let id = standing.id();
            if self.known.as_deref() == Some(&id) {
                continue;
            }
            let data = json!({ "count": standing.count }).to_string();
            let event = Event::default().event("alerts").id(&id).data(data);
            self.known = Some(id);
            return Some(event);
        }
    }

    /// Whether the session or token that opened the stream still is worth something. As long as
    /// the database is away nobody can say, and there is nothing to tell either.
    async fn is_still_known(&mut self) -> bool {
        match Caller::from_request_parts(&mut self.parts, &self.app).await {
            Ok(caller) => caller.id == self.user,
            Err(Refusal::Unavailable(_)) => true,
            Err(_) => false,
        }
    }
}
