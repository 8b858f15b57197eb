//! People as the directory knows them. They are DefectDojo's and only read here: superusers read
//! all of them, everybody themselves.

use axum::Json;
use axum::extract::State;
use proto_events::directory::User;
use schemars::JsonSchema;
use serde::Serialize;
use store::browse::PeopleFilter;
use store::{Page, Window};

use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::{Caller, Superuser};
use crate::app::App;
use crate::refusal::Refusal;

/// A person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Person {
    id: i64,
    pub(crate) username: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    /// Who is inactive is told nothing.
    is_active: bool,
    /// Superusers see everything.
    pub(crate) is_superuser: bool,
}

/// Where a person is reached besides their mail address.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ContactInfo {
    /// The user's id: the directory knows no other.
    id: i64,
    user: i64,
    user_profile: Person,
    /// The address of the person's Slack account.
    pub(crate) slack_username: Option<String>,
    /// The person's id in Slack, where known.
    slack_user_id: Option<String>,
}

/// Who asks.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Profile {
    pub(crate) user: Person,
    pub(crate) user_contact_info: ContactInfo,
}

const PEOPLE: [(&str, &str); 5] = [
    ("id", "The person of this id."),
    ("username", "The person of this name."),
    ("email", "People with this address."),
    ("is_active", "Active people, or the others."),
    ("is_superuser", "Superusers, or the others."),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/users/", "People", list)
            .filters(&PAGING)
            .filters(&PEOPLE)
            .gives::<List<Person>>(),
        Route::get("/users/{id}/", "One person", read).gives::<Person>(),
        Route::get("/user_contact_infos/", "How people are reached", contacts)
            .filters(&PAGING)
            .filters(&[("user", "Those of this user.")])
            .gives::<List<ContactInfo>>(),
        Route::get(
            "/user_contact_infos/{id}/",
            "How one person is reached",
            contact,
        )
        .gives::<ContactInfo>(),
        Route::get("/user_profile/", "Whom your token makes you", profile).gives::<Profile>(),
    ]
}

async fn list(
    State(app): State<App>,
    _: Superuser,
    query: Query,
) -> Result<Json<List<Person>>, Refusal> {
    let window = query.window()?;
    let filter = PeopleFilter {
        id: query.get("id")?,
        username: query.get("username")?,
        email: query.get("email")?,
        active: query.get("is_active")?,
        superuser: query.get("is_superuser")?,
    };
    let page = app.store.people_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
}

async fn read(State(app): State<App>, _: Superuser, Id(id): Id) -> Result<Json<Person>, Refusal> {
    let user = one(&app, id).await?.ok_or(Refusal::NotFound("Dojo_User"))?;
    Ok(Json(user.into()))
}

async fn contacts(
    State(app): State<App>,
    _: Superuser,
    query: Query,
) -> Result<Json<List<ContactInfo>>, Refusal> {
    let window = query.window()?;
    let filter = PeopleFilter {
        id: query.get("user")?,
        ..PeopleFilter::default()
    };
    let page: Page<User> = app.store.people_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
}

async fn contact(
    State(app): State<App>,
    _: Superuser,
    Id(id): Id,
) -> Result<Json<ContactInfo>, Refusal> {
    let user = one(&app, id)
        .await?
        .ok_or(Refusal::NotFound("UserContactInfo"))?;
    Ok(Json(user.into()))
}

pub(crate) async fn profile(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Profile>, Refusal> {
    let user = one(&app, caller.id)
        .await?
        .ok_or(Refusal::NotFound("Dojo_User"))?;
    Ok(Json(Profile {
        user: user.clone().into(),
        user_contact_info: user.into(),
    }))
}

async fn one(app: &App, id: i64) -> Result<Option<User>, Refusal> {
    let filter = PeopleFilter {
        id: Some(id),
        ..PeopleFilter::default()
    };
    Ok(app.store.people_page(&filter, Window::ONE).await?.first())
}

impl From<User> for Person {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            username: user.username,
            first_name: user.first_name,
            last_name: user.last_name,
            email: user.email,
            is_active: user.active,
            is_superuser: user.superuser,
        }
    }
}

impl From<User> for ContactInfo {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            user: user.id,
            slack_username: user.slack_email.clone(),
            slack_user_id: user.slack_user_id.clone(),
            user_profile: user.into(),
        }
    }
}
