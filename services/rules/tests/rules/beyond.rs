//! What rules can do beyond DefectDojo: mute, ask for a severity, and hold for a group or for
//! all products of a type.

use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proto_events::Channel::{Alert, Mail, Slack, Webhooks};
use proto_events::Severity::{self, Critical, High, Low, Medium};
use proto_events::directory::{Limits, Rule, RuleScope, Securable, Snapshot};
use proto_events::{Channel, ChannelSet};
use rules::decide;

use crate::strategies::{Case, case};
use crate::world::{What, World, everywhere};

const MUTED: Limits = Limits {
    muted: true,
    minimum_severity: None,
};

const fn at_least(severity: Severity) -> Limits {
    Limits {
        muted: false,
        minimum_severity: Some(severity),
    }
}

/// Ann and Bob may both view products 1 and 2, and want alerts.
fn world() -> World {
    let both = |world: World, name| {
        world
            .member(name, Securable::Product(1))
            .member(name, Securable::Product(2))
            .wants(name, &[Alert])
    };
    both(both(World::new().user("ann").user("bob"), "ann"), "bob")
}

fn scan(product: i64) -> What {
    What::happened("scan_added").on_product(product)
}

/// Ann's rule of this scope: for product 1, or for its type.
fn of_ann(scope: &str) -> RuleScope {
    match scope {
        "product" => RuleScope::Product {
            user: 1,
            product: 1,
        },
        _ => RuleScope::ProductType {
            user: 1,
            product_type: 1,
        },
    }
}

#[test]
fn a_muted_product_or_product_type_is_silent_for_one_person_and_no_other() {
    for scope in ["product", "product type"] {
        let world = world().limited(of_ann(scope), everywhere(&[Mail]), MUTED);
        assert_eq!(world.tells(&scan(1)), ["alert:bob"], "{scope}");
        assert_eq!(world.tells(&scan(2)), ["alert:ann", "alert:bob"], "{scope}");
    }
}

#[test]
fn a_mute_silences_what_a_superuser_hears_of_the_system_and_what_a_group_adds() {
    let world = World::new()
        .superuser("ann")
        .system_wants(&[Slack])
        .group(7, None, &["ann"])
        .rule(RuleScope::Group { group: 7 }, everywhere(&[Mail]))
        .limited(of_ann("product"), everywhere(&[]), MUTED);
    assert_eq!(world.tells(&scan(1)), ["slack:-"]);
    assert_eq!(world.tells(&scan(2)), ["mail:ann", "slack:-", "slack:ann"]);
}

#[test]
fn a_mute_and_a_minimum_severity_do_not_keep_back_what_names_a_person() {
    let world = world()
        .limited(of_ann("product"), everywhere(&[]), MUTED)
        .user("cid")
        .limited(
            RuleScope::Personal { user: 3 },
            everywhere(&[Alert]),
            at_least(Critical),
        );
    let mention = What::happened("user_mentioned")
        .on_product(1)
        .of_severity(Low)
        .to(&["ann", "cid"]);
    assert_eq!(world.tells(&mention), ["alert:ann", "alert:cid"]);
}

#[test]
fn a_rule_with_a_minimum_severity_counts_from_there_on_and_for_events_without_findings() {
    let personal = RuleScope::Personal { user: 1 };
    let world = World::new()
        .user("ann")
        .member("ann", Securable::Product(1))
        .limited(personal, everywhere(&[Mail]), at_least(High))
        .wants_of_product("ann", 1, &[Alert]);
    assert_eq!(world.tells(&scan(1).of_severity(Medium)), ["alert:ann"]);
    let told = ["alert:ann", "mail:ann"];
    for enough in [High, Critical] {
        assert_eq!(world.tells(&scan(1).of_severity(enough)), told);
    }
    assert_eq!(world.tells(&scan(1)), told);
}

#[test]
fn a_rule_for_a_product_type_adds_for_its_products_and_for_the_type_itself() {
    let scope = of_ann("product type");
    let world = world()
        .member("ann", Securable::ProductType(1))
        .rule(scope, everywhere(&[Mail]));
    assert_eq!(
        world.tells(&scan(1)),
        ["alert:ann", "alert:bob", "mail:ann"]
    );
    assert_eq!(world.tells(&scan(2)), ["alert:ann", "alert:bob"]);
    let of_type = What::happened("product_type_added").on_type(1);
    assert_eq!(world.tells(&of_type), ["alert:ann", "mail:ann"]);
}

