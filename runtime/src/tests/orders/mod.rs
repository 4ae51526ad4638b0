//! Orders in the shipped runtime: what they do, and every way to have one executed twice, by the wrong one, or as something
//! that nobody signed.

mod attacks;
mod life;
mod processors;
mod proofs;
mod random;

use super::*;
use codec::Encode;
use pallet_orders::{Call as OrdersCall, Error as OrdersError, Event};
use sp_core::sr25519::Signature;
use specie_primitives::{
    orders::{Action, OrderSignature, Outcome, Processing, Processor},
    Order, OrderId, SignedOrder, Verdict,
};

/// Blocks from the first to the last of most orders here.
const WINDOW: BlockNumber = 100;

/// An order of Ann from now on: all of it is the same for the same number.
fn order(number: u8, action: Action) -> Order {
    let now = Orders::clock();
    Order::new(System::block_hash(0), [number; 16], (now, now + WINDOW), owner("ann"), action)
}

/// Coins for somebody.
fn coins(to: &str, coins: &[CoinRef]) -> Action {
    Action::Coins { to: owner(to), coins: coins.to_vec().try_into().expect("few") }
}

/// Ann's order to pay Ben with the coin at this place in her purse.
fn pay_ben(place: usize) -> Order {
    order(place as u8, coins("ben", &coins_of("ann")[place..=place]))
}

fn sign(uri: &str, message: &[u8]) -> Signature {
    pair(uri).sign(message)
}

/// An order with one signature a party, by these keys.
pub fn signed(order: &Order, keys: &[&str]) -> Vec<u8> {
    let payload = order.encode();
    with_signatures(order, keys.iter().map(|key| sign(key, &payload)).collect())
}

fn with_signatures(order: &Order, signatures: Vec<Signature>) -> Vec<u8> {
    let one = |(place, signature)| OrderSignature { party: place as u8, seat: 0, signature };
    let signatures: Vec<_> = signatures.into_iter().enumerate().map(one).collect();
    SignedOrder { order: order.clone(), signatures: signatures.try_into().expect("few") }.encode()
}

fn submission(orders: Vec<Vec<u8>>) -> OrdersCall<Runtime> {
    let orders: Vec<_> = orders.into_iter().map(|order| order.try_into().expect("an order's length")).collect();
    OrdersCall::submit { orders: orders.try_into().expect("few") }
}

/// What the chain says to these orders.
#[track_caller]
fn outcomes(uri: &str, orders: Vec<Vec<u8>>) -> Vec<Outcome> {
    assert_ok!(call(uri, submission(orders)));
    let last = System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::Orders(Event::Submitted { submitter, outcomes }) => Some((submitter, outcomes)),
        _ => None,
    });
    let (submitter, outcomes) = last.expect("an event for every call");
    assert_eq!(submitter, account(uri));
    outcomes.into_inner()
}

#[track_caller]
fn verdicts(uri: &str, orders: Vec<Vec<u8>>) -> Vec<Verdict> {
    outcomes(uri, orders).into_iter().map(|outcome| plain(outcome.verdict)).collect()
}

#[track_caller]
pub fn verdict(uri: &str, order: Vec<u8>) -> Verdict {
    verdicts(uri, vec![order])[0]
}

/// Without the words of an error, which are never stored.
fn plain(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Failed(DispatchError::Module(error)) => {
            Verdict::Failed(DispatchError::Module(ModuleError { message: None, ..error }))
        },
        other => other,
    }
}

pub fn failed(error: impl Into<DispatchError>) -> Verdict {
    plain(Verdict::Failed(error.into()))
}

/// Asserts that an order is refused for this reason and changes nothing.
#[track_caller]
pub fn is_refused(uri: &str, order: Vec<u8>, expected: Verdict) {
    System::reset_events();
    let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
    assert_eq!(verdict(uri, order), expected);
    System::reset_events();
    assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1), "a refused order changed the state");
}

fn is_done(order: &Order) -> bool {
    pallet_orders::Done::<Runtime>::contains_key(order.id())
}

fn purse(name: &str) -> Balance {
    pallet_ownership::Purses::<Runtime>::get(owner(name)).value
}
