//! Transfers that wait while somebody is stopped, is gone, or payments stand still.

use super::*;
use crate::tests::{
    standstill::{stop_and_resume, STOP},
    supervision,
};
use pallet_custody::WeightInfo;
use specie_primitives::{OwnerStatus, Target, CROWDED_QUEUE, MAX_NETTED, MAX_QUEUED_OF_PAYER};

type Weights = <Runtime as pallet_custody::Config>::WeightInfo;

/// Ann's transfer to Ben waits; the reserve for it is there now.
fn with_covered() {
    with_queues(QueuePolicy::InOrder);
    assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 40_000)));
    give_reserve(BANK_A, 40_000);
}

/// Asserts that nothing settles now, in no way.
#[track_caller]
fn stays() {
    idle();
    assert_ok!(call("//dot", Custodial::settle {}));
    assert_eq!((waiting(BANK_A), set_aside(), custody(BANK_B, "ben")), (vec![0], [40_000, 0, 0], ALL));
}

/// Asserts that it settles now.
#[track_caller]
fn settles() {
    idle();
    assert_eq!((waiting(BANK_A), set_aside(), custody(BANK_B, "ben")), (vec![], [0; 3], ALL + 40_000));
}

#[test]
fn a_payer_that_was_stopped_pays_nothing() {
    run(|| {
        // Given: a thief has sent what it could before the loss was reported, and somebody else sends after it.
        with_covered();
        give_reserve(BANK_C, 10_000);
        assert_ok!(call("//cid", send(BANK_C, BANK_A, "dot", 10_000)));
        assert_ok!(call("//dot", send_or_wait(BANK_A, BANK_B, "ben", 10_000)));
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        refused("//ann", cancel(BANK_A, 0), CustodyError::<Runtime>::NotYours);

        // When
        idle();

        // Then: it is back in the account, and holds up nobody.
        assert_eq!((returned(), settled()), (vec![(0, ReturnReason::PayerStopped)], vec![1]));
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben")), (ALL, ALL + 10_000));
        // Nothing of it settles when the owner can pay again.
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("ann") }));
        idle();
        assert_eq!((custody(BANK_A, "ann"), waiting(BANK_A), settled()), (ALL, vec![], vec![1]));
    });
}

#[test]
fn a_payer_that_is_held_has_it_back_and_cannot_move_it() {
    run(|| {
        with_covered();
        assert_ok!(call("//Supervising//1", supervision::hold([supervision::person("ann")], None)));
        idle();
        assert_eq!(returned(), [(0, ReturnReason::PayerStopped)]);
        assert_eq!((custody(BANK_A, "ann"), set_aside()), (ALL, [0; 3]));
        // Her bank takes nothing of it either.
        let debit = Custodial::debit { owner: owner("ann"), amount: 1 };
        refused("//BankA", debit, CustodyError::<Runtime>::OwnerHeld);
        assert!(matches!(supervision::status("ann"), OwnerStatus::Suspended(_)));
    });
}

#[test]
fn a_payee_that_is_held_is_paid() {
    run(|| {
        with_covered();
        assert_ok!(call("//Supervising//1", supervision::hold([supervision::person("ben")], None)));
        settles();
    });
}

#[test]
fn nothing_settles_while_a_bank_is_suspended() {
    for bank in [BANK_A, BANK_B] {
        run(|| {
            with_covered();
            let hold = supervision::hold([Target::Bank(bank)], None);
            assert_ok!(call("//Supervising//1", hold));
            stays();
            assert_ok!(call("//Supervising//1", supervision::release([Target::Bank(bank)])));
            settles();
        });
    }
    // What waits goes back to the payer all the same.
    run(|| {
        with_covered();
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
        refused("//BankA", cancel(BANK_A, 0), CustodyError::<Runtime>::NotYours);
        assert_ok!(call("//ann", cancel(BANK_A, 0)));
        assert_eq!(custody(BANK_A, "ann"), ALL);
    });
}

#[test]
fn what_waits_for_a_stopped_bank_holds_up_nobody_else() {
    run(|| {
        // Given: more to and from bank C than a look takes, and two behind all of it that could settle.
        with_queues(QueuePolicy::Overtake);
        let (few, all) = (CROWDED_QUEUE / MAX_QUEUED_OF_PAYER, CROWDED_QUEUE);
        for (uri, bank, name) in BANKS {
            let (to_bank, to) = if bank == BANK_C { (BANK_A, "ann") } else { (BANK_C, "cid") };
            // One half of the queue is a few payers', the other one many's.
            for number in 0..all {
                let payer = format!("payer-{bank}-{number}");
                assert_ok!(register(uri, bank, &payer));
                assert_ok!(call(&format!("//{name}"), send(bank, bank, &payer, 100)));
                let times = if number < few { MAX_QUEUED_OF_PAYER } else { 1 };
                for _ in 0..times {
                    assert_ok!(call(&format!("//{payer}"), send_or_wait(bank, to_bank, to, 1)));
                }
            }
        }
        let each = u64::from(CROWDED_QUEUE + all - few);
        assert!(3 * each > u64::from(MAX_NETTED));
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 1_000)));
        assert_ok!(call("//ben", send_or_wait(BANK_B, BANK_A, "ann", 1_000)));
        assert_ok!(call("//Supervising//1", supervision::hold([Target::Bank(BANK_C)], None)));

        // When
        start_block(2);
        idle();

        // Then
        assert_eq!((settled(), returned()), (vec![3 * each, 3 * each + 1], vec![]));
        assert_eq!(set_aside(), [Balance::from(each); 3]);

        // What waits for the stopped bank goes back after its last block, in as many looks as it takes.
        start_block(1 + WAIT + 1);
        idle();
        assert_eq!(returned().len(), MAX_NETTED as usize);
        idle();
        assert_eq!((returned().len() as u64, set_aside()), (3 * each, [0; 3]));
    });
}

