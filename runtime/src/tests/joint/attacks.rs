//! Cheats: too few or other signers, what was signed for something else, keys for an account that has none, and banks that
//! want what is in it.

use super::*;
use crate::tests::cards;
use specie_primitives::{
    identity::{ClassProof, RebindProof},
    traits::{JointAccounts, Signatures},
};

const REGISTRY: &str = "//Registry//1";

#[test]
fn too_few_or_others_do_not_sign() {
    run(|| {
        with_pot();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let order = pay_ben(0);
        let (ann, ben, cid) = ((0, 0, "//ann"), (0, 1, "//ben"), (0, 2, "//cid"));
        for signers in [
            // Nobody, and one too few.
            &[][..],
            &[ann],
            &[cid],
            // One manager twice: in her seat, and in another's.
            &[ann, ann],
            &[ann, (0, 1, "//ann")],
            &[ann, (0, 2, "//ann")],
            // Swapped seats, and seats in another order.
            &[(0, 0, "//ben"), (0, 1, "//ann")],
            &[ben, ann],
            // Somebody else, in a manager's seat and in one that is not there.
            &[ann, (0, 1, "//dot")],
            &[ann, (0, 3, "//dot")],
            &[ann, (0, 255, "//ben")],
            // Enough, and one more that is not good.
            &[ann, ben, (0, 2, "//dot")],
            &[ann, ben, cid, (0, 3, "//dot")],
            // Places of parties that are not there.
            &[ann, (1, 0, "//ben")],
            &[ann, ben, (1, 2, "//cid")],
        ] {
            is_refused("//ben", seated(&order, signers), Verdict::BadSignature);
        }
        assert_eq!(verdict("//ben", seated(&order, &[ann, ben])), Verdict::Executed);
    });
}

#[test]
fn an_order_is_for_one_set_of_managers() {
    run(|| {
        with_pot();
        let action = || coins("ben", &coins_of("pot")[..1]);
        for version in [2, 7, u32::MAX] {
            is_refused("//ben", by_two(&order_of(1, version, action())), Verdict::OtherManagers);
        }
        // Without a version it would be an owner with a key: nobody has it.
        for signers in [&[(0, 0, "//ann")][..], &[(0, 0, "//ann"), (0, 1, "//ben")]] {
            is_refused("//ben", seated(&order_of(1, 0, action()), signers), Verdict::BadSignature);
        }
        // With one, Ann would be a joint account.
        let own = with_parties(order(1, coins("ben", &coins_of("ann")[..1])), &[("ann", 1)]);
        is_refused("//ben", seated(&own, &[(0, 0, "//ann")]), Verdict::OtherManagers);
        assert_eq!(verdict("//ben", by_two(&order_of(1, 1, action()))), Verdict::Executed);
    });
}

#[test]
fn no_altered_byte_passes() {
    run(|| {
        with_pot();
        let document = by_two(&pay_ben(0));
        System::reset_events();
        let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
        for place in 0..document.len() {
            let mut altered = document.clone();
            altered[place] ^= 1;
            assert_ne!(verdict("//ben", altered), Verdict::Executed, "byte {place}");
        }
        System::reset_events();
        assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
        assert_eq!(verdict("//ben", document), Verdict::Executed);
    });
}

#[test]
fn nobody_becomes_a_manager_without_consent_nor_alone() {
    run(|| {
        with_pot();
        for name in ["dot", "eve"] {
            assert_ok!(register("//BankB", BANK_B, name));
        }
        let (ann, ben, cid) = ((0, 0, "//ann"), (0, 1, "//ben"), (0, 2, "//cid"));
        let of = |names: &[&str], threshold, parties: &[&str]| change(1, names, threshold, parties);
        let missing = || failed(JointError::<Runtime>::ConsentMissing);
        // Dot is made one unasked; asked, but did not sign; somebody else did; two consent in the wrong order.
        let with_dot = ["ann", "ben", "dot"];
        is_refused("//ben", by_two(&of(&with_dot, 2, &[])), missing());
        let asked = of(&with_dot, 2, &["dot"]);
        is_refused("//ben", by_two(&asked), Verdict::BadSignature);
        is_refused("//ben", seated(&asked, &[ann, ben, (1, 0, "//eve")]), Verdict::BadSignature);
        is_refused("//ben", seated(&of(&with_dot, 2, &["eve"]), &[ann, ben, (1, 0, "//eve")]), missing());
        let both = of(&["dot", "eve"], 2, &["eve", "dot"]);
        is_refused("//ben", seated(&both, &[ann, ben, (1, 0, "//eve"), (2, 0, "//dot")]), missing());
        // A manager who stays is no newcomer.
        let stays = of(&["ann", "ben"], 2, &["ben"]);
        is_refused("//ben", seated(&stays, &[ann, cid, (1, 0, "//ben")]), missing());
        // Ann alone, whoever joins her.
        let alone = of(&["ann", "dot"], 1, &["dot"]);
        is_refused("//ben", seated(&alone, &[ann, (1, 0, "//dot")]), Verdict::BadSignature);
        // An owner with a key has no managers.
        let own = with_parties(of(&with_dot, 2, &[]), &[("ann", 0), ("dot", 0)]);
        let unknown = failed(JointError::<Runtime>::UnknownAccount);
        is_refused("//ben", seated(&own, &[ann, (1, 0, "//dot")]), unknown);
        assert_eq!(set(), ManagerSet { rule: rule(&MANAGERS, 2), version: 1 });
    });
}

