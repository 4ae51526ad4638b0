//! # Issuance: the issuer makes and destroys coins
//!
//! The denomination policy, batches, and minting that takes two people: one issuing key proposes, another approves.
//! A batch has one face value and is one record whatever its size; its coins appear as a range in the issue vault.
//!
//! Owners may have coins destroyed and others of the same value made, of the face values that the committee names. Their
//! coins come from *batches for change*, opened by two people like others, but empty: their count is a bound, and each
//! coin that is made takes the next place. So a batch's certificate holds for them too, and no name is ever given twice.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Proposed: propose_mint
//!     Proposed --> Minted: approve_mint by another key
//!     Proposed --> OpenForChange: approve_mint by another key
//!     Proposed --> [*]: withdraw_proposal, or expired
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`propose_mint`](Pallet::propose_mint) | issuing key | records what is to be minted |
//! | [`propose_change_batch`](Pallet::propose_change_batch) | issuing key | records what batch for change is to be opened |
//! | [`approve_mint`](Pallet::approve_mint) | another issuing key | mints it into the issue vault, or opens it for change |
//! | [`withdraw_proposal`](Pallet::withdraw_proposal) | issuing key | drops a proposal |
//! | [`retire`](Pallet::retire) | issuing key | destroys coins of the issue vault |
//! | [`set_denominations`](Pallet::set_denominations) | root, by the committee | changes the policy |
//! | [`set_recoinable`](Pallet::set_recoinable) | root, by the committee | says which face values owners may have made anew |
//!
//! ## Invariants
//! * **I1** No pallet but this one creates or destroys coins.
//! * **I2** Minted of a face value equals the sum of the counts of its batches for the vault; made for change, the sum of
//!   what its batches for change have issued, each no more than its count.
//! * **I3** The key that approves is not the key that proposed, and both have the issuing role when it is approved.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod impls;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use frame_support::{pallet_prelude::*, traits::Contains};
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        books::IssuanceFlows, bounds, traits::Vaults, AccountId, Balance, CoinId, CoinRange, Denomination, Selection,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What issuance needs from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// A key with the issuing role.
        type IssuingOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = AccountId>;
        /// Whether a key has the issuing role now.
        type IssuingKeys: Contains<AccountId>;
        /// Where new coins go and old ones come from.
        type Vaults: Vaults;
        /// Blocks for which a proposal stays open.
        #[pallet::constant]
        type ProposalLife: Get<BlockNumberFor<Self>>;
        /// Most proposals open at once.
        #[pallet::constant]
        type MaxProposals: Get<u32>;
        /// Most coins in one batch.
        #[pallet::constant]
        type MaxBatch: Get<u32>;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Face values that may be minted, ascending.
    #[pallet::storage]
    pub type Denominations<T> = StorageValue<_, BoundedVec<Denomination, bounds::Denominations>, ValueQuery>;

    /// Every batch ever minted. Twox: the system numbers them.
    #[pallet::storage]
    pub type Batches<T: Config> = StorageMap<_, Twox64Concat, u32, Batch<BlockNumberFor<T>>>;

    /// Number of the next batch.
    #[pallet::storage]
    pub type NextBatch<T> = StorageValue<_, u32, ValueQuery>;

    /// Face values whose coins owners may have destroyed and made anew, ascending.
    #[pallet::storage]
    pub type Recoinable<T> = StorageValue<_, BoundedVec<Denomination, bounds::Denominations>, ValueQuery>;

    /// The batch from which change of a face value is made. Twox: face values are the issuer's.
    #[pallet::storage]
    pub type ChangeBatch<T> = StorageMap<_, Twox64Concat, Denomination, u32>;

    /// How many coins of a batch for change were made. Twox: the system numbers them.
    #[pallet::storage]
    pub type Issued<T> = StorageMap<_, Twox64Concat, u32, u32>;

    /// Minted, retired and changed by face value since the first block.
    #[pallet::storage]
    pub type Flows<T> =
        StorageValue<_, BoundedBTreeMap<Denomination, IssuanceFlows, bounds::Denominations>, ValueQuery>;

    /// Open proposals. Twox: the system numbers them.
    #[pallet::storage]
    pub type Proposals<T: Config> = CountedStorageMap<_, Twox64Concat, u32, Proposal<BlockNumberFor<T>>>;

    /// Number of the next proposal.
    #[pallet::storage]
    pub type NextProposal<T> = StorageValue<_, u32, ValueQuery>;

    /// The policy at the start, and what a development network has minted already.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Face values in minor units, ascending.
        pub denominations: Vec<Denomination>,
        /// Batches that exist from the start: face value and number of coins.
        pub batches: Vec<(Denomination, u32)>,
        /// Face values whose coins owners may have made anew, ascending.
        pub recoinable: Vec<Denomination>,
        #[serde(skip)]
        #[doc(hidden)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let policy = self.denominations.clone().try_into().map_err(|_| Error::<T>::TooManyDenominations.into());
            let built = policy.and_then(|policy| Pallet::<T>::do_set_denominations(policy)).and_then(|()| {
                self.batches
                    .iter()
                    .try_for_each(|(denomination, count)| Pallet::<T>::mint(*denomination, *count).map(drop))
            });
            let faces = self.recoinable.clone().try_into().map_err(|_| Error::<T>::TooManyDenominations.into());
            let built = built.and_then(|()| faces).and_then(|faces| Pallet::<T>::do_set_recoinable(faces));
            assert!(built.is_ok(), "issuance in genesis: {built:?}");
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An issuing key proposed a batch.
        MintProposed {
            /// Number to approve it by.
            proposal: u32,
            /// Who proposed.
            proposer: AccountId,
            /// Face value.
            denomination: Denomination,
            /// Number of coins.
            count: u32,
            /// Last block in which it may be approved.
            expires: BlockNumberFor<T>,
        },
        /// An issuing key proposed a batch for change.
        ChangeBatchProposed {
            /// Number to approve it by.
            proposal: u32,
            /// Who proposed.
            proposer: AccountId,
            /// Face value.
            denomination: Denomination,
            /// Most coins that may ever be made of it.
            count: u32,
            /// Last block in which it may be approved.
            expires: BlockNumberFor<T>,
        },
        /// A batch is open for change; the one before it gives no more.
        ChangeBatchOpened {
            /// Its number.
            batch: u32,
            /// Face value.
            denomination: Denomination,
            /// Most coins that may ever be made of it.
            count: u32,
        },
        /// The committee said which face values owners may have made anew.
        RecoinableSet {
            /// Face values from now on.
            denominations: BoundedVec<Denomination, bounds::Denominations>,
        },
        /// A proposal was dropped.
        ProposalWithdrawn {
            /// Its number.
            proposal: u32,
        },
        /// A batch came into the issue vault.
        Minted {
            /// Its number.
            batch: u32,
            /// Face value.
            denomination: Denomination,
            /// Number of coins.
            count: u32,
            /// Value in minor units.
            value: Balance,
        },
        /// Coins of the issue vault were destroyed.
        Retired {
            /// Value in minor units.
            value: Balance,
            /// Those among them that circulated before.
            coins: Vec<CoinId>,
            /// The others.
            ranges: Vec<CoinRange>,
        },
        /// The committee changed the policy.
        DenominationsSet {
            /// Face values from now on.
            denominations: BoundedVec<Denomination, bounds::Denominations>,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The policy does not allow this face value.
        DenominationNotAllowed,
        /// Face values must ascend and be above zero.
        DenominationsNotAscending,
        /// More face values over time than the books can carry.
        TooManyDenominations,
        /// A batch has at least one coin.
        EmptyBatch,
        /// The batch is larger than a batch may be.
        BatchTooLarge,
        /// There is no such proposal.
        UnknownProposal,
        /// The proposal's last block has passed.
        ProposalExpired,
        /// Minting takes two people: another key must approve.
        SameKey,
        /// The key that proposed does not have the issuing role any more.
        ProposerNotIssuing,
        /// Too many proposals are open: approve or withdraw some.
        TooManyProposals,
        /// Nothing was selected.
        NothingSelected,
        /// A counter would overflow.
        CounterOutOfRange,
        /// Coins of this face value are neither destroyed nor made for change.
        NotRecoinable,
        /// No batch of this face value is open for change.
        NoChangeBatch,
        /// The batch for change has too few coins left: the issuer opens another.
        ChangeBatchUsedUp,
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
        /// Proposes a batch of coins. Nothing is minted until another issuing key approves.
        ///
        /// Origin: issuing key. Errors: [`Error::DenominationNotAllowed`], [`Error::EmptyBatch`],
        /// [`Error::BatchTooLarge`], [`Error::TooManyProposals`]. Event: [`Event::MintProposed`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::propose_mint())]
        pub fn propose_mint(origin: OriginFor<T>, denomination: Denomination, count: u32) -> DispatchResult {
            let proposer = T::IssuingOrigin::ensure_origin(origin)?;
            Self::do_propose(proposer, denomination, count, Purpose::Vault)
        }

        /// Approves a proposal and so mints its batch into the issue vault, or opens it for change.
        ///
        /// Origin: an issuing key other than the proposer's. Errors: [`Error::UnknownProposal`],
        /// [`Error::ProposalExpired`], [`Error::SameKey`], [`Error::ProposerNotIssuing`],
        /// [`Error::DenominationNotAllowed`]. Event: [`Event::Minted`] or [`Event::ChangeBatchOpened`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::approve_mint())]
        pub fn approve_mint(origin: OriginFor<T>, proposal: u32) -> DispatchResult {
            let approver = T::IssuingOrigin::ensure_origin(origin)?;
            Self::do_approve(approver, proposal)
        }

        /// Drops a proposal, expired or not.
        ///
        /// Origin: issuing key. Errors: [`Error::UnknownProposal`]. Event: [`Event::ProposalWithdrawn`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw_proposal())]
        pub fn withdraw_proposal(origin: OriginFor<T>, proposal: u32) -> DispatchResult {
            T::IssuingOrigin::ensure_origin(origin)?;
            Proposals::<T>::take(proposal).ok_or(Error::<T>::UnknownProposal)?;
            Self::deposit_event(Event::ProposalWithdrawn { proposal });
            Ok(())
        }

        /// Destroys coins that lie in the issue vault.
        ///
        /// Origin: issuing key. Errors: [`Error::NothingSelected`] and the vault's when the coins are not there.
        /// Event: [`Event::Retired`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::retire(selection.coins.len() as u32))]
        pub fn retire(origin: OriginFor<T>, selection: Selection) -> DispatchResult {
            T::IssuingOrigin::ensure_origin(origin)?;
            Self::do_retire(selection)
        }

        /// Replaces the face values that may be minted. Coins of a face value that is dropped stay valid.
        ///
        /// Origin: root, which only the committee reaches. Errors: [`Error::DenominationsNotAscending`],
        /// [`Error::TooManyDenominations`]. Event: [`Event::DenominationsSet`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_denominations())]
        pub fn set_denominations(
            origin: OriginFor<T>,
            denominations: BoundedVec<Denomination, bounds::Denominations>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_set_denominations(denominations.clone())?;
            Self::deposit_event(Event::DenominationsSet { denominations });
            Ok(())
        }

        /// Proposes a batch for change: no coin of it exists until an owner has others changed. Another issuing key
        /// approves it with [`Pallet::approve_mint`].
        ///
        /// Origin: issuing key. Errors: as for [`Pallet::propose_mint`]. Event: [`Event::ChangeBatchProposed`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::propose_mint())]
        pub fn propose_change_batch(origin: OriginFor<T>, denomination: Denomination, count: u32) -> DispatchResult {
            let proposer = T::IssuingOrigin::ensure_origin(origin)?;
            Self::do_propose(proposer, denomination, count, Purpose::Change)
        }

        /// Replaces the face values whose coins owners may have destroyed and made anew.
        ///
        /// Origin: root, which only the committee reaches. Errors: [`Error::DenominationsNotAscending`],
        /// [`Error::DenominationNotAllowed`]. Event: [`Event::RecoinableSet`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::set_denominations())]
        pub fn set_recoinable(
            origin: OriginFor<T>,
            denominations: BoundedVec<Denomination, bounds::Denominations>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_set_recoinable(denominations.clone())?;
            Self::deposit_event(Event::RecoinableSet { denominations });
            Ok(())
        }
    }
}