#[test]
fn success_what_waits_goes_with_the_bank_to_its_new_account() {
    run(|| {
        with_covered();
        assert_ok!(call("//BankA", pallet_participants::Call::rotate_account { new: account("//BankA2") }));
        let prioritise = || Custodial::prioritise { transfer: TransferId(0) };
        refused("//BankA", prioritise(), DispatchError::BadOrigin);
        assert_ok!(call("//BankA2", prioritise()));
        settles();
    });
}

#[test]
fn what_waits_for_a_bank_that_closes_goes_back() {
    run(|| {
        // Given
        with_queues(QueuePolicy::InOrder);
        const BANK_G: BankId = BankId(7);
        let name = b"Bank G".to_vec().try_into().expect("short");
        let admit = pallet_participants::Call::admit_bank { bank: BANK_G, name, account: account("//BankG") };
        assert_ok!(call("//Admitting//1", admit));
        assert_ok!(register("//BankG", BANK_G, "gus"));
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_G, "gus", 40_000)));
        assert_eq!(waiting(BANK_A), [0]);

        // When: nobody has anything at that bank, which has nothing either.
        assert_ok!(call("//Admitting//1", pallet_participants::Call::close_bank { bank: BANK_G }));
        give_reserve(BANK_A, 40_000);
        idle();

        // Then
        assert_eq!((returned(), settled()), (vec![(0, ReturnReason::NotReceivable)], vec![]));
        assert_eq!((custody(BANK_A, "ann"), set_aside(), Custody::owed(BANK_G)), (ALL, [0; 3], 0));
        refused("//ann", send_or_wait(BANK_A, BANK_G, "gus", 1), CustodyError::<Runtime>::BankNotActive);
    });
}

#[test]
fn a_payee_that_left_is_not_paid() {
    run(|| {
        // Ben takes everything out, and Cid's bank looks after him from then on.
        with_covered();
        let expiry = System::block_number() + 100;
        assert_ok!(call("//ben", pallet_identity::Call::move_to { bank: BANK_C, expiry }));
        assert_ok!(call("//BankC", pallet_identity::Call::accept_move { owner: owner("ben") }));
        assert_ok!(call("//BankB", Custodial::debit { owner: owner("ben"), amount: ALL }));
        // Nobody makes him a creditor of the bank that he left.
        idle();
        assert_eq!(returned(), [(0, ReturnReason::NotReceivable)]);
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben"), set_aside()), (ALL, 0, [0; 3]));
    });
    run(|| {
        with_covered();
        assert_ok!(call("//BankB", Custodial::debit { owner: owner("ben"), amount: ALL }));
        assert_ok!(call("//BankB", pallet_identity::Call::close { owner: owner("ben") }));
        idle();
        assert_eq!((returned(), custody(BANK_A, "ann")), (vec![(0, ReturnReason::NotReceivable)], ALL));
    });
}

#[test]
fn nothing_settles_while_payments_stand_still() {
    run(|| {
        // Given: books that are not equal.
        with_covered();
        pallet_custody::Flows::<Runtime>::mutate(BANK_C, |flows| flows.owner_credits += 1);
        Audit::on_finalize(System::block_number());
        assert!(Audit::is_stopped());
        start_block(System::block_number() + 1);

        // Then: neither by itself nor by a call.
        let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
        idle();
        assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
        for tried in [Custodial::settle {}, cancel(BANK_A, 0), send(BANK_A, BANK_A, "dot", 1)] {
            refused("//ann", tried, frame_system::Error::<Runtime>::CallFiltered);
        }
        pallet_custody::Flows::<Runtime>::mutate(BANK_C, |flows| flows.owner_credits -= 1);
    });
}

#[test]
fn a_stop_moves_the_last_block() {
    run(|| {
        with_queues(QueuePolicy::Overtake);
        let expires = System::block_number() + WAIT;
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 40_000)));
        stop_and_resume();
        assert_eq!(Custody::queued_of(owner("ann"))[0].expires, expires + STOP);
        give_reserve(BANK_A, 40_000);
        start_block(expires + STOP);
        settles();
    });
}

#[test]
fn boundary_a_block_without_room_settles_nothing() {
    run(|| {
        with_covered();
        let one = Weights::settle(1);
        for room in [Weight::zero(), Weights::settle(0), one - Weight::from_parts(1, 0), one - Weight::from_parts(0, 1)]
        {
            let used = Custody::on_idle(System::block_number(), room);
            assert!(used.ref_time() <= Weights::settle(0).ref_time(), "{room:?} {used:?}");
            assert_eq!(waiting(BANK_A), [0], "{room:?}");
        }
        assert_eq!(Custody::on_idle(System::block_number(), one), one);
        assert!(waiting(BANK_A).is_empty());
        // With nothing to look at, a look costs little.
        assert!(Custody::on_idle(System::block_number(), Weight::MAX).all_lt(Weights::settle(0)));
    });
}
