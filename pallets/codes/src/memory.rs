//! What is remembered of codes and payments, and how it is forgotten.

use crate::{pallet::*, types::Entry, weights::WeightInfo};
use alloc::vec::Vec;
use frame_support::{ensure, weights::Weight};
use sp_runtime::DispatchResult;
use specie_primitives::{
    payment_codes::{CodeId, PendingPayment, MAX_PENDING},
    BlockNumber, OrderId,
};

/// Most entries that a block forgets, and most blocks that it looks through for them.
const MAX_FORGOTTEN: u64 = 1_000;

impl<T: Config> Pallet<T> {
    pub(crate) fn remember_code(code: CodeId, until: BlockNumber) {
        Used::<T>::insert(code, until);
        Due::<T>::insert(until, Entry::Code(code), ());
    }

    pub(crate) fn remember_payment(payment: OrderId, pending: PendingPayment) -> DispatchResult {
        SignedFor::<T>::try_mutate(pending.signer, |count| {
            ensure!(*count < MAX_PENDING, Error::<T>::TooManyPending);
            *count = count.saturating_add(1);
            Ok::<_, Error<T>>(())
        })?;
        for side in [pending.payer, pending.payee] {
            OfOwner::<T>::insert(side, payment, ());
        }
        Due::<T>::insert(pending.until, Entry::Payment(payment), ());
        Pending::<T>::insert(payment, pending);
        Ok(())
    }

    pub(crate) fn forget_payment(payment: OrderId, pending: &PendingPayment) {
        Pending::<T>::remove(payment);
        Due::<T>::remove(pending.until, Entry::Payment(payment));
        for side in [pending.payer, pending.payee] {
            OfOwner::<T>::remove(side, payment);
        }
        SignedFor::<T>::mutate_exists(pending.signer, |count| {
            let left = count.unwrap_or(0).saturating_sub(1);
            *count = (left > 0).then_some(left);
        });
    }

    /// Forgets what is over, as far as the weight goes.
    pub(crate) fn forget(left: Weight) -> Weight {
        let (each, base) = (T::WeightInfo::forget(1), T::WeightInfo::forget(0));
        let one = each.saturating_sub(base);
        let most = left.checked_sub(&base).and_then(|left| left.checked_div_per_component(&one)).unwrap_or(0);
        if most == 0 {
            return Weight::zero();
        }
        let steps = Self::do_forget(most.min(MAX_FORGOTTEN));
        T::WeightInfo::forget(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    /// Takes at most so many steps, each of which forgets something or leaves a block behind. Gives how many it took.
    pub fn do_forget(most: u64) -> u64 {
        let (now, before) = (Self::clock(), ForgottenTo::<T>::get());
        let (mut block, mut steps) = (before, 0u64);
        while block < now && steps < most {
            let room = most.saturating_sub(steps);
            let wanted = usize::try_from(room).unwrap_or(usize::MAX);
            // Looked for once, and then removed: a search passes over all that this block removed before it.
            let due: Vec<Entry> = Due::<T>::iter_key_prefix(block).take(wanted).collect();
            due.iter().for_each(|entry| Self::forget_entry(block, *entry));
            let found = u64::try_from(due.len()).unwrap_or(u64::MAX);
            steps = steps.saturating_add(found);
            if found < room {
                (block, steps) = (block.saturating_add(1), steps.saturating_add(1));
            }
        }
        if block != before {
            ForgottenTo::<T>::put(block);
        }
        steps
    }

    fn forget_entry(block: BlockNumber, entry: Entry) {
        Due::<T>::remove(block, entry);
        match entry {
            Entry::Code(code) => Used::<T>::remove(code),
            Entry::Payment(payment) => {
                if let Some(pending) = Pending::<T>::get(payment) {
                    Self::forget_payment(payment, &pending);
                    let PendingPayment { payer, payee, .. } = pending;
                    Self::deposit_event(Event::Lapsed { payment, payer, payee });
                }
            },
        }
    }
}
