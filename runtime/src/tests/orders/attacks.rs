//! Cheats: replays, altered and foreign documents, wrong signers.

use super::*;
use specie_primitives::orders::OrderParty;

#[test]
fn an_order_is_executed_once_whoever_brings_it_and_whenever() {
    run(|| {
        with_money();
        let order = pay_ben(0);
        let document = signed(&order, &["//ann"]);
        assert_eq!(
            verdicts("//BankA", vec![document.clone(), document.clone()]),
            [Verdict::Executed, Verdict::AlreadyExecuted]
        );
        // sr25519 signs with other bytes every time.
        let again = signed(&order, &["//ann"]);
        assert_ne!(document, again);
        // Ben gives the coin back, so that the coin itself is where it was; only its revision is not.
        let back = coins_of("ben");
        let returned = pallet_ownership::Call::transfer { to: owner("ann"), coins: back.try_into().expect("one") };
        assert_ok!(call("//ben", returned));
        for block in [1, 2, order.valid_until] {
            start_block(block);
            for uri in ["//ann", "//ben", "//BankA", "//BankB", "//Issuing//1"] {
                is_refused(uri, document.clone(), Verdict::AlreadyExecuted);
                is_refused(uri, again.clone(), Verdict::AlreadyExecuted);
            }
            Orders::do_forget(u64::MAX);
        }
        start_block(order.valid_until + 1);
        for _ in 0..2 {
            is_refused("//ben", document.clone(), Verdict::Expired);
            is_refused("//BankB", again.clone(), Verdict::Expired);
            Orders::do_forget(u64::MAX);
            assert!(!is_done(&order));
        }
    });
}

#[test]
fn no_altered_byte_passes() {
    run(|| {
        with_money();
        let order = pay_ben(0);
        let document = signed(&order, &["//ann"]);
        System::reset_events();
        let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
        for place in 0..document.len() {
            for bit in [1, 128] {
                let mut altered = document.clone();
                altered[place] ^= bit;
                assert_ne!(verdict("//ben", altered), Verdict::Executed, "byte {place}");
            }
        }
        for cut in [0, 1, 24, 110, 148, document.len() - 1] {
            assert_eq!(verdict("//ben", document[..cut].to_vec()), Verdict::Unreadable);
        }
        assert_eq!(verdict("//ben", [&document[..], &[0]].concat()), Verdict::Unreadable);
        System::reset_events();
        assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
        assert_eq!(verdict("//ben", document), Verdict::Executed);
    });
}

#[test]
fn no_altered_field_passes() {
    run(|| {
        with_money();
        assert_ok!(register("//BankB", BANK_B, "cid"));
        let good = pay_ben(0);
        let signature = sign("//ann", &good.encode());
        let number = Processing { processor: Processor::Bank(BANK_A), number: 1, until: good.valid_until };
        let cid = coins("cid", &coins_of("ann")[..1]);
        let more = coins("ben", &coins_of("ann")[..2]);
        let ben = vec![OrderParty { owner: owner("ben"), version: 0 }].try_into().expect("one");
        for altered in [
            Order { random: [7; 16], ..good.clone() },
            Order { valid_from: good.valid_from - 1, ..good.clone() },
            Order { valid_until: good.valid_until + 1, ..good.clone() },
            Order { processing: Some(number), ..good.clone() },
            Order { parties: ben, ..good.clone() },
            Order { action: cid, ..good.clone() },
            Order { action: more, ..good.clone() },
        ] {
            is_refused("//BankA", with_signatures(&altered, vec![signature]), Verdict::BadSignature);
        }
        assert_eq!(verdict("//BankA", with_signatures(&good, vec![signature])), Verdict::Executed);
    });
}

#[test]
fn an_order_is_for_one_network() {
    run(|| {
        with_money();
        let foreign = Order { genesis: Hash::repeat_byte(7), ..pay_ben(0) };
        is_refused("//ben", signed(&foreign, &["//ann"]), Verdict::OtherNetwork);
        let foreign = Order { tag: *b"specie/order/v2\0\0\0\0\0\0\0\0\0", ..pay_ben(0) };
        is_refused("//ben", signed(&foreign, &["//ann"]), Verdict::Unreadable);
    });
}

