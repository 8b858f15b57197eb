//! Product types and products, deleted ones too.

use proto_events::directory::{Product, ProductType};
use sqlx::PgConnection;

use super::Ids;
use crate::error::StoreError;
use crate::unknown::Unknown;

pub(super) async fn product_types(
    database: &mut PgConnection,
    ids: Ids<'_>,
    _: &mut Unknown,
) -> Result<Vec<ProductType>, StoreError> {
    Ok(sqlx::query_as!(
        ProductType,
        "SELECT id, name FROM product_types
         WHERE deleted_at IS NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?)
}

pub(super) async fn deleted_product_types(
    database: &mut PgConnection,
    ids: Ids<'_>,
    _: &mut Unknown,
) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM product_types
         WHERE deleted_at IS NOT NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?)
}

pub(super) async fn products(
    database: &mut PgConnection,
    ids: Ids<'_>,
    _: &mut Unknown,
) -> Result<Vec<Product>, StoreError> {
    Ok(sqlx::query_as!(
        Product,
        "SELECT id, name, product_type, tags FROM products
         WHERE deleted_at IS NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?)
}

pub(super) async fn deleted_products(
    database: &mut PgConnection,
    ids: Ids<'_>,
    _: &mut Unknown,
) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM products
         WHERE deleted_at IS NOT NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?)
}
