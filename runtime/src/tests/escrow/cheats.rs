//! One side alone, the wrong ones, twice, more than there is, and ways around limits and holds.

use super::*;
use codec::Encode;
use pallet_identity::Error as IdentityError;
use specie_primitives::identity::RebindProof;

#[test]
fn nobody_sets_custody_of_others_aside() {
    run(|| {
        with_banks();
        let action = || hold("ben", PRICE, AtExpiry::Pay);
        // One signature is missing, or is another's.
        let wanted = order(&["ann", "ben"], action());
        for keys in [&["//ann"][..], &["//ben"], &["//ben", "//ann"], &["//ann", "//ann"], &["//ann", "//cid"]] {
            is_refused("//ben", signed(&wanted, keys), Verdict::BadSignature);
        }
        // Too few parties, or too many.
        for parties in [&["ann"][..], &["ben"], &["ann", "ben", "cid"]] {
            is_refused("//BankC", document(&order(parties, action()), parties), Verdict::WrongParties);
        }
        // The first party pays, and has nothing at that bank.
        denied(&["ben", "ann"], action(), CustodyError::<Runtime>::CustodyTooLow);
        denied(&["ann", "ann"], action(), EscrowError::<Runtime>::SameOwner);
        // A party that is not active takes no part.
        assert_ok!(call("//BankB", pallet_identity::Call::suspend { owner: owner("ben") }));
        is_refused("//BankC", document(&wanted, &["ann", "ben"]), Verdict::PartyNotActive);
        assert_ok!(call("//BankB", pallet_identity::Call::reinstate { owner: owner("ben") }));
        // Who took its consent back neither: payer or payee.
        let cancel = pallet_orders::Call::cancel { order: wanted.id(), valid_until: wanted.valid_until };
        assert_ok!(call("//ben", cancel));
        is_refused("//BankC", document(&wanted, &["ann", "ben"]), Verdict::Cancelled);
        assert_eq!((pots(), both("ben")), ([0; 3], (ALL, ALL)));
    });
}

#[test]
fn fails_with_terms_that_cannot_be_kept() {
    run(|| {
        with_banks();
        let with = |change: &dyn Fn(&mut BankId, &mut BankId, &mut Balance, &mut BlockNumber)| {
            let mut action = hold("ben", PRICE, AtExpiry::Pay);
            if let Action::Hold { from_bank, to_bank, amount, expires, .. } = &mut action {
                change(from_bank, to_bank, amount, expires);
            }
            action
        };
        let pair = &["ann", "ben"];
        denied(pair, with(&|_, _, amount, _| *amount = 0), CustodyError::<Runtime>::ZeroAmount);
        denied(pair, with(&|_, _, amount, _| *amount = ALL + 1), CustodyError::<Runtime>::CustodyTooLow);
        denied(pair, with(&|_, _, amount, _| *amount = Balance::MAX), CustodyError::<Runtime>::CustodyTooLow);
        denied(pair, with(&|from, _, _, _| *from = BANK_B), CustodyError::<Runtime>::CustodyTooLow);
        denied(pair, with(&|from, _, _, _| *from = BankId(9)), EscrowError::<Runtime>::BankNotActive);
        denied(pair, with(&|_, to, _, _| *to = BankId(9)), EscrowError::<Runtime>::BankNotActive);
        let now = Orders::clock();
        let most = now + crate::configs::MaxEscrowLife::get();
        denied(pair, with(&|_, _, _, expires| *expires = now), EscrowError::<Runtime>::ExpiryTooSoon);
        denied(pair, with(&|_, _, _, expires| *expires = 0), EscrowError::<Runtime>::ExpiryTooSoon);
        denied(pair, with(&|_, _, _, expires| *expires = most + 1), EscrowError::<Runtime>::ExpiryTooFar);
        denied(pair, with(&|_, _, _, expires| *expires = BlockNumber::MAX), EscrowError::<Runtime>::ExpiryTooFar);
        for bank in [BANK_A, BANK_B] {
            assert_ok!(call(SUPERVISOR, pallet_participants::Call::suspend_bank { bank }));
            denied(pair, hold("ben", PRICE, AtExpiry::Pay), EscrowError::<Runtime>::BankNotActive);
            assert_ok!(call(SUPERVISOR, pallet_participants::Call::reinstate_bank { bank }));
        }
        // To the first and the last block that can be agreed on.
        assert_eq!(ask(pair, with(&|_, _, _, expires| *expires = now + 1)), Verdict::Executed);
        assert_eq!(ask(pair, with(&|_, _, _, expires| *expires = most)), Verdict::Executed);
    });
}

