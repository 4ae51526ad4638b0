//! One certificate: what it says, and its bytes.

use crate::{bytes::Reader, hash, Algorithm, Bank, Fault, Genesis, Item, KeyId, Owner, PublicKey, Signature};
use alloc::vec::Vec;

/// Domain tag in front of a body that is signed or hashed.
pub const CERTIFICATE_TAG: &[u8; 24] = b"specie/certificate/v1\0\0\0";
/// Domain tag in front of a body that the certified key signs, to show that it is somebody's.
pub const POSSESSION_TAG: &[u8; 24] = b"specie/possession/v1\0\0\0\0";
/// First byte of everything this crate encodes.
pub const VERSION: u8 = 1;
/// Length of a body without its key.
pub const HEADER_LEN: usize = 89;
/// Length of the longest certificate: 187 bytes, 188 with a P-256 key.
pub const CERTIFICATE_MAX_LEN: usize = 188;
/// Where the genesis hash begins. The short form leaves it out.
pub const GENESIS_OFFSET: usize = 2;
/// Most changes of holder that a certificate grants.
pub const MAX_HOPS: u8 = 10;

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The issuer's root describes itself.
    Root = 1,
    /// A key that signs batches of coins. Issued by the root.
    Issuing = 2,
    /// A key that signs revocations and countersigns offline money. Issued by the root.
    Registry = 3,
    /// A bank's note key: signs slips, devices and owners. Issued by the root.
    Bank = 4,
    /// An owner's account key. Issued by a bank.
    Owner = 5,
    /// An offline wallet. Issued by a bank.
    Device = 6,
}

impl Kind {
    fn from_byte(byte: u8) -> Result<Self, Fault> {
        match byte {
            1 => Ok(Self::Root),
            2 => Ok(Self::Issuing),
            3 => Ok(Self::Registry),
            4 => Ok(Self::Bank),
            5 => Ok(Self::Owner),
            6 => Ok(Self::Device),
            _ => Err(Fault::UnknownKind),
        }
    }

    /// The kind of certificate that issues this one.
    pub fn issuer(self) -> Self {
        match self {
            Self::Root | Self::Issuing | Self::Registry | Self::Bank => Self::Root,
            Self::Owner | Self::Device => Self::Bank,
        }
    }
}

/// What a device is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Flags(u8);

impl Flags {
    /// Nothing special.
    pub const NONE: Self = Self(0);
    /// The device's state cannot be set back to an earlier one. Without this flag limits are small.
    pub const ROLLBACK_RESISTANT: Self = Self(1);
    /// A card without an owner: one hop, and against collateral.
    pub const ANONYMOUS: Self = Self(2);

    const ALL: u8 = 3;

    fn from_byte(byte: u8) -> Result<Self, Fault> {
        if byte & !Self::ALL == 0 {
            Ok(Self(byte))
        } else {
            Err(Fault::UnknownFlags)
        }
    }

    /// The flags of both.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all flags of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What a certificate says. Fields that a kind does not use are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Body {
    /// What it is for.
    pub kind: Kind,
    /// The network it is for.
    pub genesis: Genesis,
    /// Rises with every certificate of one issuer.
    pub serial: u64,
    /// The key that signs it; a root's own.
    pub issuer: KeyId,
    /// First second in which it is valid.
    pub not_before: u32,
    /// Last second in which it is valid.
    pub not_after: u32,
    /// Devices only.
    pub flags: Flags,
    /// Wallet class of an owner or device.
    pub class: u8,
    /// Bank: the most that it may grant to a device. Device: a part that it pays has changed hands at most so often,
    /// this payment included; 0 for a terminal, which receives and deposits only.
    pub max_hops: u8,
    /// The bank, or the bank that certifies the owner or device.
    pub bank: Bank,
    /// The owner, or the owner of the device; none for an anonymous card.
    pub owner: Owner,
    /// The key that is certified.
    pub subject: PublicKey,
}

impl Body {
    /// Whether the fields fit the kind and each other.
    pub fn check(&self) -> Result<(), Fault> {
        let below_bank = matches!(self.kind, Kind::Owner | Kind::Device);
        let anonymous = self.flags.contains(Flags::ANONYMOUS);
        if self.not_before > self.not_after {
            return Err(Fault::EmptyValidity);
        }
        if self.subject.algorithm() == Algorithm::Sr25519 && self.kind != Kind::Owner {
            return Err(Fault::AlgorithmNotAllowed);
        }
        let idle = (self.flags == Flags::NONE || self.kind == Kind::Device)
            && (self.class == 0 || below_bank)
            && (self.max_hops == 0 || matches!(self.kind, Kind::Bank | Kind::Device))
            && (self.bank == Bank(0) || below_bank || self.kind == Kind::Bank)
            && (self.owner == Owner::NONE || (below_bank && !anonymous));
        if !idle {
            return Err(Fault::FieldNotAllowed);
        }
        if below_bank && !anonymous && self.owner == Owner::NONE {
            return Err(Fault::OwnerMissing);
        }
        if self.max_hops > if anonymous { 1 } else { MAX_HOPS } {
            return Err(Fault::TooManyHops);
        }
        match (self.kind == Kind::Root, self.issuer == self.subject.id()) {
            (true, false) => Err(Fault::NotSelfSigned),
            (false, true) => Err(Fault::SelfSigned),
            _ => Ok(()),
        }
    }

