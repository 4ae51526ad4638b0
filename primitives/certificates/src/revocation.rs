//! What is revoked: a full list with reasons for banks and chains, and a digest of it for devices.

use crate::{
    bytes::Reader,
    golomb::{self, Decoder, Place},
    hash, verify_chain, Certificate, Fault, Genesis, Item, KeyId, Kind, NoneRevoked, Refused, Revocations, Root,
    Signature, SIGNATURE_LEN, VERSION,
};
use alloc::vec::Vec;
use core::ops::Deref;

/// Domain tag in front of a list that is signed.
pub const LIST_TAG: &[u8; 24] = b"specie/revoked-list/v1\0\0";
/// Domain tag in front of a digest that is signed.
pub const DIGEST_TAG: &[u8; 24] = b"specie/revoked-digest/v1";
/// Domain tag of the hash that places an item in a digest.
pub const PROBE_TAG: &[u8; 24] = b"specie/revoked-probe/v1\0";

/// Most entries of a list.
pub const MAX_ENTRIES: u32 = 4_000_000;
/// Length of what stands in front of the entries or the code.
pub const EDITION_LEN: usize = 73;
/// Length of an entry.
pub const ENTRY_LEN: usize = 21;
/// An item that is not revoked hits a digest with a chance of at most 2^-20, whatever the number of entries.
pub const FALSE_POSITIVE_BITS: u32 = 20;

/// Numbers between two places that a digest remembers.
const STRIDE: usize = 256;

/// Random bytes of an edition, made when it is signed. Nobody knows before where an item will fall, so nobody prepares one
/// that falls where another does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Salt(pub [u8; 16]);

/// Which edition of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edition {
    /// The network.
    pub genesis: Genesis,
    /// Rises with every edition under one registry certificate.
    pub number: u32,
    /// When it was signed.
    pub issued_at: u32,
    /// When the next one is due.
    pub next_at: u32,
    /// The registry key.
    pub issuer: KeyId,
    /// What places the items of its digest.
    pub salt: Salt,
}

impl Edition {
    fn encode_to(&self, count: u32, bytes: &mut Vec<u8>) {
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.genesis.0);
        bytes.extend_from_slice(&self.number.to_le_bytes());
        bytes.extend_from_slice(&self.issued_at.to_le_bytes());
        bytes.extend_from_slice(&self.next_at.to_le_bytes());
        bytes.extend_from_slice(&self.issuer.0);
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(&self.salt.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<(Self, u32), Fault> {
        if reader.u8()? != VERSION {
            return Err(Fault::UnknownVersion);
        }
        let genesis = Genesis(reader.array()?);
        let (number, issued_at, next_at) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let issuer = KeyId(reader.array()?);
        let count = reader.u32()?;
        let edition = Self { genesis, number, issued_at, next_at, issuer, salt: Salt(reader.array()?) };
        if edition.issued_at > edition.next_at {
            return Err(Fault::EmptyValidity);
        }
        if count > MAX_ENTRIES {
            return Err(Fault::TooManyEntries);
        }
        Ok((edition, count))
    }
}

/// Why something was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Somebody else may know the secret.
    Compromised = 1,
    /// The device was lost or stolen.
    Lost = 2,
    /// Another certificate or key took its place.
    Replaced = 3,
    /// Its holder spent twice.
    Convicted = 4,
    /// The bank or the owner left.
    Withdrawn = 5,
}

/// One revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The key or certificate.
    pub item: Item,
    /// Why.
    pub reason: Reason,
    /// What was recorded on the chain below this height still counts.
    pub since: u32,
}

impl Entry {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            item: Item(reader.array()?),
            reason: match reader.u8()? {
                1 => Reason::Compromised,
                2 => Reason::Lost,
                3 => Reason::Replaced,
                4 => Reason::Convicted,
                5 => Reason::Withdrawn,
                _ => return Err(Fault::UnknownReason),
            },
            since: reader.u32()?,
        })
    }
}

/// Every revocation, ascending by item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    edition: Edition,
    entries: Vec<Entry>,
}

impl List {
    /// Makes an edition.
    pub fn new(edition: Edition, entries: Vec<Entry>) -> Result<Self, Fault> {
        if edition.issued_at > edition.next_at {
            return Err(Fault::EmptyValidity);
        }
        if u32::try_from(entries.len()).map_or(true, |count| count > MAX_ENTRIES) {
            return Err(Fault::TooManyEntries);
        }
        if !entries.is_sorted_by(|one, next| one.item < next.item) {
            return Err(Fault::NotAscending);
        }
        Ok(Self { edition, entries })
    }

