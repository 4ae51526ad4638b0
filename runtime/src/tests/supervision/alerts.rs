//! `set_thresholds`, what raises alerts, and what that costs. The counting itself is tested beside its code.

use super::{pickups::leave, *};
use codec::{Encode, MaxEncodedLen};
use pallet_supervision::{pattern::Pattern, AlertThresholds, Structuring, MAX_PAYEES, MAX_WINDOW};
use specie_primitives::{AlertKind, ChangeFrom, Subject};

const OFF: AlertThresholds =
    AlertThresholds { window: 10, structuring: None, payments: None, value: None, payees: None, blocked: false };

/// Thresholds that every payment is measured by and none of a test reaches.
const HIGH: AlertThresholds = AlertThresholds {
    structuring: Some(Structuring { from: 1, below: 1_000_000, payments: 1_000 }),
    payments: Some(1_000),
    value: Some(1_000_000_000),
    payees: Some(MAX_PAYEES),
    blocked: true,
    ..OFF
};

fn set(thresholds: impl Into<Option<AlertThresholds>>) -> Supervise<Runtime> {
    Supervise::set_thresholds { thresholds: thresholds.into() }
}

fn give(to: &str, coins: &[CoinRef]) -> pallet_ownership::Call<Runtime> {
    pallet_ownership::Call::transfer { to: owner(to), coins: coins.to_vec().try_into().expect("few") }
}

/// The alerts of this block: whose, of which kind, what was measured.
fn alerts() -> Vec<(OwnerId, AlertKind, Balance)> {
    let alert = |event: RuntimeEvent| match event {
        RuntimeEvent::Supervision(SupervisionEvent::Alerted { owner, kind, measure, .. }) => {
            Some((owner, kind, measure))
        },
        _ => None,
    };
    System::events().into_iter().filter_map(|record| alert(record.event)).collect()
}

/// For whom the payments of an owner count behind whom nobody was verified.
fn behind(name: &str) -> Subject {
    Subject::Owner(owner(name))
}

fn patterns() -> usize {
    pallet_supervision::Patterns::<Runtime>::iter().count()
}

#[test]
fn success_alerts_of_every_kind() {
    run(|| {
        // Given
        with_money();
        for name in ["cid", "dot"] {
            assert_ok!(register("//BankA", BANK_A, name));
        }
        let thresholds = AlertThresholds {
            structuring: Some(Structuring { from: 9_000, below: 20_000, payments: 2 }),
            payments: Some(5),
            value: Some(22_000),
            payees: Some(3),
            blocked: true,
            ..OFF
        };
        assert_ok!(call(SUPERVISOR, set(thresholds)));
        System::assert_last_event(SupervisionEvent::ThresholdsSet { thresholds: Some(thresholds) }.into());
        assert_ok!(call(SUPERVISOR, hold([person("dot")], None)));
        let coins = coins_of("ann");
        let (tens, hundreds) = coins.split_at(10);

        // When, then: every payment goes through, and each alert comes with the payment that reaches the threshold.
        let ann = owner("ann");
        assert_ok!(call("//ann", give("ben", &hundreds[..1])));
        assert_eq!(alerts(), []);
        assert_ok!(call("//ann", give("ben", &hundreds[1..2])));
        assert_eq!(alerts(), [(ann, AlertKind::Structuring, 2)]);
        assert_ok!(call("//ann", give("cid", &tens[..2])));
        assert_eq!(alerts()[1..], [(ann, AlertKind::Volume, 22_000)]);
        assert_ok!(call("//ann", give("dot", &tens[2..3])));
        assert_eq!(alerts()[2..], [(ann, AlertKind::FanOut, 3), (ann, AlertKind::BlockedPayee, 1_000)]);
        assert_ok!(call("//ann", give("ben", &tens[3..4])));
        assert_eq!(alerts()[4..], [(ann, AlertKind::Velocity, 5)]);
        let last = SupervisionEvent::Alerted {
            alert: 4,
            owner: ann,
            kind: AlertKind::Velocity,
            measure: 5,
            payee: owner("ben"),
            value: 1_000,
        };
        System::assert_last_event(last.into());
        // Each once in a window, by owner, but for those about a single payment.
        assert_ok!(call("//ann", give("ben", &tens[5..6])));
        assert_eq!(alerts().len(), 5);
        assert_ok!(call("//ann", give("dot", &tens[4..5])));
        assert_eq!(alerts()[5..], [(ann, AlertKind::BlockedPayee, 1_000)]);
        assert_ok!(call("//ben", give("dot", &coins_of("ben")[..1])));
        assert_eq!(alerts()[6..], [(owner("ben"), AlertKind::BlockedPayee, 1_000)]);
        assert_eq!(coins_of("dot").len(), 3);
    });
}

