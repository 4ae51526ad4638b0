//! # Codes: payments of which one side shows a code and the other side scans it
//!
//! A payer or a payee shows a [`PaymentCode`](specie_primitives::PaymentCode); the other side scans it and says so in an order
//! ([`Action::Code`](specie_primitives::orders::Action::Code)), so that executing at most once, windows, processors, batches and
//! proofs are those of orders. Money moves from custody to custody, inside a bank or between banks, as the payer's own transfer
//! would.
//!
//! ## Terms
//! * **Generator**: who shows the code, and may have signed it. **Scanner**: the other side, who may have signed the order.
//!   What neither signed is refused.
//! * **Pending payment**: one that waits for its payer's confirmation. Its name is that of the order in which the code was
//!   scanned, so that it means the same on every branch of the chain. Nothing is set aside for it; limits and holds are looked at
//!   when money moves. It takes a place of whoever signed for it, so that no stranger fills up anybody's list.
//! * **Small amounts**: what payees may set without a confirmation, with the payer's signature on the code and their own on the
//!   order, up to a ceiling a payment and a cap a business day. A class has none until the supervisor sets them; an owner switches
//!   them off for itself. They are counted for the owner and for the person behind it, and neither may pass the cap.
//!
//! | the payer signed | the payee signed | money moves |
//! |---|---|---|
//! | the scan: it saw payee and amount | whether or not | at once |
//! | a code for one payment, with the amount | the scan | at once |
//! | another code | the scan | at once as a small amount, else when the payer confirms |
//! | a code for one payment | nothing | when the payer confirms |
//! | nothing | the scan | when the payer confirms |
//! | nothing | a code for one payment | when the payer confirms |
//! | nothing | nothing | never: refused |
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Paid: a scan for which the payer signed enough
//!     [*] --> Pending: any other
//!     Pending --> Paid: confirm, by the payer
//!     Pending --> [*]: refuse, by either side; its last block passed
//!     Paid --> [*]
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`confirm`](Pallet::confirm) | active owner, the payer | has a pending payment made |
//! | [`refuse`](Pallet::refuse) | active owner, payer or payee | has it never made |
//! | [`use_small_amounts`](Pallet::use_small_amounts) | active owner | switches small amounts on or off for itself |
//! | [`set_small_amounts`](Pallet::set_small_amounts) | the supervisor | sets them for a class |
//!
//! ## Invariants
//! * **I1** Nobody pays an amount, or somebody, that it signed nothing for, but for small amounts within their caps.
//! * **I2** A code for one payment makes one at most: it is remembered until its last block, and refused after it.
//! * **I3** [`Due`] lists whatever is remembered once, under its last block; nothing is due before [`ForgottenTo`].
//! * **I4** [`OfOwner`] lists every pending payment under both sides, and [`SignedFor`] counts each once, for who signed.
//! * **I5** A pending payment holds nothing, and what is refused changes nothing.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod answers;
mod impls;
mod memory;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        payment_codes::{CodeId, PendingPayment, SmallAmounts},
        traits::{CodePayments, CustodyTransfers, Owners, Profiles, Signatures, Standstill, Subjects},
        AccountId, Balance, BankId, BlockNumber, Hash, OrderId, OwnerClass, OwnerId, Subject,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What codes need from others.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// An active owner.
        type OwnerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = OwnerId>;
        /// Who sets small amounts.
        type SupervisorOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Who may pay.
        type Owners: Owners;
        /// Who signed.
        type Signatures: Signatures;
        /// Classes of owners, and who stands behind them.
        type Profiles: Profiles;
        /// The business day.
        type Subjects: Subjects;
        /// What moves the money.
        type Custody: CustodyTransfers;
        /// Which blocks do not count.
        type Standstill: Standstill;
        /// Most blocks from a scan to the last block of the code, if that is signed or for one payment.
        #[pallet::constant]
        type MaxCodeLife: Get<BlockNumber>;
        /// Blocks for which a payment waits for its payer's confirmation.
        #[pallet::constant]
        type PendingLife: Get<BlockNumber>;
        /// Weights of the calls and hooks.
        type WeightInfo: WeightInfo;
    }

    /// Last blocks of codes for one payment that were scanned. Identity: the key is a hash.
    #[pallet::storage]
    pub type Used<T> = StorageMap<_, Identity, CodeId, BlockNumber>;

    /// Payments that wait for a confirmation. Identity: the key is a hash.
    #[pallet::storage]
    pub type Pending<T> = StorageMap<_, Identity, OrderId, PendingPayment>;

    /// The same by payer and by payee. Blake2_128Concat: banks supply owner ids, so nothing makes them hashes. Identity: the
    /// second key is a hash.
    #[pallet::storage]
    pub type OfOwner<T> = StorageDoubleMap<_, Blake2_128Concat, OwnerId, Identity, OrderId, ()>;

    /// How many of them an owner signed for. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type SignedFor<T> = StorageMap<_, Blake2_128Concat, OwnerId, u32, ValueQuery>;

    /// What is to be forgotten after a block, by the clock of orders. Twox: blocks are numbered. Identity: an entry is a hash
    /// but for its first byte, of two.
    #[pallet::storage]
    pub type Due<T> = StorageDoubleMap<_, Twox64Concat, BlockNumber, Identity, Entry, ()>;

    /// Everything due in a block before this one is forgotten.
    #[pallet::storage]
    pub type ForgottenTo<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// Small amounts of each class; without an entry there are none. Twox64Concat: there are few classes.
    #[pallet::storage]
    pub type Small<T> = StorageMap<_, Twox64Concat, OwnerClass, SmallAmounts>;

    /// Owners who want none. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type SwitchedOff<T> = StorageMap<_, Blake2_128Concat, OwnerId, ()>;

    /// What was taken in small amounts, by owner and by person. Blake2_128Concat: banks supply owner ids and tags.
    #[pallet::storage]
    pub type Taken<T> = StorageMap<_, Blake2_128Concat, Subject, DayTaken, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A payment by code was made.
        Paid {
            /// The order in which the code was scanned.
            payment: OrderId,
            /// The code.
            code: CodeId,
            /// Who paid.
            payer: OwnerId,
            /// The bank that owed it.
            payer_bank: BankId,
            /// Who was paid.
            payee: OwnerId,
            /// The bank that owes it now.
            payee_bank: BankId,
            /// Minor units.
            amount: Balance,
            /// Whether the payee set the amount, as a small one.
            small: bool,
        },
        /// A payment by code waits for its payer's confirmation.
        Asked {
            /// The order in which the code was scanned.
            payment: OrderId,
            /// The code.
            code: CodeId,
            /// Who is to pay.
            payer: OwnerId,
            /// Who is to be paid.
            payee: OwnerId,
            /// Minor units.
            amount: Balance,
            /// Last block in which it can be confirmed, by the clock of orders.
            until: BlockNumber,
        },
        /// The payer confirmed it: it was made.
        Confirmed {
            /// The order in which the code was scanned.
            payment: OrderId,
            /// Who paid.
            payer: OwnerId,
            /// Who was paid.
            payee: OwnerId,
            /// Minor units.
            amount: Balance,
        },
        /// One side refused it: it is never made.
        Refused {
            /// The order in which the code was scanned.
            payment: OrderId,
            /// Who would have paid.
            payer: OwnerId,
            /// Who would have been paid.
            payee: OwnerId,
            /// Which of them refused.
            by: OwnerId,
        },
        /// Nobody answered it in time.
        Lapsed {
            /// The order in which the code was scanned.
            payment: OrderId,
            /// Who would have paid.
            payer: OwnerId,
            /// Who would have been paid.
            payee: OwnerId,
        },
        /// The small amounts of a class changed.
        SmallAmountsSet {
            /// The class.
            class: OwnerClass,
            /// What they are from now on; `None`: there are none.
            amounts: Option<SmallAmounts>,
        },
        /// An owner switched small amounts on or off for itself.
        SmallAmountsSwitched {
            /// The owner.
            owner: OwnerId,
            /// Whether payees may set them from now on.
            on: bool,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The bytes are no payment code that this network knows.
        BadCode,
        /// The signature of the code is not that of its owner's present key, for this network.
        BadCodeSignature,
        /// Neither side signed.
        NobodySigned,
        /// The code is for several payments: each takes a scanner who signs.
        ScannerMustSign,
        /// Payer and payee are the same owner.
        SameOwner,
        /// The code's last block has passed.
        CodeExpired,
        /// The code needs a last block, and one that is near.
        CodeTooLong,
        /// The code was for one payment and was scanned before.
        CodeUsed,
        /// Neither the code nor the scanner says how much, or it is nothing.
        NoAmount,
        /// The scanner's amount is not the code's.
        AmountDiffers,
        /// The payer is unknown, suspended or closed.
        PayerNotActive,
        /// As many payments wait as one may have signed for.
        TooManyPending,
        /// No such payment waits: it was made, refused or lapsed, or never was.
        UnknownPayment,
        /// The payment's last block has passed.
        PaymentExpired,
        /// Only the payer confirms; only payer and payee refuse.
        NotYours,
        /// What a day allows is less than what a payment does.
        BadSmallAmounts,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_: BlockNumberFor<T>, left: Weight) -> Weight {
            Self::forget(left)
        }

        fn integrity_test() {
            assert!(T::MaxCodeLife::get() > 0 && T::PendingLife::get() > 0, "codes that nobody can use");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Has a payment made that waits for the signer.
        ///
        /// Origin: an active owner, its payer. Errors: [`Error::UnknownPayment`], [`Error::NotYours`],
        /// [`Error::PaymentExpired`], and the custody pallet's as for a transfer. Event: [`Event::Confirmed`], and custody's.
        #[pallet::call_index(0)]
        #[pallet::weight(Pallet::<T>::answer_weight())]
        pub fn confirm(origin: OriginFor<T>, payment: OrderId) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_confirm(owner, payment)
        }

        /// Has a payment never made that waits for its payer.
        ///
        /// Origin: an active owner, its payer or its payee. Errors: [`Error::UnknownPayment`], [`Error::NotYours`].
        /// Event: [`Event::Refused`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::refuse())]
        pub fn refuse(origin: OriginFor<T>, payment: OrderId) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_refuse(owner, payment)
        }

        /// Switches small amounts on or off for the signer. They are on until somebody does, where its class has any.
        ///
        /// Origin: an active owner. Event: [`Event::SmallAmountsSwitched`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::use_small_amounts())]
        pub fn use_small_amounts(origin: OriginFor<T>, on: bool) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            match on {
                true => SwitchedOff::<T>::remove(owner),
                false => SwitchedOff::<T>::insert(owner, ()),
            }
            Self::deposit_event(Event::SmallAmountsSwitched { owner, on });
            Ok(())
        }

        /// Sets the small amounts of a class, in minor units, or that there are none.
        ///
        /// Origin: the supervisor. Errors: [`Error::BadSmallAmounts`]. Event: [`Event::SmallAmountsSet`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_small_amounts())]
        pub fn set_small_amounts(
            origin: OriginFor<T>,
            class: OwnerClass,
            amounts: Option<SmallAmounts>,
        ) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            let in_order = amounts.is_none_or(|amounts| amounts.per_payment <= amounts.per_day);
            ensure!(in_order, Error::<T>::BadSmallAmounts);
            Small::<T>::set(class, amounts);
            Self::deposit_event(Event::SmallAmountsSet { class, amounts });
            Ok(())
        }
    }
}
