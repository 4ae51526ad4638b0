//! Alerts against a plain model that remembers every payment.

use super::*;
use crate::types::Structuring;
use proptest::prelude::*;

const OFF: AlertThresholds =
    AlertThresholds { window: 10, structuring: None, payments: None, value: None, payees: None, blocked: false };

fn tag(number: u8) -> PayeeTag {
    PayeeTag::of(OwnerId([number; 24]))
}

fn paid(value: Balance) -> Payment {
    Payment { payee: tag(1), value, blocked: false }
}

/// Kinds of alerts that payments of one unit in these blocks raise, each with its block.
fn alerts(thresholds: &AlertThresholds, blocks: &[BlockNumber]) -> Vec<(BlockNumber, AlertKind)> {
    let mut pattern = Pattern::default();
    let observe = |block: &BlockNumber| {
        let raised = pattern.observe(thresholds, *block, &paid(100));
        raised.into_iter().map(|(kind, _)| (*block, kind)).collect::<Vec<_>>()
    };
    blocks.iter().flat_map(observe).collect()
}

#[test]
fn boundary_a_threshold_is_reached_by_its_last_payment() {
    let thresholds = AlertThresholds { payments: Some(3), ..OFF };
    assert!(alerts(&thresholds, &[1, 1]).is_empty());
    assert_eq!(alerts(&thresholds, &[1, 1, 1]), [(1, AlertKind::Velocity)]);
    let thresholds = AlertThresholds { value: Some(250), ..OFF };
    assert!(alerts(&thresholds, &[1, 2]).is_empty());
    assert_eq!(alerts(&thresholds, &[1, 2, 3]), [(3, AlertKind::Volume)]);
}

#[test]
fn nothing_hides_at_the_edges_of_windows() {
    // Half windows are five blocks: whichever block the window of ten begins in, its first and last payment meet.
    let thresholds = AlertThresholds { payments: Some(2), ..OFF };
    for first in 0..40 {
        assert_eq!(alerts(&thresholds, &[first, first + 9]), [(first + 9, AlertKind::Velocity)], "from {first}");
        // One and a half windows later nothing of it counts.
        assert!(alerts(&thresholds, &[first, first + 15]).is_empty(), "from {first}");
    }
}

#[test]
fn an_alert_is_raised_once_in_a_window_and_again_when_it_goes_on() {
    let thresholds = AlertThresholds { payments: Some(2), ..OFF };
    let blocks: Vec<_> = (0..40).collect();
    let raised: Vec<_> = alerts(&thresholds, &blocks).into_iter().map(|(block, _)| block).collect();
    assert_eq!(raised, [1, 15, 30]);
}

#[test]
fn structuring_counts_payments_just_below_an_amount() {
    let structuring = Some(Structuring { from: 900, below: 1_000, payments: 2 });
    let thresholds = AlertThresholds { structuring, ..OFF };
    let mut pattern = Pattern::default();
    for other in [899, 1_000, 5_000, 900] {
        assert!(pattern.observe(&thresholds, 1, &paid(other)).is_empty(), "{other}");
    }
    assert_eq!(pattern.observe(&thresholds, 2, &paid(999)), [(AlertKind::Structuring, 2)]);
}

#[test]
fn payees_are_counted_once_and_more_than_fit_stay_many() {
    let thresholds = AlertThresholds { payees: Some(MAX_PAYEES), ..OFF };
    let mut pattern = Pattern::default();
    let mut pay = |number: u8, block| pattern.observe(&thresholds, block, &Payment { payee: tag(number), ..paid(1) });
    for _ in 0..3 {
        for number in 1..64 {
            assert!(pay(number, 1).is_empty());
        }
    }
    assert_eq!(pay(64, 1), [(AlertKind::FanOut, 64)]);
    // The list is full: new payees take the places of old ones, and the alert comes again after a window.
    for number in 65..=200 {
        assert!(pay(number, 2).is_empty());
    }
    assert!(pay(201, 15).is_empty());
    for number in 1..=62 {
        assert!(pay(number, 16).is_empty());
    }
    assert_eq!(pay(63, 16), [(AlertKind::FanOut, 64)]);
}

