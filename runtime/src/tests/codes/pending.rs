//! Payments that wait for their payer: who answers them, until when, and that they are in nobody's way.

use super::*;
use crate::{
    signers::Signers,
    tests::standstill::{stop_and_resume, STOP},
};
use pallet_admission::ClassifySigner;
use pallet_custody::Error as CustodyError;
use pallet_limits::Error as LimitsError;
use specie_primitives::{codes::Refusal, payment_codes::MAX_PENDING};
use CodeSide::{Payee, Payer};

/// Ben asks Ann for an amount, with the code that she shows.
fn ask(number: u8, amount: Balance) -> OrderId {
    let code = PaymentCode { random: [number; 8], ..code(Payer, None) };
    let (payment, document) = by_scanner(number, Payer, scan(&code, true, Some(amount)));
    assert_eq!(verdict(document), Verdict::Executed);
    payment
}

fn confirm(payment: OrderId) -> CodesCall<Runtime> {
    CodesCall::confirm { payment }
}

fn refuse(payment: OrderId) -> CodesCall<Runtime> {
    CodesCall::refuse { payment }
}

/// An order of somebody that answers a payment.
fn answer(number: u8, name: &str, payment: OrderId, confirms: bool) -> Vec<u8> {
    let order = order(number, Some(owner(name)), Action::Answer { payment, confirms });
    signed(&order, Some(&format!("//{name}")))
}

#[test]
fn success_the_payer_confirms_once() {
    run(|| {
        with_banks();
        let payment = ask(1, PRICE);
        assert_ok!(call("//ann", confirm(payment)));
        assert_eq!((both(), waiting("ann"), waiting("ben")), (after(PRICE), vec![], vec![]));
        let confirmed = CodesEvent::Confirmed { payment, payer: owner("ann"), payee: owner("ben"), amount: PRICE };
        System::assert_last_event(confirmed.into());
        refused("//ann", confirm(payment), CodesError::<Runtime>::UnknownPayment);
    });
}

#[test]
fn success_by_order_as_well() {
    run(|| {
        with_banks();
        let (first, second) = (ask(1, PRICE), ask(2, PRICE));
        let document = answer(3, "ann", first, true);
        assert_eq!(verdict(document.clone()), Verdict::Executed);
        assert_eq!(both(), after(PRICE));
        is_refused(document, Verdict::AlreadyExecuted);
        is_refused(answer(4, "ann", first, true), failed(CodesError::<Runtime>::UnknownPayment));
        assert_eq!(verdict(answer(5, "ann", second, false)), Verdict::Executed);
        is_refused(answer(6, "ann", second, true), failed(CodesError::<Runtime>::UnknownPayment));
        assert_eq!((both(), waiting("ann")), (after(PRICE), vec![]));
    });
}

#[test]
fn either_side_refuses_and_nobody_else_does_anything() {
    run(|| {
        with_banks();
        let payment = ask(1, PRICE);
        let not_yours = || CodesError::<Runtime>::NotYours;
        for uri in ["//ben", "//cid"] {
            refused(uri, confirm(payment), not_yours());
        }
        refused("//cid", refuse(payment), not_yours());
        is_refused(answer(2, "ben", payment, true), failed(not_yours()));
        is_refused(answer(2, "cid", payment, false), failed(not_yours()));
        for uri in ["//BankA", "//Supervising//1", "//Mallory"] {
            refused(uri, confirm(payment), DispatchError::BadOrigin);
            refused(uri, refuse(payment), DispatchError::BadOrigin);
        }
        for (uri, name) in [("//ann", "ann"), ("//ben", "ben")] {
            undone(|| {
                assert_ok!(call(uri, refuse(payment)));
                let by = owner(name);
                let expected = CodesEvent::Refused { payment, payer: owner("ann"), payee: owner("ben"), by };
                System::assert_last_event(expected.into());
                assert_eq!((both(), waiting("ann")), (after(0), vec![]));
                refused("//ann", confirm(payment), CodesError::<Runtime>::UnknownPayment);
                check_everything();
            });
        }
    });
}

