//! # Identity: owners and the keys that sign for them
//!
//! An owner is 24 bytes derived from an identity that the chain never sees. A bank registers it together with a key
//! whose holder proves to have it and to want this. From then on the key's signature is the owner's.
//!
//! ## Terms
//! * **Current key**: the one key that signs for the owner now.
//! * **Bound key**: a key that signs or once signed for an owner. It stays bound to that owner for good, and its
//!   account keeps its nonce for good, so that no old transaction lives again.
//! * **Key of the function**: public key of the oblivious function that owner ids come from. The pallet never computes it:
//!   wallets take the key from here and check with it what the identity service answers.
//! * **Proof**: the new key's sr25519 signature over [`RegistrationProof`](specie_primitives::RegistrationProof),
//!   [`RotationProof`](specie_primitives::identity::RotationProof) or
//!   [`RebindProof`](specie_primitives::identity::RebindProof), as it is or wrapped in `<Bytes>…</Bytes>`, which is how
//!   wallets sign what is not a transaction.
//! * **Class, person tag**: which limits apply, and to whom they count; see the pallet `limits`. Verified classes have a
//!   tag, the others none.
//! * **Request**: a bank's wish to bind another key to an owner whose key was lost. It waits; while it waits, the owner is
//!   suspended. Blocks in which payments stand still do not count.
//! * **Offer**: an owner's wish to be looked after by another bank.
//! * **Purse**: the owner behind a card, see the pallet `cards`. It has an id of its own kind and goes with its card; with the
//!   holder of the card go its bank, its class and its suspension.
//! * **Joint account**: an owner without a key, for which its managers sign, see the pallet `joint`. In place of a key its record
//!   has its own account id.
//! * **Dormant**: without holdings, and for a set number of business days without payments, receipts or new keys.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Active: register
//!     Active --> Active: rotate
//!     Active --> Suspended: suspend
//!     Suspended --> Active: reinstate
//!     Active --> Closed: close
//!     Suspended --> Closed: close (if the bank suspended)
//!     Suspended --> Active: complete_rebind (if the bank suspended)
//!     Active --> [*]: release (if dormant)
//!     Suspended --> [*]: release (if dormant and the bank suspended)
//!     Closed --> [*]: release (if dormant)
//!     Closed --> Active: reinstate (by the supervisor)
//! ```
//!
//! A request for another key:
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Waiting: request_rebind
//!     Waiting --> Objected: object
//!     Objected --> [*]: decide_rebind (upheld)
//!     Objected --> Overruled: decide_rebind (overruled)
//!     Waiting --> [*]: complete_rebind, cancel_rebind, reinstate, close
//!     Overruled --> [*]: complete_rebind, cancel_rebind, reinstate, close
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`register`](Pallet::register) | an active bank | registers an owner with its first key |
//! | [`rotate`](Pallet::rotate) | the owner | replaces the current key, once a business day |
//! | [`suspend`](Pallet::suspend), [`reinstate`](Pallet::reinstate) | the registering bank or the supervisor | stops an owner from paying, lets it go on |
//! | [`close`](Pallet::close) | the registering bank | closes an owner that has nothing left |
//! | [`change_class`](Pallet::change_class) | the registering bank with the owner's consent, or the supervisor | changes the class; the supervisor only lowers it |
//! | [`request_rebind`](Pallet::request_rebind), [`cancel_rebind`](Pallet::cancel_rebind) | the registering bank | asks for another key after a loss, takes that back |
//! | [`object`](Pallet::object) | the present key, suspended | puts a request before the supervisor |
//! | [`decide_rebind`](Pallet::decide_rebind), [`approve_rebind`](Pallet::approve_rebind) | the supervisor | decides on an objection, approves a request about much money |
//! | [`complete_rebind`](Pallet::complete_rebind) | the registering bank | binds the other key |
//! | [`move_to`](Pallet::move_to) | the owner | offers itself to another bank |
//! | [`accept_move`](Pallet::accept_move) | the bank named | looks after the owner from now on |
//! | [`release`](Pallet::release) | any active bank | makes the id of a dormant owner free |
//! | [`assign`](Pallet::assign) | the supervisor | gives an owner to another bank |
//! | [`set_recovery`](Pallet::set_recovery) | the supervisor, who can only make it stricter, or root | sets waiting time, value that needs approval, days until dormancy |
//!
//! ## Invariants
//! * **I1** The current key of every owner, a closed one too, is bound to it, but for joint accounts.
//! * **I2** Every bound key is bound to one owner, which is registered or was released.
//! * **I3** Every bound key holds a sufficient reference, hence a nonce.
//! * **I4** No bound key is an institution's.
//! * **I5** The network has a key of the function, from the first block on and never another one: it would give every
//!   identity another owner id. No call writes it.
//! * **I6** An owner has a person tag if and only if its class is verified.
//! * **I7** The owner of a request is suspended. So nothing is paid with the old key while the request waits.
//! * **I8** The owner of an offer is active, and the offer names another bank than its own.
//! * **I9** No call enters a purse, or gives one another key, class or bank, or closes or releases it; but the supervisor
//!   suspends one, and gives it to another bank.
//! * **I10** A joint account never has a key, nor a request or an offer, is not released, and stays closed.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use origins::EnsureOwner;
pub use pallet::*;
pub use types::{Consent, Objection, Offer, OwnerRecord, Rebind};
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod cards;
mod classes;
mod impls;
mod joint;
#[cfg(test)]
mod mock;
mod origins;
mod recovery;
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
        identity,
        traits::{Banks, Cards, Holdings, Institutions, KeyRotation, OnStanding, Standstill, Subjects},
        AccountId, Balance, BankId, BlockNumber, Hash, OwnerClass, OwnerId, PersonTag, SuspendedBy,
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
        /// Banks.
        type Banks: Banks;
        /// Accounts that can never become an owner's key.
        type Institutions: Institutions;
        /// Whatever owners hold.
        type Holdings: Holdings;
        /// Whoever counts something for a key.
        type Rotation: KeyRotation;
        /// Whoever counts something for those behind owners.
        type Subjects: Subjects;
        /// Cards of owners.
        type Cards: Cards;
        /// Whoever keeps the supervisor's reasons.
        type Supervision: OnStanding;
        /// Which blocks do not count towards a waiting time.
        type Standstill: Standstill;
        /// How many blocks ahead a proof may expire, at most.
        #[pallet::constant]
        type MaxProofAge: Get<BlockNumber>;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Every owner, closed ones too, but none that was released. Blake2_128Concat: a bank supplies the id, so nothing makes it a hash.
    #[pallet::storage]
    pub type Owners<T> = StorageMap<_, Blake2_128Concat, OwnerId, OwnerRecord>;

    /// The owner that a key is or was bound to; never removed. Blake2_128Concat: keys are chosen outside.
    #[pallet::storage]
    pub type OwnerOf<T> = StorageMap<_, Blake2_128Concat, AccountId, OwnerId>;

    /// Public key of the function behind owner ids (I5).
    #[pallet::storage]
    pub type OwnerIdKey<T> = StorageValue<_, identity::OwnerIdKey, ValueQuery>;

    /// Requests for another key. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type Rebinds<T> = StorageMap<_, Blake2_128Concat, OwnerId, Rebind>;

    /// Owners that want to go to another bank. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type Offers<T> = StorageMap<_, Blake2_128Concat, OwnerId, Offer>;

    /// Ids that were released, with the block of the last time; never removed. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type Released<T> = StorageMap<_, Blake2_128Concat, OwnerId, BlockNumber>;

    /// Blocks that a request for another key waits.
    #[pallet::storage]
    pub type RebindDelay<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// Holdings, with those of cards and of joint accounts that the owner manages, above which such a request needs the
    /// supervisor's approval, in minor units.
    #[pallet::storage]
    pub type RebindApprovalValue<T> = StorageValue<_, Balance, ValueQuery>;

    /// Business days without activity after which an owner without holdings is dormant; zero for never.
    #[pallet::storage]
    pub type DormancyDays<T> = StorageValue<_, u32, ValueQuery>;

    /// What the first block knows of owners.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Public key of the function behind owner ids. Network definitions must have one.
        pub owner_id_key: identity::OwnerIdKey,
        /// Owner, registering bank, key, class and tag. No proof is asked for: the network's definition vouches for them.
        pub owners: Vec<(OwnerId, BankId, AccountId, OwnerClass, Option<PersonTag>)>,
        /// See [`RebindDelay`].
        #[serde(default)]
        pub rebind_delay: BlockNumber,
        /// See [`RebindApprovalValue`].
        #[serde(default)]
        pub rebind_approval_value: Balance,
        /// See [`DormancyDays`].
        #[serde(default)]
        pub dormancy_days: u32,
        #[doc(hidden)]
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            // Only the default, which has no owners either, may lack it; every definition of a network has it.
            let keyed = !self.owner_id_key.is_none() || self.owners.is_empty();
            assert!(keyed, "the genesis has owners, but no key of the function behind owner ids");
            OwnerIdKey::<T>::put(self.owner_id_key);
            for (owner, bank, key, class, person) in &self.owners {
                if let Err(error) = Pallet::<T>::bind_new(*owner, *bank, key.clone(), *class, *person) {
                    panic!("genesis owner {owner}: {error:?}");
                }
            }
            RebindDelay::<T>::put(self.rebind_delay);
            RebindApprovalValue::<T>::put(self.rebind_approval_value);
            DormancyDays::<T>::put(self.dormancy_days);
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
            /// Its class.
            class: OwnerClass,
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
        /// An owner has another class, or another person stands behind it.
        ClassChanged {
            /// The owner.
            owner: OwnerId,
            /// The class before.
            from: OwnerClass,
            /// The class from now on.
            to: OwnerClass,
            /// By whom.
            by: SuspendedBy,
        },
        /// A bank wants to bind another key to an owner whose key was lost.
        RebindRequested {
            /// The owner.
            owner: OwnerId,
            /// The bank.
            bank: BankId,
            /// The key.
            key: AccountId,
            /// First block in which it can be completed, unless payments stand still meanwhile.
            ready: BlockNumber,
        },
        /// A request ended without a new key: the bank took it back, the owner was reinstated or closed.
        RebindCancelled {
            /// The owner.
            owner: OwnerId,
            /// The key that was asked for.
            key: AccountId,
        },
        /// The present key objected: the supervisor decides.
        RebindObjected {
            /// The owner.
            owner: OwnerId,
            /// The key objected to.
            key: AccountId,
        },
        /// The supervisor decided on an objection.
        RebindDecided {
            /// The owner.
            owner: OwnerId,
            /// The key objected to.
            key: AccountId,
            /// Whether the objection stands; then the request ended.
            upheld: bool,
        },
        /// The supervisor approved a request whatever the owner holds.
        RebindApproved {
            /// The owner.
            owner: OwnerId,
            /// The key asked for.
            key: AccountId,
        },
        /// A bank bound another key to an owner, which can pay again.
        Rebound {
            /// The owner.
            owner: OwnerId,
            /// The key that signs for nobody any more.
            old: AccountId,
            /// The key that signs from now on.
            new: AccountId,
        },
        /// An owner offered itself to another bank.
        MoveOffered {
            /// The owner.
            owner: OwnerId,
            /// The bank it wants to go to.
            to: BankId,
            /// Last block in which that bank can accept.
            expiry: BlockNumber,
        },
        /// Another bank looks after an owner. What the owner has in custody stays where it is.
        Moved {
            /// The owner.
            owner: OwnerId,
            /// The bank before.
            from: BankId,
            /// The bank from now on.
            to: BankId,
        },
        /// The id of a dormant owner is free.
        Released {
            /// The owner.
            owner: OwnerId,
            /// The bank that released it.
            by: BankId,
        },
        /// The supervisor changed the rules of recovery.
        RecoverySet {
            /// Blocks that a request waits.
            delay: BlockNumber,
            /// Holdings above which it needs approval, in minor units.
            approval_value: Balance,
            /// Business days until dormancy; zero for never.
            dormancy_days: u32,
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
        /// A verified class needs a person tag.
        TagMissing,
        /// This class has no person tag, or the supervisor would change it.
        TagNotAllowed,
        /// Class and tag are so already.
        SameClass,
        /// The supervisor only lowers classes.
        NotLower,
        /// A bank needs the owner's consent.
        ConsentMissing,
        /// The owner's consent does not expire later than the last one that was used.
        ConsentUsed,
        /// The owner is suspended.
        OwnerSuspended,
        /// A request for another key waits.
        RebindPending,
        /// No request for another key waits.
        NoRebind,
        /// The request is for another key than the one named.
        OtherKey,
        /// The waiting time is not over.
        TooEarly,
        /// The present key objected: the supervisor has not decided.
        ObjectionPending,
        /// The present key objected before.
        AlreadyObjected,
        /// The present key did not object, or that was decided.
        NoObjection,
        /// The owner holds so much that the supervisor must approve.
        ApprovalMissing,
        /// The supervisor approved already.
        AlreadyApproved,
        /// The owner is with this bank already.
        SameBank,
        /// The owner did not offer itself to this bank, or its offer expired.
        NoOffer,
        /// The owner was active of late, or no owner ever becomes dormant.
        NotDormant,
        /// A request for another key must wait for a block at least.
        NoDelay,
        /// The bank is not admitted, or not active.
        BankNotActive,
        /// The supervisor can make the rules of recovery stricter only; the committee can do everything.
        NotStricter,
        /// The owner is a card's purse, which goes with its card.
        CardPurse,
        /// The card of this purse is reported lost.
        CardLost,
        /// The owner replaced its key on this business day already: once a day at most. After a loss its bank recovers it.
        RotatedToday,
        /// The owner is a joint account: it has no key, is not released, and stays closed. Its managers sign for it.
        JointAccount,
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
        /// Origin: an active bank, which vouches for class and tag. `expiry` is the last block in which the proof holds.
        /// Errors: [`Error::ProofExpired`], [`Error::ExpiryTooFar`], [`Error::BadSignature`],
        /// [`Error::AlreadyRegistered`], [`Error::KeyAlreadyBound`], [`Error::KeyNotForOwners`],
        /// [`Error::TagMissing`], [`Error::TagNotAllowed`], [`Error::CardPurse`]. Event: [`Event::Registered`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            owner: OwnerId,
            key: AccountId,
            class: OwnerClass,
            person: Option<PersonTag>,
            expiry: BlockNumber,
            signature: Signature,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_register(bank, owner, key, class, person, expiry, &signature)
        }

        /// Replaces the owner's current key by one that was never bound, once in a business day at most: keys are never
        /// forgotten. Another key after a loss does not count.
        ///
        /// Origin: the owner, active. `expiry` is the last block in which the proof holds.
        /// Errors: [`Error::ProofExpired`], [`Error::ExpiryTooFar`], [`Error::RotatedToday`], [`Error::BadSignature`],
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

        /// Lets a suspended owner pay again. A bank undoes its own suspension only, the supervisor any. A request for
        /// another key ends.
        ///
        /// Origin: the registering bank or the supervisor. Errors: [`Error::UnknownOwner`], [`Error::NotYourOwner`],
        /// [`Error::NotSuspended`], [`Error::SuspendedBySupervisor`], [`Error::OwnerClosed`], [`Error::JointAccount`].
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

        /// Changes an owner's class, or the person behind it. What was paid today counts on.
        ///
        /// Origin: the registering bank with the consent of the owner, active, by its current key; or the supervisor,
        /// which lowers the class only and needs no consent. Errors: [`Error::UnknownOwner`], [`Error::NotYourOwner`],
        /// [`Error::OwnerClosed`], [`Error::OwnerSuspended`], [`Error::SameClass`], [`Error::NotLower`],
        /// [`Error::TagMissing`], [`Error::TagNotAllowed`], [`Error::ConsentMissing`], [`Error::ConsentUsed`],
        /// [`Error::ProofExpired`], [`Error::ExpiryTooFar`], [`Error::BadSignature`], [`Error::JointAccount`]. Event:
        /// [`Event::ClassChanged`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::change_class())]
        pub fn change_class(
            origin: OriginFor<T>,
            owner: OwnerId,
            class: OwnerClass,
            person: Option<PersonTag>,
            consent: Option<Consent>,
        ) -> DispatchResult {
            let by = Self::ensure_overseer(origin, owner)?;
            Self::do_change_class(owner, by, class, person, consent)
        }

        /// Asks for another key for an owner whose key was lost, and suspends the owner unless it is. The key is bound by
        /// [`Pallet::complete_rebind`].
        ///
        /// Origin: the registering bank. `expiry` is the last block in which the proof holds. Errors:
        /// [`Error::UnknownOwner`], [`Error::NotYourOwner`], [`Error::RebindPending`], [`Error::OwnerClosed`],
        /// [`Error::SuspendedBySupervisor`], [`Error::ProofExpired`], [`Error::ExpiryTooFar`], [`Error::BadSignature`],
        /// [`Error::KeyAlreadyBound`], [`Error::KeyNotForOwners`], [`Error::JointAccount`]. Events: [`Event::RebindRequested`], and
        /// [`Event::Suspended`] before it.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::request_rebind())]
        pub fn request_rebind(
            origin: OriginFor<T>,
            owner: OwnerId,
            key: AccountId,
            expiry: BlockNumber,
            signature: Signature,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_request_rebind(bank, owner, key, expiry, &signature)
        }

        /// Takes a request back. The owner stays suspended.
        ///
        /// Origin: the registering bank. Errors: [`Error::UnknownOwner`], [`Error::NotYourOwner`], [`Error::NoRebind`].
        /// Event: [`Event::RebindCancelled`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::cancel_rebind())]
        pub fn cancel_rebind(origin: OriginFor<T>, owner: OwnerId) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_cancel_rebind(bank, owner)
        }

        /// Objects to the request for another key of the signer's owner. It does not end by that: the supervisor decides.
        ///
        /// Origin: the current key, although its owner is suspended. Errors: [`Error::NoRebind`],
        /// [`Error::AlreadyObjected`]. Event: [`Event::RebindObjected`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::object())]
        pub fn object(origin: OriginFor<T>) -> DispatchResult {
            let signer = ensure_signed(origin)?;
            Self::do_object(&signer)
        }

        /// Decides on an objection to a request for this key: upheld, the request ends, and the owner stays suspended until
        /// it is reinstated; overruled, it goes on, and the waiting time with it.
        ///
        /// Origin: the supervisor. Errors: [`Error::NoRebind`], [`Error::OtherKey`], [`Error::NoObjection`].
        /// Event: [`Event::RebindDecided`].
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::decide_rebind())]
        pub fn decide_rebind(origin: OriginFor<T>, owner: OwnerId, key: AccountId, uphold: bool) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_decide_rebind(owner, key, uphold)
        }

        /// Approves a request for this key, whatever the owner holds.
        ///
        /// Origin: the supervisor. Errors: [`Error::NoRebind`], [`Error::OtherKey`], [`Error::AlreadyApproved`].
        /// Event: [`Event::RebindApproved`].
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::approve_rebind())]
        pub fn approve_rebind(origin: OriginFor<T>, owner: OwnerId, key: AccountId) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_approve_rebind(owner, key)
        }

        /// Binds the key that was asked for, and lets the owner pay again.
        ///
        /// Origin: the registering bank. Errors: [`Error::UnknownOwner`], [`Error::NotYourOwner`], [`Error::NoRebind`],
        /// [`Error::TooEarly`], [`Error::ObjectionPending`], [`Error::SuspendedBySupervisor`],
        /// [`Error::ApprovalMissing`], [`Error::KeyAlreadyBound`], [`Error::KeyNotForOwners`].
        /// Event: [`Event::Rebound`].
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::complete_rebind())]
        pub fn complete_rebind(origin: OriginFor<T>, owner: OwnerId) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_complete_rebind(bank, owner)
        }

        /// Offers the signing owner to another bank, in place of any earlier offer. What the owner has in custody stays
        /// where it is, and within reach.
        ///
        /// Origin: the owner, active. `expiry` is the last block in which that bank can accept. Errors:
        /// [`Error::SameBank`], [`Error::ProofExpired`], [`Error::ExpiryTooFar`]. Event: [`Event::MoveOffered`].
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::move_to())]
        pub fn move_to(origin: OriginFor<T>, bank: BankId, expiry: BlockNumber) -> DispatchResult {
            let owner = EnsureOwner::<T>::ensure_origin(origin)?;
            Self::do_move_to(owner, bank, expiry)
        }

        /// Takes over an owner that offered itself to this bank.
        ///
        /// Origin: an active bank. Errors: [`Error::UnknownOwner`], [`Error::NoOffer`]. Event: [`Event::Moved`].
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::accept_move())]
        pub fn accept_move(origin: OriginFor<T>, owner: OwnerId) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_accept_move(bank, owner)
        }

        /// Puts an owner into the care of another bank: its bank closed or stands still, or a thief moved it. The owner has
        /// no part in it. A request for another key ends, so that the new bank's own has the whole waiting time.
        ///
        /// Origin: the supervisor. Errors: [`Error::UnknownOwner`], [`Error::BankNotActive`], [`Error::SameBank`].
        /// Event: [`Event::Moved`].
        #[pallet::call_index(16)]
        #[pallet::weight(T::WeightInfo::assign())]
        pub fn assign(origin: OriginFor<T>, owner: OwnerId, bank: BankId) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_assign(owner, bank)
        }

        /// Makes the id of a dormant owner free, for instance when its phone number became somebody else's. Its keys stay
        /// bound and sign for nobody any more. Until it is registered again nothing can be paid to it; coins that wait for it
        /// are for whoever has the code, not for its next holder.
        ///
        /// Origin: any active bank. Errors: [`Error::UnknownOwner`], [`Error::SuspendedBySupervisor`],
        /// [`Error::RebindPending`], [`Error::NotDormant`], [`Error::JointAccount`], and those of the pallets that still hold
        /// something.
        /// Event: [`Event::Released`].
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::release())]
        pub fn release(origin: OriginFor<T>, owner: OwnerId) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_release(bank, owner)
        }

        /// Sets how many blocks a request for another key waits, the holdings in minor units above which it needs approval,
        /// and the business days until dormancy. Requests that wait keep their block.
        ///
        /// Origin: the supervisor makes the rules stricter or leaves them: a longer wait, a lower value, more days or never.
        /// Everything else is root's, which the committee reaches. Errors: [`Error::NoDelay`], [`Error::NotStricter`].
        /// Event: [`Event::RecoverySet`].
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::set_recovery())]
        pub fn set_recovery(
            origin: OriginFor<T>,
            delay: BlockNumber,
            approval_value: Balance,
            dormancy_days: u32,
        ) -> DispatchResult {
            let root = ensure_root(origin.clone()).is_ok();
            if !root {
                T::SupervisorOrigin::ensure_origin(origin)?;
            }
            ensure!(delay > 0, Error::<T>::NoDelay);
            ensure!(root || Self::is_stricter(delay, approval_value, dormancy_days), Error::<T>::NotStricter);
            RebindDelay::<T>::put(delay);
            RebindApprovalValue::<T>::put(approval_value);
            DormancyDays::<T>::put(dormancy_days);
            Self::deposit_event(Event::RecoverySet { delay, approval_value, dormancy_days });
            Ok(())
        }
    }
}
