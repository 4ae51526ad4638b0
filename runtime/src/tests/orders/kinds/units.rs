//! Units of instruments, and exchanges of two legs of any kind.

use super::*;
use pallet_instruments::Error as InstrumentsError;
use specie_primitives::{InstrumentId, Leg};

/// Mostly of an instrument that there is.
pub fn make_asset(world: &World, payer: usize, [to, tens, _, odd]: Dice, _: &[Written]) -> Draft {
    let instrument = if odd == 0 { InstrumentId(7) } else { most_units(world, payer) };
    of(payer, Action::Asset { instrument, to: someone(to), amount: Balance::from(tens) * 10 })
}

/// The instrument of which an owner has most.
fn most_units(world: &World, who: usize) -> InstrumentId {
    InstrumentId(u32::from(world.units[1][who] > world.units[0][who]))
}

pub fn act_asset(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Asset { instrument, to, amount } = action else { return None };
    Some(world.give_units(asked.payer, World::place(*to), *instrument, *amount))
}

/// What one gives another: coins, custody or units.
fn leg(world: &World, [from, to]: [usize; 2], kind: u32, amount: u32) -> Leg {
    match kind % 3 {
        0 => {
            let coins: Vec<_> = world.purse(from).into_iter().take(amount as usize % 3).collect();
            Leg::Coins(coins.try_into().expect("few"))
        },
        1 => Leg::Custody {
            from_bank: World::bank_at(world.richest(from)),
            to_bank: World::bank_at(BANK_OF[to]),
            amount: Balance::from(amount) * 200,
        },
        _ => Leg::Units { instrument: most_units(world, from), amount: amount.into() },
    }
}

/// Of all kinds of legs.
pub fn make_exchange(world: &World, payer: usize, [other, kinds, amount, odd]: Dice, _: &[Written]) -> Draft {
    let other = if odd == 0 { payer } else { other as usize % NAMES.len() };
    let give = leg(world, [payer, other], kinds, amount);
    let take = leg(world, [other, payer], kinds / 3, amount + odd);
    Draft { parties: vec![payer, other], action: Action::Exchange { give, take } }
}

pub fn act_exchange(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Exchange { give, take } = action else { return None };
    Some(exchange(world, [asked.parties[0], asked.parties[1]], give, take))
}

fn exchange(world: &mut World, [one, other]: [usize; 2], give: &Leg, take: &Leg) -> Result<(), DispatchError> {
    ensure!(one != other, InstrumentsError::<Runtime>::SameOwner);
    ensure!(!is_same(give, take), InstrumentsError::<Runtime>::SameLegs);
    give_leg(world, one, other, give)?;
    give_leg(world, other, one, take)
}

/// Whether both legs are about the same thing.
fn is_same(give: &Leg, take: &Leg) -> bool {
    match (give, take) {
        (Leg::Coins(give), Leg::Coins(take)) => give.iter().any(|coin| take.iter().any(|back| back.coin == coin.coin)),
        (Leg::Custody { from_bank, to_bank, .. }, Leg::Custody { from_bank: from, to_bank: to, .. }) => {
            from_bank == from && to_bank == to
        },
        (Leg::Units { instrument, .. }, Leg::Units { instrument: back, .. }) => instrument == back,
        _ => false,
    }
}

fn give_leg(world: &mut World, from: usize, to: usize, leg: &Leg) -> Result<(), DispatchError> {
    match leg {
        Leg::Coins(coins) => world.pay_coins(from, to, coins),
        Leg::Custody { from_bank, to_bank, amount } => {
            world.send(from, to, [World::bank(*from_bank), World::bank(*to_bank)], *amount)
        },
        Leg::Units { instrument, amount } => world.give_units(from, to, *instrument, *amount),
    }
}
