//! # Limits: how much owners pay and hold
//!
//! Every owner has a class, every class its limits: of a payment, of the payments of a day, of what may be held after
//! something was received. They count for the *subject* behind an owner: the person or firm that a bank verified, with
//! all its owner ids at all banks, or else the one owner.
//!
//! Whatever moves value tells this pallet through [`Limits`](specie_primitives::traits::Limits).
//!
//! ## Terms
//! * **Paid**: the gross value that a subject's owners gave to other owners on a business day. What comes back does not
//!   count against it, nor does money that a bank credits or pays out at its counter.
//! * **Held**: coins in purses and custody at all banks, of all owners of a subject.
//! * **Business day**: a day of local time by the [`Calendar`]. Working days and holidays come with the calendar of frozen
//!   deposits; limits count by days of every kind.
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`set_limits`](Pallet::set_limits) | the supervisor | sets the limits of a class |
//! | [`set_calendar`](Pallet::set_calendar) | the supervisor | sets when business days begin, summer time for instance |
//!
//! ## Invariants
//! * **I1** What is recorded as held equals the holdings of the subject's owners, for every subject.
//! * **I2** Nothing is recorded for an owner that counts for a person.
//! * **I3** Changes of the calendar are in order, and one is in force.
//! * **I4** What is recorded as paid on a day is at least what all present owners of the subject paid that day, whatever
//!   class or subject they had then. So neither another class nor another tag renews a limit.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::DayUsage;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use frame_support::{pallet_prelude::*, traits::Time};
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        limits::{CalendarChange, MAX_CALENDAR},
        traits::{Holdings, Profiles},
        ClassLimits, OwnerClass, Subject,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What limits need from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// Whoever sets limits and the calendar.
        type SupervisorOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Classes and subjects of owners.
        type Profiles: Profiles;
        /// Whatever owners hold.
        type Holdings: Holdings;
        /// The clock, in milliseconds since 1970.
        type Time: Time<Moment = u64>;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Limits of each class; without an entry there are none. Twox64Concat: there are few classes.
    #[pallet::storage]
    pub type Classes<T> = StorageMap<_, Twox64Concat, OwnerClass, ClassLimits, ValueQuery>;

    /// What each subject pays and holds. Blake2_128Concat: banks supply owner ids and tags.
    #[pallet::storage]
    pub type Usage<T> = StorageMap<_, Blake2_128Concat, Subject, DayUsage, ValueQuery>;

    /// When business days begin: changes in the order in which they take effect.
    #[pallet::storage]
    pub type Calendar<T> = StorageValue<_, BoundedVec<CalendarChange, ConstU32<MAX_CALENDAR>>, ValueQuery>;

    /// The limits and the calendar of the first block.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Limits of classes, in minor units.
        pub classes: Vec<(OwnerClass, ClassLimits)>,
        /// How many minutes local time is ahead of UTC.
        pub offset_minutes: i16,
        #[doc(hidden)]
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            self.classes.iter().for_each(|(class, limits)| Classes::<T>::insert(class, limits));
            let changes = [CalendarChange { from_ms: 0, offset_minutes: self.offset_minutes }];
            let valid = specie_primitives::limits::is_calendar(&changes, 0);
            assert!(valid, "genesis of limits: business days begin at most 14 hours from midnight UTC");
            let calendar: BoundedVec<_, ConstU32<MAX_CALENDAR>> = BoundedVec::truncate_from(changes.to_vec());
            Calendar::<T>::put(calendar);
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The limits of a class changed.
        LimitsSet {
            /// The class.
            class: OwnerClass,
            /// Its limits from now on, in minor units.
            limits: ClassLimits,
        },
        /// The calendar changed.
        CalendarSet {
            /// Its changes of local time.
            changes: BoundedVec<CalendarChange, ConstU32<MAX_CALENDAR>>,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The payment is above the payer's limit of a payment.
        OverPaymentLimit,
        /// The payment and what was paid today are above the payer's limit of a day.
        OverDailyLimit,
        /// The payee would hold more than it may.
        PayeeOverBalanceLimit,
        /// The owner would hold more than it may.
        OverBalanceLimit,
        /// The owner is not registered.
        UnknownOwner,
        /// A counter would overflow or fall below zero.
        CounterOutOfRange,
        /// Changes of the calendar are not in order, none is in force, or one is of more than 14 hours.
        BadCalendar,
        /// With this calendar today would be another day.
        DayWouldChange,
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
        /// Sets the limits of a class, in minor units, from the next payment on. Who holds more than the new limit keeps it
        /// and receives nothing.
        ///
        /// Origin: the supervisor. Event: [`Event::LimitsSet`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::set_limits())]
        pub fn set_limits(origin: OriginFor<T>, class: OwnerClass, limits: ClassLimits) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            Classes::<T>::insert(class, limits);
            Self::deposit_event(Event::LimitsSet { class, limits });
            Ok(())
        }

        /// Sets the calendar. Today stays the same day: nobody's limits are renewed by it.
        ///
        /// Origin: the supervisor. Errors: [`Error::BadCalendar`], [`Error::DayWouldChange`].
        /// Event: [`Event::CalendarSet`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_calendar())]
        pub fn set_calendar(
            origin: OriginFor<T>,
            changes: BoundedVec<CalendarChange, ConstU32<MAX_CALENDAR>>,
        ) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_set_calendar(changes)
        }
    }
}