#[test]
fn success_thresholds_are_switched_off() {
    run(|| {
        with_money();
        let coins = coins_of("ann");
        assert_ok!(call("//ann", pay(coins[..1].to_vec())));
        assert_eq!((alerts().len(), patterns()), (0, 0));
        assert_ok!(call(SUPERVISOR, set(AlertThresholds { payments: Some(1), ..OFF })));
        assert_ok!(call("//ann", pay(coins[1..2].to_vec())));
        assert_eq!((alerts().len(), patterns()), (1, 1));
        assert_ok!(call(SUPERVISOR, set(None::<AlertThresholds>)));
        let before = pallet_supervision::Patterns::<Runtime>::get(behind("ann"));
        assert_ok!(call("//ann", pay(coins[2..3].to_vec())));
        assert_eq!((alerts().len(), pallet_supervision::Patterns::<Runtime>::get(behind("ann"))), (1, before));
    });
}

#[test]
fn fails_set_thresholds() {
    run(|| {
        with_money();
        only(&[SUPERVISOR], set(OFF));
        let structuring = |from, below, payments| Some(Structuring { from, below, payments });
        for bad in [
            AlertThresholds { window: 0, ..OFF },
            AlertThresholds { window: MAX_WINDOW + 1, ..OFF },
            AlertThresholds { structuring: structuring(10, 10, 2), ..OFF },
            AlertThresholds { structuring: structuring(11, 10, 2), ..OFF },
            AlertThresholds { structuring: structuring(9, 10, 0), ..OFF },
            AlertThresholds { payments: Some(0), ..OFF },
            AlertThresholds { value: Some(0), ..OFF },
            AlertThresholds { payees: Some(0), ..OFF },
            AlertThresholds { payees: Some(MAX_PAYEES + 1), ..OFF },
        ] {
            refused(SUPERVISOR, set(bad), SupervisionError::<Runtime>::BadThresholds);
        }
        assert_ok!(call(SUPERVISOR, set(AlertThresholds { window: MAX_WINDOW, ..OFF })));
        assert_ok!(call(SUPERVISOR, set(AlertThresholds { window: 1, ..HIGH })));
    });
}

#[test]
fn another_key_does_not_hide_an_owner() {
    run(|| {
        with_money();
        let coins = coins_of("ann");
        assert_ok!(call(SUPERVISOR, set(AlertThresholds { payments: Some(2), ..OFF })));
        assert_ok!(call("//ann", pay(coins[..1].to_vec())));
        assert_ok!(rotate("ann", "//ann", "//ann2"));
        assert_eq!(alerts(), []);
        assert_ok!(call("//ann2", pay(coins[1..2].to_vec())));
        assert_eq!(alerts(), [(owner("ann"), AlertKind::Velocity, 2)]);
        assert_eq!(patterns(), 1);
    });
}

