//! # Vault: coins of institutions and the reserves behind them
//!
//! The issue vault and one vault per bank hold coins: *ranges* of coins that never left a vault, and single coins
//! that came back, whose entries stay in the ownership register. A bank's reserve is its balance of the native
//! currency. Drawing coins costs reserve, returning them gives it back, in the same call.
//!
//! ```mermaid
//! stateDiagram-v2
//!     direction LR
//!     [*] --> IssueVault: minted
//!     IssueVault --> BankVault: draw (reserve falls)
//!     BankVault --> IssueVault: return_coins (reserve rises)
//!     BankVault --> Owners: paid out of custody
//!     Owners --> BankVault: paid into custody
//!     BankVault --> Owners: change
//!     Owners --> BankVault: change
//!     IssueVault --> [*]: retired
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`credit`](Pallet::credit) | issuing key | adds to a bank's reserve |
//! | [`debit`](Pallet::debit) | issuing key | takes from a bank's reserve what the bank does not owe |
//! | [`draw`](Pallet::draw) | active bank | coins from the issue vault for reserve |
//! | [`return_coins`](Pallet::return_coins) | active bank | coins to the issue vault for reserve |
//! | [`set_change`](Pallet::set_change) | active bank | says for whom it changes coins |
//!
//! Owners change coins through the ownership pallet. What a vault takes in for change and what it gives out is counted
//! apart from what passes through custody, and both are equal at every block. Custody that goes from bank to bank has
//! reserves move with it, counted on both sides.
//!
//! ## Invariants
//! * **I1** [`Stock`] of a vault equals its ranges plus the register's entries that it holds, by face value.
//! * **I2** Ranges are disjoint, not empty, and no coin of a range has an entry in the register.
//! * **I3** Native currency is held by banks only; this pallet alone creates and destroys it.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use weights::WeightInfo;

