//! Users, groups and who is in which, from the API's form to ours.

use proto_events::Kind;
use proto_events::directory::{Group, GroupMember, Role, User};
use serde::Deserialize;
use serde_json::Value;

use super::lookups::Lookups;
use super::resources::{Mapped, Object, or_default};

/// `users`.
#[derive(Deserialize)]
struct ApiUser {
    id: i64,
    username: String,
    #[serde(default, deserialize_with = "or_default")]
    first_name: String,
    #[serde(default, deserialize_with = "or_default")]
    last_name: String,
    #[serde(default, deserialize_with = "or_default")]
    email: String,
    is_active: bool,
    #[serde(default)]
    is_superuser: bool,
}

/// `user_contact_infos`: what of them a user is put together of.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Contact {
    pub(super) user: i64,
    slack_username: Option<String>,
    slack_user_id: Option<String>,
}

/// `dojo_groups`.
#[derive(Deserialize)]
struct ApiGroup {
    id: i64,
    name: String,
}

/// `roles`.
#[derive(Deserialize)]
pub(super) struct ApiRole {
    pub(super) id: i64,
    name: String,
}

/// `global_roles`.
#[derive(Deserialize)]
pub(super) struct GlobalRole {
    pub(super) user: Option<i64>,
    pub(super) group: Option<i64>,
    pub(super) role: Option<i64>,
}

impl ApiRole {
    /// The role, if it is one of those that we know.
    pub(super) fn role(&self) -> Option<Role> {
        Role::ALL
            .into_iter()
            .find(|role| role.as_str() == self.name)
    }
}

/// A user, with contact info and global role.
pub(super) fn user(from: &Value, lookups: &Lookups) -> Mapped {
    let from = ApiUser::deserialize(from)?;
    let contact = lookups.contacts.get(&from.id);
    // DefectDojo keeps an empty text where nothing is set.
    let set = |text: Option<&String>| text.filter(|text| !text.is_empty()).cloned();
    Object::of(
        Kind::User,
        &User {
            id: from.id,
            username: from.username,
            first_name: from.first_name,
            last_name: from.last_name,
            email: from.email,
            active: from.is_active,
            superuser: from.is_superuser,
            global_role: lookups.user_roles.get(&from.id).copied(),
            slack_email: set(contact.and_then(|contact| contact.slack_username.as_ref())),
            slack_user_id: set(contact.and_then(|contact| contact.slack_user_id.as_ref())),
        },
    )
}

/// A group, with its global role.
pub(super) fn group(from: &Value, lookups: &Lookups) -> Mapped {
    let ApiGroup { id, name } = ApiGroup::deserialize(from)?;
    let global_role = lookups.group_roles.get(&id).copied();
    Object::of(
        Kind::Group,
        &Group {
            id,
            name,
            global_role,
        },
    )
}

/// A user in a group.
pub(super) fn group_member(from: &Value, _: &Lookups) -> Mapped {
    Object::of(Kind::GroupMember, &GroupMember::deserialize(from)?)
}