#[test]
fn one_side_alone_takes_nothing() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Pay);
        // The payee does not release, nor a stranger, by call or by order; and the payer takes nothing back alone.
        for name in ["ben", "cid"] {
            refused(&format!("//{name}"), release(escrow, 1), EscrowError::<Runtime>::NotPayer);
            denied(&[name], Action::Release { escrow, amount: 1 }, EscrowError::<Runtime>::NotPayer);
        }
        let back = || Action::Return { escrow, amount: 1 };
        for alone in ["ann", "ben"] {
            is_refused("//BankC", document(&order(&[alone], back()), &[alone]), Verdict::WrongParties);
        }
        // Nor with somebody else, nor the other way round, nor twice the same.
        for pair in [["ann", "cid"], ["cid", "ben"], ["ben", "ann"], ["ann", "ann"], ["ben", "ben"]] {
            denied(&pair, back(), EscrowError::<Runtime>::NotParties);
        }
        let agreed = order(&["ann", "ben"], back());
        for keys in [["//ann", "//cid"], ["//cid", "//ben"], ["//ben", "//ann"], ["//ann", "//ann"]] {
            is_refused("//BankC", signed(&agreed, &keys), Verdict::BadSignature);
        }
        // Institutions have no part in it.
        for uri in ["//BankA", "//BankB", "//Issuing//1", SUPERVISOR, "//Mallory"] {
            refused(uri, release(escrow, 1), DispatchError::BadOrigin);
            refused(uri, dispute(escrow), DispatchError::BadOrigin);
        }
        refused("//ann", dispute(OrderId([7; 32])), EscrowError::<Runtime>::UnknownEscrow);
        assert_eq!((pots(), info(escrow).rest), ([PRICE, 0, 0], PRICE));
    });
}

#[test]
fn nothing_goes_out_twice() {
    run(|| {
        with_banks();
        // The order that made it, again, and signed anew.
        let made = order(&["ann", "ben"], hold("ben", PRICE, AtExpiry::Pay));
        assert_eq!(verdict("//BankC", document(&made, &["ann", "ben"])), Verdict::Executed);
        for uri in ["//BankC", "//ben"] {
            is_refused(uri, document(&made, &["ann", "ben"]), Verdict::AlreadyExecuted);
        }
        let escrow = made.id();
        // More than is left.
        let too_high = || EscrowError::<Runtime>::AmountTooHigh;
        refused("//ann", release(escrow, PRICE + 1), too_high());
        refused("//ann", release(escrow, Balance::MAX), too_high());
        refused("//ann", release(escrow, 0), CustodyError::<Runtime>::ZeroAmount);
        denied(&["ann", "ben"], Action::Return { escrow, amount: PRICE + 1 }, too_high());
        denied(&["ann", "ben"], Action::Return { escrow, amount: 0 }, CustodyError::<Runtime>::ZeroAmount);
        // One release, brought twice.
        let half = order(&["ann"], Action::Release { escrow, amount: PRICE / 2 });
        assert_eq!(verdict("//ben", document(&half, &["ann"])), Verdict::Executed);
        is_refused("//ben", document(&half, &["ann"]), Verdict::AlreadyExecuted);
        refused("//ann", release(escrow, PRICE / 2 + 1), too_high());
        // Release after return, return after release.
        assert_eq!(ask(&["ann", "ben"], Action::Return { escrow, amount: PRICE / 2 - 1 }), Verdict::Executed);
        refused("//ann", release(escrow, 2), too_high());
        assert_ok!(call("//ann", release(escrow, 1)));
        let gone = || EscrowError::<Runtime>::UnknownEscrow;
        refused("//ann", release(escrow, 1), gone());
        denied(&["ann", "ben"], Action::Return { escrow, amount: 1 }, gone());
        for over in [dispute(escrow), conclude(escrow)] {
            refused("//ann", over, gone());
        }
        refused(SUPERVISOR, decide(escrow, 0), gone());
        // When the order is forgotten, it has expired: nobody makes the escrow anew.
        start_block(made.valid_until + 1);
        Orders::do_forget(10_000);
        is_refused("//BankC", document(&made, &["ann", "ben"]), Verdict::Expired);
        assert_eq!(both("ben"), (ALL - PRICE / 2 - 1, ALL + PRICE / 2 + 1));
    });
}

