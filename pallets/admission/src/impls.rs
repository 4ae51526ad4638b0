//! Windows and counting.

use crate::{pallet::*, types::*};
use sp_runtime::traits::SaturatedConversion;
use specie_primitives::{codes::Refusal, AccountId, BankId, BlockNumber, Nonce};

impl<T: Config> Pallet<T> {
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// First block of the current window; `None` without windows, and then nothing is limited.
    pub(crate) fn current_window() -> Option<BlockNumber> {
        let now = Self::now();
        let passed = now.checked_rem(Window::<T>::get())?;
        now.checked_sub(passed)
    }

    /// Transactions that the bank's owners sent in this window.
    fn used_by(bank: BankId, window: BlockNumber) -> u32 {
        BankUsed::<T>::get(bank).filter(|used| used.window == window).map_or(0, |used| used.count)
    }

    /// Refuses a transaction of an owner's key that exceeds its quota or its bank's. Changes nothing.
    ///
    /// `nonce` may lie ahead of the account's nonce, as in the pool; every nonce up to it counts.
    pub(crate) fn check_quota(who: &AccountId, bank: BankId, nonce: Nonce) -> Result<(), Refusal> {
        let Some(window) = Self::current_window() else { return Ok(()) };
        let quota = Quota::<T>::get();
        if quota > 0 {
            let start = match QuotaOf::<T>::get(who) {
                Some(used) if used.window == window => used.start,
                _ => frame_system::Pallet::<T>::account_nonce(who),
            };
            if nonce.saturating_sub(start) >= quota {
                return Err(Refusal::QuotaUsed);
            }
        }
        let bank_quota = BankQuota::<T>::get();
        if bank_quota > 0 && Self::used_by(bank, window) >= bank_quota {
            return Err(Refusal::BankQuotaUsed);
        }
        Ok(())
    }

    /// Counts a transaction that is about to be dispatched. `nonce` is its own.
    pub(crate) fn count_use(who: &AccountId, bank: BankId, nonce: Nonce) -> Result<(), Refusal> {
        let Some(window) = Self::current_window() else { return Ok(()) };
        let known = || QuotaOf::<T>::get(who).is_some_and(|used| used.window == window);
        if Quota::<T>::get() > 0 && !known() {
            QuotaOf::<T>::insert(who, QuotaUse { window, start: nonce });
        }
        let bank_quota = BankQuota::<T>::get();
        if bank_quota > 0 {
            let count = Self::used_by(bank, window);
            if count >= bank_quota {
                return Err(Refusal::BankQuotaUsed);
            }
            BankUsed::<T>::insert(bank, BankUse { window, count: count.saturating_add(1) });
        }
        Ok(())
    }
}