    /// Whether it is valid in that second.
    pub fn check_time(&self, now: u64) -> Result<(), Fault> {
        if now < u64::from(self.not_before) {
            Err(Fault::NotYetValid)
        } else if now > u64::from(self.not_after) {
            Err(Fault::Expired)
        } else {
            Ok(())
        }
    }

    /// What the issuer signs: tag ‖ body.
    pub fn payload(&self) -> Vec<u8> {
        let mut bytes = CERTIFICATE_TAG.to_vec();
        self.encode_to(&mut bytes);
        bytes
    }

    /// What the certified key itself signs, to show that whoever hands the certificate in has its secret: tag ‖ body.
    pub fn possession(&self) -> Vec<u8> {
        let mut bytes = POSSESSION_TAG.to_vec();
        self.encode_to(&mut bytes);
        bytes
    }

    /// Under which name this one certificate is revoked: the hash of the payload, so no signature takes part in it.
    pub fn item(&self) -> Item {
        Item::of(hash(&[&self.payload()]))
    }

    fn encode_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&[VERSION, self.kind as u8]);
        bytes.extend_from_slice(&self.genesis.0);
        bytes.extend_from_slice(&self.serial.to_le_bytes());
        bytes.extend_from_slice(&self.issuer.0);
        bytes.extend_from_slice(&self.not_before.to_le_bytes());
        bytes.extend_from_slice(&self.not_after.to_le_bytes());
        bytes.extend_from_slice(&[self.flags.0, self.class, self.max_hops]);
        bytes.extend_from_slice(&self.bank.0.to_le_bytes());
        bytes.extend_from_slice(&self.owner.0);
        self.subject.encode_to(bytes);
    }

    // The fields stand in the order of their bytes: a struct literal is evaluated as it is written.
    fn read(reader: &mut Reader<'_>, genesis: Option<&Genesis>) -> Result<Self, Fault> {
        if reader.u8()? != VERSION {
            return Err(Fault::UnknownVersion);
        }
        Ok(Self {
            kind: Kind::from_byte(reader.u8()?)?,
            genesis: match genesis {
                Some(genesis) => *genesis,
                None => Genesis(reader.array()?),
            },
            serial: reader.u64()?,
            issuer: KeyId(reader.array()?),
            not_before: reader.u32()?,
            not_after: reader.u32()?,
            flags: Flags::from_byte(reader.u8()?)?,
            class: reader.u8()?,
            max_hops: reader.u8()?,
            bank: Bank(reader.u32()?),
            owner: Owner(reader.array()?),
            subject: PublicKey::read(reader)?,
        })
    }
}

/// A body that passed [`Body::check`], and a signature. Whether the signature holds is for [`crate::verify_chain`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    body: Body,
    signature: Signature,
}

impl Certificate {
    /// Puts both together.
    pub fn new(body: Body, signature: Signature) -> Result<Self, Fault> {
        body.check()?;
        Ok(Self { body, signature })
    }

    /// Reads a certificate, which is all there is.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        Self::read(bytes, None)
    }

    /// Reads the short form inside a message that has named its network before.
    pub fn decode_short(genesis: &Genesis, bytes: &[u8]) -> Result<Self, Fault> {
        Self::read(bytes, Some(genesis))
    }

    fn read(bytes: &[u8], genesis: Option<&Genesis>) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes);
        let body = Body::read(&mut reader, genesis)?;
        let signature = Signature::read(&mut reader)?;
        reader.finish()?;
        Self::new(body, signature)
    }

    /// Body and signature.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(CERTIFICATE_MAX_LEN);
        self.body.encode_to(&mut bytes);
        self.signature.encode_to(&mut bytes);
        bytes
    }

    /// The same without the 32 bytes of the genesis hash. The signature covers them all the same.
    pub fn encode_short(&self) -> Vec<u8> {
        let mut bytes = self.encode();
        bytes.drain(GENESIS_OFFSET..GENESIS_OFFSET + 32);
        bytes
    }

    /// What it says.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Its signature.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Whether `key` signed it.
    pub fn check_signature(&self, key: &PublicKey) -> Result<(), Fault> {
        key.verify(&self.body.payload(), &self.signature)
    }
}
