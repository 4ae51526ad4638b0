//! Transfers that are made at once or not at all.

use super::*;
use crate::tests::{
    limits, supervision,
    transactions::{refused_with, signed, validate},
};
use pallet_identity::Error as IdentityError;
use pallet_limits::Error as LimitsError;
use pallet_supervision::AlertThresholds;
use specie_primitives::{
    codes::Refusal,
    flow::{FlowKind, Party},
    traits::CustodyTransfers,
    CustodyTransfer, Target, TransferOutcome,
};

#[test]
fn success_inside_a_bank() {
    run(|| {
        // Given
        with_banks();
        let before = (custody_flows(BANK_A), vault_flows(BANK_A));
        start_block(2);

        // When
        assert_ok!(call("//ann", send(BANK_A, BANK_A, "dot", 30_000)));

        // Then: another is owed, and nothing that the books know has changed.
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_A, "dot")), (70_000, 30_000));
        assert_eq!((custody_flows(BANK_A), vault_flows(BANK_A)), before);
        assert_eq!(reserves(), [ALL; 3]);
        assert_eq!((limits::info("ann").paid_today, limits::info("ann").held), (30_000, 70_000));
        assert_eq!((limits::info("dot").paid_today, limits::info("dot").held), (0, 30_000));
        let moved = crate::flows::of_block();
        let (from, to) = (Party::Custody(BANK_A, owner("ann")), Party::Custody(BANK_A, owner("dot")));
        assert_eq!(moved.len(), 1);
        assert_eq!((moved[0].kind, moved[0].value, moved[0].from, moved[0].to), (FlowKind::Sent, 30_000, from, to));
        // All of it goes, too: no bank keeps a minimum.
        assert_ok!(call("//ann", send(BANK_A, BANK_A, "dot", 70_000)));
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_A, "dot")), (0, ALL));
    });
}

#[test]
fn success_between_banks_reserves_move_with_it() {
    run(|| {
        // Given
        with_banks();
        start_block(2);

        // When
        assert_ok!(call("//ann", send(BANK_A, BANK_B, "ben", 40_000)));

        // Then
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben")), (60_000, 140_000));
        assert_eq!(reserves(), [60_000, 140_000, ALL]);
        assert_eq!((custody_flows(BANK_A).sent, custody_flows(BANK_A).received), (40_000, 0));
        assert_eq!((custody_flows(BANK_B).sent, custody_flows(BANK_B).received), (0, 40_000));
        assert_eq!((vault_flows(BANK_A).interbank_out, vault_flows(BANK_B).interbank_in), (40_000, 40_000));
        assert_eq!((limits::info("ann").paid_today, limits::info("ann").held), (40_000, 60_000));
        assert_eq!(limits::info("ben").held, 140_000);
        let expected = CustodyEvent::Transferred {
            from_bank: BANK_A,
            from: owner("ann"),
            to_bank: BANK_B,
            to: owner("ben"),
            amount: 40_000,
        };
        System::assert_last_event(expected.into());
        let flow = crate::flows::of_block().pop().expect("one");
        assert_eq!((flow.kind, flow.banks().len(), flow.owners().len()), (FlowKind::Sent, 2, 2));
        // What was received is spent like anything else, to the last unit.
        assert_ok!(call("//ben", send(BANK_B, BANK_A, "ann", 140_000)));
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben"), reserves()), (200_000, 0, [200_000, 0, ALL]));
    });
}

#[test]
fn success_own_money_at_another_bank_is_no_payment() {
    run(|| {
        // Given: limits that let nobody of this class pay or receive anything.
        with_banks();
        limits::set_limits(OwnerClass::Phone, Some(0), Some(0), Some(0));
        refused("//ann", send(BANK_A, BANK_A, "dot", 1), LimitsError::<Runtime>::OverPaymentLimit);

        // When: Ann opens an account at bank B, which does not look after her.
        assert_ok!(call("//ann", send(BANK_A, BANK_B, "ann", 25_000)));

        // Then
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ann")), (75_000, 25_000));
        assert_eq!((limits::info("ann").paid_today, limits::info("ann").held), (0, ALL));
        assert_eq!(reserves(), [75_000, 125_000, ALL]);
        // Now that she is a customer there, others may send her money to it.
        limits::set_limits(OwnerClass::Phone, None, None, None);
        assert_ok!(call("//ben", send(BANK_B, BANK_B, "ann", 5_000)));
        assert_ok!(call("//cid", send(BANK_C, BANK_B, "ann", 5_000)));
        assert_eq!(custody(BANK_B, "ann"), 35_000);
    });
}

