//! What managers do together.

use super::*;
use specie_primitives::{joint::JointInfo, ClassLimits, OwnerStatus, SuspendedBy};

#[test]
fn success_a_bank_opens_an_account_that_all_managers_signed() {
    run(|| {
        with_money();
        assert_ok!(register("//BankB", BANK_B, "cid"));
        assert_ok!(call("//BankA", open(&MANAGERS, 2, BANK_A)));
        // Then: it is an owner of the bank, without a key.
        let record = pallet_identity::Owners::<Runtime>::get(pot()).expect("opened");
        assert_eq!((record.bank, record.class, record.status), (BANK_A, OwnerClass::Phone, OwnerStatus::Active));
        assert_eq!(record.key, pot().account());
        assert!(!pallet_identity::OwnerOf::<Runtime>::contains_key(&record.key));
        // And: everybody is told who signs.
        let managers = MANAGERS.map(owner).to_vec();
        let info = JointInfo { account: pot(), managers, threshold: 2, version: 1, proposal: None };
        assert_eq!(Joint::info(pot()), Some(info.clone()));
        for name in MANAGERS {
            assert_eq!(Joint::managed(owner(name)), [info.clone()]);
        }
        assert_eq!((Joint::info(owner("ann")), Joint::managed(pot())), (None, vec![]));
    });
}

#[test]
fn success_so_many_managers_as_must_sign_pay() {
    run(|| {
        with_pot();
        let (ann, ben, cid) = ((0, 0, "//ann"), (0, 1, "//ben"), (0, 2, "//cid"));
        let before = purse("ben");
        for (paid, signers) in [&[ann, ben][..], &[ann, cid], &[ben, cid], &[ann, ben, cid]].into_iter().enumerate() {
            // The purse is shorter each time.
            let order = order(paid as u8, coins("ben", &coins_of("pot")[..1]));
            assert_eq!(verdict("//BankB", seated(&order, signers)), Verdict::Executed, "{signers:?}");
            is_refused("//BankB", seated(&order, signers), Verdict::AlreadyExecuted);
        }
        assert_eq!((purse("ben") - before, coins_of("pot").len()), (4_000, TENS - 4));
        assert_eq!(Limits::info(pot()).expect("registered").paid_today, 4_000);
    });
}

#[test]
fn success_custody_and_limits_are_the_accounts_own() {
    run(|| {
        with_pot();
        assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: pot(), amount: 5_000 }));
        let custody_to_ben =
            |amount| Action::Custody { from_bank: BANK_A, to_bank: BANK_A, to: owner("ben"), amount, expires: None };
        assert_eq!(verdict("//ben", by_two(&order(1, custody_to_ben(4_000)))), Verdict::Executed);
        assert_eq!((custody(BANK_A, "pot"), custody(BANK_A, "ben")), (1_000, 4_000));
        let limits = ClassLimits { per_payment: Some(500), per_day: None, balance: None };
        assert_ok!(call(SUPERVISOR, pallet_limits::Call::set_limits { class: OwnerClass::Phone, limits }));
        let over = failed(pallet_limits::Error::<Runtime>::OverPaymentLimit);
        is_refused("//ben", by_two(&order(2, custody_to_ben(501))), over);
        assert_eq!(verdict("//ben", by_two(&order(3, custody_to_ben(500)))), Verdict::Executed);
    });
}

#[test]
fn success_managers_sign_wrapped_and_with_their_present_keys() {
    run(|| {
        with_pot();
        let order = pay_ben(0);
        assert_ok!(rotate("ann", "//ann", "//ann2"));
        is_refused("//ben", by_two(&order), Verdict::BadSignature);
        let wrapped = [b"<Bytes>".as_slice(), &order.encode(), b"</Bytes>"].concat();
        let one = |seat, signature| OrderSignature { party: 0, seat, signature };
        let signatures = vec![one(0, sign("//ann2", &order.encode())), one(1, sign("//ben", &wrapped))];
        let document = SignedOrder { order, signatures: signatures.try_into().expect("two") };
        assert_eq!(verdict("//ben", document.encode()), Verdict::Executed);
    });
}

#[test]
fn success_managers_change_by_the_same_rule() {
    run(|| {
        with_pot();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        // Given: an order that two signed for the set of now.
        let pending = by_two(&pay_ben(0));

        // When: Ann and Cid have Dot take Ben's seat.
        let order = change(1, &["dot", "cid", "ann"], 2, &["dot"]);
        let document = seated(&order, &[(0, 0, "//ann"), (0, 2, "//cid"), (1, 0, "//dot")]);
        assert_eq!(verdict("//BankB", document.clone()), Verdict::Executed);

        // Then
        assert_eq!(set(), ManagerSet { rule: rule(&["dot", "cid", "ann"], 2), version: 2 });
        assert!(Joint::managed(owner("ben")).is_empty());
        assert_eq!(Joint::managed(owner("dot")).len(), 1);
        is_refused("//BankB", pending, Verdict::OtherManagers);
        is_refused("//BankB", document, Verdict::AlreadyExecuted);
        let order = pay_ben(0);
        is_refused("//BankB", seated(&order, &[(0, 1, "//ben"), (0, 2, "//ann")]), Verdict::BadSignature);
        assert_eq!(verdict("//BankB", seated(&order, &[(0, 0, "//dot"), (0, 2, "//ann")])), Verdict::Executed);

        // When: they want all three to sign. Then: nobody new must consent.
        let order = change(2, &["dot", "cid", "ann"], 3, &[]);
        assert_eq!(verdict("//BankB", seated(&order, &[(0, 0, "//dot"), (0, 1, "//cid")])), Verdict::Executed);
        let order = pay_ben(1);
        is_refused("//BankB", seated(&order, &[(0, 0, "//dot"), (0, 1, "//cid")]), Verdict::BadSignature);
        let all = [(0, 0, "//dot"), (0, 1, "//cid"), (0, 2, "//ann")];
        assert_eq!(verdict("//BankB", seated(&order, &all)), Verdict::Executed);
    });
}