#[test]
fn another_owner_id_does_not_hide_a_person() {
    run(|| {
        // Given: one person with two owner ids, at two banks, and somebody else.
        with_money();
        let (tag, class) = (Some(PersonTag([7; 32])), OwnerClass::Person);
        assert_ok!(register_as("//BankA", BANK_A, "cid", "//cid", class, tag));
        assert_ok!(register_as("//BankB", BANK_B, "cora", "//cora", class, tag));
        assert_ok!(register_as("//BankB", BANK_B, "dot", "//dot", class, Some(PersonTag([8; 32]))));
        for (place, name) in ["cid", "cora", "dot"].into_iter().enumerate() {
            assert_ok!(call("//ann", give(name, &coins_of("ann")[place..=place])));
        }
        assert_ok!(call(SUPERVISOR, set(AlertThresholds { payments: Some(2), value: Some(2_000), ..OFF })));

        // When, then
        for name in ["cid", "dot"] {
            assert_ok!(call(&format!("//{name}"), give("ben", &coins_of(name))));
            assert_eq!(alerts(), []);
        }
        assert_ok!(call("//cora", give("ben", &coins_of("cora"))));
        let cora = owner("cora");
        assert_eq!(alerts(), [(cora, AlertKind::Velocity, 2), (cora, AlertKind::Volume, 2_000)]);
        assert_eq!(patterns(), 2);
    });
}

#[test]
fn no_kind_of_payment_hides_from_alerts() {
    run(|| {
        // Given
        with_money();
        assert_ok!(register("//BankA", BANK_A, "cid"));
        let thresholds =
            AlertThresholds { payments: Some(3), value: Some(13_000), payees: Some(3), blocked: true, ..OFF };
        assert_ok!(call(SUPERVISOR, set(thresholds)));
        let (ann, coins) = (owner("ann"), coins_of("ann"));

        // When: coins change their form. Then: that is no payment.
        let (at, one) = (ChangeFrom::Vault(BANK_A), coins[0..1].to_vec().try_into().expect("one"));
        assert_ok!(call("//ann", pallet_ownership::Call::exchange { at, give: one, take: fresh(&[(TEN, 1)]) }));
        assert_eq!((alerts().len(), patterns()), (0, 0));

        // When: a payment with change of 20.00, one by a coin of 100.00, and 10.00 left for somebody who is not registered.
        let change = pallet_ownership::Call::transfer_with_change {
            to: owner("ben"),
            coins: coins[1..2].to_vec().try_into().expect("one"),
            at,
            give: coins[2..3].to_vec().try_into().expect("one"),
            pay: fresh(&[(TEN, 1)]),
            change: fresh(&[]),
        };
        assert_ok!(call("//ann", change));
        assert_ok!(call("//ann", give("cid", &coins[10..11])));
        assert_eq!(alerts(), []);
        assert_ok!(call("//ann", leave("dot", &coins[3..4])));

        // Then: all three count, the one that waits with its payee; that nobody knows the payee is not suspicious.
        let expected = [(ann, AlertKind::Velocity, 3), (ann, AlertKind::Volume, 13_000), (ann, AlertKind::FanOut, 3)];
        assert_eq!(alerts(), expected);

        // When: coins are left for somebody who is held. Then: that is.
        assert_ok!(call(SUPERVISOR, hold([person("cid")], None)));
        assert_ok!(call("//ann", leave("cid", &coins[4..5])));
        assert_eq!(alerts()[3..], [(ann, AlertKind::BlockedPayee, 1_000)]);
    });
}

#[test]
fn no_window_has_an_edge_to_hide_behind() {
    // The first and the last block of a window of ten, wherever it begins.
    for first in 1..=12 {
        run(|| {
            with_money();
            let coins = coins_of("ann");
            assert_ok!(call(SUPERVISOR, set(AlertThresholds { payments: Some(2), ..OFF })));
            start_block(first);
            assert_ok!(call("//ann", pay(coins[..1].to_vec())));
            assert_eq!(alerts(), []);
            start_block(first + 9);
            assert_ok!(call("//ann", pay(coins[1..2].to_vec())));
            assert_eq!(alerts(), [(owner("ann"), AlertKind::Velocity, 2)], "from block {first}");
        });
    }
}

