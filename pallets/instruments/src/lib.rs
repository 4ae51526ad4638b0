//! # Instruments: bills, vouchers and securities in owners' hands
//!
//! A bank or the issuer defines an instrument: what it is, who may hold it, whether holders pass it on, how much of it there is
//! at most, and until when. Units are balances of owners beside their custody. They move with their owner's signature and in
//! no other way: neither the institution nor the supervisor takes any.
//!
//! Two owners exchange something for something, both legs or none
//! ([`InstrumentTransfers::exchange`](specie_primitives::traits::InstrumentTransfers::exchange)): units for money is delivery
//! versus payment. Both sign, so that goes through orders.
//!
//! ## Terms
//! * **Institution**: who defined the instrument, and issues its units.
//! * **Agent**: an owner whom the institution names, a firm of its own for instance. Units go to it and come from it whatever the
//!   rules for others are: through it the institution sells units and takes them back for payment. An institution is no owner
//!   and has no purse.
//! * **Given back** (redeemed): destroyed by the owner who had them.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Issued: define, issue
//!     Issued --> Paused: pause
//!     Paused --> Issued: resume
//!     Issued --> Matured: after its last block
//!     Matured --> [*]: redeem, close
//!     Issued --> [*]: redeem, close
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`define`](Pallet::define) | active bank, role issuing | makes an instrument without units |
//! | [`issue`](Pallet::issue) | the institution | gives new units to an owner |
//! | [`transfer`](Pallet::transfer) | active owner | gives units to another owner |
//! | [`redeem`](Pallet::redeem) | active owner | gives units back: they are no more |
//! | [`list`](Pallet::list), [`unlist`](Pallet::unlist) | the institution | says who may hold units, where a list does |
//! | [`set_agent`](Pallet::set_agent) | the institution | names its agent, or nobody |
//! | [`pause`](Pallet::pause), [`resume`](Pallet::resume) | the institution, the supervisor | stops units, each for itself; what an institution stopped still goes back |
//! | [`close`](Pallet::close) | the institution | ends an instrument that nobody holds |
//!
//! Limits of classes are limits of money: units count for none. While the bank that defined an instrument is not active, units
//! only go back. Blocks in which payments stood still do not count towards a last block.
//!
//! ## Invariants
//! * **I1** Issued less given back is the supply that the pallet of balances counts (M9), and the sum of the owners' balances.
//! * **I2** [`Portfolios`] lists what every owner holds, and nothing else.
//! * **I3** Nobody but this pallet changes a balance of units, and none falls without its owner's signature.
//! * **I4** [`OpenOf`] counts the instruments of each institution; no bank closes that has one.
//! * **I5** What moved in a block is compared at its end, at most as much as the block's weight paid for.
//! * **I6** Whoever gets an owner id that was released is neither an agent nor on a list by it.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod answers;
mod exchange;
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
        traits::fungibles::{Create, Destroy, Inspect, Mutate},
    };
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        instruments::InstrumentFlows,
        traits::{Banks, CoinPayments, CustodyTransfers, Owners, Standstill},
        AccountId, AssetId, Balance, BankId, BlockNumber, Institution, InstrumentId, OwnerId, Terms,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What instruments need from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// Where balances are kept.
        type Assets: Inspect<AccountId, AssetId = AssetId, Balance = Balance>
            + Mutate<AccountId>
            + Create<AccountId>
            + Destroy<AccountId>;
        /// Who defines instruments of the issuer.
        type IssuingOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// An active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// Who may stop any instrument.
        type SupervisorOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// An active owner.
        type OwnerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = OwnerId>;
        /// Banks.
        type Banks: Banks;
        /// Owners.
        type Owners: Owners;
        /// Legs of coins.
        type Coins: CoinPayments;
        /// Legs of custody.
        type Custody: CustodyTransfers;
        /// Which blocks do not count.
        type Standstill: Standstill;
        /// Weights of the calls and hooks.
        type WeightInfo: WeightInfo;
    }

    /// Instruments. Twox: the system numbers them.
    #[pallet::storage]
    pub type Known<T> = StorageMap<_, Twox64Concat, InstrumentId, Instrument>;

    /// Number of the next one.
    #[pallet::storage]
    pub type NextInstrument<T> = StorageValue<_, InstrumentId, ValueQuery>;

    /// Units issued and given back. Twox: the system numbers instruments.
    #[pallet::storage]
    pub type Flows<T> = StorageMap<_, Twox64Concat, InstrumentId, InstrumentFlows, ValueQuery>;

    /// What each owner holds any units of. Blake2_128Concat: banks supply owner ids. Twox: the system numbers instruments.
    #[pallet::storage]
    pub type Portfolios<T> = StorageDoubleMap<_, Blake2_128Concat, OwnerId, Twox64Concat, InstrumentId, ()>;

    /// Who may hold units of an instrument that has a list, and since which block. Twox: the system numbers instruments.
    /// Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type Listed<T> = StorageDoubleMap<_, Twox64Concat, InstrumentId, Blake2_128Concat, OwnerId, BlockNumber>;

    /// How many instruments each institution has. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type OpenOf<T> = StorageMap<_, Twox64Concat, Institution, u32, ValueQuery>;

    /// Instruments that moved in this block, as often as they did. What a block executes bounds it. While payments stand still
    /// it keeps what moved last.
    #[pallet::storage]
    #[pallet::unbounded]
    pub type Moved<T> = StorageValue<_, Vec<InstrumentId>, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// There is a new instrument.
        Defined {
            /// The instrument.
            instrument: InstrumentId,
            /// Who defined it.
            institution: Institution,
        },
        /// Units were issued.
        Issued {
            /// The instrument.
            instrument: InstrumentId,
            /// Who issued them.
            institution: Institution,
            /// Who has them.
            to: OwnerId,
            /// How many.
            amount: Balance,
        },
        /// Units went from owner to owner.
        Transferred {
            /// The instrument.
            instrument: InstrumentId,
            /// Who had them.
            from: OwnerId,
            /// Who has them.
            to: OwnerId,
            /// How many.
            amount: Balance,
        },
        /// Units were given back, and are no more.
        Redeemed {
            /// The instrument.
            instrument: InstrumentId,
            /// To whom.
            institution: Institution,
            /// Who had them.
            owner: OwnerId,
            /// How many.
            amount: Balance,
        },
        /// Two owners gave each other something; what it was is told before.
        Exchanged {
            /// The one, who gave first.
            one: OwnerId,
            /// The other.
            other: OwnerId,
        },
        /// An owner may hold an instrument.
        HolderListed {
            /// The instrument.
            instrument: InstrumentId,
            /// The owner.
            owner: OwnerId,
        },
        /// It gets no more of it, and keeps what it has.
        HolderUnlisted {
            /// The instrument.
            instrument: InstrumentId,
            /// The owner.
            owner: OwnerId,
        },
        /// An institution named another agent.
        AgentSet {
            /// The instrument.
            instrument: InstrumentId,
            /// The agent, if there is one.
            agent: Option<OwnerId>,
        },
        /// Somebody stopped an instrument, or ended that for itself.
        PauseSet {
            /// The instrument.
            instrument: InstrumentId,
            /// Who stops it now.
            paused: Paused,
        },
        /// An instrument is no more.
        InstrumentClosed {
            /// The instrument.
            instrument: InstrumentId,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The name is no text that people see as it is, the symbol is not of ASCII letters and digits behind a letter, there
        /// are too many decimals, the most is zero or too much, or an issuer's instrument is for customers.
        BadTerms,
        /// The last block is not in the future.
        MaturesTooSoon,
        /// The institution has as many instruments as it may.
        TooManyInstruments,
        /// There is no such instrument.
        UnknownInstrument,
        /// Another institution defined the instrument.
        NotYours,
        /// The amount is zero.
        ZeroAmount,
        /// The owner has fewer units.
        UnitsTooLow,
        /// There would be more units than the terms allow.
        OverMost,
        /// A counter would overflow.
        CounterOutOfRange,
        /// The institution or the supervisor stopped the instrument.
        InstrumentPaused,
        /// The last block has passed: units only go back.
        Matured,
        /// Holders do not pass it on: units only go back.
        NotTransferable,
        /// The terms do not let this owner hold it.
        MayNotHold,
        /// A bank issues to its own customers; others buy.
        NotCustomer,
        /// The bank that defined it is suspended: units only go back.
        InstitutionNotActive,
        /// Both sides are the same owner.
        SameOwner,
        /// Both legs are of the same thing: what one gives comes back.
        SameLegs,
        /// Custody of an exchange never waits for reserves.
        WouldWait,
        /// The owner is on the list already.
        AlreadyListed,
        /// The owner is not on the list.
        NotListed,
        /// There is nothing to stop, or to end.
        NothingToChange,
        /// Owners hold units still, or what was issued and given back differs.
        UnitsOut,
        /// Owners are on the list still.
        ListNotEmpty,
        /// The owner holds units of instruments.
        UnitsLeft,
        /// The bank has instruments.
        InstrumentsLeft,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            // What did not balance stays in sight until it does: payments are resumed only then.
            if !T::Standstill::stands_still() {
                Moved::<T>::kill();
            }
            T::WeightInfo::each_block()
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Makes an instrument without units and without an agent. Its terms never change.
        ///
        /// Origin: an active bank, the role issuing. Errors: [`Error::BadTerms`], [`Error::MaturesTooSoon`],
        /// [`Error::TooManyInstruments`]. Event: [`Event::Defined`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::define())]
        pub fn define(origin: OriginFor<T>, terms: Terms) -> DispatchResult {
            let who = ensure_signed(origin.clone())?;
            let institution = Self::institution(origin)?;
            Self::do_define(who, institution, terms)
        }

        /// Gives new units to an owner. A bank issues to its own customers: others would not be asked.
        ///
        /// Origin: the institution. Errors: [`Error::UnknownInstrument`], [`Error::NotYours`], [`Error::ZeroAmount`],
        /// [`Error::InstrumentPaused`], [`Error::Matured`], [`Error::MayNotHold`], [`Error::NotCustomer`], [`Error::OverMost`],
        /// [`Error::CounterOutOfRange`], the identity pallet's when the owner is unknown or closed. Event: [`Event::Issued`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::issue())]
        pub fn issue(origin: OriginFor<T>, instrument: InstrumentId, to: OwnerId, amount: Balance) -> DispatchResult {
            let institution = Self::institution(origin)?;
            Self::do_issue(institution, instrument, to, amount)
        }

        /// Gives units to another owner.
        ///
        /// Origin: an active owner. Errors: [`Error::UnknownInstrument`], [`Error::ZeroAmount`], [`Error::SameOwner`],
        /// [`Error::InstrumentPaused`], [`Error::InstitutionNotActive`], [`Error::Matured`], [`Error::NotTransferable`],
        /// [`Error::MayNotHold`], [`Error::UnitsTooLow`], the identity pallet's when the other is unknown or closed.
        /// Event: [`Event::Transferred`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::transfer())]
        pub fn transfer(
            origin: OriginFor<T>,
            instrument: InstrumentId,
            to: OwnerId,
            amount: Balance,
        ) -> DispatchResult {
            let from = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_transfer(from, to, instrument, amount)
        }

        /// Gives units back for nothing: they are no more. Who wants payment for them exchanges them with the agent.
        ///
        /// Origin: an active owner. Errors: [`Error::UnknownInstrument`], [`Error::ZeroAmount`],
        /// [`Error::InstrumentPaused`] if the supervisor stopped it, [`Error::UnitsTooLow`]. Event: [`Event::Redeemed`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::redeem())]
        pub fn redeem(origin: OriginFor<T>, instrument: InstrumentId, amount: Balance) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_redeem(owner, instrument, amount)
        }

        /// Lets an owner hold an instrument that has a list. It need not agree: nothing comes to it by that.
        ///
        /// Origin: the institution. Errors: [`Error::UnknownInstrument`], [`Error::NotYours`], [`Error::AlreadyListed`], the
        /// identity pallet's when the owner is unknown or closed. Event: [`Event::HolderListed`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::list())]
        pub fn list(origin: OriginFor<T>, instrument: InstrumentId, owner: OwnerId) -> DispatchResult {
            Self::own(origin, instrument)?;
            Self::do_list(instrument, owner)
        }

        /// Ends that. What the owner has it keeps, passes on or gives back.
        ///
        /// Origin: the institution. Errors: [`Error::UnknownInstrument`], [`Error::NotYours`], [`Error::NotListed`].
        /// Event: [`Event::HolderUnlisted`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::list())]
        pub fn unlist(origin: OriginFor<T>, instrument: InstrumentId, owner: OwnerId) -> DispatchResult {
            Self::own(origin, instrument)?;
            Listed::<T>::take(instrument, owner).ok_or(Error::<T>::NotListed)?;
            Self::deposit_event(Event::HolderUnlisted { instrument, owner });
            Ok(())
        }

        /// Names the owner through whom the institution sells units and takes them back, or nobody.
        ///
        /// Origin: the institution. Errors: [`Error::UnknownInstrument`], [`Error::NotYours`], the identity pallet's when the
        /// owner is unknown or closed. Event: [`Event::AgentSet`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::list())]
        pub fn set_agent(origin: OriginFor<T>, instrument: InstrumentId, agent: Option<OwnerId>) -> DispatchResult {
            let record = Self::own(origin, instrument)?;
            Self::do_set_agent(instrument, record, agent)
        }

        /// Stops an instrument: nothing is issued or passed on, and if the supervisor stops it, nothing is given back.
        ///
        /// Origin: the institution, the supervisor. Errors: [`Error::UnknownInstrument`], [`Error::NotYours`],
        /// [`Error::NothingToChange`]. Event: [`Event::PauseSet`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::pause())]
        pub fn pause(origin: OriginFor<T>, instrument: InstrumentId) -> DispatchResult {
            Self::set_paused(origin, instrument, true)
        }

        /// Ends what the signer's side stopped. It stays stopped while the other side does.
        ///
        /// Origin: the institution, the supervisor. Errors: [`Error::UnknownInstrument`], [`Error::NotYours`],
        /// [`Error::NothingToChange`]. Event: [`Event::PauseSet`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::pause())]
        pub fn resume(origin: OriginFor<T>, instrument: InstrumentId) -> DispatchResult {
            Self::set_paused(origin, instrument, false)
        }

        /// Ends an instrument that nobody holds and whose list is empty.
        ///
        /// Origin: the institution. Errors: [`Error::UnknownInstrument`], [`Error::NotYours`], [`Error::UnitsOut`],
        /// [`Error::ListNotEmpty`]. Event: [`Event::InstrumentClosed`].
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::close())]
        pub fn close(origin: OriginFor<T>, instrument: InstrumentId) -> DispatchResult {
            let record = Self::own(origin, instrument)?;
            Self::do_close(instrument, record.institution)
        }
    }
}
