//! Which transfers settle together although no bank could pay for its own first.
//!
//! In a ring of banks each waits for what the one before owes it, and nothing moves. Settled at once, each pays or gets only
//! what is left of all of them together. The choice begins with every transfer; as long as a bank would pay more than it has
//! and gets, one of its transfers is left out. Each step leaves one out, so it ends after as many steps as there are
//! transfers, with a choice that every reserve covers; it may be empty.
//!
//! Source: M. L. Bech and K. Soramäki, *Gridlock Resolution in Interbank Payment Systems*, Bank of Finland Discussion Papers
//! 9/2001. There the last one of the bank is left out each time, which gives the greatest choice in which no transfer
//! overtakes another of its bank. What is left is tried once more with the greatest one left out, for banks that let
//! transfers overtake: one that no reserve will ever cover does not keep the others from settling.

use alloc::{collections::BTreeMap, vec::Vec};
use specie_primitives::{Balance, BankId};

#[cfg(test)]
mod tests;

/// A transfer that could settle, were there the reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The bank that pays.
    pub from: BankId,
    /// The bank that is paid.
    pub to: BankId,
    /// Minor units.
    pub amount: Balance,
}

/// What a bank has with what it gets, and what it gives, if the choice settles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Position {
    has: Balance,
    gives: Balance,
}

/// Says of each transfer whether it settles. Those of one bank come in the order of its queue. A bank without an entry has no
/// reserve. Sums saturate; those of the chain stay far below.
pub fn choose(
    transfers: &[Transfer],
    reserves: &BTreeMap<BankId, Balance>,
    in_order: impl Fn(BankId) -> bool,
) -> Vec<bool> {
    let mut chosen = alloc::vec![true; transfers.len()];
    leave_out(transfers, reserves, &mut chosen, |_| true);
    let mut rest: Vec<bool> = chosen.iter().map(|chosen| !chosen).collect();
    let left = after(transfers, reserves, &chosen);
    leave_out(transfers, &left, &mut rest, in_order);
    chosen.iter().zip(rest).map(|(first, second)| *first || second).collect()
}

/// Takes transfers out of a choice until every reserve covers it.
fn leave_out(
    transfers: &[Transfer],
    reserves: &BTreeMap<BankId, Balance>,
    chosen: &mut [bool],
    in_order: impl Fn(BankId) -> bool,
) {
    loop {
        let positions = positions(transfers, reserves, chosen);
        let Some(bank) = positions.iter().find(|(_, position)| position.gives > position.has).map(|(bank, _)| *bank)
        else {
            return;
        };
        let mut of_bank = transfers
            .iter()
            .enumerate()
            .filter(|(place, transfer)| transfer.from == bank && chosen.get(*place).copied().unwrap_or_default());
        let victim = match in_order(bank) {
            true => of_bank.next_back(),
            // Of several the last one.
            false => of_bank.max_by_key(|(place, transfer)| (transfer.amount, *place)),
        };
        // A bank that gives has a transfer.
        let Some((place, _)) = victim else { return };
        let Some(out) = chosen.get_mut(place) else { return };
        *out = false;
    }
}

fn positions(
    transfers: &[Transfer],
    reserves: &BTreeMap<BankId, Balance>,
    chosen: &[bool],
) -> BTreeMap<BankId, Position> {
    let mut positions: BTreeMap<BankId, Position> =
        reserves.iter().map(|(bank, reserve)| (*bank, Position { has: *reserve, gives: 0 })).collect();
    for (transfer, _) in transfers.iter().zip(chosen).filter(|(_, chosen)| **chosen) {
        let from = positions.entry(transfer.from).or_default();
        from.gives = from.gives.saturating_add(transfer.amount);
        let to = positions.entry(transfer.to).or_default();
        to.has = to.has.saturating_add(transfer.amount);
    }
    positions
}

/// Reserves after a choice that they cover.
fn after(transfers: &[Transfer], reserves: &BTreeMap<BankId, Balance>, chosen: &[bool]) -> BTreeMap<BankId, Balance> {
    let positions = positions(transfers, reserves, chosen);
    positions.into_iter().map(|(bank, position)| (bank, position.has.saturating_sub(position.gives))).collect()
}
