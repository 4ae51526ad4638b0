//! What the calls cost at their worst.

use crate::pallet::*;
use frame_benchmarking::v2::*;
use frame_support::{traits::EnsureOrigin, BoundedVec};
use specie_primitives::{
    limits::{CalendarChange, MAX_CALENDAR},
    ClassLimits, OwnerClass,
};

fn supervisor<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
    T::SupervisorOrigin::try_successful_origin().map_err(|_| "the supervisor has an origin".into())
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_limits() -> Result<(), BenchmarkError> {
        let origin = supervisor::<T>()?;
        let limits = ClassLimits { per_payment: Some(1), per_day: Some(2), balance: Some(3) };

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, OwnerClass::Phone, limits);

        assert_eq!(Classes::<T>::get(OwnerClass::Phone), limits);
        Ok(())
    }

    #[benchmark]
    fn set_calendar() -> Result<(), BenchmarkError> {
        let origin = supervisor::<T>()?;
        let change = |number: u32| CalendarChange { from_ms: number.into(), offset_minutes: 0 };
        let changes = BoundedVec::truncate_from((0..MAX_CALENDAR).map(change).collect());

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, changes.clone());

        assert_eq!(Calendar::<T>::get(), changes);
        Ok(())
    }
}
