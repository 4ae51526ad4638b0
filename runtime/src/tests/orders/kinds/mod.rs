//! The actions that random orders ask for: how each is written down, and what it must do. Another one takes two functions
//! and a line in [`KINDS`].

mod cash;
mod custody;
mod escrows;
mod managers;
mod scans;
mod units;

use super::{
    model::{Asked, World, Written, BANK_OF, JOINT, NAMES, VAULTS},
    *,
};
use frame_support::ensure;

/// What chance has to say about an action: numbers below 5, 9, 20 and 12.
pub type Dice = [u32; 4];

/// What somebody wants, with whose consent: the payer's comes first.
pub struct Draft {
    pub parties: Vec<usize>,
    pub action: Action,
}

/// An action.
pub struct Kind {
    /// An action of this payer, or of others if they have something to do with each other, from the world as it is and what
    /// was written before.
    pub make: fn(&World, usize, Dice, &[Written]) -> Draft,
    /// What it must do, or why it fails: then the world is thrown away. `None` for other actions.
    pub act: fn(&mut World, &Asked, &Action) -> Option<Result<(), DispatchError>>,
}

/// All of them.
pub const KINDS: [Kind; 15] = [
    Kind { make: cash::make_coins, act: cash::act_coins },
    Kind { make: cash::make_with_change, act: cash::act_with_change },
    Kind { make: cash::make_withdraw, act: cash::act_withdraw },
    Kind { make: cash::make_deposit, act: cash::act_deposit },
    Kind { make: custody::make_custody, act: custody::act_custody },
    Kind { make: make_cancel, act: act_cancel },
    Kind { make: escrows::make_hold, act: escrows::act_hold },
    Kind { make: escrows::make_release, act: escrows::act_release },
    Kind { make: escrows::make_return, act: escrows::act_return },
    Kind { make: escrows::make_dispute, act: escrows::act_dispute },
    Kind { make: scans::make_scan, act: scans::act_scan },
    Kind { make: scans::make_answer, act: scans::act_answer },
    Kind { make: units::make_asset, act: units::act_asset },
    Kind { make: units::make_exchange, act: units::act_exchange },
    Kind { make: managers::make_managers, act: managers::act_managers },
];

/// Of one party.
fn of(payer: usize, action: Action) -> Draft {
    Draft { parties: vec![payer], action }
}

fn someone(number: u32) -> OwnerId {
    owner(NAMES[number as usize % NAMES.len()])
}

/// One of those that there are, or something that never was.
fn one_of<'a>(mut all: impl Iterator<Item = &'a OrderId> + Clone, number: u32) -> OrderId {
    let count = all.clone().count().max(1);
    all.nth(number as usize % count).copied().unwrap_or(OrderId([9; 32]))
}

/// Of one of the latest orders, whoever its payer is.
fn make_cancel(_: &World, payer: usize, [_, _, place, odd]: Dice, written: &[Written]) -> Draft {
    let Some(other) = written.iter().rev().nth(place as usize % written.len().max(1)) else {
        return of(payer, Action::Cancel { order: OrderId([7; 32]), valid_until: 1 });
    };
    let valid_until = if odd == 0 { BlockNumber::MAX } else { other.order.valid_until };
    of(payer, Action::Cancel { order: other.order.id(), valid_until })
}

fn act_cancel(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Cancel { order, valid_until } = action else { return None };
    Some(world.cancel(asked.payer, *order, *valid_until))
}
