//! Every kind of order with a joint account as a party: what its managers do together, and none of them alone.

use super::*;
use crate::tests::instruments::{bill, define, id, issue};
use pallet_codes::Error as CodesError;
use pallet_escrow::{Call as EscrowCall, Error as EscrowError};
use specie_primitives::{
    payment_codes::{code_payload, CodeSide},
    traits::Holdings,
    AtExpiry, Leg, PaymentCode, Scan,
};

/// What the account has in custody at bank A.
const ALL: Balance = 50_000;
/// What is paid here.
const PRICE: Balance = 1_200;
/// Blocks that escrows and codes last here.
const LIFE: BlockNumber = 50;

/// The account of [`with_pot`], with custody.
fn with_custody() {
    with_pot();
    assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: pot(), amount: ALL }));
}

/// An order of the account and somebody else.
fn with_other(number: u8, name: &str, action: Action) -> Order {
    with_parties(order(number, action), &[("pot", set().version), (name, 0)])
}

/// Signed by Ann and Ben in their seats, and by the other party.
fn by_all(order: &Order, key: &str) -> Vec<u8> {
    seated(order, &[(0, 0, "//ann"), (0, 1, "//ben"), (1, 0, key)])
}

/// What Ann and Ben have of the account by holding seats.
fn managed() -> Balance {
    <Joint as Holdings>::held(owner("ann"))
}

#[test]
fn success_custody_is_set_aside_and_goes_every_way_out() {
    run(|| {
        // Given
        with_custody();
        let (before, expires) = (managed(), Orders::clock() + LIFE);
        let at_expiry = AtExpiry::Return;
        let action =
            Action::Hold { from_bank: BANK_A, to_bank: BANK_B, amount: 4 * PRICE, expires, at_expiry, reference: None };
        let hold = with_other(1, "cid", action);
        let escrow = hold.id();

        // When: Cid has a seat, too. Then: that does not make two of one signature.
        let ann_and_cid = seated(&hold, &[(0, 0, "//ann"), (1, 0, "//cid")]);
        is_refused("//BankC", ann_and_cid, Verdict::BadSignature);
        let cid_twice = seated(&hold, &[(0, 2, "//cid"), (1, 0, "//cid")]);
        is_refused("//BankC", cid_twice, Verdict::BadSignature);
        assert_eq!(verdict("//BankC", by_all(&hold, "//cid")), Verdict::Executed);
        assert_eq!(custody(BANK_A, "pot"), ALL - 4 * PRICE);
        // What is in escrow counts for whoever may sign for it.
        assert_eq!((<Escrow as Holdings>::held(pot()), managed()), (4 * PRICE, before));

        // When: a manager tries alone. Then: it is no party.
        for uri in ["//ann", "//ben"] {
            refused(uri, EscrowCall::release { escrow, amount: 1 }, EscrowError::<Runtime>::NotPayer);
            refused(uri, EscrowCall::dispute { escrow }, EscrowError::<Runtime>::NotParties);
        }

        // When: two pay a part, all of them give a part back, and two ask the supervisor.
        let release = |number| order(number, Action::Release { escrow, amount: PRICE });
        assert_eq!(verdict("//BankC", by_two(&release(2))), Verdict::Executed);
        assert_eq!(custody(BANK_B, "cid"), PRICE);
        let back = with_other(3, "cid", Action::Return { escrow, amount: PRICE });
        is_refused("//BankC", seated(&back, &[(0, 0, "//ann"), (0, 1, "//ben")]), Verdict::BadSignature);
        assert_eq!(verdict("//BankC", by_all(&back, "//cid")), Verdict::Executed);
        assert_eq!(custody(BANK_A, "pot"), ALL - 3 * PRICE);
        assert_eq!(verdict("//BankC", by_two(&order(4, Action::Dispute { escrow }))), Verdict::Executed);
        let again = by_two(&order(5, Action::Dispute { escrow }));
        is_refused("//BankC", again, failed(EscrowError::<Runtime>::AlreadyDisputed));

        // When: the account has other managers. Then: they release, and what was signed before does nothing.
        let old = by_two(&release(6));
        assert_eq!(verdict("//BankC", by_two(&change(7, &["cid", "ben"], 2, &[]))), Verdict::Executed);
        is_refused("//BankC", old, Verdict::OtherManagers);
        let rest = order(8, Action::Release { escrow, amount: 2 * PRICE });
        assert_eq!(verdict("//BankC", seated(&rest, &[(0, 0, "//cid"), (0, 1, "//ben")])), Verdict::Executed);
        assert_eq!((custody(BANK_B, "cid"), <Escrow as Holdings>::held(pot())), (3 * PRICE, 0));
    });
}

