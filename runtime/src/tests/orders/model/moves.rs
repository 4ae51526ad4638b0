//! How value goes from one to the other, whatever asked for it.

use super::{Held, World, BANK_OF, VAULTS};
use crate::tests::orders::*;
use frame_support::ensure;
use pallet_custody::Error as CustodyError;
use pallet_escrow::Error as EscrowError;
use pallet_instruments::Error as InstrumentsError;
use pallet_ownership::Error as OwnershipError;
use pallet_vault::Error as VaultError;
use specie_primitives::InstrumentId;
use std::collections::BTreeSet;

impl World {
    /// Coins change hands. Gives their value.
    pub fn hand_over(&mut self, from: usize, to: usize, coins: &[CoinRef]) -> Result<Balance, DispatchError> {
        ensure!(!coins.is_empty(), OwnershipError::<Runtime>::NoCoins);
        let mut value = 0;
        for coin in coins {
            let is_named_twice = coins.iter().filter(|other| other.coin == coin.coin).count() > 1;
            let reason = |error| if is_named_twice { OwnershipError::<Runtime>::DuplicateCoin } else { error };
            let entry = self.coins.get_mut(&coin.coin);
            let (holder, revision) = entry.ok_or(reason(OwnershipError::<Runtime>::UnknownCoin))?;
            ensure!(*holder == from, reason(OwnershipError::<Runtime>::NotHolder));
            ensure!(*revision == coin.revision, reason(OwnershipError::<Runtime>::WrongRevision));
            (*holder, *revision) = (to, coin.revision + 1);
            value += Self::denomination(coin.coin).value(1);
        }
        Ok(value)
    }

    /// A payment with coins.
    pub fn pay_coins(&mut self, from: usize, to: usize, coins: &[CoinRef]) -> Result<(), DispatchError> {
        ensure!(from != to, OwnershipError::<Runtime>::SameOwner);
        self.hand_over(from, to, coins).map(drop)
    }

    /// Coins come out of a bank's vault. Gives their value.
    pub fn give_out(&mut self, bank: usize, to: usize, selection: &Selection) -> Result<Balance, DispatchError> {
        ensure!(!selection.is_empty(), VaultError::<Runtime>::NothingSelected);
        let (mut named, mut value) = (BTreeSet::new(), 0);
        for Lot { denomination, count } in &selection.fresh {
            let is_sound = *count > 0 && named.insert(*denomination);
            ensure!(is_sound, VaultError::<Runtime>::BadLot);
            let stock = self.fresh[bank].entry(*denomination).or_default();
            ensure!(stock.len() >= *count as usize, VaultError::<Runtime>::NotEnoughCoins);
            for coin in stock.drain(..*count as usize) {
                self.coins.insert(coin, (to, 0));
            }
            value += denomination.value((*count).into());
        }
        if !selection.coins.is_empty() {
            value += self.hand_over(VAULTS + bank, to, &selection.coins)?;
        }
        Ok(value)
    }

    /// A transfer of custody. The banks let nothing wait.
    pub fn send(
        &mut self,
        from: usize,
        to: usize,
        [from_bank, to_bank]: [usize; 2],
        amount: Balance,
    ) -> Result<(), DispatchError> {
        ensure!(amount > 0, CustodyError::<Runtime>::ZeroAmount);
        ensure!((from, from_bank) != (to, to_bank), CustodyError::<Runtime>::SameAccount);
        let is_customer = BANK_OF[to] == to_bank || self.custody[to_bank][to] > 0;
        ensure!(from == to || is_customer, CustodyError::<Runtime>::NotCustomer);
        ensure!(self.custody[from_bank][from] >= amount, CustodyError::<Runtime>::CustodyTooLow);
        self.settle([from_bank, to_bank], amount)?;
        self.custody[from_bank][from] -= amount;
        self.custody[to_bank][to] += amount;
        Ok(())
    }

    /// Reserves go along.
    fn settle(&mut self, [from_bank, to_bank]: [usize; 2], amount: Balance) -> Result<(), DispatchError> {
        if from_bank != to_bank {
            ensure!(self.reserves[from_bank] >= amount, CustodyError::<Runtime>::ReserveTooLow);
            self.reserves[from_bank] -= amount;
            self.reserves[to_bank] += amount;
        }
        Ok(())
    }

    /// Units change hands.
    pub fn give_units(
        &mut self,
        from: usize,
        to: usize,
        InstrumentId(instrument): InstrumentId,
        amount: Balance,
    ) -> Result<(), DispatchError> {
        ensure!(amount > 0, InstrumentsError::<Runtime>::ZeroAmount);
        ensure!(from != to, InstrumentsError::<Runtime>::SameOwner);
        let units = self.units.get_mut(instrument as usize).ok_or(InstrumentsError::<Runtime>::UnknownInstrument)?;
        ensure!(units[from] >= amount, InstrumentsError::<Runtime>::UnitsTooLow);
        units[from] -= amount;
        units[to] += amount;
        Ok(())
    }

    /// The payee gets something out of an escrow.
    pub fn pay_out_of(&mut self, escrow: OrderId, amount: Balance) -> Result<(), DispatchError> {
        let held = self.escrows.get(&escrow).cloned().ok_or(EscrowError::<Runtime>::UnknownEscrow)?;
        self.settle([held.from_bank, held.to_bank], amount)?;
        self.custody[held.to_bank][held.payee] += amount;
        self.keep_rest(escrow, Held { rest: held.rest - amount, ..held });
        Ok(())
    }

    /// The payer gets something back out of an escrow that is open.
    pub fn give_back(&mut self, escrow: OrderId, amount: Balance) {
        let held = self.escrows.get(&escrow).cloned().expect("it is open");
        self.custody[held.from_bank][held.payer] += amount;
        self.keep_rest(escrow, Held { rest: held.rest - amount, ..held });
    }

    /// Of an escrow that is over nothing is left.
    fn keep_rest(&mut self, escrow: OrderId, held: Held) {
        match held.rest {
            0 => self.escrows.remove(&escrow),
            _ => self.escrows.insert(escrow, held),
        };
    }
}
