//! # Joint accounts: owners for which several sign
//!
//! A joint account is an owner like any other, with class, limits, holds, coins and custody, but without a key. Its
//! *managers* are owners with keys, so many of whom sign each order of the account: loss, another key and suspension of a
//! manager go by the rules for owners. Orders are all that a joint account can do.
//!
//! ## Terms
//! * **Set**: the managers of an account, each with a *seat*, its place in the list; the *threshold*, how many must sign; and
//!   a *version*, which orders name. What was signed before a change dies with it.
//! * **Newcomer**: a manager to be who is none now, and must consent.
//! * **Proposal**: the registering bank's wish for other managers, when so many cannot be reached that the rest cannot sign. It
//!   waits; any present manager can object; the supervisor approves or rejects it, and sees who objected. Blocks in which
//!   payments stand still do not count.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Open: open
//!     Open --> Open: an order for other managers
//!     Open --> Proposed: propose
//!     Proposed --> Open: withdraw, reject, an order for other managers
//!     Proposed --> Open: approve (with other managers)
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`open`](Pallet::open) | an active bank, with the consent of every manager | opens a joint account |
//! | [`propose`](Pallet::propose) | the registering bank, with the consent of newcomers | asks for other managers |
//! | [`withdraw`](Pallet::withdraw) | the registering bank | takes that back |
//! | [`object`](Pallet::object) | the present key of a manager, suspended or not | objects to it |
//! | [`approve`](Pallet::approve) | the supervisor | gives the account the other managers |
//! | [`reject`](Pallet::reject) | the supervisor | does not |
//!
//! ## Invariants
//! * **I1** There is a set for every owner without a key, and for no other.
//! * **I2** A set has two managers at least, none twice, and a threshold from one to their number. Its version is not zero and
//!   only rises.
//! * **I3** A manager of an account that is not closed is registered and not closed, neither a card's purse nor a joint account.
//! * **I4** [`OfManager`] lists the accounts of every manager, and nothing else.
//! * **I5** A proposal is for an account with a set, and those who object are managers of it, each once.
//! * **I6** Nobody becomes a manager without an own signature; nobody is kept as one against the threshold's will but by
//!   the supervisor. No bank alone gets hold of an account: what is on it counts as held by each manager when a bank asks
//!   for another key.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::Proposal;
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
        joint::{SignatureList, MAX_MANAGED},
        traits::{Holdings, KeylessOwners, Standstill},
        AccountId, BankId, BlockNumber, Hash, ManagerSet, OwnerClass, OwnerId, PersonTag, SigningRule,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What joint accounts need from others.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// An active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// Whoever decides on other managers.
        type SupervisorOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Accounts and managers.
        type Owners: KeylessOwners;
        /// Whatever accounts hold.
        type Holdings: Holdings;
        /// Which blocks do not count towards a waiting time.
        type Standstill: Standstill;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Who signs for a joint account; never removed. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type Sets<T> = StorageMap<_, Blake2_128Concat, OwnerId, ManagerSet>;

    /// Accounts of a manager. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type OfManager<T> =
        StorageMap<_, Blake2_128Concat, OwnerId, BoundedVec<OwnerId, ConstU32<MAX_MANAGED>>, ValueQuery>;

    /// Other managers that banks proposed. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type Proposals<T> = StorageMap<_, Blake2_128Concat, OwnerId, Proposal>;

    /// Number of the next one.
    #[pallet::storage]
    pub type NextProposal<T> = StorageValue<_, u32, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A bank opened a joint account.
        Opened {
            /// The account.
            account: OwnerId,
            /// The bank.
            bank: BankId,
            /// Its managers, and how many of them must sign.
            rule: SigningRule,
        },
        /// A joint account has other managers, or another threshold.
        ManagersSet {
            /// The account.
            account: OwnerId,
            /// Version of the set.
            version: u32,
            /// Its managers, and how many of them must sign.
            rule: SigningRule,
        },
        /// A bank proposed other managers for a joint account.
        ManagersProposed {
            /// The account.
            account: OwnerId,
            /// The bank.
            bank: BankId,
            /// Number of the proposal.
            proposal: u32,
            /// First block in which it can be approved, unless payments stand still meanwhile.
            ready: BlockNumber,
        },
        /// A manager objects to a proposal.
        ManagerObjected {
            /// The account.
            account: OwnerId,
            /// Number of the proposal.
            proposal: u32,
            /// The manager.
            manager: OwnerId,
        },
        /// A proposal ended without other managers by it.
        ProposalEnded {
            /// The account.
            account: OwnerId,
            /// Its number.
            proposal: u32,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such joint account.
        UnknownAccount,
        /// Another bank looks after the account.
        NotYourAccount,
        /// The account is closed.
        AccountClosed,
        /// A joint account has two managers at least.
        TooFewManagers,
        /// A manager is named twice.
        ManagerTwice,
        /// The threshold is zero, or above the number of managers.
        BadThreshold,
        /// Nobody is registered under a manager's id.
        UnknownManager,
        /// A manager who is new is suspended, or one is closed.
        ManagerNotActive,
        /// A card's purse is no manager.
        ManagerIsCard,
        /// A joint account is no manager.
        ManagerIsJoint,
        /// A manager has as many accounts as one may.
        TooManyAccounts,
        /// There are not as many signatures as people who must consent.
        SignaturesMissing,
        /// A signature is not that of the present key of the one in whose place it stands, over this.
        BadSignature,
        /// Those who consent, or did, are not the managers who are new, in the order of their seats.
        ConsentMissing,
        /// The account has these managers and this threshold already.
        SameManagers,
        /// A counter would overflow.
        CounterOutOfRange,
        /// A proposal waits already.
        ProposalWaits,
        /// No proposal waits.
        NoProposal,
        /// Another proposal waits than the one named.
        OtherProposal,
        /// More managers object than were named.
        OtherObjections,
        /// The waiting time is not over.
        TooEarly,
        /// The signer is not the present key of a manager of the account.
        NotManager,
        /// The manager objected already.
        AlreadyObjected,
        /// The owner manages joint accounts: others take its seat before it is closed or released.
        ManagesAccounts,
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
        /// Opens a joint account. Every manager signs an [`Opening`](specie_primitives::joint::Opening); the signatures stand
        /// in the order of the seats.
        ///
        /// Origin: an active bank, which vouches for class and tag. `expiry` is the last block in which the signatures hold.
        /// Errors: [`Error::TooFewManagers`], [`Error::ManagerTwice`], [`Error::BadThreshold`], [`Error::UnknownManager`],
        /// [`Error::ManagerNotActive`], [`Error::ManagerIsCard`], [`Error::ManagerIsJoint`], [`Error::TooManyAccounts`],
        /// [`Error::SignaturesMissing`], [`Error::BadSignature`], and the identity pallet's about expiry, id, class and tag.
        /// Event: [`Event::Opened`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::open(rule.managers.len() as u32))]
        pub fn open(
            origin: OriginFor<T>,
            account: OwnerId,
            class: OwnerClass,
            person: Option<PersonTag>,
            rule: SigningRule,
            expiry: BlockNumber,
            signatures: SignatureList,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_open(bank, account, (class, person), rule, expiry, &signatures)
        }

        /// Asks for other managers for an account whose own cannot be reached. Newcomers sign a
        /// [`Replacement`](specie_primitives::joint::Replacement); the signatures stand in the order of their seats.
        ///
        /// Origin: the registering bank. `expiry` is the last block in which the signatures hold. Errors:
        /// [`Error::UnknownAccount`], [`Error::NotYourAccount`], [`Error::AccountClosed`], [`Error::ProposalWaits`],
        /// [`Error::SameManagers`], those of [`Pallet::open`], and the identity pallet's about expiry. Event:
        /// [`Event::ManagersProposed`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::propose(rule.managers.len() as u32))]
        pub fn propose(
            origin: OriginFor<T>,
            account: OwnerId,
            rule: SigningRule,
            expiry: BlockNumber,
            signatures: SignatureList,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_propose(bank, account, rule, expiry, &signatures)
        }

        /// Takes a proposal back.
        ///
        /// Origin: the registering bank. Errors: [`Error::UnknownAccount`], [`Error::NotYourAccount`],
        /// [`Error::NoProposal`]. Event: [`Event::ProposalEnded`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, account: OwnerId) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::account_of(bank, account)?;
            Self::end_proposal(account)
        }

        /// Objects to the proposal for an account that the signer manages. It does not end by that: the supervisor decides,
        /// and names how many objections it has seen.
        ///
        /// Origin: the present key of a manager, suspended or not. Errors: [`Error::NotManager`], [`Error::NoProposal`],
        /// [`Error::AlreadyObjected`]. Event: [`Event::ManagerObjected`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::object())]
        pub fn object(origin: OriginFor<T>, account: OwnerId) -> DispatchResult {
            let signer = ensure_signed(origin)?;
            Self::do_object(&signer, account)
        }

        /// Gives an account the managers of this proposal, against so many objections.
        ///
        /// Origin: the supervisor. Errors: [`Error::UnknownAccount`], [`Error::AccountClosed`], [`Error::NoProposal`],
        /// [`Error::OtherProposal`], [`Error::OtherObjections`], [`Error::TooEarly`], [`Error::NotYourAccount`] if another bank
        /// looks after the account by now, [`Error::ConsentMissing`] if somebody else has the id of a newcomer by now,
        /// [`Error::CounterOutOfRange`], and those of [`Pallet::open`] about managers. Event: [`Event::ManagersSet`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::approve())]
        pub fn approve(origin: OriginFor<T>, account: OwnerId, proposal: u32, objections: u8) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_approve(account, proposal, objections)
        }

        /// Ends a proposal.
        ///
        /// Origin: the supervisor. Errors: [`Error::NoProposal`], [`Error::OtherProposal`]. Event: [`Event::ProposalEnded`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::reject())]
        pub fn reject(origin: OriginFor<T>, account: OwnerId, proposal: u32) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            Self::proposal(account, proposal)?;
            Self::end_proposal(account)
        }
    }
}
