//! What banks owe for escrows: whose it is the pallet `escrow` says.

use crate::{pallet::*, types::*};
use frame_support::{
    ensure,
    traits::{
        fungibles::Mutate,
        tokens::{Fortitude, Precision, Preservation},
    },
};
use sp_runtime::{traits::Zero, DispatchResult};
use specie_primitives::{
    books::raise,
    escrow::escrow_account,
    traits::{Banks, Custodians, EscrowPots, Vaults},
    Balance, BankId, OwnerId,
};

impl<T: Config> EscrowPots for Pallet<T> {
    fn fill(bank: BankId, owner: OwnerId, amount: Balance) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        ensure!(T::Banks::is_active(bank), Error::<T>::BankNotActive);
        ensure!(<Self as Custodians>::balance(bank, owner) >= amount, Error::<T>::CustodyTooLow);
        let (payer, pot) = (owner.account(), escrow_account(bank));
        T::Assets::transfer(AssetId::Custody(bank), &payer, &pot, amount, Preservation::Expendable)?;
        Ok(())
    }

    fn covers(from_bank: BankId, to_bank: BankId, amount: Balance) -> bool {
        let active = [from_bank, to_bank].into_iter().all(T::Banks::is_active);
        active && (from_bank == to_bank || Self::goes_at_once(from_bank, amount))
    }

    fn give(from_bank: BankId, to_bank: BankId, to: OwnerId, amount: Balance) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        let (pot, account) = (escrow_account(from_bank), to.account());
        if from_bank == to_bank {
            T::Assets::transfer(AssetId::Custody(from_bank), &pot, &account, amount, Preservation::Expendable)?;
            return Ok(());
        }
        ensure!([from_bank, to_bank].into_iter().all(T::Banks::is_active), Error::<T>::BankNotActive);
        // Nothing out of an escrow overtakes what waits in order either.
        ensure!(Self::goes_at_once(from_bank, amount), Error::<T>::ReserveTooLow);
        T::Vaults::settle(&[(from_bank, to_bank, amount)])?;
        T::Assets::burn_from(
            AssetId::Custody(from_bank),
            &pot,
            amount,
            Preservation::Expendable,
            Precision::Exact,
            Fortitude::Polite,
        )?;
        T::Assets::mint_into(AssetId::Custody(to_bank), &account, amount)?;
        Self::count(from_bank, |flows| raise(&mut flows.sent, amount))?;
        Self::count(to_bank, |flows| raise(&mut flows.received, amount))
    }
}
