//! The rows of the changes that count.

mod scheduled;

use proto_events::Kind;
use proto_events::directory::{GroupMember, Member, Securable};
use proto_events::directory_change::Subject;
use serde_json::Value;
use sqlx::PgConnection;

use crate::directory::{remove, write as directory};
use crate::error::StoreError;
use crate::rows::{column, json};

/// Writes rows of one kind and removes others; each object occurs once.
pub(super) async fn write(
    database: &mut PgConnection,
    kind: Kind,
    rows: Vec<Value>,
    gone: &[Subject],
) -> Result<(), StoreError> {
    // Deleted first, so that a username is free for who takes it over.
    if !gone.is_empty() {
        delete(database, kind, gone).await?;
    }
    if !rows.is_empty() {
        upsert(database, kind, json(Value::Array(rows))).await?;
    }
    Ok(())
}

async fn upsert(database: &mut PgConnection, kind: Kind, rows: Value) -> Result<(), StoreError> {
    match kind {
        Kind::User => directory::users(database, rows).await,
        Kind::ProductType => directory::product_types(database, rows).await,
        Kind::Product => directory::products(database, rows).await,
        Kind::Group => directory::groups(database, rows).await,
        Kind::GroupMember => directory::group_members(database, rows).await,
        Kind::Membership => directory::memberships(database, rows).await,
        Kind::Engagement => scheduled::engagements(database, rows).await,
        Kind::Test => scheduled::tests(database, rows).await,
        Kind::Finding => scheduled::findings(database, rows).await,
        Kind::RiskAcceptance => scheduled::risk_acceptances(database, rows).await,
    }
}

async fn delete(
    database: &mut PgConnection,
    kind: Kind,
    gone: &[Subject],
) -> Result<(), StoreError> {
    let ids: Vec<i64> = gone.iter().filter_map(id).collect();
    match kind {
        Kind::User => remove::users(database, &ids).await,
        Kind::ProductType => remove::product_types(database, &ids).await,
        Kind::Product => remove::products(database, &ids).await,
        Kind::Group => remove::groups(database, &ids).await,
        Kind::GroupMember => {
            let members: Vec<GroupMember> = gone.iter().filter_map(member).collect();
            let groups = column(&members, |member| member.group);
            let users = column(&members, |member| member.user);
            remove::group_members(database, &groups, &users).await
        }
        Kind::Membership => {
            let parties: Vec<[Option<i64>; 4]> = gone.iter().filter_map(parties).collect();
            remove::memberships(database, &parties).await
        }
        Kind::Engagement | Kind::Test | Kind::Finding | Kind::RiskAcceptance => {
            scheduled::remove(database, kind, &ids).await
        }
    }
}

const fn id(subject: &Subject) -> Option<i64> {
    match subject {
        Subject::Id(id) => Some(*id),
        _ => None,
    }
}

const fn member(subject: &Subject) -> Option<GroupMember> {
    match subject {
        Subject::Member(member) => Some(*member),
        _ => None,
    }
}

/// User, group, product and product type of a membership, two of them none.
const fn parties(subject: &Subject) -> Option<[Option<i64>; 4]> {
    let Subject::Membership(who, of) = subject else {
        return None;
    };
    let (user, group) = match *who {
        Member::User(id) => (Some(id), None),
        Member::Group(id) => (None, Some(id)),
    };
    let (product, product_type) = match *of {
        Securable::Product(id) => (Some(id), None),
        Securable::ProductType(id) => (None, Some(id)),
    };
    Some([user, group, product, product_type])
}
