//! Custody's full scan.

use crate::{pallet::*, types::*};
use frame_support::{ensure, traits::fungibles::Inspect};
use sp_runtime::TryRuntimeError;
use specie_primitives::{
    traits::{Banks, Custodians, Vaults},
    Balance, BankId,
};

impl<T: Config> Pallet<T> {
    /// Checks I1 (flows against supply) and I2.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        for bank in T::Banks::all() {
            let owed = Self::owed(bank);
            let flows = Flows::<T>::get(bank);
            let of_flows = flows
                .owner_credits
                .saturating_add(flows.paid_in)
                .checked_sub(flows.owner_debits.saturating_add(flows.paid_out));
            ensure!(of_flows == Some(owed), "M4: custody differs from its flows");
            ensure!(T::Vaults::assets(bank) >= owed, "M6: a bank owes more than it has");
            ensure!(T::Assets::asset_exists(AssetId::Custody(bank)), "custody: a bank without an asset");
        }
        Ok(())
    }

    /// Checks that the accounts named sum up to what the bank owes; for tests, which know every account.
    pub fn check_accounts(bank: BankId, balances: impl Iterator<Item = Balance>) -> Result<(), TryRuntimeError> {
        let sum = balances.fold(0, Balance::saturating_add);
        ensure!(sum == Self::owed(bank), "I1: custody accounts differ from the supply");
        Ok(())
    }
}
