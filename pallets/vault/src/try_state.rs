//! The vaults' full scan.

use crate::pallet::*;
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, traits::fungible::Inspect};
use sp_runtime::TryRuntimeError;
use specie_primitives::{
    traits::{Banks, Coinage, Register},
    Balance, CoinRange, Denomination, Holder, VaultId,
};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I3.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut counts = BTreeMap::<VaultId, BTreeMap<Denomination, u64>>::new();
        let mut count = |vault, denomination, more| {
            let sum = counts.entry(vault).or_default().entry(denomination).or_default();
            *sum = u64::saturating_add(*sum, more);
        };
        let mut all = Vec::<CoinRange>::new();
        for (vault, denomination, ranges) in Ranges::<T>::iter() {
            ensure!(!ranges.is_empty(), "I2: an empty list of ranges");
            for range in ranges {
                ensure!(range.count > 0, "I2: an empty range");
                ensure!(
                    T::Coinage::denomination(range.batch) == Some(denomination),
                    "I1: a range under a wrong face value"
                );
                count(vault, denomination, range.count.into());
                all.push(range);
            }
        }
        all.sort();
        ensure!(all.iter().zip(all.iter().skip(1)).all(|(one, next)| !one.overlaps(next)), "I2: ranges overlap");

        // A range may have a billion coins: look for each entry among the ranges, not the other way round.
        let mut in_range = false;
        T::Register::scan(|coin, holder| {
            let behind = all.partition_point(|range| (range.batch, range.start) <= (coin.batch, coin.index));
            let nearest = behind.checked_sub(1).and_then(|at| all.get(at));
            in_range |= nearest.is_some_and(|range| range.contains(coin));
            if let (Holder::Vault(vault), Some(denomination)) = (holder, T::Coinage::denomination(coin.batch)) {
                count(vault, denomination, 1);
            }
        });
        ensure!(!in_range, "I2: a coin of a range has an entry");
        let stock: BTreeMap<_, _> = Stock::<T>::iter()
            .map(|(vault, stock)| (vault, stock.into_inner()))
            .filter(|(_, stock)| !stock.is_empty())
            .collect();
        ensure!(counts == stock, "I1: stock differs from what the vaults hold");

        let held = T::Banks::all()
            .into_iter()
            .filter_map(T::Banks::account)
            .fold(Balance::default(), |sum, account| sum.saturating_add(T::Currency::total_balance(&account)));
        ensure!(held == T::Currency::total_issuance(), "I3: native currency outside the banks");
        Ok(())
    }
}
