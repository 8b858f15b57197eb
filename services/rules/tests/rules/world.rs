//! A small world to decide in, built step by step.

use proto_events::directory::{
    Group, GroupMember, Limits, Member, Membership, Product, ProductType, Role, Row, Rule,
    RuleChannels, RuleScope, Securable, Settings, Snapshot, User,
};
use proto_events::payload::UserRef;
use proto_events::{Channel, ChannelSet, Column, EventName, Severity};
use rules::{Decisions, Directory, Facts, Policy, decide};

/// System Settings with every channel switched on.
pub(crate) fn all_on() -> Settings {
    Settings {
        enable_mail_notifications: true,
        enable_slack_notifications: true,
        enable_msteams_notifications: true,
        enable_webhooks_notifications: true,
        ..Settings::default()
    }
}

/// An event, as much of it as rules look at.
#[derive(Clone, Debug)]
pub(crate) struct What {
    pub(crate) name: EventName,
    pub(crate) product: Option<i64>,
    pub(crate) product_type: Option<i64>,
    pub(crate) recipients: Option<Vec<Option<UserRef>>>,
    pub(crate) no_users: bool,
    pub(crate) alert_only: bool,
    pub(crate) severity: Option<Severity>,
}

impl What {
    pub(crate) fn happened(name: &str) -> Self {
        Self {
            name: EventName::new(name),
            product: None,
            product_type: None,
            recipients: None,
            no_users: false,
            alert_only: false,
            severity: None,
        }
    }

    pub(crate) fn on_product(self, id: i64) -> Self {
        Self {
            product: Some(id),
            ..self
        }
    }

    pub(crate) fn on_type(self, id: i64) -> Self {
        Self {
            product_type: Some(id),
            ..self
        }
    }

    pub(crate) fn of_severity(self, severity: Severity) -> Self {
        Self {
            severity: Some(severity),
            ..self
        }
    }

    pub(crate) fn to(self, names: &[&str]) -> Self {
        let refs = names
            .iter()
            .map(|name| Some(UserRef::Username((*name).to_owned())));
        Self {
            recipients: Some(refs.collect()),
            ..self
        }
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            name: &self.name,
            product: self.product,
            product_type: self.product_type,
            recipients: self.recipients.as_deref(),
            no_users: self.no_users,
            alert_only: self.alert_only,
            severity: self.severity,
        }
    }
}

/// A snapshot under construction. Users are called by name; their ids count from 1.
#[derive(Clone, Debug, Default)]
pub(crate) struct World(pub(crate) Snapshot);

impl World {
    /// Product 1 of type 1, product 2 of type 2, every channel on, and a silent system rule.
    pub(crate) fn new() -> Self {
        let mut world = Self(Snapshot {
            settings: all_on(),
            ..Snapshot::default()
        });
        for id in [1, 2] {
            world.0.product_types.push(ProductType {
                id,
                ..ProductType::default()
            });
            world.0.products.push(Product {
                id,
                product_type: id,
                ..Product::default()
            });
        }
        world.rule(RuleScope::System, RuleChannels::NONE)
    }

    pub(crate) fn id(&self, name: &str) -> i64 {
        self.0
            .users
            .iter()
            .find(|user| user.username == name)
            .unwrap()
            .id
    }

    pub(crate) fn user(self, name: &str) -> Self {
        self.with_user(name, |_| {})
    }

    pub(crate) fn superuser(self, name: &str) -> Self {
        self.with_user(name, |user| user.superuser = true)
    }

    pub(crate) fn with_user(mut self, name: &str, change: impl FnOnce(&mut User)) -> Self {
        let id = self.0.users.last().map_or(1, |user| user.id + 1);
        let mut user = User {
            id,
            username: name.to_owned(),
            active: true,
            ..User::default()
        };
        change(&mut user);
        self.0.users.push(user);
        self
    }

    pub(crate) fn member(self, name: &str, of: Securable) -> Self {
        let member = Member::User(self.id(name));
        self.membership(Membership {
            member,
            of,
            role: None,
        })
    }

    pub(crate) fn group(mut self, id: i64, global_role: Option<Role>, names: &[&str]) -> Self {
        self.0.groups.push(Group {
            id,
            global_role,
            ..Group::default()
        });
        for name in names {
            let user = self.id(name);
            let link = self.0.group_members.len() as i64 + 1;
            self.0.group_members.push(Row {
                id: link,
                row: GroupMember { group: id, user },
            });
        }
        self
    }

    pub(crate) fn group_member_of(self, group: i64, of: Securable) -> Self {
        self.membership(Membership {
            member: Member::Group(group),
            of,
            role: Some(Role::Reader),
        })
    }

    fn membership(mut self, row: Membership) -> Self {
        let id = self.0.memberships.len() as i64 + 1;
        self.0.memberships.push(Row { id, row });
        self
    }

    pub(crate) fn rule(self, scope: RuleScope, channels: RuleChannels) -> Self {
        self.limited(scope, channels, Limits::default())
    }

    pub(crate) fn limited(
        mut self,
        scope: RuleScope,
        channels: RuleChannels,
        limits: Limits,
    ) -> Self {
        let id = self.0.rules.last().map_or(1, |rule| rule.id + 1);
        self.0.rules.push(Rule {
            id,
            scope,
            channels,
            limits,
        });
        self
    }

    /// A personal rule naming the same channels for every event.
    pub(crate) fn wants(self, name: &str, channels: &[Channel]) -> Self {
        let scope = RuleScope::Personal {
            user: self.id(name),
        };
        self.rule(scope, everywhere(channels))
    }

    pub(crate) fn wants_of_product(self, name: &str, product: i64, channels: &[Channel]) -> Self {
        let scope = RuleScope::Product {
            user: self.id(name),
            product,
        };
        self.rule(scope, everywhere(channels))
    }

    /// Replaces the silent system rule.
    pub(crate) fn system_wants(mut self, channels: &[Channel]) -> Self {
        self.0.rules.retain(|rule| rule.scope != RuleScope::System);
        self.rule(RuleScope::System, everywhere(channels))
    }

    /// Who is told what, as `channel:name` with `-` for the system, sorted.
    pub(crate) fn tells(&self, what: &What) -> Vec<String> {
        let directory = self.directory();
        told(&decide(&directory, &Policy::default(), &what.facts()))
    }

    pub(crate) fn directory(&self) -> Directory {
        Directory::new(self.0.clone())
    }
}

/// The same channels in every column.
pub(crate) fn everywhere(channels: &[Channel]) -> RuleChannels {
    let mut rule = RuleChannels::NONE;
    for column in Column::ALL {
        rule.set(column, channels.iter().copied().collect::<ChannelSet>());
    }
    rule
}

pub(crate) fn told(decisions: &Decisions<'_>) -> Vec<String> {
    let mut all: Vec<String> = decisions
        .iter()
        .map(|(channel, user)| format!("{channel}:{}", user.map_or("-", |user| &user.username)))
        .collect();
    all.sort();
    all
}
