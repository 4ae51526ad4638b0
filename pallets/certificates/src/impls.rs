//! How certificates come in and how they are checked.

use crate::{pallet::*, types::*};
use core::marker::PhantomData;
use frame_support::{
    ensure,
    traits::{ConstU32, UnixTime},
    BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{
    traits::{SaturatedConversion, Zero},
    DispatchError, DispatchResult,
};
use specie_certificates as certificates;
use specie_certificates::{
    check_renewal, verify_batch, verify_chain, BatchCertificate, Body, Certificate, Fault, Genesis, Item, KeyId, Kind,
    PublicKey, Refused, Revocations as _, Root, Signature, HEADER_LEN,
};
use specie_primitives::{
    certificates::{
        BatchFacts, Batches, CertificateBytes, DigestAnchor, KeyBytes, RevocationReason, RevokedItem, SignatureBytes,
        SIGNATURE_LEN,
    },
    BankId, Hash, Institution,
};

/// A holder's certificates.
type List = BoundedVec<CertificateBytes, ConstU32<MAX_CERTIFICATES>>;

/// The chain's own list of what is revoked.
pub struct OnChain<T>(PhantomData<T>);

impl<T: Config> certificates::Revocations for OnChain<T> {
    fn is_revoked(&self, item: &Item) -> bool {
        Revocations::<T>::contains_key(RevokedItem(item.0))
    }
}

/// What a fault of a document is called here.
fn error<T>(fault: Fault) -> Error<T> {
    match fault {
        Fault::WrongNetwork => Error::WrongNetwork,
        Fault::WrongKind => Error::WrongKind,
        Fault::WrongIssuer => Error::UnknownIssuer,
        Fault::WrongRoot => Error::UnknownRoot,
        Fault::WrongBank => Error::WrongBank,
        Fault::TooManyHops => Error::TooManyHops,
        Fault::NotYetValid => Error::NotYetValid,
        Fault::Expired => Error::Expired,
        Fault::WrongAlgorithm | Fault::HighS | Fault::BadSignature => Error::BadSignature,
        Fault::Revoked => Error::RevokedBefore,
        Fault::OtherHolder => Error::OtherHolder,
        Fault::NotNewer => Error::NotNewer,
        _ => Error::Unreadable,
    }
}

/// The same where a root stands above the document.
fn refused<T>(refused: Refused) -> Error<T> {
    match refused.position {
        0 => Error::RootNotValid,
        _ => error(refused.fault),
    }
}

/// The key that a stored certificate certifies, as it is encoded.
pub(crate) fn subject(certificate: &CertificateBytes) -> &[u8] {
    let end = certificate.len().saturating_sub(SIGNATURE_LEN as usize);
    certificate.get(HEADER_LEN..end).unwrap_or_default()
}

impl<T: Config> Pallet<T> {
    /// The first block's hash, which every document names.
    pub(crate) fn genesis() -> Genesis {
        Genesis(frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()).0)
    }

    /// Seconds since 1970.
    fn now() -> u64 {
        T::Time::now().as_secs()
    }

    /// Whether a root key is current, or replaced and still known.
    fn is_known_root(key: &[u8]) -> bool {
        let block = frame_system::Pallet::<T>::block_number();
        RootKeys::<T>::get()
            .iter()
            .any(|root| root.key.as_slice() == key && root.until.is_none_or(|until| block <= until))
    }

    /// The certificate in a list whose key has this id.
    fn find(list: &List, id: KeyId) -> Option<Certificate> {
        let is_it = |bytes: &&CertificateBytes| {
            // Stored keys were checked when they came in.
            PublicKey::decode_trusted(subject(bytes)).is_ok_and(|key| key.id() == id)
        };
        list.iter().find(is_it).and_then(|bytes| Certificate::decode(bytes).ok())
    }

    /// A root, from its certificate: its key must be known now.
    fn pin(certificate: Certificate) -> Result<Root, Error<T>> {
        let key = certificate.body().subject;
        let genesis = Self::genesis();
        ensure!(certificate.body().genesis == genesis, Error::<T>::WrongNetwork);
        ensure!(Self::is_known_root(&key.encode()), Error::<T>::UnknownRoot);
        Root::pin(certificate, &genesis, &key).map_err(error)
    }

    /// The root with this key id.
    pub(crate) fn root(id: KeyId) -> Result<Root, Error<T>> {
        let found = Self::find(&IssuerCertificates::<T>::get(IssuerKind::Root), id);
        Self::pin(found.ok_or(Error::<T>::UnknownRoot)?)
    }

    /// Checks a certificate of an institution that comes in.
    fn check(certificate: Certificate) -> DispatchResult {
        let (now, body) = (Self::now(), *certificate.body());
        if body.kind == Kind::Root {
            Self::pin(certificate)?;
            body.check_time(now).map_err(error::<T>)?;
            let list = OnChain::<T>(PhantomData);
            let revoked = list.is_revoked(&body.subject.item()) || list.is_revoked(&body.item());
            ensure!(!revoked, Error::<T>::RevokedBefore);
        } else {
            ensure!(body.genesis == Self::genesis(), Error::<T>::WrongNetwork);
            let root = Self::root(body.issuer)?;
            verify_chain(&root, &[certificate], now, &OnChain::<T>(PhantomData)).map_err(refused::<T>)?;
        }
        Ok(())
    }

    /// Puts a certificate that was checked into its holder's list (I2): in the place of an older one of its key, or beside
    /// the others. If the list is full, it takes the place of the one that ended first. What signed coins stays: coins
    /// outlive keys.
    fn enter(list: &mut List, bytes: CertificateBytes, new: &Body) -> DispatchResult {
        if let Some(old) = list.iter_mut().find(|old| subject(old) == subject(&bytes)) {
            let before = Certificate::decode(old).map_err(error::<T>)?;
            check_renewal(before.body(), new).map_err(error::<T>)?;
            *old = bytes;
            return Ok(());
        }
        if list.is_full() && !matches!(new.kind, Kind::Root | Kind::Issuing) {
            let end = |bytes: &CertificateBytes| Certificate::decode(bytes).map_or(0, |one| one.body().not_after);
            let (end, place) =
                list.iter().enumerate().map(|(place, one)| (end(one), place)).min().unwrap_or((u32::MAX, 0));
            ensure!(u64::from(end) < Self::now(), Error::<T>::TooManyCertificates);
            list.remove(place);
        }
        list.try_push(bytes).map_err(|_| Error::<T>::TooManyCertificates)?;
        Ok(())
    }

    fn published(institution: Institution, body: &Body) {
        let key = KeyBytes::truncate_from(body.subject.encode());
        Self::deposit_event(Event::Published { institution, key, serial: body.serial });
    }

    /// Adds a root key as the current one.
    pub(crate) fn enter_root(key: KeyBytes) -> DispatchResult {
        let read = PublicKey::decode(&key).map_err(|_| Error::<T>::BadKey)?;
        ensure!(read.algorithm().signs(), Error::<T>::BadKey);
        RootKeys::<T>::try_mutate(|roots| {
            ensure!(roots.iter().all(|root| root.key != key), Error::<T>::RootKnown);
            roots.try_push(RootKey { key, until: None }).map_err(|_| Error::<T>::TooManyRoots)?;
            Ok(())
        })
    }

    pub(crate) fn do_replace_root(key: KeyBytes, known_until: BlockNumberFor<T>) -> DispatchResult {
        let block = frame_system::Pallet::<T>::block_number();
        ensure!(RootKeys::<T>::get().iter().all(|root| root.key != key), Error::<T>::RootKnown);
        RootKeys::<T>::mutate(|roots| {
            if let Some(current) = roots.last_mut() {
                current.until = Some(known_until);
            }
            roots.retain(|root| root.until.is_none_or(|until| block <= until));
        });
        Self::enter_root(key.clone())?;
        Self::deposit_event(Event::RootReplaced { key, known_until });
        Ok(())
    }

    pub(crate) fn do_publish(bytes: CertificateBytes) -> DispatchResult {
        let certificate = Certificate::decode(&bytes).map_err(error::<T>)?;
        let body = certificate.body();
        let kind = IssuerKind::of(body.kind).ok_or(Error::<T>::WrongKind)?;
        Self::check(certificate)?;
        IssuerCertificates::<T>::try_mutate(kind, |list| Self::enter(list, bytes, body))?;
        Self::published(Institution::Issuer, body);
        Ok(())
    }

    pub(crate) fn do_publish_bank(
        bank: BankId,
        bytes: CertificateBytes,
        possession: &SignatureBytes,
    ) -> DispatchResult {
        let certificate = Certificate::decode(&bytes).map_err(error::<T>)?;
        let body = certificate.body();
        ensure!(body.kind == Kind::Bank, Error::<T>::WrongKind);
        ensure!(body.bank.0 == bank.0, Error::<T>::WrongBank);
        Self::check(certificate)?;
        let shown = Signature::decode(possession).and_then(|shown| body.subject.verify(&body.possession(), &shown));
        ensure!(shown.is_ok(), Error::<T>::BadPossession);
        BankCertificates::<T>::try_mutate(bank, |list| Self::enter(list, bytes, body))?;
        Self::published(Institution::Bank(bank), body);
        Ok(())
    }

    pub(crate) fn do_certify_batch(bytes: &[u8]) -> DispatchResult {
        let certificate = BatchCertificate::decode(bytes).map_err(error::<T>)?;
        let batch = *certificate.batch();
        ensure!(batch.genesis == Self::genesis(), Error::<T>::WrongNetwork);
        let BatchFacts { denomination, count, seed } =
            T::Batches::facts(batch.batch).ok_or(Error::<T>::UnknownBatch)?;
        let same = (batch.denomination, batch.count, batch.seed.0) == (denomination.0, count, seed);
        ensure!(same, Error::<T>::WrongBatch);
        let issuing = Self::find(&IssuerCertificates::<T>::get(IssuerKind::Issuing), batch.issuer);
        let issuing = issuing.ok_or(Error::<T>::UnknownIssuer)?;
        let root = Self::root(issuing.body().issuer)?;
        verify_batch(&root, &issuing, &certificate, Self::now(), &OnChain::<T>(PhantomData)).map_err(refused::<T>)?;
        let later = BatchSignatures::<T>::get(batch.batch).is_none_or(|old| old.signed_at < batch.signed_at);
        ensure!(later, Error::<T>::NotNewer);
        let signature = SignatureBytes::truncate_from(certificate.signature().encode());
        BatchSignatures::<T>::insert(
            batch.batch,
            BatchSignature { count, signed_at: batch.signed_at, issuer: batch.issuer.0, signature },
        );
        Self::deposit_event(Event::BatchCertified { batch: batch.batch, count, signed_at: batch.signed_at });
        Ok(())
    }

    /// A bank revokes by certificate, never by key: it could certify a key that is somebody else's, and then withdraw it.
    pub(crate) fn do_revoke(bank: BankId, bytes: &[u8], reason: RevocationReason) -> DispatchResult {
        let certificate = Certificate::decode(bytes).map_err(error::<T>)?;
        let body = certificate.body();
        ensure!(matches!(body.kind, Kind::Owner | Kind::Device), Error::<T>::WrongKind);
        ensure!(body.genesis == Self::genesis(), Error::<T>::WrongNetwork);
        ensure!(body.bank.0 == bank.0, Error::<T>::WrongBank);
        ensure!(reason != RevocationReason::Convicted, Error::<T>::ReasonNotAllowed);
        let issuer = Self::find(&BankCertificates::<T>::get(bank), body.issuer).ok_or(Error::<T>::UnknownIssuer)?;
        certificate.check_signature(&issuer.body().subject).map_err(error::<T>)?;
        let since = frame_system::Pallet::<T>::block_number();
        Self::enter_revocation(RevokedItem(body.item().0), reason, since, Institution::Bank(bank))
    }

    pub(crate) fn enter_revocation(
        item: RevokedItem,
        reason: RevocationReason,
        since: BlockNumberFor<T>,
        by: Institution,
    ) -> DispatchResult {
        ensure!(!Revocations::<T>::contains_key(item), Error::<T>::AlreadyRevoked);
        let most = match by {
            Institution::Issuer => MAX_ISSUER_REVOCATIONS,
            Institution::Bank(_) => MAX_BANK_REVOCATIONS,
        };
        RevokedBy::<T>::try_mutate(by, |count| {
            *count = count.checked_add(1).filter(|count| *count <= most).ok_or(Error::<T>::TooManyRevocations)?;
            Ok::<_, DispatchError>(())
        })?;
        let number = LastRevocation::<T>::get().checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?;
        LastRevocation::<T>::put(number);
        RevokedItems::<T>::insert(number, item);
        Revocations::<T>::insert(item, Revocation { number, reason, since, by });
        Self::deposit_event(Event::Revoked { number, item, reason, since, by });
        Ok(())
    }

    pub(crate) fn do_anchor(serial: u64, number: u32, hash: Hash, entries: u32) -> DispatchResult {
        let block = frame_system::Pallet::<T>::block_number().saturated_into();
        let anchor = DigestAnchor { registry: serial, number, hash, entries, block };
        let registry = IssuerCertificates::<T>::get(IssuerKind::Registry)
            .iter()
            .filter_map(|bytes| Certificate::decode(bytes).ok())
            .find(|one| one.body().serial == serial)
            .ok_or(Error::<T>::UnknownRegistry)?;
        let root = Self::root(registry.body().issuer)?;
        verify_chain(&root, &[registry], Self::now(), &OnChain::<T>(PhantomData)).map_err(refused::<T>)?;
        Anchors::<T>::try_mutate(|anchors| {
            if let Some(last) = anchors.last() {
                let newer = (last.registry, last.number) < (anchor.registry, anchor.number);
                ensure!(newer, Error::<T>::NotNewer);
                ensure!(last.entries <= anchor.entries, Error::<T>::WrongEntries);
            }
            ensure!(anchor.entries <= LastRevocation::<T>::get(), Error::<T>::WrongEntries);
            if anchors.is_full() {
                anchors.remove(0);
            }
            anchors.try_push(anchor).map_err(|_| Error::<T>::CounterOutOfRange)?;
            Ok::<_, DispatchError>(())
        })?;
        Self::deposit_event(Event::DigestAnchored { anchor });
        Ok(())
    }
}
