//! SLAs: which findings, in which words, and the guard against floods.

use proptest::prelude::*;
use proto_events::payload::Findings;
use schedule::flood::{Limits, Product, portions, products};
use schedule::sla::{Breach, LISTED, combined, filter, single};
use store::SystemSettings;
use store::scheduling::sla::{SlaCount, SlaFinding};

use crate::support::{config, day, event, noon};

const ROOMY: Limits = Limits {
    per_product: 50,
    per_run: 1000,
};

fn settings() -> SystemSettings {
    SystemSettings {
        enable_notify_sla_active: true,
        ..SystemSettings::default()
    }
}

fn days_told(settings: &SystemSettings, arguments: &[&str]) -> Option<Vec<i32>> {
    Some(filter(settings, &config(arguments), noon("2026-11-22"))?.days)
}

fn finding(days: i32) -> SlaFinding {
    SlaFinding {
        id: 4,
        title: "Session Fixation".to_owned(),
        severity: "High".to_owned(),
        date: day("2026-10-22"),
        sla_end: day("2026-11-22") + chrono::TimeDelta::days(days.into()),
        days,
        verified: false,
        test: 2,
        test_title: "Nightly".to_owned(),
        engagement: 1,
        engagement_name: "Q4".to_owned(),
        lead_username: Some("mei".to_owned()),
        product: 7,
        product_name: "Cranes".to_owned(),
        product_tags: Vec::new(),
        product_type: 1,
        product_type_name: "Port".to_owned(),
    }
}

fn count(product: i64, days: i32, severity: &str, count: i64) -> SlaCount {
    SlaCount {
        product,
        days,
        severity: severity.to_owned(),
        count,
    }
}

#[test]
fn findings_are_told_of_from_three_days_before_to_seven_days_after() {
    assert_eq!(days_told(&settings(), &[]), Some((-7..=3).collect()));
    let wider = [
        "--sla-notify-pre-breach",
        "5",
        "--sla-notify-post-breach",
        "0",
    ];
    assert_eq!(days_told(&settings(), &wider), Some((0..=5).collect()));
}

#[test]
fn with_backoff_a_breach_is_told_of_after_one_two_and_four_days() {
    let backing_off = SystemSettings {
        enable_notify_sla_exponential_backoff: true,
        ..settings()
    };
    assert_eq!(
        days_told(&backing_off, &[]),
        Some(vec![-4, -2, -1, 0, 1, 2, 3])
    );
}

#[test]
fn nobody_is_told_unless_slas_are_on_and_somebody_asked_for_it() {
    assert_eq!(days_told(&SystemSettings::default(), &[]), None);
    let off = SystemSettings {
        enable_finding_sla: false,
        ..settings()
    };
    assert_eq!(days_told(&off, &[]), None);
}

#[test]
fn the_flag_for_verified_findings_wins_and_that_for_jira_narrows() {
    let both = SystemSettings {
        enable_notify_sla_active_verified: true,
        enable_notify_sla_jira_only: true,
        ..settings()
    };
    let filter = filter(&both, &config(&[]), noon("2026-11-22")).unwrap();
    assert!(filter.verified_only && filter.jira_only);
}

#[test]
fn titles_are_defectdojos() {
    let title = |days| {
        event(&single(&finding(days), noon("2026-11-22")))
            .data
            .title
            .clone()
    };
    assert_eq!(
        title(-1),
        "Finding 4 - SLA breached by 1 day! Overdue notice"
    );
    assert_eq!(
        title(-4),
        "Finding 4 - SLA breached by 4 days! Overdue notice"
    );
    assert_eq!(title(0), "Finding 4 - SLA is breaching today");
    assert_eq!(
        title(2),
        "Finding 4 - SLA pre-breach warning - 2 day(s) left"
    );
}

#[test]
fn a_finding_is_told_of_again_every_day_and_once_a_day() {
    let id = |today| single(&finding(-1), noon(today)).id;
    assert_eq!(id("2026-11-22"), "sla_breach/finding/4/breached/2026-11-22");
    assert_ne!(id("2026-11-22"), id("2026-11-23"));
}

