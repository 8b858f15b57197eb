//! Which rung a retry takes.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

use std::time::Duration;

use chassis::ladder::Ladder;

fn ladder() -> Ladder {
    "5,30,120".parse().unwrap()
}

#[test]
fn later_attempts_take_longer_rungs_and_stay_on_the_last() {
    let rungs: Vec<u32> = (1..=5)
        .map(|attempt| ladder().rung_after(attempt, None, false))
        .collect();
    assert_eq!(rungs, [5, 30, 120, 120, 120]);
}

#[test]
fn what_the_receiver_asks_for_is_never_cut_short_while_a_rung_is_long_enough() {
    let after = |seconds| ladder().rung_after(1, Some(Duration::from_secs(seconds)), false);
    assert_eq!(
        [
            after(0),
            after(5),
            after(6),
            after(30),
            after(31),
            after(9_999)
        ],
        [5, 5, 30, 30, 120, 120]
    );
    assert_eq!(
        ladder().rung_after(1, Some(Duration::from_millis(5_001)), false),
        30
    );
}

#[test]
fn half_of_the_copies_take_the_next_longer_rung_never_a_shorter_one() {
    for attempt in 1..6 {
        assert!(
            ladder().rung_after(attempt, None, true) >= ladder().rung_after(attempt, None, false)
        );
    }
    assert_eq!(ladder().rung_after(1, None, true), 30);
}

#[test]
fn a_ladder_that_is_none_is_refused_with_what_is_allowed() {
    for text in ["", "0,5", "30,5", "5,5", "5,x", "-1"] {
        assert!(text.parse::<Ladder>().is_err(), "{text:?} was taken");
    }
}

#[test]
fn the_default_ladder_reaches_from_five_seconds_to_ten_hours_and_reads_back_as_it_is_written() {
    let ladder = Ladder::default();
    assert_eq!(ladder.to_string(), "5,30,120,600,1800,7200,18000,36000");
    assert_eq!(ladder.to_string().parse(), Ok(ladder));
}
