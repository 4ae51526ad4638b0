//! Setting aside, releasing and giving back, when everything is right.

use super::*;
use crate::tests::transactions::{refused_with, signed as transaction, validate};
use specie_primitives::{
    codes::Refusal,
    flow::{FlowKind, Party},
};

#[test]
fn success_both_sign_and_it_is_set_aside() {
    run(|| {
        // Given
        with_banks();
        start_block(2);

        // When
        let contract = Some(Hash::repeat_byte(7));
        let mut action = hold("ben", PRICE, AtExpiry::Return);
        if let Action::Hold { reference, .. } = &mut action {
            *reference = contract;
        }
        let order = order(&["ann", "ben"], action);
        assert_eq!(verdict("//cid", document(&order, &["ann", "ben"])), Verdict::Executed);

        // Then: the bank owes it still, the payer does not have it, and the payee does not either.
        let escrow = order.id();
        assert_eq!((both("ben"), pots()), ((60_000, ALL), [PRICE, 0, 0]));
        assert_eq!(<Custody as Custodians>::owed(BANK_A), ALL);
        assert_eq!((escrow_flows(BANK_A), escrow_flows(BANK_B)), ((PRICE, 0, 0), (0, 0, 0)));
        // Limits take it for paid, and for held by the payer.
        assert_eq!((limits::info("ann").paid_today, limits::info("ann").held), (PRICE, ALL));
        assert_eq!((limits::info("ben").paid_today, limits::info("ben").held), (0, ALL));
        let expected = EscrowInfo {
            escrow,
            payer: owner("ann"),
            from_bank: BANK_A,
            payee: owner("ben"),
            to_bank: BANK_B,
            amount: PRICE,
            paid: 0,
            returned: 0,
            rest: PRICE,
            expires: 2 + LIFE,
            at_expiry: AtExpiry::Return,
            reference: contract,
            disputed_by: vec![],
            stopped: false,
            due: 2 + LIFE,
            now: 2,
        };
        assert_eq!(info(escrow), expected);
        for name in ["ann", "ben"] {
            assert_eq!(Escrow::page(owner(name), None, 10), [expected.clone()]);
            assert!(Escrow::page(owner(name), Some(escrow), 10).is_empty());
        }
        assert!(Escrow::page(owner("cid"), None, 10).is_empty());
        let moved = crate::flows::of_block();
        let (from, to) = (Party::Custody(BANK_A, owner("ann")), Party::Escrow(BANK_A, escrow));
        assert_eq!(moved.len(), 1);
        assert_eq!((moved[0].kind, moved[0].value, moved[0].from, moved[0].to), (FlowKind::Escrowed, PRICE, from, to));
        assert_eq!(moved[0].others, [owner("ben")]);
        assert_eq!(told().len(), 1);
    });
}

#[test]
fn success_a_whole_balance_and_all_of_it_back() {
    run(|| {
        with_banks();
        let order = order(&["ann", "dot"], hold("dot", ALL, AtExpiry::Pay));
        assert_eq!(verdict("//BankC", document(&order, &["ann", "dot"])), Verdict::Executed);
        assert_eq!((both("dot"), pots()), ((0, 0), [ALL, 0, 0]));
        assert_eq!(ask(&["ann", "dot"], Action::Return { escrow: order.id(), amount: ALL }), Verdict::Executed);
        assert_eq!((both("dot"), pots(), is_open(order.id())), ((ALL, 0), [0; 3], false));
        assert_eq!((limits::info("ann").held, limits::info("dot").held), (ALL, 0));
    });
}

#[test]
fn success_the_payer_releases_in_parts() {
    run(|| {
        // Given
        with_banks();
        let escrow = opened("ben", AtExpiry::Return);
        start_block(2);

        // When: once by a call and once by an order.
        assert_ok!(call("//ann", release(escrow, 15_000)));
        assert_eq!((info(escrow).paid, info(escrow).rest), (15_000, 25_000));
        assert_eq!((both("ben"), pots(), reserves()), ((60_000, 115_000), [25_000, 0, 0], [85_000, 115_000, ALL]));
        assert_eq!((limits::info("ann").held, limits::info("ben").held), (85_000, 115_000));
        assert_eq!(ask(&["ann"], Action::Release { escrow, amount: 25_000 }), Verdict::Executed);

        // Then: reserves went with it, and nothing is left, nor known.
        assert_eq!((both("ben"), pots(), reserves()), ((60_000, 140_000), [0; 3], [60_000, 140_000, ALL]));
        assert_eq!(escrow_flows(BANK_A), (PRICE, PRICE, 0));
        assert_eq!((limits::info("ann").paid_today, limits::info("ann").held), (PRICE, 60_000));
        assert!(!is_open(escrow));
        let (from, to) = (Party::Escrow(BANK_A, escrow), Party::Custody(BANK_B, owner("ben")));
        let moved: Vec<_> = crate::flows::of_block().into_iter().map(|flow| (flow.kind, flow.value)).collect();
        assert_eq!(moved, [(FlowKind::EscrowPaid, 15_000), (FlowKind::EscrowPaid, 25_000)]);
        let last = crate::flows::of_block().pop().expect("two");
        assert_eq!((last.from, last.to, last.others), (from, to, vec![owner("ann")]));
    });
}