#[test]
fn fails_without_the_money() {
    run(|| {
        with_banks();
        let too_low = || CustodyError::<Runtime>::CustodyTooLow;
        refused("//ann", send(BANK_A, BANK_A, "dot", ALL + 1), too_low());
        refused("//ann", send(BANK_A, BANK_B, "ben", ALL + 1), too_low());
        refused("//ann", send(BANK_A, BANK_B, "ben", Balance::MAX), too_low());
        // Neither another bank's money nor somebody else's.
        refused("//ann", send(BANK_B, BANK_A, "dot", 1), too_low());
        refused("//dot", send(BANK_A, BANK_A, "ann", 1), too_low());
        refused("//ann", send(BANK_A, BANK_B, "ben", 0), CustodyError::<Runtime>::ZeroAmount);
        // The same money twice.
        assert_ok!(call("//ann", send(BANK_A, BANK_B, "ben", 60_000)));
        refused("//ann", send(BANK_A, BANK_B, "ben", 60_000), too_low());
    });
}

#[test]
fn fails_to_accounts_that_nobody_chose() {
    run(|| {
        with_banks();
        let stranger = || CustodyError::<Runtime>::NotCustomer;
        // Cid would hold a promise of bank B, of whom he wants nothing.
        refused("//ann", send(BANK_A, BANK_B, "cid", 1_000), stranger());
        refused("//ben", send(BANK_B, BANK_B, "cid", 1_000), stranger());
        refused("//ann", send(BANK_A, BANK_A, "ben", 1_000), stranger());
        refused("//ann", send(BANK_A, BANK_B, "nobody", 1_000), IdentityError::<Runtime>::UnknownOwner);
        refused("//ann", send(BANK_A, BANK_A, "ann", 1_000), CustodyError::<Runtime>::SameAccount);
        assert_ok!(call("//BankA", pallet_identity::Call::close { owner: owner("dot") }));
        refused("//ann", send(BANK_A, BANK_A, "dot", 1_000), IdentityError::<Runtime>::OwnerClosed);
        // There is no such bank.
        for (from, to) in [(BANK_A, BankId(9)), (BankId(9), BANK_A), (BankId(9), BankId(9))] {
            refused("//ann", send(from, to, "ben", 1), CustodyError::<Runtime>::BankNotActive);
        }
    });
}

#[test]
fn fails_while_a_bank_is_suspended() {
    run(|| {
        with_banks();
        for bank in [BANK_A, BANK_B] {
            assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank }));
            refused("//ann", send(BANK_A, BANK_B, "ben", 1_000), CustodyError::<Runtime>::BankNotActive);
            assert_ok!(call("//Supervising//1", pallet_participants::Call::reinstate_bank { bank }));
        }
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
        refused("//ann", send(BANK_A, BANK_A, "dot", 1_000), CustodyError::<Runtime>::BankNotActive);
    });
}

#[test]
fn fails_for_others_than_active_owners() {
    run(|| {
        with_banks();
        let transfer = || send(BANK_A, BANK_B, "ben", 1_000);
        for uri in ["//BankA", "//Issuing//1", "//Supervising//1", "//Mallory"] {
            refused(uri, transfer(), DispatchError::BadOrigin);
        }
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        refused("//ann", transfer(), DispatchError::BadOrigin);
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("ann") }));
        assert_ok!(call("//Supervising//1", supervision::hold([supervision::person("ann")], None)));
        refused("//ann", transfer(), DispatchError::BadOrigin);
        // Who is held is paid all the same.
        assert_ok!(call("//ben", send(BANK_B, BANK_A, "ann", 1_000)));
        assert_ok!(call("//Supervising//1", supervision::release([supervision::person("ann")])));
        // A key that was replaced signs for nobody.
        assert_ok!(rotate("ann", "//ann", "//ann2"));
        refused("//ann", transfer(), DispatchError::BadOrigin);
        assert_ok!(call("//ann2", transfer()));
    });
}

#[test]
fn fails_without_the_reserve_unless_the_bank_lets_it_wait() {
    run(|| {
        // Given: a bank that owes what it holds in coins.
        with_banks();
        without_reserves();
        let too_low = || CustodyError::<Runtime>::ReserveTooLow;

        // Then
        refused("//ann", send(BANK_A, BANK_B, "ben", 1_000), too_low());
        refused("//ann", send_or_wait(BANK_A, BANK_B, "ben", 1_000), too_low());
        // Inside the bank nothing is missing.
        assert_ok!(call("//ann", send(BANK_A, BANK_A, "dot", 1_000)));
        // The bank lets transfers wait, but the payer does not want it.
        assert_ok!(call("//BankA", Custodial::set_queue { policy: QueuePolicy::Overtake }));
        refused("//ann", send(BANK_A, BANK_B, "ben", 1_000), too_low());
        // To the last unit of the reserve.
        give_reserve(BANK_A, 999);
        refused("//ann", send(BANK_A, BANK_B, "ben", 1_000), too_low());
        give_reserve(BANK_A, 1);
        assert_ok!(call("//ann", send(BANK_A, BANK_B, "ben", 1_000)));
        assert_eq!(reserves(), [0, 1_000, 0]);
    });
}

