//! What codes do when everything is right: every side, with and without amounts and signatures.

use super::*;
use frame_support::dispatch::GetDispatchInfo;
use specie_primitives::{
    flow::{FlowKind, Party},
    payment_codes::CodeId,
    traits::{CodePayments, CustodyTransfers},
};
use CodeSide::{Payee, Payer};

/// What a scan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    ToMoney,
    ToWait,
    ToNothing(u8),
}

const NOBODY: Comes = Comes::ToNothing(0);
const MUST_SIGN: Comes = Comes::ToNothing(1);

/// Side, for several payments, generator signed, scanner signed; what it comes to without an amount in the code and with one.
const TABLE: [(CodeSide, bool, bool, bool, [Comes; 2]); 16] = [
    (Payee, false, false, false, [NOBODY; 2]),
    (Payee, false, true, false, [Comes::ToWait; 2]),
    (Payee, false, false, true, [Comes::ToMoney; 2]),
    (Payee, false, true, true, [Comes::ToMoney; 2]),
    (Payee, true, false, false, [NOBODY; 2]),
    (Payee, true, true, false, [MUST_SIGN; 2]),
    (Payee, true, false, true, [Comes::ToMoney; 2]),
    (Payee, true, true, true, [Comes::ToMoney; 2]),
    (Payer, false, false, false, [NOBODY; 2]),
    (Payer, false, true, false, [Comes::ToWait; 2]),
    (Payer, false, false, true, [Comes::ToWait; 2]),
    (Payer, false, true, true, [Comes::ToWait, Comes::ToMoney]),
    (Payer, true, false, false, [NOBODY; 2]),
    (Payer, true, true, false, [MUST_SIGN; 2]),
    (Payer, true, false, true, [Comes::ToWait; 2]),
    (Payer, true, true, true, [Comes::ToWait; 2]),
];

/// The code and the order of a line, with the amount in the code or said by the scanner.
fn line(side: CodeSide, reusable: bool, generator: bool, scanner: bool, shown: bool) -> (OrderId, Vec<u8>) {
    let code = PaymentCode { reusable, ..code(side, shown.then_some(PRICE)) };
    let scan = scan(&code, generator, (!shown).then_some(PRICE));
    scanned(1, scan, scanner.then_some(other(side).2))
}

#[test]
fn every_side_with_and_without_amount_and_signatures() {
    run(|| {
        with_banks();
        for (side, reusable, generator, scanner, comes) in TABLE {
            for (shown, expected) in [false, true].into_iter().zip(comes) {
                let name = format!("{side:?}, reusable {reusable}, signed {generator} {scanner}, amount {shown}");
                undone(|| {
                    let (payment, document) = line(side, reusable, generator, scanner, shown);
                    match expected {
                        Comes::ToMoney => {
                            assert_eq!(verdict(document), Verdict::Executed, "{name}");
                            assert_eq!((both(), waiting("ann").len()), (after(PRICE), 0), "{name}");
                        },
                        Comes::ToWait => {
                            assert_eq!(verdict(document), Verdict::Executed, "{name}");
                            assert_eq!(both(), after(0), "{name}");
                            let pending = waiting("ann");
                            assert_eq!((pending.len(), waiting("ben")), (1, pending.clone()), "{name}");
                            assert_eq!((pending[0].payment, pending[0].amount), (payment, PRICE), "{name}");
                            let parts = (pending[0].payer, pending[0].payee);
                            assert_eq!(parts, (owner("ann"), owner("ben")), "{name}");
                            // Only now, and by nobody but the payer.
                            refused("//ben", CodesCall::confirm { payment }, CodesError::<Runtime>::NotYours);
                            assert_ok!(call("//ann", CodesCall::confirm { payment }));
                            assert_eq!(both(), after(PRICE), "{name}");
                        },
                        Comes::ToNothing(which) => {
                            let error = match which {
                                0 => CodesError::<Runtime>::NobodySigned,
                                _ => CodesError::<Runtime>::ScannerMustSign,
                            };
                            is_refused(document, failed(error));
                        },
                    }
                    check_everything();
                });
            }
        }
    });
}

