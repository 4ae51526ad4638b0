//! What the calls do, and what other pallets ask.

use crate::{pallet::*, types::Proposal, weights::WeightInfo};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{ensure, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{
    traits::{SaturatedConversion, Zero},
    DispatchError, DispatchResult,
};
use specie_primitives::{
    cards::is_purse,
    joint::{JointInfo, ManagerList, Opening, ProposalInfo, Replacement, SetFlaw, SignatureList},
    traits::{Holdings, JointAccounts, KeylessOwners, OwnerFacts, Standstill},
    AccountId, Balance, BankId, BlockNumber, Hash, ManagerSet, OwnerClass, OwnerId, OwnerStatus, PersonTag,
    SigningRule,
};

impl<T> From<SetFlaw> for Error<T> {
    fn from(flaw: SetFlaw) -> Self {
        match flaw {
            SetFlaw::TooFew => Self::TooFewManagers,
            SetFlaw::Twice => Self::ManagerTwice,
            SetFlaw::BadThreshold => Self::BadThreshold,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Hash of the first block, which everything that is signed names.
    fn genesis_hash() -> Hash {
        frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
    }

    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The clock of waiting times: blocks, without those in which payments stood still.
    fn running() -> BlockNumber {
        Self::now().saturating_sub(T::Standstill::stood_still())
    }

    /// First block in which a proposal can be approved that is ready after so many, if payments go on now.
    fn first_block(ready: BlockNumber) -> BlockNumber {
        ready.saturating_add(T::Standstill::stood_still())
    }

    /// The set of an account.
    fn set(account: OwnerId) -> Result<ManagerSet, Error<T>> {
        Sets::<T>::get(account).ok_or(Error::<T>::UnknownAccount)
    }

    /// Fails unless this bank looks after an account. Gives its set.
    pub(crate) fn account_of(bank: BankId, account: OwnerId) -> Result<ManagerSet, Error<T>> {
        let set = Self::set(account)?;
        let facts = T::Owners::facts(account).ok_or(Error::<T>::UnknownAccount)?;
        ensure!(facts.bank == bank, Error::<T>::NotYourAccount);
        Ok(set)
    }

    fn is_closed(owner: OwnerId) -> bool {
        T::Owners::facts(owner).is_none_or(|facts| facts.status == OwnerStatus::Closed)
    }

    /// Fails unless these can be the managers of an account (I2, I3). `present` are managers of it now: they may be suspended.
    fn ensure_sound(rule: &SigningRule, present: &[OwnerId]) -> Result<(), Error<T>> {
        if let Some(flaw) = rule.flaw() {
            return Err(flaw.into());
        }
        for manager in &rule.managers {
            ensure!(!is_purse(*manager), Error::<T>::ManagerIsCard);
            let OwnerFacts { key, status, .. } = T::Owners::facts(*manager).ok_or(Error::<T>::UnknownManager)?;
            ensure!(key != manager.account(), Error::<T>::ManagerIsJoint);
            let stays = present.contains(manager) && status != OwnerStatus::Closed;
            ensure!(stays || status == OwnerStatus::Active, Error::<T>::ManagerNotActive);
        }
        Ok(())
    }

    /// Fails unless each of these signed, in this order, and nobody else did.
    fn ensure_signed_by(signers: &[OwnerId], payload: &[u8], signatures: &SignatureList) -> Result<(), Error<T>> {
        ensure!(signers.len() == signatures.len(), Error::<T>::SignaturesMissing);
        for (signer, signature) in signers.iter().zip(signatures) {
            ensure!(T::Owners::is_signed(*signer, payload, signature), Error::<T>::BadSignature);
        }
        Ok(())
    }

    pub(crate) fn do_open(
        bank: BankId,
        account: OwnerId,
        (class, person): (OwnerClass, Option<PersonTag>),
        rule: SigningRule,
        expiry: BlockNumber,
        signatures: &SignatureList,
    ) -> DispatchResult {
        T::Owners::ensure_timely(expiry)?;
        Self::ensure_sound(&rule, &[])?;
        let payload = Opening::new(Self::genesis_hash(), account, bank, class, rule.clone(), expiry).encode();
        Self::ensure_signed_by(&rule.managers, &payload, signatures)?;
        T::Owners::open(account, bank, class, person)?;
        for manager in &rule.managers {
            Self::enlist(*manager, account)?;
        }
        Sets::<T>::insert(account, ManagerSet { rule: rule.clone(), version: 1 });
        Self::deposit_event(Event::Opened { account, bank, rule });
        Ok(())
    }

    fn enlist(manager: OwnerId, account: OwnerId) -> Result<(), Error<T>> {
        OfManager::<T>::try_mutate(manager, |accounts| accounts.try_push(account))
            .map_err(|_| Error::<T>::TooManyAccounts)
    }

    fn strike_off(manager: OwnerId, account: OwnerId) {
        OfManager::<T>::mutate_exists(manager, |accounts| {
            let mut left = accounts.take().unwrap_or_default();
            left.retain(|other| *other != account);
            *accounts = (!left.is_empty()).then_some(left);
        });
    }

    /// Gives an account other managers. All that was signed for the present ones dies.
    fn replace(account: OwnerId, set: &ManagerSet, rule: SigningRule) -> DispatchResult {
        let version = set.version.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?;
        for manager in rule.newcomers(&set.rule) {
            Self::strike_off(manager, account);
        }
        for manager in set.rule.newcomers(&rule) {
            Self::enlist(manager, account)?;
        }
        Sets::<T>::insert(account, ManagerSet { rule: rule.clone(), version });
        Self::deposit_event(Event::ManagersSet { account, version, rule });
        Ok(())
    }

    pub(crate) fn do_propose(
        bank: BankId,
        account: OwnerId,
        rule: SigningRule,
        expiry: BlockNumber,
        signatures: &SignatureList,
    ) -> DispatchResult {
        let set = Self::account_of(bank, account)?;
        ensure!(!Self::is_closed(account), Error::<T>::AccountClosed);
        ensure!(!Proposals::<T>::contains_key(account), Error::<T>::ProposalWaits);
        ensure!(set.rule != rule, Error::<T>::SameManagers);
        T::Owners::ensure_timely(expiry)?;
        Self::ensure_sound(&rule, &set.rule.managers)?;
        let payload = Replacement::new(Self::genesis_hash(), account, bank, set.version, rule.clone(), expiry).encode();
        Self::ensure_signed_by(&set.rule.newcomers(&rule), &payload, signatures)?;
        let number = NextProposal::<T>::get();
        NextProposal::<T>::put(number.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?);
        let ready = Self::running().saturating_add(T::Owners::delay());
        let made = Self::now();
        let proposal = Proposal { number, bank, made, rule, ready, objections: ManagerList::default() };
        Proposals::<T>::insert(account, proposal);
        let ready = Self::first_block(ready);
        Self::deposit_event(Event::ManagersProposed { account, bank, proposal: number, ready });
        Ok(())
    }

    /// The proposal for an account, which whoever decides names.
    pub(crate) fn proposal(account: OwnerId, number: u32) -> Result<Proposal, Error<T>> {
        let proposal = Proposals::<T>::get(account).ok_or(Error::<T>::NoProposal)?;
        ensure!(proposal.number == number, Error::<T>::OtherProposal);
        Ok(proposal)
    }

    pub(crate) fn end_proposal(account: OwnerId) -> DispatchResult {
        let proposal = Proposals::<T>::take(account).ok_or(Error::<T>::NoProposal)?;
        Self::deposit_event(Event::ProposalEnded { account, proposal: proposal.number });
        Ok(())
    }

    /// Whether an owner may object to the proposal for an account now.
    pub fn may_object(manager: OwnerId, account: OwnerId) -> bool {
        let is_manager = Sets::<T>::get(account).is_some_and(|set| set.rule.seat(manager).is_some());
        let is_open = |proposal: Proposal| !proposal.objections.contains(&manager);
        is_manager && Proposals::<T>::get(account).is_some_and(is_open)
    }

    pub(crate) fn do_object(signer: &AccountId, account: OwnerId) -> DispatchResult {
        let manager = T::Owners::owner_of(signer).ok_or(DispatchError::BadOrigin)?;
        let is_manager = Sets::<T>::get(account).is_some_and(|set| set.rule.seat(manager).is_some());
        ensure!(is_manager && !Self::is_closed(manager), Error::<T>::NotManager);
        let number = Proposals::<T>::try_mutate(account, |proposal| {
            let proposal = proposal.as_mut().ok_or(Error::<T>::NoProposal)?;
            ensure!(!proposal.objections.contains(&manager), Error::<T>::AlreadyObjected);
            // Each objects once, and there are no more managers than that.
            proposal.objections.try_push(manager).map_err(|_| Error::<T>::AlreadyObjected)?;
            Ok::<_, DispatchError>(proposal.number)
        })?;
        Self::deposit_event(Event::ManagerObjected { account, proposal: number, manager });
        Ok(())
    }

    pub(crate) fn do_approve(account: OwnerId, number: u32, objections: u8) -> DispatchResult {
        let set = Self::set(account)?;
        ensure!(!Self::is_closed(account), Error::<T>::AccountClosed);
        let Proposal { bank, made, rule, ready, objections: raised, .. } = Self::proposal(account, number)?;
        ensure!(raised.len() == usize::from(objections), Error::<T>::OtherObjections);
        ensure!(Self::running() >= ready, Error::<T>::TooEarly);
        Self::account_of(bank, account)?;
        Self::ensure_sound(&rule, &set.rule.managers)?;
        // A proposal may wait for so long that somebody else has the id of one who consented.
        let consented = |newcomer| T::Owners::facts(newcomer).is_some_and(|facts| facts.registered <= made);
        ensure!(set.rule.newcomers(&rule).into_iter().all(consented), Error::<T>::ConsentMissing);
        Proposals::<T>::remove(account);
        Self::replace(account, &set, rule)
    }

    /// A joint account, as the network tells of it.
    pub fn info(account: OwnerId) -> Option<JointInfo> {
        let ManagerSet { rule: SigningRule { managers, threshold }, version } = Sets::<T>::get(account)?;
        let proposal = Proposals::<T>::get(account).map(|proposal| ProposalInfo {
            proposal: proposal.number,
            managers: proposal.rule.managers.into_inner(),
            threshold: proposal.rule.threshold,
            ready: Self::first_block(proposal.ready),
            objections: proposal.objections.into_inner(),
        });
        Some(JointInfo { account, managers: managers.into_inner(), threshold, version, proposal })
    }

    /// Those that an owner manages.
    pub fn managed(manager: OwnerId) -> Vec<JointInfo> {
        OfManager::<T>::get(manager).into_iter().filter_map(Self::info).collect()
    }
}

impl<T: Config> JointAccounts for Pallet<T> {
    fn managers(account: OwnerId) -> Option<ManagerSet> {
        Sets::<T>::get(account)
    }

    fn set_managers(account: OwnerId, rule: SigningRule, consenting: &[OwnerId]) -> DispatchResult {
        let set = Self::set(account)?;
        ensure!(set.rule != rule, Error::<T>::SameManagers);
        Self::ensure_sound(&rule, &set.rule.managers)?;
        ensure!(set.rule.newcomers(&rule) == consenting, Error::<T>::ConsentMissing);
        if Proposals::<T>::contains_key(account) {
            // Its managers can be reached.
            Self::end_proposal(account)?;
        }
        Self::replace(account, &set, rule)
    }

    fn weight_of_look(signers: u32) -> Weight {
        T::WeightInfo::look(signers)
    }

    fn weight_of_change() -> Weight {
        T::WeightInfo::approve()
    }
}

impl<T: Config> Holdings for Pallet<T> {
    /// Whoever gets the id of a manager that was released would be the manager.
    fn ensure_nothing_held(owner: OwnerId) -> DispatchResult {
        let free = OfManager::<T>::get(owner).into_iter().all(Self::is_closed);
        ensure!(free, Error::<T>::ManagesAccounts);
        Ok(())
    }

    /// What is on the accounts that an owner manages: with enough of their managers' keys a bank would get hold of it.
    fn held(owner: OwnerId) -> Balance {
        let accounts = OfManager::<T>::get(owner).into_iter().map(T::Holdings::held);
        accounts.fold(0, Balance::saturating_add)
    }
}
