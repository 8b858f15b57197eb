//! Products and product types as the directory knows them: those that the caller may see. They
//! are DefectDojo's and only read here.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use store::Window;
use store::browse::{ListedProduct, ListedProductType, ProductFilter};

use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;

/// A product (Asset).
#[derive(Serialize, JsonSchema)]
pub(crate) struct Product {
    id: i64,
    name: String,
    /// Its product type.
    prod_type: i64,
    tags: Vec<String>,
    disable_sla_breach_notifications: bool,
    /// Users with a membership of it.
    authorized_users: Vec<i64>,
}

/// A product type (Organization).
#[derive(Serialize, JsonSchema)]
pub(crate) struct ProductType {
    id: i64,
    name: String,
    /// Users with a membership of it.
    authorized_users: Vec<i64>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/products/", "Products that you may see", list)
            .filters(&PAGING)
            .filters(&[
                ("id", "The product of this id."),
                ("name", "Products of this name."),
                ("prod_type", "Products of this type."),
                ("tags", "Products with this tag."),
            ])
            .gives::<List<Product>>(),
        Route::get("/products/{id}/", "One product", read).gives::<Product>(),
        Route::get(
            "/product_types/",
            "Product types that you may see",
            list_types,
        )
        .filters(&PAGING)
        .filters(&[
            ("id", "The product type of this id."),
            ("name", "Product types of this name."),
        ])
        .gives::<List<ProductType>>(),
        Route::get("/product_types/{id}/", "One product type", read_type).gives::<ProductType>(),
    ]
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Json<List<Product>>, Refusal> {
    let window = query.window()?;
    let filter = ProductFilter {
        id: query.get("id")?,
        name: query.get("name")?,
        product_type: query.get("prod_type")?,
        tag: query.get("tags")?,
        person: caller.id,
        ..ProductFilter::default()
    };
    let page = app.store.products_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
}

async fn read(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Product>, Refusal> {
    let filter = one(id, &caller);
    let page = app.store.products_page(&filter, Window::ONE);
    let product = page.await?.first().ok_or(Refusal::NotFound("Product"))?;
    Ok(Json(product.into()))
}

async fn list_types(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Json<List<ProductType>>, Refusal> {
    let window = query.window()?;
    let filter = ProductFilter {
        id: query.get("id")?,
        name: query.get("name")?,
        person: caller.id,
        ..ProductFilter::default()
    };
    let page = app.store.product_types_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
}

async fn read_type(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<ProductType>, Refusal> {
    let filter = one(id, &caller);
    let page = app.store.product_types_page(&filter, Window::ONE);
    let found = page
        .await?
        .first()
        .ok_or(Refusal::NotFound("Product_Type"))?;
    Ok(Json(found.into()))
}

fn one(id: i64, caller: &Caller) -> ProductFilter {
    ProductFilter {
        id: Some(id),
        person: caller.id,
        ..ProductFilter::default()
    }
}

impl From<ListedProduct> for Product {
    fn from(product: ListedProduct) -> Self {
        Self {
            id: product.id,
            name: product.name,
            prod_type: product.product_type,
            tags: product.tags,
            disable_sla_breach_notifications: product.disable_sla_breach_notifications,
            authorized_users: product.members,
        }
    }
}

impl From<ListedProductType> for ProductType {
    fn from(found: ListedProductType) -> Self {
        Self {
            id: found.id,
            name: found.name,
            authorized_users: found.members,
        }
    }
}
