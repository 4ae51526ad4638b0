//! Small amounts, which payees set without a confirmation: never without the payer's signature, and never more than the caps.

use super::*;
use pallet_custody::Error as CustodyError;
use specie_primitives::{limits::DAY_MS, payment_codes::SmallAmounts};
use CodeSide::Payer;

/// Noon of the day on which tests begin.
const NOON: u64 = 20_000 * DAY_MS + DAY_MS / 2;
const SMALL: SmallAmounts = SmallAmounts { per_payment: 500, per_day: 1_200 };
const TAG: PersonTag = PersonTag([7; 32]);

fn set(class: OwnerClass, amounts: Option<SmallAmounts>) -> CodesCall<Runtime> {
    CodesCall::set_small_amounts { class, amounts }
}

/// [`with_banks`] at noon, with small amounts for everybody.
fn with_small_amounts() {
    limits::at(NOON);
    with_banks();
    for class in OwnerClass::ALL {
        assert_ok!(call(supervision::SUPERVISOR, set(class, Some(SMALL))));
    }
}

/// Ben takes an amount with a code of somebody's at bank A, signed by this key. Whether he has it, or it waits.
#[track_caller]
fn taken_from(number: u8, name: &str, key: &str, amount: Balance) -> bool {
    let code = PaymentCode { owner: owner(name), random: [number; 8], ..code(Payer, None) };
    let scan = Scan { signature: Some(sign_code(key, &code)), ..scan(&code, false, Some(amount)) };
    let before = (custody(BANK_A, name), both().1);
    assert_eq!(verdict(by_scanner(number, Payer, scan).1), Verdict::Executed);
    let now = (custody(BANK_A, name), both().1);
    if now != before {
        assert_eq!(now, (before.0 - amount, before.1 + amount));
    }
    now != before
}

fn from_ann(number: u8, amount: Balance) -> bool {
    taken_from(number, "ann", "//ann", amount)
}

#[test]
fn there_are_none_until_the_supervisor_sets_them() {
    run(|| {
        with_banks();
        assert!(!from_ann(1, 1));
        assert_ok!(call(supervision::SUPERVISOR, set(OwnerClass::Person, Some(SMALL))));
        assert!(!from_ann(2, 1));
        assert_ok!(call(supervision::SUPERVISOR, set(OwnerClass::Phone, Some(SMALL))));
        assert!(from_ann(3, 1));
        assert_ok!(call(supervision::SUPERVISOR, set(OwnerClass::Phone, None)));
        assert!(!from_ann(4, 1));
        let wrong = SmallAmounts { per_payment: 2, per_day: 1 };
        let made = set(OwnerClass::Phone, Some(wrong));
        refused(supervision::SUPERVISOR, made, CodesError::<Runtime>::BadSmallAmounts);
        supervision::only(&[supervision::SUPERVISOR], set(OwnerClass::Phone, Some(SMALL)));
    });
}

#[test]
fn boundary_a_payment_and_a_day() {
    run(|| {
        with_small_amounts();
        assert!(!from_ann(1, SMALL.per_payment + 1));
        assert!(from_ann(2, SMALL.per_payment) && from_ann(3, SMALL.per_payment));
        assert!(!from_ann(4, 201) && from_ann(5, 200) && !from_ann(6, 1));
        let info = Codes::small_amounts_of(owner("ann")).expect("registered");
        assert_eq!((info.of_class, info.switched_off, info.taken_today), (Some(SMALL), false, 1_200));
        // What waits is paid when Ann says so, however much it is, and counts for nothing.
        let payment = waiting("ann").iter().find(|info| info.amount == 501).expect("it waits").payment;
        assert_ok!(call("//ann", CodesCall::confirm { payment }));
        assert_eq!(both(), after(1_200 + 501));
    });
}

#[test]
fn boundary_midnight() {
    run(|| {
        with_small_amounts();
        let midnight = NOON + DAY_MS / 2;
        limits::at(midnight - 1);
        assert!(from_ann(1, 500) && from_ann(2, 500) && from_ann(3, 200) && !from_ann(4, 1));
        limits::at(midnight);
        assert!(from_ann(5, 500) && from_ann(6, 500) && from_ann(7, 200) && !from_ann(8, 1));
        // A clock that goes back renews nothing.
        limits::at(midnight - 1);
        assert!(!from_ann(9, 1));
        assert_eq!(both(), after(2_400));
    });
}

