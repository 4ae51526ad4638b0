//! Weights of the hook, the calls and a look at a payment: estimates until benchmarks on the reference machine replace
//! them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Releasing `n` holds that ended.
    fn expire(n: u32) -> Weight;
    /// Holding `n` owners, coins or banks.
    fn hold(n: u32) -> Weight;
    /// Releasing `n` of them.
    fn release(n: u32) -> Weight;
    /// Setting thresholds.
    fn set_thresholds() -> Weight;
    /// Opening a mandate.
    fn open_mandate() -> Weight;
    /// Confirming a mandate.
    fn confirm_mandate() -> Weight;
    /// Closing a mandate.
    fn close_mandate() -> Weight;
    /// Recording a use.
    fn trace() -> Weight;
    /// Looking at a payment, with every alert raised.
    fn payment() -> Weight;
}

/// Estimates.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // The calendar's entry, and for each hold its record, the standing, and of purses the card and the holder.
    fn expire(n: u32) -> Weight {
        let each = Weight::from_parts(8_000_000, 3_000).saturating_add(T::DbWeight::get().reads_writes(6, 2));
        Weight::from_parts(3_000_000, 3_000)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(each.saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(u64::from(n > 0)))
    }

    // Should each hold have had another end, that many entries of the calendar change. Cards of owners are looked up.
    fn hold(n: u32) -> Weight {
        <() as WeightInfo>::hold(n)
            .saturating_add(T::DbWeight::get().reads_writes(3, 2))
            .saturating_add(T::DbWeight::get().reads_writes(8, 3).saturating_mul(n.into()))
    }

    fn release(n: u32) -> Weight {
        <() as WeightInfo>::release(n)
            .saturating_add(T::DbWeight::get().reads_writes(2, 1))
            .saturating_add(T::DbWeight::get().reads_writes(8, 3).saturating_mul(n.into()))
    }

    fn set_thresholds() -> Weight {
        <() as WeightInfo>::set_thresholds().saturating_add(T::DbWeight::get().reads_writes(1, 1))
    }

    fn open_mandate() -> Weight {
        <() as WeightInfo>::open_mandate().saturating_add(T::DbWeight::get().reads_writes(2, 2))
    }

    fn confirm_mandate() -> Weight {
        <() as WeightInfo>::confirm_mandate().saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }

    fn close_mandate() -> Weight {
        <() as WeightInfo>::close_mandate().saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }

    fn trace() -> Weight {
        <() as WeightInfo>::trace().saturating_add(T::DbWeight::get().reads_writes(3, 3))
    }

    // Thresholds, both owners, the pattern, the number of alerts.
    fn payment() -> Weight {
        <() as WeightInfo>::payment().saturating_add(T::DbWeight::get().reads_writes(5, 2))
    }
}

impl WeightInfo for () {
    fn expire(n: u32) -> Weight {
        Weight::from_parts(3_000_000, 16_000)
            .saturating_add(Weight::from_parts(8_000_000, 3_000).saturating_mul(n.into()))
    }

    // A full calendar entry takes 15 µs to read and to write.
    fn hold(n: u32) -> Weight {
        Weight::from_parts(50_000_000, 18_000)
            .saturating_add(Weight::from_parts(40_000_000, 18_000).saturating_mul(n.into()))
    }

    fn release(n: u32) -> Weight {
        Weight::from_parts(40_000_000, 18_000)
            .saturating_add(Weight::from_parts(40_000_000, 18_000).saturating_mul(n.into()))
    }

    fn set_thresholds() -> Weight {
        Weight::from_parts(15_000_000, 1_000)
    }

    fn open_mandate() -> Weight {
        Weight::from_parts(25_000_000, 2_000)
    }

    fn confirm_mandate() -> Weight {
        Weight::from_parts(30_000_000, 4_000)
    }

    fn close_mandate() -> Weight {
        Weight::from_parts(30_000_000, 4_000)
    }

    fn trace() -> Weight {
        Weight::from_parts(35_000_000, 4_000)
    }

    fn payment() -> Weight {
        Weight::from_parts(15_000_000, 5_000)
    }
}
