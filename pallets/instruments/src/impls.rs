//! How instruments are defined, and how units come, go and change hands.

use crate::{pallet::*, types::*};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{
    ensure,
    traits::{
        fungibles::{Create, Destroy, Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
        EnsureOrigin,
    },
};
use frame_system::pallet_prelude::OriginFor;
use sp_runtime::{
    traits::{SaturatedConversion, Zero},
    DispatchError, DispatchResult,
};
use specie_primitives::{
    instruments::{HolderRule, InstrumentBooks, InstrumentFlows, MAX_INSTRUMENTS, MAX_UNITS},
    traits::{BankLifecycle, Banks, Holdings, InstrumentLedger, Owners, Standstill},
    AccountId, Balance, BankId, BlockNumber, Institution, InstrumentId, OwnerId, Terms,
};

impl<T: Config> Pallet<T> {
    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Blocks in which payments ran.
    fn running() -> BlockNumber {
        Self::now().saturating_sub(T::Standstill::stood_still())
    }

    /// Who defines and issues.
    pub(crate) fn institution(origin: OriginFor<T>) -> Result<Institution, DispatchError> {
        match T::IssuingOrigin::try_origin(origin) {
            Ok(_) => Ok(Institution::Issuer),
            Err(origin) => Ok(Institution::Bank(T::BankOrigin::ensure_origin(origin)?)),
        }
    }

    fn known(instrument: InstrumentId) -> Result<Instrument, Error<T>> {
        Known::<T>::get(instrument).ok_or(Error::UnknownInstrument)
    }

    /// An instrument that the signer's institution defined.
    pub(crate) fn own(origin: OriginFor<T>, instrument: InstrumentId) -> Result<Instrument, DispatchError> {
        Self::of(Self::institution(origin)?, instrument)
    }

    fn of(institution: Institution, instrument: InstrumentId) -> Result<Instrument, DispatchError> {
        let record = Self::known(instrument)?;
        ensure!(record.institution == institution, Error::<T>::NotYours);
        Ok(record)
    }

    pub(crate) fn do_define(who: AccountId, institution: Institution, mut terms: Terms) -> DispatchResult {
        ensure!(terms.are_sound(), Error::<T>::BadTerms);
        // The issuer looks after nobody.
        let of_nobody = institution == Institution::Issuer && terms.holders == HolderRule::Customers;
        ensure!(!of_nobody, Error::<T>::BadTerms);
        if let Some(last) = &mut terms.matures {
            ensure!(*last > Self::now(), Error::<T>::MaturesTooSoon);
            *last = last.saturating_sub(T::Standstill::stood_still());
        }
        let open = OpenOf::<T>::get(institution);
        ensure!(open < MAX_INSTRUMENTS, Error::<T>::TooManyInstruments);
        OpenOf::<T>::insert(institution, open.saturating_add(1));
        let instrument = NextInstrument::<T>::get();
        NextInstrument::<T>::put(InstrumentId(instrument.0.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?));
        // Sufficient: an owner's account exists by this balance alone. Minimum balance: one unit.
        T::Assets::create(instrument.asset(), who, true, 1)?;
        Known::<T>::insert(instrument, Instrument { institution, terms, agent: None, paused: Paused::default() });
        Self::deposit_event(Event::Defined { instrument, institution });
        Ok(())
    }

    /// Fails while somebody stops an instrument.
    fn ensure_moves(record: &Instrument) -> Result<(), Error<T>> {
        let Paused { by_institution, by_supervisor } = record.paused;
        ensure!(!by_institution && !by_supervisor, Error::<T>::InstrumentPaused);
        Ok(())
    }

    fn ensure_not_matured(record: &Instrument) -> Result<(), Error<T>> {
        ensure!(record.terms.matures.is_none_or(|last| Self::running() <= last), Error::<T>::Matured);
        Ok(())
    }

    fn is_customer(record: &Instrument, owner: OwnerId) -> bool {
        matches!(record.institution, Institution::Bank(bank) if T::Owners::bank(owner) == Some(bank))
    }

    /// Whether an owner is the one that was named in this block, and not somebody who has its id after it.
    fn is_still(owner: OwnerId, since: BlockNumber) -> bool {
        T::Owners::released(owner).is_none_or(|released| released < since)
    }

    /// The agent of an instrument, if there is one.
    pub(crate) fn agent(record: &Instrument) -> Option<OwnerId> {
        record.agent.filter(|agent| Self::is_still(agent.owner, agent.since)).map(|agent| agent.owner)
    }

    fn is_listed(instrument: InstrumentId, owner: OwnerId) -> bool {
        Listed::<T>::get(instrument, owner).is_some_and(|since| Self::is_still(owner, since))
    }

    pub(crate) fn do_list(instrument: InstrumentId, owner: OwnerId) -> DispatchResult {
        T::Owners::ensure_payable(owner)?;
        ensure!(!Self::is_listed(instrument, owner), Error::<T>::AlreadyListed);
        Listed::<T>::insert(instrument, owner, Self::now());
        Self::deposit_event(Event::HolderListed { instrument, owner });
        Ok(())
    }

    pub(crate) fn do_set_agent(instrument: InstrumentId, record: Instrument, agent: Option<OwnerId>) -> DispatchResult {
        agent.map_or(Ok(()), T::Owners::ensure_payable)?;
        let named = agent.map(|owner| Agent { owner, since: Self::now() });
        Known::<T>::insert(instrument, Instrument { agent: named, ..record });
        Self::deposit_event(Event::AgentSet { instrument, agent });
        Ok(())
    }

    fn may_hold(instrument: InstrumentId, record: &Instrument, owner: OwnerId) -> bool {
        Self::agent(record) == Some(owner)
            || match record.terms.holders {
                HolderRule::Anyone => true,
                HolderRule::Customers => Self::is_customer(record, owner),
                HolderRule::Listed => Self::is_listed(instrument, owner),
            }
    }

    pub(crate) fn do_issue(
        institution: Institution,
        instrument: InstrumentId,
        to: OwnerId,
        amount: Balance,
    ) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        let record = Self::of(institution, instrument)?;
        Self::ensure_moves(&record)?;
        Self::ensure_not_matured(&record)?;
        T::Owners::ensure_payable(to)?;
        ensure!(Self::may_hold(instrument, &record, to), Error::<T>::MayNotHold);
        // What nobody asked for would keep other banks' customers from being closed.
        let asked = institution == Institution::Issuer || Self::is_customer(&record, to);
        ensure!(asked, Error::<T>::NotCustomer);
        let supply = Self::supply(instrument).checked_add(amount).ok_or(Error::<T>::OverMost)?;
        ensure!(supply <= record.terms.most, Error::<T>::OverMost);
        T::Assets::mint_into(instrument.asset(), &to.account(), amount)?;
        Self::count(instrument, |flows| &mut flows.issued, amount)?;
        Portfolios::<T>::insert(to, instrument, ());
        Moved::<T>::append(instrument);
        Self::deposit_event(Event::Issued { instrument, institution, to, amount });
        Ok(())
    }

    pub(crate) fn do_transfer(from: OwnerId, to: OwnerId, instrument: InstrumentId, amount: Balance) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        ensure!(from != to, Error::<T>::SameOwner);
        let record = Self::known(instrument)?;
        Self::ensure_moves(&record)?;
        let is_active = match record.institution {
            Institution::Issuer => true,
            Institution::Bank(bank) => T::Banks::is_active(bank),
        };
        ensure!(is_active, Error::<T>::InstitutionNotActive);
        T::Owners::ensure_payable(to)?;
        // Back to the institution's own side units always go.
        let agent = Self::agent(&record);
        if agent != Some(to) {
            Self::ensure_not_matured(&record)?;
            ensure!(record.terms.transferable || agent == Some(from), Error::<T>::NotTransferable);
            ensure!(Self::may_hold(instrument, &record, to), Error::<T>::MayNotHold);
        }
        ensure!(Self::balance(instrument, from) >= amount, Error::<T>::UnitsTooLow);
        let (giver, taker) = (from.account(), to.account());
        T::Assets::transfer(instrument.asset(), &giver, &taker, amount, Preservation::Expendable)?;
        Self::leave_if_empty(from, instrument);
        Portfolios::<T>::insert(to, instrument, ());
        Moved::<T>::append(instrument);
        Self::deposit_event(Event::Transferred { instrument, from, to, amount });
        Ok(())
    }

    pub(crate) fn do_redeem(owner: OwnerId, instrument: InstrumentId, amount: Balance) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        let record = Self::known(instrument)?;
        // An institution that stops what it once promised keeps nobody from being rid of it, and so from being closed.
        ensure!(!record.paused.by_supervisor, Error::<T>::InstrumentPaused);
        ensure!(Self::balance(instrument, owner) >= amount, Error::<T>::UnitsTooLow);
        T::Assets::burn_from(
            instrument.asset(),
            &owner.account(),
            amount,
            Preservation::Expendable,
            Precision::Exact,
            Fortitude::Polite,
        )?;
        Self::count(instrument, |flows| &mut flows.redeemed, amount)?;
        Self::leave_if_empty(owner, instrument);
        Moved::<T>::append(instrument);
        Self::deposit_event(Event::Redeemed { instrument, institution: record.institution, owner, amount });
        Ok(())
    }

    fn leave_if_empty(owner: OwnerId, instrument: InstrumentId) {
        if Self::balance(instrument, owner).is_zero() {
            Portfolios::<T>::remove(owner, instrument);
        }
    }

    fn count(
        instrument: InstrumentId,
        flow: impl FnOnce(&mut InstrumentFlows) -> &mut Balance,
        amount: Balance,
    ) -> DispatchResult {
        Flows::<T>::try_mutate(instrument, |flows| {
            let flow = flow(flows);
            let sum = flow.checked_add(amount).filter(|sum| *sum <= MAX_UNITS);
            *flow = sum.ok_or(Error::<T>::CounterOutOfRange)?;
            Ok(())
        })
    }

    pub(crate) fn set_paused(origin: OriginFor<T>, instrument: InstrumentId, pause: bool) -> DispatchResult {
        let (mut record, by_supervisor) = match T::SupervisorOrigin::try_origin(origin) {
            Ok(_) => (Self::known(instrument)?, true),
            Err(origin) => (Self::own(origin, instrument)?, false),
        };
        let side = match by_supervisor {
            true => &mut record.paused.by_supervisor,
            false => &mut record.paused.by_institution,
        };
        ensure!(*side != pause, Error::<T>::NothingToChange);
        *side = pause;
        let paused = record.paused;
        Known::<T>::insert(instrument, record);
        Self::deposit_event(Event::PauseSet { instrument, paused });
        Ok(())
    }

    pub(crate) fn do_close(instrument: InstrumentId, institution: Institution) -> DispatchResult {
        let InstrumentBooks { flows, supply, .. } = Self::books(instrument);
        // What does not balance stays in sight (M9).
        ensure!(supply.is_zero() && flows.issued == flows.redeemed, Error::<T>::UnitsOut);
        ensure!(Listed::<T>::iter_key_prefix(instrument).next().is_none(), Error::<T>::ListNotEmpty);
        T::Assets::start_destroy(instrument.asset(), None)?;
        T::Assets::finish_destroy(instrument.asset())?;
        Known::<T>::remove(instrument);
        Flows::<T>::remove(instrument);
        OpenOf::<T>::mutate_exists(institution, |open| {
            *open = open.map(|open| open.saturating_sub(1)).filter(|open| *open > 0);
        });
        Self::deposit_event(Event::InstrumentClosed { instrument });
        Ok(())
    }

    /// Units of an owner.
    pub fn balance(instrument: InstrumentId, owner: OwnerId) -> Balance {
        T::Assets::balance(instrument.asset(), &owner.account())
    }

    /// Units in all accounts.
    pub fn supply(instrument: InstrumentId) -> Balance {
        T::Assets::total_issuance(instrument.asset())
    }

    pub(crate) fn books(instrument: InstrumentId) -> InstrumentBooks {
        InstrumentBooks { instrument, flows: Flows::<T>::get(instrument), supply: Self::supply(instrument) }
    }
}

