//! How the agreed outcome comes about when nobody did anything in time.

use crate::{pallet::*, types::*, weights::WeightInfo};
use alloc::vec::Vec;
use frame_support::{defensive, ensure, storage::with_storage_layer, traits::Get, weights::Weight};
use sp_runtime::{traits::Zero, DispatchError, DispatchResult};
use specie_primitives::{
    escrow::EscrowEnd,
    traits::{Banks, EscrowPots, JointAccounts, Limits, Owners, Standstill},
    AtExpiry, Balance, BankId, BlockNumber, ManagerSet, OrderId, OwnerId,
};

/// Most looks that a block takes: at an escrow, or at a block without one.
pub const MAX_LOOKS: u64 = 1_000;

/// What a look at an escrow that is due finds.
enum Fate {
    /// The payee gets so much at this bank, and the payer the rest back.
    Pays(BankId, Balance),
    /// The payer gets it back.
    Returns,
    /// The supervisor is asked.
    IsDisputed,
    /// Something stands in the way, which may end.
    Waits,
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_conclude(escrow: OrderId) -> DispatchResult {
        let record = Self::open(escrow)?;
        ensure!(Self::running() > record.due, Error::<T>::NotDue);
        ensure!(Self::conclude_one(escrow, record)?, Error::<T>::OutcomeWaits);
        Ok(())
    }

    /// As many looks as there is room for. Gives what they used.
    pub(crate) fn conclude_within(room: Weight) -> Weight {
        let (look, one) = (T::WeightInfo::look(), T::WeightInfo::conclude());
        let mut used = look;
        // Of the calls, none is dispatched while payments stand still; nothing but this keeps a hook from it.
        if T::Standstill::stands_still() {
            return used;
        }
        let (now, before) = (Self::running(), LookedTo::<T>::get());
        let (mut block, mut looks) = (before, MAX_LOOKS);
        while block < now {
            let most = room.checked_sub(&used).and_then(|left| left.checked_div_per_component(&one)).unwrap_or(0);
            let most = most.min(looks);
            if most == 0 {
                break;
            }
            let wanted = usize::try_from(most).unwrap_or(usize::MAX);
            // Looked for once, and then removed: a search passes over all that this block removed before it.
            let due: Vec<OrderId> = Due::<T>::iter_key_prefix(block).take(wanted).collect();
            due.iter().for_each(|escrow| Self::look_at(block, *escrow));
            let found = u64::try_from(due.len()).unwrap_or(u64::MAX);
            (used, looks) = (used.saturating_add(one.saturating_mul(found)), looks.saturating_sub(found));
            if found < most {
                (block, used, looks) = (block.saturating_add(1), used.saturating_add(look), looks.saturating_sub(1));
            }
        }
        if block != before {
            LookedTo::<T>::put(block);
        }
        used
    }

    /// Looks at an escrow that is listed under this block, and is not any more after that: whatever is found holds up no other.
    fn look_at(block: BlockNumber, escrow: OrderId) {
        let Some(mut record) = Escrows::<T>::get(escrow) else {
            defensive!("an escrow is due that is not there");
            Due::<T>::remove(block, escrow);
            return;
        };
        let concluded = with_storage_layer(|| Self::conclude_one(escrow, record));
        if concluded.is_err() {
            defensive!("an outcome failed that should have come about");
        }
        if concluded != Ok(true) {
            let look = Self::running().saturating_add(T::Pause::get());
            Self::look_after(escrow, &mut record, look);
            Escrows::<T>::insert(escrow, record);
            Self::deposit_event(Event::Postponed { escrow, look });
        }
    }

    /// Has the agreed outcome come about, or the supervisor asked. Says whether either was possible; if not, nothing changed.
    fn conclude_one(escrow: OrderId, mut record: Escrow) -> Result<bool, DispatchError> {
        let rest = record.rest();
        match Self::fate(&record) {
            Fate::Pays(bank, amount) => Self::split(escrow, record, bank, amount, EscrowEnd::Expired)?,
            Fate::Returns => Self::give_back(escrow, record, rest, EscrowEnd::Expired)?,
            Fate::IsDisputed => {
                record.disputes.stopped = true;
                Self::put_off(escrow, &mut record, Self::running());
                Escrows::<T>::insert(escrow, record);
                Self::deposit_event(Event::Disputed { escrow, by: None, due: record.due });
            },
            Fate::Waits => return Ok(false),
        }
        Ok(true)
    }

    /// Whether an owner is active, and of a joint account's managers as many as must sign.
    fn can_sign(owner: OwnerId) -> bool {
        let are_enough = |ManagerSet { rule, .. }: ManagerSet| {
            let active = rule.managers.iter().filter(|manager| T::Owners::is_active(**manager)).count();
            active >= usize::from(rule.threshold)
        };
        T::Owners::is_active(owner) && T::Joint::managers(owner).is_none_or(are_enough)
    }

    fn fate(record: &Escrow) -> Fate {
        let Escrow { payer, from_bank, payee, at_expiry, expires, due, .. } = *record;
        let (to_bank, rest) = (Self::bank_of_payee(record), record.rest());
        let (loser, is_held) = match at_expiry {
            AtExpiry::Pay => (payer, T::Owners::is_held(payer)),
            AtExpiry::Return => (payee, false),
        };
        if is_held {
            return Fate::Waits;
        }
        // It could not dispute itself, and a thief may have agreed in its place. The supervisor has its time after the last
        // block just once, whoever asks.
        if !Self::can_sign(loser) && due < expires.saturating_add(T::DecisionTime::get()) {
            return Fate::IsDisputed;
        }
        if at_expiry == AtExpiry::Return {
            return Fate::Returns;
        }
        if !T::Banks::is_active(from_bank) {
            return Fate::Waits;
        }
        let is_patient = Self::running() <= due.saturating_add(T::Patience::get());
        let amount = match Self::ensure_within_limits(payer, payee, rest) {
            Ok(()) => rest,
            Err(_) if is_patient => return Fate::Waits,
            // Not nothing: a payer would fill the last unit of the payee's limit, and have all of it back for that.
            Err(_) => T::Limits::room(payee).min(rest),
        };
        if amount.is_zero() {
            return Fate::Returns;
        }
        match (T::Pots::covers(from_bank, to_bank, amount), is_patient) {
            (true, _) => Fate::Pays(to_bank, amount),
            (false, true) => Fate::Waits,
            (false, false) => Fate::Pays(from_bank, amount),
        }
    }
}
