//! Finished messages are acknowledged as a prefix, and singly when the prefix is stuck.

use std::time::{Duration, Instant};

use chassis::broker::{AckWindow, Settle};

const PREFETCH: u16 = 1000;

const PREFIX: fn(u64) -> Settle = |tag| Settle {
    tag,
    multiple: true,
};
const SINGLE: fn(u64) -> Settle = |tag| Settle {
    tag,
    multiple: false,
};

#[test]
fn a_finished_prefix_goes_in_one_acknowledgement() {
    let (mut window, now) = (AckWindow::new(PREFETCH), Instant::now());
    for tag in [2, 1, 3] {
        window.finished(tag, now);
    }
    assert_eq!(window.settle(now), [PREFIX(3)]);
    assert!(!window.is_waiting());
}

#[test]
fn what_is_behind_an_unfinished_message_goes_singly_after_a_while() {
    let (mut window, start) = (AckWindow::new(PREFETCH), Instant::now());
    window.finished(2, start);
    assert_eq!(window.settle(start), []);
    assert!(window.is_waiting());
    let later = start + Duration::from_millis(50);
    assert_eq!(window.settle(later), [SINGLE(2)]);
    assert!(!window.is_waiting());
}

#[test]
fn nothing_waits_once_most_of_what_was_handed_out_is_finished() {
    let (mut window, now) = (AckWindow::new(4), Instant::now());
    for tag in [2, 3] {
        window.finished(tag, now);
    }
    assert_eq!(window.settle(now), []);
    window.finished(4, now);
    assert_eq!(window.settle(now), [SINGLE(2), SINGLE(3), SINGLE(4)]);
}

#[test]
fn a_tag_that_went_singly_is_never_named_again() {
    let (mut window, start) = (AckWindow::new(PREFETCH), Instant::now());
    window.finished(2, start);
    let later = start + Duration::from_millis(60);
    assert_eq!(window.settle(later), [SINGLE(2)]);
    window.finished(1, later);
    assert_eq!(
        window.settle(later),
        [PREFIX(1)],
        "2 is gone already: naming it would close the channel"
    );
    window.finished(3, later);
    assert_eq!(window.settle(later), [PREFIX(3)]);
}

#[test]
fn finishing_twice_acknowledges_once() {
    let (mut window, now) = (AckWindow::new(PREFETCH), Instant::now());
    window.finished(1, now);
    assert_eq!(window.settle(now), [PREFIX(1)]);
    window.finished(1, now);
    assert_eq!(window.settle(now), []);
}

#[test]
fn the_prefix_passes_what_was_handed_back_without_naming_it() {
    let (mut window, now) = (AckWindow::new(PREFETCH), Instant::now());
    window.settled_singly(2);
    window.finished(1, now);
    assert_eq!(window.settle(now), [PREFIX(1)]);
    window.finished(3, now);
    assert_eq!(window.settle(now), [PREFIX(3)]);
}
