//! Weights of the calls: estimates from a prototype until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Proposing a batch.
    fn propose_mint() -> Weight;
    /// Minting a batch.
    fn approve_mint() -> Weight;
    /// Dropping a proposal.
    fn withdraw_proposal() -> Weight;
    /// Destroying coins, `n` of them single.
    fn retire(n: u32) -> Weight;
    /// Changing the policy.
    fn set_denominations() -> Weight;
}

/// Estimates.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn propose_mint() -> Weight {
        Weight::from_parts(40_000_000, 4_000).saturating_add(T::DbWeight::get().reads_writes(4, 3))
    }

    fn approve_mint() -> Weight {
        Weight::from_parts(80_000_000, 8_000).saturating_add(T::DbWeight::get().reads_writes(9, 7))
    }

    fn withdraw_proposal() -> Weight {
        Weight::from_parts(30_000_000, 4_000).saturating_add(T::DbWeight::get().reads_writes(2, 2))
    }

    fn retire(n: u32) -> Weight {
        Weight::from_parts(120_000_000, 30_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(20, 18))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(n.into()))
    }

    fn set_denominations() -> Weight {
        Weight::from_parts(30_000_000, 4_000).saturating_add(T::DbWeight::get().reads_writes(1, 1))
    }
}

impl WeightInfo for () {
    fn propose_mint() -> Weight {
        Weight::from_parts(40_000_000, 4_000)
    }

    fn approve_mint() -> Weight {
        Weight::from_parts(80_000_000, 8_000)
    }

    fn withdraw_proposal() -> Weight {
        Weight::from_parts(30_000_000, 4_000)
    }

    fn retire(n: u32) -> Weight {
        Weight::from_parts(120_000_000, 30_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
    }

    fn set_denominations() -> Weight {
        Weight::from_parts(30_000_000, 4_000)
    }
}
