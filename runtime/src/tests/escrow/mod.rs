//! Escrows in the shipped runtime: every way into one and out of it, and every way to take what another has in it, to take it
//! twice, or to keep it for ever.

mod cheats;
mod disputes;
mod outcomes;
mod random;
mod ways;

use super::{
    joint, limits,
    orders::{failed, is_refused, signed, verdict},
    standstill::{stop_and_resume, STOP},
    supervision::{self, SUPERVISOR},
    transfers::{give_reserve, reserves, with_banks, without_reserves, ALL, BANKS, BANK_C},
    *,
};
use frame_support::weights::Weight;
use pallet_custody::Error as CustodyError;
use pallet_escrow::{Call as EscrowCall, Due, Error as EscrowError, Event as EscrowEvent, LookedTo};
use pallet_limits::Error as LimitsError;
use specie_primitives::{
    books::EscrowFlows,
    escrow::{EscrowEnd, EscrowInfo},
    orders::{Action, OrderParty},
    traits::Custodians,
    AtExpiry, Order, OrderId, Reason, Target, Verdict,
};
use std::sync::atomic::{AtomicU32, Ordering};

/// What most escrows here are about.
pub const PRICE: Balance = 40_000;
/// Blocks until the outcome of most of them.
pub const LIFE: BlockNumber = 100;
/// Blocks in which an order can be executed.
const WINDOW: BlockNumber = 1_000;

/// See the runtime's configuration.
pub const DECISION_TIME: BlockNumber = crate::configs::DecisionTime::get();
/// See the runtime's configuration.
pub const PATIENCE: BlockNumber = crate::configs::EscrowPatience::get();
/// See the runtime's configuration.
pub const PAUSE: BlockNumber = crate::configs::EscrowPause::get();

/// Makes every order another one.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// An order of these parties from now on.
pub fn order(parties: &[&str], action: Action) -> Order {
    let (now, mut random) = (Orders::clock(), [0; 16]);
    random[..4].copy_from_slice(&NUMBER.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    let mut order = Order::new(System::block_hash(0), random, (now, now + WINDOW), owner(parties[0]), action);
    let party = |name: &&str| OrderParty { owner: owner(name), version: 0 };
    order.parties = parties.iter().map(party).collect::<Vec<_>>().try_into().expect("few");
    order
}

/// The document that all of them sign.
pub fn document(order: &Order, parties: &[&str]) -> Vec<u8> {
    let keys: Vec<_> = parties.iter().map(|name| format!("//{name}")).collect();
    signed(order, &keys.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What comes of an order that all of these sign, and bank C brings.
#[track_caller]
pub fn ask(parties: &[&str], action: Action) -> Verdict {
    verdict("//BankC", document(&order(parties, action), parties))
}

/// Asserts that such an order is refused and changes nothing.
#[track_caller]
pub fn denied(parties: &[&str], action: Action, error: impl Into<DispatchError>) {
    is_refused("//BankC", document(&order(parties, action), parties), failed(error));
}

/// The bank that looks after somebody.
pub fn bank_of(name: &str) -> BankId {
    BANKS.iter().find(|(_, _, customer)| *customer == name).map_or(BANK_A, |(_, bank, _)| *bank)
}

/// Custody of Ann for somebody at its own bank.
pub fn hold(payee: &str, amount: Balance, at_expiry: AtExpiry) -> Action {
    let expires = Orders::clock() + LIFE;
    Action::Hold { from_bank: BANK_A, to_bank: bank_of(payee), amount, expires, at_expiry, reference: None }
}

/// Ann's escrow of [`PRICE`] for somebody.
#[track_caller]
pub fn opened(payee: &str, at_expiry: AtExpiry) -> OrderId {
    let order = order(&["ann", payee], hold(payee, PRICE, at_expiry));
    assert_eq!(verdict("//BankC", document(&order, &["ann", payee])), Verdict::Executed);
    order.id()
}

pub fn release(escrow: OrderId, amount: Balance) -> EscrowCall<Runtime> {
    EscrowCall::release { escrow, amount }
}

pub fn dispute(escrow: OrderId) -> EscrowCall<Runtime> {
    EscrowCall::dispute { escrow }
}

pub fn conclude(escrow: OrderId) -> EscrowCall<Runtime> {
    EscrowCall::conclude { escrow }
}

pub fn decide(escrow: OrderId, to_payee: Balance) -> EscrowCall<Runtime> {
    EscrowCall::decide { escrow, to_payee, reason: Reason::CourtOrder }
}

pub fn info(escrow: OrderId) -> EscrowInfo {
    Escrow::info(escrow).expect("it is open")
}

pub fn is_open(escrow: OrderId) -> bool {
    Escrow::info(escrow).is_some()
}

/// What is in escrow at each bank.
pub fn pots() -> [Balance; 3] {
    BANKS.map(|(_, bank, _)| <Custody as Custodians>::escrowed(bank))
}

pub fn escrow_flows(bank: BankId) -> (Balance, Balance, Balance) {
    let EscrowFlows { held, paid, returned } = pallet_escrow::Flows::<Runtime>::get(bank);
    (held, paid, returned)
}

/// What Ann has at bank A, and a payee at its own.
pub fn both(payee: &str) -> (Balance, Balance) {
    (custody(BANK_A, "ann"), custody(bank_of(payee), payee))
}

pub fn pass(blocks: BlockNumber) {
    start_block(System::block_number() + blocks);
}

/// The end of a block with room. Of the blocks before it those are passed over after which nothing is due: a chain would have
/// looked at them one after the other.
pub fn idle() {
    while let Some(first) = Due::<Runtime>::iter_keys().map(|(block, _)| block).min() {
        if first >= Orders::clock() {
            break;
        }
        LookedTo::<Runtime>::put(first);
        Escrow::on_idle(System::block_number(), Weight::MAX);
    }
}

/// Events of escrows in this block.
pub fn told() -> Vec<EscrowEvent<Runtime>> {
    let of_escrow = |event: RuntimeEvent| match event {
        RuntimeEvent::Escrow(event) => Some(event),
        _ => None,
    };
    System::events().into_iter().filter_map(|record| of_escrow(record.event)).collect()
}
