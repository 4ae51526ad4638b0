//! Other managers when so many cannot be reached that the rest cannot sign: the bank proposes, managers object, the supervisor
//! decides.

use super::*;
use crate::tests::{
    standstill::{stop_and_resume, STOP},
    transactions::{refused_with, signed, validate},
};
use specie_primitives::codes::Refusal;

fn object() -> Call<Runtime> {
    Call::object { account: pot() }
}

fn approve(proposal: u32, objections: u8) -> Call<Runtime> {
    Call::approve { account: pot(), proposal, objections }
}

fn reject(proposal: u32) -> Call<Runtime> {
    Call::reject { account: pot(), proposal }
}

fn withdraw() -> Call<Runtime> {
    Call::withdraw { account: pot() }
}

/// Ben and Cid cannot be reached: Dot and Eve are to sign with Ann.
fn heirs() -> Call<Runtime> {
    propose(&["ann", "dot", "eve"], 2, &["dot", "eve"], BANK_A)
}

fn with_heirs() {
    with_pot();
    for name in ["dot", "eve"] {
        assert_ok!(register("//BankB", BANK_B, name));
    }
}

#[test]
fn success_other_managers_when_the_waiting_time_is_over() {
    run(|| {
        with_heirs();
        let pending = by_two(&pay_ben(0));
        assert_ok!(call("//BankA", heirs()));
        let proposal = Joint::info(pot()).expect("opened").proposal.expect("proposed");
        let ready = System::block_number() + pallet_identity::RebindDelay::<Runtime>::get();
        assert_eq!((proposal.proposal, proposal.ready, proposal.objections), (0, ready, vec![]));
        // Nothing is suspended meanwhile: who can sign signs.
        assert_eq!(verdict("//ben", by_two(&pay_ben(1))), Verdict::Executed);
        start_block(ready - 1);
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::TooEarly);
        start_block(ready);
        for uri in ["//BankA", "//ann", "//dot", "//Issuing//1", "//Admitting//1"] {
            refused(uri, approve(0, 0), DispatchError::BadOrigin);
            refused(uri, reject(0), DispatchError::BadOrigin);
        }
        assert_ok!(call(SUPERVISOR, approve(0, 0)));
        assert_eq!(set(), ManagerSet { rule: rule(&["ann", "dot", "eve"], 2), version: 2 });
        assert_eq!((Joint::managed(owner("ben")).len(), Joint::managed(owner("eve")).len()), (0, 1));
        is_refused("//ben", pending, Verdict::OtherManagers);
        let order = pay_ben(0);
        assert_eq!(verdict("//ben", seated(&order, &[(0, 1, "//dot"), (0, 2, "//eve")])), Verdict::Executed);
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::NoProposal);
    });
}

#[test]
fn no_bank_alone_gets_hold_of_an_account() {
    run(|| {
        with_heirs();
        // A bank that wants its own people, with their consent.
        for name in ["front", "other"] {
            assert_ok!(register("//BankA", BANK_A, name));
        }
        let own = || propose(&["front", "other"], 1, &["front", "other"], BANK_A);
        assert_ok!(call("//BankA", own()));
        refused("//BankA", own(), JointError::<Runtime>::ProposalWaits);
        wait();
        refused("//BankA", approve(0, 0), DispatchError::BadOrigin);
        let order = with_parties(pay_ben(0), &[("pot", 1)]);
        let signers = [(0, 0, "//front"), (0, 1, "//other")];
        is_refused("//BankA", seated(&order, &signers), Verdict::BadSignature);
        // Each manager objects, once; and the supervisor says against how many it decides.
        assert_ok!(call("//ann", object()));
        refused("//ann", object(), JointError::<Runtime>::AlreadyObjected);
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::OtherObjections);
        assert_ok!(call("//cid", object()));
        refused(SUPERVISOR, approve(0, 1), JointError::<Runtime>::OtherObjections);
        let objections = Joint::info(pot()).expect("opened").proposal.expect("proposed").objections;
        assert_eq!(objections, [owner("ann"), owner("cid")]);
        assert_ok!(call(SUPERVISOR, reject(0)));
        assert_eq!(set(), ManagerSet { rule: rule(&MANAGERS, 2), version: 1 });
        // The bank asks again, for others than the supervisor looked at.
        assert_ok!(call("//BankA", heirs()));
        assert_ok!(call("//BankA", withdraw()));
        assert_ok!(call("//BankA", own()));
        wait();
        for old in [0, 1] {
            refused(SUPERVISOR, approve(old, 0), JointError::<Runtime>::OtherProposal);
            refused(SUPERVISOR, reject(old), JointError::<Runtime>::OtherProposal);
        }
        assert_ok!(call("//BankA", withdraw()));
        refused("//BankA", withdraw(), JointError::<Runtime>::NoProposal);
    });
}