#[test]
fn sets_that_cannot_be_are_refused() {
    run(|| {
        with_pot();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        assert_ok!(call("//BankB", pallet_identity::Call::suspend { owner: owner("dot") }));
        let by = |order: &Order| seated(order, &[(0, 0, "//ann"), (0, 2, "//cid")]);
        for (names, threshold, error) in [
            (&["ann"][..], 1, JointError::<Runtime>::TooFewManagers),
            (&[], 0, JointError::TooFewManagers),
            (&["ann", "ben", "ann"], 2, JointError::ManagerTwice),
            (&["ann", "ben"], 0, JointError::BadThreshold),
            (&["ann", "ben"], 3, JointError::BadThreshold),
            (&["ann", "nobody"], 1, JointError::UnknownManager),
            (&["ann", "dot"], 1, JointError::ManagerNotActive),
            (&["ann", "pot"], 1, JointError::ManagerIsJoint),
            (&MANAGERS, 2, JointError::SameManagers),
        ] {
            is_refused("//ben", by(&change(1, names, threshold, &[])), failed(error));
        }
        // The last version has no successor.
        pallet_joint::Sets::<Runtime>::mutate(pot(), |set| {
            set.as_mut().expect("opened").version = u32::MAX;
        });
        let last = by(&change(2, &["ann", "ben"], 1, &[]));
        is_refused("//ben", last, failed(JointError::<Runtime>::CounterOutOfRange));
        assert_eq!(verdict("//ben", by(&pay_ben(0))), Verdict::Executed);
    });
}

#[test]
fn a_cards_purse_manages_nothing_and_no_card_is_an_accounts() {
    run(|| {
        with_pot();
        assert_ok!(call(REGISTRY, cards::personalise(BANK_A, &[0])));
        let purse = OwnerId([&specie_primitives::cards::PURSE_TAG[..], &[7; 16]].concat().try_into().expect("an id"));
        let managers = vec![owner("ann"), purse].try_into().expect("few");
        let action = Action::SetManagers { rule: SigningRule { managers, threshold: 1 } };
        is_refused("//ben", by_two(&order(1, action)), failed(JointError::<Runtime>::ManagerIsCard));
        // A card is bound with the holder's signature, which nobody can make for the account.
        let (account, class, rule) = (owner("firm"), OwnerClass::Firm, rule(&["ann", "ben"], 1));
        let payload = Opening::new(System::block_hash(0), account, BANK_A, class, rule.clone(), expiry()).encode();
        let (person, signatures) = (Some(PersonTag([8; 32])), signatures(&["ann", "ben"], &payload));
        assert_ok!(call("//BankA", Call::open { account, class, person, rule, expiry: expiry(), signatures }));
        for key in ["//ann", "//firm"] {
            let error = pallet_cards::Error::<Runtime>::BadConsent;
            refused("//BankA", cards::bind(0, BANK_A, "firm", key), error);
        }
    });
}