#[test]
fn a_combined_notice_lists_the_findings_of_a_product_that_stand_alike() {
    let (products, _) = products(&[count(7, -1, "High", 2)], ROOMY);
    let (one, two) = (finding(-1), finding(-1));
    let notice = combined(
        &products[0],
        &products[0].groups[0],
        &[&one, &two],
        noon("2026-11-22"),
    );
    let notice = notice.unwrap();
    assert_eq!(
        notice.id,
        "sla_breach_combined/product/7/breached/2026-11-22"
    );
    let data = &event(&notice).data;
    assert_eq!(
        data.title,
        "SLA alert (breached): Organization 'Port', Asset 'Cranes'"
    );
    assert_eq!(data.breach_kind.as_deref(), Some("breached"));
    assert!(matches!(&data.findings, Some(Findings::List(list)) if list.len() == 2));
    assert_eq!(data.url, None);
}

#[test]
fn a_flood_becomes_one_notice_with_counts_and_a_link() {
    let counts = [
        count(7, -2, "Critical", 3),
        count(7, -1, "High", 120_000),
        count(8, 1, "Low", 2),
    ];
    let (products, unknown) = products(&counts, ROOMY);
    assert_eq!(unknown, 0);
    assert_eq!([products[0].is_flood, products[1].is_flood], [true, false]);
    let found = vec![finding(-2); 200];
    let found: Vec<&SlaFinding> = found.iter().collect();
    let notice = combined(
        &products[0],
        &products[0].groups[0],
        &found,
        noon("2026-11-22"),
    )
    .unwrap();
    let data = &event(&notice).data;
    assert!(matches!(&data.findings, Some(Findings::List(list)) if list.len() == LISTED));
    assert_eq!(data.findings_counts.as_ref().unwrap()["list"], 120_003);
    assert!(
        data.description
            .as_ref()
            .unwrap()
            .contains("120003 findings (3 Critical, 120000 High)")
    );
    assert_eq!(data.url.as_deref(), Some("/asset/7"));
}

#[test]
fn when_a_run_has_too_many_the_products_with_the_most_are_combined_first() {
    let counts: Vec<SlaCount> = (1..=100)
        .map(|product| count(product, -1, "High", product))
        .collect();
    let limits = Limits {
        per_product: 1000,
        per_run: 100,
    };
    let (products, _) = products(&counts, limits);
    let spared: i64 = products
        .iter()
        .filter(|it| !it.is_flood)
        .map(|it| it.id)
        .sum();
    assert_eq!(
        spared,
        (1..=13).sum::<i64>(),
        "1 + 2 + … + 13 = 91, and 14 more would be too many"
    );
}

#[test]
fn an_unknown_severity_is_counted_and_the_rest_goes_on() {
    let (products, unknown) = products(
        &[count(7, -1, "Blocker", 5), count(7, -1, "High", 1)],
        ROOMY,
    );
    assert_eq!(unknown, 5);
    assert_eq!(products[0].total(), 1);
}

proptest! {
    #[test]
    fn however_many_findings_there_are_single_notices_stay_within_both_limits_and_each_product_is_read_once(
        totals in prop::collection::vec(1_i64..5000, 0..60),
        per_product in 0_u64..300,
        per_run in 0_u64..3000,
    ) {
        let counts: Vec<SlaCount> = (1..).zip(&totals).map(|(id, total)| count(id, -1, "Low", *total)).collect();
        let (products, _) = products(&counts, Limits { per_product, per_run });
        let spared: Vec<&Product> = products.iter().filter(|product| !product.is_flood).collect();
        prop_assert!(spared.iter().all(|product| product.total() <= per_product));
        prop_assert!(spared.iter().map(|product| product.total()).sum::<u64>() <= per_run);
        let read: Vec<i64> = portions(&products, 500).into_iter().flatten().map(|product| product.id).collect();
        let all: Vec<i64> = products.iter().map(|product| product.id).collect();
        prop_assert_eq!(read, all);
    }

    #[test]
    fn every_number_of_days_is_before_on_or_after_the_end(days in any::<i32>()) {
        let expected = match days.cmp(&0) {
            std::cmp::Ordering::Less => Breach::Breached,
            std::cmp::Ordering::Equal => Breach::Breaching,
            std::cmp::Ordering::Greater => Breach::Prebreach,
        };
        prop_assert_eq!(Breach::of(days), expected);
    }
}