#[test]
fn one_manager_who_objects_does_not_block_for_ever() {
    run(|| {
        with_heirs();
        assert_ok!(call("//BankA", heirs()));
        assert_ok!(call("//ben", object()));
        wait();
        assert_ok!(call(SUPERVISOR, approve(0, 1)));
        assert_eq!(set().version, 2);
    });
}

#[test]
fn only_managers_object_and_no_bank_keeps_them_from_it() {
    run(|| {
        with_heirs();
        refused("//ann", object(), JointError::<Runtime>::NoProposal);
        assert_ok!(call("//BankA", heirs()));
        for uri in ["//dot", "//eve"] {
            refused(uri, object(), JointError::<Runtime>::NotManager);
        }
        for uri in ["//BankA", SUPERVISOR, "//nobody"] {
            refused(uri, object(), DispatchError::BadOrigin);
        }
        let elsewhere = Call::object { account: owner("ann") };
        refused("//ann", elsewhere, JointError::<Runtime>::NotManager);
        // The bank suspends her first: she speaks all the same, once, and does nothing else.
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        refused_with(signed("//ann", 0, withdraw()), Refusal::OwnerSuspended);
        assert_eq!(validate(signed("//ann", 0, object())), Ok(()));
        assert_ok!(Executive::apply_extrinsic(signed("//ann", 0, object())).expect("valid"));
        refused_with(signed("//ann", 1, object()), Refusal::OwnerSuspended);
        // Of somebody who manages nothing it takes no place in a block.
        assert_ok!(call("//BankB", pallet_identity::Call::suspend { owner: owner("dot") }));
        refused_with(signed("//dot", 0, object()), Refusal::OwnerSuspended);
        // A key that was replaced speaks for nobody.
        assert_ok!(rotate("ben", "//ben", "//ben2"));
        refused("//ben", object(), DispatchError::BadOrigin);
        assert_ok!(call("//ben2", object()));
    });
}

#[test]
fn managers_who_can_be_reached_end_a_proposal() {
    run(|| {
        with_heirs();
        assert_ok!(call("//BankA", heirs()));
        assert_eq!(verdict("//ben", by_two(&change(1, &["ann", "ben"], 2, &[]))), Verdict::Executed);
        assert_eq!(Joint::info(pot()).expect("opened").proposal, None);
        wait();
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::NoProposal);
    });
}

