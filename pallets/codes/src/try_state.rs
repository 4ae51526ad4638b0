//! The codes' full scan.

use crate::{pallet::*, types::Entry};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::{payment_codes::MAX_PENDING, OwnerId};

impl<T: Config> Pallet<T> {
    /// Checks I3 and I4.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let used = Used::<T>::iter().map(|(code, until)| (until, Entry::Code(code)));
        let waiting = Pending::<T>::iter().map(|(payment, pending)| (pending.until, Entry::Payment(payment)));
        let known: BTreeSet<_> = used.chain(waiting).collect();
        let due: BTreeSet<_> = Due::<T>::iter().map(|(until, entry, ())| (until, entry)).collect();
        ensure!(known == due, "I3: what is due is not what is remembered");
        let first = due.first().map_or(u32::MAX, |(until, _)| *until);
        ensure!(first >= ForgottenTo::<T>::get(), "I3: something was not forgotten");
        ensure!(ForgottenTo::<T>::get() <= Self::clock(), "I3: forgotten before its last block");

        let (mut listed, mut signed) = (BTreeSet::new(), BTreeMap::<OwnerId, u32>::new());
        for (payment, pending) in Pending::<T>::iter() {
            ensure!(pending.payer != pending.payee && pending.amount > 0, "I4: no payment waits there");
            ensure!([pending.payer, pending.payee].contains(&pending.signer), "I4: a stranger signed");
            listed.extend([(pending.payer, payment), (pending.payee, payment)]);
            let count = signed.entry(pending.signer).or_default();
            *count = count.saturating_add(1);
        }
        let of_owners: BTreeSet<_> = OfOwner::<T>::iter().map(|(owner, payment, ())| (owner, payment)).collect();
        ensure!(listed == of_owners, "I4: lists of owners are not what waits");
        ensure!(signed.values().all(|count| *count <= MAX_PENDING), "I4: too much waits");
        let counted: BTreeMap<_, _> = SignedFor::<T>::iter().collect();
        ensure!(signed == counted, "I4: counts of who signed are not what waits");
        Ok(())
    }
}
