//! Payment codes in the shipped runtime: what each side's signature allows, and every way to have money moved by a code that
//! the payer did not mean.

mod attacks;
mod life;
mod pending;
mod random;
mod small;

use super::{
    transfers::{with_banks, ALL},
    *,
};
use codec::Encode;
use pallet_codes::{Call as CodesCall, Error as CodesError, Event as CodesEvent};
use pallet_orders::Call as OrdersCall;
use sp_core::sr25519::Signature;
use specie_primitives::{
    orders::{Action, OrderBytes, OrderParty, OrderSignature},
    payment_codes::{code_id, code_payload, CodeSide, PendingInfo},
    Order, OrderId, PaymentCode, Scan, SignedOrder, Verdict,
};

/// Blocks for which codes here are good.
const LIFE: BlockNumber = 60;
/// What is paid here.
const PRICE: Balance = 1_234;
/// Who brings orders.
const COURIER: &str = "//dot";

/// Ann's code if the payer shows one, Ben's if the payee does.
fn code(side: CodeSide, amount: Option<Balance>) -> PaymentCode {
    let (name, bank) = match side {
        CodeSide::Payer => ("ann", BANK_A),
        CodeSide::Payee => ("ben", BANK_B),
    };
    let until = Some(Orders::clock() + LIFE);
    PaymentCode { side, reusable: false, owner: owner(name), bank, amount, until, random: [1; 8] }
}

/// Who scans such a code, with the bank and the key.
fn other(side: CodeSide) -> (&'static str, BankId, &'static str) {
    match side {
        CodeSide::Payer => ("ben", BANK_B, "//ben"),
        CodeSide::Payee => ("ann", BANK_A, "//ann"),
    }
}

fn sign(uri: &str, message: &[u8]) -> Signature {
    pair(uri).sign(message)
}

/// A generator's signature.
fn sign_code(uri: &str, code: &PaymentCode) -> Signature {
    sign(uri, &code_payload(System::block_hash(0), &code.to_bytes()))
}

/// The key of whoever shows the code.
fn own_key(code: &PaymentCode) -> &'static str {
    other(match code.side {
        CodeSide::Payer => CodeSide::Payee,
        CodeSide::Payee => CodeSide::Payer,
    })
    .2
}

/// What the other side says that scanned a code, which its generator signed or not.
fn scan(code: &PaymentCode, is_signed: bool, amount: Option<Balance>) -> Scan {
    let (name, bank, _) = other(code.side);
    let signature = is_signed.then(|| sign_code(own_key(code), code));
    let code = code.to_bytes().try_into().expect("short");
    Scan { code, signature, scanner: owner(name), bank, amount }
}

/// An order of this party, or of nobody.
fn order(number: u8, party: Option<OwnerId>, action: Action) -> Order {
    let now = Orders::clock();
    let mut order = Order::new(System::block_hash(0), [number; 16], (now, now + LIFE), owner("ann"), action);
    let parties: Vec<_> = party.into_iter().map(|owner| OrderParty { owner, version: 0 }).collect();
    order.parties = parties.try_into().expect("one");
    order
}

/// The order with its signatures, as it travels.
fn signed(order: &Order, key: Option<&str>) -> Vec<u8> {
    let payload = order.encode();
    let one = |key: &str| OrderSignature { party: 0, seat: 0, signature: sign(key, &payload) };
    let signatures: Vec<_> = key.into_iter().map(one).collect();
    SignedOrder { order: order.clone(), signatures: signatures.try_into().expect("one") }.encode()
}

/// An order about a scan; its scanner signs with this key, or nobody does.
fn scanned(number: u8, scan: Scan, key: Option<&str>) -> (OrderId, Vec<u8>) {
    let party = key.is_some().then_some(scan.scanner);
    let order = order(number, party, Action::Code(scan));
    (order.id(), signed(&order, key))
}

/// The same with the key of the side that scans such codes.
fn by_scanner(number: u8, side: CodeSide, scan: Scan) -> (OrderId, Vec<u8>) {
    scanned(number, scan, Some(other(side).2))
}

/// What the chain says to an order that somebody brings.
#[track_caller]
fn verdict(document: Vec<u8>) -> Verdict {
    let orders: Vec<OrderBytes> = vec![document.try_into().expect("an order's length")];
    assert_ok!(call(COURIER, OrdersCall::submit { orders: orders.try_into().expect("one") }));
    let last = System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::Orders(pallet_orders::Event::Submitted { outcomes, .. }) => outcomes.into_iter().next(),
        _ => None,
    });
    last.expect("an outcome").verdict
}

/// The verdict of an order that a pallet refuses; events do not carry the error's words.
fn failed(error: impl Into<DispatchError>) -> Verdict {
    let error: DispatchError = error.into();
    match error {
        DispatchError::Module(error) => Verdict::Failed(DispatchError::Module(ModuleError { message: None, ..error })),
        other => Verdict::Failed(other),
    }
}

/// Asserts that an order is refused for this reason and changes nothing.
#[track_caller]
fn is_refused(document: Vec<u8>, expected: Verdict) {
    System::reset_events();
    let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
    assert_eq!(verdict(document), expected);
    System::reset_events();
    assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1), "a refused order changed the state");
}

/// What Ann and Ben have.
fn both() -> (Balance, Balance) {
    (custody(BANK_A, "ann"), custody(BANK_B, "ben"))
}

/// The same after so much was paid.
fn after(paid: Balance) -> (Balance, Balance) {
    (ALL - paid, ALL + paid)
}

fn waiting(name: &str) -> Vec<PendingInfo> {
    Codes::pending_of(owner(name))
}

/// Runs something, and undoes it.
#[track_caller]
fn undone(what: impl FnOnce()) {
    let outcome = frame_support::storage::transactional::with_transaction(|| {
        what();
        sp_runtime::TransactionOutcome::Rollback(Ok::<(), DispatchError>(()))
    });
    assert_ok!(outcome);
}
