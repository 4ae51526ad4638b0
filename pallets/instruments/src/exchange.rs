//! Two owners give each other something: both legs or none.

use crate::{pallet::*, weights::WeightInfo};
use frame_support::{ensure, storage::with_storage_layer, weights::Weight, BoundedVec};
use sp_runtime::DispatchResult;
use specie_primitives::{
    traits::{CoinPayments, CustodyTransfers, InstrumentTransfers},
    Balance, CustodyTransfer, InstrumentId, Leg, OwnerId, TransferOutcome,
};

impl<T: Config> Pallet<T> {
    /// Gives what a leg says, as the giver's own call would.
    fn give(from: OwnerId, to: OwnerId, leg: &Leg) -> DispatchResult {
        match leg {
            // A leg has fewer coins than a payment may have.
            Leg::Coins(coins) => T::Coins::pay(from, to, BoundedVec::truncate_from(coins.to_vec())),
            Leg::Custody { from_bank, to_bank, amount } => {
                let wish = CustodyTransfer {
                    from_bank: *from_bank,
                    to_bank: *to_bank,
                    to,
                    amount: *amount,
                    // At once or not at all: what waits is no payment for what is delivered now.
                    expires: None,
                };
                let outcome = T::Custody::transfer(from, &wish)?;
                ensure!(outcome == TransferOutcome::Settled, Error::<T>::WouldWait);
                Ok(())
            },
            Leg::Units { instrument, amount } => Self::do_transfer(from, to, *instrument, *amount),
        }
    }

    fn weight_of(leg: &Leg) -> Weight {
        match leg {
            Leg::Coins(coins) => T::Coins::weight(u32::try_from(coins.len()).unwrap_or(u32::MAX)),
            Leg::Custody { .. } => T::Custody::weight(),
            Leg::Units { .. } => T::WeightInfo::transfer(),
        }
    }
}

impl<T: Config> InstrumentTransfers for Pallet<T> {
    fn transfer(from: OwnerId, to: OwnerId, instrument: InstrumentId, amount: Balance) -> DispatchResult {
        with_storage_layer(|| Self::do_transfer(from, to, instrument, amount))
    }

    fn redeem(owner: OwnerId, instrument: InstrumentId, amount: Balance) -> DispatchResult {
        with_storage_layer(|| Self::do_redeem(owner, instrument, amount))
    }

    fn exchange(one: OwnerId, other: OwnerId, give: &Leg, take: &Leg) -> DispatchResult {
        ensure!(one != other, Error::<T>::SameOwner);
        ensure!(!give.is_undone_by(take), Error::<T>::SameLegs);
        with_storage_layer(|| {
            Self::give(one, other, give)?;
            Self::give(other, one, take)?;
            Self::deposit_event(Event::Exchanged { one, other });
            Ok(())
        })
    }

    fn transfer_weight() -> Weight {
        T::WeightInfo::transfer()
    }

    fn redeem_weight() -> Weight {
        T::WeightInfo::redeem()
    }

    fn exchange_weight(give: &Leg, take: &Leg) -> Weight {
        T::WeightInfo::exchange().saturating_add(Self::weight_of(give)).saturating_add(Self::weight_of(take))
    }
}
