//! Another key after a loss, and another bank, with the money that hangs on them and as transactions that arrive.

use super::{
    transactions::{refused_with, signed, validate},
    *,
};
use pallet_identity::Error as IdentityError;
use specie_primitives::{codes::Refusal, identity::RebindProof};

/// A bank's request for another key.
fn request(bank: BankId, name: &str, key: &str) -> pallet_identity::Call<Runtime> {
    use codec::Encode;
    let expiry = System::block_number() + 100;
    let proof = RebindProof::new(System::block_hash(0), owner(name), bank, account(key), expiry);
    let signature = pair(key).sign(&proof.encode());
    pallet_identity::Call::request_rebind { owner: owner(name), key: account(key), expiry, signature }
}

fn complete(name: &str) -> pallet_identity::Call<Runtime> {
    pallet_identity::Call::complete_rebind { owner: owner(name) }
}

fn object() -> pallet_identity::Call<Runtime> {
    pallet_identity::Call::object {}
}

/// Goes on to the block in which a request made now can be completed.
fn wait() {
    start_block(System::block_number() + pallet_identity::RebindDelay::<Runtime>::get());
}

fn held(name: &str) -> Balance {
    Limits::info(owner(name)).expect("registered").held
}

#[test]
fn success_the_money_is_the_new_keys() {
    run(|| {
        with_money();
        assert_ok!(call("//BankA", request(BANK_A, "ann", "//ann2")));
        // Neither key pays while it waits.
        for key in ["//ann", "//ann2"] {
            refused(key, pay(coins_of("ann")), DispatchError::BadOrigin);
        }
        refused("//BankA", complete("ann"), IdentityError::<Runtime>::TooEarly);
        refused("//BankB", complete("ann"), IdentityError::<Runtime>::NotYourOwner);
        wait();
        assert_ok!(call("//BankA", complete("ann")));
        refused("//ann", pay(coins_of("ann")), DispatchError::BadOrigin);
        assert_ok!(call("//ann2", pay(coins_of("ann"))));
    });
}

#[test]
fn the_old_key_may_object_and_nothing_else() {
    run(|| {
        with_money();
        // Nothing to object to: it takes no place in a block.
        refused_with(signed("//ann", 0, object()), Refusal::CallNotAllowed);
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        refused_with(signed("//ann", 0, object()), Refusal::OwnerSuspended);

        assert_ok!(call("//BankA", request(BANK_A, "ann", "//ann2")));
        let others: [RuntimeCall; 5] = [
            pay(coins_of("ann")).into(),
            rotation("ann", "//ann3").into(),
            pallet_identity::Call::move_to { bank: BANK_B, expiry: 100 }.into(),
            frame_system::Call::remark { remark: vec![1] }.into(),
            pallet_utility::Call::batch { calls: vec![object().into()] }.into(),
        ];
        for other in others {
            refused_with(signed("//ann", 0, other), Refusal::OwnerSuspended);
        }
        refused_with(signed("//ann2", 0, object()), Refusal::UnknownSigner);
        refused_with(signed("//ben", 0, object()), Refusal::CallNotAllowed);
        assert_eq!(validate(signed("//ann", 0, object())), Ok(()));
        assert_ok!(Executive::apply_extrinsic(signed("//ann", 0, object())).expect("valid"));
        // Once.
        refused_with(signed("//ann", 1, object()), Refusal::OwnerSuspended);

        wait();
        refused("//BankA", complete("ann"), IdentityError::<Runtime>::ObjectionPending);
        let decide =
            |uphold| pallet_identity::Call::decide_rebind { owner: owner("ann"), key: account("//ann2"), uphold };
        for uri in ["//BankA", "//Issuing//1", "//Admitting//1", "//ann"] {
            refused(uri, decide(false), DispatchError::BadOrigin);
        }
        assert_ok!(call("//Supervising//1", decide(false)));
        assert_ok!(call("//BankA", complete("ann")));
        refused_with(signed("//ann", 1, object()), Refusal::RetiredKey);
    });
}

