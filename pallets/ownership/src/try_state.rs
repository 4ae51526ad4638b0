//! The register's full scan.

use crate::{pallet::*, types::*};
use alloc::collections::BTreeMap;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::{traits::Coinage, Denomination, Holder, OwnerId};

impl<T: Config> Pallet<T> {
    /// Checks I2 and I3 over every entry.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut purses = BTreeMap::<OwnerId, Purse>::new();
        let mut circulation = BTreeMap::<Denomination, u64>::new();
        let mut waiting = BTreeMap::<Denomination, u64>::new();
        for (coin, entry) in Coins::<T>::iter() {
            let denomination = T::Coinage::denomination(coin.batch).ok_or("register: coin of an unknown batch")?;
            let place = match entry.holder {
                Holder::Owner(owner) => {
                    let purse = purses.entry(owner).or_default();
                    purse.coins = purse.coins.saturating_add(1);
                    purse.value = purse.value.saturating_add(denomination.value(1));
                    &mut circulation
                },
                Holder::Pickup(_) => &mut waiting,
                Holder::Vault(_) => continue,
            };
            let count = place.entry(denomination).or_default();
            *count = count.saturating_add(1);
        }
        ensure!(purses == Purses::<T>::iter().collect(), "I2: purses differ from the register");
        ensure!(circulation == Circulation::<T>::get().into_inner(), "I3: circulation differs from the register");
        ensure!(waiting == Waiting::<T>::get().into_inner(), "I3: what waits differs from the register");
        Ok(())
    }
}
