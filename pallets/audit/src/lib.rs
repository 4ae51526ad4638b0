//! # Audit: the books are equal at the end of every block, or payments stop
//!
//! After everything else in a block, the counters of all places and flows are compared (M1 to M4, M6, M7 and
//! M9, see [`specie_primitives::books`]). A breach is recorded once with the rule and the bank, an event goes out, and from
//! the next block on every call that moves value is refused; reading, governance and consensus go on. Only the
//! committee resumes payments, with a reason, and only when the books are equal again, which takes a repair by a
//! runtime upgrade.
//!
//! Blocks in which payments stood still are counted, so that deadlines of other pallets need not count them
//! ([`Standstill`]): those from the one after a breach to the one in which payments are resumed.
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`resume`](Pallet::resume) | root, by the committee | lets payments go on |
//!
//! ## Invariants
//! * **I1** While [`Breach`] is set, no call of issuance, vault, ownership, custody, pickup or escrow is dispatched, no
//!   order submitted, no payment by code confirmed, and no unit of an instrument moves.
//! * **I2** The audit never panics and never stops block production.
//! * **I3** Payments stood still in no more blocks than there were.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use weights::WeightInfo;

pub mod weights;

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::{traits::UniqueSaturatedInto, TryRuntimeError};
use specie_primitives::{
    books::{Books, SupplyReport},
    traits::{bank_books, Banks, Coinage, Escrows, InstrumentLedger, Pickups, Register, Standstill, Vaults},
    BankId, BlockNumber, VaultId,
};

/// What the audit found.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Finding<BlockNumber> {
    /// The rule that does not hold, as text.
    pub rule: BoundedVec<u8, ConstU32<32>>,
    /// The bank it is about, if it is about one.
    pub bank: Option<BankId>,
    /// End of which block.
    pub block: BlockNumber,
}

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use specie_primitives::{traits::Custodians, AccountId};

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Where the figures come from.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// Banks.
        type Banks: Banks;
        /// What was minted and retired.
        type Coinage: Coinage;
        /// Vaults and reserves.
        type Vaults: Vaults;
        /// Coins of owners.
        type Register: Register;
        /// Custody.
        type Custodians: Custodians;
        /// Payments that wait to be picked up.
        type Pickups: Pickups;
        /// Escrows.
        type Escrows: Escrows;
        /// Instruments. Each one that moves is paid for by what moves it.
        type Instruments: InstrumentLedger;
        /// Weights of the hook and the call.
        type WeightInfo: WeightInfo;
    }

    /// Set while payments stand still.
    #[pallet::storage]
    pub type Breach<T: Config> = StorageValue<_, Finding<BlockNumberFor<T>>>;

    /// Blocks in which payments stood still, but for those of a stop that goes on.
    #[pallet::storage]
    pub type StoodStill<T> = StorageValue<_, BlockNumber, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The books are not equal: payments stop with the next block.
        Breached {
            /// What was found.
            finding: Finding<BlockNumberFor<T>>,
        },
        /// The committee let payments go on.
        Resumed {
            /// What had been found.
            finding: Finding<BlockNumberFor<T>>,
            /// Why they may go on.
            reason: BoundedVec<u8, ConstU32<256>>,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// Payments are not stopped.
        NotStopped,
        /// The books are still not equal: repair them first, by a runtime upgrade.
        StillUnequal,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// Charges what [`Hooks::on_finalize`] will use.
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            T::WeightInfo::check(u32::try_from(T::Banks::all().len()).unwrap_or(u32::MAX))
        }

        fn on_finalize(block: BlockNumberFor<T>) {
            if !Self::is_stopped() {
                Self::check(block);
            }
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Lets payments go on after a breach was repaired.
        ///
        /// Origin: root, which only the committee reaches. Errors: [`Error::NotStopped`], [`Error::StillUnequal`].
        /// Event: [`Event::Resumed`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::resume())]
        pub fn resume(origin: OriginFor<T>, reason: BoundedVec<u8, ConstU32<256>>) -> DispatchResult {
            ensure_root(origin)?;
            let finding = Breach::<T>::get().ok_or(Error::<T>::NotStopped)?;
            ensure!(Self::books().breach().is_none(), Error::<T>::StillUnequal);
            StoodStill::<T>::put(Self::stood_still());
            Breach::<T>::kill();
            Self::deposit_event(Event::Resumed { finding, reason });
            Ok(())
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The figures now.
    pub fn books() -> Books {
        Books {
            issuance: T::Coinage::flows(),
            issue_vault: T::Vaults::stock(VaultId::Issue),
            owners: T::Register::in_circulation(),
            waiting: T::Register::waiting(),
            pickups: T::Pickups::flows(),
            native_issuance: T::Vaults::native_issuance(),
            banks: T::Banks::all()
                .into_iter()
                .map(bank_books::<T::Vaults, T::Custodians, T::Escrows>)
                .collect::<Vec<_>>(),
            instruments: T::Instruments::moved(),
        }
    }

    /// The supply report now.
    pub fn report() -> SupplyReport {
        SupplyReport::new(Self::now(), Self::books())
    }

    /// Whether payments stand still.
    pub fn is_stopped() -> bool {
        Breach::<T>::exists()
    }

    fn check(block: frame_system::pallet_prelude::BlockNumberFor<T>) {
        if let Some((rule, bank)) = Self::books().breach() {
            let finding = Finding { rule: BoundedVec::truncate_from(rule.as_bytes().to_vec()), bank, block };
            Breach::<T>::put(&finding);
            Self::deposit_event(Event::Breached { finding });
        }
    }

    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().unique_saturated_into()
    }

    /// Checks every equality, and I3.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        ensure!(Self::books().breach().is_none(), "the books are not equal");
        ensure!(Self::stood_still() <= Self::now(), "I3: payments stood still in more blocks than there were");
        Ok(())
    }
}

impl<T: Config> Standstill for Pallet<T> {
    fn stood_still() -> BlockNumber {
        let before = StoodStill::<T>::get();
        let Some(finding) = Breach::<T>::get() else { return before };
        // In the block at whose end it was found, payments still ran.
        before.saturating_add(Self::now().saturating_sub(finding.block.unique_saturated_into()))
    }

    fn stands_still() -> bool {
        Self::is_stopped()
    }
}
