//! # Supervision: holds, alerts and mandates
//!
//! The supervising role stops owners, coins and banks, each time with a reason and perhaps an end. It is told of
//! payments that look suspicious. The issuer traces an owner or a coin only with a mandate that two people gave, and
//! every use of it is on record.
//!
//! ## Terms
//! * **Hold**: an owner, a coin or a bank that the supervising role stopped. What that means is enforced where it
//!   matters: by `identity` (suspended by the supervisor), `ownership` (a flag of the entry) and `participants`
//!   (suspended). Here stands why, since when and until when.
//! * **Act**: holding or releasing something, by this pallet's calls or by those of `identity` and `participants`. Acts
//!   are numbered, so that nobody can leave one out of a list of them; they are told as events, and the state keeps the
//!   holds in force.
//! * **Threshold**: from where on what somebody pays within a window raises an **alert**. An alert is an event; it never
//!   stops a payment. Payments are counted for the person behind owners, as limits are, whatever keys they sign with;
//!   coins left for somebody count when they are left.
//! * **Mandate**: leave to trace one owner or one coin. A supervising key opens it and a registry key confirms it.
//!
//! ```mermaid
//! stateDiagram-v2
//!     state "a hold" as hold {
//!         [*] --> Held: hold
//!         Held --> Held: hold (another reason or end)
//!         Held --> [*]: release, or its end
//!     }
//!     state "a mandate" as mandate {
//!         [*] --> Opened: open_mandate
//!         Opened --> InForce: confirm_mandate by another role
//!         InForce --> InForce: trace
//!         Opened --> Over: close_mandate, or its end
//!         InForce --> Over: close_mandate, or its end
//!     }
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`hold`](Pallet::hold), [`release`](Pallet::release) | role supervising | stops owners, coins and banks, lets them go on |
//! | [`set_thresholds`](Pallet::set_thresholds) | role supervising | says what raises alerts |
//! | [`open_mandate`](Pallet::open_mandate) | role supervising | asks for leave to trace |
//! | [`confirm_mandate`](Pallet::confirm_mandate) | role registry | gives it |
//! | [`close_mandate`](Pallet::close_mandate) | role supervising or registry | ends it |
//! | [`trace`](Pallet::trace) | role supervising | records a query before it is made |
//!
//! ## Invariants
//! * **I1** What the supervisor has stopped and what [`Holds`] lists is the same.
//! * **I2** [`Expiries`] lists every hold that has an end once, at the block after its last one, and nothing else.
//! * **I3** A mandate is confirmed by another key than opened it; only while it is in force and for its own target is
//!   anything traced, and [`Traces`] has every use.
//! * **I4** Whoever is behind owners has at most one [`Pattern`], of bounded size, however many keys and owner ids it had
//!   and whomever it paid.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod impls;
pub mod pattern;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use crate::pattern::Pattern;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        traits::{Institutions, Owners, Profiles, Stoppable},
        AccountId, AlertKind, Balance, BankId, BlockNumber, CoinId, Hash, OwnerId, Reason, Subject, Target,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What supervision needs from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// A key with the role supervising.
        type SupervisorOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = AccountId>;
        /// A key with the role registry, which confirms mandates.
        type RegistryOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = AccountId>;
        /// Roles of keys.
        type Institutions: Institutions;
        /// Owners, which can be stopped, and who is behind them.
        type Owners: Owners + Profiles + Stoppable<OwnerId>;
        /// Coins, which can be stopped.
        type Coins: Stoppable<CoinId>;
        /// Banks, which can be stopped.
        type Banks: Stoppable<BankId>;
        /// Blocks for which a mandate can be given, at most.
        #[pallet::constant]
        type MaxMandateLife: Get<BlockNumber>;
        /// Most uses of one mandate.
        #[pallet::constant]
        type MaxTraces: Get<u32>;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Holds in force. Blake2_128Concat: banks supply the ids of owners.
    #[pallet::storage]
    pub type Holds<T> = StorageMap<_, Blake2_128Concat, Target, Hold>;

    /// Holds that end before a block. Twox64Concat: the chain counts blocks.
    #[pallet::storage]
    pub type Expiries<T> = StorageMap<_, Twox64Concat, BlockNumber, Targets, ValueQuery>;

    /// Number of the next act.
    #[pallet::storage]
    pub type NextAct<T> = StorageValue<_, u32, ValueQuery>;

    /// What raises alerts; nothing does while it is `None`.
    #[pallet::storage]
    pub type Thresholds<T> = StorageValue<_, AlertThresholds>;

    /// What was paid lately, for those who paid while thresholds were set. Blake2_128Concat: banks supply owner ids and
    /// person tags.
    #[pallet::storage]
    pub type Patterns<T> = StorageMap<_, Blake2_128Concat, Subject, Pattern, ValueQuery>;

    /// Number of the next alert.
    #[pallet::storage]
    pub type NextAlert<T> = StorageValue<_, u32, ValueQuery>;

    /// Every mandate ever opened. Twox64Concat: the system numbers them.
    #[pallet::storage]
    pub type Mandates<T> = StorageMap<_, Twox64Concat, u32, Mandate>;

    /// Number of the next mandate.
    #[pallet::storage]
    pub type NextMandate<T> = StorageValue<_, u32, ValueQuery>;

    /// Every use of a mandate. Twox64Concat: the system numbers them.
    #[pallet::storage]
    pub type Traces<T> = StorageMap<_, Twox64Concat, u32, Trace>;

    /// Number of the next use.
    #[pallet::storage]
    pub type NextTrace<T> = StorageValue<_, u32, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Something is held, or held for another reason or time than before.
        Held {
            /// Number of the act.
            act: u32,
            /// The key that did it; `None` when a call of another pallet did, with whatever key.
            by: Option<AccountId>,
            /// What is held.
            targets: Targets,
            /// Why.
            reason: Reason,
            /// Last block of the hold.
            until: Option<BlockNumber>,
        },
        /// Something goes on.
        Released {
            /// Number of the act.
            act: u32,
            /// The key that did it; `None` when a call of another pallet did, with whatever key.
            by: Option<AccountId>,
            /// What was held.
            targets: Targets,
        },
        /// Holds came to their end.
        Expired {
            /// What was held.
            targets: Targets,
        },
        /// Other payments raise alerts from now on.
        ThresholdsSet {
            /// Which.
            thresholds: Option<AlertThresholds>,
        },
        /// What an owner pays looks suspicious.
        Alerted {
            /// Number of the alert.
            alert: u32,
            /// Who paid.
            owner: OwnerId,
            /// In which way.
            kind: AlertKind,
            /// What was measured within the window, in the kind's unit.
            measure: Balance,
            /// Payee of the payment that raised it.
            payee: OwnerId,
            /// Value of that payment in minor units.
            value: Balance,
        },
        /// A mandate waits for the second person.
        MandateOpened {
            /// Its number.
            mandate: u32,
            /// Who opened it.
            by: AccountId,
            /// What is to be traced.
            target: Target,
            /// Why.
            reason: Reason,
            /// Hash of the text that it rests on.
            authority: Hash,
            /// Its last block.
            until: BlockNumber,
        },
        /// A mandate is in force.
        MandateConfirmed {
            /// Its number.
            mandate: u32,
            /// Who confirmed it.
            by: AccountId,
        },
        /// A mandate is over before its time.
        MandateClosed {
            /// Its number.
            mandate: u32,
            /// Who closed it.
            by: AccountId,
        },
        /// A mandate is used.
        Traced {
            /// Number of the use.
            trace: u32,
            /// Number of the mandate.
            mandate: u32,
            /// Who asks.
            by: AccountId,
            /// Hash of the query.
            query: Hash,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The list is empty.
        NothingNamed,
        /// The list names something twice.
        NamedTwice,
        /// A reason must be stated.
        NoReason,
        /// The last block is past.
        ExpiryPassed,
        /// Too many holds end in that block: choose another one.
        TooManyExpiries,
        /// With the cards of these owners it is too much for one act: name fewer at once.
        TooManyCards,
        /// It is not held.
        NotHeld,
        /// A threshold is zero, the window or the number of payees is out of range, or amounts are not ascending.
        BadThresholds,
        /// Only owners and coins are traced: what a bank does is no secret.
        NotTraceable,
        /// The mandate would last longer than a mandate may.
        MandateTooLong,
        /// There is no such mandate.
        UnknownMandate,
        /// The mandate was closed.
        MandateClosed,
        /// The mandate's last block is past.
        MandateExpired,
        /// The mandate is not confirmed: another role must do that.
        MandateNotConfirmed,
        /// The mandate is confirmed already.
        AlreadyConfirmed,
        /// A mandate takes two people: another key must confirm it.
        SameKey,
        /// The key that opened the mandate does not have the role supervising any more.
        OpenerNotSupervising,
        /// The mandate is for another owner or coin.
        ForeignMandate,
        /// The mandate was used as often as a mandate may be.
        TooManyTraces,
        /// A counter would overflow.
        CounterOutOfRange,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// Releases what is not held any more from this block on.
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            T::WeightInfo::expire(Self::expire(Self::now()))
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Holds owners, coins and banks: all of them or none. What is held already gets this reason and end instead. The
        /// purses of an owner's cards are held along with it, but for those that are held for a reason of their own.
        ///
        /// Origin: role supervising. `until` is the last block of the hold. A coin must have an entry in the register:
        /// one that never left a vault is in nobody's hands. Errors: [`Error::NothingNamed`], [`Error::NamedTwice`],
        /// [`Error::NoReason`], [`Error::ExpiryPassed`], [`Error::TooManyExpiries`], [`Error::TooManyCards`], and those of the
        /// pallets where it is unknown, closed or retired. Event: [`Event::Held`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::hold(most(targets)))]
        pub fn hold(
            origin: OriginFor<T>,
            targets: Targets,
            reason: Reason,
            until: Option<BlockNumber>,
        ) -> DispatchResult {
            let by = T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_hold(by, targets, reason, until)
        }

        /// Lets go on what is held: all of it or nothing, and the purses that were held along. An owner that its bank suspended
        /// as well stays suspended by it, and so does the purse of a card whose holder is not active.
        ///
        /// Origin: role supervising. Errors: [`Error::NothingNamed`], [`Error::NotHeld`]. Event: [`Event::Released`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::release(most(targets)))]
        pub fn release(origin: OriginFor<T>, targets: Targets) -> DispatchResult {
            let by = T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_release(by, targets)
        }

        /// Says what raises alerts; `None` switches them off. Counting begins anew only when the window changes.
        ///
        /// Origin: role supervising. Errors: [`Error::BadThresholds`]. Event: [`Event::ThresholdsSet`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_thresholds())]
        pub fn set_thresholds(origin: OriginFor<T>, thresholds: Option<AlertThresholds>) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            ensure!(thresholds.is_none_or(|thresholds| thresholds.are_sound()), Error::<T>::BadThresholds);
            Thresholds::<T>::set(thresholds);
            Self::deposit_event(Event::ThresholdsSet { thresholds });
            Ok(())
        }

        /// Opens a mandate to trace an owner or a coin. It allows nothing until it is confirmed.
        ///
        /// Origin: role supervising. `authority` is the hash of the text that it rests on, `until` its last block. Everybody
        /// who reads the chain sees which owner id or coin it is for. Errors: [`Error::NotTraceable`], [`Error::NoReason`],
        /// [`Error::ExpiryPassed`], [`Error::MandateTooLong`]. Event: [`Event::MandateOpened`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::open_mandate())]
        pub fn open_mandate(
            origin: OriginFor<T>,
            target: Target,
            reason: Reason,
            authority: Hash,
            until: BlockNumber,
        ) -> DispatchResult {
            let by = T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_open_mandate(by, target, reason, authority, until)
        }

        /// Confirms a mandate, which is in force from then on.
        ///
        /// Origin: role registry, with another key than opened it. Errors: [`Error::UnknownMandate`],
        /// [`Error::MandateClosed`], [`Error::MandateExpired`], [`Error::AlreadyConfirmed`], [`Error::SameKey`],
        /// [`Error::OpenerNotSupervising`]. Event: [`Event::MandateConfirmed`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::confirm_mandate())]
        pub fn confirm_mandate(origin: OriginFor<T>, mandate: u32) -> DispatchResult {
            let by = T::RegistryOrigin::ensure_origin(origin)?;
            Self::do_confirm_mandate(by, mandate)
        }

        /// Ends a mandate before its time, confirmed or not.
        ///
        /// Origin: role supervising or registry. Errors: [`Error::UnknownMandate`], [`Error::MandateClosed`],
        /// [`Error::MandateExpired`]. Event: [`Event::MandateClosed`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::close_mandate())]
        pub fn close_mandate(origin: OriginFor<T>, mandate: u32) -> DispatchResult {
            let by = match T::SupervisorOrigin::try_origin(origin) {
                Ok(by) => by,
                Err(origin) => T::RegistryOrigin::ensure_origin(origin)?,
            };
            Self::do_close_mandate(by, mandate)
        }

        /// Records that a mandate is used, before the query is made.
        ///
        /// Origin: role supervising. `target` must be the mandate's; `query` is the hash of the query. Errors:
        /// [`Error::UnknownMandate`], [`Error::ForeignMandate`], [`Error::MandateNotConfirmed`], [`Error::MandateClosed`],
        /// [`Error::MandateExpired`], [`Error::TooManyTraces`]. Event: [`Event::Traced`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::trace())]
        pub fn trace(origin: OriginFor<T>, mandate: u32, target: Target, query: Hash) -> DispatchResult {
            let by = T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_trace(by, mandate, target, query)
        }
    }
}
