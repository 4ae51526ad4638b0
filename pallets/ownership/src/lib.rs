//! # Ownership: the register of who holds which coin
//!
//! A coin gets an entry when it first leaves a vault for an owner, and keeps it until it is retired; back in a
//! vault, the vault is its holder. Entries are overwritten in place, and each change of hands raises the revision.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Owner: enter (first withdrawal)
//!     Owner --> Owner: transfer
//!     Owner --> Vault: hand_over (deposit)
//!     Vault --> Owner: hand_over (withdrawal)
//!     Vault --> Vault: hand_over (draw, return)
//!     Owner --> Pickup: hand_over (left for somebody)
//!     Pickup --> Owner: hand_over (collected, or back to the payer)
//!     Pickup --> Vault: hand_over (collected at a bank)
//!     Vault --> [*]: remove (retired from the issue vault)
//!     [*] --> Owner: enter (made for change)
//!     Owner --> [*]: destroyed for change
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`transfer`](Pallet::transfer) | an active owner | gives coins to another owner |
//! | [`exchange`](Pallet::exchange) | an active owner | gives coins for others of exactly the same value |
//! | [`transfer_with_change`](Pallet::transfer_with_change) | an active owner | pays exactly an amount that its coins do not make up |
//!
//! Change comes from a bank's vault, or, for face values that the policy names, from the issuer: then the coins given are
//! destroyed and new ones made. What is taken never differs in value from what is given.
//!
//! ## Invariants
//! * **I1** A transfer names coin and revision; a signed transfer succeeds at most once, ever.
//! * **I2** [`Purses`] equals the sum over the entries of each owner.
//! * **I3** [`Circulation`] equals the numbers of coins that owners hold, [`Waiting`] of those that wait to be picked up,
//!   by face value.
//! * **I4** A revision never decreases while the entry exists, and a coin that was destroyed never comes back: no batch is
//!   minted twice, and a batch for change gives each of its names once.
//! * **I5** A coin that the supervisor holds keeps holder and revision, in an owner's hands, in a vault and while it waits.

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
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        bounds,
        traits::{Coinage, Limits, Owners, Vaults, Watch},
        AccountId, Balance, ChangeFrom, CoinId, CoinRef, OwnerId, Selection,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the register needs from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// The owner behind a signer, if its key is current and it is active.
        type OwnerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = OwnerId>;
        /// Face values of batches.
        type Coinage: Coinage;
        /// Who may be paid.
        type Owners: Owners;
        /// How much may be paid and held.
        type Limits: Limits;
        /// Where change comes from.
        type Vaults: Vaults;
        /// Who looks at payments.
        type Watch: Watch;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The register. Identity hasher: the system makes the ids, nobody chooses where an entry lands.
    #[pallet::storage]
    pub type Coins<T> = StorageMap<_, Identity, CoinId, CoinEntry>;

    /// What each owner holds. Blake2_128Concat: banks supply owner ids, so nothing makes them hashes.
    #[pallet::storage]
    pub type Purses<T> = StorageMap<_, Blake2_128Concat, OwnerId, Purse, ValueQuery>;

    /// Coins that owners hold, by face value.
    #[pallet::storage]
    pub type Circulation<T> = StorageValue<_, Counter, ValueQuery>;

    /// Coins that wait to be picked up, by face value.
    #[pallet::storage]
    pub type Waiting<T> = StorageValue<_, Counter, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Coins went from one owner to another.
        Transferred {
            /// Who paid.
            from: OwnerId,
            /// Who was paid.
            to: OwnerId,
            /// Value in minor units.
            value: Balance,
            /// The coins, each now one revision higher than named here.
            coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
        },
        /// One owner paid another, part of it with coins for which it gave others.
        TransferredWithChange {
            /// Who paid.
            from: OwnerId,
            /// Who was paid.
            to: OwnerId,
            /// Value in minor units.
            value: Balance,
            /// The coins that the payee got.
            coins: Vec<CoinId>,
        },
        /// An owner's coins were destroyed, and others of the same value made.
        Recoined {
            /// The owner.
            owner: OwnerId,
            /// Minor units, of either side.
            value: Balance,
            /// The coins that are no more.
            given: Vec<CoinId>,
            /// The coins that are new.
            made: Vec<CoinId>,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The list of coins is empty.
        NoCoins,
        /// No such coin circulates: it was never minted, never left its vault, or was retired.
        UnknownCoin,
        /// The coin is held by somebody else.
        NotHolder,
        /// The coin moved since: its revision is not the one named.
        WrongRevision,
        /// Payer and payee are the same owner.
        SameOwner,
        /// The coin has an entry already.
        AlreadyEntered,
        /// The owner still holds coins.
        CoinsLeft,
        /// A counter would overflow or fall below zero.
        CounterOutOfRange,
        /// The coin is named twice.
        DuplicateCoin,
        /// What is given and what is taken are not worth the same.
        NotSameValue,
        /// The issuer makes new coins for change; those that exist have to be asked of a bank.
        NotNew,
        /// More coins than one call may make.
        TooManyCoins,
        /// The supervisor holds the coin: nobody moves it until it is released.
        CoinHeld,
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
        /// Gives coins to another owner: all of them or none.
        ///
        /// Origin: an active owner. Errors: [`Error::NoCoins`], [`Error::SameOwner`], [`Error::UnknownCoin`],
        /// [`Error::NotHolder`], [`Error::WrongRevision`], [`Error::CoinHeld`], [`Error::DuplicateCoin`], the identity
        /// pallet's when the payee is unknown or closed, and the limits pallet's. Event: [`Event::Transferred`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::transfer(coins.len() as u32).saturating_add(T::Watch::weight()))]
        pub fn transfer(
            origin: OriginFor<T>,
            to: OwnerId,
            coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
        ) -> DispatchResult {
            let from = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_transfer(from, to, coins)
        }

        /// Gives coins for others of exactly the same value, of a bank's vault or newly made. Never-issued coins of a vault
        /// are asked for by face value and number, so that owners who change at the same time do not get in each other's way.
        ///
        /// Origin: an active owner. Errors: [`Error::NotSameValue`], the register's for coins, the vault's when the bank is
        /// not active, does not change for this owner or has too few such coins, issuance's when coins of a face value are
        /// not made anew, [`Error::NotNew`], [`Error::TooManyCoins`]. Event: the vault's or [`Event::Recoined`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::exchange(
            u32::try_from(give.len()).unwrap_or(u32::MAX).saturating_add(crate::types::counted(&[take]))
        ))]
        pub fn exchange(
            origin: OriginFor<T>,
            at: ChangeFrom,
            give: BoundedVec<CoinRef, bounds::CoinsPerCall>,
            take: Selection,
        ) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_exchange(owner, at, give, take)
        }

        /// Pays another owner with coins of its own and with coins for which it gives others: `coins` and what `pay` names
        /// go to the payee, `change` comes back; `give` is worth exactly `pay` and `change` together. All of it or nothing.
        ///
        /// Origin: an active owner. Errors: those of [`Pallet::transfer`] and [`Pallet::exchange`].
        /// Events: that of the exchange and [`Event::TransferredWithChange`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::exchange(
            u32::try_from(coins.len().saturating_add(give.len()))
                .unwrap_or(u32::MAX)
                .saturating_add(crate::types::counted(&[pay, change]))
        ).saturating_add(T::Watch::weight()))]
        pub fn transfer_with_change(
            origin: OriginFor<T>,
            to: OwnerId,
            coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
            at: ChangeFrom,
            give: BoundedVec<CoinRef, bounds::CoinsPerCall>,
            pay: Selection,
            change: Selection,
        ) -> DispatchResult {
            let from = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_transfer_with_change(from, to, coins, at, give, pay, change)
        }
    }
}
