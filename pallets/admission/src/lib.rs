//! # Admission: who may send what, and how often
//!
//! There are no fees. Instead, a transaction is admitted only when its signer is known, in good standing and allowed to
//! make the call, and an owner's signer has a quota of transactions in each window of blocks. Refusals carry a stable
//! code ([`Refusal`](specie_primitives::codes::Refusal)) and cost nothing.
//!
//! ## Terms
//! * **Standing**: what a signer is to the network, see [`Standing`].
//! * **Window**: the blocks from a multiple of [`Window`] to the next one; it is named by its first block.
//! * **Quota**: how many transactions the key of an owner may send in a window. It counts nonces, not calls: so the pool
//!   can tell that a transaction with a nonce ahead of the account's would exceed it. A key that replaces another goes on
//!   where that one stood.
//! * **Bank quota**: how many transactions all owners of one registering bank may send in a window together. What the key of
//!   a suspended owner sends does not count: all it may do is to object to its bank's request for another key, once, and
//!   that bank must not be able to crowd it out with its other owners.
//!
//! Institutions have no quota. Two transaction extensions do the work: [`Admit`] refuses strangers, [`CheckNonce`] takes
//! the place of the SDK's extension of that name, with its encoding and metadata, and refuses what exceeds a quota.
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`set_quota`](Pallet::set_quota) | root, through the committee | sets the quota of owners and the window |
//! | [`set_bank_quota`](Pallet::set_bank_quota) | root, through the committee | sets the quota of registering banks |
//!
//! ## Invariants
//! * **I1** A quota in force has a window of at least one block.
//! * **I2** No recorded window begins in the future.
//! * **I3** A recorded nonce is not above the account's.
//! * **I4** A recorded use of a bank is at least one.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use extensions::{Admit, CheckNonce};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod extensions;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use specie_primitives::{AccountId, BankId, BlockNumber, Nonce};

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What admission needs from others.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, Nonce = Nonce, RuntimeEvent: From<Event<Self>>>
    {
        /// Who signers are and what they may call.
        type Signers: ClassifySigner<AccountId, <Self as frame_system::Config>::RuntimeCall>;
        /// Execution time that one transaction of a quota stands for, in picoseconds: a call that takes more counts as
        /// several.
        #[pallet::constant]
        type QuotaUnit: Get<u64>;
        /// Weights of the calls and the extensions.
        type WeightInfo: WeightInfo;
    }

    /// Transactions that an owner's key may send in a window; zero switches the limit off.
    #[pallet::storage]
    pub type Quota<T> = StorageValue<_, u32, ValueQuery>;

    /// Transactions that the owners of one registering bank may send in a window together; zero switches the limit off.
    #[pallet::storage]
    pub type BankQuota<T> = StorageValue<_, u32, ValueQuery>;

    /// Length of a window in blocks.
    #[pallet::storage]
    pub type Window<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// The window in which a key last sent something, and its nonce before. Blake2_128Concat: keys are chosen outside.
    #[pallet::storage]
    pub type QuotaOf<T> = StorageMap<_, Blake2_128Concat, AccountId, QuotaUse>;

    /// What the owners of a bank sent in the last window in which they sent anything, while a bank quota is in force.
    /// Twox64Concat: the issuer chooses the few numbers.
    #[pallet::storage]
    pub type BankUsed<T> = StorageMap<_, Twox64Concat, BankId, BankUse>;

    /// The quotas of the first block.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// See [`Quota`].
        pub quota: u32,
        /// See [`BankQuota`].
        #[serde(default)]
        pub bank_quota: u32,
        /// See [`Window`].
        pub window: BlockNumber,
        #[doc(hidden)]
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let limited = self.quota > 0 || self.bank_quota > 0;
            assert!(!limited || self.window > 0, "genesis of admission: a quota needs a window of at least one block");
            Quota::<T>::put(self.quota);
            BankQuota::<T>::put(self.bank_quota);
            Window::<T>::put(self.window);
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The quota of owners changed.
        QuotaSet {
            /// Transactions in a window; zero for no limit.
            quota: u32,
            /// Length of the window in blocks.
            window: BlockNumber,
        },
        /// The quota of registering banks changed.
        BankQuotaSet {
            /// Transactions in a window; zero for no limit.
            quota: u32,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// A quota needs a window of at least one block.
        NoWindow,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets how many transactions an owner's key may send in a window, and the window's length in blocks. A new
        /// length begins new windows.
        ///
        /// Origin: root. Errors: [`Error::NoWindow`]. Event: [`Event::QuotaSet`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::set_quota())]
        pub fn set_quota(origin: OriginFor<T>, quota: u32, window: BlockNumber) -> DispatchResult {
            ensure_root(origin)?;
            let limited = quota > 0 || BankQuota::<T>::get() > 0;
            ensure!(!limited || window > 0, Error::<T>::NoWindow);
            Quota::<T>::put(quota);
            Window::<T>::put(window);
            Self::deposit_event(Event::QuotaSet { quota, window });
            Ok(())
        }

        /// Sets how many transactions the owners of one registering bank may send in a window together.
        ///
        /// Origin: root. Errors: [`Error::NoWindow`]. Event: [`Event::BankQuotaSet`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_bank_quota())]
        pub fn set_bank_quota(origin: OriginFor<T>, quota: u32) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(quota == 0 || Window::<T>::get() > 0, Error::<T>::NoWindow);
            BankQuota::<T>::put(quota);
            Self::deposit_event(Event::BankQuotaSet { quota });
            Ok(())
        }
    }
}
