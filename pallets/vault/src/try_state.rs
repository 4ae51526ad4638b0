//! The vaults' full scan.

use crate::pallet::*;
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, traits::fungible::Inspect};
use sp_runtime::TryRuntimeError;
use specie_primitives::{
    traits::{Banks, Coinage, Register},
    Balance, CoinId, CoinRange, Denomination, VaultId,
};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I3.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let banks = T::Banks::all();
        let vaults: Vec<VaultId> =
            core::iter::once(VaultId::Issue).chain(banks.iter().copied().map(VaultId::Bank)).collect();
        let mut all = Vec::<CoinRange>::new();
        for vault in vaults {
            let mut counts: BTreeMap<Denomination, u64> = T::Register::scan(vault).into_iter().collect();
            for (denomination, ranges) in Ranges::<T>::iter_prefix(vault) {
                ensure!(!ranges.is_empty(), "I2: an empty list of ranges");
                for range in ranges {
                    ensure!(range.count > 0, "I2: an empty range");
                    ensure!(
                        T::Coinage::denomination(range.batch) == Some(denomination),
                        "I1: a range under a wrong face value"
                    );
                    for index in range.start..range.end() {
                        ensure!(
                            !T::Register::has_entry(CoinId { batch: range.batch, index }),
                            "I2: a coin of a range has an entry"
                        );
                    }
                    let sum = counts.entry(denomination).or_default();
                    *sum = sum.saturating_add(range.count.into());
                    all.push(range);
                }
            }
            ensure!(counts == Stock::<T>::get(vault).into_inner(), "I1: stock differs from what the vault holds");
        }
        all.sort();
        ensure!(all.iter().zip(all.iter().skip(1)).all(|(one, next)| !one.overlaps(next)), "I2: ranges overlap");
        let held = banks
            .iter()
            .filter_map(|bank| T::Banks::account(*bank))
            .fold(Balance::default(), |sum, account| sum.saturating_add(T::Currency::total_balance(&account)));
        ensure!(held == T::Currency::total_issuance(), "I3: native currency outside the banks");
        Ok(())
    }
}
