//! One template: written, saved, given back.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use delivery::templates::Origin;
use maud::{Markup, html};
use messages::Templates;

use super::chosen::{Came, Chosen, newest};
use super::{EDIT, FOR, PATH, PREVIEW, RESTORE, TEST, address, standing, subject};
use crate::access::Superuser;
use crate::app::App;
use crate::pages::component::{ask, complaints};
use crate::pages::form::{Form, Kind, mendable};
use crate::pages::layout::Section;
use crate::pages::outcome::plain;
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, said};
use crate::refusal::{Errors, Refusal};
use crate::rest::query::Query;
use crate::rest::templates::{self, Template};

pub(super) async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    Superuser::of(&visitor.caller)?;
    let file = query.text("file");
    if file.is_empty() {
        return Ok(another(&app, query.text("channel"), query.text(FOR).trim()));
    }
    let editor = Editor::open(&app, file, Chosen::asked(&query)).await?;
    Ok(visitor.page(
        Section::Templates,
        &subject(file),
        &editor.page(&Errors::default()),
    ))
}

/// To the template of a channel and an event.
fn another(app: &App, channel: &str, event: &str) -> Response {
    let file = match channel {
        "" => format!("{event}.txt"),
        channel => format!("{channel}/{event}.txt"),
    };
    if event.is_empty() {
        said::then(app, PATH, "Nothing was begun: name the event first.")
    } else if Templates::can_be_called(&file) {
        Redirect::to(&address(&file)).into_response()
    } else {
        let file = plain(&file);
        let sentence = format!("Nothing was begun: no template can be called “{file}”.");
        said::then(app, PATH, &sentence)
    }
}

pub(super) async fn save(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let chosen = Chosen::sent(&form);
    let file = form.text("file");
    let fields = form.fields(&[("file", Kind::Text), ("source", Kind::Text)]);
    match templates::write(State(app.clone()), visitor.caller.clone(), fields).await {
        Ok(_) => {
            let page = chosen.address(EDIT, file);
            Ok(said::then(
                &app,
                &page,
                "Saved. Senders use it within seconds.",
            ))
        }
        Err(refusal) => {
            let (status, errors) = mendable(refusal)?;
            let mut editor = Editor::open(&app, file, chosen).await?;
            editor.source = form.lines("source");
            let (title, content) = (subject(file), editor.page(&errors));
            Ok(visitor.answer(status, Section::Templates, &title, &content))
        }
    }
}

pub(super) async fn restore(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let file = form.text("file");
    templates::remove(&app, &visitor.caller, file).await?;
    let sentence = format!("What was written of {file} is removed.");
    Ok(said::then(&app, PATH, &sentence))
}

/// A template as it is edited.
struct Editor {
    file: String,
    /// What is in force under this name; none: nothing yet.
    template: Option<Template>,
    source: String,
    chosen: Chosen,
    came: Vec<Came>,
}

impl Editor {
    async fn open(app: &App, file: &str, chosen: Chosen) -> Result<Self, Refusal> {
        if !Templates::can_be_called(file) {
            return Err(Refusal::NotFound("template"));
        }
        let all = templates::all(app).await?;
        let named = |file: &str| all.iter().find(|template| template.file == file);
        let template = named(file).cloned();
        // A new one begins with the words that it takes the place of.
        let event = file.rsplit('/').next().unwrap_or(file);
        let begin = named(file)
            .or_else(|| named(event))
            .or_else(|| named("other.txt"));
        Ok(Self {
            source: begin.map(|begin| begin.source.clone()).unwrap_or_default(),
            came: newest(app, file).await?,
            file: file.to_owned(),
            template,
            chosen,
        })
    }

    fn origin(&self) -> Option<Origin> {
        self.template.as_ref().map(|template| template.origin)
    }

    /// Whether somebody wrote it, so that it can be given back.
    fn is_stored(&self) -> bool {
        let template = self.template.as_ref();
        template.is_some_and(|template| template.updated_by.is_some())
    }

    fn page(&self, errors: &Errors) -> Markup {
        html! {
            p { a href=(PATH) { "← Templates" } }
            h1 { (subject(&self.file)) }
            p { code { (self.file) } " "
                @match &self.template { Some(template) => (standing(template)), None => span.state { "not written yet" } }
            }
            div.editor {
                (self.form(errors))
                section.shown aria-labelledby="shown-title" {
                    h2 #shown-title { "Preview" }
                    iframe name="shown" title="How the message reads" sandbox="" src=(self.chosen.address(PREVIEW, &self.file)) {}
                }
            }
            @if self.is_stored() { (self.restore()) }
        }
    }

    fn form(&self, errors: &Errors) -> Markup {
        let field = |name, label| errors.field(name, label, "");
        let events = self.came.iter().map(|(event, title, at)| {
            (
                event.clone(),
                format!("{title} ({})", at.format("%d %b %H:%M UTC")),
            )
        });
        let sample = (String::new(), "a sample with everything in it".to_owned());
        let mut events: Vec<(String, String)> = std::iter::once(sample).chain(events).collect();
        if !events.iter().any(|(event, _)| *event == self.chosen.event) {
            events.push((
                self.chosen.event.clone(),
                "the event chosen before".to_owned(),
            ));
        }
        let events = events
            .iter()
            .map(|(event, words)| (event.as_str(), words.as_str()));
        let is_file = self.origin() == Some(Origin::File);
        html! {
            form.card method="post" action=(EDIT) {
                (complaints(errors))
                @for error in errors.of("file") { p.error role="alert" { (error) } }
                input type="hidden" name="file" value=(self.file);
                @if is_file {
                    p { "A file of " code { "DD_TEMPLATE_DIR" } " stands above what could be written here; change it there. It can be looked at and tried." }
                }
                (field("source", "Template").source(16, &self.source, is_file))
                (values(&self.file))
                div.row.looks {
                    (field("shown", "Look at it as").choice(Chosen::ways(&self.file), self.chosen.way(&self.file)))
                    (field("event", "with").choice(events, &self.chosen.event))
                }
                div.row {
                    @if !is_file { button { "Save" } }
                    button.quiet formaction=(PREVIEW) formtarget="shown" { "Preview" }
                    button.quiet formaction=(TEST) formtarget="shown" { "Send it to me" }
                }
                p.help { "Preview shows what is written here, saved or not. “Send it to me” sends what is saved, on the way that all messages take, to your own address on that channel." }
            }
        }
    }

    fn restore(&self) -> Markup {
        let has_built_in = Templates::event_of(&self.file)
            .is_none_or(|event| Templates::knows(event.as_str()) && !self.file.contains('/'));
        let (label, question) = if has_built_in {
            (
                "Restore the built-in one",
                "Remove what was written, and use the built-in template again? It does not come back.",
            )
        } else {
            (
                "Remove this template",
                "Remove what was written? The next nearest template counts then. It does not come back.",
            )
        };
        let hidden = html! { input type="hidden" name="file" value=(self.file); };
        ask("restore", label, question, RESTORE, &hidden)
    }
}

/// What can be asked for in a template.
fn values(file: &str) -> Markup {
    html! {
        details.values {
            summary { "Values that can stand in it" }
            p { @for name in Templates::values_of(file) { code { "{{ " (name) " }}" } " " } }
            p.help { "The language is Jinja. What an event does not carry is nothing in a text and false in a condition; texts of events stay texts." }
        }
    }
}
