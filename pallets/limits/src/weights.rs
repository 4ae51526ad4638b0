//! Weights of the calls: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Setting the limits of a class.
    fn set_limits() -> Weight;
    /// Setting the calendar.
    fn set_calendar() -> Weight;
}

/// Estimates.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn set_limits() -> Weight {
        <() as WeightInfo>::set_limits().saturating_add(T::DbWeight::get().reads_writes(1, 1))
    }

    fn set_calendar() -> Weight {
        <() as WeightInfo>::set_calendar().saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }
}

impl WeightInfo for () {
    fn set_limits() -> Weight {
        Weight::from_parts(15_000_000, 2_000)
    }

    fn set_calendar() -> Weight {
        Weight::from_parts(20_000_000, 3_000)
    }
}
