//! What owners ask about escrows.

use crate::{pallet::*, types::*};
use alloc::vec::Vec;
use specie_primitives::{escrow::EscrowInfo, OrderId, OwnerId};

impl<T: Config> Pallet<T> {
    /// An escrow that is open.
    pub fn info(escrow: OrderId) -> Option<EscrowInfo> {
        let record = Escrows::<T>::get(escrow)?;
        let Escrow { payer, from_bank, payee, to_bank, amount, paid, returned, .. } = record;
        let Disputes { payer: by_payer, payee: by_payee, stopped } = record.disputes;
        let disputed_by = [(by_payer, payer), (by_payee, payee)].into_iter().filter(|(disputed, _)| *disputed);
        Some(EscrowInfo {
            escrow,
            payer,
            from_bank,
            payee,
            to_bank,
            amount,
            paid,
            returned,
            rest: record.rest(),
            expires: record.expires,
            at_expiry: record.at_expiry,
            reference: record.reference,
            disputed_by: disputed_by.map(|(_, owner)| owner).collect(),
            stopped,
            due: record.due,
            now: Self::running(),
        })
    }

    /// Escrows of an owner in the order of their storage keys, after the one with this name, at most `limit`.
    pub fn page(owner: OwnerId, after: Option<OrderId>, limit: u32) -> Vec<EscrowInfo> {
        let names = match after {
            Some(after) => OfOwner::<T>::iter_key_prefix_from(owner, OfOwner::<T>::hashed_key_for(owner, after)),
            None => OfOwner::<T>::iter_key_prefix(owner),
        };
        names.take(usize::try_from(limit).unwrap_or(usize::MAX)).filter_map(Self::info).collect()
    }
}
