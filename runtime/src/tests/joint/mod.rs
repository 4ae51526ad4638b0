//! Joint accounts in the shipped runtime: what their managers can do together, and every way for one of them, for too few of
//! them, for their bank or for a stranger to get at the money or to stop the others.

mod attacks;
mod kinds;
mod life;
mod proposals;
mod random;

use super::{
    orders::{coins, failed, is_refused, sign, verdict},
    *,
};
use codec::Encode;
use pallet_identity::Error as IdentityError;
use pallet_joint::{Call, Error as JointError};
use specie_primitives::{
    joint::{Opening, Replacement, SignatureList},
    orders::{Action, OrderParty, OrderSignature},
    ManagerSet, Order, SignedOrder, SigningRule, Verdict,
};

const SUPERVISOR: &str = "//Supervising//1";
/// Managers of the account, in the order of their seats: two customers of bank A and one of bank B.
const MANAGERS: [&str; 3] = ["ann", "ben", "cid"];
/// Blocks from the first to the last of orders here.
const WINDOW: BlockNumber = 100;
/// What is in the account, in tens.
const TENS: usize = 8;

/// The joint account.
fn pot() -> OwnerId {
    owner("pot")
}

fn expiry() -> BlockNumber {
    System::block_number() + 100
}

fn rule(names: &[&str], threshold: u8) -> SigningRule {
    let managers: Vec<_> = names.iter().map(|name| owner(name)).collect();
    SigningRule { managers: managers.try_into().expect("few"), threshold }
}

/// Signatures with the keys `//name` over a message.
fn signatures(names: &[&str], message: &[u8]) -> SignatureList {
    let all: Vec<_> = names.iter().map(|name| sign(&format!("//{name}"), message)).collect();
    all.try_into().expect("few")
}

fn opening(rule: &SigningRule, bank: BankId) -> Vec<u8> {
    Opening::new(System::block_hash(0), pot(), bank, OwnerClass::Phone, rule.clone(), expiry()).encode()
}

/// A bank's call that opens the account, with these signatures.
fn open_with(rule: SigningRule, signatures: SignatureList) -> Call<Runtime> {
    Call::open { account: pot(), class: OwnerClass::Phone, person: None, rule, expiry: expiry(), signatures }
}

/// The same for a bank, with the signatures of all managers.
pub fn open(names: &[&str], threshold: u8, bank: BankId) -> Call<Runtime> {
    let rule = rule(names, threshold);
    let signatures = signatures(names, &opening(&rule, bank));
    open_with(rule, signatures)
}

/// A bank's proposal for the account, with the signatures of newcomers.
pub fn propose(names: &[&str], threshold: u8, newcomers: &[&str], bank: BankId) -> Call<Runtime> {
    proposal(names, threshold, newcomers, bank, set().version)
}

/// The same for a version of the present set.
pub fn proposal(names: &[&str], threshold: u8, newcomers: &[&str], bank: BankId, version: u32) -> Call<Runtime> {
    let rule = rule(names, threshold);
    let payload = Replacement::new(System::block_hash(0), pot(), bank, version, rule.clone(), expiry()).encode();
    Call::propose { account: pot(), rule, expiry: expiry(), signatures: signatures(newcomers, &payload) }
}

fn set() -> ManagerSet {
    pallet_joint::Sets::<Runtime>::get(pot()).expect("opened")
}

/// Ann, Ben and Cid, of whom two sign for what is in the account.
fn with_pot() {
    with_money();
    assert_ok!(register("//BankB", BANK_B, "cid"));
    assert_ok!(call("//BankA", open(&MANAGERS, 2, BANK_A)));
    let coins = coins_of("ann")[..TENS].to_vec().try_into().expect("few");
    assert_ok!(call("//ann", pallet_ownership::Call::transfer { to: pot(), coins }));
}

/// An order of the account for the present set, from now on: all of it is the same for the same number.
fn order(number: u8, action: Action) -> Order {
    order_of(number, set().version, action)
}

fn order_of(number: u8, version: u32, action: Action) -> Order {
    let now = Orders::clock();
    let order = Order::new(System::block_hash(0), [number; 16], (now, now + WINDOW), pot(), action);
    with_parties(order, &[("pot", version)])
}

fn with_parties(order: Order, parties: &[(&str, u32)]) -> Order {
    let party = |(name, version): &(&str, u32)| OrderParty { owner: owner(name), version: *version };
    let parties: Vec<_> = parties.iter().map(party).collect();
    Order { parties: parties.try_into().expect("few"), ..order }
}

/// An order to pay Ben with the coin at this place in the account.
fn pay_ben(place: usize) -> Order {
    order(place as u8, coins("ben", &coins_of("pot")[place..=place]))
}

/// An order that gives the account other managers. Newcomers are parties with keys of their own.
fn change(number: u8, names: &[&str], threshold: u8, newcomers: &[&str]) -> Order {
    let parties: Vec<_> = [("pot", set().version)].into_iter().chain(newcomers.iter().map(|name| (*name, 0))).collect();
    with_parties(order(number, Action::SetManagers { rule: rule(names, threshold) }), &parties)
}

/// An order with signatures for a party and a seat by these keys.
fn seated(order: &Order, signers: &[(u8, u8, &str)]) -> Vec<u8> {
    let payload = order.encode();
    let one = |(party, seat, key): &(u8, u8, &str)| OrderSignature {
        party: *party,
        seat: *seat,
        signature: sign(key, &payload),
    };
    let signatures: Vec<_> = signers.iter().map(one).collect();
    SignedOrder { order: order.clone(), signatures: signatures.try_into().expect("few") }.encode()
}

/// Signed by Ann and Ben in their seats.
fn by_two(order: &Order) -> Vec<u8> {
    seated(order, &[(0, 0, "//ann"), (0, 1, "//ben")])
}

fn purse(name: &str) -> Balance {
    pallet_ownership::Purses::<Runtime>::get(owner(name)).value
}

/// Goes on to the block in which a proposal made now can be approved.
fn wait() {
    start_block(System::block_number() + pallet_identity::RebindDelay::<Runtime>::get());
}
