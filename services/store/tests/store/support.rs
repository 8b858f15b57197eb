//! What the tests say often.

use proto_events::directory::{Product, ProductType, Settings, User};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};
use store::{Scratch, Store};

/// A database of one's own.
pub(crate) async fn scratch() -> Scratch {
    Scratch::create()
        .await
        .expect("PostgreSQL answers at DD_DATABASE_URL or its default")
}

/// A connection past the store, for what the store would never do.
pub(crate) async fn connect(scratch: &Scratch) -> PgConnection {
    PgConnection::connect(scratch.config().database_url.expose_secret())
        .await
        .unwrap()
}

/// Runs a statement past the store.
pub(crate) async fn sql(scratch: &Scratch, statement: &'static str) -> Result<u64, sqlx::Error> {
    let mut connection = connect(scratch).await;
    Ok(sqlx::query(statement)
        .execute(&mut connection)
        .await?
        .rows_affected())
}

/// The name of the constraint that refused a statement.
pub(crate) async fn refused_by(scratch: &Scratch, statement: &'static str) -> String {
    let error = sql(scratch, statement).await.expect_err(statement);
    error
        .as_database_error()
        .and_then(|error| error.constraint())
        .unwrap_or_else(|| panic!("{error}"))
        .to_owned()
}

/// An active user.
pub(crate) fn user(id: i64, username: &str) -> User {
    User {
        id,
        username: username.to_owned(),
        active: true,
        ..User::default()
    }
}

/// An active user with a mail address.
pub(crate) fn mailed(id: i64, username: &str) -> User {
    User {
        email: format!("{username}@example.com"),
        ..user(id, username)
    }
}

/// Users 1 and 2.
pub(crate) async fn put_alice_and_bob(store: &Store) {
    let people = [user(1, "alice"), user(2, "bob")];
    store.put_users(&people).await.unwrap();
}

/// Product type 1 with product 10.
pub(crate) async fn put_one_product(store: &Store) {
    store
        .put_product_types(&[ProductType {
            id: 1,
            name: "Web".to_owned(),
        }])
        .await
        .unwrap();
    let product = Product {
        id: 10,
        name: "Shop".to_owned(),
        product_type: 1,
        tags: vec!["pci".to_owned()],
    };
    store.put_products(&[product]).await.unwrap();
}

/// Settings with every place of the system but Teams, whose URL is a secret.
pub(crate) fn settings() -> Settings {
    Settings {
        slack_channel: "#security".to_owned(),
        mail_notifications_to: "soc@example.com, ciso@example.com".to_owned(),
        ..Settings::default()
    }
}
