//! Weights of the calls: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Opening an account with `n` managers.
    fn open(n: u32) -> Weight;
    /// Proposing `n` managers.
    fn propose(n: u32) -> Weight;
    /// Taking a proposal back.
    fn withdraw() -> Weight;
    /// Objecting to one.
    fn object() -> Weight;
    /// Giving an account other managers.
    fn approve() -> Weight;
    /// Rejecting a proposal.
    fn reject() -> Weight;
    /// Looking up the managers of an account, of whom `n` signed.
    fn look(n: u32) -> Weight;
}

/// Estimates: 80 µs for the check of a signature, as it is and wrapped; 3 µs for each entry touched, besides the database's
/// reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn open(n: u32) -> Weight {
        <() as WeightInfo>::open(n)
            .saturating_add(T::DbWeight::get().reads_writes(7, 2))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(n.into()))
    }

    fn propose(n: u32) -> Weight {
        <() as WeightInfo>::propose(n)
            .saturating_add(T::DbWeight::get().reads_writes(9, 2))
            .saturating_add(T::DbWeight::get().reads_writes(1, 0).saturating_mul(n.into()))
    }

    fn withdraw() -> Weight {
        <() as WeightInfo>::withdraw().saturating_add(T::DbWeight::get().reads_writes(5, 1))
    }

    fn object() -> Weight {
        <() as WeightInfo>::object().saturating_add(T::DbWeight::get().reads_writes(5, 1))
    }

    // All managers may be others: each old and each new one has a list of accounts.
    fn approve() -> Weight {
        <() as WeightInfo>::approve().saturating_add(T::DbWeight::get().reads_writes(71, 34))
    }

    fn reject() -> Weight {
        <() as WeightInfo>::reject().saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }

    fn look(n: u32) -> Weight {
        <() as WeightInfo>::look(n)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
    }
}

impl WeightInfo for () {
    fn open(n: u32) -> Weight {
        Weight::from_parts(40_000_000, 9_000)
            .saturating_add(Weight::from_parts(90_000_000, 5_000).saturating_mul(n.into()))
    }

    fn propose(n: u32) -> Weight {
        Weight::from_parts(40_000_000, 9_000)
            .saturating_add(Weight::from_parts(86_000_000, 3_000).saturating_mul(n.into()))
    }

    fn withdraw() -> Weight {
        Weight::from_parts(20_000_000, 6_000)
    }

    fn object() -> Weight {
        Weight::from_parts(20_000_000, 6_000)
    }

    fn approve() -> Weight {
        Weight::from_parts(270_000_000, 90_000)
    }

    fn reject() -> Weight {
        Weight::from_parts(15_000_000, 6_000)
    }

    fn look(n: u32) -> Weight {
        Weight::from_parts(4_000_000, 3_000)
            .saturating_add(Weight::from_parts(4_000_000, 3_000).saturating_mul(n.into()))
    }
}
