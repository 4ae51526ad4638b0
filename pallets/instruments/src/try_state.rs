//! The instruments' full scan.

use crate::pallet::*;
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungibles::Inspect};
use sp_runtime::TryRuntimeError;
use specie_primitives::{instruments::InstrumentBooks, Balance, Institution, InstrumentId};

impl<T: Config> Pallet<T> {
    /// Checks I1, I2 and I4 over every instrument and every owner that holds any.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut held = BTreeMap::<InstrumentId, Balance>::new();
        for (owner, instrument, ()) in Portfolios::<T>::iter() {
            let balance = Self::balance(instrument, owner);
            ensure!(balance > 0, "I2: an owner is said to hold what it does not");
            ensure!(Known::<T>::contains_key(instrument), "instruments: units of nothing");
            let sum = held.entry(instrument).or_default();
            *sum = sum.saturating_add(balance);
        }
        let mut open = BTreeMap::<Institution, u32>::new();
        for (instrument, record) in Known::<T>::iter() {
            let InstrumentBooks { flows, supply, .. } = Self::books(instrument);
            ensure!(flows.issued.checked_sub(flows.redeemed) == Some(supply), "M9: units differ from their flows");
            let of_owners = held.get(&instrument).copied().unwrap_or_default();
            ensure!(of_owners == supply, "I1: owners' units differ from the supply");
            ensure!(supply <= record.terms.most, "instruments: more units than the terms allow");
            ensure!(record.terms.are_sound(), "instruments: terms that nobody can read");
            ensure!(T::Assets::asset_exists(instrument.asset()), "instruments: one without balances");
            ensure!(instrument < NextInstrument::<T>::get(), "instruments: a number not yet given");
            let count = open.entry(record.institution).or_default();
            *count = count.saturating_add(1);
        }
        ensure!(open == OpenOf::<T>::iter().collect(), "I4: institutions have other instruments than counted");
        let orphan = Flows::<T>::iter_keys().find(|instrument| !Known::<T>::contains_key(instrument));
        ensure!(orphan.is_none(), "instruments: flows of nothing");
        let orphan = Listed::<T>::iter_keys().find(|(instrument, _)| !Known::<T>::contains_key(instrument));
        ensure!(orphan.is_none(), "instruments: a list for nothing");
        Ok(())
    }
}
