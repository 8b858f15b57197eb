//! The products that somebody can have a rule for: all that they may view, found by name.

use axum::extract::State;
use maud::{Markup, html};
use store::Window;
use store::browse::{ListedProduct, ProductFilter};

use super::{PRODUCTS, scope};
use crate::access::Caller;
use crate::app::App;
use crate::pages::Answer;
use crate::pages::component::{BY_NAME, other_complaints, pager};
use crate::pages::form::listed;
use crate::pages::layout::Section;
use crate::pages::outcome::plain;
use crate::pages::visitor::Visitor;
use crate::refusal::{Errors, Refusal};
use crate::rest::query::{List, Query};

/// How many products with a rule are shown above the search.
const RULED: u32 = 100;

/// A product as it is offered.
struct Offered {
    id: i64,
    name: String,
}

impl From<ListedProduct> for Offered {
    fn from(it: ListedProduct) -> Self {
        Self {
            id: it.id,
            name: it.name,
        }
    }
}

pub(super) async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    let (status, found, errors) = listed(found(&app, &visitor.caller, &query).await)?;
    let ruled = ruled(&app, &visitor.caller).await?;
    let content = html! {
        h1 { "Notifications" }
        (scope::tabs(None, visitor.caller.superuser))
        @if !ruled.is_empty() {
            h2.first { "Products that you have a rule for" }
            (links(&ruled))
        }
        h2.first[ruled.is_empty()] { "Choose a product" }
        (search(&query, &errors))
        @if let Some(list) = &found { (results(list, &query)) }
    };
    let title = "Notifications per product";
    Ok(visitor.answer(status, Section::Notifications, title, &content))
}

async fn found(app: &App, caller: &Caller, query: &Query) -> Result<List<Offered>, Refusal> {
    let window = query.window()?;
    let filter = ProductFilter {
        search: query.get("search")?,
        person: caller.id,
        ..ProductFilter::default()
    };
    let page = app.store.products_page(&filter, window).await?;
    Ok(query.list(window, page))
}

async fn ruled(app: &App, caller: &Caller) -> Result<Vec<Offered>, Refusal> {
    let filter = ProductFilter {
        ruled: true,
        person: caller.id,
        ..ProductFilter::default()
    };
    let window = Window {
        limit: RULED,
        offset: 0,
    };
    let page = app.store.products_page(&filter, window).await?;
    Ok(page.rows.into_iter().map(Offered::from).collect())
}

fn search(query: &Query, errors: &Errors) -> Markup {
    let field = errors.field("search", "Product's name, or a part of it", "");
    html! {
        form.card.filters method="get" action=(PRODUCTS) role="search" aria-label="Products" {
            (other_complaints(errors, &["search"]))
            (field.input("search", query.text("search")))
            button { "Show" }
        }
    }
}

fn results(list: &List<Offered>, query: &Query) -> Markup {
    html! {
        @if !list.results.is_empty() {
            p.soft { (counted(list.count)) }
            (links(&list.results))
            (pager(list, BY_NAME))
        } @else if query.text("search").is_empty() {
            div.card.empty { p { "No products yet. Those that you may view appear here, so that each can have a rule of its own." } }
        } @else {
            div.card.empty { p { "No product that you may view is called like that. " a href=(PRODUCTS) { "Show all" } } }
        }
    }
}

fn counted(count: i64) -> String {
    match count {
        1 => "1 product".to_owned(),
        count => format!("{count} products"),
    }
}

fn links(products: &[Offered]) -> Markup {
    html! {
        ul.products { @for it in products {
            li { a href={ (PRODUCTS) "/" (it.id) } { (plain(&it.name)) } }
        } }
    }
}
