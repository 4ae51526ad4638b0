//! What comes about when the last block has passed, and what may stand in its way.

use super::*;
use pallet_escrow::WeightInfo;
use specie_primitives::{traits::EscrowOrders, EscrowTerms, QueuePolicy};

type Weights = <Runtime as pallet_escrow::Config>::WeightInfo;

/// Asserts that an escrow that is due waits, however one looks at it, and says when it is looked at again.
#[track_caller]
fn waits(escrow: OrderId) {
    let before = (pots(), both("ben"), info(escrow));
    refused("//cid", conclude(escrow), EscrowError::<Runtime>::OutcomeWaits);
    System::reset_events();
    idle();
    let look = Orders::clock() + PAUSE;
    assert_eq!(told(), [EscrowEvent::Postponed { escrow, look }]);
    assert_eq!((pots(), both("ben"), info(escrow)), before);
    // Nobody looks in between.
    System::reset_events();
    start_block(System::block_number() + PAUSE);
    idle();
    assert_eq!(told().len(), 0);
    pass(1);
}

/// Asserts that the payee gets it now at this bank.
#[track_caller]
fn pays_at(bank: BankId, escrow: OrderId) {
    let before = (custody(BANK_A, "ann"), custody(bank, "ben"));
    idle();
    assert_eq!((custody(BANK_A, "ann"), custody(bank, "ben")), (before.0, before.1 + PRICE));
    assert_eq!((pots(), is_open(escrow)), ([0; 3], false));
}

#[test]
fn success_what_was_agreed_comes_about_by_itself_or_by_a_call() {
    for by_itself in [true, false] {
        run(|| {
            with_banks();
            let (paid, returned) = (opened("ben", AtExpiry::Pay), opened("dot", AtExpiry::Return));
            let last = info(paid).expires;
            // Not before.
            start_block(last);
            idle();
            for escrow in [paid, returned] {
                refused("//cid", conclude(escrow), EscrowError::<Runtime>::NotDue);
            }
            assert_eq!((both("ben"), pots()), ((20_000, ALL), [2 * PRICE, 0, 0]));
            start_block(last + 1);
            if by_itself {
                idle();
            } else {
                assert_ok!(call("//cid", conclude(paid)));
                assert_ok!(call("//BankC", conclude(returned)));
            }
            assert_eq!((both("ben"), custody(BANK_A, "dot"), pots()), ((60_000, 140_000), 0, [0; 3]));
            assert_eq!(reserves(), [60_000, 140_000, ALL]);
            assert_eq!((limits::info("ann").held, limits::info("ben").held), (60_000, 140_000));
            let ends: Vec<_> = told()
                .into_iter()
                .map(|event| match event {
                    EscrowEvent::Paid { escrow, by, .. } | EscrowEvent::Returned { escrow, by, .. } => (escrow, by),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(ends.len(), 2);
            assert!(ends.contains(&(paid, EscrowEnd::Expired)) && ends.contains(&(returned, EscrowEnd::Expired)));
        });
    }
}

#[test]
fn what_is_left_comes_about() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        assert_ok!(call("//ann", release(escrow, 10_000)));
        assert_eq!(ask(&["ann", "ben"], Action::Return { escrow, amount: 5_000 }), Verdict::Executed);
        pass(LIFE + 1);
        idle();
        assert_eq!((both("ben"), escrow_flows(BANK_A)), ((65_000, 135_000), (PRICE, 35_000, 5_000)));
    });
}

#[test]
fn a_stop_moves_the_last_block_and_nothing_comes_about_in_it() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        let last = info(escrow).expires;
        stop_and_resume();
        assert_eq!(info(escrow).expires, last);
        start_block(last + STOP);
        idle();
        assert!(is_open(escrow));
        // Books that are not equal: a hook passes no filter, and rests.
        start_block(last + STOP + 1);
        pallet_custody::Flows::<Runtime>::mutate(BANK_C, |flows| flows.owner_credits += 1);
        Audit::on_finalize(System::block_number());
        let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
        Escrow::on_idle(System::block_number(), Weight::MAX);
        assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
        refused("//cid", conclude(escrow), frame_system::Error::<Runtime>::CallFiltered);
        pallet_custody::Flows::<Runtime>::mutate(BANK_C, |flows| flows.owner_credits -= 1);
    });
}

