//! What becomes of processors that are closed or released.

use crate::pallet::*;
use frame_support::ensure;
use sp_runtime::DispatchResult;
use specie_primitives::{traits::Holdings, Balance, OwnerId};

impl<T: Config> Holdings for Pallet<T> {
    /// A right that the issuer gave to somebody is not that of whoever has the id later.
    fn ensure_nothing_held(owner: OwnerId) -> DispatchResult {
        ensure!(!Processors::<T>::contains_key(owner), Error::<T>::StillProcessor);
        Ok(())
    }

    fn held(_: OwnerId) -> Balance {
        0
    }
}
