//! Weights of the calls: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use specie_primitives::{cards::MAX_CARDS_PER_HOLDER, joint::MAX_MANAGED};

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
    /// Changing a class.
    fn change_class() -> Weight;
    /// Asking for another key.
    fn request_rebind() -> Weight;
    /// Taking that back.
    fn cancel_rebind() -> Weight;
    /// Objecting.
    fn object() -> Weight;
    /// Deciding on an objection.
    fn decide_rebind() -> Weight;
    /// Approving a request.
    fn approve_rebind() -> Weight;
    /// Binding the other key.
    fn complete_rebind() -> Weight;
    /// Offering oneself to another bank.
    fn move_to() -> Weight;
    /// Taking an owner over.
    fn accept_move() -> Weight;
    /// Releasing an id.
    fn release() -> Weight;
    /// Setting the rules of recovery.
    fn set_recovery() -> Weight;
    /// Giving an owner to another bank.
    fn assign() -> Weight;
}

/// Estimates: 40 µs for a signature check, of which a wrapped proof takes two, and 3 µs for each entry touched,
/// besides the database's reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// What happens to a holder happens to its cards: the list, and for each the card, what is known of it, the purse and
/// its hold.
fn cards<T: frame_system::Config>() -> Weight {
    let most = u64::from(MAX_CARDS_PER_HOLDER);
    let each = Weight::from_parts(40_000_000, 18_000).saturating_add(T::DbWeight::get().reads_writes(10, 4));
    each.saturating_mul(most).saturating_add(T::DbWeight::get().reads(1))
}

/// For another class or key, custody of each card is looked up at every bank.
fn holdings_of_cards<T: frame_system::Config>() -> Weight {
    let most = u64::from(MAX_CARDS_PER_HOLDER);
    let each = Weight::from_parts(300_000_000, 3_000).saturating_add(T::DbWeight::get().reads_writes(140, 3));
    each.saturating_mul(most).saturating_add(cards::<T>())
}

/// Whether each joint account that an owner manages is closed.
fn accounts<T: frame_system::Config>() -> Weight {
    let most = u64::from(MAX_MANAGED);
    let each = Weight::from_parts(4_000_000, 1_000).saturating_add(T::DbWeight::get().reads(1));
    each.saturating_mul(most).saturating_add(T::DbWeight::get().reads(1))
}

/// For another key, custody of each joint account is looked up at every bank.
fn holdings_of_accounts<T: frame_system::Config>() -> Weight {
    let most = u64::from(MAX_MANAGED);
    let each = Weight::from_parts(300_000_000, 3_000).saturating_add(T::DbWeight::get().reads(140));
    each.saturating_mul(most)
        .saturating_add(T::DbWeight::get().reads(u64::from(MAX_CARDS_PER_HOLDER).saturating_add(1)))
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn register() -> Weight {
        <() as WeightInfo>::register().saturating_add(T::DbWeight::get().reads_writes(18, 6))
    }

    // What was counted for the old key moves to the new one.
    fn rotate() -> Weight {
        <() as WeightInfo>::rotate().saturating_add(T::DbWeight::get().reads_writes(22, 9))
    }

    // What the supervisor's reasons take is counted in, here and below.
    fn suspend() -> Weight {
        <() as WeightInfo>::suspend().saturating_add(T::DbWeight::get().reads_writes(7, 4)).saturating_add(cards::<T>())
    }

    fn reinstate() -> Weight {
        <() as WeightInfo>::reinstate()
            .saturating_add(T::DbWeight::get().reads_writes(9, 5))
            .saturating_add(cards::<T>())
    }

    // Custody is looked up at every bank.
    fn close() -> Weight {
        <() as WeightInfo>::close()
            .saturating_add(T::DbWeight::get().reads_writes(71, 3))
            .saturating_add(accounts::<T>())
    }

    // Custody is looked up at every bank, and so is every pickup.
    fn change_class() -> Weight {
        <() as WeightInfo>::change_class()
            .saturating_add(T::DbWeight::get().reads_writes(140, 3))
            .saturating_add(holdings_of_cards::<T>())
    }

    fn request_rebind() -> Weight {
        <() as WeightInfo>::request_rebind()
            .saturating_add(T::DbWeight::get().reads_writes(20, 6))
            .saturating_add(cards::<T>())
    }

    fn cancel_rebind() -> Weight {
        <() as WeightInfo>::cancel_rebind().saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }

    fn object() -> Weight {
        <() as WeightInfo>::object().saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }

    fn decide_rebind() -> Weight {
        <() as WeightInfo>::decide_rebind().saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    fn approve_rebind() -> Weight {
        <() as WeightInfo>::approve_rebind().saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    // Custody is looked up at every bank, for each card as well, and what was counted for the old key goes to the new one.
    fn complete_rebind() -> Weight {
        <() as WeightInfo>::complete_rebind()
            .saturating_add(T::DbWeight::get().reads_writes(162, 10))
            .saturating_add(holdings_of_cards::<T>())
            .saturating_add(holdings_of_accounts::<T>())
    }

    fn move_to() -> Weight {
        <() as WeightInfo>::move_to().saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }

    fn accept_move() -> Weight {
        <() as WeightInfo>::accept_move()
            .saturating_add(T::DbWeight::get().reads_writes(4, 2))
            .saturating_add(cards::<T>())
    }

    // Custody is looked up at every bank.
    fn release() -> Weight {
        <() as WeightInfo>::release()
            .saturating_add(T::DbWeight::get().reads_writes(75, 4))
            .saturating_add(accounts::<T>())
    }

    fn set_recovery() -> Weight {
        <() as WeightInfo>::set_recovery().saturating_add(T::DbWeight::get().reads_writes(5, 3))
    }

    fn assign() -> Weight {
        <() as WeightInfo>::assign().saturating_add(T::DbWeight::get().reads_writes(6, 3)).saturating_add(cards::<T>())
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

    fn change_class() -> Weight {
        Weight::from_parts(400_000_000, 80_000)
    }

    fn request_rebind() -> Weight {
        Weight::from_parts(130_000_000, 4_000)
    }

    fn cancel_rebind() -> Weight {
        Weight::from_parts(25_000_000, 3_000)
    }

    fn object() -> Weight {
        Weight::from_parts(25_000_000, 3_000)
    }

    fn decide_rebind() -> Weight {
        Weight::from_parts(25_000_000, 3_000)
    }

    fn approve_rebind() -> Weight {
        Weight::from_parts(25_000_000, 3_000)
    }

    fn complete_rebind() -> Weight {
        Weight::from_parts(360_000_000, 80_000)
    }

    fn move_to() -> Weight {
        Weight::from_parts(25_000_000, 3_000)
    }

    fn accept_move() -> Weight {
        Weight::from_parts(25_000_000, 3_000)
    }

    fn release() -> Weight {
        Weight::from_parts(220_000_000, 20_000)
    }

    fn set_recovery() -> Weight {
        Weight::from_parts(15_000_000, 2_000)
    }

    fn assign() -> Weight {
        Weight::from_parts(25_000_000, 3_000)
    }
}
