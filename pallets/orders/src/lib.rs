//! # Orders: documents that are executed at most once, whoever brings them
//!
//! Instead of a transaction an owner signs an [`Order`](specie_primitives::Order), which travels by any channel and is
//! submitted by whoever holds it. The chain executes it once, with the payer's rights, limits and holds; a second try says so.
//! Anybody admitted submits one; banks and admitted processors submit many in one call, of which each succeeds or fails by
//! itself.
//!
//! ## Terms
//! * **Clock**: blocks without those in which payments stood still. Orders name their first and last block by it, so that a
//!   stop shifts every deadline; it never goes back, so that nothing that expired is good again.
//! * **Processor**: a bank, or an owner whom the issuer admitted for it, that hands out *processing numbers*. An order that
//!   bears one is that processor's alone until the number expires; then it is anybody's. What a number means, and that none is
//!   given twice, is the processor's business.
//! * **Joint account**: a party for which managers sign, see the pallet `joint`. The order names the version of their set, and
//!   signatures the seats of managers, ascending: as many as must sign, or more, all of them good.
//! * **Verdict**: what came of an order. A refused order is no error of the call, which would undo the others.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Executed: submit
//!     [*] --> Cancelled: cancel, or an order for it
//!     Executed --> [*]: forgotten after its last block
//!     Cancelled --> [*]: forgotten after its last block
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`submit`](Pallet::submit) | anyone who signs; for several an active bank or an admitted processor | executes orders |
//! | [`cancel`](Pallet::cancel) | active owner | takes its consent to an order back |
//! | [`admit_processor`](Pallet::admit_processor) | role admitting | lets an owner submit several, and hand out numbers |
//! | [`dismiss_processor`](Pallet::dismiss_processor) | role admitting | ends that |
//!
//! What was executed in a block enters a list of all such blocks ([`Accumulator`](specie_primitives::accumulator::Accumulator)),
//! whose hash stands in the block's header: so that an order can be shown to have been executed after the chain forgot it.
//!
//! ## Invariants
//! * **I1** An order is executed at most once: it is remembered until its last block, and refused after it.
//! * **I2** [`Due`] lists whatever is remembered once, under its last block; nothing is due before [`ForgottenTo`].
//! * **I3** A refused order changes nothing.
//! * **I4** What an order does is what a call of the payer does: nothing here moves value by itself.
//! * **I5** [`Event::Submitted`] follows the events of the orders that it names, and nothing comes between.
//! * **I6** An owner id that is closed or released is no processor's.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod impls;
mod processors;
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
        accumulator::Accumulator,
        orders::{Executed, OrderList, Outcome, MAX_ORDERS_PER_CALL},
        traits::{
            CodePayments, CoinPayments, CustodyForms, CustodyTransfers, EscrowOrders, InstrumentTransfers,
            JointAccounts, Owners, Signatures, Standstill,
        },
        AccountId, BankId, BlockNumber, Hash, OrderId, OwnerId,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What orders need from others.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// An active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// An active owner.
        type OwnerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = OwnerId>;
        /// Who admits processors.
        type AdmittingOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Who may pay.
        type Owners: Owners;
        /// Who signed.
        type Signatures: Signatures;
        /// Who signs for joint accounts.
        type Joint: JointAccounts;
        /// Payments with coins.
        type Coins: CoinPayments;
        /// What transfers custody.
        type Custody: CustodyTransfers;
        /// Escrows.
        type Escrows: EscrowOrders;
        /// Payments by codes.
        type Codes: CodePayments;
        /// What turns custody into coins and back.
        type Forms: CustodyForms;
        /// What moves units of instruments, and has owners exchange.
        type Instruments: InstrumentTransfers;
        /// Which blocks do not count.
        type Standstill: Standstill;
        /// Most blocks from the first to the last in which an order may be executed: for so long it is remembered.
        #[pallet::constant]
        type MaxWindow: Get<BlockNumber>;
        /// Most blocks from now to the last block of an order that is cancelled.
        #[pallet::constant]
        type MaxAhead: Get<BlockNumber>;
        /// Weights of the calls and hooks.
        type WeightInfo: WeightInfo;
    }

    /// Orders that were executed and whose last block has not passed. Identity: the key is a hash.
    #[pallet::storage]
    pub type Done<T> = StorageMap<_, Identity, OrderId, Executed>;

    /// Last blocks of orders that an owner takes no part in any more. Identity: the first key is a hash. Blake2_128Concat: banks
    /// supply owner ids, so nothing makes them hashes.
    #[pallet::storage]
    pub type Cancelled<T> = StorageDoubleMap<_, Identity, OrderId, Blake2_128Concat, OwnerId, BlockNumber>;

    /// What is to be forgotten after a block. Twox: blocks are numbered. Identity: an entry begins with a hash.
    #[pallet::storage]
    pub type Due<T> = StorageDoubleMap<_, Twox64Concat, BlockNumber, Identity, Entry, ()>;

    /// Everything due in a block before this one, by the clock, is forgotten.
    #[pallet::storage]
    pub type ForgottenTo<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// Owners that submit several orders in a call, and hand out numbers. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type Processors<T> = StorageMap<_, Blake2_128Concat, OwnerId, ()>;

    /// Orders that were executed in this block. What a block executes bounds it.
    #[pallet::storage]
    #[pallet::unbounded]
    pub type Latest<T> = StorageValue<_, Vec<OrderId>, ValueQuery>;

    /// The blocks in which orders were executed.
    #[pallet::storage]
    pub type Blocks<T> = StorageValue<_, Accumulator, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Somebody submitted orders.
        Submitted {
            /// Who.
            submitter: AccountId,
            /// What came of each, in the order of the call.
            outcomes: BoundedVec<Outcome, ConstU32<MAX_ORDERS_PER_CALL>>,
            /// How many events each of them deposited, in the same order: they stand directly in front of this one.
            events: BoundedVec<u32, ConstU32<MAX_ORDERS_PER_CALL>>,
        },
        /// An owner took its consent to an order back.
        OrderCancelled {
            /// The order.
            order: OrderId,
            /// The owner.
            owner: OwnerId,
            /// The order's last block.
            valid_until: BlockNumber,
        },
        /// An owner may submit several orders in a call.
        ProcessorAdmitted {
            /// The owner.
            owner: OwnerId,
        },
        /// It may not any more.
        ProcessorDismissed {
            /// The owner.
            owner: OwnerId,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The call names no order.
        NoOrders,
        /// Several orders come from banks and admitted processors only.
        NotProcessor,
        /// The order's last block has passed: nobody executes it any more.
        OrderExpired,
        /// The order's last block is too far away to be remembered until then: cancel it later.
        OrderTooFar,
        /// The order was executed.
        OrderExecuted,
        /// The owner is a processor already.
        AlreadyProcessor,
        /// The owner submits several orders in a call: whoever has its id after it must not.
        StillProcessor,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// Charges what [`Hooks::on_finalize`] will use.
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Latest::<T>::kill();
            T::WeightInfo::each_block()
        }

        fn on_idle(_: BlockNumberFor<T>, left: Weight) -> Weight {
            Self::forget(left)
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            Self::close_block();
        }

        fn integrity_test() {
            assert!(T::MaxWindow::get() > 0, "no order has a last block");
            assert!(T::MaxWindow::get() <= T::MaxAhead::get(), "orders that cannot be cancelled");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Executes orders, each as it was encoded and signed. What came of each stands in the event: no refusal of one is an
        /// error of the call.
        ///
        /// Origin: anyone who signs; for several orders an active bank or an admitted processor. Errors: [`Error::NoOrders`],
        /// [`Error::NotProcessor`]. Event: [`Event::Submitted`], and those of what was executed.
        #[pallet::call_index(0)]
        #[pallet::weight(Pallet::<T>::weight_of(orders))]
        pub fn submit(origin: OriginFor<T>, orders: OrderList) -> DispatchResult {
            let submitter = ensure_signed(origin.clone())?;
            ensure!(!orders.is_empty(), Error::<T>::NoOrders);
            let processor = Self::processor(origin);
            ensure!(orders.len() == 1 || processor.is_some(), Error::<T>::NotProcessor);
            Self::do_submit(submitter, processor, &orders);
            Ok(())
        }

        /// Takes the signer's consent to an order back, whoever holds it, be it the payer's or another party's. Of an order in
        /// which it has no part this changes nothing.
        ///
        /// Origin: an active owner. Errors: [`Error::OrderExpired`], [`Error::OrderTooFar`], [`Error::OrderExecuted`].
        /// Event: [`Event::OrderCancelled`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::cancel())]
        pub fn cancel(origin: OriginFor<T>, order: OrderId, valid_until: BlockNumber) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_cancel(owner, order, valid_until)
        }

        /// Lets an owner submit several orders in a call, and hand out processing numbers.
        ///
        /// Origin: role admitting. Errors: [`Error::AlreadyProcessor`], and the identity pallet's when the owner is unknown
        /// or closed. Event: [`Event::ProcessorAdmitted`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::admit_processor())]
        pub fn admit_processor(origin: OriginFor<T>, owner: OwnerId) -> DispatchResult {
            T::AdmittingOrigin::ensure_origin(origin)?;
            T::Owners::ensure_payable(owner)?;
            ensure!(!Processors::<T>::contains_key(owner), Error::<T>::AlreadyProcessor);
            Processors::<T>::insert(owner, ());
            Self::deposit_event(Event::ProcessorAdmitted { owner });
            Ok(())
        }

        /// Ends that. Orders with its numbers are anybody's once those expire. Before it the owner is neither closed nor
        /// released.
        ///
        /// Origin: role admitting. Errors: [`Error::NotProcessor`]. Event: [`Event::ProcessorDismissed`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::dismiss_processor())]
        pub fn dismiss_processor(origin: OriginFor<T>, owner: OwnerId) -> DispatchResult {
            T::AdmittingOrigin::ensure_origin(origin)?;
            Processors::<T>::take(owner).ok_or(Error::<T>::NotProcessor)?;
            Self::deposit_event(Event::ProcessorDismissed { owner });
            Ok(())
        }
    }
}