#[test]
fn accounts_are_opened_with_the_consent_of_every_manager() {
    run(|| {
        with_money();
        assert_ok!(register("//BankB", BANK_B, "cid"));
        let wanted = rule(&MANAGERS, 2);
        let good = || signatures(&MANAGERS, &opening(&wanted, BANK_A));
        let bad = || JointError::<Runtime>::BadSignature;
        let missing = || JointError::<Runtime>::SignaturesMissing;
        // One is missing, one too many, in another order, or all by the same.
        let two = signatures(&["ann", "ben"], &opening(&wanted, BANK_A));
        refused("//BankA", open_with(wanted.clone(), two), missing());
        let four = signatures(&["ann", "ben", "cid", "ann"], &opening(&wanted, BANK_A));
        refused("//BankA", open_with(wanted.clone(), four), missing());
        for names in [["ben", "ann", "cid"], ["ann", "ann", "ann"], ["ann", "ben", "dot"]] {
            let other = signatures(&names, &opening(&wanted, BANK_A));
            refused("//BankA", open_with(wanted.clone(), other), bad());
        }
        // For another bank, by another one, with another threshold, for another class, or an account of another name.
        refused("//BankA", open_with(wanted.clone(), signatures(&MANAGERS, &opening(&wanted, BANK_B))), bad());
        refused("//BankB", open_with(wanted.clone(), good()), bad());
        refused("//BankA", open_with(rule(&MANAGERS, 1), good()), bad());
        refused("//BankA", open_with(rule(&["ann", "cid", "ben"], 2), good()), bad());
        let Call::open { account, class, person, rule: as_signed, expiry, signatures } =
            open_with(wanted.clone(), good())
        else {
            panic!("another call");
        };
        let altered = |account, class, person, expiry| {
            let (rule, signatures) = (as_signed.clone(), signatures.clone());
            Call::<Runtime>::open { account, class, person, rule, expiry, signatures }
        };
        refused("//BankA", altered(owner("pot2"), class, person, expiry), bad());
        let tag = Some(PersonTag([7; 32]));
        refused("//BankA", altered(account, OwnerClass::Firm, tag, expiry), bad());
        refused("//BankA", altered(account, class, tag, expiry), IdentityError::<Runtime>::TagNotAllowed);
        refused("//BankA", altered(account, class, person, expiry + 1), bad());
        refused("//BankA", altered(owner("ann"), class, person, expiry), JointError::<Runtime>::BadSignature);
        // Too late, and by nobody who is a bank.
        refused("//ann", altered(account, class, person, expiry), DispatchError::BadOrigin);
        start_block(expiry);
        assert_ok!(call("//BankA", altered(account, class, person, expiry)));
        let again = altered(account, class, person, expiry);
        refused("//BankA", again.clone(), IdentityError::<Runtime>::AlreadyRegistered);
        start_block(expiry + 1);
        refused("//BankA", again, IdentityError::<Runtime>::ProofExpired);
    });
}

#[test]
fn accounts_are_not_opened_with_managers_that_cannot_be() {
    run(|| {
        with_pot();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        assert_ok!(call("//BankB", pallet_identity::Call::suspend { owner: owner("dot") }));
        for (names, threshold, error) in [
            (&["ann"][..], 1, JointError::<Runtime>::TooFewManagers),
            (&["ann", "ann"], 1, JointError::ManagerTwice),
            (&["ann", "ben"], 0, JointError::BadThreshold),
            (&["ann", "ben"], 3, JointError::BadThreshold),
            (&["ann", "nobody"], 1, JointError::UnknownManager),
            (&["ann", "dot"], 1, JointError::ManagerNotActive),
            (&["ann", "pot"], 1, JointError::ManagerIsJoint),
        ] {
            refused("//BankA", open(names, threshold, BANK_A), error);
        }
        // One manages so many accounts and no more.
        let list = vec![owner("other"); specie_primitives::joint::MAX_MANAGED as usize];
        let before = pallet_joint::OfManager::<Runtime>::get(owner("ann"));
        pallet_joint::OfManager::<Runtime>::insert(owner("ann"), frame_support::BoundedVec::truncate_from(list));
        let wanted = rule(&["ann", "ben"], 1);
        let payload = |account| {
            Opening::new(System::block_hash(0), account, BANK_A, OwnerClass::Phone, wanted.clone(), expiry()).encode()
        };
        let account = owner("pot2");
        let full = Call::open {
            account,
            class: OwnerClass::Phone,
            person: None,
            rule: wanted.clone(),
            expiry: expiry(),
            signatures: signatures(&["ann", "ben"], &payload(account)),
        };
        refused("//BankA", full, JointError::<Runtime>::TooManyAccounts);
        pallet_joint::OfManager::<Runtime>::insert(owner("ann"), before);
    });
}

