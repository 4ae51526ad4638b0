//! Disputes, the supervisor's decisions, and what becomes of an escrow when nobody decides.

use super::*;

/// Asserts that the agreed outcome does not come about now, in no way.
#[track_caller]
fn stays(escrow: OrderId) {
    let before = info(escrow);
    idle();
    refused("//cid", conclude(escrow), EscrowError::<Runtime>::NotDue);
    assert_eq!(info(escrow), before);
}

#[test]
fn success_either_side_stops_the_outcome() {
    for (name, at_expiry) in [("ann", AtExpiry::Pay), ("ben", AtExpiry::Return), ("ben", AtExpiry::Pay)] {
        run(|| {
            // Given
            with_banks();
            let escrow = opened("ben", at_expiry);
            let last = Orders::clock() + DECISION_TIME;

            // When
            assert_ok!(call(&format!("//{name}"), dispute(escrow)));

            // Then: neither after its last block nor for as long as the supervisor has.
            let expected = EscrowEvent::Disputed { escrow, by: Some(owner(name)), due: last };
            System::assert_last_event(expected.into());
            assert_eq!((info(escrow).due, info(escrow).disputed_by), (last, vec![owner(name)]));
            pass(LIFE + 1);
            stays(escrow);
            start_block(last);
            stays(escrow);
            // Nobody decided.
            start_block(last + 1);
            idle();
            assert!(!is_open(escrow));
            let paid = if at_expiry == AtExpiry::Pay { PRICE } else { 0 };
            assert_eq!((both("ben"), pots()), ((ALL - paid, ALL + paid), [0; 3]));
        });
    }
}

#[test]
fn success_by_an_order_and_through_it_all_other_ways_go_on() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        assert_eq!(ask(&["ben"], Action::Dispute { escrow }), Verdict::Executed);
        assert_ok!(call("//ann", release(escrow, 10_000)));
        assert_eq!(ask(&["ann", "ben"], Action::Return { escrow, amount: 10_000 }), Verdict::Executed);
        assert_eq!((both("ben"), info(escrow).rest), ((70_000, 110_000), 20_000));
        assert_ok!(call("//ann", release(escrow, 20_000)));
        assert!(!is_open(escrow));
    });
}

#[test]
fn boundary_the_last_block_of_a_dispute() {
    run(|| {
        with_banks();
        let (early, late) = (opened("ben", AtExpiry::Pay), opened("dot", AtExpiry::Pay));
        let last = info(early).expires;
        start_block(last);
        stays(early);
        assert_ok!(call("//ann", dispute(early)));
        start_block(last + 1);
        // Before anything looked at it.
        refused("//ann", dispute(late), EscrowError::<Runtime>::TooLate);
        denied(&["dot"], Action::Dispute { escrow: late }, EscrowError::<Runtime>::TooLate);
        idle();
        assert_eq!((is_open(early), is_open(late)), (true, false));
    });
}

#[test]
fn a_side_disputes_once_and_doubles_no_time() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        let last = info(escrow).expires + DECISION_TIME;
        refused("//cid", dispute(escrow), EscrowError::<Runtime>::NotParties);
        assert_ok!(call("//ben", dispute(escrow)));
        let due = info(escrow).due;
        refused("//ben", dispute(escrow), EscrowError::<Runtime>::AlreadyDisputed);
        denied(&["ben"], Action::Dispute { escrow }, EscrowError::<Runtime>::AlreadyDisputed);
        // In the last block that the other side has: no more than if it had disputed in the last one that both agreed on.
        start_block(due);
        assert_ok!(call("//ann", dispute(escrow)));
        assert_eq!((info(escrow).due, info(escrow).disputed_by), (last, vec![owner("ann"), owner("ben")]));
        refused("//ann", dispute(escrow), EscrowError::<Runtime>::AlreadyDisputed);
        start_block(last);
        stays(escrow);
        start_block(last + 1);
        idle();
        assert_eq!(both("ben"), (60_000, 140_000));
    });
}

#[test]
fn a_dispute_long_before_the_last_block_shortens_nothing() {
    run(|| {
        with_banks();
        let escrow = long();
        let expires = info(escrow).expires;
        assert_ok!(call("//ben", dispute(escrow)));
        assert_eq!(info(escrow).due, expires);
        // Nor does it use up the time of the other side, which finds only then that nothing came.
        start_block(expires);
        assert_ok!(call("//ann", dispute(escrow)));
        assert_eq!(info(escrow).due, expires + DECISION_TIME);
        start_block(expires + 1);
        stays(escrow);
        assert_ok!(call(SUPERVISOR, decide(escrow, 0)));
        assert_eq!(both("ben"), (ALL, ALL));
    });
}

/// Ann's escrow for Ben whose last block is far away.
fn long() -> OrderId {
    let mut action = hold("ben", PRICE, AtExpiry::Pay);
    if let Action::Hold { expires, .. } = &mut action {
        *expires += 2 * DECISION_TIME;
    }
    let order = order(&["ann", "ben"], action);
    assert_eq!(verdict("//BankC", document(&order, &["ann", "ben"])), Verdict::Executed);
    order.id()
}