#[test]
fn an_objection_costs_quota() {
    run(|| {
        with_money();
        let quota = pallet_admission::Quota::<Runtime>::get();
        let remark = || frame_system::Call::remark { remark: vec![1] };
        for nonce in 0..quota {
            assert_ok!(Executive::apply_extrinsic(signed("//ann", nonce, remark())).expect("within the quota"));
        }
        assert_ok!(call("//BankA", request(BANK_A, "ann", "//ann2")));
        refused_with(signed("//ann", quota, object()), Refusal::QuotaUsed);
    });
}

#[test]
fn the_bank_that_is_objected_to_cannot_crowd_the_objection_out() {
    run(|| {
        // Given: bank A asks for a key of its own, and another of its owners uses up what all of them may send.
        with_money();
        assert_ok!(super::governance::enact(pallet_admission::Call::set_bank_quota { quota: 2 }));
        assert_ok!(call("//BankA", request(BANK_A, "ann", "//thief")));
        let remark = || frame_system::Call::remark { remark: vec![1] };
        for nonce in 0..2 {
            assert_ok!(Executive::apply_extrinsic(signed("//ben", nonce, remark())).expect("within the quota"));
        }
        refused_with(signed("//ben", 2, remark()), Refusal::BankQuotaUsed);

        // Then: Ann objects all the same, and can do nothing else.
        refused_with(signed("//ann", 0, remark()), Refusal::OwnerSuspended);
        assert_eq!(validate(signed("//ann", 0, object())), Ok(()));
        assert_ok!(Executive::apply_extrinsic(signed("//ann", 0, object())).expect("valid"));
        refused_with(signed("//ann", 1, object()), Refusal::OwnerSuspended);
        wait();
        refused("//BankA", complete("ann"), IdentityError::<Runtime>::ObjectionPending);
    });
}

#[test]
fn boundary_approval_counts_coins_and_custody_at_all_banks() {
    run(|| {
        with_money();
        let limit = pallet_identity::RebindApprovalValue::<Runtime>::get();
        let credit = |bank: &str, amount| call(bank, pallet_custody::Call::credit { owner: owner("ann"), amount });
        let reserve = |bank| pallet_vault::Call::credit { bank, amount: 2 * limit };
        for bank in [BANK_A, BANK_B] {
            assert_ok!(call("//Issuing//1", reserve(bank)));
        }
        let coins = coins_of("ann")[..1].to_vec().try_into().expect("one");
        assert_ok!(call("//ann", pallet_custody::Call::deposit { bank: BANK_B, coins }));
        // Coins and custody at one bank, and up to the limit at another.
        assert_ok!(credit("//BankB", limit - held("ann")));
        assert_eq!(held("ann"), limit);
        assert_ok!(call("//BankA", request(BANK_A, "ann", "//ann2")));
        wait();
        // One minor unit that comes in while it waits.
        assert_ok!(credit("//BankB", 1));
        refused("//BankA", complete("ann"), IdentityError::<Runtime>::ApprovalMissing);
        let info: Vec<_> = Identity::recoveries().collect();
        assert!(info.len() == 1 && info[0].needs_approval && info[0].held == limit + 1);
        let approve = pallet_identity::Call::approve_rebind { owner: owner("ann"), key: account("//ann2") };
        for uri in ["//BankA", "//Issuing//1", "//Operating//1", "//ann"] {
            refused(uri, approve.clone(), DispatchError::BadOrigin);
        }
        // Without that unit, nobody needs to.
        assert_ok!(call("//BankB", pallet_custody::Call::debit { owner: owner("ann"), amount: 1 }));
        assert_ok!(call("//BankA", complete("ann")));
        assert_ok!(call("//BankA", request(BANK_A, "ann", "//ann3")));
        assert_ok!(credit("//BankB", 1));
        wait();
        // The approval of another key is none of this one.
        refused("//Supervising//1", approve, IdentityError::<Runtime>::OtherKey);
        let approve = pallet_identity::Call::approve_rebind { owner: owner("ann"), key: account("//ann3") };
        assert_ok!(call("//Supervising//1", approve));
        assert_ok!(call("//BankA", complete("ann")));
    });
}

