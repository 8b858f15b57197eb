//! The objects that changes carry, kind by kind.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::check;
use super::kind::Kind;
use crate::directory::{Group, GroupMember, Member, Membership, ProductType, Securable, User};
use crate::event::{Unreadable, short};
use crate::upstream::{Engagement, Finding, ProductFacts, RiskAcceptance, Test};

/// Which object of its kind a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The one with this id in DefectDojo.
    Id(i64),
    /// The place of a user in a group.
    Member(GroupMember),
    /// The membership of somebody in something.
    Membership(Member, Securable),
}

/// An object that another one hangs below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Parent {
    /// Its kind; always one with an id.
    pub kind: Kind,
    /// Its id.
    pub id: i64,
}

impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// The key in the database: unique among the objects of a kind.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Member(GroupMember { group, user }) => write!(f, "group {group} user {user}"),
            Self::Membership(member, of) => write!(f, "{} of {}", member.parent(), of.parent()),
        }
    }
}

impl Member {
    const fn parent(self) -> Parent {
        match self {
            Self::User(id) => Kind::User.with(id),
            Self::Group(id) => Kind::Group.with(id),
        }
    }
}

impl Securable {
    const fn parent(self) -> Parent {
        match self {
            Self::Product(id) => Kind::Product.with(id),
            Self::ProductType(id) => Kind::ProductType.with(id),
        }
    }
}

impl Kind {
    const fn with(self, id: i64) -> Parent {
        Parent { kind: self, id }
    }
}

/// What names an object whose kind has ids.
#[derive(Serialize, Deserialize)]
struct Named {
    id: i64,
}

/// What names a membership.
#[derive(Serialize, Deserialize)]
struct Parties {
    member: Member,
    of: Securable,
}

/// Reads an object that is new or different: which it is, what it hangs below, and all of it.
pub(super) fn upsert(kind: Kind, text: &str) -> Result<(Subject, Vec<Parent>, Value), Unreadable> {
    use Kind as K;
    let id = Subject::Id;
    match kind {
        K::User => of(text, |user: &User| (id(user.id), vec![])),
        K::ProductType => of(text, |it: &ProductType| (id(it.id), vec![])),
        K::Product => of(text, |it: &ProductFacts| {
            (id(it.id), vec![K::ProductType.with(it.product_type)])
        }),
        K::Group => of(text, |it: &Group| (id(it.id), vec![])),
        K::GroupMember => of(text, |it: &GroupMember| {
            let parents = vec![K::Group.with(it.group), K::User.with(it.user)];
            (Subject::Member(*it), parents)
        }),
        K::Membership => of(text, |it: &Membership| {
            let parents = vec![it.member.parent(), it.of.parent()];
            (Subject::Membership(it.member, it.of), parents)
        }),
        K::Engagement => of(text, |it: &Engagement| {
            (id(it.id), vec![K::Product.with(it.product)])
        }),
        K::Test => of(text, |it: &Test| {
            (id(it.id), vec![K::Engagement.with(it.engagement)])
        }),
        K::Finding => of(text, |it: &Finding| {
            (id(it.id), vec![K::Test.with(it.test)])
        }),
        K::RiskAcceptance => of(text, |it: &RiskAcceptance| {
            let product = it.product.map(|id| K::Product.with(id));
            let engagement = it.engagement.map(|id| K::Engagement.with(id));
            (id(it.id), product.into_iter().chain(engagement).collect())
        }),
    }
}

/// Reads which object is gone.
pub(super) fn delete(kind: Kind, text: &str) -> Result<Subject, Unreadable> {
    let (subject, ..) = match kind {
        Kind::GroupMember => of(text, |it: &GroupMember| (Subject::Member(*it), vec![])),
        Kind::Membership => of(text, |it: &Parties| {
            (Subject::Membership(it.member, it.of), vec![])
        }),
        _ => of(text, |it: &Named| (Subject::Id(it.id), vec![])),
    }?;
    Ok(subject)
}

/// Reads an object of one type, and checks every value in it.
fn of<T: DeserializeOwned + Serialize>(
    text: &str,
    about: impl Fn(&T) -> (Subject, Vec<Parent>),
) -> Result<(Subject, Vec<Parent>, Value), Unreadable> {
    let object: T = serde_json::from_str(text).map_err(|_| explain::<T>(text))?;
    let (subject, parents) = about(&object);
    let object = serde_json::to_value(object).map_err(|e| Unreadable::NotJson(e.to_string()))?;
    check(&object)?;
    Ok((subject, parents, object))
}

/// Finds the member at fault, and names it from the message's top.
fn explain<T: DeserializeOwned>(text: &str) -> Unreadable {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(located) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
        return Unreadable::NotJson("it was refused, and then read".to_owned());
    };
    let path = match located.path().to_string().as_str() {
        "." => "object".to_owned(),
        path => format!("object.{path}"),
    };
    // The text is JSON, so what breaks its grammar is a choice that is none.
    let problem = if located.inner().is_syntax() {
        r#"it must name exactly one object, such as {"user": 1}"#.to_owned()
    } else {
        located.inner().to_string()
    };
    Unreadable::Member {
        path: short(&path),
        problem: short(&problem),
    }
}