#[test]
fn success_an_account_is_a_payee_in_escrow() {
    run(|| {
        with_custody();
        let expires = Orders::clock() + LIFE;
        let (from_bank, to_bank, at_expiry) = (BANK_A, BANK_A, AtExpiry::Return);
        let action = Action::Hold { from_bank, to_bank, amount: PRICE, expires, at_expiry, reference: None };
        let hold = with_parties(order(1, action), &[("ann", 0), ("pot", 1)]);
        let escrow = hold.id();
        // Ann is the payer, and one of those who sign for the payee.
        let by_ann = seated(&hold, &[(0, 0, "//ann"), (1, 0, "//ann")]);
        is_refused("//BankC", by_ann, Verdict::BadSignature);
        let by_both = seated(&hold, &[(0, 0, "//ann"), (1, 0, "//ann"), (1, 2, "//cid")]);
        assert_eq!(verdict("//BankC", by_both), Verdict::Executed);
        assert_ok!(call("//ann", EscrowCall::release { escrow, amount: PRICE }));
        assert_eq!(custody(BANK_A, "pot"), ALL + PRICE);
    });
}

#[test]
fn success_units_are_given_and_exchanged() {
    run(|| {
        with_custody();
        assert_ok!(call("//BankA", define(bill())));
        assert_ok!(call("//BankA", issue(0, "pot", 600)));
        let units = |name: &str| Instruments::balance(id(0), owner(name));

        let asset = order(1, Action::Asset { instrument: id(0), to: owner("ben"), amount: 100 });
        is_refused("//BankC", seated(&asset, &[(0, 1, "//ben")]), Verdict::BadSignature);
        assert_eq!(verdict("//BankC", by_two(&asset)), Verdict::Executed);
        assert_eq!((units("pot"), units("ben")), (500, 100));

        let give = Leg::Units { instrument: id(0), amount: 300 };
        let take = Leg::Custody { from_bank: BANK_A, to_bank: BANK_A, amount: PRICE };
        let exchange = with_other(2, "ann", Action::Exchange { give, take });
        let by_ann = seated(&exchange, &[(0, 0, "//ann"), (1, 0, "//ann")]);
        is_refused("//BankC", by_ann, Verdict::BadSignature);
        assert_eq!(verdict("//BankC", by_all(&exchange, "//ann")), Verdict::Executed);
        assert_eq!((units("pot"), units("ann"), custody(BANK_A, "pot")), (200, 300, ALL + PRICE));

        // What nobody takes goes back, or the account could never be closed.
        let back = |number, amount| order(number, Action::Redeem { instrument: id(0), amount });
        is_refused("//BankC", seated(&back(3, 200), &[(0, 0, "//ann")]), Verdict::BadSignature);
        let too_much = failed(pallet_instruments::Error::<Runtime>::UnitsTooLow);
        is_refused("//BankC", by_two(&back(4, 201)), too_much);
        assert_eq!(verdict("//BankC", by_two(&back(3, 200))), Verdict::Executed);
        is_refused("//BankC", by_two(&back(3, 200)), Verdict::AlreadyExecuted);
        assert_eq!((units("pot"), Instruments::supply(id(0))), (0, 400));
    });
}