#[test]
fn other_thresholds_with_the_same_window_forget_nothing() {
    run(|| {
        with_money();
        let coins = coins_of("ann");
        assert_ok!(call(SUPERVISOR, set(AlertThresholds { payments: Some(9), ..OFF })));
        assert_ok!(call("//ann", pay(coins[..1].to_vec())));
        assert_ok!(call(SUPERVISOR, set(AlertThresholds { payments: Some(2), ..OFF })));
        assert_ok!(call("//ann", pay(coins[1..2].to_vec())));
        assert_eq!(alerts(), [(owner("ann"), AlertKind::Velocity, 2)]);
        assert_ok!(call(SUPERVISOR, set(AlertThresholds { window: 50, payments: Some(2), ..OFF })));
        assert_ok!(call("//ann", pay(coins[2..3].to_vec())));
        assert_eq!(alerts().len(), 1);
    });
}

#[test]
fn whoever_pays_many_does_not_grow_the_state() {
    run(|| {
        // Given: a payer and more payees than are told apart.
        with_money();
        assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: owner("ann"), amount: 100_000 }));
        let withdraw = pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, 80)]) };
        assert_ok!(call("//ann", withdraw));
        let coins: Vec<_> = coins_of("ann").into_iter().filter(|coin| coin.coin.batch == 0).take(80).collect();
        assert_ok!(call(SUPERVISOR, set(AlertThresholds { payees: Some(MAX_PAYEES), ..HIGH })));

        // When
        for (number, coin) in coins.iter().enumerate() {
            let payee = format!("payee{number}");
            assert_ok!(register("//BankA", BANK_A, &payee));
            assert_ok!(call("//ann", give(&payee, std::slice::from_ref(coin))));
        }

        // Then: one entry, within its bound, and one alert.
        assert_eq!(patterns(), 1);
        let size = pallet_supervision::Patterns::<Runtime>::get(behind("ann")).encoded_size();
        assert!(size <= Pattern::max_encoded_len() && size < 700, "{size}");
        assert_eq!(alerts(), [(owner("ann"), AlertKind::FanOut, MAX_PAYEES.into())]);
        // Refused payments leave nothing.
        refused("//ann", give("payee1", &coins[..1]), pallet_ownership::Error::<Runtime>::NotHolder);
    });
}

/// What a payment of one coin touches: nodes of the state read with their bytes, and entries written.
#[derive(Debug, PartialEq)]
struct Cost {
    nodes: usize,
    bytes: usize,
    written: usize,
}

/// The cost of Ann's payment to Ben after some preparation.
fn cost(prepare: impl FnOnce(&[CoinRef])) -> Cost {
    let mut network = network();
    let coins = network.execute_with(|| {
        start_block(1);
        with_money();
        let coins = coins_of("ann");
        prepare(&coins);
        System::reset_events();
        coins
    });
    network.commit_all().expect("the state is kept in memory");
    let payment = || call("//ann", pay(coins[5..6].to_vec()));
    let (paid, proof) = network.execute_and_prove(payment);
    assert_ok!(paid);
    let (nodes, bytes) = (proof.len(), proof.iter_nodes().map(Vec::len).sum());
    Cost { nodes, bytes, written: network.overlayed_changes().changes().count() }
}

#[test]
fn what_a_look_at_a_payment_costs() {
    let off = cost(|_| ());
    let first = cost(|_| {
        assert_ok!(call(SUPERVISOR, set(HIGH)));
    });
    let later = cost(|coins| {
        assert_ok!(call(SUPERVISOR, set(HIGH)));
        assert_ok!(call("//ann", pay(coins[..1].to_vec())));
    });
    println!("a payment without thresholds: {off:?}");
    println!("an owner's first payment with all thresholds: {first:?}");
    println!("a later one: {later:?}");
    // Nothing but the owner's pattern is written, and hardly more read than the thresholds and the pattern.
    assert_eq!(first.written, off.written + 1);
    assert_eq!(later.written, off.written + 1);
    assert!(first.nodes <= off.nodes + 8 && later.nodes <= off.nodes + 8);
}
