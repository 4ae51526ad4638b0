//! Weights of the calls: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Admitting a bank.
    fn admit_bank() -> Weight;
    /// Suspending a bank.
    fn suspend_bank() -> Weight;
    /// Reinstating a bank.
    fn reinstate_bank() -> Weight;
    /// Closing a bank with all delegates and nominees that it may have.
    fn close_bank() -> Weight;
    /// Replacing a bank's account.
    fn rotate_account() -> Weight;
    /// Listing a delegate.
    fn add_delegate() -> Weight;
    /// Striking a delegate off.
    fn remove_delegate() -> Weight;
    /// Nominating an account.
    fn nominate_validator() -> Weight;
    /// Admitting a validator.
    fn admit_validator() -> Weight;
    /// Removing a validator.
    fn remove_validator() -> Weight;
    /// Giving a role `n` keys.
    fn set_role_keys(n: u32) -> Weight;
    /// Enacting a call, without the call itself.
    fn enact() -> Weight;
    /// Withdrawing a nomination.
    fn withdraw_nomination() -> Weight;
    /// Replacing a suspended bank's account.
    fn replace_account() -> Weight;
}

/// Estimates: 10 µs for a call and 3 µs for each entry it touches, besides the database's reads and writes;
/// 100 bytes of proof for an entry, 5 kB for a list.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// An estimate without the database.
fn estimate(entries: u64, proof: u64) -> Weight {
    Weight::from_parts(entries.saturating_mul(3_000_000).saturating_add(10_000_000), proof)
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // The free-account check alone reads nine entries. What other pallets open for the bank is counted in.
    fn admit_bank() -> Weight {
        <() as WeightInfo>::admit_bank().saturating_add(T::DbWeight::get().reads_writes(20, 12))
    }

    // What the supervisor's reasons take is counted in, here and below.
    fn suspend_bank() -> Weight {
        <() as WeightInfo>::suspend_bank().saturating_add(T::DbWeight::get().reads_writes(5, 3))
    }

    fn reinstate_bank() -> Weight {
        <() as WeightInfo>::reinstate_bank().saturating_add(T::DbWeight::get().reads_writes(5, 4))
    }

    // 16 delegates and 32 nominees at most; what other pallets look up is counted in.
    fn close_bank() -> Weight {
        <() as WeightInfo>::close_bank().saturating_add(T::DbWeight::get().reads_writes(23, 54))
    }

    // The reserve with its holds moves along.
    fn rotate_account() -> Weight {
        <() as WeightInfo>::rotate_account().saturating_add(T::DbWeight::get().reads_writes(25, 12))
    }

    fn add_delegate() -> Weight {
        <() as WeightInfo>::add_delegate().saturating_add(T::DbWeight::get().reads_writes(14, 4))
    }

    fn remove_delegate() -> Weight {
        <() as WeightInfo>::remove_delegate().saturating_add(T::DbWeight::get().reads_writes(4, 2))
    }

    fn nominate_validator() -> Weight {
        <() as WeightInfo>::nominate_validator().saturating_add(T::DbWeight::get().reads_writes(14, 4))
    }

    fn admit_validator() -> Weight {
        <() as WeightInfo>::admit_validator().saturating_add(T::DbWeight::get().reads_writes(5, 2))
    }

    fn remove_validator() -> Weight {
        <() as WeightInfo>::remove_validator().saturating_add(T::DbWeight::get().reads_writes(2, 2))
    }

    // Up to 16 old keys go, and each new one is checked and entered.
    fn set_role_keys(n: u32) -> Weight {
        <() as WeightInfo>::set_role_keys(n)
            .saturating_add(T::DbWeight::get().reads_writes(1, 17))
            .saturating_add(T::DbWeight::get().reads_writes(10, 3).saturating_mul(n.into()))
    }

    // A committee of 32 that changes in the call is checked and entered.
    fn enact() -> Weight {
        <() as WeightInfo>::enact().saturating_add(T::DbWeight::get().reads_writes(300, 70))
    }

    fn withdraw_nomination() -> Weight {
        <() as WeightInfo>::withdraw_nomination().saturating_add(T::DbWeight::get().reads_writes(5, 2))
    }

    // As `rotate_account`, without a look at the signer.
    fn replace_account() -> Weight {
        <() as WeightInfo>::replace_account().saturating_add(T::DbWeight::get().reads_writes(25, 12))
    }
}

impl WeightInfo for () {
    fn admit_bank() -> Weight {
        estimate(30, 10_000)
    }

    fn suspend_bank() -> Weight {
        estimate(6, 2_000)
    }

    fn reinstate_bank() -> Weight {
        estimate(20, 16_000)
    }

    fn close_bank() -> Weight {
        estimate(70, 20_000)
    }

    fn rotate_account() -> Weight {
        estimate(30, 10_000)
    }

    fn add_delegate() -> Weight {
        estimate(15, 6_000)
    }

    fn remove_delegate() -> Weight {
        estimate(5, 6_000)
    }

    fn nominate_validator() -> Weight {
        estimate(15, 6_000)
    }

    fn admit_validator() -> Weight {
        estimate(10, 6_000)
    }

    fn remove_validator() -> Weight {
        estimate(10, 6_000)
    }

    fn set_role_keys(n: u32) -> Weight {
        estimate(20, 3_000).saturating_add(estimate(12, 1_000).saturating_mul(n.into()))
    }

    fn enact() -> Weight {
        estimate(300, 30_000)
    }

    fn withdraw_nomination() -> Weight {
        estimate(5, 6_000)
    }

    fn replace_account() -> Weight {
        estimate(30, 10_000)
    }
}