mod impls;
mod ranges;
mod try_state;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{Inspect, Mutate},
    };
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        books::VaultFlows,
        bounds,
        traits::{Banks, Coinage, Custodians, Owners, Register},
        AccountId, Balance, BankId, ChangePolicy, CoinId, CoinRange, Denomination, Lot, OwnerId, Selection, VaultId,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the vaults need from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// The native currency, in which reserves are kept.
        type Currency: Inspect<AccountId, Balance = Balance> + Mutate<AccountId>;
        /// A key with the issuing role.
        type IssuingOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = AccountId>;
        /// An active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// Banks and their accounts.
        type Banks: Banks;
        /// Whose customer an owner is.
        type Owners: Owners;
        /// Face values of batches.
        type Coinage: Coinage;
        /// Single coins.
        type Register: Register;
        /// What banks owe in custody.
        type Custodians: Custodians;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Coins that never left a vault. Twox: vaults and face values are the system's.
    #[pallet::storage]
    pub type Ranges<T> = StorageDoubleMap<
        _,
        Twox64Concat,
        VaultId,
        Twox64Concat,
        Denomination,
        BoundedVec<CoinRange, bounds::Ranges>,
        ValueQuery,
    >;

    /// Coins in a vault by face value, of both kinds. Twox: vaults are the system's.
    #[pallet::storage]
    pub type Stock<T> =
        StorageMap<_, Twox64Concat, VaultId, BoundedBTreeMap<Denomination, u64, bounds::Denominations>, ValueQuery>;

    /// Flows of a bank. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type Flows<T> = StorageMap<_, Twox64Concat, BankId, VaultFlows, ValueQuery>;

    /// For whom a bank changes coins. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type Change<T> = StorageMap<_, Twox64Concat, BankId, ChangePolicy, ValueQuery>;

    /// What a development network's banks have from the start.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Reserves in minor units.
        pub credits: Vec<(BankId, Balance)>,
        /// Coins drawn against them.
        pub draws: Vec<(BankId, Vec<Lot>)>,
        #[serde(skip)]
        #[doc(hidden)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let credited = self.credits.iter().try_for_each(|(bank, amount)| Pallet::<T>::do_credit(*bank, *amount));
            let drawn = self.draws.iter().try_for_each(|(bank, lots)| {
                let fresh = lots.clone().try_into().map_err(|_| Error::<T>::NothingSelected)?;
                Pallet::<T>::do_draw(*bank, Selection { fresh, coins: Default::default() })
            });
            assert!(credited.and(drawn).is_ok(), "vault in genesis: {credited:?} {drawn:?}");
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The issuer added to a bank's reserve.
        Credited {
            /// The bank.
            bank: BankId,
            /// Minor units.
            amount: Balance,
        },
        /// The issuer took from a bank's reserve.
        Debited {
            /// The bank.
            bank: BankId,
            /// Minor units.
            amount: Balance,
        },
        /// A bank took coins for reserve.
        Drawn {
            /// The bank.
            bank: BankId,
            /// Minor units.
            value: Balance,
            /// Those coins that circulated before.
            coins: Vec<CoinId>,
            /// The others.
            ranges: Vec<CoinRange>,
        },
        /// A bank gave coins back for reserve.
        Returned {
            /// The bank.
            bank: BankId,
            /// Minor units.
            value: Balance,
            /// Those coins that circulated before.
            coins: Vec<CoinId>,
            /// The others.
            ranges: Vec<CoinRange>,
        },
        /// An owner's coins went into a bank's vault, and others of the same value out of it.
        Exchanged {
            /// The bank.
            bank: BankId,
            /// The owner.
            owner: OwnerId,
            /// Minor units, of either side.
            value: Balance,
            /// The owner's coins.
            given: Vec<CoinId>,
            /// Those of the vault.
            taken: Vec<CoinId>,
        },
        /// A bank said for whom it changes coins.
        ChangeSet {
            /// The bank.
            bank: BankId,
            /// For whom.
            policy: ChangePolicy,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such bank.
        UnknownBank,
        /// The bank is suspended or closed.
        BankNotActive,
        /// The amount is zero.
        ZeroAmount,
        /// Nothing was selected.
        NothingSelected,
        /// A lot has no coins, or a face value is named twice.
        BadLot,
        /// The bank's reserve is lower than that.
        ReserveTooLow,
        /// The bank owes its customers what would be left.
        OwnFundsTooLow,
        /// The vault has fewer never-issued coins of that face value.
        NotEnoughCoins,
        /// The vault's ranges are too scattered to take in more.
        TooManyRanges,
        /// More coins at once than one call may give out.
        TooManyCoins,
        /// There is no such batch.
        UnknownBatch,
        /// The bank still has coins, reserve or obligations.
        NotEmpty,
        /// A counter would overflow or fall below zero.
        CounterOutOfRange,
        /// The bank does not change coins for this owner.
        NoChange,
        /// What is given and what is taken are not worth the same.
        NotSameValue,
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
        /// Adds to a bank's reserve.
        ///
        /// Origin: issuing key. Errors: [`Error::UnknownBank`], [`Error::BankNotActive`], [`Error::ZeroAmount`],
        /// [`Error::CounterOutOfRange`]. Event: [`Event::Credited`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::credit())]
        pub fn credit(origin: OriginFor<T>, bank: BankId, amount: Balance) -> DispatchResult {
            T::IssuingOrigin::ensure_origin(origin)?;
            Self::do_credit(bank, amount)
        }

        /// Takes from a bank's reserve, never what it owes its customers.
        ///
        /// Origin: issuing key. Errors: [`Error::UnknownBank`], [`Error::ZeroAmount`], [`Error::ReserveTooLow`],
        /// [`Error::OwnFundsTooLow`]. Event: [`Event::Debited`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::debit())]
        pub fn debit(origin: OriginFor<T>, bank: BankId, amount: Balance) -> DispatchResult {
            T::IssuingOrigin::ensure_origin(origin)?;
            Self::do_debit(bank, amount)
        }

        /// Takes coins from the issue vault; the reserve falls by their value.
        ///
        /// Origin: an active bank. Errors: [`Error::NothingSelected`], [`Error::BadLot`], [`Error::NotEnoughCoins`],
        /// [`Error::ReserveTooLow`], [`Error::TooManyRanges`], and the register's for single coins.
        /// Event: [`Event::Drawn`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::draw(selection.coins.len() as u32))]
        pub fn draw(origin: OriginFor<T>, selection: Selection) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_draw(bank, selection)
        }

        /// Gives coins back to the issue vault; the reserve rises by their value.
        ///
        /// Origin: an active bank. Errors: as for [`Pallet::draw`] but for the reserve. Event: [`Event::Returned`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::draw(selection.coins.len() as u32))]
        pub fn return_coins(origin: OriginFor<T>, selection: Selection) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_return(bank, selection)
        }

        /// Says for whom the bank changes coins against those of its vault; without it, for its own customers.
        ///
        /// Origin: an active bank. Event: [`Event::ChangeSet`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_change())]
        pub fn set_change(origin: OriginFor<T>, policy: ChangePolicy) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Change::<T>::insert(bank, policy);
            Self::deposit_event(Event::ChangeSet { bank, policy });
            Ok(())
        }
    }
}
