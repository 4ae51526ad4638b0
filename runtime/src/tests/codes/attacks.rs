//! Cheats: altered, stolen, replayed and foreign codes, amounts that the payer never saw, signatures for something else.

use super::*;
use pallet_custody::Error as CustodyError;
use pallet_identity::Error as IdentityError;
use pallet_limits::Error as LimitsError;
use specie_primitives::orders::ORDER_TAG;
use CodeSide::{Payee, Payer};

#[test]
fn no_altered_byte_of_a_signed_code_passes() {
    run(|| {
        with_banks();
        for side in [Payer, Payee] {
            let code = PaymentCode { random: [side as u8; 8], ..code(side, Some(PRICE)) };
            let good = scan(&code, true, None);
            for place in 0..good.code.len() {
                for bit in [1, 16, 128] {
                    let mut altered = good.clone();
                    altered.code[place] ^= bit;
                    let (_, document) = by_scanner(1, side, altered);
                    System::reset_events();
                    let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
                    assert_ne!(verdict(document), Verdict::Executed, "byte {place} of {side:?}'s code");
                    System::reset_events();
                    assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
                }
            }
            // The same code without an amount, which its generator did not sign.
            let other = Scan { amount: Some(PRICE), ..scan(&PaymentCode { amount: None, ..code }, false, None) };
            let other = Scan { signature: good.signature, ..other };
            is_refused(by_scanner(1, side, other).1, failed(CodesError::<Runtime>::BadCodeSignature));
            undone(|| assert_eq!(verdict(by_scanner(1, side, good).1), Verdict::Executed));
        }
    });
}

#[test]
fn no_altered_field_of_a_scan_passes() {
    run(|| {
        with_banks();
        for side in [Payer, Payee] {
            let good = scan(&code(side, None), true, Some(PRICE));
            let key = other(side).2;
            let of = |scan: &Scan| order(1, Some(scan.scanner), Action::Code(scan.clone()));
            let signature = sign(key, &of(&good).encode());
            let with_it = |scan: Scan| {
                let one = OrderSignature { party: 0, seat: 0, signature };
                let signatures = vec![one].try_into().expect("one");
                SignedOrder { order: of(&scan), signatures }.encode()
            };
            for altered in [
                Scan { amount: Some(PRICE + 1), ..good.clone() },
                Scan { amount: None, ..good.clone() },
                Scan { bank: BankId(3), ..good.clone() },
                Scan { scanner: owner("dot"), ..good.clone() },
                Scan { signature: None, ..good.clone() },
                Scan { code: scan(&code(side, Some(PRICE)), false, None).code, ..good.clone() },
            ] {
                is_refused(with_it(altered), Verdict::BadSignature);
            }
            undone(|| assert_eq!(verdict(with_it(good.clone())), Verdict::Executed));
            // Another owner's order about the same scan.
            let foreign = order(1, Some(owner("dot")), Action::Code(good));
            is_refused(signed(&foreign, Some("//dot")), Verdict::WrongParties);
        }
    });
}

#[test]
fn the_payee_never_sets_an_amount_that_the_payer_did_not_see() {
    run(|| {
        with_banks();
        let differs = || failed(CodesError::<Runtime>::AmountDiffers);
        // Ann's code says how much: Ben says otherwise.
        let shown = code(Payer, Some(PRICE));
        for said in [PRICE - 1, PRICE + 1, 0, Balance::MAX] {
            is_refused(by_scanner(1, Payer, scan(&shown, true, Some(said))).1, differs());
        }
        // It does not: nothing moves before Ann has seen it.
        let open = code(Payer, None);
        is_refused(by_scanner(2, Payer, scan(&open, true, None)).1, failed(CodesError::<Runtime>::NoAmount));
        is_refused(by_scanner(2, Payer, scan(&open, true, Some(0))).1, failed(CodesError::<Runtime>::NoAmount));
        assert_eq!(verdict(by_scanner(2, Payer, scan(&open, true, Some(ALL))).1), Verdict::Executed);
        assert_eq!(both(), after(0));
        // Ben's code says how much: Ann pays that or nothing.
        let asked = code(Payee, Some(PRICE));
        for said in [PRICE - 1, PRICE + 1] {
            is_refused(by_scanner(3, Payee, scan(&asked, true, Some(said))).1, differs());
        }
        // Ben claims that Ann scanned it: nothing moves before she says so.
        let (_, claimed) = scanned(4, scan(&asked, true, None), None);
        assert_eq!(verdict(claimed), Verdict::Executed);
        assert_eq!((both(), waiting("ann").len()), (after(0), 2));
        // With Ben's signature in Ann's place nothing waits, either.
        let next = PaymentCode { random: [5; 8], ..asked };
        is_refused(scanned(5, scan(&next, true, None), Some("//ben")).1, Verdict::BadSignature);
    });
}