#[test]
fn what_was_signed_for_something_else_is_no_order() {
    run(|| {
        with_money();
        let order = pay_ben(0);
        let payload = order.encode();
        // Wallets sign long payloads of transactions by their hash: that is never taken for an order.
        let hash = sp_io::hashing::blake2_256(&payload);
        let messages: [Vec<u8>; 5] = [
            hash.to_vec(),
            [b"<Bytes>".as_slice(), &hash, b"</Bytes>"].concat(),
            [b"<Bytes>".as_slice(), &payload].concat(),
            [b"<Bytes>".as_slice(), b"<Bytes>", &payload, b"</Bytes>", b"</Bytes>"].concat(),
            payload.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect(),
        ];
        for message in messages {
            is_refused("//ben", with_signatures(&order, vec![sign("//ann", &message)]), Verdict::BadSignature);
        }
        // No pallet has the number with which the tag begins, so that no call is encoded like an order.
        assert!(<RuntimeCall as codec::Decode>::decode(&mut payload.as_slice()).is_err());
        // A payload of a transaction is none either.
        let call = RuntimeCall::from(pay(coins_of("ann")[..1].to_vec()));
        is_refused("//ben", [call.encode(), vec![0; 100]].concat(), Verdict::Unreadable);
    });
}

#[test]
fn everybody_signs_in_the_right_place_and_nobody_else_does() {
    run(|| {
        with_money();
        let one = pay_ben(0);
        is_refused("//ben", signed(&one, &[]), Verdict::BadSignature);
        is_refused("//ben", signed(&one, &["//ben"]), Verdict::BadSignature);
        is_refused("//ben", signed(&one, &["//ann", "//ann"]), Verdict::BadSignature);
        is_refused("//ben", signed(&one, &["//ann", "//ben"]), Verdict::BadSignature);
        for (party, seat) in [(1, 0), (0, 1), (255, 255)] {
            let signature = sign("//ann", &one.encode());
            let signatures = vec![OrderSignature { party, seat, signature }].try_into().expect("one");
            let document = SignedOrder { order: one.clone(), signatures }.encode();
            is_refused("//ben", document, Verdict::BadSignature);
        }
        let parties = |names: &[&str]| {
            let all: Vec<_> = names.iter().map(|name| OrderParty { owner: owner(name), version: 0 }).collect();
            Order { parties: all.try_into().expect("few"), ..pay_ben(0) }
        };
        is_refused("//ben", signed(&parties(&[]), &[]), Verdict::WrongParties);
        is_refused("//ben", signed(&parties(&["ann", "ben"]), &["//ann", "//ben"]), Verdict::WrongParties);
        is_refused("//ben", signed(&parties(&["ann", "ann"]), &["//ann", "//ann"]), Verdict::WrongParties);
        // Nobody is registered under this name.
        is_refused("//ben", signed(&parties(&["dot"]), &["//dot"]), Verdict::PartyNotActive);
    });
}

#[test]
fn a_cancelled_order_stays_cancelled() {
    run(|| {
        with_money();
        let order = pay_ben(0);
        assert_ok!(call("//ann", OrdersCall::cancel { order: order.id(), valid_until: order.valid_until }));
        for block in [1, 2, order.valid_until] {
            start_block(block);
            Orders::do_forget(u64::MAX);
            is_refused("//BankA", signed(&order, &["//ann"]), Verdict::Cancelled);
        }
        start_block(order.valid_until + 1);
        Orders::do_forget(u64::MAX);
        is_refused("//BankA", signed(&order, &["//ann"]), Verdict::Expired);
    });
}

#[test]
fn nothing_is_submitted_while_payments_stand_still() {
    run(|| {
        with_money();
        let document = signed(&pay_ben(0), &["//ann"]);
        let finding = pallet_audit::Finding { rule: b"M1".to_vec().try_into().expect("short"), bank: None, block: 1 };
        pallet_audit::Breach::<Runtime>::put(finding);
        refused("//ben", submission(vec![document.clone()]), frame_system::Error::<Runtime>::CallFiltered);
        let wrapped = pallet_utility::Call::batch_all { calls: vec![submission(vec![document.clone()]).into()] };
        refused("//BankA", wrapped, frame_system::Error::<Runtime>::CallFiltered);
        // Consent can be taken back all the same.
        let other = pay_ben(1);
        assert_ok!(call("//ann", OrdersCall::cancel { order: other.id(), valid_until: other.valid_until }));
        pallet_audit::Breach::<Runtime>::kill();
        assert_eq!(verdict("//ben", document), Verdict::Executed);
    });
}

#[test]
fn a_few_bad_signatures_in_a_batch_hold_nobody_up() {
    run(|| {
        // Given: orders of which one in ten was signed by somebody else.
        with_money();
        let orders: Vec<_> = (0..20).map(pay_ben).collect();
        let batch = orders
            .iter()
            .enumerate()
            .map(|(place, order)| signed(order, &[if place % 10 == 9 { "//ben" } else { "//ann" }]));
        let verdicts = verdicts("//BankB", batch.collect());
        let good = verdicts.iter().filter(|verdict| **verdict == Verdict::Executed).count();
        let bad = verdicts.iter().filter(|verdict| **verdict == Verdict::BadSignature).count();
        assert_eq!((good, bad, coins_of("ben").len()), (18, 2, 18));
    });
}