#[test]
fn limits_count_transfers_as_payments() {
    run(|| {
        with_banks();
        limits::set_limits(OwnerClass::Phone, Some(10_000), Some(15_000), Some(105_000));
        let over = || LimitsError::<Runtime>::PayeeOverBalanceLimit;
        refused("//ann", send(BANK_A, BANK_B, "ben", 10_001), LimitsError::<Runtime>::OverPaymentLimit);
        refused("//ann", send(BANK_A, BANK_B, "ben", 5_001), over());
        assert_ok!(call("//ann", send(BANK_A, BANK_B, "ben", 5_000)));
        refused("//ann", send(BANK_A, BANK_B, "ben", 1), over());
        // The day counts coins and custody, inside a bank and between banks.
        refused("//ann", send(BANK_A, BANK_A, "dot", 10_001), LimitsError::<Runtime>::OverPaymentLimit);
        assert_ok!(call("//ann", send(BANK_A, BANK_A, "dot", 10_000)));
        refused("//ann", send(BANK_A, BANK_A, "dot", 1), LimitsError::<Runtime>::OverDailyLimit);
    });
}

#[test]
fn alerts_look_at_transfers() {
    run(|| {
        with_banks();
        let thresholds =
            AlertThresholds { window: 10, structuring: None, payments: None, value: None, payees: None, blocked: true };
        let set = pallet_supervision::Call::set_thresholds { thresholds: Some(thresholds) };
        assert_ok!(call("//Supervising//1", set));
        assert_ok!(call("//Supervising//1", supervision::hold([Target::Owner(owner("ben"))], None)));
        let alerts = || {
            let alert = |record: &frame_system::EventRecord<RuntimeEvent, Hash>| {
                matches!(&record.event, RuntimeEvent::Supervision(supervision::SupervisionEvent::Alerted { .. }))
            };
            System::events().iter().filter(|record| alert(record)).count()
        };
        assert_eq!(alerts(), 0);
        assert_ok!(call("//ann", send(BANK_A, BANK_B, "ben", 1_000)));
        assert_eq!(alerts(), 1);
        // One that waits is looked at when it is signed, once.
        without_reserves_of_a();
        assert_ok!(call("//BankA", Custodial::set_queue { policy: QueuePolicy::Overtake }));
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 50_000)));
        assert_eq!(alerts(), 2);
        give_reserve(BANK_A, 50_000);
        idle();
        assert_eq!((settled(), alerts()), (vec![0], 2));
        // A move between own accounts is no payment.
        give_reserve(BANK_A, 1_000);
        assert_ok!(call("//ann", send(BANK_A, BANK_B, "ann", 1_000)));
        assert_eq!(alerts(), 2);
    });
}

/// Leaves bank A 9 000 of what it has in reserve after the first transfer.
fn without_reserves_of_a() {
    assert_ok!(call("//BankA", pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, 9)]) }));
}

#[test]
fn owners_send_and_cancel_and_do_nothing_that_banks_do() {
    run(|| {
        with_banks();
        let nonce = System::account_nonce(account("//ann"));
        for open in [send(BANK_A, BANK_B, "ben", 1), cancel(BANK_A, 0), Custodial::settle {}] {
            assert_eq!(validate(signed("//ann", nonce, open)), Ok(()));
        }
        let policy = QueuePolicy::InOrder;
        for banks in [Custodial::set_queue { policy }, Custodial::prioritise { transfer: TransferId(0) }] {
            refused_with(signed("//ann", nonce, banks), Refusal::CallNotAllowed);
        }
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        refused_with(signed("//ann", nonce, send(BANK_A, BANK_B, "ben", 1)), Refusal::OwnerSuspended);
    });
}

#[test]
fn orders_will_make_transfers_through_a_trait() {
    run(|| {
        with_banks();
        let wish =
            CustodyTransfer { from_bank: BANK_A, to_bank: BANK_B, to: owner("ben"), amount: 1_000, expires: None };
        assert_eq!(<Custody as CustodyTransfers>::transfer(owner("ann"), &wish), Ok(TransferOutcome::Settled));
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben")), (99_000, 101_000));
        // All or nothing, although no call's storage layer is around it.
        limits::set_limits(OwnerClass::Phone, Some(0), None, None);
        let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
        let refused = <Custody as CustodyTransfers>::transfer(owner("ann"), &wish);
        assert_eq!(refused, Err(LimitsError::<Runtime>::OverPaymentLimit.into()));
        assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
    });
}