#[test]
fn success_inside_a_bank_no_reserve_is_needed() {
    run(|| {
        with_banks();
        without_reserves();
        let escrow = opened("dot", AtExpiry::Return);
        assert_ok!(call("//ann", release(escrow, PRICE)));
        assert_eq!((both("dot"), pots(), reserves()), ((60_000, PRICE), [0; 3], [0; 3]));
    });
}

#[test]
fn success_both_agree_to_give_a_part_back() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        assert_eq!(ask(&["ann", "ben"], Action::Return { escrow, amount: 30_000 }), Verdict::Executed);
        assert_eq!((both("ben"), pots()), ((90_000, ALL), [10_000, 0, 0]));
        assert_eq!((info(escrow).returned, info(escrow).rest), (30_000, 10_000));
        assert_eq!((limits::info("ann").paid_today, limits::info("ann").held), (PRICE, ALL));
        assert_ok!(call("//ann", release(escrow, 10_000)));
        assert_eq!((both("ben"), escrow_flows(BANK_A)), ((90_000, 110_000), (PRICE, 10_000, 30_000)));
        assert!(!is_open(escrow));
    });
}

#[test]
fn owners_send_what_takes_one_signature_and_no_more() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        let nonce = |uri| System::account_nonce(account(uri));
        for call in [release(escrow, 1), dispute(escrow), conclude(escrow)] {
            assert_eq!(validate(transaction("//ann", nonce("//ann"), call)), Ok(()));
        }
        refused_with(transaction("//ann", nonce("//ann"), decide(escrow, 1)), Refusal::CallNotAllowed);
        // Nor does anything move while payments stand still.
        pallet_custody::Flows::<Runtime>::mutate(BANK_C, |flows| flows.owner_credits += 1);
        Audit::on_finalize(System::block_number());
        for uri in ["//ann", SUPERVISOR] {
            refused_with(transaction(uri, nonce(uri), conclude(escrow)), Refusal::PaymentsStopped);
            refused(uri, decide(escrow, 1), frame_system::Error::<Runtime>::CallFiltered);
        }
        pallet_custody::Flows::<Runtime>::mutate(BANK_C, |flows| flows.owner_credits -= 1);
    });
}

#[test]
fn pages_list_every_escrow_once() {
    run(|| {
        with_banks();
        let mut all: Vec<_> = (0..7).map(|_| opened_with(1_000)).collect();
        all.sort();
        let (mut found, mut after) = (vec![], None);
        loop {
            let page = Escrow::page(owner("dot"), after, 3);
            let Some(last) = page.last() else { break };
            after = Some(last.escrow);
            found.extend(page.iter().map(|info| info.escrow));
        }
        assert_eq!(found, all);
    });
}

fn opened_with(amount: Balance) -> OrderId {
    let order = order(&["ann", "dot"], hold("dot", amount, AtExpiry::Pay));
    assert_eq!(verdict("//BankC", document(&order, &["ann", "dot"])), Verdict::Executed);
    order.id()
}

#[test]
fn boundary_so_many_escrows_of_one_payer() {
    run(|| {
        with_banks();
        let most = specie_primitives::MAX_ESCROWS_OF_PAYER;
        let all: Vec<_> = (0..most).map(|_| opened_with(10)).collect();
        denied(&["ann", "dot"], hold("dot", 10, AtExpiry::Pay), EscrowError::<Runtime>::TooManyEscrows);
        // Others may, also for the same payee.
        let action = Action::Hold {
            from_bank: BANK_B,
            to_bank: BANK_A,
            amount: 10,
            expires: Orders::clock() + LIFE,
            at_expiry: AtExpiry::Pay,
            reference: None,
        };
        assert_eq!(ask(&["ben", "dot"], action), Verdict::Executed);
        // A part changes nothing; the end of one makes room.
        assert_ok!(call("//ann", release(all[0], 9)));
        denied(&["ann", "dot"], hold("dot", 10, AtExpiry::Pay), EscrowError::<Runtime>::TooManyEscrows);
        assert_ok!(call("//ann", release(all[0], 1)));
        opened_with(10);
    });
}
