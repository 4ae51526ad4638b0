//! Weights of the calls and hooks: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Setting custody aside.
    fn hold() -> Weight;
    /// Paying out of an escrow.
    fn release() -> Weight;
    /// Giving back out of an escrow.
    fn give_back() -> Weight;
    /// Asking the supervisor.
    fn dispute() -> Weight;
    /// Paying a part and giving the rest back.
    fn decide() -> Weight;
    /// Having the agreed outcome come about, or putting it off.
    fn conclude() -> Weight;
    /// Looking whether anything is due after a block.
    fn look() -> Weight;
}

/// Estimates: those of custody's transfers, and 3 µs for each further entry touched.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // The banks, the owners, both accounts and the asset; limits of both sides; the escrow and its five lists.
    fn hold() -> Weight {
        <() as WeightInfo>::hold().saturating_add(T::DbWeight::get().reads_writes(25, 17))
    }

    fn release() -> Weight {
        <() as WeightInfo>::release().saturating_add(T::DbWeight::get().reads_writes(31, 23))
    }

    fn give_back() -> Weight {
        <() as WeightInfo>::give_back().saturating_add(T::DbWeight::get().reads_writes(15, 13))
    }

    fn dispute() -> Weight {
        <() as WeightInfo>::dispute().saturating_add(T::DbWeight::get().reads_writes(3, 3))
    }

    fn decide() -> Weight {
        <() as WeightInfo>::decide().saturating_add(T::DbWeight::get().reads_writes(41, 31))
    }

    fn conclude() -> Weight {
        <() as WeightInfo>::conclude().saturating_add(T::DbWeight::get().reads_writes(62, 31))
    }

    fn look() -> Weight {
        <() as WeightInfo>::look().saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }
}

impl WeightInfo for () {
    fn hold() -> Weight {
        Weight::from_parts(160_000_000, 20_000)
    }

    fn release() -> Weight {
        Weight::from_parts(190_000_000, 24_000)
    }

    fn give_back() -> Weight {
        Weight::from_parts(110_000_000, 14_000)
    }

    fn dispute() -> Weight {
        Weight::from_parts(25_000_000, 6_000)
    }

    fn decide() -> Weight {
        Weight::from_parts(290_000_000, 34_000)
    }

    fn conclude() -> Weight {
        Weight::from_parts(340_000_000, 85_000)
    }

    fn look() -> Weight {
        Weight::from_parts(10_000_000, 5_000)
    }
}
