//! Windows and counting.

use crate::{pallet::*, types::*};
use sp_runtime::traits::SaturatedConversion;
use specie_primitives::{codes::Refusal, traits::KeyRotation, AccountId, BankId, BlockNumber, Nonce};

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

    /// What a key used of this window, if anything.
    fn used_by_key(who: &AccountId, window: BlockNumber) -> Option<QuotaUse> {
        QuotaOf::<T>::get(who).filter(|used| used.window == window)
    }

    /// Transactions that the bank's owners sent in this window.
    fn used_by(bank: BankId, window: BlockNumber) -> u32 {
        BankUsed::<T>::get(bank).filter(|used| used.window == window).map_or(0, |used| used.count)
    }

    /// Refuses a transaction of an owner's key that exceeds its quota or, if one is named, its bank's. Changes nothing.
    ///
    /// `nonce` may lie ahead of the account's nonce, as in the pool; every nonce up to it counts. `units`
    /// is for how many transactions the call counts.
    pub(crate) fn check_quota(who: &AccountId, bank: Option<BankId>, nonce: Nonce, units: u32) -> Result<(), Refusal> {
        let Some(window) = Self::current_window() else { return Ok(()) };
        let quota = Quota::<T>::get();
        if quota > 0 {
            let QuotaUse { start, extra, .. } = Self::used_by_key(who, window).unwrap_or_else(|| QuotaUse {
                window,
                start: frame_system::Pallet::<T>::account_nonce(who),
                extra: 0,
            });
            // A call too heavy for any window still goes through in one that is unused.
            let used = nonce.saturating_sub(start).saturating_add(extra).saturating_add(units.min(quota));
            if used > quota {
                return Err(Refusal::QuotaUsed);
            }
        }
        let Some(bank) = bank else { return Ok(()) };
        let bank_quota = BankQuota::<T>::get();
        if bank_quota > 0 && Self::used_by(bank, window) >= bank_quota {
            return Err(Refusal::BankQuotaUsed);
        }
        Ok(())
    }

    /// Counts a transaction that is about to be dispatched. `nonce` is its own.
    pub(crate) fn count_use(who: &AccountId, bank: Option<BankId>, nonce: Nonce, units: u32) -> Result<(), Refusal> {
        let Some(window) = Self::current_window() else { return Ok(()) };
        if Quota::<T>::get() > 0 {
            let known = Self::used_by_key(who, window);
            let mut used = known.unwrap_or(QuotaUse { window, start: nonce, extra: 0 });
            used.extra = used.extra.saturating_add(units.saturating_sub(1));
            // Most transactions of a window leave the record as it is.
            if known != Some(used) {
                QuotaOf::<T>::insert(who, used);
            }
        }
        let Some(bank) = bank else { return Ok(()) };
        let bank_quota = BankQuota::<T>::get();
        if bank_quota > 0 {
            let count = Self::used_by(bank, window);
            if count >= bank_quota {
                return Err(Refusal::BankQuotaUsed);
            }
            BankUsed::<T>::insert(bank, BankUse { window, count: count.saturating_add(units) });
        }
        Ok(())
    }
}

impl<T: Config> KeyRotation for Pallet<T> {
    // If each new key came with a quota of its own, an owner that rotates often would have no quota at all.
    fn key_rotated(old: &AccountId, new: &AccountId) {
        let Some(window) = Self::current_window() else { return };
        let Some(used) = QuotaOf::<T>::take(old).filter(|used| used.window == window) else { return };
        let sent = frame_system::Pallet::<T>::account_nonce(old).saturating_sub(used.start);
        let start = frame_system::Pallet::<T>::account_nonce(new);
        QuotaOf::<T>::insert(new, QuotaUse { window, start, extra: used.extra.saturating_add(sent) });
    }
}
