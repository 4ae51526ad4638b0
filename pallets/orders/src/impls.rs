//! How orders are judged, executed, cancelled and forgotten.

use crate::{pallet::*, types::Entry, weights::WeightInfo};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{EnsureOrigin, Get},
    weights::Weight,
    BoundedVec,
};
use frame_system::{
    pallet_prelude::{BlockNumberFor, OriginFor},
    RawOrigin,
};
use sp_runtime::{
    traits::{SaturatedConversion, Zero},
    DigestItem, DispatchError, DispatchResult,
};
use specie_primitives::{
    custody::CustodyTransfer,
    escrow::{EscrowStep, EscrowTerms},
    orders::{
        block_entry, digest, Action, Executed, ExecutedOrders, Order, OrderBytes, OrderInfo, Outcome, Processor,
        SignedOrder, Verdict, MAX_PARTIES, ORDER_TAG,
    },
    traits::{
        CodePayments, CoinPayments, CustodyForms, CustodyTransfers, EscrowOrders, InstrumentTransfers, JointAccounts,
        Owners, Signatures, Standstill,
    },
    AccountId, BlockNumber, Hash, OrderId, OwnerId, SigningRule,
};

/// Most entries that a block forgets, and most blocks that it looks through for them.
pub const MAX_FORGOTTEN: u64 = 1_000;

impl<T: Config> Pallet<T> {
    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The clock of orders: blocks in which payments ran.
    pub fn clock() -> BlockNumber {
        Self::now().saturating_sub(T::Standstill::stood_still())
    }

    /// Hash of the first block, which every order names.
    fn genesis_hash() -> Hash {
        frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
    }

    /// As which processor a signer submits, if it is one.
    pub(crate) fn processor(origin: OriginFor<T>) -> Option<Processor> {
        if let Ok(bank) = T::BankOrigin::ensure_origin(origin.clone()) {
            return Some(Processor::Bank(bank));
        }
        let owner = T::OwnerOrigin::ensure_origin(origin).ok()?;
        Processors::<T>::contains_key(owner).then_some(Processor::Owner(owner))
    }

    pub(crate) fn do_submit(submitter: AccountId, processor: Option<Processor>, orders: &[OrderBytes]) {
        let count = frame_system::Pallet::<T>::event_count;
        let (mut outcomes, mut events) = (Vec::new(), Vec::new());
        for bytes in orders {
            let before = count();
            outcomes.push(Self::execute(bytes, processor));
            events.push(count().saturating_sub(before));
        }
        // There are as many of either as orders.
        let (outcomes, events) = (BoundedVec::truncate_from(outcomes), BoundedVec::truncate_from(events));
        Self::deposit_event(Event::Submitted { submitter, outcomes, events });
    }

    /// What would come of an order if this account submitted it alone. For questions from outside, whose changes nobody keeps.
    pub fn try_one(bytes: &[u8], submitter: AccountId) -> Outcome {
        Self::execute(bytes, Self::processor(RawOrigin::Signed(submitter).into()))
    }

    /// Executes one order. Unless that succeeds nothing changes.
    pub fn execute(bytes: &[u8], processor: Option<Processor>) -> Outcome {
        let Some(signed) = SignedOrder::read(bytes) else {
            return Outcome { order: OrderId::of(bytes), verdict: Verdict::Unreadable };
        };
        let payload = signed.order.encode();
        let order = OrderId::of(&payload);
        let result = Self::judge(order, &signed, &payload, processor).and_then(|payer| {
            let done: Result<(), Failure> = with_storage_layer(|| {
                Self::remember(order, signed.order.valid_until);
                Self::act(order, payer, &signed.order).map_err(Failure)
            });
            done.map_err(|Failure(verdict)| verdict)
        });
        Outcome { order, verdict: result.map_or_else(|verdict| verdict, |()| Verdict::Executed) }
    }

