//! Destinations with a filter: which events they are told of, and why not of others.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proto_events::Channel::{self, Mail, Slack};
use proto_events::Severity::{self, High, Low, Medium};
use proto_events::directory::{Destination, Filter, FilteredDestination, Settings};
use rules::{Directory, Explainer, Policy, Reason, decide};

use crate::strategies::{snapshot, what};
use crate::world::{What, World};

/// A destination with a filter; every third is switched off.
pub(crate) fn filtered(id: i64, channel: Channel, filter: Filter) -> FilteredDestination {
    FilteredDestination {
        destination: Destination {
            id,
            channel,
            user: None,
            switched_off: id % 3 == 0,
        },
        name: format!("team {id}"),
        filter,
    }
}

/// Any filter over few words, so that many match.
pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    let words = |all: &[&str]| {
        all.iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let events = words(&["scan_added", "other", "product_added"]);
    (
        subsequence(events, 0..3),
        vec(1..4_i64, 0..2),
        vec(1..4_i64, 0..3),
        subsequence(words(&["pci", "web"]), 0..2),
        of(select(&[Low, High][..])),
    )
        .prop_map(
            |(events, product_types, products, tags, minimum_severity)| Filter {
                events,
                product_types,
                products,
                tags,
                minimum_severity,
            },
        )
}

/// A destination 1 in Slack with this filter, in a world whose product 1, of type 1, has the tag
/// `pci`.
fn world(filter: Filter) -> World {
    let mut world = World::new();
    world.0.products[0].tags = vec!["pci".to_owned()];
    world.0.filtered.push(filtered(1, Slack, filter));
    world
}

/// Whether destination 1 is told, and the first reason.
fn asked(world: &World, what: &What) -> (bool, String) {
    let directory = world.directory();
    let policy = Policy::default();
    let decided = decide(&directory, &policy, &what.facts());
    let explainer = Explainer::new(&directory, &policy, what.facts());
    let explained = explainer.destination(directory.filtered_destinations()[0]);
    assert_eq!(!decided.destinations.is_empty(), explained.told);
    (explained.told, explained.reasons[0].to_string())
}

fn scan(product: i64) -> What {
    What::happened("scan_added").on_product(product)
}

#[test]
fn a_destination_is_told_what_its_filter_lets_through_and_hears_why_not_the_rest() {
    let events = |words: &[&str]| Filter {
        events: words.iter().map(|word| (*word).to_owned()).collect(),
        ..Filter::default()
    };
    let of_products = |products: &[i64]| Filter {
        products: products.to_vec(),
        ..Filter::default()
    };
    let of_types = |types: &[i64]| Filter {
        product_types: types.to_vec(),
        ..Filter::default()
    };
    let tagged = |tags: &[&str]| Filter {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..Filter::default()
    };
    let from = |minimum: Severity| Filter {
        minimum_severity: Some(minimum),
        ..Filter::default()
    };
    let nothing = What::happened("scan_added");
    let lets_through = "its filter lets the event through";
    let cases: [(Filter, What, &str); 19] = [
        (Filter::default(), nothing.clone(), lets_through),
        (events(&["scan_added"]), scan(1), lets_through),
        (
            events(&["other"]),
            What::happened("backup_done"),
            lets_through,
        ),
        (
            events(&["backup_done"]),
            What::happened("backup_done"),
            lets_through,
        ),
        (
            events(&["close_engagement"]),
            What::happened("engagement_closed"),
            lets_through,
        ),
        (
            events(&["test_added", "other"]),
            scan(1),
            "scan_added is not among its events: test_added, other",
        ),
        (of_products(&[2, 1]), scan(1), lets_through),
        (of_products(&[9]), scan(9), lets_through),
        (
            of_products(&[2, 3]),
            scan(1),
            "product 1 is not among its products: 2, 3",
        ),
        (
            of_products(&[2]),
            nothing,
            "an event about no product is not among its products: 2",
        ),
        (of_types(&[1]), scan(1), lets_through),
        (
            of_types(&[1]),
            What::happened("product_type_added").on_type(1),
            lets_through,
        ),
        (
            of_types(&[2]),
            scan(1),
            "product type 1 is not among its product types: 2",
        ),
        (tagged(&["web", "pci"]), scan(1), lets_through),
        (
            tagged(&["web"]),
            scan(1),
            "product 1 has none of its tags: web",
        ),
        (
            tagged(&["pci"]),
            scan(2),
            "product 2 has none of its tags: pci",
        ),
        (from(Medium), scan(1).of_severity(Medium), lets_through),
        (from(Medium), scan(1), lets_through),
        (
            from(High),
            scan(1).of_severity(Low),
            "Low is below its minimum severity High",
        ),
    ];
    for (filter, what, expected) in cases {
        let (told, reason) = asked(&world(filter.clone()), &what);
        assert_eq!(reason, expected, "{filter:?} {what:?}");
        assert_eq!(told, expected == lets_through, "{filter:?} {what:?}");
    }
}