#[test]
fn boundary_the_last_block_and_what_is_forgotten() {
    run(|| {
        with_banks();
        let life = <Runtime as pallet_codes::Config>::PendingLife::get();
        let (payment, until) = (ask(1, PRICE), Orders::clock() + life);
        assert_eq!(waiting("ann")[0].until, until);
        start_block(until);
        Codes::do_forget(u64::MAX);
        undone(|| {
            assert_ok!(call("//ann", confirm(payment)));
        });
        start_block(until + 1);
        refused("//ann", confirm(payment), CodesError::<Runtime>::PaymentExpired);
        assert!(waiting("ann").is_empty());
        Codes::do_forget(u64::MAX);
        let lapsed = CodesEvent::Lapsed { payment, payer: owner("ann"), payee: owner("ben") };
        System::assert_last_event(lapsed.into());
        refused("//ann", confirm(payment), CodesError::<Runtime>::UnknownPayment);
        assert!(pallet_codes::Pending::<Runtime>::iter().next().is_none());
        assert!(pallet_codes::SignedFor::<Runtime>::iter().next().is_none());
    });
}

#[test]
fn boundary_many_with_one_last_block_are_forgotten_across_blocks() {
    run(|| {
        // Given: seven payments that end in one block, three in the next.
        with_banks();
        let last = Orders::clock() + <Runtime as pallet_codes::Config>::PendingLife::get();
        for number in 0..7 {
            ask(number, PRICE);
        }
        start_block(System::block_number() + 1);
        for number in 7..10 {
            ask(number, PRICE);
        }
        let left = || (pallet_codes::Pending::<Runtime>::iter().count(), pallet_codes::Due::<Runtime>::iter().count());
        let to = pallet_codes::ForgottenTo::<Runtime>::get;
        start_block(last);
        Codes::do_forget(u64::MAX);
        assert_eq!((left(), to()), ((10, 10), last));
        start_block(last + 2);

        // When there is room for some of a block, for just all of it, and for more than all.
        for (most, taken, still, forgotten_to) in
            [(0, 0, 10, last), (3, 3, 7, last), (4, 4, 3, last), (9, 5, 0, last + 2), (9, 0, 0, last + 2)]
        {
            assert_eq!(Codes::do_forget(most), taken, "{most}");
            // Then as many are gone, and a block is left behind when nothing of it is left.
            assert_eq!((left(), to()), ((still, still), forgotten_to), "{most}");
            check_everything();
        }
    });
}

#[test]
fn a_stop_shifts_the_end_and_nothing_is_confirmed_meanwhile() {
    run(|| {
        with_banks();
        let payment = ask(1, PRICE);
        let until = waiting("ann")[0].until;
        let finding = pallet_audit::Finding { rule: b"M1".to_vec().try_into().expect("short"), bank: None, block: 1 };
        pallet_audit::Breach::<Runtime>::put(finding);
        refused("//ann", confirm(payment), frame_system::Error::<Runtime>::CallFiltered);
        pallet_audit::Breach::<Runtime>::kill();
        stop_and_resume();
        start_block(until + STOP);
        undone(|| {
            assert_ok!(call("//ann", confirm(payment)));
        });
        start_block(until + STOP + 1);
        refused("//ann", confirm(payment), CodesError::<Runtime>::PaymentExpired);
    });
}

#[test]
fn nothing_is_held_and_limits_count_when_money_moves() {
    run(|| {
        with_banks();
        limits::set_limits(OwnerClass::Phone, Some(PRICE), Some(PRICE), None);
        // More than Ann may pay, and than she has: it may wait.
        let (much, fits) = (ask(1, 10 * ALL), ask(2, PRICE));
        assert_eq!((limits::info("ann").paid_today, limits::info("ann").held), (0, ALL));
        refused("//ann", confirm(much), CustodyError::<Runtime>::CustodyTooLow);
        assert_ok!(call("//ann", transfers::send(BANK_A, BANK_A, "dot", 1)));
        refused("//ann", confirm(fits), LimitsError::<Runtime>::OverDailyLimit);
        limits::set_limits(OwnerClass::Phone, None, None, None);
        assert_ok!(call("//ann", confirm(fits)));
        assert_eq!(limits::info("ann").paid_today, PRICE + 1);
        // What was not made can still be refused.
        assert_ok!(call("//ann", refuse(much)));
        // Nor does what waits keep an owner from being closed.
        assert_ok!(register("//BankA", BANK_A, "eve"));
        let code = PaymentCode { owner: owner("eve"), bank: BANK_A, ..code(Payer, None) };
        let (payment, document) = by_scanner(3, Payer, scan(&code, false, Some(PRICE)));
        assert_eq!(verdict(document), Verdict::Executed);
        assert_ok!(call("//BankA", pallet_identity::Call::close { owner: owner("eve") }));
        refused("//eve", confirm(payment), DispatchError::BadOrigin);
    });
}

