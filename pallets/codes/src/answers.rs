//! What wallets ask about payment codes.

use crate::pallet::*;
use alloc::vec::Vec;
use specie_primitives::{
    payment_codes::{PendingInfo, PendingPayment, SmallAmountsInfo},
    traits::{Profiles, Subjects},
    OrderId, OwnerId, Subject,
};

/// Most payments of an answer: a payer can be asked by any number of payees.
const MAX_LISTED: usize = 1_000;

impl<T: Config> Pallet<T> {
    /// Payments that wait for a confirmation, of a payer or a payee.
    pub fn pending_of(owner: OwnerId) -> Vec<PendingInfo> {
        let info = |payment: OrderId| {
            let PendingPayment { payer, payer_bank, payee, payee_bank, amount, until, .. } =
                Pending::<T>::get(payment)?;
            Some(PendingInfo { payment, payer, payer_bank, payee, payee_bank, amount, until })
        };
        let now = Self::clock();
        let all = OfOwner::<T>::iter_key_prefix(owner).take(MAX_LISTED).filter_map(info);
        // What is over is forgotten when a block has room for it.
        let mut all: Vec<_> = all.filter(|info| info.until >= now).collect();
        all.sort_by_key(|info| (info.until, info.payment));
        all
    }

    /// Small amounts of an owner.
    pub fn small_amounts_of(owner: OwnerId) -> Option<SmallAmountsInfo> {
        let (profile, today) = (T::Profiles::profile(owner)?, T::Subjects::today());
        let taken = |subject| Taken::<T>::get(subject).on(today).value;
        Some(SmallAmountsInfo {
            of_class: Small::<T>::get(profile.class),
            switched_off: SwitchedOff::<T>::contains_key(owner),
            taken_today: taken(Subject::Owner(owner)).max(taken(profile.subject)),
        })
    }
}