impl<T: Config> InstrumentLedger for Pallet<T> {
    fn moved() -> Vec<InstrumentBooks> {
        let moved: BTreeSet<InstrumentId> = Moved::<T>::get().into_iter().collect();
        moved.into_iter().map(Self::books).collect()
    }
}

impl<T: Config> Holdings for Pallet<T> {
    fn ensure_nothing_held(owner: OwnerId) -> DispatchResult {
        ensure!(Portfolios::<T>::iter_key_prefix(owner).next().is_none(), Error::<T>::UnitsLeft);
        Ok(())
    }

    /// Units are no money: limits do not count them.
    fn held(_: OwnerId) -> Balance {
        Balance::zero()
    }
}

impl<T: Config> BankLifecycle for Pallet<T> {
    fn admitted(_: BankId, _: &AccountId) -> DispatchResult {
        Ok(())
    }

    fn ensure_empty(bank: BankId, _: &AccountId) -> DispatchResult {
        ensure!(OpenOf::<T>::get(Institution::Bank(bank)).is_zero(), Error::<T>::InstrumentsLeft);
        Ok(())
    }

    fn account_rotated(_: BankId, _: &AccountId, _: &AccountId) -> DispatchResult {
        // The balances' administrator is never consulted.
        Ok(())
    }
}