#[test]
fn a_blocked_payee_raises_an_alert() {
    let mut pattern = Pattern::default();
    let blocked = Payment { blocked: true, ..paid(7) };
    assert_eq!(pattern.observe(&OFF, 1, &blocked), [(AlertKind::BlockedPayee, 7)]);
    // Each time: a small payment must not hide a large one.
    let more = Payment { value: 900, ..blocked };
    assert_eq!(pattern.observe(&OFF, 2, &more), [(AlertKind::BlockedPayee, 900)]);
    assert!(pattern.observe(&OFF, 2, &paid(7)).is_empty());
}

#[test]
fn another_window_begins_anew_and_sums_do_not_overflow() {
    let thresholds = AlertThresholds { value: Some(Balance::MAX), ..OFF };
    let mut pattern = Pattern::default();
    assert!(pattern.observe(&thresholds, 1, &paid(Balance::MAX - 1)).is_empty());
    let other = AlertThresholds { window: 20, ..thresholds };
    assert!(pattern.clone().observe(&other, 1, &paid(5)).is_empty());
    assert_eq!(pattern.observe(&thresholds, 1, &paid(5)), [(AlertKind::Volume, Balance::MAX)]);
}

#[test]
fn what_is_remembered_stays_small() {
    assert!(Pattern::max_encoded_len() < 800);
    let thresholds = AlertThresholds { payments: Some(9), value: Some(1 << 60), ..OFF };
    let mut pattern = Pattern::default();
    (0..1_000u32).for_each(|block| drop(pattern.observe(&thresholds, block, &paid(1_000_000))));
    assert!(pattern.encoded_size() < 48, "{}", pattern.encoded_size());
}

proptest! {
    /// Against a model that remembers everything: an alert is never false by more than half a window, never missing
    /// for a whole one, and never raised twice in one.
    #[test]
    fn alerts_agree_with_a_model_that_remembers_everything(
        window in 1u32..30,
        threshold in 1u32..12,
        payments in prop::collection::vec((0u32..12, 0u8..9, 1u64..50), 1..150),
    ) {
        let thresholds = AlertThresholds {
            window,
            payments: Some(threshold),
            value: Some(u128::from(threshold) * 20),
            payees: Some(threshold),
            ..OFF
        };
        let (mut pattern, mut now) = (Pattern::default(), 0u32);
        let mut all: Vec<(u32, u8, u64)> = Vec::new();
        let mut last: [Option<u32>; AlertKind::COUNT] = [None; AlertKind::COUNT];
        for (gap, payee, value) in payments {
            now += gap;
            all.push((now, payee, value));
            let payment = Payment { payee: tag(payee), value: value.into(), blocked: false };
            let raised = pattern.observe(&thresholds, now, &payment);
            // Measures of the payments of the last so many blocks, by kind.
            let measure = |kind: AlertKind, blocks: u32| -> u128 {
                let recent = all.iter().filter(|(block, ..)| block + blocks > now);
                match kind {
                    AlertKind::Velocity => recent.count() as u128,
                    AlertKind::Volume => recent.map(|(.., value)| u128::from(*value)).sum(),
                    _ => {
                        let payees: std::collections::BTreeSet<_> = recent.map(|(_, payee, _)| *payee).collect();
                        payees.len() as u128
                    },
                }
            };
            let limits = [
                (AlertKind::Velocity, u128::from(threshold)),
                (AlertKind::Volume, u128::from(threshold) * 20),
                (AlertKind::FanOut, u128::from(threshold)),
            ];
            let half = window.div_ceil(2);
            for (kind, limit) in limits {
                let found = raised.iter().find(|(of, _)| *of == kind);
                let before = last[kind as usize];
                if let Some((_, measured)) = found {
                    prop_assert!(*measured >= limit && *measured <= measure(kind, 3 * half), "{kind:?} is false");
                    prop_assert!(before.is_none_or(|before| now - before > window), "{kind:?} is raised twice");
                    last[kind as usize] = Some(now);
                } else if measure(kind, window) >= limit {
                    prop_assert!(before.is_some_and(|before| now - before < 3 * half), "{kind:?} is missing");
                }
            }
        }
    }
}