#[test]
fn an_order_for_another_escrow_or_network_does_nothing() {
    run(|| {
        with_banks();
        let (one, two) = (opened("ben", AtExpiry::Pay), opened("dot", AtExpiry::Pay));
        // Ben signs for his escrow what is about another's.
        denied(&["ann", "ben"], Action::Return { escrow: two, amount: PRICE }, EscrowError::<Runtime>::NotParties);
        let signed_for_one = order(&["ann"], Action::Release { escrow: one, amount: PRICE });
        let mut altered = signed_for_one.clone();
        altered.action = Action::Release { escrow: two, amount: PRICE };
        let signatures = document(&signed_for_one, &["ann"]);
        // The signature of the one under the other: its last 66 bytes.
        let forged = [altered.encode(), signatures[signatures.len() - 67..].to_vec()].concat();
        is_refused("//ben", forged, Verdict::BadSignature);
        let elsewhere = Order { genesis: Hash::repeat_byte(9), ..signed_for_one };
        is_refused("//ben", document(&elsewhere, &["ann"]), Verdict::OtherNetwork);
    });
}

#[test]
fn limits_are_not_evaded_by_setting_aside() {
    run(|| {
        with_banks();
        limits::set_limits(OwnerClass::Phone, Some(50_000), Some(60_000), Some(ALL + 45_000));
        // Above a payment, then above a day: what is set aside is paid today, though nobody has it yet.
        denied(&["ann", "ben"], hold("ben", 50_001, AtExpiry::Pay), LimitsError::<Runtime>::OverPaymentLimit);
        let escrow = opened("ben", AtExpiry::Pay);
        denied(&["ann", "dot"], hold("dot", 20_001, AtExpiry::Pay), LimitsError::<Runtime>::OverDailyLimit);
        // What is in it is held by the payer still: nobody fills an account beside it.
        let credit = |amount| pallet_custody::Call::credit { owner: owner("ann"), amount };
        give_reserve(BANK_A, ALL);
        refused("//BankA", credit(45_001), LimitsError::<Runtime>::OverBalanceLimit);
        assert_ok!(call("//BankA", credit(45_000)));
        // And what comes back renews no day.
        assert_eq!(ask(&["ann", "ben"], Action::Return { escrow, amount: PRICE }), Verdict::Executed);
        denied(&["ann", "dot"], hold("dot", 20_001, AtExpiry::Pay), LimitsError::<Runtime>::OverDailyLimit);
        assert_eq!(limits::info("ann").held, ALL + 45_000);
        // A payee that may not hold it gets no promise of it, nor a release.
        denied(&["cid", "ann"], from_cid(1), EscrowError::<Runtime>::PayeeOverLimit);
        assert_ok!(call("//BankA", pallet_custody::Call::debit { owner: owner("ann"), amount: 1_000 }));
        let small = order(&["cid", "ann"], from_cid(1_000));
        assert_eq!(verdict("//BankC", document(&small, &["cid", "ann"])), Verdict::Executed);
        assert_ok!(call("//BankA", credit(1)));
        refused("//cid", release(small.id(), 1_000), LimitsError::<Runtime>::OverBalanceLimit);
        assert_ok!(call("//cid", release(small.id(), 999)));
    });
}

/// Custody of Cid for Ann.
fn from_cid(amount: Balance) -> Action {
    let expires = Orders::clock() + LIFE;
    Action::Hold { from_bank: BANK_C, to_bank: BANK_A, amount, expires, at_expiry: AtExpiry::Pay, reference: None }
}

#[test]
fn who_is_held_moves_nothing_by_an_escrow() {
    run(|| {
        with_banks();
        let escrow = opened("ben", AtExpiry::Return);
        assert_ok!(call(SUPERVISOR, supervision::hold([supervision::person("ann")], None)));
        refused("//ann", release(escrow, 1), DispatchError::BadOrigin);
        refused("//ann", dispute(escrow), DispatchError::BadOrigin);
        for (parties, action) in [
            (&["ann", "ben"][..], hold("ben", 1, AtExpiry::Pay)),
            (&["ann"][..], Action::Release { escrow, amount: 1 }),
            (&["ann", "ben"][..], Action::Return { escrow, amount: 1 }),
            (&["ann"][..], Action::Dispute { escrow }),
        ] {
            is_refused("//BankC", document(&order(parties, action), parties), Verdict::PartyNotActive);
        }
        // What it has is counted and stays where it is.
        assert_eq!((pots(), custody(BANK_A, "ann")), ([PRICE, 0, 0], ALL - PRICE));
    });
}

