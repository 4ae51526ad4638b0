//! The origin that everything an owner does asks for.

use crate::pallet::*;
use core::marker::PhantomData;
use frame_support::traits::EnsureOrigin;
use frame_system::RawOrigin;
use specie_primitives::OwnerId;

/// The current key of an active owner. Success: the owner.
pub struct EnsureOwner<T>(PhantomData<T>);

impl<T: Config> EnsureOrigin<T::RuntimeOrigin> for EnsureOwner<T> {
    type Success = OwnerId;

    fn try_origin(origin: T::RuntimeOrigin) -> Result<Self::Success, T::RuntimeOrigin> {
        origin.into().and_then(|raw| match raw {
            RawOrigin::Signed(who) => Pallet::<T>::active_owner(&who).ok_or_else(|| RawOrigin::Signed(who).into()),
            other => Err(other.into()),
        })
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<T::RuntimeOrigin, ()> {
        Ok(RawOrigin::Signed(Pallet::<T>::benchmark_owner(specie_primitives::BankId(0)).1).into())
    }
}