#[test]
fn a_bank_gives_an_account_no_key_and_no_class() {
    run(|| {
        with_pot();
        let joint = || IdentityError::<Runtime>::JointAccount;
        let (key, expiry) = (account("//thief"), expiry());
        let proof = RebindProof::new(System::block_hash(0), pot(), BANK_A, key.clone(), expiry);
        let signature = pair("//thief").sign(&proof.encode());
        let rebind = pallet_identity::Call::request_rebind { owner: pot(), key, expiry, signature };
        refused("//BankA", rebind.clone(), joint());
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: pot() }));
        refused("//BankA", rebind, joint());
        let complete = pallet_identity::Call::complete_rebind { owner: pot() };
        refused("//BankA", complete, IdentityError::<Runtime>::NoRebind);
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: pot() }));
        let (class, person) = (OwnerClass::Firm, Some(PersonTag([7; 32])));
        for key in ["//ann", "//pot"] {
            let changed = || {
                let proof = ClassProof::new(System::block_hash(0), pot(), BANK_A, class, person, expiry);
                let consent = Some(pallet_identity::Consent { expiry, signature: pair(key).sign(&proof.encode()) });
                pallet_identity::Call::change_class { owner: pot(), class, person, consent }
            };
            refused("//BankA", changed(), joint());
        }
        refused("//BankA", pallet_identity::Call::release { owner: pot() }, joint());
        refused("//BankB", pallet_identity::Call::accept_move { owner: pot() }, IdentityError::<Runtime>::NoOffer);
        // Nobody else gets the account's id as a key.
        let taken = |uri: &str| {
            let (name, class, expiry) = ("dot", OwnerClass::Phone, expiry);
            let key = pot().account();
            let proof = RegistrationProof::new(System::block_hash(0), owner(name), BANK_B, key.clone(), class, expiry);
            let signature = pair(uri).sign(&proof.encode());
            pallet_identity::Call::register { owner: owner(name), key, class, person: None, expiry, signature }
        };
        refused("//BankB", taken("//dot"), IdentityError::<Runtime>::KeyNotForOwners);
        assert_eq!(pallet_identity::Owners::<Runtime>::get(pot()).expect("opened").key, pot().account());
        // Not even a signature that were good for that id would be the account's.
        assert!(!<Identity as Signatures>::is_signed(pot(), b"message", &sign("//ann", b"message")));
        assert_eq!(<Joint as JointAccounts>::managers(pot()), Some(set()));
    });
}

#[test]
fn what_is_in_the_account_counts_when_a_bank_wants_a_managers_key() {
    run(|| {
        with_pot();
        let limit = pallet_identity::RebindApprovalValue::<Runtime>::get();
        assert_ok!(call("//Issuing//1", pallet_vault::Call::credit { bank: BANK_A, amount: 2 * limit }));
        assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: pot(), amount: limit }));
        let (key, expiry) = (account("//thief"), expiry());
        let proof = RebindProof::new(System::block_hash(0), owner("ben"), BANK_A, key.clone(), expiry);
        let signature = pair("//thief").sign(&proof.encode());
        let ben = owner("ben");
        assert_ok!(call("//BankA", pallet_identity::Call::request_rebind { owner: ben, key, expiry, signature }));
        let info = Identity::recoveries().find(|info| info.owner == ben).expect("requested");
        assert_eq!((info.held, info.needs_approval), (limit + 1_000 * TENS as Balance, true));
        wait();
        let complete = pallet_identity::Call::complete_rebind { owner: ben };
        refused("//BankA", complete, IdentityError::<Runtime>::ApprovalMissing);
        // What Ben holds by himself is nothing, and he is alone with no limit of the account.
        assert_eq!(Limits::info(ben).expect("registered").held, 0);
    });
}

#[test]
fn an_id_that_somebody_else_may_get_manages_nothing() {
    run(|| {
        with_pot();
        // Cid has nothing, and its bank would close it.
        let close = || pallet_identity::Call::close { owner: owner("cid") };
        refused("//BankB", close(), JointError::<Runtime>::ManagesAccounts);
        limits::at(20_000 * specie_primitives::limits::DAY_MS);
        let release = pallet_identity::Call::release { owner: owner("cid") };
        refused("//BankB", release, JointError::<Runtime>::ManagesAccounts);
        // Without a seat it can.
        assert_eq!(verdict("//BankB", by_two(&change(1, &["ann", "ben"], 2, &[]))), Verdict::Executed);
        assert_ok!(call("//BankB", close()));
    });
}

#[test]
fn the_account_id_signs_no_transaction() {
    run(|| {
        with_pot();
        // Nobody has such a key; and were there one, nothing is bound to it.
        let coins = coins_of("pot")[..1].to_vec().try_into().expect("one");
        let transfer = RuntimeCall::from(pallet_ownership::Call::transfer { to: owner("ben"), coins });
        let sent = frame_support::storage::with_storage_layer(|| {
            transfer.dispatch(RuntimeOrigin::signed(pot().account())).map(drop).map_err(|error| error.error)
        });
        assert_eq!(sent, Err(DispatchError::BadOrigin));
        let standing = <crate::signers::Signers as pallet_admission::ClassifySigner<_, _>>::classify(&pot().account());
        assert!(standing.is_err());
    });
}
