//! From a scenario to what the router's code decides on.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use proto_events::directory::{
    Group, GroupMember, Limits, Member, Membership, Product, ProductType, Row, Rule, RuleScope,
    Securable, Settings, Snapshot, User,
};
use rules::{Policy, Trump};

use super::scenario::{
    GroupLine, GroupMemberLine, MemberLine, ProductLine, ProductTypeLine, RuleLine, Scenario,
    Scope, UserLine,
};

/// Ids by the names that scenarios use.
struct Ids<'s> {
    kind: &'static str,
    by_name: HashMap<&'s str, i64>,
}

impl<'s> Ids<'s> {
    /// Ids are negative, so that a number among an event's recipients names nobody.
    fn new(kind: &'static str, names: impl Iterator<Item = &'s str>) -> anyhow::Result<Self> {
        let mut by_name = HashMap::new();
        for (place, name) in (1..).zip(names) {
            if by_name.insert(name, -place).is_some() {
                bail!("the {kind} \"{name}\" is there twice; names are unique");
            }
        }
        Ok(Self { kind, by_name })
    }

    fn get(&self, name: &str) -> anyhow::Result<i64> {
        let Self { kind, by_name } = self;
        by_name.get(name).copied().with_context(|| {
            format!("\"{name}\" is no {kind} of the scenario; add the {kind} or correct the name")
        })
    }
}

impl Scenario {
    /// The installation's policy: the default one but for the trump list.
    pub(super) fn policy(&self) -> Policy {
        let trump = self.trump.as_ref();
        Policy {
            trump: trump.map_or_else(Trump::default, |names| {
                names.iter().map(String::as_str).collect()
            }),
            ..Policy::default()
        }
    }

    /// The directory.
    ///
    /// # Errors
    /// A name that nobody has or that two have, a membership or rule that lacks a part.
    pub(super) fn snapshot(&self) -> anyhow::Result<Snapshot> {
        let users = Ids::new("user", self.users.iter().map(|user| user.username.as_str()))?;
        let groups = Ids::new(
            "group",
            self.groups.iter().map(|group| group.group.as_str()),
        )?;
        Ok(Snapshot {
            settings: self.settings(),
            users: all(&self.users, |line| user(line, &users))?,
            product_types: self.product_types.iter().map(product_type).collect(),
            products: self.products.iter().map(product).collect(),
            groups: all(&self.groups, |line| group(line, &groups))?,
            group_members: Row::number(
                all(&self.group_members, |line| {
                    group_member(line, &users, &groups)
                })
                .context("group_members")?,
            ),
            memberships: Row::number(
                all(&self.members, |line| membership(line, &users, &groups)).context("members")?,
            ),
            rules: self.rules(&users).context("rules")?,
            ..Snapshot::default()
        })
    }

    fn rules(&self, users: &Ids<'_>) -> anyhow::Result<Vec<Rule>> {
        (1..)
            .zip(&self.rules)
            .filter_map(|(id, line)| rule(id, line, users).transpose())
            .collect()
    }

    fn settings(&self) -> Settings {
        Settings {
            enable_mail_notifications: self.settings.enable_mail,
            enable_slack_notifications: self.settings.enable_slack,
            enable_msteams_notifications: self.settings.enable_msteams,
            enable_webhooks_notifications: self.settings.enable_webhooks,
            ..Settings::default()
        }
    }
}

/// What every line becomes, or the first complaint.
fn all<L, T>(lines: &[L], read: impl Fn(&L) -> anyhow::Result<T>) -> anyhow::Result<Vec<T>> {
    lines.iter().map(read).collect()
}

fn user(line: &UserLine, users: &Ids<'_>) -> anyhow::Result<User> {
    Ok(User {
        id: users.get(&line.username)?,
        username: line.username.clone(),
        active: line.active,
        superuser: line.superuser,
        global_role: line.global_role,
        ..User::default()
    })
}

fn product_type(line: &ProductTypeLine) -> ProductType {
    ProductType {
        id: line.id,
        ..ProductType::default()
    }
}

fn product(line: &ProductLine) -> Product {
    Product {
        id: line.id,
        product_type: line.product_type,
        ..Product::default()
    }
}

fn group(line: &GroupLine, groups: &Ids<'_>) -> anyhow::Result<Group> {
    Ok(Group {
        id: groups.get(&line.group)?,
        name: line.group.clone(),
        global_role: line.global_role,
    })
}

fn group_member(
    line: &GroupMemberLine,
    users: &Ids<'_>,
    groups: &Ids<'_>,
) -> anyhow::Result<GroupMember> {
    Ok(GroupMember {
        group: groups.get(&line.group)?,
        user: users.get(&line.user)?,
    })
}

fn membership(line: &MemberLine, users: &Ids<'_>, groups: &Ids<'_>) -> anyhow::Result<Membership> {
    let member = match (&line.user, &line.group) {
        (Some(user), None) => Member::User(users.get(user)?),
        (None, Some(group)) => Member::Group(groups.get(group)?),
        _ => bail!("a membership needs either a user or a group"),
    };
    let of = match (line.product, line.product_type) {
        (Some(id), None) => Securable::Product(id),
        (None, Some(id)) => Securable::ProductType(id),
        _ => bail!("a membership needs either a product or a product_type"),
    };
    Ok(Membership {
        member,
        of,
        role: line.role,
    })
}

/// The rule of a line; `None` for a product rule of nobody, which routes nothing.
fn rule(id: i64, line: &RuleLine, users: &Ids<'_>) -> anyhow::Result<Option<Rule>> {
    let scope = match (line.scope, &line.user, line.product) {
        (Scope::System, ..) => RuleScope::System,
        (Scope::Template, ..) => RuleScope::Template,
        (Scope::Personal, Some(user), _) => RuleScope::Personal {
            user: users.get(user)?,
        },
        (Scope::Product, Some(user), Some(product)) => RuleScope::Product {
            user: users.get(user)?,
            product,
        },
        (Scope::Product, None, Some(_)) => return Ok(None),
        (Scope::Personal, None, _) => bail!("a personal rule needs a user"),
        (Scope::Product, _, None) => bail!("a product rule needs a product"),
    };
    Ok(Some(Rule {
        id,
        scope,
        channels: line.channels,
        limits: Limits::default(),
    }))
}
