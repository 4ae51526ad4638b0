//! # Escrow: custody that payer and payee set aside together
//!
//! Both sign an order ([`Action::Hold`](specie_primitives::orders::Action)) that sets custody of the payer aside for the payee. Its
//! name is the escrow's. What is set aside lies in a pot of the payer's bank, which owes it still. Out of there it goes to the
//! payee or back to the payer, in parts or at once, in these ways and no other:
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Open: an order of both
//!     Open --> Open: a part of it
//!     Open --> Paid: release, by the payer
//!     Open --> Returned: an order of both
//!     Open --> Disputed: dispute, by either side before the last block has passed
//!     Open --> Paid: the last block passed, and that was agreed
//!     Open --> Returned: the last block passed, and that was agreed
//!     Disputed --> Paid: release
//!     Disputed --> Returned: an order of both
//!     Disputed --> Over: decide, by the supervisor, any split
//!     Disputed --> Over: nobody decided in time, as agreed
//! ```
//!
//! So no side alone takes what is not its own to give, and none keeps the other waiting for ever.
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`release`](Pallet::release) | active owner, the payer | pays the payee a part or all |
//! | [`dispute`](Pallet::dispute) | active owner, either side, once each | has the supervisor decide |
//! | [`decide`](Pallet::decide) | role supervising | splits what is left |
//! | [`conclude`](Pallet::conclude) | anyone who signs | has the agreed outcome come about, as every block does that has room |
//!
//! Orders do the same for owners who do not send calls themselves, and for what takes both: setting aside, and giving back.
//!
//! ## Terms
//! * **Due**: after this block the agreed outcome comes about. It is the block that both agreed on; a dispute puts it off until the
//!   supervisor has had [`Config::DecisionTime`], counted from the last block for what is disputed later. Blocks in which payments
//!   stood still do not count.
//! * **Held**: until it is paid, what is in escrow counts as held by the payer, and as paid since the day on which it was set aside.
//!
//! ## When the side that loses by the agreed outcome is stopped
//! Be it that owner, or so many managers of a joint account that the others are too few. It cannot dispute, and after a loss it may
//! not have agreed at all: unless the supervisor has had its time after the last block,
//! it is asked, as if that side had disputed in the last block.
//!
//! ## When the agreed outcome is that the payee is paid
//! * Nothing flows from a payer whom the supervisor holds: the escrow waits, and the supervisor may decide it.
//! * While the payer's bank is suspended, the escrow waits. For the payee's bank, for a reserve that does not cover it and for a
//!   payee that may not hold so much it waits for [`Config::Patience`]. Then a payee gets it as custody at the *payer's* bank, for
//!   which no reserve is needed; and one that still may not hold all of it gets what it may: the rest goes back.
//!
//! A bank that is closed owes nothing: what it was to owe a payee, the payer's bank does, at once.
//!
//! What waits is looked at every [`Config::Pause`] blocks and holds up nothing else. Giving back works even to a payer that is stopped
//! and at a bank that is: the payer had it before.
//!
//! ## Invariants
//! * **I1** What a pot holds equals what is left of the escrows at that bank (M7).
//! * **I2** [`OfPayer`] counts every escrow and what is left of it once, [`OfPayee`] what is left of it; [`OfOwner`] lists it under
//!   both sides.
//! * **I3** [`Due`] lists every escrow once, under the block after which it is looked at, and nothing before [`LookedTo`].
//! * **I4** Something is left of every escrow, and payer and payee are two owners.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use impls::Reach;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod answers;
mod impls;
mod outcome;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        books::EscrowFlows,
        escrow::EscrowEnd,
        traits::{Banks, EscrowPots, JointAccounts, Limits, Owners, Standstill, Watch},
        AccountId, AtExpiry, Balance, BankId, BlockNumber, Hash, OrderId, OwnerId, Reason,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What escrows need from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// An active owner.
        type OwnerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = OwnerId>;
        /// A key with the role supervising.
        type SupervisorOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = AccountId>;
        /// Banks.
        type Banks: Banks;
        /// Who may pay and be paid.
        type Owners: Owners;
        /// Who signs for joint accounts.
        type Joint: JointAccounts;
        /// Where it lies.
        type Pots: EscrowPots;
        /// How much may be paid and held.
        type Limits: Limits;
        /// Who looks at payments.
        type Watch: Watch;
        /// Which blocks do not count.
        type Standstill: Standstill;
        /// Most blocks from now to the last block of an escrow.
        #[pallet::constant]
        type MaxLife: Get<BlockNumber>;
        /// Blocks that the supervisor has to decide.
        #[pallet::constant]
        type DecisionTime: Get<BlockNumber>;
        /// Blocks after which a payment goes another way that nothing but a bank, its reserve or the payee's limit holds up.
        #[pallet::constant]
        type Patience: Get<BlockNumber>;
        /// Blocks between two looks at an escrow whose outcome waits.
        #[pallet::constant]
        type Pause: Get<BlockNumber>;
        /// Weights of the calls and hooks.
        type WeightInfo: WeightInfo;
    }

    /// Escrows that are open. Identity: the key is a hash.
    #[pallet::storage]
    pub type Escrows<T> = StorageMap<_, Identity, OrderId, Escrow>;

    /// Escrows in which an owner is payer or payee. Blake2_128Concat: banks supply owner ids, so nothing makes them hashes.
    /// Identity: the second key is a hash.
    #[pallet::storage]
    pub type OfOwner<T> = StorageDoubleMap<_, Blake2_128Concat, OwnerId, Identity, OrderId, ()>;

    /// What is open of each payer. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type OfPayer<T> = StorageMap<_, Blake2_128Concat, OwnerId, Open, ValueQuery>;

    /// What is left for each payee, in minor units. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type OfPayee<T> = StorageMap<_, Blake2_128Concat, OwnerId, Balance, ValueQuery>;

    /// What is looked at after a block. Twox: blocks are numbered. Identity: the second key is a hash.
    #[pallet::storage]
    pub type Due<T> = StorageDoubleMap<_, Twox64Concat, BlockNumber, Identity, OrderId, ()>;

    /// Everything due in a block before this one has been looked at.
    #[pallet::storage]
    pub type LookedTo<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// What passed through the escrows at a bank. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type Flows<T> = StorageMap<_, Twox64Concat, BankId, EscrowFlows, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Payer and payee set custody aside.
        Held {
            /// The escrow.
            escrow: OrderId,
            /// The bank that owes it.
            from_bank: BankId,
            /// Who pays.
            payer: OwnerId,
            /// The bank that is to owe it.
            to_bank: BankId,
            /// Who is to be paid.
            payee: OwnerId,
            /// Minor units.
            amount: Balance,
            /// The last block that was agreed on, by the clock of orders.
            expires: BlockNumber,
            /// The outcome for the time after it.
            at_expiry: AtExpiry,
            /// Hash of the contract, if there is one.
            reference: Option<Hash>,
        },
        /// The payee got a part, or all; between banks reserves moved with it.
        Paid {
            /// The escrow.
            escrow: OrderId,
            /// The bank that owed it.
            from_bank: BankId,
            /// Who paid.
            payer: OwnerId,
            /// The bank that owes it now.
            to_bank: BankId,
            /// Who was paid.
            payee: OwnerId,
            /// Minor units.
            amount: Balance,
            /// How it came to this.
            by: EscrowEnd,
        },
        /// The payer got a part back, or all.
        Returned {
            /// The escrow.
            escrow: OrderId,
            /// The bank that owes it.
            from_bank: BankId,
            /// Who has it again.
            payer: OwnerId,
            /// Who would have been paid.
            payee: OwnerId,
            /// Minor units.
            amount: Balance,
            /// How it came to this.
            by: EscrowEnd,
        },
        /// The supervisor is asked.
        Disputed {
            /// The escrow.
            escrow: OrderId,
            /// By whom; `None` because the side that was to lose what is left was stopped.
            by: Option<OwnerId>,
            /// Last block before the agreed outcome comes about all the same, by the clock of orders.
            due: BlockNumber,
        },
        /// The supervisor decided, and what was left went where this says.
        Decided {
            /// The escrow.
            escrow: OrderId,
            /// The key that decided.
            by: AccountId,
            /// What the payee got.
            to_payee: Balance,
            /// What the payer got back.
            to_payer: Balance,
            /// Why.
            reason: Reason,
        },
        /// The payee cannot be paid now.
        Postponed {
            /// The escrow.
            escrow: OrderId,
            /// It is looked at again after this block, by the clock of orders.
            look: BlockNumber,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// Payer and payee are the same owner.
        SameOwner,
        /// There is no such escrow: it is over, or never was.
        UnknownEscrow,
        /// There is such an escrow already.
        EscrowExists,
        /// The bank of the payer or of the payee is suspended or closed, or never was.
        BankNotActive,
        /// The last block is not in the future.
        ExpiryTooSoon,
        /// The last block is too far away.
        ExpiryTooFar,
        /// As many escrows of the payer are open as may be.
        TooManyEscrows,
        /// The payee may not hold so much.
        PayeeOverLimit,
        /// Less is left than that.
        AmountTooHigh,
        /// Only the payer releases.
        NotPayer,
        /// These are not payer and payee of the escrow.
        NotParties,
        /// This side has asked the supervisor before.
        AlreadyDisputed,
        /// The last block has passed.
        TooLate,
        /// Nobody asked the supervisor, and it holds neither side.
        NotDisputed,
        /// A reason must be stated.
        NoReason,
        /// The last block has not passed.
        NotDue,
        /// The payee cannot be paid now: the supervisor holds the payer, a bank is suspended, the reserve does not cover it, or the
        /// payee may not hold so much.
        OutcomeWaits,
        /// The supervisor holds the payer.
        OwnerHeld,
        /// Escrows that name it are open.
        EscrowsOpen,
        /// A counter would overflow or fall below zero.
        CounterOutOfRange,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// Has agreed outcomes come about, as far as the block has room.
        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            Self::conclude_within(remaining)
        }

        fn integrity_test() {
            assert!(T::MaxLife::get() > 0, "no block is a last block");
            assert!(T::Pause::get() > 0, "what waits is looked at without an end");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Pays the payee a part of what is left, or all.
        ///
        /// Origin: an active owner, the payer. Errors: [`Error::UnknownEscrow`], [`Error::NotPayer`], [`Error::OwnerHeld`],
        /// [`Error::AmountTooHigh`], [`Error::BankNotActive`], custody's for nothing and when the reserve does not cover it, and the
        /// limits pallet's when the payee may not hold so much. Event: [`Event::Paid`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::release())]
        pub fn release(origin: OriginFor<T>, escrow: OrderId, amount: Balance) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_release(owner, escrow, amount)
        }

        /// Has the supervisor decide. The agreed outcome comes about only if it does not in time; releases and what both agree on
        /// go on.
        ///
        /// Origin: an active owner, payer or payee. Errors: [`Error::UnknownEscrow`], [`Error::NotParties`], [`Error::TooLate`],
        /// [`Error::AlreadyDisputed`]. Event: [`Event::Disputed`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::dispute())]
        pub fn dispute(origin: OriginFor<T>, escrow: OrderId) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_dispute(owner, escrow)
        }

        /// Has the agreed outcome come about, as every block does that has room.
        ///
        /// Origin: anyone who signs. Errors: [`Error::UnknownEscrow`], [`Error::NotDue`], [`Error::OutcomeWaits`].
        /// Events: [`Event::Paid`], [`Event::Returned`] or both, or [`Event::Disputed`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::conclude())]
        pub fn conclude(origin: OriginFor<T>, escrow: OrderId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_conclude(escrow)
        }

        /// Decides a dispute, or an escrow of somebody who is held: the payee gets this much of what is left, in minor units, and the
        /// payer the rest. If the payee's bank cannot owe it now, the payer's bank does.
        ///
        /// Origin: role supervising. Errors: [`Error::UnknownEscrow`], [`Error::NotDisputed`], [`Error::NoReason`],
        /// [`Error::AmountTooHigh`], and the limits pallet's when the payee may not hold so much.
        /// Events: [`Event::Decided`], [`Event::Paid`], [`Event::Returned`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::decide())]
        pub fn decide(origin: OriginFor<T>, escrow: OrderId, to_payee: Balance, reason: Reason) -> DispatchResult {
            let by = T::SupervisorOrigin::ensure_origin(origin)?;
            Self::do_decide(by, escrow, to_payee, reason)
        }
    }
}
