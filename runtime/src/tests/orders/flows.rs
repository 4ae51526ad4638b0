//! Which movements the record ascribes to which order, whatever the call that brought it was wrapped in.

use super::*;
use crate::tests::transfers;
use specie_primitives::{flow::FlowKind, QueuePolicy};

/// Everything that moved in this block, with the order that it is ascribed to.
fn moved() -> Vec<(FlowKind, Option<OrderId>)> {
    crate::flows::of_block().into_iter().map(|flow| (flow.kind, flow.order)).collect()
}

/// A payment by this order, or by none.
fn paid(order: Option<&Order>) -> (FlowKind, Option<OrderId>) {
    (FlowKind::Transferred, order.map(Order::id))
}

/// Orders that Ann signed.
fn documents(orders: &[Order]) -> Vec<Vec<u8>> {
    orders.iter().map(|order| signed(order, &["//ann"])).collect()
}

#[test]
fn every_movement_bears_the_number_of_its_order() {
    run(|| {
        // Given: a batch of orders of which most are refused.
        with_money();
        start_block(2);
        let all = coins_of("ann");
        let orders: Vec<_> = (0..3).map(pay_ben).collect();
        let twice = order(7, coins("ben", &[all[5], all[5]]));
        let batch = vec![
            signed(&orders[0], &["//ben"]),
            signed(&orders[0], &["//ann"]),
            signed(&twice, &["//ann"]),
            signed(&orders[0], &["//ann"]),
            signed(&orders[1], &["//ann"]),
            vec![1, 2, 3],
        ];

        // When
        assert_ok!(call("//ann", pay(vec![all[9]])));
        let executed = verdicts("//BankA", batch);
        assert_ok!(call("//ann", pay(vec![all[8]])));
        assert_eq!(verdict("//ben", signed(&orders[2], &["//ann"])), Verdict::Executed);

        // Then
        assert_eq!(executed.iter().filter(|verdict| **verdict == Verdict::Executed).count(), 2);
        let expected = [paid(None), paid(Some(&orders[0])), paid(Some(&orders[1])), paid(None), paid(Some(&orders[2]))];
        assert_eq!(moved(), expected);
    });
}

#[test]
fn through_batches_proxies_and_multisigs() {
    run(|| {
        // Given
        with_money();
        let at = |uri: &str| sp_runtime::MultiAddress::Id(account(uri));
        assert_ok!(call("//BankA", pallet_participants::Call::add_delegate { delegate: account("//Clerk") }));
        let add = pallet_proxy::Call::<Runtime>::add_proxy {
            delegate: at("//Clerk"),
            proxy_type: crate::configs::InstitutionProxy::Any,
            delay: 0,
        };
        assert_ok!(call("//BankA", add));
        start_block(2);
        let orders: Vec<_> = (0..7).map(pay_ben).collect();
        let of = |places: std::ops::Range<usize>| submission(documents(&orders[places]));

        // When: two calls in one transaction, one of them with two orders, around what is no order's.
        let credit = pallet_custody::Call::<Runtime>::credit { owner: owner("ben"), amount: 5 };
        let calls: Vec<RuntimeCall> = vec![of(0..2).into(), credit.into(), of(2..3).into()];
        assert_ok!(call("//BankA", pallet_utility::Call::<Runtime>::batch_all { calls }));
        // And: in a batch through a proxy, and in a multisig.
        let calls: Vec<RuntimeCall> = vec![of(3..5).into(), of(5..6).into()];
        let batch = pallet_utility::Call::<Runtime>::batch { calls };
        let (real, inner) = (at("//BankA"), Box::new(RuntimeCall::from(batch)));
        assert_ok!(call("//Clerk", pallet_proxy::Call::<Runtime>::proxy { real, force_proxy_type: None, call: inner }));
        let multisig = pallet_multisig::Call::<Runtime>::as_multi_threshold_1 {
            other_signatories: vec![account("//Clerk")],
            call: Box::new(RuntimeCall::from(of(6..7))),
        };
        assert_ok!(call("//BankA", multisig));

        // Then
        let mut expected: Vec<_> = orders.iter().map(|order| paid(Some(order))).collect();
        expected.insert(2, (FlowKind::OwnerCredited, None));
        assert_eq!(moved(), expected);
        let executed = Orders::executed().orders;
        assert_eq!(executed, orders.iter().map(Order::id).collect::<Vec<_>>());
    });
}

#[test]
fn nothing_is_left_of_a_call_that_was_undone() {
    run(|| {
        with_money();
        start_block(2);
        let (first, second) = (pay_ben(0), pay_ben(1));
        let fails = pallet_custody::Call::<Runtime>::credit { owner: owner("ben"), amount: 0 };
        let calls: Vec<RuntimeCall> = vec![submission(documents(&[first])).into(), fails.into()];
        assert!(call("//BankA", pallet_utility::Call::<Runtime>::batch_all { calls }).is_err());
        assert!(moved().is_empty());
        // Its place among the events is another's then.
        assert_eq!(verdict("//BankA", signed(&second, &["//ann"])), Verdict::Executed);
        assert_eq!(moved(), [paid(Some(&second))]);
    });
}

#[test]
fn a_transfer_that_waits_is_the_orders_and_what_comes_of_it_is_not() {
    run(|| {
        // Given
        transfers::with_queues(QueuePolicy::Overtake);
        start_block(2);
        let expires = Some(Orders::clock() + 50);
        let action = Action::Custody { from_bank: BANK_A, to_bank: BANK_B, to: owner("ben"), amount: 40_000, expires };
        let waits = order(1, action);

        // When it is executed without the reserve, and the reserve comes
        assert_eq!(verdict("//dot", signed(&waits, &["//ann"])), Verdict::Executed);
        let queued = moved();
        start_block(3);
        transfers::give_reserve(BANK_A, 40_000);
        transfers::idle();

        // Then: the transfer's own number leads from the one to the other.
        assert_eq!(queued, [(FlowKind::Queued, Some(waits.id()))]);
        assert_eq!(moved(), [(FlowKind::Credited, None), (FlowKind::Settled, None)]);
    });
}