    /// Whether an order may be executed now; gives the payer. What costs most is looked at last.
    fn judge(
        id: OrderId,
        signed: &SignedOrder,
        payload: &[u8],
        processor: Option<Processor>,
    ) -> Result<OwnerId, Verdict> {
        let SignedOrder { order, signatures } = signed;
        ensure!(order.tag == *ORDER_TAG, Verdict::Unreadable);
        ensure!(order.genesis == Self::genesis_hash(), Verdict::OtherNetwork);
        let window = order.valid_until.checked_sub(order.valid_from).ok_or(Verdict::BadWindow)?;
        ensure!(window <= T::MaxWindow::get(), Verdict::BadWindow);
        let now = Self::clock();
        ensure!(now >= order.valid_from, Verdict::NotYet);
        ensure!(now <= order.valid_until, Verdict::Expired);
        ensure!(!Done::<T>::contains_key(id), Verdict::AlreadyExecuted);
        if let Some(number) = &order.processing {
            ensure!(now > number.until || processor == Some(number.processor), Verdict::OtherProcessor);
        }
        let parties = &order.parties;
        ensure!(order.action.takes(parties.len()), Verdict::WrongParties);
        // Of a scan that nobody signed, the generator of the code signed: the codes look at that.
        let payer = order.payer().or(order.action.unsigned_scanner()).ok_or(Verdict::WrongParties)?;
        ensure!(signed.is_complete(), Verdict::BadSignature);
        for party in parties {
            ensure!(!Cancelled::<T>::contains_key(id, party.owner), Verdict::Cancelled);
            ensure!(T::Owners::is_active(party.owner), Verdict::PartyNotActive);
        }
        let signers = Self::signers(signed)?;
        for (signer, by) in signers.into_iter().zip(signatures) {
            ensure!(T::Signatures::is_signed(signer, payload, &by.signature), Verdict::BadSignature);
        }
        Ok(payer)
    }

    /// Whose each signature of a complete order must be: the party's own, or the manager's in that seat. Fails if the
    /// managers are others now, or too few of them signed.
    fn signers(signed: &SignedOrder) -> Result<Vec<OwnerId>, Verdict> {
        let mut signers = Vec::new();
        for (place, party) in signed.order.parties.iter().enumerate() {
            let given = signed.of_party(place);
            if party.version == 0 {
                signers.extend(given.map(|_| party.owner));
                continue;
            }
            let set = T::Joint::managers(party.owner).filter(|set| set.version == party.version);
            let SigningRule { managers, threshold } = set.ok_or(Verdict::OtherManagers)?.rule;
            ensure!(given.clone().count() >= usize::from(threshold), Verdict::BadSignature);
            for by in given {
                let manager = managers.get(usize::from(by.seat)).ok_or(Verdict::BadSignature)?;
                ensure!(T::Owners::is_active(*manager), Verdict::ManagerNotActive);
                signers.push(*manager);
            }
        }
        Ok(signers)
    }

    /// Does what the order asks for.
    fn act(id: OrderId, payer: OwnerId, order: &Order) -> Result<(), Verdict> {
        // Of two parties the other one; where one is enough there is none, and nobody asks.
        let other = || order.parties.get(1).map(|party| party.owner).ok_or(Verdict::WrongParties);
        match &order.action {
            Action::Coins { to, coins } => T::Coins::pay(payer, *to, coins.clone()).map_err(Verdict::Failed),
            Action::CoinsWithChange(payment) => {
                T::Coins::pay_with_change(payer, payment.clone()).map_err(Verdict::Failed)
            },
            Action::Custody { from_bank, to_bank, to, amount, expires } => {
                // Custody counts blocks; orders leave those out in which payments stood still.
                let expires = expires.map(|expires| expires.saturating_add(T::Standstill::stood_still()));
                let wish =
                    CustodyTransfer { from_bank: *from_bank, to_bank: *to_bank, to: *to, amount: *amount, expires };
                T::Custody::transfer(payer, &wish).map(drop).map_err(Verdict::Failed)
            },
            Action::Cancel { order, valid_until } => {
                Self::do_cancel(payer, *order, *valid_until).map_err(Verdict::Failed)
            },
            Action::Hold { from_bank, to_bank, amount, expires, at_expiry, reference } => {
                let terms = EscrowTerms {
                    from_bank: *from_bank,
                    to_bank: *to_bank,
                    amount: *amount,
                    expires: *expires,
                    at_expiry: *at_expiry,
                    reference: *reference,
                };
                T::Escrows::hold(id, payer, other()?, &terms).map_err(Verdict::Failed)
            },
            Action::Release { escrow, amount } => T::Escrows::release(payer, *escrow, *amount).map_err(Verdict::Failed),
            Action::Return { escrow, amount } => {
                T::Escrows::give_back(payer, other()?, *escrow, *amount).map_err(Verdict::Failed)
            },
            Action::Dispute { escrow } => T::Escrows::dispute(payer, *escrow).map_err(Verdict::Failed),
            Action::Code(scan) => {
                ensure!(scan.scanner == payer, Verdict::WrongParties);
                T::Codes::scan(id, scan, !order.parties.is_empty()).map_err(Verdict::Failed)
            },
            Action::Answer { payment, confirms } => {
                T::Codes::answer(payer, *payment, *confirms).map_err(Verdict::Failed)
            },
            Action::Asset { instrument, to, amount } => {
                T::Instruments::transfer(payer, *to, *instrument, *amount).map_err(Verdict::Failed)
            },
            Action::Redeem { instrument, amount } => {
                T::Instruments::redeem(payer, *instrument, *amount).map_err(Verdict::Failed)
            },
            Action::Exchange { give, take } => {
                T::Instruments::exchange(payer, other()?, give, take).map_err(Verdict::Failed)
            },
            Action::Withdraw { bank, selection } => {
                T::Forms::withdraw(payer, *bank, selection.clone()).map_err(Verdict::Failed)
            },
            Action::Deposit { bank, coins } => T::Forms::deposit(payer, *bank, coins.clone()).map_err(Verdict::Failed),
            Action::SetManagers { rule } => {
                let consenting: Vec<OwnerId> = order.parties.iter().skip(1).map(|party| party.owner).collect();
                T::Joint::set_managers(payer, rule.clone(), &consenting).map_err(Verdict::Failed)
            },
        }
    }