#[test]
fn no_dispute_of_a_thief_keeps_the_chain_from_asking() {
    run(|| {
        // Given: whoever has Ann's key agreed with a friend, and both disputed long before anybody can know.
        with_banks();
        let escrow = long();
        for name in ["//ann", "//ben"] {
            assert_ok!(call(name, dispute(escrow)));
        }
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));

        // When
        start_block(info(escrow).due + 1);
        let due = Orders::clock() + DECISION_TIME;
        idle();

        // Then: the supervisor has its time after the last block, once.
        assert_eq!(told(), [EscrowEvent::Disputed { escrow, by: None, due }]);
        start_block(due);
        stays(escrow);
        start_block(due + 1);
        idle();
        assert_eq!((both("ben"), is_open(escrow)), ((60_000, 140_000), false));
    });
}

#[test]
fn success_the_supervisor_splits_what_is_left() {
    for to_payee in [0, 1, 12_345, 30_000] {
        run(|| {
            // Given: a part is paid already.
            with_banks();
            let escrow = opened("ben", AtExpiry::Return);
            assert_ok!(call("//ann", release(escrow, 10_000)));
            assert_ok!(call("//ann", dispute(escrow)));
            start_block(2);

            // When
            assert_ok!(call(SUPERVISOR, decide(escrow, to_payee)));

            // Then
            let to_payer = 30_000 - to_payee;
            assert_eq!((both("ben"), pots()), ((60_000 + to_payer, 110_000 + to_payee), [0; 3]));
            assert_eq!(escrow_flows(BANK_A), (PRICE, 10_000 + to_payee, to_payer));
            let by = account(SUPERVISOR);
            let expected = EscrowEvent::Decided { escrow, by, to_payee, to_payer, reason: Reason::CourtOrder };
            assert_eq!(told()[0], expected);
            assert_eq!(told().len(), if to_payee == 0 || to_payer == 0 { 2 } else { 3 });
            assert!(!is_open(escrow));
        });
    }
}

#[test]
fn the_supervisor_decides_disputes_only_and_says_why() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        refused(SUPERVISOR, decide(escrow, 1), EscrowError::<Runtime>::NotDisputed);
        assert_ok!(call("//ann", dispute(escrow)));
        supervision::only(&[SUPERVISOR], decide(escrow, 1));
        refused("//ben", decide(escrow, PRICE), DispatchError::BadOrigin);
        refused(SUPERVISOR, decide(escrow, PRICE + 1), EscrowError::<Runtime>::AmountTooHigh);
        let unstated = EscrowCall::decide { escrow, to_payee: 1, reason: Reason::Unstated };
        refused(SUPERVISOR, unstated, EscrowError::<Runtime>::NoReason);
        // Not later than it may.
        start_block(info(escrow).due + 1);
        idle();
        refused(SUPERVISOR, decide(escrow, 1), EscrowError::<Runtime>::UnknownEscrow);
    });
}

#[test]
fn a_decision_waits_neither_for_reserves_nor_for_banks() {
    run(|| {
        with_banks();
        without_reserves();
        let escrow = opened("ben", AtExpiry::Pay);
        assert_ok!(call("//ben", dispute(escrow)));
        assert_ok!(call(SUPERVISOR, decide(escrow, 30_000)));
        // His own bank cannot owe it without reserve: Ann's does.
        assert_eq!((both("ben"), custody(BANK_A, "ben"), pots()), ((70_000, ALL), 30_000, [0; 3]));
    });
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        assert_ok!(call("//ben", dispute(escrow)));
        assert_ok!(call(SUPERVISOR, supervision::hold([Target::Bank(BANK_A)], None)));
        assert_ok!(call(SUPERVISOR, decide(escrow, 30_000)));
        assert_eq!((both("ben"), custody(BANK_A, "ben")), ((70_000, ALL), 30_000));
    });
}

#[test]
fn who_is_held_gets_and_gives_what_the_supervisor_decides() {
    for name in ["ann", "ben"] {
        run(|| {
            with_banks();
            let escrow = opened("ben", AtExpiry::Pay);
            assert_ok!(call(SUPERVISOR, supervision::hold([supervision::person(name)], None)));
            assert_ok!(call(SUPERVISOR, decide(escrow, 25_000)));
            assert_eq!((both("ben"), is_open(escrow)), ((75_000, 125_000), false));
        });
    }
}

#[test]
fn a_stop_gives_the_supervisor_its_time_back() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        assert_ok!(call("//ann", dispute(escrow)));
        let due = info(escrow).due;
        stop_and_resume();
        assert_eq!(info(escrow).due, due);
        start_block(due + STOP);
        stays(escrow);
        assert_ok!(call(SUPERVISOR, decide(escrow, 1)));
    });
}