#[test]
fn a_stolen_payers_code_pays_one_thief_once_and_no_more_than_it_says() {
    run(|| {
        // Given: Cid looks over Ann's shoulder and is faster than Ben.
        with_banks();
        let code = code(Payer, Some(PRICE));
        let cid = |amount| Scan { scanner: owner("cid"), bank: BankId(3), ..scan(&code, true, amount) };
        is_refused(scanned(1, cid(Some(ALL)), Some("//cid")).1, failed(CodesError::<Runtime>::AmountDiffers));
        assert_eq!(verdict(scanned(2, cid(None), Some("//cid")).1), Verdict::Executed);
        // Then: he has what the code says, under his name, and nobody has more of it.
        assert_eq!((both().0, custody(BankId(3), "cid")), (ALL - PRICE, ALL + PRICE));
        let used = || failed(CodesError::<Runtime>::CodeUsed);
        is_refused(scanned(3, cid(None), Some("//cid")).1, used());
        is_refused(by_scanner(4, Payer, scan(&code, true, None)).1, used());
        // Without his signature, or from a code without an amount, he gets nothing that Ann does not confirm.
        let open = PaymentCode { random: [2; 8], ..self::code(Payer, None) };
        let thief = Scan { scanner: owner("cid"), bank: BankId(3), ..scan(&open, true, Some(ALL - PRICE)) };
        assert_eq!(verdict(scanned(5, thief, None).1), Verdict::Executed);
        assert_eq!(both().0, ALL - PRICE);
    });
}

#[test]
fn of_two_scans_of_one_code_exactly_one_wins() {
    run(|| {
        with_banks();
        for (side, is_signed) in [(Payer, true), (Payee, true), (Payee, false)] {
            undone(|| {
                let code = code(side, Some(PRICE));
                let (_, first) = by_scanner(1, side, scan(&code, is_signed, None));
                let (_, second) = by_scanner(2, side, scan(&code, is_signed, None));
                // In one block and one batch, as two nodes bring them.
                let bytes = |document: &[u8]| -> OrderBytes { document.to_vec().try_into().expect("short") };
                let orders = vec![bytes(&first), bytes(&second)];
                assert_ok!(call("//BankC", OrdersCall::submit { orders: orders.try_into().expect("two") }));
                assert_eq!(both(), after(PRICE));
                is_refused(first, Verdict::AlreadyExecuted);
                is_refused(second, failed(CodesError::<Runtime>::CodeUsed));
            });
        }
        // Nor is one that waits paid by somebody else meanwhile.
        let code = code(Payee, Some(PRICE));
        assert_eq!(verdict(scanned(1, scan(&code, true, None), None).1), Verdict::Executed);
        is_refused(by_scanner(2, Payee, scan(&code, true, None)).1, failed(CodesError::<Runtime>::CodeUsed));
    });
}

#[test]
fn a_code_is_for_one_network_and_one_purpose() {
    run(|| {
        with_banks();
        let code = code(Payer, Some(PRICE));
        let bytes = code.to_bytes();
        let genesis = System::block_hash(0);
        let bad = || failed(CodesError::<Runtime>::BadCodeSignature);
        let with = |message: &[u8]| Scan { signature: Some(sign("//ann", message)), ..scan(&code, false, None) };
        let payload = code_payload(genesis, &bytes);
        let messages: [Vec<u8>; 6] = [
            code_payload(Hash::repeat_byte(7), &bytes),
            bytes.clone(),
            [&ORDER_TAG[..], genesis.as_bytes(), &bytes].concat(),
            sp_io::hashing::blake2_256(&payload).to_vec(),
            [b"<Bytes>".as_slice(), &payload].concat(),
            payload.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect(),
        ];
        for message in messages {
            is_refused(by_scanner(1, Payer, with(&message)).1, bad());
        }
        // Another owner's signature, and that of a key that was replaced.
        let by_ben = Scan { signature: Some(sign("//ben", &payload)), ..scan(&code, false, None) };
        is_refused(by_scanner(1, Payer, by_ben).1, bad());
        undone(|| {
            assert_ok!(rotate("ann", "//ann", "//ann2"));
            is_refused(by_scanner(1, Payer, with(&payload)).1, bad());
        });
        // What was signed as a code is no order: it does not begin like one.
        assert!(SignedOrder::read(&payload).is_none());
        let order = order(1, Some(owner("ann")), Action::Answer { payment: OrderId([1; 32]), confirms: true });
        let one = OrderSignature { party: 0, seat: 0, signature: sign("//ann", &payload) };
        let document = SignedOrder { order, signatures: vec![one].try_into().expect("one") }.encode();
        is_refused(document, Verdict::BadSignature);
        // Nor is it a call: no pallet has the number with which it begins.
        assert!(<RuntimeCall as codec::Decode>::decode(&mut payload.as_slice()).is_err());
        assert_eq!(verdict(by_scanner(1, Payer, with(&payload)).1), Verdict::Executed);
    });
}

