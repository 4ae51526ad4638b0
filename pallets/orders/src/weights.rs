//! Weights of the calls and hooks: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// A call without its orders.
    fn submit() -> Weight;
    /// Reading, judging and remembering an order, without its signatures and what it does.
    fn order() -> Weight;
    /// Checking a signature, twice: as it is and wrapped.
    fn signature() -> Weight;
    /// Taking consent back.
    fn cancel() -> Weight;
    /// Admitting a processor.
    fn admit_processor() -> Weight;
    /// Dismissing one.
    fn dismiss_processor() -> Weight;
    /// Beginning and ending a block.
    fn each_block() -> Weight;
    /// Forgetting `n` entries.
    fn forget(n: u32) -> Weight;
}

/// Estimates: 40 µs for a signature check, on one core, of which a bad signature takes two; 3 µs for each entry touched,
/// besides the database's reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // The bank or the owner of the signer, and whether that is a processor.
    fn submit() -> Weight {
        <() as WeightInfo>::submit().saturating_add(T::DbWeight::get().reads_writes(6, 2))
    }

    // Whether it was executed or cancelled, and the party; the entries that remember it, and a look at it when the block
    // ends.
    fn order() -> Weight {
        <() as WeightInfo>::order().saturating_add(T::DbWeight::get().reads_writes(3, 2))
    }

    fn signature() -> Weight {
        <() as WeightInfo>::signature()
    }

    fn cancel() -> Weight {
        <() as WeightInfo>::cancel().saturating_add(T::DbWeight::get().reads_writes(5, 3))
    }

    fn admit_processor() -> Weight {
        <() as WeightInfo>::admit_processor().saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }

    fn dismiss_processor() -> Weight {
        <() as WeightInfo>::dismiss_processor().saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    fn each_block() -> Weight {
        <() as WeightInfo>::each_block().saturating_add(T::DbWeight::get().reads_writes(3, 3))
    }

    fn forget(n: u32) -> Weight {
        <() as WeightInfo>::forget(n)
            .saturating_add(T::DbWeight::get().reads_writes(4, 1))
            .saturating_add(T::DbWeight::get().reads_writes(2, 2).saturating_mul(n.into()))
    }
}

impl WeightInfo for () {
    fn submit() -> Weight {
        Weight::from_parts(20_000_000, 12_000)
    }

    fn order() -> Weight {
        Weight::from_parts(15_000_000, 9_000)
    }

    fn signature() -> Weight {
        Weight::from_parts(80_000_000, 0)
    }

    fn cancel() -> Weight {
        Weight::from_parts(25_000_000, 12_000)
    }

    fn admit_processor() -> Weight {
        Weight::from_parts(15_000_000, 9_000)
    }

    fn dismiss_processor() -> Weight {
        Weight::from_parts(15_000_000, 6_000)
    }

    fn each_block() -> Weight {
        Weight::from_parts(20_000_000, 4_000)
    }

    fn forget(n: u32) -> Weight {
        Weight::from_parts(10_000_000, 6_000)
            .saturating_add(Weight::from_parts(10_000_000, 6_000).saturating_mul(n.into()))
    }
}