#[test]
fn no_bank_agrees_in_a_payees_place_unseen() {
    for (limit, is_seen) in [(PRICE - 1, true), (PRICE, false)] {
        run(|| {
            // Given: Dot has nothing, and is to get something. Her bank would have a key of its own for her.
            with_banks();
            pallet_identity::RebindApprovalValue::<Runtime>::put(limit);
            let escrow = opened("dot", AtExpiry::Pay);
            let (dot, key, expiry) = (owner("dot"), account("//thief"), System::block_number() + 100);
            let proof = RebindProof::new(System::block_hash(0), dot, BANK_A, key.clone(), expiry);
            let signature = pair("//thief").sign(&proof.encode());
            let request = pallet_identity::Call::request_rebind { owner: dot, key, expiry, signature };
            assert_ok!(call("//BankA", request));
            let recovery = Identity::recoveries().find(|recovery| recovery.owner == dot).expect("requested");
            assert_eq!((recovery.held, recovery.needs_approval), (PRICE, is_seen));
            // What limits count is the payer's.
            assert_eq!((limits::info("dot").held, limits::info("ann").held), (0, ALL));

            // When
            start_block(System::block_number() + pallet_identity::RebindDelay::<Runtime>::get());
            let complete = pallet_identity::Call::complete_rebind { owner: dot };

            // Then: not with as much as the issuer wants to see.
            if is_seen {
                refused("//BankA", complete, IdentityError::<Runtime>::ApprovalMissing);
                // What is released or goes back is in no key's reach through it any more.
                assert_ok!(call("//ann", release(escrow, 1)));
                assert_eq!(pallet_escrow::OfPayee::<Runtime>::get(dot), PRICE - 1);
            } else {
                assert_ok!(call("//BankA", complete));
            }
        });
    }
}

#[test]
fn neither_side_leaves_nor_the_bank_that_owes_it() {
    run(|| {
        // Given: everything that Ann has, for Dot who has nothing, and Ben's account at a bank of his own.
        with_banks();
        let order_of_all = order(&["ann", "dot"], hold("dot", ALL, AtExpiry::Pay));
        assert_eq!(verdict("//BankC", document(&order_of_all, &["ann", "dot"])), Verdict::Executed);
        let escrow = order_of_all.id();
        let open = || EscrowError::<Runtime>::EscrowsOpen;
        let close = |name| pallet_identity::Call::close { owner: owner(name) };
        for name in ["ann", "dot"] {
            refused("//BankA", close(name), open());
        }
        assert_ok!(call("//ann", release(escrow, ALL)));
        assert_ok!(call("//BankA", close("ann")));

        // And: a bank that is to owe a payee, and owes nobody yet.
        let admit = pallet_participants::Call::admit_bank {
            bank: BankId(7),
            name: b"Bank G".to_vec().try_into().expect("short"),
            account: account("//BankG"),
        };
        assert_ok!(call("//Admitting//1", admit));
        let action = Action::Hold {
            from_bank: BANK_B,
            to_bank: BankId(7),
            amount: 1_000,
            expires: Orders::clock() + LIFE,
            at_expiry: AtExpiry::Return,
            reference: None,
        };
        let to_g = order(&["ben", "dot"], action);
        assert_eq!(verdict("//BankC", document(&to_g, &["ben", "dot"])), Verdict::Executed);
        // The payee chose that bank when it signed: so it becomes its customer.
        assert_ok!(call("//ben", release(to_g.id(), 400)));
        assert_eq!(custody(BankId(7), "dot"), 400);
        assert_ok!(call("//BankG", pallet_custody::Call::debit { owner: owner("dot"), amount: 400 }));
        assert_ok!(call("//Issuing//1", pallet_vault::Call::debit { bank: BankId(7), amount: 400 }));
        // It may go, or strangers would keep it for years: Ben's bank owes what it was to owe.
        assert_ok!(call("//Admitting//1", pallet_participants::Call::close_bank { bank: BankId(7) }));
        assert_ok!(call("//ben", release(to_g.id(), 500)));
        assert_eq!((custody(BankId(7), "dot"), custody(BANK_B, "dot"), info(to_g.id()).rest), (0, 500, 100));
        refused("//BankA", close("ann"), IdentityError::<Runtime>::OwnerClosed);
    });
}
