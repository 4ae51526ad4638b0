//! # Pickup: coins that wait for somebody who is not registered
//!
//! A payer leaves coins under the owner id of the payee, whether anybody registered that or not. They move only with a
//! signature by the *claim key*, which is derived from a pickup code that the payer hands to the payee outside the
//! network. So neither a bank that registers somebody else's phone number nor anybody who sees a claim on its way to a
//! block can take them: the signature names who gets the money.
//!
//! ## Terms
//! * **Pickup code**: what the payee knows, see `docs/protocol/pickup.md`. It never reaches the chain.
//! * **Claim key**: the sr25519 key derived from the code.
//! * **Receiver**: who gets the money; part of what the claim key signs. At a bank's counter the bank's call is its word
//!   that it checked who the person is.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Waiting: deposit_for
//!     Waiting --> Waiting: a claim with a wrong code
//!     Waiting --> [*]: claim_registered, claim_at_bank
//!     Waiting --> [*]: refund (after its last block)
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`deposit_for`](Pallet::deposit_for) | active owner | leaves coins for an owner id |
//! | [`claim_registered`](Pallet::claim_registered) | active owner, the payee | collects them |
//! | [`claim_at_bank`](Pallet::claim_at_bank) | active bank | collects them for custody or for cash of its counter |
//! | [`refund`](Pallet::refund) | anyone | gives them back to the payer after the last block |
//!
//! Blocks in which payments stood still do not count towards a pickup's last block: nobody could collect in them.
//!
//! A claim with a wrong signature is no error: errors leave no trace. It is counted and told in an event, and changes
//! nothing else. It does not block the payment either: the code is too long to be guessed by trying, and a block would
//! let any bank keep the payee from the money.
//!
//! While the supervisor holds the payer, the payee or the owner that a bank would credit, what waits is not collected:
//! until somebody takes it, it is the payer's. After its last block it goes back even to a held payer, whose hands the
//! hold ties; a coin that is held itself goes nowhere, and with it the whole pickup.
//!
//! ## Invariants
//! * **I1** The coins of a pickup are held by it at the revisions in its record, and no other coin is.
//! * **I2** Left less collected less refunded equals the value of what waits (M7).
//! * **I3** [`OfPayer`] and [`ForPayee`] list every pickup once.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::Pickup;
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
    use sp_core::sr25519::{Public, Signature};
    use specie_primitives::{
        books::PickupFlows,
        bounds,
        traits::{CustodyDesk, Limits, Owners, Register, Standstill, Vaults, Watch},
        AccountId, Balance, BankId, BlockNumber, CoinId, CoinRef, Hash, OwnerId, PickupId, PickupReceiver,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What pickups need from others.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// An active owner.
        type OwnerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = OwnerId>;
        /// An active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// Who may be paid.
        type Owners: Owners;
        /// Where the coins are entered.
        type Register: Register;
        /// Where coins go that a bank collects.
        type Vaults: Vaults;
        /// What a bank then owes.
        type Custody: CustodyDesk;
        /// How much may be paid and held.
        type Limits: Limits;
        /// Who looks at payments.
        type Watch: Watch;
        /// Which blocks do not count.
        type Standstill: Standstill;
        /// Fewest blocks for which coins wait.
        #[pallet::constant]
        type MinLife: Get<BlockNumber>;
        /// Most blocks for which coins wait.
        #[pallet::constant]
        type MaxLife: Get<BlockNumber>;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Every payment that waits. Twox: the system numbers them.
    #[pallet::storage]
    pub type Pickups<T> = StorageMap<_, Twox64Concat, PickupId, Pickup>;

    /// Number of the next one.
    #[pallet::storage]
    pub type NextPickup<T> = StorageValue<_, PickupId, ValueQuery>;

    /// What a payer left, ascending. Blake2_128Concat: banks supply owner ids, so nothing makes them hashes.
    #[pallet::storage]
    pub type OfPayer<T> = StorageMap<_, Blake2_128Concat, OwnerId, BoundedVec<PickupId, bounds::Pickups>, ValueQuery>;

    /// What waits for a payee. Blake2_128Concat: a payer supplies the id, so nothing makes it a hash.
    #[pallet::storage]
    pub type ForPayee<T> = StorageDoubleMap<_, Blake2_128Concat, OwnerId, Twox64Concat, PickupId, ()>;

    /// How often a wrong code was tried. Twox: the system numbers them.
    #[pallet::storage]
    pub type WrongTries<T> = StorageMap<_, Twox64Concat, PickupId, u32, ValueQuery>;

    /// Value that was left, collected and refunded since the first block.
    #[pallet::storage]
    pub type Flows<T> = StorageValue<_, PickupFlows, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A payer left coins.
        Deposited {
            /// Number of the pickup.
            pickup: PickupId,
            /// Who paid.
            payer: OwnerId,
            /// For whom they wait.
            payee: OwnerId,
            /// Minor units.
            value: Balance,
            /// The coins.
            coins: Vec<CoinId>,
            /// Last block in which they can be collected, unless payments stand still meanwhile.
            expires: BlockNumber,
        },
        /// They were collected. For cash of a bank's counter this is the receipt.
        Claimed {
            /// Number of the pickup.
            pickup: PickupId,
            /// Who got the money.
            receiver: PickupReceiver,
            /// Minor units.
            value: Balance,
            /// The coins.
            coins: Vec<CoinId>,
            /// Who had paid.
            payer: OwnerId,
            /// For whom they had waited.
            payee: OwnerId,
        },
        /// They went back.
        Refunded {
            /// Number of the pickup.
            pickup: PickupId,
            /// To whom.
            payer: OwnerId,
            /// Minor units.
            value: Balance,
            /// The coins.
            coins: Vec<CoinId>,
            /// For whom they had waited.
            payee: OwnerId,
        },
        /// Somebody tried to collect with a wrong code; nothing moved.
        WrongCode {
            /// Number of the pickup.
            pickup: PickupId,
            /// Who would have got the money.
            receiver: PickupReceiver,
            /// How often that has happened now.
            tries: u32,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such pickup: it was collected or refunded, or never was.
        UnknownPickup,
        /// Payer and payee are the same owner.
        SameOwner,
        /// The coins would wait for too short a time.
        ExpiryTooSoon,
        /// The coins would wait for too long a time.
        ExpiryTooFar,
        /// The payer has left as many payments as one may.
        TooManyPickups,
        /// The last block has passed: the payer gets the coins back.
        Expired,
        /// The coins can still be collected.
        NotExpired,
        /// The coins wait for somebody else.
        NotPayee,
        /// A bank collects for custody at itself or for cash of its own counter.
        WrongReceiver,
        /// The owner left coins that still wait.
        PickupsLeft,
        /// A counter would overflow or fall below zero.
        CounterOutOfRange,
        /// The supervisor holds the payer, the payee or the owner to be credited: the coins go on waiting.
        OwnerHeld,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MinLife::get() < T::MaxLife::get(), "no block is a last block");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Leaves coins for an owner id until a last block. The payee may be registered: the code is needed all the same.
        ///
        /// Origin: an active owner. Errors: [`Error::SameOwner`], [`Error::ExpiryTooSoon`], [`Error::ExpiryTooFar`],
        /// [`Error::TooManyPickups`], and the register's when a coin is not the owner's. Event: [`Event::Deposited`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::deposit_for(coins.len() as u32).saturating_add(T::Watch::weight()))]
        pub fn deposit_for(
            origin: OriginFor<T>,
            payee: OwnerId,
            claim_key: Public,
            coins: BoundedVec<CoinRef, bounds::CoinsPerPickup>,
            expires: BlockNumber,
        ) -> DispatchResult {
            let payer = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_deposit(payer, payee, claim_key, coins, expires)
        }

        /// Collects coins that wait for the signer. The claim key signs a [`PickupClaim`](specie_primitives::PickupClaim)
        /// whose receiver is that owner.
        ///
        /// Origin: an active owner. Errors: [`Error::UnknownPickup`], [`Error::NotPayee`], [`Error::Expired`],
        /// [`Error::OwnerHeld`], and the register's when a coin is held.
        /// Event: [`Event::Claimed`], or [`Event::WrongCode`] and nothing else.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::claim())]
        pub fn claim_registered(origin: OriginFor<T>, pickup: PickupId, signature: Signature) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_claim_registered(owner, pickup, &signature)
        }

        /// Collects coins at a bank, which vouches that the person is the payee: the coins go to its vault, their value to
        /// an owner's account there or out at the counter. The claim key signs a
        /// [`PickupClaim`](specie_primitives::PickupClaim) with this receiver.
        ///
        /// Origin: an active bank. Errors: [`Error::UnknownPickup`], [`Error::WrongReceiver`], [`Error::Expired`],
        /// [`Error::OwnerHeld`], the register's when a coin is held, and the identity pallet's when the owner to be credited
        /// is unknown or closed.
        /// Event: [`Event::Claimed`], or [`Event::WrongCode`] and nothing else.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::claim())]
        pub fn claim_at_bank(
            origin: OriginFor<T>,
            pickup: PickupId,
            receiver: PickupReceiver,
            signature: Signature,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_claim_at_bank(bank, pickup, receiver, &signature)
        }

        /// Gives coins that nobody collected back to the payer, even one that is suspended or held.
        ///
        /// Origin: anyone who signs. Errors: [`Error::UnknownPickup`], [`Error::NotExpired`], and the register's when a coin
        /// is held. Event: [`Event::Refunded`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::refund())]
        pub fn refund(origin: OriginFor<T>, pickup: PickupId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_refund(pickup)
        }
    }
}