#[test]
fn another_key_after_a_loss_renews_neither_quota_nor_limit() {
    run(|| {
        with_money();
        super::limits::set_limits(OwnerClass::Phone, None, Some(110_000), None);
        let quota = pallet_admission::Quota::<Runtime>::get();
        let window = pallet_admission::Window::<Runtime>::get();
        assert_ok!(call("//ann", pay(coins_of("ann"))));
        assert_ok!(call("//BankA", request(BANK_A, "ann", "//ann2")));
        wait();
        // All of a window, and the other key in the same one.
        start_block(System::block_number().next_multiple_of(window));
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("ann") }));
        let remark = || frame_system::Call::remark { remark: vec![1] };
        for nonce in 0..quota {
            assert_ok!(Executive::apply_extrinsic(signed("//ann", nonce, remark())).expect("within the quota"));
        }
        let rules = pallet_identity::Call::set_recovery { delay: 1, approval_value: Balance::MAX, dormancy_days: 0 };
        refused("//Supervising//1", rules.clone(), pallet_identity::Error::<Runtime>::NotStricter);
        assert_ok!(super::governance::enact(rules));
        assert_ok!(call("//BankA", request(BANK_A, "ann", "//ann2")));
        wait();
        assert_ok!(call("//BankA", complete("ann")));
        refused_with(signed("//ann2", 0, remark()), Refusal::QuotaUsed);
        assert_ok!(call(
            "//ben",
            pallet_ownership::Call::transfer { to: owner("ann"), coins: coins_of("ben").try_into().expect("few") }
        ));
        refused("//ann2", pay(coins_of("ann")), pallet_limits::Error::<Runtime>::OverDailyLimit);
    });
}

#[test]
fn an_owner_goes_to_another_bank_and_its_custody_stays() {
    run(|| {
        with_money();
        let offer = pallet_identity::Call::move_to { bank: BANK_B, expiry: 100 };
        let accept = pallet_identity::Call::accept_move { owner: owner("ann") };
        refused("//BankB", accept.clone(), IdentityError::<Runtime>::NoOffer);
        assert_eq!(validate(signed("//ann", 0, offer.clone())), Ok(()));
        assert_ok!(call("//ann", offer));
        refused("//BankC", accept.clone(), IdentityError::<Runtime>::NoOffer);
        assert_ok!(call("//BankB", accept));
        // What bank A owes is within reach of owner and bank.
        let there = custody(BANK_A, "ann");
        assert!(there > 0);
        let withdraw = pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, 1)]) };
        assert_ok!(call("//ann", withdraw));
        assert_ok!(call("//BankA", pallet_custody::Call::debit { owner: owner("ann"), amount: there - 1_000 }));
        assert_eq!(custody(BANK_A, "ann"), 0);
        // Bank A says nothing about the owner any more.
        refused("//BankA", request(BANK_A, "ann", "//ann2"), IdentityError::<Runtime>::NotYourOwner);
        refused(
            "//BankA",
            pallet_identity::Call::suspend { owner: owner("ann") },
            IdentityError::<Runtime>::NotYourOwner,
        );
        assert_ok!(call("//BankB", request(BANK_B, "ann", "//ann2")));
    });
}

#[test]
fn a_suspended_bank_completes_nothing() {
    run(|| {
        with_money();
        assert_ok!(call("//BankA", request(BANK_A, "ann", "//thief")));
        wait();
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
        refused("//BankA", complete("ann"), DispatchError::BadOrigin);
        refused("//Supervising//1", complete("ann"), DispatchError::BadOrigin);
    });
}

#[test]
fn an_institutions_key_is_never_bound_by_a_request() {
    run(|| {
        with_money();
        for taken in ["//BankB", "//Issuing//1", "//Committee//1", "//Validator//0"] {
            assert!(call("//BankA", request(BANK_A, "ann", taken)).is_err(), "{taken}");
        }
        assert!(call("//BankA", request(BANK_A, "ann", "//ben")).is_err());
        // A listing without consent keeps nobody from its own key.
        assert_ok!(call("//BankB", pallet_participants::Call::add_delegate { delegate: account("//ann2") }));
        assert_ok!(call("//BankA", request(BANK_A, "ann", "//ann2")));
        assert_eq!(Participants::capacity(&account("//ann2")), None);
        // One that became an institution's while the request waited.
        let roles = pallet_participants::Call::set_role_keys {
            role: specie_primitives::Role::Registry,
            keys: vec![account("//ann2")].try_into().expect("one"),
        };
        assert_ok!(super::governance::enact(roles));
        wait();
        refused("//BankA", complete("ann"), IdentityError::<Runtime>::KeyNotForOwners);
    });
}
