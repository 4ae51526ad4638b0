//! Custody from account to account.

use super::*;

/// Between any banks, of more or less than there is.
pub fn make_custody(world: &World, payer: usize, [to, banks, amount, waits]: Dice, _: &[Written]) -> Draft {
    let bank = |number: u32| World::bank_at(number as usize);
    let action = Action::Custody {
        from_bank: bank(banks),
        to_bank: bank(banks / 3),
        to: someone(to),
        amount: Balance::from(amount) * 2_500,
        expires: (waits % 2 == 0).then_some(world.clock + WINDOW),
    };
    of(payer, action)
}

pub fn act_custody(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Custody { from_bank, to_bank, to, amount, .. } = action else { return None };
    let banks = [World::bank(*from_bank), World::bank(*to_bank)];
    Some(world.send(asked.payer, World::place(*to), banks, *amount))
}
