//! Weights of the calls and hooks: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// A scan with the check of the generator's signature, without the transfer.
    fn scan() -> Weight;
    /// Confirming a payment, without the transfer.
    fn confirm() -> Weight;
    /// Refusing one.
    fn refuse() -> Weight;
    /// Switching small amounts.
    fn use_small_amounts() -> Weight;
    /// Setting them.
    fn set_small_amounts() -> Weight;
    /// Forgetting `n` entries.
    fn forget(n: u32) -> Weight;
}

/// Estimates: 40 µs for a signature check, of which a bad signature takes two; 3 µs for each entry touched, besides the
/// database's reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // The code, its generator, class and person, what was taken of both, and the switch; the entries that remember code and
    // payment.
    fn scan() -> Weight {
        <() as WeightInfo>::scan().saturating_add(T::DbWeight::get().reads_writes(11, 9))
    }

    fn confirm() -> Weight {
        <() as WeightInfo>::confirm().saturating_add(T::DbWeight::get().reads_writes(5, 5))
    }

    fn refuse() -> Weight {
        <() as WeightInfo>::refuse().saturating_add(T::DbWeight::get().reads_writes(5, 5))
    }

    fn use_small_amounts() -> Weight {
        <() as WeightInfo>::use_small_amounts().saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }

    fn set_small_amounts() -> Weight {
        <() as WeightInfo>::set_small_amounts().saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    fn forget(n: u32) -> Weight {
        <() as WeightInfo>::forget(n)
            .saturating_add(T::DbWeight::get().reads_writes(4, 1))
            .saturating_add(T::DbWeight::get().reads_writes(3, 5).saturating_mul(n.into()))
    }
}

impl WeightInfo for () {
    fn scan() -> Weight {
        Weight::from_parts(125_000_000, 30_000)
    }

    fn confirm() -> Weight {
        Weight::from_parts(30_000_000, 15_000)
    }

    fn refuse() -> Weight {
        Weight::from_parts(30_000_000, 15_000)
    }

    fn use_small_amounts() -> Weight {
        Weight::from_parts(15_000_000, 6_000)
    }

    fn set_small_amounts() -> Weight {
        Weight::from_parts(15_000_000, 6_000)
    }

    fn forget(n: u32) -> Weight {
        Weight::from_parts(10_000_000, 6_000)
            .saturating_add(Weight::from_parts(20_000_000, 12_000).saturating_mul(n.into()))
    }
}