#[test]
fn success_so_many_managers_as_must_sign_take_consent_back() {
    run(|| {
        with_pot();
        let (paying, now) = (pay_ben(0), Orders::clock());
        let cancel = Action::Cancel { order: paying.id(), valid_until: now + WINDOW };
        // One manager alone cancels nothing: neither by an order nor by the call for owners.
        is_refused("//ann", seated(&order(1, cancel.clone()), &[(0, 0, "//ann")]), Verdict::BadSignature);
        let alone = pallet_orders::Call::cancel { order: paying.id(), valid_until: now + WINDOW };
        assert_ok!(call("//ann", alone));
        let cancelled = seated(&order(1, cancel), &[(0, 1, "//ben"), (0, 2, "//cid")]);
        assert_eq!(verdict("//ann", cancelled), Verdict::Executed);
        is_refused("//ann", by_two(&paying), Verdict::Cancelled);
        assert_eq!(verdict("//ann", by_two(&pay_ben(1))), Verdict::Executed);
    });
}

#[test]
fn an_account_is_suspended_held_moved_and_closed_as_others_are() {
    run(|| {
        with_pot();
        let order = pay_ben(0);
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: pot() }));
        is_refused("//ben", by_two(&order), Verdict::PartyNotActive);
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: pot() }));
        assert_ok!(call(SUPERVISOR, supervision::hold([supervision::person("pot")], None)));
        is_refused("//ben", by_two(&order), Verdict::PartyNotActive);
        assert_ok!(call(SUPERVISOR, supervision::release([supervision::person("pot")])));
        assert_ok!(call(SUPERVISOR, pallet_identity::Call::assign { owner: pot(), bank: BANK_B }));
        assert_eq!(verdict("//ben", by_two(&order)), Verdict::Executed);
        // The bank closes it when nothing is left, and for good.
        let close = || pallet_identity::Call::close { owner: pot() };
        refused("//BankB", close(), pallet_ownership::Error::<Runtime>::CoinsLeft);
        let rest = super::order(9, coins("ben", &coins_of("pot")));
        assert_eq!(verdict("//ben", by_two(&rest)), Verdict::Executed);
        assert_ok!(call("//BankB", close()));
        assert_eq!(supervision::status("pot"), OwnerStatus::Closed);
        let reinstate = pallet_identity::Call::reinstate { owner: pot() };
        refused(SUPERVISOR, reinstate, IdentityError::<Runtime>::JointAccount);
        refused("//BankB", open(&MANAGERS, 2, BANK_B), IdentityError::<Runtime>::AlreadyRegistered);
    });
}

#[test]
fn a_suspended_managers_signature_does_not_count() {
    run(|| {
        with_pot();
        let order = pay_ben(0);
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        assert_eq!(supervision::status("ann"), OwnerStatus::Suspended(SuspendedBy::Bank));
        let all = [(0, 0, "//ann"), (0, 1, "//ben"), (0, 2, "//cid")];
        is_refused("//ben", seated(&order, &all), Verdict::ManagerNotActive);
        is_refused("//ben", by_two(&order), Verdict::ManagerNotActive);
        assert_eq!(verdict("//ben", seated(&order, &all[1..])), Verdict::Executed);
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("ann") }));
        assert_eq!(verdict("//ben", by_two(&pay_ben(1))), Verdict::Executed);
    });
}

#[test]
fn sixteen_managers_sign_one_order() {
    run(|| {
        with_money();
        let names: Vec<_> = (0..16).map(|place| format!("m{place}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for name in &names {
            assert_ok!(register("//BankB", BANK_B, name));
        }
        assert_ok!(call("//BankA", open(&names, 16, BANK_A)));
        let paid = coins_of("ann")[..1].to_vec().try_into().expect("one");
        assert_ok!(call("//ann", pallet_ownership::Call::transfer { to: pot(), coins: paid }));
        let order = pay_ben(0);
        let keys: Vec<_> = names.iter().map(|name| format!("//{name}")).collect();
        let all: Vec<_> = keys.iter().enumerate().map(|(seat, key)| (0, seat as u8, key.as_str())).collect();
        is_refused("//ben", seated(&order, &all[..15]), Verdict::BadSignature);
        assert_eq!(verdict("//ben", seated(&order, &all)), Verdict::Executed);
        // With a newcomer they are too many for an order: fewer sign from now on, and then there is room.
        let fewer = change(1, &names, 15, &[]);
        assert_eq!(verdict("//ben", seated(&fewer, &all)), Verdict::Executed);
        let others = [&names[1..], &["ann"]].concat();
        let newcomer = change(2, &others, 15, &["ann"]);
        let signers = [&all[..15], &[(1, 0, "//ann")]].concat();
        assert_eq!(verdict("//ben", seated(&newcomer, &signers)), Verdict::Executed);
        assert_eq!((set().version, set().rule.seat(owner("ann"))), (3, Some(15)));
    });
}