    fn remember(order: OrderId, valid_until: BlockNumber) {
        Done::<T>::insert(order, Executed { block: Self::now(), valid_until });
        Due::<T>::insert(valid_until, Entry { order, cancelled_by: None }, ());
        Latest::<T>::append(order);
    }

    pub(crate) fn do_cancel(owner: OwnerId, order: OrderId, valid_until: BlockNumber) -> DispatchResult {
        let now = Self::clock();
        ensure!(valid_until >= now, Error::<T>::OrderExpired);
        ensure!(valid_until <= now.saturating_add(T::MaxAhead::get()), Error::<T>::OrderTooFar);
        ensure!(!Done::<T>::contains_key(order), Error::<T>::OrderExecuted);
        let entry = Entry { order, cancelled_by: Some(owner) };
        // The chain does not know the order: the later of two last blocks is on the safe side.
        let before = Cancelled::<T>::get(order, owner);
        if let Some(before) = before {
            Due::<T>::remove(before, entry);
        }
        let valid_until = before.map_or(valid_until, |before| before.max(valid_until));
        Cancelled::<T>::insert(order, owner, valid_until);
        Due::<T>::insert(valid_until, entry, ());
        Self::deposit_event(Event::OrderCancelled { order, owner, valid_until });
        Ok(())
    }