#[test]
fn proposals_are_for_what_was_signed() {
    run(|| {
        with_heirs();
        let names = ["ann", "dot", "eve"];
        let bad = || JointError::<Runtime>::BadSignature;
        let missing = || JointError::<Runtime>::SignaturesMissing;
        refused("//BankA", propose(&names, 2, &["dot"], BANK_A), missing());
        refused("//BankA", propose(&names, 2, &["ann", "dot", "eve"], BANK_A), missing());
        refused("//BankA", propose(&names, 2, &["eve", "dot"], BANK_A), bad());
        refused("//BankA", propose(&names, 2, &["dot", "ann"], BANK_A), bad());
        refused("//BankA", propose(&names, 2, &["dot", "eve"], BANK_B), bad());
        refused("//BankA", propose(&MANAGERS, 2, &[], BANK_A), JointError::<Runtime>::SameManagers);
        refused("//BankA", propose(&["ann"], 1, &[], BANK_A), JointError::<Runtime>::TooFewManagers);
        refused("//BankA", propose(&["ann", "pot"], 1, &[], BANK_A), JointError::<Runtime>::ManagerIsJoint);
        refused("//BankB", propose(&names, 2, &["dot", "eve"], BANK_B), JointError::<Runtime>::NotYourAccount);
        let of_nobody = |call: Call<Runtime>| match call {
            Call::propose { rule, expiry, signatures, .. } => {
                Call::<Runtime>::propose { account: owner("ann"), rule, expiry, signatures }
            },
            other => other,
        };
        refused("//BankA", of_nobody(heirs()), JointError::<Runtime>::UnknownAccount);
        // What was signed for the set before is for nothing now.
        let before = heirs();
        assert_eq!(verdict("//ben", by_two(&change(1, &["ann", "ben"], 2, &[]))), Verdict::Executed);
        refused("//BankA", before, bad());
        let late = heirs();
        start_block(expiry() + 1);
        refused("//BankA", late, IdentityError::<Runtime>::ProofExpired);
        // Somebody who was suspended or closed meanwhile becomes no manager.
        assert_ok!(call("//BankA", heirs()));
        wait();
        assert_ok!(call("//BankB", pallet_identity::Call::suspend { owner: owner("dot") }));
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::ManagerNotActive);
        assert_ok!(call("//BankB", pallet_identity::Call::reinstate { owner: owner("dot") }));
        assert_ok!(call(SUPERVISOR, approve(0, 0)));
    });
}

#[test]
fn a_closed_account_gets_no_managers() {
    run(|| {
        with_heirs();
        assert_ok!(call("//BankA", heirs()));
        assert_eq!(verdict("//ben", by_two(&order(9, coins("ben", &coins_of("pot"))))), Verdict::Executed);
        assert_ok!(call("//BankA", pallet_identity::Call::close { owner: pot() }));
        wait();
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::AccountClosed);
        assert_ok!(call("//BankA", withdraw()));
        refused("//BankA", heirs(), JointError::<Runtime>::AccountClosed);
        // Nobody's seat keeps anybody any more.
        assert_ok!(call("//BankB", pallet_identity::Call::close { owner: owner("cid") }));
    });
}

#[test]
fn boundary_blocks_in_which_payments_stood_still_do_not_count() {
    run(|| {
        with_heirs();
        assert_ok!(call("//BankA", heirs()));
        let ready = Joint::info(pot()).expect("opened").proposal.expect("proposed").ready;
        stop_and_resume();
        let later = Joint::info(pot()).expect("opened").proposal.expect("proposed").ready;
        assert_eq!(later, ready + STOP);
        start_block(later - 1);
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::TooEarly);
        start_block(later);
        assert_ok!(call(SUPERVISOR, approve(0, 0)));
    });
}

#[test]
fn nobody_gets_a_seat_with_the_id_of_who_consented() {
    run(|| {
        // Given: nobody decides on a proposal, until Dot's phone number is somebody else's.
        with_heirs();
        assert_ok!(call("//BankA", heirs()));
        wait();
        limits::at(20_000 * specie_primitives::limits::DAY_MS);
        assert_ok!(call("//BankB", pallet_identity::Call::release { owner: owner("dot") }));
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::UnknownManager);

        // When
        assert_ok!(register_with("//BankB", BANK_B, "dot", "//stranger"));

        // Then
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::ConsentMissing);
        assert_eq!(set(), ManagerSet { rule: rule(&MANAGERS, 2), version: 1 });
    });
}

#[test]
fn a_proposal_of_a_bank_that_lost_the_account_is_nothing() {
    run(|| {
        with_heirs();
        assert_ok!(call("//BankA", heirs()));
        wait();
        assert_ok!(call(SUPERVISOR, pallet_identity::Call::assign { owner: pot(), bank: BANK_B }));
        refused(SUPERVISOR, approve(0, 0), JointError::<Runtime>::NotYourAccount);
        refused("//BankA", withdraw(), JointError::<Runtime>::NotYourAccount);
        assert_ok!(call("//BankB", withdraw()));
        assert_eq!(set(), ManagerSet { rule: rule(&MANAGERS, 2), version: 1 });
    });
}