#[test]
fn a_held_payer_confirms_nothing() {
    run(|| {
        with_banks();
        let payment = ask(1, PRICE);
        assert_ok!(call(supervision::SUPERVISOR, supervision::hold([supervision::person("ann")], None)));
        refused("//ann", confirm(payment), DispatchError::BadOrigin);
        is_refused(answer(2, "ann", payment, true), Verdict::PartyNotActive);
        assert_ok!(call(supervision::SUPERVISOR, supervision::release([supervision::person("ann")])));
        assert_ok!(call("//ann", confirm(payment)));
    });
}

#[test]
fn nobody_fills_up_anothers_list() {
    run(|| {
        with_banks();
        // Ben asks as often as he may.
        let most = u8::try_from(MAX_PENDING).expect("few");
        for number in 0..most {
            ask(number, 1);
        }
        let code = PaymentCode { random: [most; 8], ..code(Payer, None) };
        let again = by_scanner(most, Payer, scan(&code, true, Some(1))).1;
        is_refused(again.clone(), failed(CodesError::<Runtime>::TooManyPending));
        // That keeps him alone from asking: Cid asks Ann, and Ben is asked.
        let cid = Scan { scanner: owner("cid"), bank: BankId(3), ..scan(&code, true, Some(1)) };
        let (_, document) = scanned(most + 1, cid, Some("//cid"));
        undone(|| assert_eq!(verdict(document), Verdict::Executed));
        let by_ben = PaymentCode { owner: owner("ben"), bank: BANK_B, ..code };
        let of_ben = Scan {
            signature: Some(sign_code("//ben", &by_ben)),
            scanner: owner("cid"),
            bank: BankId(3),
            ..scan(&by_ben, false, Some(1))
        };
        undone(|| assert_eq!(verdict(scanned(most + 2, of_ben, Some("//cid")).1), Verdict::Executed));
        // Without a signature of Ben nothing is counted for him, and a code of his for several payments takes the scanner's.
        let open = PaymentCode { reusable: true, random: [most; 8], ..self::code(Payee, Some(1)) };
        let (_, spam) = scanned(most + 3, scan(&open, true, None), None);
        is_refused(spam, failed(CodesError::<Runtime>::ScannerMustSign));
        let (_, spam) = scanned(most + 4, scan(&PaymentCode { reusable: false, ..open }, false, None), None);
        is_refused(spam, failed(CodesError::<Runtime>::NobodySigned));
        // An answer makes room.
        let first = waiting("ann")[0].payment;
        assert_ok!(call("//ann", refuse(first)));
        assert_eq!(verdict(again), Verdict::Executed);
    });
}

#[test]
fn owners_answer_and_switch_and_do_nothing_that_the_supervisor_does() {
    run(|| {
        with_banks();
        let who = account("//ann");
        let standing = Signers::classify(&who).expect("an owner");
        let allowed = |call: CodesCall<Runtime>| Signers::allowed(&who, &standing, &call.into());
        let payment = OrderId([1; 32]);
        for open in [confirm(payment), refuse(payment), CodesCall::use_small_amounts { on: false }] {
            assert_eq!(allowed(open), Ok(()));
        }
        let set = CodesCall::set_small_amounts { class: OwnerClass::Phone, amounts: None };
        assert_eq!(allowed(set), Err(Refusal::CallNotAllowed));
    });
}
