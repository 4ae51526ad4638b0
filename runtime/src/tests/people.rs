//! Owners and banks in the shipped runtime: registering, losing and replacing keys, coming and going.

use super::*;
use pallet_identity::Error as IdentityError;
use pallet_participants::Capacity;
use specie_primitives::{OwnerStatus, Role, SuspendedBy};

fn status(name: &str) -> OwnerStatus {
    pallet_identity::Owners::<Runtime>::get(owner(name)).expect("registered").status
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
        assert_eq!(rotate("ann", "//ann2", "//ann3"), Err(IdentityError::<Runtime>::RotatedToday.into()));
        super::limits::at(2 * specie_primitives::limits::DAY_MS);
        assert_eq!(rotate("ann", "//ann2", "//ann"), Err(IdentityError::<Runtime>::KeyAlreadyBound.into()));
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

#[test]
fn success_the_committee_replaces_the_account_of_a_suspended_bank() {
    use frame_support::traits::fungible::Inspect;
    run(|| {
        // Given: a bank whose key was stolen; the thief lets another key act for it.
        with_money();
        let draw = || pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, 1)]) };
        let add_proxy = pallet_proxy::Call::add_proxy {
            delegate: sp_runtime::MultiAddress::Id(account("//Thief")),
            proxy_type: crate::configs::InstitutionProxy::Any,
            delay: 0,
        };
        assert_ok!(call("//BankA", pallet_participants::Call::add_delegate { delegate: account("//Thief") }));
        assert_ok!(call("//BankA", add_proxy));
        let reserve = Balances::total_balance(&account("//BankA"));
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
        refused(
            "//BankA",
            pallet_participants::Call::rotate_account { new: account("//Thief2") },
            DispatchError::BadOrigin,
        );

        // When
        let replace = pallet_participants::Call::replace_account { bank: BANK_A, new: account("//BankA2") };
        assert_ok!(super::governance::enact(replace));
        refused("//BankA2", draw(), DispatchError::BadOrigin);
        assert_ok!(call("//Supervising//1", pallet_participants::Call::reinstate_bank { bank: BANK_A }));

        // Then the reserve is with the new key, and the old one can do nothing, alone or through the thief's other key.
        assert_eq!(Balances::total_balance(&account("//BankA")), 0);
        assert_eq!(Balances::total_balance(&account("//BankA2")), reserve);
        let all_of_it: [RuntimeCall; 5] = [
            draw().into(),
            pallet_participants::Call::rotate_account { new: account("//Thief2") }.into(),
            pallet_participants::Call::remove_delegate { delegate: account("//Thief") }.into(),
            pallet_custody::Call::credit { owner: owner("ann"), amount: 1 }.into(),
            pallet_identity::Call::suspend { owner: owner("ann") }.into(),
        ];
        for forbidden in all_of_it {
            refused("//BankA", forbidden.clone(), DispatchError::BadOrigin);
            let through = pallet_proxy::Call::proxy {
                real: sp_runtime::MultiAddress::Id(account("//BankA")),
                force_proxy_type: None,
                call: Box::new(forbidden),
            };
            System::reset_events();
            assert_ok!(call("//Thief", through));
            assert_eq!(proxied(), Err(DispatchError::BadOrigin));
        }
        assert_ok!(call("//BankA2", draw()));
        assert_ok!(call("//BankA2", pallet_participants::Call::remove_delegate { delegate: account("//Thief") }));
        for taken in ["//BankA", "//BankA2"] {
            assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
            let replace = pallet_participants::Call::replace_account { bank: BANK_A, new: account(taken) };
            let refusal = pallet_participants::Error::<Runtime>::AccountTaken;
            assert_eq!(super::governance::enact(replace), Err(refusal.into()));
            assert_ok!(call("//Supervising//1", pallet_participants::Call::reinstate_bank { bank: BANK_A }));
        }
    });
}

#[test]
fn a_listing_without_consent_keeps_nobody_out() {
    run(|| {
        // Given: bank B names keys that others are about to use.
        let list = |name: &str| pallet_participants::Call::add_delegate { delegate: account(name) };
        let nominate = |name: &str| pallet_participants::Call::nominate_validator { account: account(name) };
        for key in ["//ann", "//ann2", "//Registry//9", "//BankG"] {
            assert_ok!(call("//BankB", list(key)));
        }
        for key in ["//ben", "//BankA2", "//Committee//4"] {
            assert_ok!(call("//BankB", nominate(key)));
        }
        let capacity = |key: &str| Participants::capacity(&account(key));
        let listed = |key: &str| matches!(capacity(key), Some(Capacity::Delegate(_) | Capacity::Nominee(_)));

        // Then: owners register and rotate with the keys' signatures, and the issuer gives them what it decides.
        assert_ok!(register("//BankA", BANK_A, "ann"));
        assert_ok!(register("//BankA", BANK_A, "ben"));
        assert_ok!(rotate("ann", "//ann", "//ann2"));
        let roles = pallet_participants::Call::set_role_keys {
            role: Role::Registry,
            keys: vec![account("//Registry//9")].try_into().expect("one"),
        };
        assert_ok!(super::governance::enact(roles));
        let name = b"Bank G".to_vec().try_into().expect("short");
        let admit = pallet_participants::Call::admit_bank { bank: BankId(7), name, account: account("//BankG") };
        assert_ok!(call("//Admitting//1", admit));
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
        let replace = pallet_participants::Call::replace_account { bank: BANK_A, new: account("//BankA2") };
        assert_ok!(super::governance::enact(replace));
        let members = ["//Committee//1", "//Committee//2", "//Committee//3", "//Committee//4"].map(account).to_vec();
        type Committee = pallet_collective::Call<Runtime, frame_support::instances::Instance1>;
        assert_ok!(super::governance::enact(Committee::set_members {
            new_members: members,
            prime: None,
            old_count: 3
        }));
        for key in ["//ann", "//ann2", "//ben", "//Registry//9", "//BankG", "//BankA2", "//Committee//4"] {
            assert!(!listed(key), "{key}");
        }

        // A validator that runs is not put off its place, and a bank takes nothing from another.
        assert!(register_with("//BankB", BANK_B, "cid", "//Validator//2").is_err());
        assert_ok!(call("//BankB", list("//Clerk")));
        refused("//BankG", list("//Clerk"), pallet_participants::Error::<Runtime>::AccountTaken);
        let rotate_account = pallet_participants::Call::rotate_account { new: account("//Clerk") };
        refused("//BankG", rotate_account, pallet_participants::Error::<Runtime>::AccountTaken);
    });
}