    /// The entries, ascending by item.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of an item.
    pub fn find(&self, item: &Item) -> Option<&Entry> {
        let place = self.entries.binary_search_by_key(item, |entry| entry.item).ok()?;
        self.entries.get(place)
    }

    fn count(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// The digest of this edition: it follows from the list, so whoever has the list can check the digest.
    pub fn digest(&self) -> Digest {
        let mut values: Vec<u64> =
            self.entries.iter().map(|entry| probe(&self.edition, self.count(), &entry.item)).collect();
        values.sort_unstable();
        let code = golomb::encode(&values);
        let places = index(&code, self.count()).unwrap_or_default();
        Digest { edition: self.edition, count: self.count(), code, places }
    }
}

/// The same for a device: the items hashed into `[0, count · 2^20)`, sorted and coded. 21 to 22 bits an item.
///
/// It never misses what is revoked. What is not revoked hits it with a chance of at most 2^-20, another one in every
/// edition. A device without a network takes a hit for a revocation; with one it asks the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    edition: Edition,
    count: u32,
    code: Vec<u8>,
    // The decoder's place before every number whose index STRIDE divides. Follows from the code.
    places: Vec<Place>,
}

impl Digest {
    /// Number of revocations.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether the item is revoked, or by chance looks like it.
    pub fn contains(&self, item: &Item) -> bool {
        let value = probe(&self.edition, self.count, item);
        let place = self.places.partition_point(|place| place.value < value).saturating_sub(1);
        let Some(place) = self.places.get(place) else { return false };
        let mut decoder = Decoder::new(&self.code, *place);
        core::iter::from_fn(|| decoder.next()).find(|found| *found >= value) == Some(value)
    }
}

/// Where an item falls: the first 8 bytes of its hash as a fraction of `count · 2^20`. The edition's number and salt are in
/// the hash, so that whoever is hit by chance in one edition is free in the next, and nobody is hit on purpose.
fn probe(edition: &Edition, count: u32, item: &Item) -> u64 {
    let hash = hash(&[PROBE_TAG, &edition.genesis.0, &edition.number.to_le_bytes(), &edition.salt.0, &item.0]);
    let first = hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
    let wide = u128::from(first).saturating_mul(u128::from(range(count)));
    u64::try_from(wide >> 64).unwrap_or(u64::MAX)
}

fn range(count: u32) -> u64 {
    u64::from(count) << FALSE_POSITIVE_BITS
}

/// Reads the whole code once: is it canonical, and where does every `STRIDE`th number stand?
fn index(code: &[u8], count: u32) -> Result<Vec<Place>, Fault> {
    let mut decoder = Decoder::new(code, Place::default());
    let mut places = Vec::new();
    for number in 0..count as usize {
        if number % STRIDE == 0 {
            places.push(decoder.place());
        }
        if decoder.next().is_none_or(|value| value >= range(count)) {
            return Err(Fault::BadCode);
        }
    }
    if decoder.is_finished() {
        Ok(places)
    } else {
        Err(Fault::BadCode)
    }
}

mod sealed {
    use super::*;

    pub trait Form: Sized {
        const TAG: &'static [u8; 24];
        fn encode_to(&self, bytes: &mut Vec<u8>);
        fn decode(body: &[u8]) -> Result<Self, Fault>;
        fn has(&self, item: &Item) -> bool;
    }

    impl Form for List {
        const TAG: &'static [u8; 24] = LIST_TAG;

        fn encode_to(&self, bytes: &mut Vec<u8>) {
            bytes.reserve(EDITION_LEN.saturating_add(self.entries.len().saturating_mul(ENTRY_LEN)));
            self.edition.encode_to(self.count(), bytes);
            for entry in &self.entries {
                bytes.extend_from_slice(&entry.item.0);
                bytes.push(entry.reason as u8);
                bytes.extend_from_slice(&entry.since.to_le_bytes());
            }
        }

        fn decode(body: &[u8]) -> Result<Self, Fault> {
            let mut reader = Reader::new(body);
            let (edition, count) = Edition::read(&mut reader)?;
            let entries = (0..count).map(|_| Entry::read(&mut reader)).collect::<Result<_, _>>()?;
            reader.finish()?;
            Self::new(edition, entries)
        }

