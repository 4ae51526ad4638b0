//! # Identity: owners and the keys that sign for them
//!
//! An owner is 24 bytes derived from an identity that the chain never sees. A bank registers it together with a key
//! whose holder proves to have it and to want this. From then on the key's signature is the owner's.
//!
//! ## Terms
//! * **Current key**: the one key that signs for the owner now.
//! * **Bound key**: a key that signs or once signed for an owner. It stays bound to that owner for good, and its
//!   account keeps its nonce for good, so that no old transaction lives again.
//! * **Proof**: the new key's sr25519 signature over [`RegistrationProof`](specie_primitives::RegistrationProof) or
//!   [`RotationProof`](specie_primitives::identity::RotationProof), as it is or wrapped in `<Bytes>…</Bytes>`,
//!   which is how wallets sign what is not a transaction.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Active: register
//!     Active --> Active: rotate
//!     Active --> Suspended: suspend
//!     Suspended --> Active: reinstate
//!     Active --> Closed: close
//!     Suspended --> Closed: close (if the bank suspended)
//!     Closed --> [*]
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`register`](Pallet::register) | an active bank | registers an owner with its first key |
//! | [`rotate`](Pallet::rotate) | the owner | replaces the current key |
//! | [`suspend`](Pallet::suspend), [`reinstate`](Pallet::reinstate) | the registering bank or the supervisor | stops an owner from paying, lets it go on |
//! | [`close`](Pallet::close) | the registering bank | closes an owner that has nothing left |
//!
//! ## Invariants
//! * **I1** The current key of every owner, a closed one too, is bound to it.
//! * **I2** Every bound key is bound to one registered owner.
//! * **I3** Every bound key holds a sufficient reference, hence a nonce.
//! * **I4** No bound key is an institution's.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use origins::EnsureOwner;
pub use pallet::*;
pub use types::OwnerRecord;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
mod origins;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use sp_core::sr25519::Signature;
    use specie_primitives::{
        traits::{Holdings, Institutions, KeyRotation, OnStanding},
        AccountId, BankId, BlockNumber, Hash, OwnerId, SuspendedBy,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What identities need from others.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// An active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// Whoever may suspend and reinstate any owner.
        type SupervisorOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Accounts that can never become an owner's key.
        type Institutions: Institutions;
        /// Whatever owners hold.
        type Holdings: Holdings;
        /// Whoever counts something for a key.
        type Rotation: KeyRotation;
        /// Whoever keeps the supervisor's reasons.
        type Supervision: OnStanding;
        /// How many blocks ahead a proof may expire, at most.
        #[pallet::constant]
        type MaxProofAge: Get<BlockNumber>;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Every owner ever registered. Blake2_128Concat: a bank supplies the id, so nothing makes it a hash.
    #[pallet::storage]
    pub type Owners<T> = StorageMap<_, Blake2_128Concat, OwnerId, OwnerRecord>;

    /// The owner that a key is or was bound to; never removed. Blake2_128Concat: keys are chosen outside.
    #[pallet::storage]
    pub type OwnerOf<T> = StorageMap<_, Blake2_128Concat, AccountId, OwnerId>;

    /// The owners of the first block.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Owner, registering bank, key. No proof is asked for: the network's definition vouches for them.
        pub owners: Vec<(OwnerId, BankId, AccountId)>,
        #[doc(hidden)]
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (owner, bank, key) in &self.owners {
                if let Err(error) = Pallet::<T>::bind_new(*owner, *bank, key.clone()) {
                    panic!("genesis owner {owner}: {error:?}");
                }
            }
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A bank registered an owner.
        Registered {
            /// The owner.
            owner: OwnerId,
            /// The bank.
            bank: BankId,
            /// Its first key.
            key: AccountId,
        },
        /// An owner replaced its key.
        Rotated {
            /// The owner.
            owner: OwnerId,
            /// The key that signs for nobody any more.
            old: AccountId,
            /// The key that signs from now on.
            new: AccountId,
        },
        /// An owner can be paid, but cannot pay.
        Suspended {
            /// The owner.
            owner: OwnerId,
            /// By whom.
            by: SuspendedBy,
        },
        /// An owner can pay again.
        Reinstated {
            /// The owner.
            owner: OwnerId,
            /// By whom.
            by: SuspendedBy,
        },
        /// An owner left for good.
        Closed {
            /// The owner.
            owner: OwnerId,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such owner.
        UnknownOwner,
        /// The owner id is taken, perhaps by a closed owner.
        AlreadyRegistered,
        /// The key is or was bound to an owner.
        KeyAlreadyBound,
        /// The key is an institution's, or an account that stands for an owner.
        KeyNotForOwners,
        /// The last block of the proof is past.
        ProofExpired,
        /// The last block of the proof is too far ahead.
        ExpiryTooFar,
        /// The signature is not the key's over this proof.
        BadSignature,
        /// Another bank registered the owner.
        NotYourOwner,
        /// The owner is suspended already, by this side or a higher one.
        AlreadySuspended,
        /// The owner is not suspended.
        NotSuspended,
        /// The supervisor suspended the owner: a bank can neither reinstate nor close it.
        SuspendedBySupervisor,
        /// The owner is closed.
        OwnerClosed,
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
        /// Registers an owner with its first key.
        ///
        /// Origin: an active bank. `expiry` is the last block in which the proof holds. Errors: [`Error::ProofExpired`],
        /// [`Error::ExpiryTooFar`], [`Error::BadSignature`], [`Error::AlreadyRegistered`], [`Error::KeyAlreadyBound`],
        /// [`Error::KeyNotForOwners`]. Event: [`Event::Registered`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            owner: OwnerId,
            key: AccountId,
            expiry: BlockNumber,
            signature: Signature,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_register(bank, owner, key, expiry, &signature)
        }

        /// Replaces the owner's current key by one that was never bound.
        ///
        /// Origin: the owner, active. `expiry` is the last block in which the proof holds.
        /// Errors: [`Error::ProofExpired`], [`Error::ExpiryTooFar`], [`Error::BadSignature`],
        /// [`Error::KeyAlreadyBound`], [`Error::KeyNotForOwners`]. Event: [`Event::Rotated`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::rotate())]
        pub fn rotate(
            origin: OriginFor<T>,
            key: AccountId,
            expiry: BlockNumber,
            signature: Signature,
        ) -> DispatchResult {
            let owner = EnsureOwner::<T>::ensure_origin(origin)?;
            Self::do_rotate(owner, key, expiry, &signature)
        }

        /// Stops an owner from paying; it can still be paid. The supervisor's suspension covers a bank's, which counts again
        /// when a hold ends. With a reason or an end the supervisor holds the owner, see the pallet `supervision`.
        ///
        /// Origin: the registering bank or the supervisor. Errors: [`Error::UnknownOwner`], [`Error::NotYourOwner`],
        /// [`Error::AlreadySuspended`], [`Error::OwnerClosed`]. Event: [`Event::Suspended`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::suspend())]
        pub fn suspend(origin: OriginFor<T>, owner: OwnerId) -> DispatchResult {
            let by = Self::ensure_overseer(origin, owner)?;
            Self::do_suspend(owner, by)
        }

        /// Lets a suspended owner pay again. A bank undoes its own suspension only, the supervisor any.
        ///
        /// Origin: the registering bank or the supervisor. Errors: [`Error::UnknownOwner`], [`Error::NotYourOwner`],
        /// [`Error::NotSuspended`], [`Error::SuspendedBySupervisor`], [`Error::OwnerClosed`].
        /// Event: [`Event::Reinstated`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::reinstate())]
        pub fn reinstate(origin: OriginFor<T>, owner: OwnerId) -> DispatchResult {
            let by = Self::ensure_overseer(origin, owner)?;
            Self::do_reinstate(owner, by)
        }

        /// Closes an owner for good. Its id stays taken and its keys stay bound.
        ///
        /// Origin: the registering bank. Errors: [`Error::UnknownOwner`], [`Error::NotYourOwner`],
        /// [`Error::OwnerClosed`], [`Error::SuspendedBySupervisor`], and those of the pallets that still hold something.
        /// Event: [`Event::Closed`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::close())]
        pub fn close(origin: OriginFor<T>, owner: OwnerId) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_close(bank, owner)
        }
    }
}
