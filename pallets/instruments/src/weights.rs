//! Weights of the calls and hooks: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for. Whatever moves units pays for comparing them at the end of the block, too.
pub trait WeightInfo {
    /// Defining an instrument.
    fn define() -> Weight;
    /// Issuing units.
    fn issue() -> Weight;
    /// Passing units on.
    fn transfer() -> Weight;
    /// Giving units back.
    fn redeem() -> Weight;
    /// Changing a list, or an agent.
    fn list() -> Weight;
    /// Stopping an instrument, or ending that.
    fn pause() -> Weight;
    /// Ending an instrument.
    fn close() -> Weight;
    /// An exchange without its legs.
    fn exchange() -> Weight;
    /// Beginning a block.
    fn each_block() -> Weight;
}

/// Estimates.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn define() -> Weight {
        <() as WeightInfo>::define().saturating_add(T::DbWeight::get().reads_writes(8, 4))
    }

    // Signer, instrument, its agent, owner, its bank, list and release; supply and account; portfolio, flows. At the end flows and supply again.
    fn issue() -> Weight {
        <() as WeightInfo>::issue().saturating_add(T::DbWeight::get().reads_writes(14, 7))
    }

    // Signer, instrument, its agent, bank, both owners, list and release; supply, two accounts of units and of the system; portfolios.
    fn transfer() -> Weight {
        <() as WeightInfo>::transfer().saturating_add(T::DbWeight::get().reads_writes(17, 8))
    }

    fn redeem() -> Weight {
        <() as WeightInfo>::redeem().saturating_add(T::DbWeight::get().reads_writes(9, 6))
    }

    fn list() -> Weight {
        <() as WeightInfo>::list().saturating_add(T::DbWeight::get().reads_writes(7, 1))
    }

    fn pause() -> Weight {
        <() as WeightInfo>::pause().saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }

    fn close() -> Weight {
        <() as WeightInfo>::close().saturating_add(T::DbWeight::get().reads_writes(8, 5))
    }

    fn exchange() -> Weight {
        <() as WeightInfo>::exchange()
    }

    fn each_block() -> Weight {
        <() as WeightInfo>::each_block().saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }
}

impl WeightInfo for () {
    fn define() -> Weight {
        Weight::from_parts(60_000_000, 12_000)
    }

    fn issue() -> Weight {
        Weight::from_parts(100_000_000, 14_000)
    }

    fn transfer() -> Weight {
        Weight::from_parts(130_000_000, 18_000)
    }

    fn redeem() -> Weight {
        Weight::from_parts(95_000_000, 12_000)
    }

    fn list() -> Weight {
        Weight::from_parts(30_000_000, 6_000)
    }

    fn pause() -> Weight {
        Weight::from_parts(25_000_000, 4_000)
    }

    fn close() -> Weight {
        Weight::from_parts(50_000_000, 9_000)
    }

    fn exchange() -> Weight {
        Weight::from_parts(15_000_000, 0)
    }

    fn each_block() -> Weight {
        Weight::from_parts(10_000_000, 3_000)
    }
}
