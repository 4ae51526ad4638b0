//! What banks and owners ask about transfers that wait.

use crate::{pallet::*, types::*};
use alloc::vec::Vec;
use specie_primitives::{
    custody::{QueueInfo, QueuedInfo},
    traits::{Banks, Custodians, Standstill, Vaults},
    BankId, OwnerId,
};

impl<T: Config> Pallet<T> {
    /// The queue of a bank.
    pub fn queue_info(bank: BankId) -> Option<QueueInfo> {
        T::Banks::status(bank)?;
        Some(QueueInfo {
            bank,
            policy: Policies::<T>::get(bank),
            free_reserve: T::Vaults::free_reserve(bank),
            set_aside: <Self as Custodians>::set_aside(bank),
            transfers: Queues::<T>::get(bank).iter().map(|queued| Self::queued_info(bank, queued)).collect(),
        })
    }

    /// What waits of an owner, by bank and place.
    pub fn queued_of(owner: OwnerId) -> Vec<QueuedInfo> {
        let of_bank = |bank: BankId| {
            let queue = Queues::<T>::get(bank).into_iter().filter(move |queued| queued.from == owner);
            queue.map(move |queued| Self::queued_info(bank, &queued))
        };
        T::Banks::all().into_iter().flat_map(of_bank).collect()
    }

    fn queued_info(from_bank: BankId, queued: &Queued) -> QueuedInfo {
        let Queued { transfer, from, to_bank, to, amount, expires } = *queued;
        let expires = expires.saturating_add(T::Standstill::stood_still());
        QueuedInfo { transfer, from_bank, from, to_bank, to, amount, expires }
    }
}
