//! # Custody: owners' accounts at banks
//!
//! One fungible asset per bank; an owner's balance of it is what the bank owes the owner. Accounts are owner ids
//! seen as account ids. Owners turn custody into coins of the bank's vault and back; the bank credits and debits
//! at its counter, and never promises more than its own funds. It credits its customers only: owners that it looks after,
//! and those that have custody with it already. A stranger's credit would fill an owner's balance limit and keep its account
//! from being closed or released.
//!
//! Owners send custody to each other. Inside a bank it changes whom the bank owes; between banks reserves move with it in the
//! same call, so that no bank's own funds change. The payee must be a customer of the bank that is to owe it: nobody else
//! chooses whose promise it holds. Only between its own accounts an owner opens one wherever it likes.
//!
//! ## Terms
//! * **Queue**: transfers to other banks that the reserve of the payer's bank does not cover, if the bank lets them wait
//!   ([`QueuePolicy`](specie_primitives::QueuePolicy)) and the payer named a last block. Their custody is *set aside*: it
//!   left the payer's account, and the bank owes it still.
//! * **Netting**: transfers of several queues that settle together, see [`netting`]. It looks at the heads of all queues in
//!   every block that has room, and whenever somebody asks for it.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Settled: transfer (the reserve covers it)
//!     [*] --> Waiting: transfer (it does not)
//!     Waiting --> Settled: settle, every block
//!     Waiting --> [*]: cancel_transfer, its last block passed, payer or payee may not pay or be paid any more
//!     Settled --> [*]
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`credit`](Pallet::credit) | active bank | adds to a customer's account |
//! | [`debit`](Pallet::debit) | active bank | takes from an owner's account |
//! | [`withdraw`](Pallet::withdraw) | active owner | custody into coins of the bank's vault |
//! | [`deposit`](Pallet::deposit) | active owner | coins into the bank's vault for custody |
//! | [`transfer`](Pallet::transfer) | active owner | custody to another owner, or to its own account at another bank |
//! | [`cancel_transfer`](Pallet::cancel_transfer) | the payer, its bank; anyone after its last block | gives back what waits |
//! | [`set_queue`](Pallet::set_queue) | active bank | says what becomes of transfers that its reserve does not cover |
//! | [`prioritise`](Pallet::prioritise) | active bank | puts one of them first |
//! | [`settle`](Pallet::settle) | anyone who signs | looks at the queues now |
//!
//! A transfer that waits settles only while its payer may pay: one who is stopped meanwhile, for a loss or by the supervisor,
//! has it back with the next look, in an account from which it pays nothing. Limits take a transfer for paid from the block in
//! which it was signed, and for held by the payer until it settles. Blocks in which payments stood still do not count towards a
//! last block.
//!
//! ## Invariants
//! * **I1** The supply of a bank's asset equals the sum of its accounts, and each account is an owner's, the queue's or the pot of
//!   escrows.
//! * **I2** Own funds of a bank (reserve + vault − custody) never fall below zero (M6).
//! * **I3** Nobody but this pallet changes a custody balance.
//! * **I4** What the queue's account of a bank holds equals the sum of the transfers in its queue (M7).
//! * **I5** [`OfPayer`] counts every transfer that waits, once.
//!
//! What is in escrow lies in a pot at each bank; the pallet `escrow` fills it and gives out of it.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod answers;
mod impls;
pub mod netting;
mod pots;
mod queue;
mod transfers;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use frame_support::{
        pallet_prelude::*,
        traits::fungibles::{Create, Inspect, Mutate},
    };
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        books::CustodyFlows,
        bounds,
        custody::ReturnReason,
        traits::{Banks, Limits, Owners, Standstill, Vaults, Watch},
        AccountId, Balance, BankId, BlockNumber, CoinId, CoinRef, CustodyTransfer, Lot, OwnerId, QueuePolicy,
        Selection, TransferId, MAX_NETTED,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What custody needs from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// Where balances are kept.
        type Assets: Inspect<AccountId, AssetId = AssetId, Balance = Balance> + Mutate<AccountId> + Create<AccountId>;
        /// An active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// An active owner.
        type OwnerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = OwnerId>;
        /// Banks.
        type Banks: Banks;
        /// Owners.
        type Owners: Owners;
        /// How much may be held.
        type Limits: Limits;
        /// The vaults coins come from and go to, and reserves.
        type Vaults: Vaults;
        /// Who looks at payments.
        type Watch: Watch;
        /// Which blocks do not count.
        type Standstill: Standstill;
        /// Most blocks for which a transfer waits.
        #[pallet::constant]
        type MaxWait: Get<BlockNumber>;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Flows of a bank's custody accounts. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type Flows<T> = StorageMap<_, Twox64Concat, BankId, CustodyFlows, ValueQuery>;

    /// Transfers that wait for the reserve of a bank, first the one that is next. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type Queues<T> = StorageMap<_, Twox64Concat, BankId, BoundedVec<Queued, bounds::Queued>, ValueQuery>;

    /// What a bank does with transfers that its reserve does not cover. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type Policies<T> = StorageMap<_, Twox64Concat, BankId, QueuePolicy, ValueQuery>;

    /// Number of the next transfer that waits.
    #[pallet::storage]
    pub type NextTransfer<T> = StorageValue<_, TransferId, ValueQuery>;

    /// What waits of each payer. Blake2_128Concat: banks supply owner ids, so nothing makes them hashes.
    #[pallet::storage]
    pub type OfPayer<T> = StorageMap<_, Blake2_128Concat, OwnerId, Waiting, ValueQuery>;

    /// Custody balances and coins that owners of a development network have from the start.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Credited by the bank.
        pub credits: Vec<(OwnerId, BankId, Balance)>,
        /// Withdrawn as coins.
        pub withdrawals: Vec<(OwnerId, BankId, Vec<Lot>)>,
        #[serde(skip)]
        #[doc(hidden)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let credited = self
                .credits
                .iter()
                .try_for_each(|(owner, bank, amount)| Pallet::<T>::do_credit(*bank, *owner, *amount));
            let withdrawn = self.withdrawals.iter().try_for_each(|(owner, bank, lots)| {
                let fresh = lots.clone().try_into().map_err(|_| Error::<T>::NothingSelected)?;
                Pallet::<T>::do_withdraw(*owner, *bank, Selection { fresh, coins: Default::default() })
            });
            assert!(credited.and(withdrawn).is_ok(), "custody in genesis: {credited:?} {withdrawn:?}");
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A bank added to an owner's account.
        Credited {
            /// The bank.
            bank: BankId,
            /// The owner.
            owner: OwnerId,
            /// Minor units.
            amount: Balance,
        },
        /// A bank took from an owner's account.
        Debited {
            /// The bank.
            bank: BankId,
            /// The owner.
            owner: OwnerId,
            /// Minor units.
            amount: Balance,
        },
        /// An owner took coins out of custody.
        Withdrawn {
            /// The bank.
            bank: BankId,
            /// The owner.
            owner: OwnerId,
            /// Minor units.
            value: Balance,
            /// The coins.
            coins: Vec<CoinId>,
        },
        /// An owner paid coins into custody.
        Deposited {
            /// The bank.
            bank: BankId,
            /// The owner.
            owner: OwnerId,
            /// Minor units.
            value: Balance,
            /// The coins.
            coins: Vec<CoinId>,
        },
        /// Custody went from account to account; between banks reserves moved with it.
        Transferred {
            /// The bank that owed it.
            from_bank: BankId,
            /// Who paid.
            from: OwnerId,
            /// The bank that owes it now.
            to_bank: BankId,
            /// Who was paid.
            to: OwnerId,
            /// Minor units.
            amount: Balance,
        },
        /// Custody was set aside: the bank's reserve does not cover the transfer now.
        TransferQueued {
            /// Number of the transfer.
            transfer: TransferId,
            /// The bank that owes it.
            from_bank: BankId,
            /// Who pays.
            from: OwnerId,
            /// The bank that is to owe it.
            to_bank: BankId,
            /// Who is to be paid.
            to: OwnerId,
            /// Minor units.
            amount: Balance,
            /// Last block in which it settles, unless payments stand still meanwhile.
            expires: BlockNumber,
        },
        /// A transfer that waited was made; reserves moved with it.
        TransferSettled {
            /// Number of the transfer.
            transfer: TransferId,
            /// The bank that owed it.
            from_bank: BankId,
            /// Who paid.
            from: OwnerId,
            /// The bank that owes it now.
            to_bank: BankId,
            /// Who was paid.
            to: OwnerId,
            /// Minor units.
            amount: Balance,
        },
        /// A transfer that waited was not made: the payer has its custody again.
        TransferReturned {
            /// Number of the transfer.
            transfer: TransferId,
            /// The bank that owes it.
            from_bank: BankId,
            /// Who has it again.
            from: OwnerId,
            /// The bank that would have owed it.
            to_bank: BankId,
            /// Who would have been paid.
            to: OwnerId,
            /// Minor units.
            amount: Balance,
            /// Why.
            reason: ReturnReason,
        },
        /// A bank said what becomes of transfers that its reserve does not cover.
        QueueSet {
            /// The bank.
            bank: BankId,
            /// What it does with them.
            policy: QueuePolicy,
        },
        /// A bank put a transfer first in its queue.
        Prioritised {
            /// The bank.
            bank: BankId,
            /// Number of the transfer.
            transfer: TransferId,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The amount is zero.
        ZeroAmount,
        /// The owner's account at this bank has less.
        CustodyTooLow,
        /// The bank would owe more than its reserve and vault.
        OwnFundsTooLow,
        /// A list in the call is empty or too long.
        NothingSelected,
        /// The owner still has money in custody.
        CustodyLeft,
        /// The bank still owes owners.
        BankOwes,
        /// A counter would overflow.
        CounterOutOfRange,
        /// The supervisor holds the owner: its bank takes nothing from its account either.
        OwnerHeld,
        /// Another bank looks after the owner, which has no custody at this one.
        NotCustomer,
        /// Both sides are the same account.
        SameAccount,
        /// The bank of the payer or of the payee is suspended or closed, or never was.
        BankNotActive,
        /// The reserve of the payer's bank does not cover the transfer now, and it does not wait: the bank lets none wait, or
        /// the payer named no last block.
        ReserveTooLow,
        /// The last block is not in the future.
        ExpiryTooSoon,
        /// The transfer would wait for too long a time.
        ExpiryTooFar,
        /// As many transfers wait at the bank as may.
        QueueFull,
        /// As many transfers of the payer wait as may: fewer at a bank whose queue is half full.
        TooManyWaiting,
        /// No such transfer waits at this bank: it settled or went back, or never was.
        UnknownTransfer,
        /// Only the payer and its bank cancel a transfer before its last block has passed.
        NotYours,
        /// Transfers of the owner still wait.
        TransfersWaiting,
        /// Nothing waits.
        NothingWaits,
        /// The payee of a transfer that would wait may not hold so much.
        PayeeOverLimit,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// Settles what can settle of the heads of the queues, as far as the block has room.
        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            Self::settle_within(remaining)
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Adds to a customer's account, out of the bank's own funds.
        ///
        /// Origin: an active bank. Errors: [`Error::ZeroAmount`], [`Error::NotCustomer`], [`Error::OwnFundsTooLow`], the
        /// identity pallet's when the owner is unknown or closed, and the limits pallet's. Event: [`Event::Credited`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::credit())]
        pub fn credit(origin: OriginFor<T>, owner: OwnerId, amount: Balance) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_credit(bank, owner, amount)
        }

        /// Takes from an owner's account at this bank, for instance for cash at the counter.
        ///
        /// Origin: an active bank. Errors: [`Error::ZeroAmount`], [`Error::OwnerHeld`], [`Error::CustodyTooLow`].
        /// Event: [`Event::Debited`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::debit())]
        pub fn debit(origin: OriginFor<T>, owner: OwnerId, amount: Balance) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_debit(bank, owner, amount)
        }

        /// Turns custody at a bank into coins of that bank's vault.
        ///
        /// Origin: an active owner. Errors: [`Error::CustodyTooLow`], and the vault's when the bank is not active or
        /// has too few such coins. Event: [`Event::Withdrawn`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw(crate::types::counted(selection)))]
        pub fn withdraw(origin: OriginFor<T>, bank: BankId, selection: Selection) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_withdraw(owner, bank, selection)
        }

        /// Pays coins into a bank's vault; the owner's account there rises by their value.
        ///
        /// Origin: an active owner. Errors: the register's when a coin is not the owner's, the vault's when the bank
        /// is not active. Event: [`Event::Deposited`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::deposit(coins.len() as u32))]
        pub fn deposit(
            origin: OriginFor<T>,
            bank: BankId,
            coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
        ) -> DispatchResult {
            let owner = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_deposit(owner, bank, coins)
        }

        /// Sends custody at one bank to an owner's account at another, or at the same. If the reserve of the payer's bank does
        /// not cover it, it waits until `expires`, provided that the bank lets transfers wait; what it came to is told by the
        /// event.
        ///
        /// Origin: an active owner. Errors: [`Error::ZeroAmount`], [`Error::SameAccount`], [`Error::BankNotActive`],
        /// [`Error::NotCustomer`], [`Error::CustodyTooLow`], [`Error::ReserveTooLow`], [`Error::ExpiryTooSoon`],
        /// [`Error::ExpiryTooFar`], [`Error::QueueFull`], [`Error::TooManyWaiting`], [`Error::PayeeOverLimit`], the identity pallet's when the payee is
        /// unknown or closed, and the limits pallet's. Events: [`Event::Transferred`] or [`Event::TransferQueued`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::transfer().saturating_add(T::Watch::weight()))]
        pub fn transfer(
            origin: OriginFor<T>,
            from_bank: BankId,
            to_bank: BankId,
            to: OwnerId,
            amount: Balance,
            expires: Option<BlockNumber>,
        ) -> DispatchResult {
            let from = T::OwnerOrigin::ensure_origin(origin)?;
            Self::do_transfer(from, &CustodyTransfer { from_bank, to_bank, to, amount, expires })?;
            Ok(())
        }

        /// Gives what waits at a bank back to its payer, even to one that is suspended or held.
        ///
        /// Origin: the payer while it is active, the bank; anyone who signs after the last block.
        /// Errors: [`Error::UnknownTransfer`], [`Error::NotYours`]. Event: [`Event::TransferReturned`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::cancel_transfer())]
        pub fn cancel_transfer(origin: OriginFor<T>, bank: BankId, transfer: TransferId) -> DispatchResult {
            let (owner, at) = match T::OwnerOrigin::try_origin(origin) {
                Ok(owner) => (Some(owner), None),
                Err(origin) => match T::BankOrigin::try_origin(origin) {
                    Ok(at) => (None, Some(at)),
                    Err(origin) => {
                        ensure_signed(origin)?;
                        (None, None)
                    },
                },
            };
            Self::do_cancel(bank, transfer, owner, at)
        }

        /// Says what becomes of transfers that the bank's reserve does not cover; without it, they are refused. What waits
        /// already goes on waiting.
        ///
        /// Origin: an active bank. Event: [`Event::QueueSet`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::set_queue())]
        pub fn set_queue(origin: OriginFor<T>, policy: QueuePolicy) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Policies::<T>::insert(bank, policy);
            Self::deposit_event(Event::QueueSet { bank, policy });
            Ok(())
        }

        /// Puts a transfer first in the bank's queue.
        ///
        /// Origin: an active bank. Errors: [`Error::UnknownTransfer`]. Event: [`Event::Prioritised`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::prioritise())]
        pub fn prioritise(origin: OriginFor<T>, transfer: TransferId) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_prioritise(bank, transfer)
        }

        /// Settles what can settle of the heads of the queues, and gives back what cannot any more, as every block does that
        /// has room.
        ///
        /// Origin: anyone who signs. Errors: [`Error::NothingWaits`].
        /// Events: [`Event::TransferSettled`] and [`Event::TransferReturned`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::settle(MAX_NETTED))]
        pub fn settle(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            ensure!(Queues::<T>::iter_keys().next().is_some(), Error::<T>::NothingWaits);
            let looked = Self::settle_heads(MAX_NETTED);
            Ok(Some(T::WeightInfo::settle(looked)).into())
        }
    }
}