#[test]
fn success_coins_go_out_of_custody_and_back() {
    run(|| {
        with_custody();
        let out = order(1, Action::Withdraw { bank: BANK_A, selection: fresh(&[(TEN, 2)]) });
        is_refused("//ann", seated(&out, &[(0, 0, "//ann")]), Verdict::BadSignature);
        assert_eq!(verdict("//ann", by_two(&out)), Verdict::Executed);
        assert_eq!((coins_of("pot").len(), custody(BANK_A, "pot")), (TENS + 2, ALL - 2_000));
        let coins = coins_of("pot")[..3].to_vec().try_into().expect("few");
        let back = order(2, Action::Deposit { bank: BANK_A, coins });
        is_refused("//ann", seated(&back, &[(0, 0, "//ann")]), Verdict::BadSignature);
        assert_eq!(verdict("//ann", by_two(&back)), Verdict::Executed);
        assert_eq!((coins_of("pot").len(), custody(BANK_A, "pot")), (TENS - 1, ALL + 1_000));
    });
}

/// A code of somebody, for one payment.
fn code(side: CodeSide, name: &str, bank: BankId, number: u8) -> PaymentCode {
    let until = Some(Orders::clock() + LIFE);
    PaymentCode { side, reusable: false, owner: owner(name), bank, amount: Some(PRICE), until, random: [number; 8] }
}

/// What somebody says that scanned a code which nobody signed.
fn scan(code: &PaymentCode, scanner: &str, bank: BankId) -> Scan {
    let code = code.to_bytes().try_into().expect("short");
    Scan { code, signature: None, scanner: owner(scanner), bank, amount: None }
}

#[test]
fn success_an_account_scans_codes_and_its_own_are_scanned() {
    run(|| {
        // Given: a code of Cid's.
        with_custody();
        let of_cid = scan(&code(CodeSide::Payee, "cid", BANK_B, 1), "pot", BANK_A);
        let scanned = order(1, Action::Code(of_cid));

        // When: two managers sign. Then: Cid is paid, and by one signature it is not.
        is_refused("//BankC", seated(&scanned, &[(0, 0, "//ann")]), Verdict::BadSignature);
        assert_eq!(verdict("//BankC", by_two(&scanned)), Verdict::Executed);
        assert_eq!((custody(BANK_A, "pot"), custody(BANK_B, "cid")), (ALL - PRICE, PRICE));

        // When: Cid scans a code of the account's. Then: no manager's key makes it signed, and without it Cid pays.
        let own = code(CodeSide::Payee, "pot", BANK_A, 2);
        let by_cid = |number, scan| with_parties(order(number, Action::Code(scan)), &[("cid", 0)]);
        let signature = Some(sign("//ann", &code_payload(System::block_hash(0), &own.to_bytes())));
        let forged = by_cid(2, Scan { signature, ..scan(&own, "cid", BANK_B) });
        let bad = failed(CodesError::<Runtime>::BadCodeSignature);
        is_refused("//BankC", seated(&forged, &[(0, 0, "//cid")]), bad);
        let paid = by_cid(3, scan(&own, "cid", BANK_B));
        assert_eq!(verdict("//BankC", seated(&paid, &[(0, 0, "//cid")])), Verdict::Executed);
        assert_eq!((custody(BANK_A, "pot"), custody(BANK_B, "cid")), (ALL, 0));

        // When: Cid asks to be paid. Then: it waits for two managers, and no manager confirms alone.
        let asked = by_cid(4, scan(&code(CodeSide::Payer, "pot", BANK_A, 3), "cid", BANK_B));
        let payment = asked.id();
        assert_eq!(verdict("//BankC", seated(&asked, &[(0, 0, "//cid")])), Verdict::Executed);
        assert_eq!((Codes::pending_of(pot()).len(), custody(BANK_B, "cid")), (1, 0));
        refused("//ann", pallet_codes::Call::confirm { payment }, CodesError::<Runtime>::NotYours);
        let answer = order(5, Action::Answer { payment, confirms: true });
        is_refused("//BankC", seated(&answer, &[(0, 0, "//ann")]), Verdict::BadSignature);
        assert_eq!(verdict("//BankC", by_two(&answer)), Verdict::Executed);
        assert_eq!((Codes::pending_of(pot()).len(), custody(BANK_B, "cid")), (0, PRICE));
    });
}