#[test]
fn without_reserve_it_waits_for_a_day_and_is_owed_by_the_payers_bank() {
    run(|| {
        with_banks();
        without_reserves();
        let escrow = opened("ben", AtExpiry::Pay);
        refused("//ann", release(escrow, PRICE), CustodyError::<Runtime>::ReserveTooLow);
        let due = info(escrow).due;
        start_block(due + 1);
        waits(escrow);
        // To the last block in which the bank may find it.
        start_block(due + PATIENCE);
        waits(escrow);
        pays_at(BANK_A, escrow);
        assert_eq!((custody(BANK_B, "ben"), reserves()), (ALL, [0; 3]));
    });
    run(|| {
        // The reserve comes in time.
        with_banks();
        without_reserves();
        let escrow = opened("ben", AtExpiry::Pay);
        start_block(info(escrow).due + 1);
        waits(escrow);
        give_reserve(BANK_A, PRICE);
        pays_at(BANK_B, escrow);
        assert_eq!(reserves(), [0, PRICE, 0]);
    });
}

#[test]
fn nothing_overtakes_what_waits_in_order() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        assert_ok!(call("//BankA", pallet_custody::Call::set_queue { policy: QueuePolicy::InOrder }));
        // A transfer that the reserve does not cover stands first.
        assert_ok!(call("//BankA", pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, 5)]) }));
        let expires = Some(System::block_number() + 10_000);
        let (from_bank, to_bank, to) = (BANK_A, BANK_B, owner("ben"));
        let send = pallet_custody::Call::transfer { from_bank, to_bank, to, amount: 55_000, expires };
        assert_ok!(call("//ann", send));
        refused("//ann", release(escrow, 10_000), CustodyError::<Runtime>::ReserveTooLow);
        start_block(info(escrow).due + 1);
        waits(escrow);
    });
}

#[test]
fn a_payee_that_may_not_hold_it_has_a_day_to_make_room() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        limits::set_limits(OwnerClass::Phone, None, None, Some(ALL + PRICE - 1));
        start_block(info(escrow).due + 1);
        waits(escrow);
        assert_ok!(call("//BankB", pallet_custody::Call::debit { owner: owner("ben"), amount: 1 }));
        pays_at(BANK_B, escrow);
        assert_eq!(custody(BANK_B, "ben"), ALL + PRICE - 1);
    });
}

#[test]
fn what_a_payee_may_not_hold_after_a_day_goes_back_and_no_more() {
    for (most, paid) in [(ALL + PRICE - 1, PRICE - 1), (ALL + 1, 1), (ALL, 0), (ALL - 1, 0)] {
        run(|| {
            with_banks();
            let escrow = opened("ben", AtExpiry::Pay);
            limits::set_limits(OwnerClass::Phone, None, None, Some(most));
            let due = info(escrow).due;
            start_block(due + 1);
            waits(escrow);
            start_block(due + PATIENCE + PAUSE);
            idle();
            let (left, got) = (ALL - paid, ALL + paid);
            assert_eq!((both("ben"), pots(), is_open(escrow)), ((left, got), [0; 3], false));
            assert_eq!((reserves(), escrow_flows(BANK_A)), ([left, got, ALL], (PRICE, paid, PRICE - paid)));
            assert_eq!((limits::info("ann").held, limits::info("ben").held), (left, got));
        });
    }
}

#[test]
fn a_payer_buys_nothing_back_by_filling_the_payees_limit() {
    run(|| {
        // Given: Ben may hold just what is in escrow for him.
        with_banks();
        limits::set_limits(OwnerClass::Phone, None, None, Some(ALL + PRICE));
        let escrow = opened("ben", AtExpiry::Pay);

        // When: Ann gives him one unit more, and he is not there to see it.
        let (from_bank, to_bank, to) = (BANK_A, BANK_B, owner("ben"));
        let gift = pallet_custody::Call::transfer { from_bank, to_bank, to, amount: 1, expires: None };
        assert_ok!(call("//ann", gift));
        start_block(info(escrow).due + PATIENCE + 1);
        idle();

        // Then: she has back what she gave, and not what she owed.
        assert_eq!((both("ben"), pots()), ((ALL - PRICE, ALL + PRICE), [0; 3]));
    });
}

#[test]
fn a_suspended_bank_pays_nothing_and_gives_back_all_the_same() {
    run(|| {
        with_banks();
        let (paid, returned) = (opened("ben", AtExpiry::Pay), opened("dot", AtExpiry::Return));
        assert_ok!(call(SUPERVISOR, supervision::hold([Target::Bank(BANK_A)], None)));
        refused("//ann", release(paid, 1), EscrowError::<Runtime>::BankNotActive);
        // However long that takes.
        start_block(info(paid).due + PATIENCE + 1);
        idle();
        assert_eq!((is_open(paid), is_open(returned), both("ben")), (true, false, (60_000, ALL)));
        pass(PAUSE + 1);
        waits(paid);
        assert_ok!(call(SUPERVISOR, supervision::release([Target::Bank(BANK_A)])));
        pays_at(BANK_B, paid);
    });
}