#[test]
fn neither_another_key_nor_another_owner_id_nor_another_class_renews_the_cap() {
    run(|| {
        with_small_amounts();
        assert!(from_ann(1, 500) && from_ann(2, 500) && from_ann(3, 200));
        assert_ok!(rotate("ann", "//ann", "//ann2"));
        assert!(!taken_from(4, "ann", "//ann2", 1));
        // A verified person, with two owner ids.
        for name in ["eve", "fay"] {
            let key = format!("//{name}");
            assert_ok!(register_as("//BankA", BANK_A, name, &key, OwnerClass::Person, Some(TAG)));
            assert_ok!(call("//ann2", transfers::send(BANK_A, BANK_A, name, 10_000)));
        }
        assert!(taken_from(5, "eve", "//eve", 500) && taken_from(6, "fay", "//fay", 500));
        assert!(taken_from(7, "eve", "//eve", 200) && !taken_from(8, "fay", "//fay", 1));
        assert!(!taken_from(9, "eve", "//eve", 1));
        // Ann is verified as somebody else: what was taken of her stays taken.
        let other = Some(PersonTag([8; 32]));
        assert_ok!(change_class("//BankA", BANK_A, "ann", "//ann2", OwnerClass::Person, other));
        assert!(!taken_from(10, "ann", "//ann2", 1));
    });
}

#[test]
fn an_owner_switches_them_off() {
    run(|| {
        with_small_amounts();
        assert!(from_ann(1, 100));
        assert_ok!(call("//ann", CodesCall::use_small_amounts { on: false }));
        assert!(!from_ann(2, 100));
        assert!(Codes::small_amounts_of(owner("ann")).expect("registered").switched_off);
        // Nobody switches another's, and off and on again is no other day.
        refused("//BankA", CodesCall::use_small_amounts { on: true }, DispatchError::BadOrigin);
        assert_ok!(call("//ben", CodesCall::use_small_amounts { on: true }));
        assert!(!from_ann(3, 100));
        assert_ok!(call("//ann", CodesCall::use_small_amounts { on: true }));
        assert!(from_ann(4, 500) && from_ann(5, 500) && !from_ann(6, 101) && from_ann(7, 100));
    });
}

#[test]
fn never_without_both_signatures() {
    run(|| {
        with_small_amounts();
        // Nobody signed the code; nobody signed the scan.
        assert_eq!(verdict(by_scanner(1, Payer, scan(&code(Payer, None), false, Some(1))).1), Verdict::Executed);
        let next = PaymentCode { random: [2; 8], ..code(Payer, None) };
        assert_eq!(verdict(scanned(2, scan(&next, true, Some(1)), None).1), Verdict::Executed);
        assert_eq!((both(), waiting("ann").len()), (after(0), 2));
        // Somebody else signed it.
        let third = PaymentCode { random: [3; 8], ..code(Payer, None) };
        let forged = Scan { signature: Some(sign_code("//ben", &third)), ..scan(&third, false, Some(1)) };
        is_refused(by_scanner(3, Payer, forged).1, failed(CodesError::<Runtime>::BadCodeSignature));
    });
}

#[test]
fn a_code_for_several_payments_gives_small_amounts_up_to_the_cap() {
    run(|| {
        with_small_amounts();
        for amount in [None, Some(400)] {
            undone(|| {
                let code = PaymentCode { reusable: true, ..code(Payer, amount) };
                let said = if amount.is_some() { None } else { Some(400) };
                for number in 1..6 {
                    assert_eq!(verdict(by_scanner(number, Payer, scan(&code, true, said)).1), Verdict::Executed);
                }
                assert_eq!((both(), waiting("ann").len()), (after(1_200), 2));
            });
        }
    });
}

#[test]
fn what_fails_takes_nothing_of_the_cap() {
    run(|| {
        with_small_amounts();
        let code = code(Payer, None);
        // Ben is no customer of bank C.
        let elsewhere = Scan { bank: BankId(3), ..scan(&code, true, Some(100)) };
        is_refused(by_scanner(1, Payer, elsewhere).1, failed(CustodyError::<Runtime>::NotCustomer));
        assert_eq!(Codes::small_amounts_of(owner("ann")).expect("registered").taken_today, 0);
    });
}
