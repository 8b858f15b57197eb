//! Sending letters again, or discarding them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use delivery::replay::{self, Plan};
use uuid::Uuid;

use super::{PATH, address, one};
use crate::access::Superuser;
use crate::app::App;
use crate::pages::form::{Form, Kind};
use crate::pages::sign_in::within;
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, said};
use crate::refusal::Refusal;
use crate::rest::content::Fields;
use crate::rest::dead_letters;
use crate::rest::path::Id;

pub(super) async fn replay(
    State(app): State<App>,
    visitor: Visitor,
    Id(id): Id<Uuid>,
    form: Form,
) -> Answer {
    let superuser = Superuser::of(&visitor.caller)?;
    let consent = form.fields(&[("again", Kind::Flag)]);
    match dead_letters::send(State(app.clone()), superuser, Id(id), consent).await {
        Ok(_) => Ok(said::then(
            &app,
            &back(&form, id),
            "Sent again. The event's story tells what becomes of it.",
        )),
        Err(refusal) => complain(&app, &visitor, id, refusal).await,
    }
}

pub(super) async fn discard(
    State(app): State<App>,
    visitor: Visitor,
    Id(id): Id<Uuid>,
    form: Form,
) -> Answer {
    let superuser = Superuser::of(&visitor.caller)?;
    match dead_letters::discard(State(app.clone()), superuser, Id(id)).await {
        Ok(_) => Ok(said::then(&app, &back(&form, id), "Discarded.")),
        Err(refusal) => complain(&app, &visitor, id, refusal).await,
    }
}

/// The page to show afterwards: the one that the form stood on, if it says so.
fn back(form: &Form, id: Uuid) -> String {
    match within(form.text("back")) {
        "/" => address(id),
        page => page.to_owned(),
    }
}

/// What depends on the letter itself is said on its page.
async fn complain(app: &App, visitor: &Visitor, id: Uuid, refusal: Refusal) -> Answer {
    let status = refusal.status();
    if status != StatusCode::BAD_REQUEST && status != StatusCode::CONFLICT {
        return Err(refusal.into());
    }
    let sentences = match refusal {
        Refusal::Fields(errors) if !errors.of("again").is_empty() => {
            vec!["It has arrived meanwhile. Send it a second time if that is what you want: it then comes under a new id.".to_owned()]
        }
        other => other.sentences(),
    };
    one::refused(app, visitor, id, status, &sentences).await
}

/// How many of those that were chosen came to which end.
#[derive(Default)]
struct Tally {
    done: u32,
    arrived: u32,
    failed: u32,
}

pub(super) async fn chosen(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    Superuser::of(&visitor.caller)?;
    let back = match within(form.text("back")) {
        "/" => PATH,
        page => page,
    };
    // What is no id is the id of nothing.
    let ids: Vec<Uuid> = form.all("ids").filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(said::then(&app, back, "Choose some letters first."));
    }
    let mut tally = Tally::default();
    let what = form.text("do");
    for id in ids {
        match what {
            "replay" => again(&app, &visitor, id, &mut tally).await?,
            "discard" => drop_one(&app, &visitor, id, &mut tally).await?,
            _ => rehearse(&app, id, &mut tally).await?,
        }
    }
    let sentence = match what {
        "replay" => tally.told("sent again", "cannot be sent and wait as before"),
        "discard" => tally.told("discarded", "were not there any more"),
        _ => tally.told("would be sent", "cannot be sent") + " Nothing was sent.",
    };
    Ok(said::then(&app, back, &sentence))
}

/// Sends one again; what arrived meanwhile is left alone, since nobody was asked about it.
async fn again(app: &App, visitor: &Visitor, id: Uuid, tally: &mut Tally) -> Result<(), Refusal> {
    let superuser = Superuser::of(&visitor.caller)?;
    let sent = dead_letters::send(State(app.clone()), superuser, Id(id), Fields::default()).await;
    match sent {
        Ok(_) => tally.done += 1,
        Err(Refusal::Fields(errors)) if !errors.of("again").is_empty() => tally.arrived += 1,
        Err(Refusal::Fields(_) | Refusal::NotFound(_) | Refusal::Conflict(_)) => tally.failed += 1,
        Err(refusal) => return Err(refusal),
    }
    Ok(())
}

async fn drop_one(
    app: &App,
    visitor: &Visitor,
    id: Uuid,
    tally: &mut Tally,
) -> Result<(), Refusal> {
    let superuser = Superuser::of(&visitor.caller)?;
    match dead_letters::discard(State(app.clone()), superuser, Id(id)).await {
        Ok(Json(_)) => tally.done += 1,
        Err(Refusal::NotFound(_) | Refusal::Conflict(_)) => tally.failed += 1,
        Err(refusal) => return Err(refusal),
    }
    Ok(())
}

/// What would become of one if it were sent.
async fn rehearse(app: &App, id: Uuid, tally: &mut Tally) -> Result<(), Refusal> {
    let head = match dead_letters::found(app, id).await {
        Ok(head) => head,
        Err(Refusal::NotFound(_)) => {
            tally.failed += 1;
            return Ok(());
        }
        Err(refusal) => return Err(refusal),
    };
    match replay::planned(&app.store, app.names(), &head).await? {
        Some(Plan::Send(_)) => tally.done += 1,
        Some(Plan::Again(_)) => tally.arrived += 1,
        Some(Plan::Impossible(_)) | None => tally.failed += 1,
    }
    Ok(())
}

impl Tally {
    fn told(&self, done: &str, failed: &str) -> String {
        let letters = if self.done == 1 { "letter" } else { "letters" };
        let mut sentence = format!("{} {letters} {done}", self.done);
        for (count, words) in [
            (
                self.arrived,
                "arrived meanwhile, and would only be sent a second time one by one",
            ),
            (self.failed, failed),
        ] {
            if count > 0 {
                sentence += &format!("; {count} {words}");
            }
        }
        sentence + "."
    }
}