#[test]
fn success_a_payment_between_banks_moves_reserves_and_is_on_record() {
    run(|| {
        // Given
        with_banks();
        let code = code(Payee, Some(PRICE));
        let (payment, document) = by_scanner(1, Payee, scan(&code, true, None));
        start_block(2);

        // When
        assert_eq!(verdict(document.clone()), Verdict::Executed);

        // Then
        assert_eq!(both(), after(PRICE));
        assert_eq!(transfers::reserves(), [ALL - PRICE, ALL + PRICE, ALL]);
        let id = code_id(System::block_hash(0), &code.to_bytes());
        let paid = CodesEvent::Paid {
            payment,
            code: id,
            payer: owner("ann"),
            payer_bank: BANK_A,
            payee: owner("ben"),
            payee_bank: BANK_B,
            amount: PRICE,
            small: false,
        };
        System::assert_has_event(paid.into());
        let flow = crate::flows::of_block().pop().expect("it is on record");
        let sides = (Party::Custody(BANK_A, owner("ann")), Party::Custody(BANK_B, owner("ben")));
        assert_eq!((flow.kind, flow.value, (flow.from, flow.to)), (FlowKind::Sent, PRICE, sides));
        assert_eq!(limits::info("ann").paid_today, PRICE);
        // Neither the order nor the code a second time.
        is_refused(document, Verdict::AlreadyExecuted);
        let (_, again) = by_scanner(2, Payee, scan(&code, true, None));
        is_refused(again, failed(CodesError::<Runtime>::CodeUsed));
    });
}

#[test]
fn success_a_code_for_several_payments_inside_a_bank_and_between_banks() {
    run(|| {
        with_banks();
        // A sticker: without an end, an amount or a signature.
        let sticker = PaymentCode { reusable: true, until: None, ..code(Payee, None) };
        for number in 1..4 {
            let (_, document) = by_scanner(number, Payee, scan(&sticker, false, Some(PRICE)));
            assert_eq!(verdict(document), Verdict::Executed);
        }
        assert_eq!(both(), after(3 * PRICE));
        // Who has an account at the same bank pays into it, too.
        assert_ok!(call("//ann", transfers::send(BANK_A, BANK_B, "ann", PRICE)));
        let inside = Scan { bank: BANK_B, ..scan(&sticker, false, Some(PRICE)) };
        let (_, document) = by_scanner(4, Payee, inside);
        assert_eq!(verdict(document), Verdict::Executed);
        assert_eq!((custody(BANK_B, "ann"), custody(BANK_B, "ben")), (0, ALL + 4 * PRICE));
        assert_eq!(pallet_codes::Used::<Runtime>::iter().count(), 0);
    });
}

#[test]
fn success_signed_raw_or_wrapped_as_wallets_do() {
    run(|| {
        with_banks();
        let code = code(Payer, Some(PRICE));
        let payload = code_payload(System::block_hash(0), &code.to_bytes());
        let wrapped = [b"<Bytes>".as_slice(), &payload, b"</Bytes>"].concat();
        let scan = Scan { signature: Some(sign("//ann", &wrapped)), ..scan(&code, false, None) };
        let (_, document) = by_scanner(1, Payer, scan);
        assert_eq!(verdict(document), Verdict::Executed);
        assert_eq!(both(), after(PRICE));
    });
}

#[test]
fn success_amounts_said_twice_are_the_same() {
    run(|| {
        with_banks();
        for (number, said) in [(1, None), (2, Some(PRICE))] {
            let code = PaymentCode { random: [number; 8], ..code(Payee, Some(PRICE)) };
            let (_, document) = by_scanner(number, Payee, scan(&code, true, said));
            assert_eq!(verdict(document), Verdict::Executed);
        }
        assert_eq!(both(), after(2 * PRICE));
    });
}

#[test]
fn boundary_the_last_block_of_a_code() {
    run(|| {
        with_banks();
        let most = <Runtime as pallet_codes::Config>::MaxCodeLife::get();
        let now = Orders::clock();
        let with = |side, until, is_signed, reusable| {
            let code = PaymentCode { until, reusable, ..code(side, Some(PRICE)) };
            by_scanner(1, side, scan(&code, is_signed, None)).1
        };
        let long = || failed(CodesError::<Runtime>::CodeTooLong);
        let over = || failed(CodesError::<Runtime>::CodeExpired);
        for side in [Payer, Payee] {
            for reusable in [false, true] {
                is_refused(with(side, Some(now + most + 1), true, reusable), long());
                is_refused(with(side, None, true, reusable), long());
                undone(|| assert_eq!(verdict(with(side, Some(now + most), true, reusable)), Verdict::Executed));
            }
        }
        is_refused(with(Payee, None, false, false), long());
        is_refused(with(Payer, None, false, true), long());
        undone(|| assert_eq!(verdict(with(Payee, Some(u32::MAX), false, true)), Verdict::Executed));
        start_block(now + LIFE);
        undone(|| assert_eq!(verdict(with(Payee, Some(now + LIFE), true, false)), Verdict::Executed));
        start_block(now + LIFE + 1);
        is_refused(with(Payee, Some(now + LIFE), true, false), over());
        is_refused(with(Payee, Some(now + LIFE), false, true), over());
    });
}

