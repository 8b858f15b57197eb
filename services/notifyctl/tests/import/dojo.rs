//! A stand-in for DefectDojo's API: it gives what was recorded from a running one, page by
//! page, with the errors that it was seen to give, and others when told to.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The token that is in force at first.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

macro_rules! recorded {
    ($($list:literal),*) => {
        [$(($list, include_str!(concat!("../../../../tests/fixtures/defectdojo-api/", $list, ".json")))),*]
    };
}

/// An answer that is given instead of the normal one.
#[derive(Clone)]
struct Fault {
    /// Part of the request's path and query.
    to: String,
    status: StatusCode,
    retry_after: Option<&'static str>,
    times: usize,
}

struct Content {
    lists: BTreeMap<String, Vec<Value>>,
    profile: Value,
    token: String,
    faults: Vec<Fault>,
    requests: Vec<String>,
}

/// The stand-in; clones are the same one. It ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Dojo {
    address: String,
    content: Arc<Mutex<Content>>,
}

impl Dojo {
    /// One that holds what was recorded from version 3.2.0.
    pub(crate) async fn recorded() -> Self {
        let lists = recorded!(
            "users",
            "user_contact_infos",
            "product_types",
            "products",
            "engagements",
            "tests",
            "findings",
            "risk_acceptance",
            "notifications",
            "notification_webhooks",
            "system_settings"
        );
        let profile = include_str!("../../../../tests/fixtures/defectdojo-api/user_profile.json");
        let read =
            |(list, text): (&str, &str)| (list.to_owned(), serde_json::from_str(text).unwrap());
        let content = Arc::new(Mutex::new(Content {
            lists: lists.into_iter().map(read).collect(),
            profile: serde_json::from_str(profile).unwrap(),
            token: TOKEN.to_owned(),
            faults: Vec::new(),
            requests: Vec::new(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(content.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, content }
    }

    pub(crate) fn url(&self) -> &str {
        &self.address
    }

    /// Changes a list, or makes one.
    pub(crate) fn change(&self, list: &str, change: impl FnOnce(&mut Vec<Value>)) {
        let mut content = self.content.lock().unwrap();
        change(content.lists.entry(list.to_owned()).or_default());
    }

    /// Removes the object of this id.
    pub(crate) fn remove(&self, list: &str, id: i64) {
        self.change(list, |objects| objects.retain(|object| object["id"] != id));
    }

    /// Makes another token the one that is in force.
    pub(crate) fn expire_token(&self) {
        "another".clone_into(&mut self.content.lock().unwrap().token);
    }

    /// Makes the token's user an ordinary one.
    pub(crate) fn take_superuser_away(&self) {
        self.content.lock().unwrap().profile["user"]["is_superuser"] = json!(false);
    }

    /// Answers the next so many requests that hold this text with a status.
    pub(crate) fn fail(
        &self,
        to: &str,
        times: usize,
        status: u16,
        retry_after: Option<&'static str>,
    ) {
        self.content.lock().unwrap().faults.push(Fault {
            to: to.to_owned(),
            status: StatusCode::from_u16(status).unwrap(),
            retry_after,
            times,
        });
    }

    /// Ends all faults.
    pub(crate) fn mend(&self) {
        self.content.lock().unwrap().faults.clear();
    }

    /// The requests since this was last asked: path and query below `/api/v2/`.
    pub(crate) fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.content.lock().unwrap().requests)
    }
}

async fn answer(
    State(content): State<Arc<Mutex<Content>>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let mut content = content.lock().unwrap();
    let whole = uri.path_and_query().unwrap().as_str();
    let Some(request) = whole.strip_prefix("/api/v2/").map(str::to_owned) else {
        return page_not_found();
    };
    content.requests.push(request.clone());
    if headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        != Some(format!("Token {}", content.token).as_str())
    {
        // It says 403 here, not 401.
        let detail = json!({ "detail": "Invalid token." });
        return (StatusCode::FORBIDDEN, Json(detail)).into_response();
    }
    if let Some(fault) = content
        .faults
        .iter_mut()
        .find(|it| it.times > 0 && request.contains(&it.to))
    {
        fault.times -= 1;
        return fault.clone().into_response();
    }
    if request == "user_profile/" {
        return Json(content.profile.clone()).into_response();
    }
    let path: Vec<&str> = request.split(['/', '?']).collect();
    let Some(list) = content.lists.get(path[0]) else {
        return page_not_found();
    };
    match path[1].parse::<i64>() {
        Ok(id) => object(list, id),
        Err(_) => page(path[0], list, uri.query().unwrap_or_default()),
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let location = (header::LOCATION, "https://elsewhere.example/");
        let mut response = (self.status, [location], "<h1>Sorry</h1>").into_response();
        if let Some(wait) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, wait.parse().unwrap());
        }
        response
    }
}

fn object(list: &[Value], id: i64) -> Response {
    let found = list.iter().find(|object| object["id"] == id);
    found.map_or_else(
        || {
            (
                StatusCode::NOT_FOUND,
                Json(json!({ "detail": "Not found." })),
            )
                .into_response()
        },
        |object| Json(object).into_response(),
    )
}

fn page(name: &str, list: &[Value], query: &str) -> Response {
    let query: HashMap<String, usize> = url::form_urlencoded::parse(query.as_bytes())
        .filter_map(|(name, value)| Some((name.into_owned(), value.parse().ok()?)))
        .collect();
    let limit = query.get("limit").copied().unwrap_or(25);
    let offset = query.get("offset").copied().unwrap_or(0);
    // Hidden objects are there by their id, and the list passes over them.
    let shown: Vec<&Value> = list
        .iter()
        .filter(|object| object["hidden"] != true)
        .collect();
    let results: Vec<&&Value> = shown.iter().skip(offset).take(limit).collect();
    let next = (offset + limit < shown.len()).then(|| {
        let offset = offset + limit;
        format!("http://localhost:8080/api/v2/{name}/?limit={limit}&offset={offset}")
    });
    Json(json!({ "count": shown.len(), "next": next, "previous": null, "results": results }))
        .into_response()
}

fn page_not_found() -> Response {
    let page = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>DefectDojo</title></head></html>";
    (
        StatusCode::NOT_FOUND,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        page,
    )
        .into_response()
}
