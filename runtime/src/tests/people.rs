//! Owners and banks in the shipped runtime: registering, losing and replacing keys, coming and going.

use super::*;
use codec::Encode;
use pallet_identity::Error as IdentityError;
use specie_primitives::{identity::RotationProof, OwnerStatus, SuspendedBy};

fn status(name: &str) -> OwnerStatus {
    pallet_identity::Owners::<Runtime>::get(owner(name)).expect("registered").status
}

fn rotate(name: &str, from: &str, to: &str) -> Result<(), DispatchError> {
    let expiry = System::block_number() + 100;
    let proof = RotationProof::new(System::block_hash(0), owner(name), account(to), expiry);
    let signature = pair(to).sign(&proof.encode());
    call(from, pallet_identity::Call::rotate { key: account(to), expiry, signature })
}

#[test]
fn fails_binding_a_key_that_is_taken() {
    run(|| {
        assert_ok!(register("//BankA", BANK_A, "ann"));
        // The same owner again, the same key for another, an institution's key, another bank's proof.
        assert_eq!(
            register_with("//BankB", BANK_B, "ann", "//other"),
            Err(IdentityError::<Runtime>::AlreadyRegistered.into())
        );
        assert!(register_with("//BankA", BANK_A, "cid", "//ann").is_err());
        for taken in ["//BankA", "//Issuing//1", "//Committee//1", "//Validator//0"] {
            assert!(register_with("//BankA", BANK_A, "cid", taken).is_err(), "{taken}");
        }
        assert!(register_with("//BankA", BANK_B, "cid", "//cid").is_err());
        assert_eq!(register("//ann", BANK_A, "cid"), Err(DispatchError::BadOrigin));
        assert_ok!(register("//BankA", BANK_A, "cid"));
    });
}

#[test]
fn a_replaced_key_can_do_nothing_and_is_never_bound_again() {
    run(|| {
        with_money();
        assert_ok!(rotate("ann", "//ann", "//ann2"));
        refused("//ann", pay(coins_of("ann")), DispatchError::BadOrigin);
        assert_eq!(rotate("ann", "//ann", "//ann3"), Err(DispatchError::BadOrigin));
        assert!(rotate("ann", "//ann2", "//ann").is_err());
        assert!(register_with("//BankA", BANK_A, "cid", "//ann").is_err());
        assert_ok!(call("//ann2", pay(coins_of("ann"))));
    });
}

#[test]
fn a_suspended_owner_is_paid_but_does_not_pay() {
    run(|| {
        with_money();
        assert!(call("//BankB", pallet_identity::Call::suspend { owner: owner("ann") }).is_err());
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        assert_eq!(status("ann"), OwnerStatus::Suspended(SuspendedBy::Bank));
        refused("//ann", pay(coins_of("ann")), DispatchError::BadOrigin);
        refused(
            "//ann",
            pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, 1)]) },
            DispatchError::BadOrigin,
        );
        assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: owner("ann"), amount: 1 }));
        // The supervisor's act outlasts the bank's.
        assert_ok!(call("//Supervising//1", pallet_identity::Call::suspend { owner: owner("ann") }));
        assert!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("ann") }).is_err());
        assert_ok!(call("//Supervising//1", pallet_identity::Call::reinstate { owner: owner("ann") }));
        assert_ok!(call("//ann", pay(coins_of("ann"))));
    });
}

#[test]
fn an_owner_closes_only_with_nothing_left() {
    run(|| {
        with_money();
        let close = || pallet_identity::Call::close { owner: owner("ann") };
        refused("//BankA", close(), pallet_ownership::Error::<Runtime>::CoinsLeft);
        assert_ok!(call("//ann", pay(coins_of("ann"))));
        refused("//BankA", close(), pallet_custody::Error::<Runtime>::CustodyLeft);
        assert_ok!(call(
            "//BankA",
            pallet_custody::Call::debit { owner: owner("ann"), amount: custody(BANK_A, "ann") }
        ));
        assert_ok!(call("//BankA", close()));
        assert!(call("//BankA", pallet_custody::Call::credit { owner: owner("ann"), amount: 1 }).is_err());
        let to = pallet_ownership::Call::transfer { to: owner("ann"), coins: coins_of("ben").try_into().expect("few") };
        assert!(call("//ben", to).is_err());
    });
}

#[test]
fn a_bank_closes_only_with_nothing_left() {
    run(|| {
        let admit = pallet_participants::Call::admit_bank {
            bank: BankId(7),
            name: b"Bank G".to_vec().try_into().expect("short"),
            account: account("//BankG"),
        };
        refused("//Supervising//1", admit.clone(), DispatchError::BadOrigin);
        assert_ok!(call("//Admitting//1", admit));
        assert_ok!(call("//Issuing//1", pallet_vault::Call::credit { bank: BankId(7), amount: 100 }));
        let close = || pallet_participants::Call::close_bank { bank: BankId(7) };
        refused("//Admitting//1", close(), pallet_vault::Error::<Runtime>::NotEmpty);
        assert_ok!(register("//BankG", BankId(7), "gus"));
        assert_ok!(call("//BankG", pallet_custody::Call::credit { owner: owner("gus"), amount: 100 }));
        refused(
            "//Issuing//1",
            pallet_vault::Call::debit { bank: BankId(7), amount: 100 },
            pallet_vault::Error::<Runtime>::OwnFundsTooLow,
        );
        assert_ok!(call("//BankG", pallet_custody::Call::debit { owner: owner("gus"), amount: 100 }));
        assert_ok!(call("//Issuing//1", pallet_vault::Call::debit { bank: BankId(7), amount: 100 }));
        assert_ok!(call("//Admitting//1", close()));
        refused(
            "//Issuing//1",
            pallet_vault::Call::credit { bank: BankId(7), amount: 1 },
            pallet_vault::Error::<Runtime>::BankNotActive,
        );
    });
}

#[test]
fn a_bank_takes_its_reserve_to_its_new_account() {
    run(|| {
        with_money();
        assert_ok!(call("//BankA", pallet_participants::Call::rotate_account { new: account("//BankA2") }));
        refused("//BankA", pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, 1)]) }, DispatchError::BadOrigin);
        assert_ok!(call("//BankA2", pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, 1)]) }));
        // Nobody takes over an owner's key or another institution's.
        for taken in ["//ann", "//BankB", "//Issuing//1", "//BankA"] {
            assert!(
                call("//BankA2", pallet_participants::Call::rotate_account { new: account(taken) }).is_err(),
                "{taken}"
            );
        }
    });
}