#[test]
fn a_payee_whose_bank_is_suspended_is_paid_by_the_payers() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        assert_ok!(call(SUPERVISOR, supervision::hold([Target::Bank(BANK_B)], None)));
        let due = info(escrow).due;
        start_block(due + 1);
        waits(escrow);
        start_block(due + PATIENCE + 1);
        pays_at(BANK_A, escrow);
    });
}

#[test]
fn a_payer_that_was_stopped_may_not_have_agreed() {
    for decided in [true, false] {
        run(|| {
            // Given: a thief agreed with somebody to be paid, and the loss is reported.
            with_banks();
            let escrow = opened("ben", AtExpiry::Pay);
            assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
            start_block(info(escrow).due + 1);
            let due = Orders::clock() + DECISION_TIME;
            idle();
            assert_eq!(told(), [EscrowEvent::Disputed { escrow, by: None, due }]);
            assert_eq!((info(escrow).stopped, info(escrow).due, pots()), (true, due, [PRICE, 0, 0]));
            if decided {
                assert_ok!(call(SUPERVISOR, decide(escrow, 0)));
                assert_eq!(both("ben"), (ALL, ALL));
            } else {
                // Its bank does not keep the payee from the money for ever.
                start_block(due + 1);
                pays_at(BANK_B, escrow);
            }
        });
    }
    run(|| {
        // By a call, too; and what was agreed to go back goes back.
        with_banks();
        let (paid, returned) = (opened("ben", AtExpiry::Pay), opened("ben", AtExpiry::Return));
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        start_block(info(paid).due + 1);
        assert_ok!(call("//ben", conclude(paid)));
        assert_ok!(call("//ben", conclude(returned)));
        assert_eq!((info(paid).stopped, is_open(returned)), (true, false));
        refused("//ben", conclude(paid), EscrowError::<Runtime>::NotDue);
        // The payer says so itself when it can again, once.
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("ann") }));
        let due = info(paid).due;
        assert_ok!(call("//ann", dispute(paid)));
        assert_eq!((info(paid).due, info(paid).disputed_by), (due, vec![owner("ann")]));
    });
}

#[test]
fn a_payee_that_was_stopped_could_not_dispute() {
    for decided in [true, false] {
        run(|| {
            // Given: Ben delivered, and his bank stops him before he says that Ann does not pay.
            with_banks();
            let escrow = opened("ben", AtExpiry::Return);
            assert_ok!(call("//BankB", pallet_identity::Call::suspend { owner: owner("ben") }));
            start_block(info(escrow).due + 1);
            let due = Orders::clock() + DECISION_TIME;
            idle();
            assert_eq!(told(), [EscrowEvent::Disputed { escrow, by: None, due }]);
            assert_eq!((info(escrow).stopped, info(escrow).due, pots()), (true, due, [PRICE, 0, 0]));
            if decided {
                assert_ok!(call(SUPERVISOR, decide(escrow, PRICE)));
                assert_eq!(both("ben"), (60_000, 140_000));
            } else {
                // Nor does that keep the payer from the money for ever.
                start_block(due + 1);
                idle();
                assert_eq!((both("ben"), is_open(escrow)), ((ALL, ALL), false));
            }
        });
    }
}

#[test]
fn a_joint_account_with_too_few_managers_could_not_dispute() {
    for (threshold, is_asked) in [(2, true), (1, false)] {
        run(|| {
            // Given: it is to be paid, and the bank of one of its managers stops this one.
            with_banks();
            assert_ok!(call("//BankA", joint::open(&["ben", "cid"], threshold, BANK_A)));
            let (escrow, expires) = (OrderId([3; 32]), Orders::clock() + LIFE);
            let (from_bank, to_bank, at_expiry) = (BANK_A, BANK_A, AtExpiry::Return);
            let terms = EscrowTerms { from_bank, to_bank, amount: PRICE, expires, at_expiry, reference: None };
            assert_ok!(<Escrow as EscrowOrders>::hold(escrow, owner("ann"), owner("pot"), &terms));
            assert_ok!(call("//BankB", pallet_identity::Call::suspend { owner: owner("ben") }));

            // When
            start_block(expires + 1);
            idle();

            // Then
            assert_eq!((is_open(escrow), pots()[0]), (is_asked, if is_asked { PRICE } else { 0 }));
            if is_asked {
                assert!(info(escrow).stopped);
                start_block(info(escrow).due + 1);
                idle();
            }
            assert_eq!((is_open(escrow), custody(BANK_A, "ann")), (false, ALL));
        });
    }
}

