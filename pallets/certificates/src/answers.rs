//! What wallets ask, and how a batch's certificate is put together again.

use crate::{impls::subject, pallet::*, types::*};
use alloc::vec::Vec;
use sp_runtime::SaturatedConversion;
use specie_certificates::{Batch, BatchCertificate, Certificate, KeyId, PublicKey, Seed, Signature};
use specie_primitives::{
    certificates::{
        BatchCertificateInfo, BatchFacts, BatchInfo, Batches, CertificateBytes, HexBytes, RevocationInfo,
        RevocationsInfo, RevokedItem, RootKeyInfo, RootKeysInfo,
    },
    BankId,
};

/// Most revocations of one answer.
const MAX_PAGE: u32 = 10_000;

impl<T: Config> Pallet<T> {
    /// The certificate of a batch from the stored signature and the batch itself.
    pub(crate) fn composed(batch: u32, stored: &BatchSignature) -> Option<BatchCertificate> {
        let facts = T::Batches::facts(batch)?;
        let body = Batch {
            genesis: Self::genesis(),
            batch,
            denomination: facts.denomination.0,
            count: stored.count,
            seed: Seed(facts.seed),
            signed_at: stored.signed_at,
            issuer: KeyId(stored.issuer),
        };
        BatchCertificate::new(body, Signature::decode(&stored.signature).ok()?).ok()
    }

    fn of_key(kind: IssuerKind, id: KeyId) -> Option<CertificateBytes> {
        let is_it =
            |bytes: &CertificateBytes| PublicKey::decode_trusted(subject(bytes)).is_ok_and(|key| key.id() == id);
        IssuerCertificates::<T>::get(kind).into_iter().find(is_it)
    }

    /// A batch, and whether it is certified.
    pub fn batch(batch: u32) -> Option<BatchInfo> {
        let BatchFacts { denomination, count, seed } = T::Batches::facts(batch)?;
        let certified = BatchSignatures::<T>::contains_key(batch);
        Some(BatchInfo { batch, denomination, count, seed: HexBytes(seed.to_vec()), certified })
    }

    /// The certificate of a batch, with those above it.
    pub fn certificate(batch: u32) -> Option<BatchCertificateInfo> {
        let stored = BatchSignatures::<T>::get(batch)?;
        let certificate = Self::composed(batch, &stored)?;
        let issuing = Self::of_key(IssuerKind::Issuing, KeyId(stored.issuer))?;
        let root = Self::of_key(IssuerKind::Root, Certificate::decode(&issuing).ok()?.body().issuer)?;
        Some(BatchCertificateInfo {
            batch,
            certificate: HexBytes(certificate.encode()),
            issuing: issuing.into(),
            root: root.into(),
        })
    }

    /// The issuer's certificate keys.
    pub fn root_keys() -> RootKeysInfo {
        let block = frame_system::Pallet::<T>::block_number();
        let list = |kind| -> Vec<CertificateBytes> { IssuerCertificates::<T>::get(kind).into_inner() };
        let described = list(IssuerKind::Root);
        let roots = RootKeys::<T>::get().into_iter().filter(|root| root.until.is_none_or(|until| block <= until));
        let info = |RootKey { key, until }| RootKeyInfo {
            certificate: described.iter().find(|bytes| subject(bytes) == key.as_slice()).cloned().map(Into::into),
            key: key.into(),
            until: until.map(SaturatedConversion::saturated_into),
        };
        let all = |kind| list(kind).into_iter().map(Into::into).collect();
        RootKeysInfo {
            roots: roots.map(info).collect(),
            issuing: all(IssuerKind::Issuing),
            registry: all(IssuerKind::Registry),
        }
    }

    /// Certificates of a bank's note keys.
    pub fn bank_certificates(bank: BankId) -> Vec<HexBytes> {
        BankCertificates::<T>::get(bank).into_iter().map(Into::into).collect()
    }

    /// Revocations whose numbers are above `after`, at most `limit` and never more than 10 000.
    pub fn revocations(after: u32, limit: u32) -> RevocationsInfo {
        let total = LastRevocation::<T>::get();
        let last = total.min(after.saturating_add(limit.min(MAX_PAGE)));
        let info = |number: u32| -> Option<RevocationInfo> {
            let item: RevokedItem = RevokedItems::<T>::get(number)?;
            let Revocation { reason, since, by, .. } = Revocations::<T>::get(item)?;
            Some(RevocationInfo { number, item, reason, since: since.saturated_into(), by })
        };
        let entries = (after.saturating_add(1)..=last).filter_map(info).collect();
        RevocationsInfo { entries, total, digest: Anchors::<T>::get().last().copied() }
    }
}
