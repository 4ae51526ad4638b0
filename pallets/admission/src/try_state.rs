//! The quotas' full scan.

use crate::pallet::*;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks I1 to I4.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let limited = Quota::<T>::get() > 0 || BankQuota::<T>::get() > 0;
        ensure!(!limited || Window::<T>::get() > 0, "I1: a quota is in force without a window");
        let now = Self::now();
        for (key, used) in QuotaOf::<T>::iter() {
            ensure!(used.window <= now, "I2: a key's window begins in the future");
            let nonce = frame_system::Pallet::<T>::account_nonce(&key);
            ensure!(used.start <= nonce, "I3: a recorded nonce is above the account's");
        }
        for used in BankUsed::<T>::iter_values() {
            ensure!(used.window <= now, "I2: a bank's window begins in the future");
            ensure!(used.count > 0, "I4: a bank's use is recorded as zero");
        }
        Ok(())
    }
}