#[test]
fn a_bank_credits_its_customers_only() {
    run(|| {
        // Given: bank B has money, and nothing to do with Ann.
        with_money();
        let credit = || pallet_custody::Call::credit { owner: owner("ann"), amount: 100 };
        let debit_all = |bank| pallet_custody::Call::debit { owner: owner("ann"), amount: custody(bank, "ann") };
        refused("//BankB", credit(), pallet_custody::Error::<Runtime>::NotCustomer);
        assert_ok!(call("//BankA", credit()));

        // When she pays a coin in there. Then she is its customer until nothing is left of it.
        let coins = coins_of("ann")[..1].to_vec().try_into().expect("one");
        assert_ok!(call("//ann", pallet_custody::Call::deposit { bank: BANK_B, coins }));
        assert_ok!(call("//BankB", credit()));
        assert_ok!(call("//BankB", debit_all(BANK_B)));
        refused("//BankB", credit(), pallet_custody::Error::<Runtime>::NotCustomer);

        // When bank B looks after her. Then bank A goes on crediting as long as it owes her something.
        assert_ok!(call("//ann", pallet_identity::Call::move_to { bank: BANK_B, expiry: 100 }));
        assert_ok!(call("//BankB", pallet_identity::Call::accept_move { owner: owner("ann") }));
        for bank in ["//BankA", "//BankB"] {
            assert_ok!(call(bank, credit()));
        }
        assert_ok!(call("//BankA", debit_all(BANK_A)));
        refused("//BankA", credit(), pallet_custody::Error::<Runtime>::NotCustomer);
    });
}

#[test]
fn whoever_gets_a_released_id_gets_nothing_of_the_one_before() {
    use codec::Encode;
    use specie_primitives::{limits::DAY_MS, PickupClaim, PickupId, PickupReceiver};
    run(|| {
        // Given: Dot, who holds nothing, and a coin that Ann left for her.
        const WAITING: PickupId = PickupId(0);
        super::limits::at(DAY_MS);
        with_money();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let one = || coins_of("ann")[..1].to_vec();
        let leave = pallet_pickup::Call::deposit_for {
            payee: owner("dot"),
            claim_key: pair("//the code").public(),
            coins: one().try_into().expect("one"),
            expires: System::block_number() + 1_000,
        };
        assert_ok!(call("//ann", leave));
        let signature = |signer: &str, receiver| {
            pair(signer).sign(&PickupClaim::new(System::block_hash(0), WAITING, receiver).encode())
        };
        let at_bank = |receiver| {
            let signature = signature("//the code", receiver);
            pallet_pickup::Call::claim_at_bank { pickup: WAITING, receiver, signature }
        };

        // When her id is released, which what waits does not stop. Then nobody pays, credits or pays in under it.
        let days = u64::from(pallet_identity::DormancyDays::<Runtime>::get());
        super::limits::at((days + 1) * DAY_MS);
        assert_ok!(call("//BankC", pallet_identity::Call::release { owner: owner("dot") }));
        let unknown = || IdentityError::<Runtime>::UnknownOwner;
        let coins = one().try_into().expect("one");
        refused("//ann", pallet_ownership::Call::transfer { to: owner("dot"), coins }, unknown());
        refused("//BankB", pallet_custody::Call::credit { owner: owner("dot"), amount: 1 }, unknown());
        let custody_of_dot = PickupReceiver::Custody { bank: BANK_B, owner: owner("dot") };
        refused("//BankB", at_bank(custody_of_dot), unknown());
        let to_dot = PickupReceiver::Owner(owner("dot"));
        let own =
            |signer| pallet_pickup::Call::claim_registered { pickup: WAITING, signature: signature(signer, to_dot) };
        refused("//dot", own("//the code"), DispatchError::BadOrigin);

        // When the id is somebody else's. Then it has nothing, and without the code it gets nothing.
        assert_ok!(register_with("//BankA", BANK_A, "dot", "//eve"));
        assert_eq!(Limits::info(owner("dot")).map(|info| (info.held, info.paid_today)), Some((0, 0)));
        assert_eq!((coins_of("dot").len(), custody(BANK_A, "dot"), custody(BANK_B, "dot")), (0, 0, 0));
        assert_ok!(call("//eve", own("//eve")));
        assert_eq!(held(Holder::Pickup(WAITING)).len(), 1);

        // Dot still has the code.
        assert_ok!(call("//BankC", at_bank(PickupReceiver::Counter { bank: BankId(3), receipt: 1 })));
        assert!(held(Holder::Pickup(WAITING)).is_empty() && coins_of("dot").is_empty());
    });
}
