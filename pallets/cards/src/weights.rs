//! Weights of the calls: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Making `n` cards.
    fn personalise(n: u32) -> Weight;
    /// Taking a card back.
    fn withdraw() -> Weight;
    /// Handing a card out.
    fn hand_out() -> Weight;
    /// Binding a card to an owner.
    fn bind() -> Weight;
    /// Reporting a loss.
    fn report_lost() -> Weight;
    /// Taking that back.
    fn found() -> Weight;
    /// Replacing a card.
    fn replace() -> Weight;
    /// Setting an allowance.
    fn set_allowance() -> Weight;
}

/// Estimates: 40 µs for a signature check, of which a wrapped one takes two, and 3 µs for each entry touched, besides the
/// database's reads and writes. The checks of a new card's two points run in Wasm: 600 µs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn personalise(n: u32) -> Weight {
        <() as WeightInfo>::personalise(n)
            .saturating_add(T::DbWeight::get().reads_writes(5, 2))
            .saturating_add(T::DbWeight::get().reads_writes(10, 2).saturating_mul(n.into()))
    }

    // Custody is looked up at every bank.
    fn withdraw() -> Weight {
        <() as WeightInfo>::withdraw().saturating_add(T::DbWeight::get().reads_writes(76, 5))
    }

    fn hand_out() -> Weight {
        <() as WeightInfo>::hand_out().saturating_add(T::DbWeight::get().reads_writes(20, 8))
    }

    fn bind() -> Weight {
        <() as WeightInfo>::bind().saturating_add(T::DbWeight::get().reads_writes(22, 9))
    }

    fn report_lost() -> Weight {
        <() as WeightInfo>::report_lost().saturating_add(T::DbWeight::get().reads_writes(6, 3))
    }

    fn found() -> Weight {
        <() as WeightInfo>::found().saturating_add(T::DbWeight::get().reads_writes(9, 3))
    }

    fn replace() -> Weight {
        <() as WeightInfo>::replace().saturating_add(T::DbWeight::get().reads_writes(26, 12))
    }

    fn set_allowance() -> Weight {
        <() as WeightInfo>::set_allowance().saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }
}

impl WeightInfo for () {
    fn personalise(n: u32) -> Weight {
        Weight::from_parts(20_000_000, 3_000)
            .saturating_add(Weight::from_parts(640_000_000, 2_000).saturating_mul(n.into()))
    }

    fn withdraw() -> Weight {
        Weight::from_parts(160_000_000, 9_000)
    }

    fn hand_out() -> Weight {
        Weight::from_parts(110_000_000, 6_000)
    }

    fn bind() -> Weight {
        Weight::from_parts(200_000_000, 7_000)
    }

    fn report_lost() -> Weight {
        Weight::from_parts(30_000_000, 5_000)
    }

    fn found() -> Weight {
        Weight::from_parts(35_000_000, 5_000)
    }

    fn replace() -> Weight {
        Weight::from_parts(220_000_000, 9_000)
    }

    fn set_allowance() -> Weight {
        Weight::from_parts(10_000_000, 3_000)
    }
}
