//! How scans are judged, and payments made.

use crate::{pallet::*, weights::WeightInfo};
use frame_support::{ensure, storage::with_storage_layer, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{
    traits::{SaturatedConversion, Zero},
    DispatchError, DispatchResult,
};
use specie_primitives::{
    custody::CustodyTransfer,
    payment_codes::{code_id, code_payload, CodeId, CodeSide, PaymentCode, PendingPayment},
    traits::{CodePayments, CustodyTransfers, Owners, Profiles, Signatures, Standstill, Subjects},
    Balance, BankId, BlockNumber, Hash, OrderId, OwnerId, Scan, Subject,
};

/// Who pays whom, and how much.
#[derive(Clone, Copy)]
struct Parts {
    payer: OwnerId,
    payer_bank: BankId,
    payee: OwnerId,
    payee_bank: BankId,
    amount: Balance,
}

/// What a scan comes to.
enum Consent {
    /// The payer signed enough.
    Full,
    /// The payer signed the code, and the payee an amount that is small.
    Small,
    /// The payer has to confirm; who signed so far.
    Missing(OwnerId),
}

impl<T: Config> Pallet<T> {
    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The clock of orders: blocks in which payments ran.
    pub(crate) fn clock() -> BlockNumber {
        Self::now().saturating_sub(T::Standstill::stood_still())
    }

    /// Hash of the first block, which every signature of a code covers.
    fn genesis_hash() -> Hash {
        frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
    }

    fn do_scan(payment: OrderId, scan: &Scan, is_signed: bool) -> DispatchResult {
        let code = PaymentCode::read(&scan.code).ok_or(Error::<T>::BadCode)?;
        ensure!(is_signed || scan.signature.is_some(), Error::<T>::NobodySigned);
        // Else strangers would fill up the list of whoever shows such a code.
        ensure!(is_signed || !code.reusable, Error::<T>::ScannerMustSign);
        ensure!(code.owner != scan.scanner, Error::<T>::SameOwner);
        Self::ensure_in_time(&code, scan.signature.is_some())?;
        let parts = Self::parts(&code, scan)?;
        let id = code_id(Self::genesis_hash(), &scan.code);
        if !code.reusable {
            ensure!(!Used::<T>::contains_key(id), Error::<T>::CodeUsed);
        }
        if let Some(signature) = &scan.signature {
            let payload = code_payload(Self::genesis_hash(), &scan.code);
            ensure!(T::Signatures::is_signed(code.owner, &payload, signature), Error::<T>::BadCodeSignature);
        }
        if let Some(until) = code.until.filter(|_| !code.reusable) {
            Self::remember_code(id, until);
        }
        match Self::consent(&code, scan, is_signed, &parts)? {
            Consent::Full => Self::pay(payment, id, &parts, false),
            Consent::Small => Self::pay(payment, id, &parts, true),
            Consent::Missing(signer) => Self::ask(payment, id, &parts, signer),
        }
    }

    /// Codes that are signed, are for one payment or let payees set amounts are good for minutes: for so long they are
    /// remembered, and whoever steals one has no longer. Only a payee's code that nobody signed may be without an end, as on a
    /// sticker: it is no more than an address.
    fn ensure_in_time(code: &PaymentCode, is_signed: bool) -> DispatchResult {
        let is_address = code.side == CodeSide::Payee && code.reusable && !is_signed;
        let now = Self::clock();
        match code.until {
            None => ensure!(is_address, Error::<T>::CodeTooLong),
            Some(until) => {
                ensure!(now <= until, Error::<T>::CodeExpired);
                let is_near = until <= now.saturating_add(T::MaxCodeLife::get());
                ensure!(is_address || is_near, Error::<T>::CodeTooLong);
            },
        }
        Ok(())
    }

    fn parts(code: &PaymentCode, scan: &Scan) -> Result<Parts, DispatchError> {
        let amount = match (code.amount, scan.amount) {
            (Some(shown), Some(said)) => {
                ensure!(shown == said, Error::<T>::AmountDiffers);
                shown
            },
            (shown, said) => shown.or(said).ok_or(Error::<T>::NoAmount)?,
        };
        ensure!(!amount.is_zero(), Error::<T>::NoAmount);
        let (generator, scanner) = ((code.owner, code.bank), (scan.scanner, scan.bank));
        let ((payer, payer_bank), (payee, payee_bank)) = match code.side {
            CodeSide::Payer => (generator, scanner),
            CodeSide::Payee => (scanner, generator),
        };
        Ok(Parts { payer, payer_bank, payee, payee_bank, amount })
    }

    /// Whether the payer signed for this payee and this amount, or has to confirm.
    fn consent(code: &PaymentCode, scan: &Scan, is_signed: bool, parts: &Parts) -> Result<Consent, DispatchError> {
        match (code.side, is_signed, scan.signature.is_some()) {
            (CodeSide::Payee, true, _) => Ok(Consent::Full),
            (CodeSide::Payer, true, true) if code.amount.is_some() && !code.reusable => Ok(Consent::Full),
            (CodeSide::Payer, true, true) if Self::take_small(parts)? => Ok(Consent::Small),
            (_, true, _) => Ok(Consent::Missing(scan.scanner)),
            (_, false, _) => Ok(Consent::Missing(code.owner)),
        }
    }

    /// Counts a small amount; `false` if it is none, or there were too many of them today.
    fn take_small(parts: &Parts) -> Result<bool, DispatchError> {
        let profile = T::Profiles::profile(parts.payer).ok_or(Error::<T>::PayerNotActive)?;
        let Some(most) = Small::<T>::get(profile.class) else { return Ok(false) };
        if parts.amount > most.per_payment || SwitchedOff::<T>::contains_key(parts.payer) {
            return Ok(false);
        }
        let (today, own) = (T::Subjects::today(), Subject::Owner(parts.payer));
        // An owner that comes to count for another person brings along what was taken from itself.
        let both = [Some(own), Some(profile.subject).filter(|subject| *subject != own)];
        for subject in both.iter().flatten() {
            let taken = Taken::<T>::get(subject).on(today).value;
            if taken.checked_add(parts.amount).is_none_or(|taken| taken > most.per_day) {
                return Ok(false);
            }
        }
        for subject in both.iter().flatten() {
            Taken::<T>::mutate(subject, |taken| {
                *taken = taken.on(today);
                taken.value = taken.value.saturating_add(parts.amount);
            });
        }
        Ok(true)
    }

    fn pay(payment: OrderId, code: CodeId, parts: &Parts, small: bool) -> DispatchResult {
        Self::transfer(parts)?;
        let Parts { payer, payer_bank, payee, payee_bank, amount } = *parts;
        Self::deposit_event(Event::Paid { payment, code, payer, payer_bank, payee, payee_bank, amount, small });
        Ok(())
    }

    /// As the payer's own call would. It does not wait for reserves: who stands at a counter wants to know.
    fn transfer(parts: &Parts) -> DispatchResult {
        let Parts { payer, payer_bank, payee, payee_bank, amount } = *parts;
        ensure!(T::Owners::is_active(payer), Error::<T>::PayerNotActive);
        let wish = CustodyTransfer { from_bank: payer_bank, to_bank: payee_bank, to: payee, amount, expires: None };
        T::Custody::transfer(payer, &wish).map(drop)
    }

    fn ask(payment: OrderId, code: CodeId, parts: &Parts, signer: OwnerId) -> DispatchResult {
        let Parts { payer, payer_bank, payee, payee_bank, amount } = *parts;
        ensure!(T::Owners::is_active(payer), Error::<T>::PayerNotActive);
        T::Owners::ensure_payable(payee)?;
        let until = Self::clock().saturating_add(T::PendingLife::get());
        let pending = PendingPayment { payer, payer_bank, payee, payee_bank, amount, signer, until };
        Self::remember_payment(payment, pending)?;
        Self::deposit_event(Event::Asked { payment, code, payer, payee, amount, until });
        Ok(())
    }

    pub(crate) fn do_confirm(owner: OwnerId, payment: OrderId) -> DispatchResult {
        let pending = Pending::<T>::get(payment).ok_or(Error::<T>::UnknownPayment)?;
        ensure!(owner == pending.payer, Error::<T>::NotYours);
        ensure!(Self::clock() <= pending.until, Error::<T>::PaymentExpired);
        let PendingPayment { payer, payer_bank, payee, payee_bank, amount, .. } = pending;
        Self::forget_payment(payment, &pending);
        Self::transfer(&Parts { payer, payer_bank, payee, payee_bank, amount })?;
        Self::deposit_event(Event::Confirmed { payment, payer, payee, amount });
        Ok(())
    }

    pub(crate) fn do_refuse(owner: OwnerId, payment: OrderId) -> DispatchResult {
        let pending = Pending::<T>::get(payment).ok_or(Error::<T>::UnknownPayment)?;
        let PendingPayment { payer, payee, .. } = pending;
        ensure!([payer, payee].contains(&owner), Error::<T>::NotYours);
        Self::forget_payment(payment, &pending);
        Self::deposit_event(Event::Refused { payment, payer, payee, by: owner });
        Ok(())
    }
}

impl<T: Config> CodePayments for Pallet<T> {
    fn scan(order: OrderId, scan: &Scan, is_signed: bool) -> DispatchResult {
        with_storage_layer(|| Self::do_scan(order, scan, is_signed))
    }

    fn answer(owner: OwnerId, payment: OrderId, confirms: bool) -> DispatchResult {
        with_storage_layer(|| match confirms {
            true => Self::do_confirm(owner, payment),
            false => Self::do_refuse(owner, payment),
        })
    }

    fn scan_weight() -> Weight {
        T::WeightInfo::scan().saturating_add(T::Custody::weight())
    }

    fn answer_weight() -> Weight {
        T::WeightInfo::confirm().saturating_add(T::Custody::weight())
    }
}
