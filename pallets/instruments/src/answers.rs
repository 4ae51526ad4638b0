//! What wallets, banks and the supervisor ask.

use crate::{pallet::*, types::*};
use alloc::{string::String, vec::Vec};
use specie_primitives::{
    instruments::{InstrumentInfo, InstrumentsPage, UnitsInfo},
    traits::Standstill,
    InstrumentId, OwnerId, Terms,
};

impl<T: Config> Pallet<T> {
    /// An instrument.
    pub fn info(instrument: InstrumentId) -> Option<InstrumentInfo> {
        let record = Known::<T>::get(instrument)?;
        let agent = Self::agent(&record);
        let Instrument { institution, terms, paused, .. } = record;
        let Terms { kind, name, symbol, decimals, reference, holders, transferable, most, matures } = terms;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(InstrumentInfo {
            instrument,
            institution,
            kind,
            name: text(&name),
            symbol: text(&symbol),
            decimals,
            reference,
            holders,
            transferable,
            most,
            matures: matures.map(|last| last.saturating_add(T::Standstill::stood_still())),
            agent,
            paused,
            flows: Flows::<T>::get(instrument),
            supply: Self::supply(instrument),
        })
    }

    /// Instruments from a number on, as far as so many numbers lead.
    pub fn page(from: InstrumentId, limit: u32) -> InstrumentsPage {
        let next = NextInstrument::<T>::get().0;
        let end = from.0.saturating_add(limit).min(next);
        let instruments = (from.0..end).filter_map(|number| Self::info(InstrumentId(number))).collect();
        InstrumentsPage { instruments, cursor: (end < next).then_some(InstrumentId(end)) }
    }

    /// What an owner holds, ascending after an instrument. What one owner holds is read whole, since keys are hashed.
    pub fn units_of(owner: OwnerId, after: Option<InstrumentId>, limit: u32) -> Vec<UnitsInfo> {
        let mut held: Vec<InstrumentId> = Portfolios::<T>::iter_key_prefix(owner)
            .filter(|instrument| after.is_none_or(|after| *instrument > after))
            .collect();
        held.sort();
        held.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        held.into_iter()
            .map(|instrument| UnitsInfo { instrument, owner, amount: Self::balance(instrument, owner) })
            .collect()
    }
}
