//! Adding and changing a destination.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use proto_events::Channel;

use super::form::{Purpose, form as fields_of};
use super::told::Names;
use super::written::{Written, fields};
use super::{NEW, PATH, address, place, title};
use crate::access::Superuser;
use crate::app::App;
use crate::pages::form::{Form, mendable};
use crate::pages::layout::Section;
use crate::pages::outcome::{channel_words, plain};
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, said};
use crate::refusal::{Errors, Refusal};
use crate::rest::destinations::{self, Destination};
use crate::rest::path::Id;

/// What a page with the form shows above it and asks for.
struct Asked<'p> {
    title: &'p str,
    above: &'p Markup,
    purpose: Purpose,
    action: &'p str,
}

const ADDING: &str = "Add a destination";

pub(super) async fn ask_new(State(app): State<App>, visitor: Visitor) -> Answer {
    Superuser::of(&visitor.caller)?;
    let written = Written {
        channel: Channel::Slack.as_str().to_owned(),
        ..Written::default()
    };
    new(&app, &visitor, &written, &Errors::default()).await
}

pub(super) async fn add(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let superuser = Superuser::of(&visitor.caller)?;
    let adding = async {
        let fields = fields(&app, visitor.caller.id, &form).await?;
        destinations::create(State(app.clone()), superuser, fields).await
    };
    match adding.await {
        Ok((_, made)) => {
            let sentence = format!(
                "“{}” is added. Send it a test to see whether messages arrive.",
                plain(&title(&made))
            );
            Ok(said::then(&app, PATH, &sentence))
        }
        Err(refusal) => {
            let (status, errors) = mendable(refusal)?;
            let page = new(&app, &visitor, &Written::sent(&form), &errors).await?;
            Ok((status, page).into_response())
        }
    }
}

async fn new(app: &App, visitor: &Visitor, written: &Written, errors: &Errors) -> Answer {
    let asked = Asked {
        title: ADDING,
        above: &html! {},
        purpose: Purpose::New,
        action: NEW,
    };
    page(app, visitor, asked, written, errors).await
}

pub(super) async fn look(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    let it = read(&app, &visitor, id).await?;
    edit(
        &app,
        &visitor,
        &it,
        &Written::stored(&it),
        &Errors::default(),
    )
    .await
}

pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
    form: Form,
) -> Answer {
    let it = read(&app, &visitor, id).await?;
    let superuser = Superuser::of(&visitor.caller)?;
    let changing = async {
        let fields = fields(&app, visitor.caller.id, &form).await?;
        destinations::change(State(app.clone()), superuser, Id(it.id), fields).await
    };
    match changing.await {
        Ok(_) => {
            let sentence = format!("“{}” is saved.", plain(&title(&it)));
            Ok(said::then(&app, PATH, &sentence))
        }
        Err(refusal) => {
            let (status, errors) = mendable(refusal)?;
            let page = edit(&app, &visitor, &it, &Written::sent(&form), &errors).await?;
            Ok((status, page).into_response())
        }
    }
}

async fn edit(
    app: &App,
    visitor: &Visitor,
    it: &Destination,
    written: &Written,
    errors: &Errors,
) -> Answer {
    let name = plain(&title(it));
    if it.filter.is_none() {
        return Ok(without_filter(visitor, it, &name));
    }
    let above = html! {
        p { span.state { (channel_words(it.channel)) } " " (place(it)) }
        @if it.webhook.is_some() { p.soft { "URL, header and signing secret are changed at the endpoint." } }
    };
    let asked = Asked {
        title: &name,
        above: &above,
        purpose: Purpose::Edit(it.channel),
        action: &address(it.id),
    };
    page(app, visitor, asked, written, errors).await
}

fn without_filter(visitor: &Visitor, it: &Destination, name: &str) -> Response {
    let content = html! {
        p { a href={ (PATH) "?filtered=false" } { "← All destinations without a filter" } }
        h1 { (name) }
        p { span.state { (channel_words(it.channel)) } " " (place(it)) }
        p { "This one has no filter: it comes and goes with people, System Settings and webhook endpoints." }
    };
    visitor.page(Section::Destinations, name, &content)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    asked: Asked<'_>,
    written: &Written,
    errors: &Errors,
) -> Answer {
    let names = Names::of(app, [written.ticked()].iter()).await?;
    let content = html! {
        p { a href=(PATH) { "← All destinations" } }
        h1 { (asked.title) }
        (asked.above)
        (fields_of(written, &names, errors, asked.purpose, asked.action))
    };
    Ok(visitor.page(Section::Destinations, asked.title, &content))
}

/// The destination that a page is about.
pub(super) async fn read(
    app: &App,
    visitor: &Visitor,
    id: Result<Id, Refusal>,
) -> Result<Destination, Refusal> {
    Superuser::of(&visitor.caller)?;
    let read = destinations::read(State(app.clone()), visitor.caller.clone(), id?);
    Ok(read.await?.0)
}