    /// Forgets what is over, as far as the weight goes.
    pub(crate) fn forget(left: Weight) -> Weight {
        let (each, base) = (T::WeightInfo::forget(1), T::WeightInfo::forget(0));
        let one = each.saturating_sub(base);
        let most = left.checked_sub(&base).and_then(|left| left.checked_div_per_component(&one)).unwrap_or(0);
        if most == 0 {
            return Weight::zero();
        }
        let steps = Self::do_forget(most.min(MAX_FORGOTTEN));
        T::WeightInfo::forget(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    /// Takes at most so many steps, each of which forgets something or leaves a block behind. Gives how many it took.
    pub fn do_forget(most: u64) -> u64 {
        let (now, before) = (Self::clock(), ForgottenTo::<T>::get());
        let (mut block, mut steps) = (before, 0u64);
        while block < now && steps < most {
            let room = most.saturating_sub(steps);
            let wanted = usize::try_from(room).unwrap_or(usize::MAX);
            // Looked for once, and then removed: a search passes over all that this block removed before it, so that with
            // one search for each a thousand orders with the same last block would take half a million steps.
            let due: Vec<Entry> = Due::<T>::iter_key_prefix(block).take(wanted).collect();
            for entry in &due {
                Due::<T>::remove(block, entry);
                match entry.cancelled_by {
                    Some(owner) => Cancelled::<T>::remove(entry.order, owner),
                    None => Done::<T>::remove(entry.order),
                }
            }
            let found = u64::try_from(due.len()).unwrap_or(u64::MAX);
            steps = steps.saturating_add(found);
            if found < room {
                (block, steps) = (block.saturating_add(1), steps.saturating_add(1));
            }
        }
        if block != before {
            ForgottenTo::<T>::put(block);
        }
        steps
    }

    /// Enters the orders of this block into the list of all, and the list's hash into the header.
    pub(crate) fn close_block() {
        let executed = Latest::<T>::get();
        if executed.is_empty() {
            return;
        }
        let root = Blocks::<T>::mutate(|blocks| {
            blocks.append(block_entry(Self::now(), &executed));
            blocks.root()
        });
        frame_system::Pallet::<T>::deposit_log(DigestItem::Other(digest(root)));
    }

    /// What this block executed, and its place in the list of all, once it is closed.
    pub fn executed() -> ExecutedOrders {
        ExecutedOrders { place: Blocks::<T>::get().entries.saturating_sub(1), orders: Latest::<T>::get() }
    }

    /// What is known of an order.
    pub fn info(order: OrderId) -> OrderInfo {
        let mut cancelled_by: Vec<OwnerId> = Cancelled::<T>::iter_key_prefix(order).take(MAX_LISTED).collect();
        cancelled_by.sort();
        OrderInfo { order, executed: Done::<T>::get(order), cancelled_by, now: Self::clock() }
    }

    /// Which of these owners take no part in an order any more; beyond the number of parties nobody is looked at.
    pub fn cancelled_by(order: OrderId, owners: Vec<OwnerId>) -> Vec<OwnerId> {
        let most = usize::try_from(MAX_PARTIES).unwrap_or(usize::MAX);
        owners.into_iter().take(most).filter(|owner| Cancelled::<T>::contains_key(order, owner)).collect()
    }

    /// What submitting these orders costs at most, every one of them being read, checked and executed.
    pub(crate) fn weight_of(orders: &[OrderBytes]) -> Weight {
        orders.iter().fold(T::WeightInfo::submit(), |sum, bytes| sum.saturating_add(Self::weight_of_one(bytes)))
    }

    fn weight_of_one(bytes: &[u8]) -> Weight {
        let Some(signed) = SignedOrder::read(bytes) else { return T::WeightInfo::order() };
        let signatures = u32::try_from(signed.signatures.len()).unwrap_or(u32::MAX);
        let action = match &signed.order.action {
            Action::Coins { coins, .. } => T::Coins::weight(u32::try_from(coins.len()).unwrap_or(u32::MAX)),
            Action::CoinsWithChange(payment) => T::Coins::weight_with_change(payment),
            Action::Custody { .. } => T::Custody::weight(),
            Action::Cancel { .. } => T::WeightInfo::cancel(),
            Action::Hold { .. } => T::Escrows::weight(EscrowStep::Hold),
            Action::Release { .. } => T::Escrows::weight(EscrowStep::Release),
            Action::Return { .. } => T::Escrows::weight(EscrowStep::Return),
            Action::Dispute { .. } => T::Escrows::weight(EscrowStep::Dispute),
            Action::Asset { .. } => T::Instruments::transfer_weight(),
            Action::Redeem { .. } => T::Instruments::redeem_weight(),
            Action::Exchange { give, take } => T::Instruments::exchange_weight(give, take),
            Action::Withdraw { selection, .. } => T::Forms::withdraw_weight(selection),
            Action::Deposit { coins, .. } => T::Forms::deposit_weight(u32::try_from(coins.len()).unwrap_or(u32::MAX)),
            Action::SetManagers { .. } => T::Joint::weight_of_change(),
            Action::Code(_) => T::Codes::scan_weight(),
            Action::Answer { .. } => T::Codes::answer_weight(),
        };
        let signatures = T::WeightInfo::signature().saturating_mul(signatures.into());
        let looks = signed.order.parties.iter().enumerate().filter(|(_, party)| party.version != 0);
        let looks = looks.map(|(place, _)| {
            T::Joint::weight_of_look(u32::try_from(signed.of_party(place).count()).unwrap_or(u32::MAX))
        });
        let looks = looks.fold(Weight::zero(), |sum, look| sum.saturating_add(look));
        T::WeightInfo::order().saturating_add(signatures).saturating_add(looks).saturating_add(action)
    }
}

/// Most owners that an answer lists: anybody may cancel what it has no part in.
const MAX_LISTED: usize = 64;

/// A verdict where the SDK wants an error.
struct Failure(Verdict);

impl From<DispatchError> for Failure {
    fn from(error: DispatchError) -> Self {
        Self(Verdict::Failed(error))
    }
}
