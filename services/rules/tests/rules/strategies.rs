//! Any directory, any policy and any event, for what is to hold for every one.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proto_events::directory::{
    Group, GroupMember, Limits, Member, Membership, Product, ProductType, Role, Row, Rule,
    RuleChannels, RuleScope, Securable, Settings, Snapshot, User,
};
use proto_events::payload::UserRef;
use proto_events::{Channel, Column, EventName};
use rules::{Policy, WithoutAccess};

use crate::world::What;

pub(crate) const NAMES: [&str; 6] = [
    "user_mentioned",
    "scan_added",
    "scan_added_empty",
    "engagement_closed",
    "finding_added",
    "other",
];

/// A directory, an installation's policy and an event.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) snapshot: Snapshot,
    pub(crate) policy: Policy,
    pub(crate) what: What,
}

pub(crate) fn channels() -> impl Strategy<Value = RuleChannels> {
    vec(vec(select(&Channel::ALL[..]), 0..4), Column::ALL.len()).prop_map(|sets| {
        let mut rule = RuleChannels::NONE;
        for (column, set) in Column::ALL.into_iter().zip(sets) {
            rule.set(column, set.into_iter().collect());
        }
        rule
    })
}

fn users() -> impl Strategy<Value = Vec<User>> {
    let one = (
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.2),
        of(select(&Role::ALL[..])),
    );
    vec(one, 1..7).prop_map(|users| {
        (1..)
            .zip(users)
            .map(|(id, (active, superuser, role))| User {
                id,
                username: format!("user{id}"),
                active,
                superuser,
                global_role: role.filter(|role| *role == Role::Reader),
                ..User::default()
            })
            .collect()
    })
}

fn memberships() -> impl Strategy<Value = Vec<Row<Membership>>> {
    let member = prop_oneof![3 => (1..7_i64).prop_map(Member::User), 1 => (1..3_i64).prop_map(Member::Group)];
    let object = prop_oneof![
        (1..4_i64).prop_map(Securable::Product),
        (1..3_i64).prop_map(Securable::ProductType)
    ];
    vec(
        (member, object).prop_map(|(member, of)| Membership {
            member,
            of,
            role: None,
        }),
        0..12,
    )
    .prop_map(Row::number)
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let scope = prop_oneof![
        2 => Just(RuleScope::System),
        1 => Just(RuleScope::Template),
        6 => (1..7_i64).prop_map(|user| RuleScope::Personal { user }),
        6 => (1..7_i64, 1..4_i64).prop_map(|(user, product)| RuleScope::Product { user, product }),
    ];
    vec((scope, channels()), 0..16).prop_map(|rules| {
        (1..)
            .zip(rules)
            .map(|(id, (scope, channels))| Rule {
                id,
                scope,
                channels,
                limits: Limits::default(),
            })
            .collect()
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    any::<[bool; 4]>().prop_map(|[mail, slack, msteams, webhooks]| Settings {
        enable_mail_notifications: mail,
        enable_slack_notifications: slack,
        enable_msteams_notifications: msteams,
        enable_webhooks_notifications: webhooks,
        ..Settings::default()
    })
}

pub(crate) fn snapshot() -> impl Strategy<Value = Snapshot> {
    let links = vec((1..3_i64, 1..7_i64), 0..6);
    (
        users(),
        links,
        of(select(&Role::ALL[..])),
        memberships(),
        rules(),
        settings(),
    )
        .prop_map(
            |(users, links, role, memberships, rules, settings)| Snapshot {
                users,
                product_types: (1..3)
                    .map(|id| ProductType {
                        id,
                        ..ProductType::default()
                    })
                    .collect(),
                products: (1..4)
                    .map(|id| Product {
                        id,
                        product_type: 1 + id % 2,
                        ..Product::default()
                    })
                    .collect(),
                groups: vec![
                    Group {
                        id: 1,
                        global_role: role.filter(|role| *role == Role::Owner),
                        ..Group::default()
                    },
                    Group {
                        id: 2,
                        ..Group::default()
                    },
                ],
                group_members: Row::number(
                    links
                        .into_iter()
                        .map(|(group, user)| GroupMember { group, user }),
                ),
                memberships,
                rules,
                settings,
                ..Snapshot::default()
            },
        )
}

fn reference() -> impl Strategy<Value = Option<UserRef>> {
    prop_oneof![
        1 => Just(None),
        4 => (1..9_i64).prop_map(|id| Some(UserRef::Id(id))),
        4 => (1..9_i64).prop_map(|id| Some(UserRef::Username(format!("user{id}")))),
    ]
}

pub(crate) fn what() -> impl Strategy<Value = What> {
    let weighted = prop::bool::weighted;
    (
        select(&NAMES[..]),
        of(1..6_i64),
        of(1..4_i64),
        of(vec(reference(), 0..6)),
        weighted(0.1),
        weighted(0.1),
    )
        .prop_map(
            |(name, product, product_type, recipients, no_users, alert_only)| What {
                name: EventName::new(name),
                product,
                product_type,
                recipients,
                no_users,
                alert_only,
                severity: None,
            },
        )
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let ways = select(
        &[
            WithoutAccess::Redact,
            WithoutAccess::Full,
            WithoutAccess::Drop,
        ][..],
    );
    (snapshot(), vec(select(&NAMES[..]), 0..4), ways, what()).prop_map(
        |(snapshot, trump, without_access, what)| Case {
            snapshot,
            policy: Policy {
                trump: trump.into_iter().collect(),
                without_access,
            },
            what,
        },
    )
}

/// The same case in another order.
pub(crate) fn shuffled(case: &Case) -> impl Strategy<Value = Case> + use<> {
    let Case {
        snapshot,
        policy,
        what,
    } = case.clone();
    (
        Just(snapshot.users.clone()).prop_shuffle(),
        Just(snapshot.rules.clone()).prop_shuffle(),
        Just(snapshot.memberships.clone()).prop_shuffle(),
        Just(snapshot.group_members.clone()).prop_shuffle(),
        Just(snapshot.products.clone()).prop_shuffle(),
        Just(what.recipients.clone().unwrap_or_default()).prop_shuffle(),
    )
        .prop_map(
            move |(users, rules, memberships, group_members, products, recipients)| Case {
                snapshot: Snapshot {
                    users,
                    rules,
                    memberships,
                    group_members,
                    products,
                    ..snapshot.clone()
                },
                policy: policy.clone(),
                what: What {
                    recipients: what.recipients.is_some().then_some(recipients),
                    ..what.clone()
                },
            },
        )
}
