//! One's tokens. Whoever shows one is its user, so each is shown once, to whoever makes it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use maud::{Markup, html};
use secrecy::ExposeSecret;
use store::ListedToken;

use super::{PATH, REVOKE, TOKENS, page};
use crate::app::App;
use crate::pages::component::{ask_about, complaints, moment};
use crate::pages::form::Form;
use crate::pages::layout::Section;
use crate::pages::outcome::plain;
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, said};
use crate::refusal::{Errors, Refusal};

/// The longest name (characters), as the table has it.
const NAME_CHARS: usize = 100;

/// How many tokens that are worth nothing any more are shown.
const REVOKED: usize = 10;

pub(super) async fn make(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let name = form.text("name").trim();
    if let Some(problem) = problem(name) {
        let mut errors = Errors::default();
        errors.add("name", problem);
        let page = page(&app, &visitor, Some((name, &errors)), None).await?;
        return Ok((StatusCode::BAD_REQUEST, page).into_response());
    }
    let by = &visitor.caller.username;
    let made = app.store.create_token(by, name).await?;
    let (id, token) = made.ok_or(Refusal::NotFound("Dojo_User"))?;
    tracing::info!(id, by, "a token was made");
    let content = shown(name, token.expose_secret());
    Ok(visitor.page(Section::Profile, "A new token", &content))
}

fn problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("Say what it is for, so that you know it again.")
    } else if name.chars().count() > NAME_CHARS {
        Some("Ensure this field has no more than 100 characters.")
    } else {
        None
    }
}

/// The only page that the token is on.
fn shown(name: &str, token: &str) -> Markup {
    html! {
        h1 { "Your new token" }
        div.card {
            p { "It is for “" (plain(name)) "”, and stands here once. Copy it now: nobody can show it again." }
            div.copy {
                input #token-made aria-label="The token" value=(token) readonly autocomplete="off" spellcheck="false";
                button.quiet type="button" data-copy="token-made" hidden { "Copy" }
            }
            p.help { "A program sends it with each request as " code { "Authorization: Token …" } "; a browser signs in with it." }
            p { a.button href=(PATH) { "Done" } }
        }
    }
}

/// Revokes one of one's own; anybody else's is not there.
pub(super) async fn revoke(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let none = || Refusal::NotFound("token");
    let id: i64 = form.text("id").parse().map_err(|_| none())?;
    let caller = &visitor.caller;
    if !app.store.revoke_own_token(caller.id, id).await? {
        return Err(none().into());
    }
    tracing::info!(id, by = caller.username, "a token was revoked");
    let sentence = "The token is revoked. Whatever used it is signed out.";
    Ok(said::then(&app, PATH, sentence))
}

/// The tokens, and the form for another; with the name that was refused.
pub(super) fn card(all: &[ListedToken], refused: Option<(&str, &Errors)>) -> Markup {
    let none = Errors::default();
    let (name, errors) = refused.unwrap_or(("", &none));
    let help = "For example “Jenkins” or “my laptop”. Up to 100 characters.";
    let field = errors.field("name", "What the token is for", help);
    let (current, revoked): (Vec<_>, Vec<_>) =
        all.iter().partition(|token| token.revoked_at.is_none());
    html! {
        @if current.is_empty() {
            div.card.empty { p { "You have no token. With one a program does what you may do, and a browser signs in." } }
        } @else {
            div.table.tokens { table {
                thead { tr { th scope="col" { "Token" } th scope="col" { "Made" } th scope="col" { "Last used" } th scope="col" { "Revoke" } } }
                tbody { @for token in &current { (row(token)) } }
            } }
        }
        form.card.make method="post" action=(TOKENS) {
            (complaints(errors))
            (field.input("text", name))
            button { "Make a token" }
        }
        @if !revoked.is_empty() { (worthless(&revoked)) }
    }
}

fn row(token: &ListedToken) -> Markup {
    let hidden = html! { input type="hidden" name="id" value=(token.id); };
    let name = plain(&token.name);
    let revoke = format!("Revoke “{name}”");
    let question = format!(
        "{revoke}? Programs and browsers that use it are signed out, perhaps this one too. It cannot be undone."
    );
    let id = format!("revoke-{}", token.id);
    html! {
        tr {
            td { (name) }
            td { (moment(token.created_at)) }
            td { @match token.used_at { Some(at) => (moment(at)), None => span.soft { "never" } } }
            td { (ask_about(&id, "Revoke", &revoke, &question, REVOKE, &hidden)) }
        }
    }
}

fn worthless(revoked: &[&ListedToken]) -> Markup {
    html! {
        details {
            summary { "Revoked tokens (" (revoked.len()) ")" }
            ul {
                @for token in revoked.iter().take(REVOKED) {
                    li { (plain(&token.name)) @if let Some(at) = token.revoked_at { ", revoked " (moment(at)) } }
                }
            }
            @if revoked.len() > REVOKED { p.soft { "and " (revoked.len() - REVOKED) " older ones" } }
        }
    }
}
