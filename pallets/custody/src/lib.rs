//! # Custody: owners' accounts at banks
//!
//! One fungible asset per bank; an owner's balance of it is what the bank owes the owner. Accounts are owner ids
//! seen as account ids. Owners turn custody into coins of the bank's vault and back; the bank credits and debits
//! at its counter, and never promises more than its own funds. It credits its customers only: owners that it looks after,
//! and those that have custody with it already. A stranger's credit would fill an owner's balance limit and keep its account
//! from being closed or released.
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`credit`](Pallet::credit) | active bank | adds to a customer's account |
//! | [`debit`](Pallet::debit) | active bank | takes from an owner's account |
//! | [`withdraw`](Pallet::withdraw) | active owner | custody into coins of the bank's vault |
//! | [`deposit`](Pallet::deposit) | active owner | coins into the bank's vault for custody |
//!
//! ## Invariants
//! * **I1** The supply of a bank's asset equals the sum of its accounts, and each account is an owner's.
//! * **I2** Own funds of a bank (reserve + vault − custody) never fall below zero (M6).
//! * **I3** Nobody but this pallet changes a custody balance.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod impls;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use frame_support::{
        pallet_prelude::*,
        traits::fungibles::{Create, Inspect, Mutate},
    };
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        books::CustodyFlows,
        bounds,
        traits::{Banks, Limits, Owners, Vaults},
        AccountId, Balance, BankId, CoinId, CoinRef, Lot, OwnerId, Selection,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What custody needs from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// Where balances are kept.
        type Assets: Inspect<AccountId, AssetId = AssetId, Balance = Balance> + Mutate<AccountId> + Create<AccountId>;
        /// An active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// An active owner.
        type OwnerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = OwnerId>;
        /// Banks.
        type Banks: Banks;
        /// Owners.
        type Owners: Owners;
        /// How much may be held.
        type Limits: Limits;
        /// The vaults coins come from and go to.
        type Vaults: Vaults;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Flows of a bank's custody accounts. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type Flows<T> = StorageMap<_, Twox64Concat, BankId, CustodyFlows, ValueQuery>;

    /// Custody balances and coins that owners of a development network have from the start.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Credited by the bank.
        pub credits: Vec<(OwnerId, BankId, Balance)>,
        /// Withdrawn as coins.
        pub withdrawals: Vec<(OwnerId, BankId, Vec<Lot>)>,
        #[serde(skip)]
        #[doc(hidden)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let credited = self
                .credits
                .iter()
                .try_for_each(|(owner, bank, amount)| Pallet::<T>::do_credit(*bank, *owner, *amount));
            let withdrawn = self.withdrawals.iter().try_for_each(|(owner, bank, lots)| {
                let fresh = lots.clone().try_into().map_err(|_| Error::<T>::NothingSelected)?;
                Pallet::<T>::do_withdraw(*owner, *bank, Selection { fresh, coins: Default::default() })
            });
            assert!(credited.and(withdrawn).is_ok(), "custody in genesis: {credited:?} {withdrawn:?}");
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A bank added to an owner's account.
        Credited {
            /// The bank.
            bank: BankId,
            /// The owner.
            owner: OwnerId,
            /// Minor units.
            amount: Balance,
        },
        /// A bank took from an owner's account.
        Debited {
            /// The bank.
            bank: BankId,
            /// The owner.
            owner: OwnerId,
            /// Minor units.
            amount: Balance,
        },
        /// An owner took coins out of custody.
        Withdrawn {
            /// The bank.
            bank: BankId,
            /// The owner.
            owner: OwnerId,
            /// Minor units.
            value: Balance,
            /// The coins.
            coins: Vec<CoinId>,
        },
        /// An owner paid coins into custody.
        Deposited {
            /// The bank.
            bank: BankId,
            /// The owner.
            owner: OwnerId,
            /// Minor units.
            value: Balance,
            /// The coins.
            coins: Vec<CoinId>,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The amount is zero.
        ZeroAmount,
        /// The owner's account at this bank has less.
        CustodyTooLow,
        /// The bank would owe more than its reserve and vault.
        OwnFundsTooLow,
        /// A list in the call is empty or too long.
        NothingSelected,
        /// The owner still has money in custody.
        CustodyLeft,
        /// The bank still owes owners.
        BankOwes,
        /// A counter would overflow.
        CounterOutOfRange,
        /// The supervisor holds the owner: its bank takes nothing from its account either.
        OwnerHeld,
        /// Another bank looks after the owner, which has no custody at this one.
        NotCustomer,
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
        /// Adds to a customer's account, out of the bank's own funds.
        ///
        /// Origin: an active bank. Errors: [`Error::ZeroAmount`], [`Error::NotCustomer`], [`Error::OwnFundsTooLow`], the
        /// identity pallet's when the owner is unknown or closed, and the limits pallet's. Event: [`Event::Credited`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::credit())]
        pub fn credit(origin: OriginFor<T>, owner: OwnerId, amount: Balance) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_credit(bank, owner, amount)
        }

        /// Takes from an owner's account at this bank, for instance for cash at the counter.
        ///
        /// Origin: an active bank. Errors: [`Error::ZeroAmount`], [`Error::OwnerHeld`], [`Error::CustodyTooLow`].
        /// Event: [`Event::Debited`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::debit())]
        pub fn debit(origin: OriginFor<T>, owner: OwnerId, amount: Balance) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_debit(bank, owner, amount)
        }

        /// Turns custody at a bank into coins of that bank's vault.
        ///
        /// Origin: an active owner. Errors: [`Error::CustodyTooLow`], and the vault's when the bank is not active or
        /// has too few such coins. Event: [`Event::Withdrawn`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw(crate::types::counted(selection)))]
        pub fn withdraw(origin: OriginFor<T>, bank: BankId, selection: Selection) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_withdraw(owner, bank, selection)
        }

        /// Pays coins into a bank's vault; the owner's account there rises by their value.
        ///
        /// Origin: an active owner. Errors: the register's when a coin is not the owner's, the vault's when the bank
        /// is not active. Event: [`Event::Deposited`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::deposit(coins.len() as u32))]
        pub fn deposit(
            origin: OriginFor<T>,
            bank: BankId,
            coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
        ) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_deposit(owner, bank, coins)
        }
    }
}
