//! # Cards: a key in a secure element, with a purse of its own
//!
//! The issuer makes cards for banks. A bank hands one out to somebody whose name nobody asks for, or binds it to an owner
//! that it verified. From then on the card's key signs for the card's *purse*, which is an owner like any other: limits,
//! payments, change, pickup and records know of no cards.
//!
//! ## Terms
//! * **Card key**: an ed25519 key that never leaves its secure element. It is an account: its signature under a
//!   transaction is as good as an owner's sr25519 one.
//! * **Purse**: the owner behind a card. Its id comes from the network's number and the first card's key and is told from
//!   that of any person, see [`purse_id`](specie_primitives::cards::purse_id). No call of the pallet `identity` opens,
//!   rekeys, moves or closes it.
//! * **Holder**: the owner that a card is bound to. Limits count for the person behind it, and with it go its cards'
//!   bank, class and suspension.
//! * **Loss code**: comes with a card, sealed, from the issuer. A key derived from it, the *loss key*, signs the
//!   replacement of an anonymous card. Neither chain nor bank knows the code, and without it the money on a lost anonymous
//!   card is lost like a banknote. See `docs/protocol/cards.md`.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Blank: personalise
//!     Blank --> InUse: hand_out, bind, replace (as the new card)
//!     InUse --> Lost: report_lost
//!     Lost --> InUse: found
//!     Lost --> Replaced: replace
//!     Blank --> Withdrawn: withdraw
//!     InUse --> Withdrawn: withdraw (if the purse is empty)
//!     Lost --> Withdrawn: withdraw (if the purse is empty)
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`personalise`](Pallet::personalise) | the registry | makes cards for a bank |
//! | [`withdraw`](Pallet::withdraw) | the registry | takes a card back |
//! | [`hand_out`](Pallet::hand_out) | the bank that it was made for | hands it out to nobody in particular |
//! | [`bind`](Pallet::bind) | the bank that it was made for, with the holder's consent | hands it out to an owner |
//! | [`report_lost`](Pallet::report_lost) | the bank that looks after it, or the holder | stops its purse from paying |
//! | [`found`](Pallet::found) | whoever reported the loss | lets it pay again |
//! | [`replace`](Pallet::replace) | the bank that looks after it, with evidence | gives its purse to another card |
//! | [`set_allowance`](Pallet::set_allowance) | the supervisor | sets how many cards may lie at a bank |
//!
//! ## Invariants
//! * **I1** Every card has a key of its own, and [`NumberOf`] knows it for good.
//! * **I2** A card has a purse if and only if it is in use or lost; the purse's current key is the card's, and
//!   [`CardOf`] names the card. Every purse that is not closed is some card's.
//! * **I3** The purse of a lost card is suspended, and so is that of a card whose holder is not active.
//! * **I4** [`CardsOf`] lists the cards of every holder that are in use or lost.
//! * **I5** The purse of a card with a holder counts for the holder's person in the holder's class, or, if the holder is not
//!   verified any more, for itself as an anonymous card. That of a card without one is of the class of anonymous cards.
//! * **I6** [`Undelivered`] is the number of blank cards of a bank.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::Card;
pub use weights::WeightInfo;

