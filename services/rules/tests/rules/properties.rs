//! What holds for every directory and every event.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proto_events::directory::{
    Group, GroupMember, Limits, Member, Membership, Product, ProductType, Role, Row, Rule,
    RuleChannels, RuleScope, Securable, Settings, Snapshot, User,
};
use proto_events::payload::UserRef;
use proto_events::{Channel, ChannelSet, Column, EventName};
use rules::{Decisions, Directory, Policy, Trump, WithoutAccess, decide};

use crate::world::What;

const NAMES: [&str; 6] = [
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

/// What one user is told, and the notes about them.
type Verdict = (Option<(ChannelSet, bool)>, bool, bool);

impl Case {
    fn decided<T>(&self, look: impl FnOnce(&Decisions<'_>) -> T) -> T {
        look(&decide(
            &Directory::new(self.snapshot.clone()),
            &self.policy,
            &self.what.facts(),
        ))
    }

    /// Everything that a decision says, without borrowing.
    fn everything(&self) -> (ChannelSet, BTreeMap<i64, Verdict>, Vec<UserRef>) {
        self.decided(|decisions| {
            let verdicts = self
                .snapshot
                .users
                .iter()
                .map(|user| (user.id, verdict(decisions, user.id)));
            (
                decisions.system,
                verdicts.collect(),
                decisions.notes.unknown.clone(),
            )
        })
    }

    fn verdict_on(&self, user: i64) -> Verdict {
        self.decided(|decisions| verdict(decisions, user))
    }

    fn with_trump(mut self, trump: Trump) -> Self {
        self.policy.trump = trump;
        self
    }
}

fn verdict(decisions: &Decisions<'_>, id: i64) -> Verdict {
    let told = decisions.users.iter().find(|told| told.user.id == id);
    let noted = |users: &[&User]| users.iter().any(|user| user.id == id);
    (
        told.map(|told| (told.channels, told.redacted)),
        noted(&decisions.notes.inactive),
        noted(&decisions.notes.dropped),
    )
}

fn channels() -> impl Strategy<Value = RuleChannels> {
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
fn shuffled(case: &Case) -> impl Strategy<Value = Case> + use<> {
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

/// Whether a rule speaks for the system, for a group or for this user.
fn concerns(rule: &Rule, id: i64) -> bool {
    match rule.scope {
        RuleScope::System | RuleScope::Template | RuleScope::Group { .. } => true,
        RuleScope::Personal { user }
        | RuleScope::Product { user, .. }
        | RuleScope::ProductType { user, .. } => user == id,
    }
}

/// The same case with nobody but one user in it.
fn alone(mut case: Case, id: i64) -> Case {
    let snapshot = &mut case.snapshot;
    let name = format!("user{id}");
    snapshot.users.retain(|user| user.id == id);
    snapshot.rules.retain(|rule| concerns(rule, id));
    snapshot
        .memberships
        .retain(|membership| match membership.row.member {
            Member::User(user) => user == id,
            Member::Group(_) => true,
        });
    snapshot.group_members.retain(|link| link.row.user == id);
    if let Some(recipients) = &mut case.what.recipients {
        recipients.retain(|reference| match reference {
            Some(UserRef::Id(named)) => *named == id,
            Some(UserRef::Username(named)) => *named == name,
            None => false,
        });
    }
    case
}

proptest! {
    #[test]
    fn a_decision_depends_on_no_order(
        (case, other) in case().prop_flat_map(|case| { let other = shuffled(&case); (Just(case), other) })
    ) {
        prop_assert_eq!(case.everything(), other.everything());
    }

    #[test]
    fn what_a_user_is_told_is_the_same_with_all_others_gone(case in case()) {
        for user in &case.snapshot.users {
            prop_assert_eq!(case.verdict_on(user.id), alone(case.clone(), user.id).verdict_on(user.id));
        }
    }

    #[test]
    fn what_a_user_is_told_is_the_same_whatever_others_choose(case in case(), other in channels()) {
        for user in &case.snapshot.users {
            let mut changed = case.clone();
            for rule in &mut changed.snapshot.rules {
                if !concerns(rule, user.id) {
                    rule.channels = other;
                }
            }
            prop_assert_eq!(case.verdict_on(user.id), changed.verdict_on(user.id));
        }
    }

    #[test]
    fn what_the_system_is_told_depends_on_no_user(case in case()) {
        let mut empty = case.clone();
        empty.snapshot.users.clear();
        prop_assert_eq!(case.decided(|all| all.system), empty.decided(|all| all.system));
    }

    #[test]
    fn a_channel_that_is_switched_off_never_appears(case in case()) {
        let enabled = case.snapshot.settings.enabled();
        prop_assert!(case.decided(|all| all.iter().all(|(channel, _)| enabled.contains(channel))));
    }

    #[test]
    fn an_alert_only_event_makes_nothing_but_alerts(mut case in case()) {
        case.what.alert_only = true;
        let channels: Vec<Channel> = case.decided(|all| all.iter().map(|(channel, _)| channel).collect());
        prop_assert!(channels.iter().all(|channel| *channel == Channel::Alert));
    }

    #[test]
    fn teams_never_has_a_user(case in case()) {
        let personal = case.decided(|all| all.users.iter().any(|told| told.channels.contains(Channel::Msteams)));
        prop_assert!(!personal);
    }

    #[test]
    fn an_inactive_user_never_appears(case in case()) {
        prop_assert!(case.decided(|all| all.users.iter().all(|told| told.user.active)));
    }

    #[test]
    fn whoever_is_told_has_a_channel_and_is_there_once(case in case()) {
        case.decided(|all| {
            prop_assert!(all.users.iter().all(|told| !told.channels.is_empty()));
            prop_assert!(all.users.is_sorted_by(|a, b| a.user.id < b.user.id));
            Ok(())
        })?;
    }

    #[test]
    fn trump_only_adds(case in case()) {
        let without = case.clone().with_trump(Trump::from_iter([])).everything();
        let with = case.with_trump(NAMES.into_iter().collect()).everything();
        prop_assert_eq!(without.0, with.0);
        for (id, (told, ..)) in without.1 {
            if let Some((channels, redacted)) = told {
                let (trumped, same) = with.1[&id].0.unwrap();
                prop_assert_eq!(trumped.union(channels), trumped);
                prop_assert_eq!(redacted, same);
            }
        }
    }

    #[test]
    fn only_recipients_are_ever_redacted_and_never_superusers(case in case()) {
        let directed = case.what.recipients.is_some();
        case.decided(|all| {
            for told in all.users.iter().filter(|told| told.redacted) {
                prop_assert!(directed && !told.user.superuser);
            }
            Ok(())
        })?;
    }

    #[test]
    fn redaction_never_changes_who_is_told(mut case in case()) {
        let mut channels = |way| {
            case.policy.without_access = way;
            case.decided(|all| all.users.iter().map(|told| (told.user.id, told.channels)).collect::<Vec<_>>())
        };
        prop_assert_eq!(channels(WithoutAccess::Redact), channels(WithoutAccess::Full));
    }
}
