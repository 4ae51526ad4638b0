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
//!     Vault --> [*]: remove (retired from the issue vault)
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`transfer`](Pallet::transfer) | an active owner | gives coins to another owner |
//!
//! ## Invariants
//! * **I1** A transfer names coin and revision; a signed transfer succeeds at most once, ever.
//! * **I2** [`Purses`] equals the sum over the entries of each owner.
//! * **I3** [`Circulation`] equals the numbers of coins that owners hold, by face value.
//! * **I4** A revision never decreases while the entry exists, and a retired coin never comes back: its batch is not minted twice.
//! * **I5** A coin that the supervisor holds keeps holder and revision, in an owner's hands and in a vault.

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
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        bounds,
        traits::{Coinage, Owners, Watch},
        AccountId, Balance, CoinId, CoinRef, Denomination, OwnerId,
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
        /// Who looks at payments.
        type Watch: Watch;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The register. Identity hasher: the system makes the ids, nobody chooses where an entry lands.
    #[pallet::storage]
    pub type Coins<T> = StorageMap<_, Identity, CoinId, CoinEntry>;

    /// What each owner holds. Identity hasher: owner ids are hashes already.
    #[pallet::storage]
    pub type Purses<T> = StorageMap<_, Identity, OwnerId, Purse, ValueQuery>;

    /// Coins that owners hold, by face value.
    #[pallet::storage]
    pub type Circulation<T> = StorageValue<_, BoundedBTreeMap<Denomination, u64, bounds::Denominations>, ValueQuery>;

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
        /// [`Error::NotHolder`], [`Error::WrongRevision`], [`Error::CoinHeld`], [`Error::DuplicateCoin`], and the identity
        /// pallet's when the payee is unknown or closed.
        /// Event: [`Event::Transferred`].
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
    }
}
