//! The actions that random orders ask for: how each is written down, and what it must do. Another one takes two functions
//! and a line in [`KINDS`].

use super::{
    model::{World, Written, BANK_OF, NAMES},
    *,
};
use frame_support::ensure;
use pallet_custody::Error as CustodyError;
use pallet_ownership::Error as OwnershipError;

/// What chance has to say about an action.
pub type Dice = [u32; 4];

/// An action.
pub struct Kind {
    /// An action of this payer, from the world as it is and what was written before.
    pub make: fn(&World, usize, Dice, &[Written]) -> Action,
    /// What it must do, or why it fails: then the world is thrown away. `None` for other actions.
    pub act: fn(&mut World, usize, &Action) -> Option<Result<(), DispatchError>>,
}

/// All of them.
pub const KINDS: [Kind; 3] = [
    Kind { make: make_coins, act: act_coins },
    Kind { make: make_custody, act: act_custody },
    Kind { make: make_cancel, act: act_cancel },
];

/// Mostly some of the payer's coins.
fn make_coins(world: &World, payer: usize, [to, count, first, odd]: Dice, _: &[Written]) -> Action {
    let whose = if odd == 0 { (payer + 1) % NAMES.len() } else { payer };
    let own = world.purse(whose).into_iter().skip(first as usize);
    let mut named: Vec<CoinRef> = own.take(count as usize % 4).collect();
    match (odd, named.first().copied()) {
        (1, Some(coin)) => named[0] = CoinRef { revision: coin.revision + 1, ..coin },
        (2, Some(coin)) => named.push(coin),
        _ => {},
    }
    coins(NAMES[to as usize % NAMES.len()], &named)
}

fn act_coins(world: &mut World, payer: usize, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Coins { to, coins } = action else { return None };
    Some(pay_coins(world, payer, World::place(*to), coins))
}

fn pay_coins(world: &mut World, payer: usize, to: usize, coins: &[CoinRef]) -> Result<(), DispatchError> {
    ensure!(payer != to, OwnershipError::<Runtime>::SameOwner);
    ensure!(!coins.is_empty(), OwnershipError::<Runtime>::NoCoins);
    for coin in coins {
        let (holder, revision) = world.coins.get_mut(&coin.coin).expect("every coin circulates");
        let is_named_twice = coins.iter().filter(|other| other.coin == coin.coin).count() > 1;
        let is_wrong = *holder != payer || *revision != coin.revision;
        ensure!(!(is_wrong && is_named_twice), OwnershipError::<Runtime>::DuplicateCoin);
        ensure!(*holder == payer, OwnershipError::<Runtime>::NotHolder);
        ensure!(*revision == coin.revision, OwnershipError::<Runtime>::WrongRevision);
        (*holder, *revision) = (to, coin.revision + 1);
    }
    Ok(())
}

/// Between any banks, of more or less than there is.
fn make_custody(world: &World, _: usize, [to, banks, amount, waits]: Dice, _: &[Written]) -> Action {
    let bank = |number: u32| BankId(number % 3 + 1);
    Action::Custody {
        from_bank: bank(banks),
        to_bank: bank(banks / 3),
        to: owner(NAMES[to as usize % NAMES.len()]),
        amount: Balance::from(amount) * 2_500,
        expires: (waits % 2 == 0).then_some(world.clock + WINDOW),
    }
}

fn act_custody(world: &mut World, payer: usize, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Custody { from_bank, to_bank, to, amount, .. } = action else { return None };
    Some(send(world, payer, World::place(*to), [World::bank(*from_bank), World::bank(*to_bank)], *amount))
}

/// The banks let nothing wait.
fn send(
    world: &mut World,
    payer: usize,
    to: usize,
    [from_bank, to_bank]: [usize; 2],
    amount: Balance,
) -> Result<(), DispatchError> {
    ensure!(amount > 0, CustodyError::<Runtime>::ZeroAmount);
    ensure!((payer, from_bank) != (to, to_bank), CustodyError::<Runtime>::SameAccount);
    let is_customer = BANK_OF[to] == to_bank || world.custody[to_bank][to] > 0;
    ensure!(payer == to || is_customer, CustodyError::<Runtime>::NotCustomer);
    ensure!(world.custody[from_bank][payer] >= amount, CustodyError::<Runtime>::CustodyTooLow);
    if from_bank != to_bank {
        ensure!(world.reserves[from_bank] >= amount, CustodyError::<Runtime>::ReserveTooLow);
        world.reserves[from_bank] -= amount;
        world.reserves[to_bank] += amount;
    }
    world.custody[from_bank][payer] -= amount;
    world.custody[to_bank][to] += amount;
    Ok(())
}

/// Of one of the latest orders, whoever its payer is.
fn make_cancel(_: &World, _: usize, [_, _, place, odd]: Dice, written: &[Written]) -> Action {
    let Some(other) = written.iter().rev().nth(place as usize % written.len().max(1)) else {
        return Action::Cancel { order: OrderId([7; 32]), valid_until: 1 };
    };
    let valid_until = if odd == 0 { BlockNumber::MAX } else { other.order.valid_until };
    Action::Cancel { order: other.order.id(), valid_until }
}

fn act_cancel(world: &mut World, payer: usize, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Cancel { order, valid_until } = action else { return None };
    Some(world.cancel(payer, *order, *valid_until))
}