#[test]
fn nothing_flows_from_a_payer_that_is_held() {
    run(|| {
        with_banks();
        let (paid, returned) = (opened("ben", AtExpiry::Pay), opened("ben", AtExpiry::Return));
        assert_ok!(call(SUPERVISOR, supervision::hold([supervision::person("ann")], None)));
        start_block(info(paid).due + PATIENCE + 1);
        idle();
        // What was to go back is in an account from which nothing is paid.
        assert_eq!((is_open(paid), is_open(returned), both("ben")), (true, false, (60_000, ALL)));
        pass(PAUSE + 1);
        waits(paid);
        assert_ok!(call(SUPERVISOR, supervision::release([supervision::person("ann")])));
        pays_at(BANK_B, paid);
    });
}

#[test]
fn a_payee_that_is_stopped_is_paid() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        assert_ok!(call(SUPERVISOR, supervision::hold([supervision::person("ben")], None)));
        start_block(info(escrow).due + 1);
        pays_at(BANK_B, escrow);
    });
}

#[test]
fn what_waits_holds_up_nothing_else() {
    run(|| {
        with_banks();
        let stuck = opened("ben", AtExpiry::Pay);
        let order = order(&["cid", "dot"], from_cid_to_dot());
        assert_eq!(verdict("//BankC", document(&order, &["cid", "dot"])), Verdict::Executed);
        assert_ok!(call(SUPERVISOR, supervision::hold([supervision::person("ann")], None)));
        pass(LIFE + 1);
        idle();
        assert_eq!((is_open(stuck), is_open(order.id()), custody(BANK_A, "dot")), (true, false, 1_000));
    });
}

fn from_cid_to_dot() -> Action {
    let expires = Orders::clock() + LIFE;
    Action::Hold {
        from_bank: BANK_C,
        to_bank: BANK_A,
        amount: 1_000,
        expires,
        at_expiry: AtExpiry::Pay,
        reference: None,
    }
}

#[test]
fn boundary_a_block_without_room_looks_at_nothing() {
    run(|| {
        with_banks();
        let escrows = [opened("ben", AtExpiry::Pay), opened("dot", AtExpiry::Pay)];
        start_block(info(escrows[0]).due + 1);
        // As a chain does, block by block.
        LookedTo::<Runtime>::put(info(escrows[0]).due);
        let (look, one) = (Weights::look(), Weights::conclude());
        for room in [Weight::zero(), look, one, look + one - Weight::from_parts(1, 0)] {
            assert_eq!(Escrow::on_idle(System::block_number(), room), look, "{room:?}");
            assert!(escrows.iter().all(|escrow| is_open(*escrow)));
        }
        assert_eq!(Escrow::on_idle(System::block_number(), look + one), look + one);
        assert_eq!(escrows.iter().filter(|escrow| is_open(**escrow)).count(), 1);
        // Then the rest, and the block that is over.
        assert_eq!(Escrow::on_idle(System::block_number(), Weight::MAX), look + one + look);
        assert_eq!((pots(), LookedTo::<Runtime>::get()), ([0; 3], Orders::clock()));
        // With nothing to look at, a look costs little.
        assert_eq!(Escrow::on_idle(System::block_number(), Weight::MAX), look);
    });
}

#[test]
fn the_scans_find_an_escrow_that_nobody_looks_at() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        let broken = |alter: &dyn Fn()| {
            let outcome = frame_support::storage::transactional::with_transaction(|| {
                alter();
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(Escrow::do_try_state()))
            });
            assert!(matches!(outcome, Ok(Err(_))), "the scan must fail");
        };
        let change = |change: fn(&mut pallet_escrow::Escrow)| {
            pallet_escrow::Escrows::<Runtime>::mutate_extant(escrow, change);
        };
        broken(&|| Due::<Runtime>::remove(info(escrow).due, escrow));
        broken(&|| LookedTo::<Runtime>::put(info(escrow).due + 1));
        broken(&|| pallet_escrow::OfOwner::<Runtime>::remove(owner("ben"), escrow));
        broken(&|| pallet_escrow::OfPayer::<Runtime>::remove(owner("ann")));
        broken(&|| pallet_escrow::OfPayee::<Runtime>::insert(owner("ben"), PRICE - 1));
        broken(&|| change(|record| record.amount += 1));
        broken(&|| change(|record| record.paid += 1));
        broken(&|| change(|record| record.look -= 1));
        broken(&|| pallet_escrow::Flows::<Runtime>::mutate(BANK_A, |flows| flows.returned += 1));
    });
}