mod answers;
mod impls;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use sp_core::{ed25519, sr25519};
    use specie_primitives::{
        cards::{NewCard, Reporter, MAX_CARDS_PER_CALL, MAX_CARDS_PER_HOLDER},
        traits::{Banks, Purses, Standstill},
        AccountId, BankId, BlockNumber, CardNumber, Hash, OwnerId,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What cards need from others.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// Whoever makes cards.
        type RegistryOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Whoever says how many cards may lie at a bank.
        type SupervisorOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// An active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// An active owner.
        type OwnerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = OwnerId>;
        /// Banks.
        type Banks: Banks;
        /// Purses and holders.
        type Purses: Purses;
        /// Which blocks do not count towards a waiting time.
        type Standstill: Standstill;
        /// Number of the network.
        type NetworkId: Get<u32>;
        /// How many cards may lie at a bank of which the supervisor did not say.
        #[pallet::constant]
        type UsualAllowance: Get<u32>;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Every card. Twox: the system numbers them.
    #[pallet::storage]
    pub type Cards<T> = StorageMap<_, Twox64Concat, CardNumber, Card>;

    /// Number of the next one.
    #[pallet::storage]
    pub type NextCard<T> = StorageValue<_, CardNumber, ValueQuery>;

    /// The card of a key; never removed. Blake2_128Concat: keys are chosen outside.
    #[pallet::storage]
    pub type NumberOf<T> = StorageMap<_, Blake2_128Concat, AccountId, CardNumber>;

    /// The card of a purse. Blake2_128Concat: the end of the id follows from a key, which is chosen outside.
    #[pallet::storage]
    pub type CardOf<T> = StorageMap<_, Blake2_128Concat, OwnerId, CardNumber>;

    /// Cards that are bound to an owner. Blake2_128Concat: banks supply owner ids.
    #[pallet::storage]
    pub type CardsOf<T> =
        StorageMap<_, Blake2_128Concat, OwnerId, BoundedVec<CardNumber, ConstU32<MAX_CARDS_PER_HOLDER>>, ValueQuery>;

    /// Blank cards at a bank. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type Undelivered<T> = StorageMap<_, Twox64Concat, BankId, u32, ValueQuery>;

    /// How many there may be; the usual number unless the supervisor said another. Twox: the issuer numbers banks.
    #[pallet::storage]
    pub type Allowances<T> = StorageMap<_, Twox64Concat, BankId, u32>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The issuer made cards with consecutive numbers.
        Personalised {
            /// For whom.
            bank: BankId,
            /// The first.
            first: CardNumber,
            /// How many.
            count: u32,
        },
        /// The issuer took a card back.
        Withdrawn {
            /// The card.
            card: CardNumber,
        },
        /// A card is in use.
        HandedOut {
            /// The card.
            card: CardNumber,
            /// The bank that handed it out.
            bank: BankId,
            /// Its purse.
            purse: OwnerId,
            /// The owner that it is bound to.
            holder: Option<OwnerId>,
        },
        /// A card was lost: its purse pays nothing.
        ReportedLost {
            /// The card.
            card: CardNumber,
            /// Its purse.
            purse: OwnerId,
            /// By whom.
            by: Reporter,
        },
        /// A card turned up, and pays again.
        Found {
            /// The card.
            card: CardNumber,
            /// Its purse.
            purse: OwnerId,
        },
        /// Another card has the purse of a lost one, with all that is in it.
        Replaced {
            /// The lost card.
            lost: CardNumber,
            /// The other one.
            new: CardNumber,
            /// The purse.
            purse: OwnerId,
        },
        /// The supervisor said how many cards may lie at a bank.
        AllowanceSet {
            /// The bank.
            bank: BankId,
            /// Most.
            most: u32,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such card.
        UnknownCard,
        /// No card is named.
        NoCards,
        /// The bank is not admitted, or not active.
        BankNotActive,
        /// More cards would lie at the bank than may.
        OverAllowance,
        /// A key is no point of its curve that may sign: of the card, on ed25519; of the loss code, on sr25519.
        BadKey,
        /// The key is another card's.
        KeyTaken,
        /// The card was made for another bank, or another bank looks after it; it is not bound to the signer.
        NotYourCard,
        /// The card was handed out or withdrawn.
        NotBlank,
        /// The card is not in use.
        NotInUse,
        /// The card is not reported lost.
        NotLost,
        /// Somebody else reported the loss.
        OtherReporter,
        /// The signature is not the card's over this.
        BadSignature,
        /// The signature is not the holder's over this.
        BadConsent,
        /// The signature is not that of the loss code, or of the holder's current key.
        BadEvidence,
        /// A loss was reported so lately that the card may still turn up.
        TooEarly,
        /// Nobody is registered under the holder's id.
        UnknownHolder,
        /// Another bank looks after the holder.
        NotYourHolder,
        /// The holder is suspended or closed.
        HolderNotActive,
        /// Nobody verified the holder: a card is bound to a person or a firm.
        HolderNotVerified,
        /// The holder has as many cards as one may.
        TooManyCards,
        /// Cards are bound to the owner.
        CardsLeft,
        /// A counter would overflow or fall below zero.
        CounterOutOfRange,
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
        /// Makes cards for a bank: nobody else hands them out. They get consecutive numbers in this order.
        ///
        /// Origin: the registry. Errors: [`Error::NoCards`], [`Error::BankNotActive`], [`Error::OverAllowance`],
        /// [`Error::BadKey`], [`Error::KeyTaken`], and the identity pallet's when a key is an owner's or an
        /// institution's. Event: [`Event::Personalised`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::personalise(cards.len() as u32))]
        pub fn personalise(
            origin: OriginFor<T>,
            bank: BankId,
            cards: BoundedVec<NewCard, ConstU32<MAX_CARDS_PER_CALL>>,
        ) -> DispatchResult {
            T::RegistryOrigin::ensure_origin(origin)?;
            Self::do_personalise(bank, cards)
        }

        /// Takes a card back for good: a blank one, or one whose purse holds nothing, which is closed.
        ///
        /// Origin: the registry. Errors: [`Error::UnknownCard`], [`Error::NotInUse`], those of the pallets that still hold
        /// something, and the identity pallet's when the supervisor suspended the purse. Event: [`Event::Withdrawn`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, card: CardNumber) -> DispatchResult {
            T::RegistryOrigin::ensure_origin(origin)?;
            Self::do_withdraw(card)
        }

        /// Hands a card out to whoever stands at the counter. The card signs a [`HandOut`](specie_primitives::cards::HandOut)
        /// without a holder.
        ///
        /// Origin: the bank that it was made for, active. `expiry` is the last block in which the signature holds. Errors:
        /// [`Error::UnknownCard`], [`Error::NotYourCard`], [`Error::NotBlank`], [`Error::BadSignature`], and the identity
        /// pallet's about expiry and key. Event: [`Event::HandedOut`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::hand_out())]
        pub fn hand_out(
            origin: OriginFor<T>,
            card: CardNumber,
            expiry: BlockNumber,
            signature: ed25519::Signature,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_hand_out(bank, card, None, expiry, &signature)
        }

        /// Hands a card out to an owner: limits count for the person behind it. The card signs a
        /// [`HandOut`](specie_primitives::cards::HandOut) with this holder, and the holder's current key the same.
        ///
        /// Origin: the bank that it was made for, active, which looks after the holder. Errors: [`Error::UnknownCard`],
        /// [`Error::NotYourCard`], [`Error::NotBlank`], [`Error::BadSignature`], [`Error::UnknownHolder`],
        /// [`Error::NotYourHolder`], [`Error::HolderNotActive`], [`Error::HolderNotVerified`], [`Error::BadConsent`],
        /// [`Error::TooManyCards`], and the identity pallet's about expiry and key. Event: [`Event::HandedOut`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::bind())]
        pub fn bind(
            origin: OriginFor<T>,
            card: CardNumber,
            holder: OwnerId,
            expiry: BlockNumber,
            signature: ed25519::Signature,
            consent: sr25519::Signature,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_hand_out(bank, card, Some((holder, consent)), expiry, &signature)
        }

        /// Stops the purse of a card from paying, at once; it can still be paid.
        ///
        /// Origin: the bank that looks after the card, or the holder, active. Errors: [`Error::UnknownCard`],
        /// [`Error::NotInUse`], [`Error::NotYourCard`]. Event: [`Event::ReportedLost`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::report_lost())]
        pub fn report_lost(origin: OriginFor<T>, card: CardNumber) -> DispatchResult {
            Self::do_report_lost(origin, card)
        }

        /// Takes a loss report back.
        ///
        /// Origin: whoever made it. Errors: [`Error::UnknownCard`], [`Error::NotLost`], [`Error::NotYourCard`],
        /// [`Error::OtherReporter`], [`Error::HolderNotActive`], and the identity pallet's when the supervisor suspended the
        /// purse. Event: [`Event::Found`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::found())]
        pub fn found(origin: OriginFor<T>, card: CardNumber) -> DispatchResult {
            Self::do_found(origin, card)
        }

        /// Gives the purse of a lost card to a blank one, with all that is in it; no money moves. The lost card's key signs
        /// for nobody ever after. The new card signs a [`Replacement`](specie_primitives::cards::Replacement), and so does
        /// the holder's current key, or the loss key of an anonymous card. For an anonymous card the bank waits as long as
        /// for another key of an owner: whoever has the card may notice and go to the supervisor.
        ///
        /// Origin: the bank that looks after the lost card and that the new one was made for, active. Errors:
        /// [`Error::UnknownCard`], [`Error::NotLost`], [`Error::NotYourCard`], [`Error::NotBlank`],
        /// [`Error::BadSignature`], [`Error::HolderNotActive`], [`Error::TooEarly`], [`Error::BadEvidence`], and the
        /// identity pallet's about expiry and key, and when the supervisor suspended the purse. Event:
        /// [`Event::Replaced`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::replace())]
        pub fn replace(
            origin: OriginFor<T>,
            lost: CardNumber,
            new: CardNumber,
            expiry: BlockNumber,
            signature: ed25519::Signature,
            evidence: sr25519::Signature,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_replace(bank, lost, new, expiry, &signature, &evidence)
        }

        /// Sets how many blank cards may lie at a bank. Those that lie there stay.
        ///
        /// Origin: the supervisor. Event: [`Event::AllowanceSet`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::set_allowance())]
        pub fn set_allowance(origin: OriginFor<T>, bank: BankId, most: u32) -> DispatchResult {
            T::SupervisorOrigin::ensure_origin(origin)?;
            Allowances::<T>::insert(bank, most);
            Self::deposit_event(Event::AllowanceSet { bank, most });
            Ok(())
        }
    }
}
