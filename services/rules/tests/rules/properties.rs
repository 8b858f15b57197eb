//! What holds for every directory and every event.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proto_events::directory::{Member, Rule, RuleScope, User};
use proto_events::payload::UserRef;
use proto_events::{Channel, ChannelSet};
use rules::{Decisions, Directory, Trump, WithoutAccess, decide};

use crate::strategies::{Case, NAMES, case, channels, shuffled};

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
