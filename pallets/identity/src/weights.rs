//! Weights of the calls: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Registering an owner.
    fn register() -> Weight;
    /// Replacing a key.
    fn rotate() -> Weight;
    /// Suspending an owner.
    fn suspend() -> Weight;
    /// Reinstating an owner.
    fn reinstate() -> Weight;
    /// Closing an owner.
    fn close() -> Weight;
}

/// Estimates: 40 µs for a signature check, of which a wrapped proof takes two, and 3 µs for each entry touched,
/// besides the database's reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn register() -> Weight {
        <() as WeightInfo>::register().saturating_add(T::DbWeight::get().reads_writes(16, 6))
    }

    // What was counted for the old key moves to the new one.
    fn rotate() -> Weight {
        <() as WeightInfo>::rotate().saturating_add(T::DbWeight::get().reads_writes(20, 8))
    }

    // What the supervisor's reasons take is counted in, here and below.
    fn suspend() -> Weight {
        <() as WeightInfo>::suspend().saturating_add(T::DbWeight::get().reads_writes(7, 3))
    }

    fn reinstate() -> Weight {
        <() as WeightInfo>::reinstate().saturating_add(T::DbWeight::get().reads_writes(7, 4))
    }

    // Custody is looked up at every bank.
    fn close() -> Weight {
        <() as WeightInfo>::close().saturating_add(T::DbWeight::get().reads_writes(70, 1))
    }
}

impl WeightInfo for () {
    fn register() -> Weight {
        Weight::from_parts(130_000_000, 4_000)
    }

    fn rotate() -> Weight {
        Weight::from_parts(130_000_000, 4_000)
    }

    fn suspend() -> Weight {
        Weight::from_parts(35_000_000, 4_000)
    }

    fn reinstate() -> Weight {
        Weight::from_parts(75_000_000, 18_000)
    }

    fn close() -> Weight {
        Weight::from_parts(200_000_000, 20_000)
    }
}