#[test]
fn every_part_of_a_filter_must_let_the_event_through() {
    let both = Filter {
        events: vec!["scan_added".to_owned()],
        products: vec![1],
        ..Filter::default()
    };
    assert!(asked(&world(both.clone()), &scan(1)).0);
    assert!(!asked(&world(both.clone()), &scan(2)).0);
    assert!(!asked(&world(both), &What::happened("test_added").on_product(1)).0);
}

#[test]
fn the_gates_that_hold_for_the_system_hold_for_its_destinations() {
    let mut off = world(Filter::default());
    off.0.settings = Settings {
        enable_slack_notifications: false,
        ..off.0.settings
    };
    assert!(!asked(&off, &scan(1)).0);
    let on = world(Filter::default());
    let quiet = What {
        alert_only: true,
        ..scan(1)
    };
    assert!(!asked(&on, &quiet).0);
    let system_alone = What {
        no_users: true,
        ..scan(1)
    };
    assert!(asked(&on, &system_alone).0);
    let directed = scan(1).to(&["ann"]);
    let (told, reason) = asked(&on, &directed);
    assert!(!told);
    assert_eq!(reason, Reason::Directed.to_string());
}

#[test]
fn who_else_is_told_does_not_depend_on_destinations_with_filters() {
    let mut with = World::new().user("ann").wants("ann", &[Mail]);
    let without = with.tells(&scan(1));
    with.0.filtered.push(filtered(1, Slack, Filter::default()));
    assert_eq!(with.tells(&scan(1)), without);
}

proptest! {
    #[test]
    fn an_event_goes_to_just_those_that_would_say_so_if_all_were_asked(
        mut all in snapshot(),
        tags in vec(vec(select(&["pci", "web"][..]), 0..3), 3),
        filters in vec((select(&Channel::ALL[1..]), filter()), 0..8),
        event in what(),
    ) {
        for (product, tags) in all.products.iter_mut().zip(tags) {
            product.tags = tags.into_iter().map(str::to_owned).collect();
        }
        let numbered = (1..).zip(filters);
        all.filtered = numbered.map(|(id, (channel, filter))| filtered(id, channel, filter)).collect();
        let directory = Directory::new(all);
        let policy = Policy::default();
        let told: Vec<i64> = decide(&directory, &policy, &event.facts())
            .destinations
            .into_iter()
            .filter(|filtered| !filtered.destination.switched_off)
            .map(|filtered| filtered.destination.id)
            .collect();
        let explainer = Explainer::new(&directory, &policy, event.facts());
        let asked = directory.filtered_destinations().into_iter();
        let say_so: Vec<i64> = asked
            .map(|filtered| explainer.destination(filtered))
            .filter(|explained| explained.told)
            .map(|explained| explained.filtered.destination.id)
            .collect();
        prop_assert_eq!(told, say_so);
    }
}