#[test]
fn a_group_s_rule_adds_for_each_member_who_may_view_the_object_and_for_nobody_else() {
    let world = world()
        .user("eve")
        .group(7, None, &["ann", "eve"])
        .group(8, None, &["ann"])
        .rule(RuleScope::Group { group: 7 }, everywhere(&[Slack]))
        .limited(
            RuleScope::Group { group: 8 },
            everywhere(&[Webhooks]),
            at_least(High),
        );
    assert_eq!(
        world.tells(&scan(1).of_severity(Low)),
        ["alert:ann", "alert:bob", "slack:ann"]
    );
    assert_eq!(
        world.tells(&scan(1).of_severity(High)),
        ["alert:ann", "alert:bob", "slack:ann", "webhooks:ann"]
    );
    let directed = scan(1).to(&["ann"]);
    assert_eq!(world.tells(&directed), ["alert:ann"]);
}

pub(crate) fn limits() -> impl Strategy<Value = Limits> {
    (prop::bool::weighted(0.2), of(select(&Severity::ALL[..]))).prop_map(
        |(muted, minimum_severity)| Limits {
            muted,
            minimum_severity,
        },
    )
}

/// A case with rules of every scope, each with limits.
pub(crate) fn limited() -> impl Strategy<Value = Case> {
    let scope = prop_oneof![
        (1..7_i64, 1..3_i64)
            .prop_map(|(user, product_type)| RuleScope::ProductType { user, product_type }),
        (1..3_i64).prop_map(|group| RuleScope::Group { group }),
    ];
    let channel = select(&Channel::ALL[..]);
    let more = proptest::collection::vec((scope, channel), 0..6);
    let limits = proptest::collection::vec(limits(), 32);
    (case(), more, limits, of(select(&Severity::ALL[..]))).prop_map(
        |(mut case, more, limits, severity)| {
            let rules = &mut case.snapshot.rules;
            for (scope, channel) in more {
                rules.push(Rule {
                    id: rules.len() as i64 + 1,
                    scope,
                    channels: everywhere(&[channel]),
                    limits: Limits::default(),
                });
            }
            for (rule, limits) in rules.iter_mut().zip(limits) {
                rule.limits = limits;
            }
            case.what.severity = severity;
            case
        },
    )
}

/// Everything that is told, the system first, then by user.
fn told(case: &Case) -> Vec<(Option<i64>, ChannelSet)> {
    let directory = World(case.snapshot.clone()).directory();
    let decisions = decide(&directory, &case.policy, &case.what.facts());
    let users = decisions.users.iter();
    let users = users.map(|told| (Some(told.user.id), told.channels));
    [(None, decisions.system)]
        .into_iter()
        .chain(users)
        .collect()
}

/// Whether nobody is told through a channel in the first that they are not in the second.
fn is_within(less: &Case, more: &Case) -> bool {
    let more = told(more);
    told(less).into_iter().all(|(who, channels)| {
        let mut same = more.iter().filter(|(other, _)| *other == who);
        same.any(|(_, more)| more.union(channels) == *more)
    })
}

/// The same case with other limits.
fn with(case: &Case, change: impl Fn(&mut Limits)) -> Case {
    let mut changed = case.clone();
    let Snapshot { rules, .. } = &mut changed.snapshot;
    rules.iter_mut().for_each(|rule| change(&mut rule.limits));
    changed
}

proptest! {
    #[test]
    fn limits_only_remove(case in limited()) {
        prop_assert!(is_within(&case, &with(&case, |limits| limits.muted = false)));
        prop_assert!(is_within(&case, &with(&case, |limits| limits.minimum_severity = None)));
    }

    #[test]
    fn a_lower_minimum_severity_never_tells_less(case in limited()) {
        let lower = |limits: &mut Limits| {
            let position = limits.minimum_severity.map(|minimum| minimum as usize);
            limits.minimum_severity = position.and_then(|at| Severity::ALL.get(at.checked_sub(1)?).copied());
        };
        prop_assert!(is_within(&case, &with(&case, lower)));
    }

    #[test]
    fn worse_findings_never_tell_less(case in limited()) {
        for pair in Severity::ALL.windows(2) {
            let of = |severity| {
                let mut case = case.clone();
                case.what.severity = Some(severity);
                case
            };
            prop_assert!(is_within(&of(pair[0]), &of(pair[1])));
        }
    }

    #[test]
    fn without_limits_and_with_no_finding_all_is_as_it_is_in_defectdojo(case in limited()) {
        let unlimited = with(&case, |limits| *limits = Limits::default());
        let mut like_defectdojo = unlimited.clone();
        like_defectdojo.what.severity = None;
        prop_assert_eq!(told(&unlimited), told(&like_defectdojo));
    }

    #[test]
    fn what_names_its_recipients_knows_no_limits(mut case in limited()) {
        case.what.recipients.get_or_insert_default();
        prop_assert_eq!(told(&case), told(&with(&case, |limits| *limits = Limits::default())));
    }
}
