//! The certificates' full scan.

use crate::{impls::subject, pallet::*, types::*};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_certificates::{BatchCertificate, Certificate, Kind, PublicKey};
use specie_primitives::{
    certificates::{Batches, CertificateBytes},
    Institution,
};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I5.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_roots()?;
        Self::check_certificates()?;
        Self::check_batches()?;
        Self::check_revocations()?;
        Self::check_anchors()
    }

    /// I1.
    fn check_roots() -> Result<(), TryRuntimeError> {
        let roots = RootKeys::<T>::get();
        let last = roots.len().saturating_sub(1);
        let mut keys = BTreeSet::new();
        for (place, root) in roots.into_iter().enumerate() {
            ensure!(root.until.is_none() == (place == last), "I1: the last root key alone is current");
            let key = PublicKey::decode(&root.key).map_err(|_| "I1: a root key cannot be read")?;
            ensure!(key.algorithm().signs(), "I1: a root key cannot sign");
            ensure!(keys.insert(root.key), "I1: a root key stands twice");
        }
        Ok(())
    }

    /// I2.
    fn check_certificates() -> Result<(), TryRuntimeError> {
        let issuers = IssuerCertificates::<T>::iter().map(|(kind, list)| (Some(kind), 0, list));
        let banks = BankCertificates::<T>::iter().map(|(bank, list)| (None, bank.0, list));
        for (kind, bank, list) in issuers.chain(banks) {
            let mut keys = BTreeSet::new();
            for bytes in list {
                let certificate = Certificate::decode(&bytes).map_err(|_| "I2: a certificate cannot be read")?;
                let body = certificate.body();
                let placed = match kind {
                    Some(kind) => IssuerKind::of(body.kind) == Some(kind),
                    None => body.kind == Kind::Bank && body.bank.0 == bank,
                };
                ensure!(placed && body.genesis == Self::genesis(), "I2: a certificate is in the wrong place");
                ensure!(subject(&bytes) == body.subject.encode(), "I2: a certificate's key is not where it should be");
                ensure!(keys.insert(body.subject), "I2: a key has two certificates");
            }
        }
        Ok(())
    }

    /// I3.
    fn check_batches() -> Result<(), TryRuntimeError> {
        let list = IssuerCertificates::<T>::get(IssuerKind::Issuing);
        let key = |bytes: &CertificateBytes| Certificate::decode(bytes).map(|one| one.body().subject);
        let keys = list.iter().map(key).collect::<Result<BTreeSet<_>, _>>();
        let keys = keys.map_err(|_| "I2: a certificate cannot be read")?;
        for (batch, stored) in BatchSignatures::<T>::iter() {
            let facts = T::Batches::facts(batch).ok_or("I3: a certified batch was never minted")?;
            ensure!(stored.count <= facts.count, "I3: more coins certified than minted");
            let certificate = Self::composed(batch, &stored).ok_or("I3: a batch's certificate cannot be read")?;
            let Some(key) = keys.iter().find(|key| key.id().0 == stored.issuer) else { continue };
            let held = |one: &BatchCertificate| key.verify(&one.batch().payload(), one.signature());
            ensure!(held(&certificate).is_ok(), "I3: a batch's signature does not hold");
        }
        Ok(())
    }

    /// I4.
    fn check_revocations() -> Result<(), TryRuntimeError> {
        let last = LastRevocation::<T>::get();
        let mut counts = BTreeMap::<Institution, u32>::new();
        let mut total = 0u32;
        for (item, revocation) in Revocations::<T>::iter() {
            ensure!((1..=last).contains(&revocation.number), "I4: a revocation has a number that was not given");
            ensure!(RevokedItems::<T>::get(revocation.number) == Some(item), "I4: Revocations and RevokedItems differ");
            let count = counts.entry(revocation.by).or_default();
            *count = count.saturating_add(1);
            total = total.saturating_add(1);
        }
        ensure!(total == last, "I4: a revocation is missing");
        let listed = u32::try_from(RevokedItems::<T>::iter_keys().count()).unwrap_or(u32::MAX);
        ensure!(listed == last, "I4: a number without a revocation");
        ensure!(counts == RevokedBy::<T>::iter().collect(), "I4: the counts per institution differ");
        for (institution, count) in counts {
            let most = match institution {
                Institution::Issuer => MAX_ISSUER_REVOCATIONS,
                Institution::Bank(_) => MAX_BANK_REVOCATIONS,
            };
            ensure!(count <= most, "I4: an institution revoked more than it may");
        }
        Ok(())
    }

    /// I5.
    fn check_anchors() -> Result<(), TryRuntimeError> {
        let anchors = Anchors::<T>::get();
        let standing = |place: usize| anchors.get(place).map(|one| (one.registry, one.number, one.entries));
        for place in 1..anchors.len() {
            let (before, after) = (standing(place.saturating_sub(1)), standing(place));
            let ascend = before.zip(after).is_some_and(|(one, two)| (one.0, one.1) < (two.0, two.1) && one.2 <= two.2);
            ensure!(ascend, "I5: anchors do not ascend");
        }
        let most = anchors.iter().map(|one| one.entries).max().unwrap_or_default();
        ensure!(most <= LastRevocation::<T>::get(), "I5: an anchor has more entries than there are");
        Ok(())
    }
}
