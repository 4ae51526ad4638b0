//! Coins: from hand to hand, with change, out of custody and back.

use super::*;
use pallet_custody::Error as CustodyError;
use pallet_ownership::Error as OwnershipError;
use pallet_vault::Error as VaultError;
use specie_primitives::{
    change::{ChangePart, ChangePayment},
    ChangeFrom,
};

/// Mostly some of the payer's coins.
fn some_coins(world: &World, payer: usize, [_, count, first, odd]: Dice) -> Vec<CoinRef> {
    let whose = if odd == 0 { (payer + 1) % NAMES.len() } else { payer };
    let purse = world.purse(whose);
    let first = first as usize % purse.len().max(1);
    let mut named: Vec<CoinRef> = purse.into_iter().skip(first).take(count as usize % 4).collect();
    match (odd, named.first().copied()) {
        (1, Some(coin)) => named[0] = CoinRef { revision: coin.revision + 1, ..coin },
        (2, Some(coin)) => named.push(coin),
        _ => {},
    }
    named
}

pub fn make_coins(world: &World, payer: usize, dice: Dice, _: &[Written]) -> Draft {
    of(payer, coins(NAMES[dice[0] as usize % NAMES.len()], &some_coins(world, payer, dice)))
}

pub fn act_coins(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Coins { to, coins } = action else { return None };
    Some(world.pay_coins(asked.payer, World::place(*to), coins))
}

/// A coin of the payer's against tens of its bank's vault, first those that came back: some for the payee, the others for
/// the payer.
pub fn make_with_change(world: &World, payer: usize, [to, tens, first, odd]: Dice, _: &[Written]) -> Draft {
    let purse = world.purse(payer);
    let is_hundred = |coin: &&CoinRef| World::denomination(coin.coin) == HUNDRED;
    let given = purse.iter().find(is_hundred).or(purse.first()).copied();
    let worth = given.map_or(0, |coin| World::denomination(coin.coin).0 / TEN.0) as u32;
    let paid = (1 + tens).min(worth);
    let bank = if odd == 1 { (BANK_OF[payer] + 1) % 3 } else { BANK_OF[payer] };
    let back = world.purse(VAULTS + bank).into_iter().filter(|coin| World::denomination(coin.coin) == TEN);
    let named: Vec<CoinRef> = back.take(paid as usize).collect();
    let new = |count: u32| -> ChangePart {
        let lots = [(TEN, count)];
        fresh(&lots[..usize::from(count > 0)]).try_into().expect("few")
    };
    let pay = ChangePart { coins: named.clone().try_into().expect("few"), ..new(paid - named.len() as u32) };
    let own = purse.iter().filter(|coin| Some(**coin) != given).skip(first as usize).take(odd as usize % 2);
    let payment = ChangePayment {
        to: someone(to),
        coins: own.copied().collect::<Vec<_>>().try_into().expect("one"),
        at: ChangeFrom::Vault(World::bank_at(bank)),
        give: given.into_iter().collect::<Vec<_>>().try_into().expect("one"),
        pay,
        change: new(worth - paid + u32::from(odd == 2)),
    };
    of(payer, Action::CoinsWithChange(payment))
}

pub fn act_with_change(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::CoinsWithChange(payment) = action else { return None };
    Some(change(world, asked.payer, payment))
}

fn change(world: &mut World, payer: usize, payment: &ChangePayment) -> Result<(), DispatchError> {
    let (to, ChangeFrom::Vault(bank)) = (World::place(payment.to), payment.at) else { panic!("changed at a vault") };
    let bank = World::bank(bank);
    ensure!(payer != to, OwnershipError::<Runtime>::SameOwner);
    if !payment.coins.is_empty() {
        world.pay_coins(payer, to, &payment.coins)?;
    }
    ensure!(BANK_OF[payer] == bank, VaultError::<Runtime>::NoChange);
    let given = world.hand_over(payer, VAULTS + bank, &payment.give)?;
    let mut taken = world.give_out(bank, to, &payment.pay.clone().into())?;
    let back = Selection::from(payment.change.clone());
    if !back.is_empty() {
        taken += world.give_out(bank, payer, &back)?;
    }
    ensure!(taken == given, VaultError::<Runtime>::NotSameValue);
    Ok(())
}

/// New coins and some that came back, where the payer has most.
pub fn make_withdraw(world: &World, payer: usize, [_, lots, _, odd]: Dice, _: &[Written]) -> Draft {
    let bank = if odd == 0 { BANK_OF[payer] } else { world.richest(payer) };
    let new = match lots {
        0 => fresh(&[]),
        1 => fresh(&[(TEN, 0)]),
        2 => fresh(&[(TEN, 1), (TEN, 1)]),
        3 => fresh(&[(HUNDRED, 1)]),
        more => fresh(&[(TEN, more - 3)]),
    };
    let back = world.purse(VAULTS + bank).into_iter().take(odd as usize % 3).collect();
    of(
        payer,
        Action::Withdraw { bank: World::bank_at(bank), selection: Selection { fresh: new.fresh, ..singles(back) } },
    )
}

pub fn act_withdraw(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Withdraw { bank, selection } = action else { return None };
    Some(withdraw(world, asked.payer, World::bank(*bank), selection))
}

fn withdraw(world: &mut World, payer: usize, bank: usize, selection: &Selection) -> Result<(), DispatchError> {
    let value = world.give_out(bank, payer, selection)?;
    ensure!(world.custody[bank][payer] >= value, CustodyError::<Runtime>::CustodyTooLow);
    world.custody[bank][payer] -= value;
    Ok(())
}

/// At any bank.
pub fn make_deposit(world: &World, payer: usize, dice: Dice, _: &[Written]) -> Draft {
    let coins = some_coins(world, payer, dice).try_into().expect("few");
    of(payer, Action::Deposit { bank: World::bank_at(dice[0] as usize), coins })
}

pub fn act_deposit(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Deposit { bank, coins } = action else { return None };
    let bank = World::bank(*bank);
    let paid_in = world.hand_over(asked.payer, VAULTS + bank, coins);
    Some(paid_in.map(|value| world.custody[bank][asked.payer] += value))
}