#[test]
fn used_codes_are_forgotten_after_their_last_block_and_not_before() {
    run(|| {
        with_banks();
        let code = code(Payee, Some(PRICE));
        let id = code_id(System::block_hash(0), &code.to_bytes());
        let is_known = |id: CodeId| pallet_codes::Used::<Runtime>::contains_key(id);
        assert_eq!(verdict(by_scanner(1, Payee, scan(&code, true, None)).1), Verdict::Executed);
        let until = code.until.expect("it has one");
        start_block(until);
        Codes::do_forget(u64::MAX);
        assert!(is_known(id));
        is_refused(by_scanner(2, Payee, scan(&code, true, None)).1, failed(CodesError::<Runtime>::CodeUsed));
        start_block(until + 1);
        assert_eq!(Codes::on_idle(System::block_number(), frame_support::weights::Weight::zero()).ref_time(), 0);
        assert!(is_known(id));
        Codes::on_idle(System::block_number(), crate::configs::BLOCK_WEIGHT);
        assert!(!is_known(id) && pallet_codes::Due::<Runtime>::iter().next().is_none());
        is_refused(by_scanner(2, Payee, scan(&code, true, None)).1, failed(CodesError::<Runtime>::CodeExpired));
    });
}

#[test]
fn boundary_as_much_is_forgotten_as_there_is_room_for() {
    run(|| {
        // Given: five codes with the same last block.
        with_banks();
        let all: Vec<_> =
            (1..=5).map(|number| PaymentCode { random: [number; 8], ..code(Payee, Some(PRICE)) }).collect();
        for (number, code) in (1..).zip(&all) {
            assert_eq!(verdict(by_scanner(number, Payee, scan(code, true, None)).1), Verdict::Executed);
        }
        let left = || (pallet_codes::Used::<Runtime>::iter().count(), pallet_codes::Due::<Runtime>::iter().count());
        let to = pallet_codes::ForgottenTo::<Runtime>::get;
        let last = all[0].until.expect("it has one");
        start_block(last);
        Codes::do_forget(u64::MAX);
        assert_eq!((left(), to()), ((5, 5), last));
        start_block(last + 2);

        // When there is room for some of them, for just all, and for more than all.
        for (most, taken, still, forgotten_to) in
            [(0, 0, 5, last), (2, 2, 3, last), (3, 3, 0, last), (9, 2, 0, last + 2), (9, 0, 0, last + 2)]
        {
            // Then
            assert_eq!(Codes::do_forget(most), taken, "{most}");
            assert_eq!((left(), to()), ((still, still), forgotten_to), "{most}");
            check_everything();
        }
    });
}

#[test]
fn a_scan_is_charged_for_both_signatures_and_the_transfer() {
    run(|| {
        with_banks();
        let charged = |document: Vec<u8>| {
            let orders: Vec<OrderBytes> = vec![document.try_into().expect("short")];
            let submission = OrdersCall::<Runtime>::submit { orders: orders.try_into().expect("one") };
            submission.get_dispatch_info().call_weight
        };
        let code = code(Payer, Some(PRICE));
        let (_, both_signed) = by_scanner(1, Payer, scan(&code, true, None));
        let (_, one_signed) = scanned(1, scan(&code, true, None), None);
        let transfer = <Custody as CustodyTransfers>::weight();
        assert!(charged(both_signed.clone()).all_gte(<Codes as CodePayments>::scan_weight()));
        assert!(<Codes as CodePayments>::scan_weight().all_gte(transfer));
        assert!(charged(both_signed.clone()).ref_time() > charged(one_signed.clone()).ref_time() + 70_000_000);
        // What travels: 110 or 82 bytes of the order, 96 of the scan, 1 + 24 + 1 + 2 + 4 + 8 of the code, and the signatures.
        assert_eq!(code.to_bytes().len(), 40);
        assert_eq!((both_signed.len(), one_signed.len()), (110 + 96 + 40 + 67, 82 + 96 + 40 + 1));
    });
}