        fn has(&self, item: &Item) -> bool {
            self.find(item).is_some()
        }
    }

    impl Form for Digest {
        const TAG: &'static [u8; 24] = DIGEST_TAG;

        fn encode_to(&self, bytes: &mut Vec<u8>) {
            self.edition.encode_to(self.count, bytes);
            bytes.extend_from_slice(&self.code);
        }

        fn decode(body: &[u8]) -> Result<Self, Fault> {
            let mut reader = Reader::new(body);
            let (edition, count) = Edition::read(&mut reader)?;
            let code = reader.rest();
            let places = index(code, count)?;
            Ok(Self { edition, count, code: code.to_vec(), places })
        }

        fn has(&self, item: &Item) -> bool {
            self.contains(item)
        }
    }
}

/// A [`List`] or a [`Digest`].
pub trait Document: sealed::Form {
    /// Which edition it is.
    fn edition(&self) -> &Edition;

    /// What the registry key signs: tag ‖ body.
    fn payload(&self) -> Vec<u8> {
        let mut bytes = Self::TAG.to_vec();
        self.encode_to(&mut bytes);
        bytes
    }
}

impl Document for List {
    fn edition(&self) -> &Edition {
        &self.edition
    }
}

impl Document for Digest {
    fn edition(&self) -> &Edition {
        &self.edition
    }
}

/// A document and a signature. Whether the signature holds is for [`Signed::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<D> {
    /// What is signed.
    pub document: D,
    /// The registry key's signature.
    pub signature: Signature,
}

impl<D: Document> Signed<D> {
    /// Body and signature.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.document.encode_to(&mut bytes);
        self.signature.encode_to(&mut bytes);
        bytes
    }

    /// Reads a document, which is all there is: the last 65 bytes are the signature.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let length = bytes.len().checked_sub(SIGNATURE_LEN).ok_or(Fault::Truncated)?;
        let (body, signature) = bytes.split_at_checked(length).ok_or(Fault::Truncated)?;
        Ok(Self { document: D::decode(body)?, signature: Signature::decode(signature)? })
    }

    /// Checks a document: root (position 0) → registry key (1) → document (2), each at the time of signing. It must be
    /// newer than the one that is held, and that one must not revoke the registry's key.
    pub fn verify(
        self,
        root: &Root,
        registry: &Certificate,
        held: Option<&Accepted<D>>,
    ) -> Result<Accepted<D>, Refused> {
        let at = Refused::at(2);
        let edition = *self.document.edition();
        if edition.genesis != root.body().genesis {
            return Err(at(Fault::WrongNetwork));
        }
        let revocations = held.map_or(&NoneRevoked as &dyn Revocations, |held| held);
        let issuer = verify_chain(root, core::slice::from_ref(registry), edition.issued_at.into(), revocations)?;
        if issuer.kind != Kind::Registry {
            return Err(Refused::at(1)(Fault::WrongKind));
        }
        if edition.issuer != issuer.key.id() {
            return Err(at(Fault::WrongIssuer));
        }
        let standing = Standing { registry: registry.body().serial, number: edition.number };
        if held.is_some_and(|held| standing <= held.standing) {
            return Err(at(Fault::NotNewer));
        }
        issuer.key.verify(&self.document.payload(), &self.signature).map_err(&at)?;
        Ok(Accepted { document: self.document, standing })
    }
}

/// How new a document is. A later registry certificate outranks any number: a stolen registry key can be overtaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// Serial of the registry key's certificate.
    pub registry: u64,
    /// Number of the edition.
    pub number: u32,
}

/// A document that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted<D> {
    document: D,
    standing: Standing,
}

impl<D> Accepted<D> {
    /// How new it is. A payee's request names this.
    pub fn standing(&self) -> Standing {
        self.standing
    }
}

impl<D: Document> Accepted<D> {
    /// Whether a newer one is due.
    pub fn is_stale(&self, now: u64) -> bool {
        now > u64::from(self.document.edition().next_at)
    }
}

impl<D> Deref for Accepted<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.document
    }
}

impl<D: Document> Revocations for Accepted<D> {
    fn is_revoked(&self, item: &Item) -> bool {
        self.document.has(item)
    }
}
