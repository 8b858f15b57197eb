//! Product types, products and who may see them, from the API's form to ours.
//!
//! A version with roles lists memberships as resources; one without (3.2 is) has
//! `authorized_users` on products and product types, which are memberships without a role.

use proto_events::Kind;
use proto_events::directory::{Member, Membership, ProductType, Securable};
use proto_events::upstream::ProductFacts;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::Value;

use super::lookups::Lookups;
use super::resources::{Mapped, Object, or_default};

/// `product_types`.
#[derive(Deserialize)]
struct ApiProductType {
    id: i64,
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    authorized_users: Vec<i64>,
}

/// `products`.
#[derive(Deserialize)]
struct ApiProduct {
    id: i64,
    name: String,
    prod_type: i64,
    #[serde(default, deserialize_with = "or_default")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    disable_sla_breach_notifications: bool,
    sla_configuration: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    authorized_users: Vec<i64>,
}

/// `product_members`, `product_type_members`, `product_groups`, `product_type_groups`: each
/// names two of the four.
#[derive(Deserialize)]
struct ApiMembership {
    user: Option<i64>,
    group: Option<i64>,
    product: Option<i64>,
    product_type: Option<i64>,
    role: Option<i64>,
}

/// A product type, and who may see it where that stands with it.
pub(super) fn product_type(from: &Value, lookups: &Lookups) -> Mapped {
    let from = ApiProductType::deserialize(from)?;
    let of = Securable::ProductType(from.id);
    let product_type = ProductType {
        id: from.id,
        name: from.name,
    };
    let mut objects = Object::of(Kind::ProductType, &product_type)?;
    objects.extend(authorized(&from.authorized_users, of, lookups)?);
    Ok(objects)
}

/// A product, and who may see it where that stands with it.
pub(super) fn product(from: &Value, lookups: &Lookups) -> Mapped {
    let from = ApiProduct::deserialize(from)?;
    let of = Securable::Product(from.id);
    let facts = ProductFacts {
        id: from.id,
        name: from.name,
        product_type: from.prod_type,
        tags: from.tags,
        disable_sla_breach_notifications: from.disable_sla_breach_notifications,
        sla_configuration: from
            .sla_configuration
            .and_then(|id| lookups.slas.get(&id).cloned()),
    };
    let mut objects = Object::of(Kind::Product, &facts)?;
    objects.extend(authorized(&from.authorized_users, of, lookups)?);
    Ok(objects)
}

/// A membership that is a resource of its own.
pub(super) fn membership(from: &Value, lookups: &Lookups) -> Mapped {
    let from = ApiMembership::deserialize(from)?;
    let member = from.user.map(Member::User);
    let of = from.product.map(Securable::Product);
    let (Some(member), Some(of)) = (
        member.or(from.group.map(Member::Group)),
        of.or(from.product_type.map(Securable::ProductType)),
    ) else {
        return Err(serde_json::Error::custom("it names not both parties"));
    };
    let role = from.role.and_then(|id| lookups.roles.get(&id).copied());
    Object::of(Kind::Membership, &Membership { member, of, role })
}

fn authorized(users: &[i64], of: Securable, lookups: &Lookups) -> Mapped {
    if lookups.memberships_are_listed {
        return Ok(Vec::new());
    }
    let mut objects = Vec::with_capacity(users.len());
    for user in users {
        let membership = Membership {
            member: Member::User(*user),
            of,
            role: None,
        };
        objects.extend(Object::of(Kind::Membership, &membership)?);
    }
    Ok(objects)
}