#[test]
fn bytes_that_are_no_code_are_refused() {
    run(|| {
        with_banks();
        let good = scan(&code(Payee, Some(PRICE)), false, None);
        let with = |bytes: Vec<u8>| {
            let scan = Scan { code: bytes.try_into().expect("short"), ..good.clone() };
            by_scanner(1, Payee, scan).1
        };
        let bytes = good.code.to_vec();
        let short = bytes[..bytes.len() - 1].to_vec();
        for wrong in [vec![], short, [&bytes[..], &[0]].concat(), [&[0x21][..], &bytes[1..]].concat()] {
            is_refused(with(wrong), failed(CodesError::<Runtime>::BadCode));
        }
    });
}

#[test]
fn the_sides_are_two_owners_whom_custody_takes() {
    run(|| {
        with_banks();
        let own = Scan { scanner: owner("ann"), bank: BANK_A, ..scan(&code(Payer, Some(PRICE)), true, None) };
        is_refused(scanned(1, own, Some("//ann")).1, failed(CodesError::<Runtime>::SameOwner));
        // More than Ann has; a bank of which Ben is no customer; a payee whom nobody knows.
        let much = scan(&code(Payee, Some(ALL + 1)), true, None);
        is_refused(by_scanner(2, Payee, much).1, failed(CustodyError::<Runtime>::CustodyTooLow));
        let elsewhere = PaymentCode { bank: BankId(3), ..code(Payee, Some(PRICE)) };
        is_refused(by_scanner(3, Payee, scan(&elsewhere, true, None)).1, failed(CustodyError::<Runtime>::NotCustomer));
        let nobody = PaymentCode { owner: owner("nobody"), ..code(Payee, Some(PRICE)) };
        let unknown = || failed(IdentityError::<Runtime>::UnknownOwner);
        is_refused(by_scanner(4, Payee, scan(&nobody, false, None)).1, unknown());
        // Limits are the payer's and the payee's as in any transfer, and nothing is used up by what failed.
        let code = code(Payee, Some(PRICE));
        limits::set_limits(OwnerClass::Phone, Some(PRICE - 1), None, None);
        let (_, document) = by_scanner(5, Payee, scan(&code, true, None));
        is_refused(document.clone(), failed(LimitsError::<Runtime>::OverPaymentLimit));
        limits::set_limits(OwnerClass::Phone, None, None, None);
        assert_eq!(verdict(document), Verdict::Executed);
    });
}

#[test]
fn who_is_stopped_pays_by_no_code() {
    run(|| {
        with_banks();
        for stop in [true, false] {
            undone(|| {
                if stop {
                    assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
                } else {
                    let hold = supervision::hold([supervision::person("ann")], None);
                    assert_ok!(call(supervision::SUPERVISOR, hold));
                }
                let not_active = || failed(CodesError::<Runtime>::PayerNotActive);
                is_refused(by_scanner(1, Payer, scan(&code(Payer, Some(PRICE)), true, None)).1, not_active());
                is_refused(by_scanner(2, Payer, scan(&code(Payer, None), true, Some(PRICE))).1, not_active());
                is_refused(scanned(3, scan(&code(Payee, Some(PRICE)), true, None), None).1, not_active());
                let own = by_scanner(4, Payee, scan(&code(Payee, Some(PRICE)), true, None)).1;
                is_refused(own, Verdict::PartyNotActive);
            });
        }
    });
}
