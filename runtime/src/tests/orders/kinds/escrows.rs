//! Escrows: held by two, released, given back, disputed.

use super::{super::model::Held, *};
use pallet_custody::Error as CustodyError;
use pallet_escrow::Error as EscrowError;
use specie_primitives::{AtExpiry, MAX_ESCROWS_OF_PAYER};

/// Mostly for some blocks, of custody where the payer has most.
pub fn make_hold(world: &World, payer: usize, [to, banks, amount, odd]: Dice, _: &[Written]) -> Draft {
    let bank = |number: u32| World::bank_at(number as usize);
    let life = match odd {
        0 => 0,
        1 => BlockNumber::MAX / 2,
        more => more * 4,
    };
    let action = Action::Hold {
        from_bank: if odd == 2 { bank(banks) } else { World::bank_at(world.richest(payer)) },
        to_bank: bank(banks / 3),
        amount: Balance::from(amount) * 500,
        expires: world.clock + life,
        at_expiry: if odd % 2 == 0 { AtExpiry::Pay } else { AtExpiry::Return },
        reference: (odd % 3 == 0).then_some(Hash::repeat_byte(7)),
    };
    Draft { parties: vec![payer, to as usize % NAMES.len()], action }
}

pub fn act_hold(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Hold { from_bank, to_bank, amount, expires, at_expiry, .. } = action else { return None };
    let held = Held {
        payer: asked.payer,
        from_bank: World::bank(*from_bank),
        payee: asked.parties[1],
        to_bank: World::bank(*to_bank),
        rest: *amount,
        at_expiry: *at_expiry,
        due: *expires,
        look: *expires,
        disputed: [false; 2],
    };
    Some(hold(world, asked.id, held))
}

fn hold(world: &mut World, id: OrderId, held: Held) -> Result<(), DispatchError> {
    let Held { payer, payee, from_bank, rest, due, .. } = held;
    ensure!(payer != payee, EscrowError::<Runtime>::SameOwner);
    ensure!(due > world.clock, EscrowError::<Runtime>::ExpiryTooSoon);
    let most = world.clock + crate::configs::MaxEscrowLife::get();
    ensure!(due <= most, EscrowError::<Runtime>::ExpiryTooFar);
    ensure!(rest > 0, CustodyError::<Runtime>::ZeroAmount);
    ensure!(world.custody[from_bank][payer] >= rest, CustodyError::<Runtime>::CustodyTooLow);
    let open = world.escrows.values().filter(|held| held.payer == payer).count();
    ensure!(open < MAX_ESCROWS_OF_PAYER as usize, EscrowError::<Runtime>::TooManyEscrows);
    world.custody[from_bank][payer] -= rest;
    world.escrows.insert(id, held);
    Ok(())
}

/// One of those that are open, and more or less of what is left of it.
fn part(world: &World, which: u32, part: u32) -> (OrderId, Option<&Held>, Balance) {
    let escrow = one_of(world.escrows.keys(), which);
    let held = world.escrows.get(&escrow);
    let rest = held.map_or(1, |held| held.rest);
    let amount = match part {
        0 => 0,
        1 => rest + 1,
        2..=4 => rest / 2,
        _ => rest,
    };
    (escrow, held, amount)
}

pub fn make_release(world: &World, payer: usize, [_, of_rest, which, odd]: Dice, _: &[Written]) -> Draft {
    let (escrow, held, amount) = part(world, which, of_rest);
    let payer = held.filter(|_| odd != 0).map_or(payer, |held| held.payer);
    of(payer, Action::Release { escrow, amount })
}

/// What taking an amount out of an escrow is refused for, whoever does it.
fn takeable(held: &Held, amount: Balance) -> Result<(), DispatchError> {
    ensure!(amount <= held.rest, EscrowError::<Runtime>::AmountTooHigh);
    ensure!(amount > 0, CustodyError::<Runtime>::ZeroAmount);
    Ok(())
}

pub fn act_release(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Release { escrow, amount } = action else { return None };
    Some(release(world, asked.payer, *escrow, *amount))
}

fn release(world: &mut World, payer: usize, escrow: OrderId, amount: Balance) -> Result<(), DispatchError> {
    let held = world.escrows.get(&escrow).ok_or(EscrowError::<Runtime>::UnknownEscrow)?;
    ensure!(held.payer == payer, EscrowError::<Runtime>::NotPayer);
    takeable(held, amount)?;
    world.pay_out_of(escrow, amount)
}

/// By both, now and then in the wrong order, or with somebody else.
pub fn make_return(world: &World, payer: usize, [other, of_rest, which, odd]: Dice, _: &[Written]) -> Draft {
    let (escrow, held, amount) = part(world, which, of_rest);
    let (first, second) = held.map_or((payer, other as usize % NAMES.len()), |held| (held.payer, held.payee));
    let parties = match odd {
        0 => vec![second, first],
        1 => vec![first, other as usize % NAMES.len()],
        _ => vec![first, second],
    };
    Draft { parties, action: Action::Return { escrow, amount } }
}

pub fn act_return(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Return { escrow, amount } = action else { return None };
    Some(give_back(world, &asked.parties, *escrow, *amount))
}

fn give_back(world: &mut World, parties: &[usize], escrow: OrderId, amount: Balance) -> Result<(), DispatchError> {
    let held = world.escrows.get(&escrow).ok_or(EscrowError::<Runtime>::UnknownEscrow)?;
    ensure!([held.payer, held.payee] == parties, EscrowError::<Runtime>::NotParties);
    takeable(held, amount)?;
    world.give_back(escrow, amount);
    Ok(())
}

/// By either side, or by anyone.
pub fn make_dispute(world: &World, payer: usize, [_, _, which, odd]: Dice, _: &[Written]) -> Draft {
    let (escrow, held, _) = part(world, which, 0);
    let by = match (odd % 3, held) {
        (0, Some(held)) => held.payer,
        (1, Some(held)) => held.payee,
        _ => payer,
    };
    of(by, Action::Dispute { escrow })
}

pub fn act_dispute(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Dispute { escrow } = action else { return None };
    Some(dispute(world, asked.payer, *escrow))
}

fn dispute(world: &mut World, by: usize, escrow: OrderId) -> Result<(), DispatchError> {
    let now = world.clock;
    let held = world.escrows.get_mut(&escrow).ok_or(EscrowError::<Runtime>::UnknownEscrow)?;
    ensure!(now <= held.due, EscrowError::<Runtime>::TooLate);
    let side = [held.payer, held.payee].iter().position(|side| *side == by);
    let side = side.ok_or(EscrowError::<Runtime>::NotParties)?;
    ensure!(!held.disputed[side], EscrowError::<Runtime>::AlreadyDisputed);
    if held.disputed == [false; 2] {
        held.due = held.due.max(now + crate::tests::escrow::DECISION_TIME);
        held.look = held.due;
    }
    held.disputed[side] = true;
    Ok(())
}
