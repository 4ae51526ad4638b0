//! Managers' consent to a joint account as a file, which travels from one to the next and then to the bank. What they sign is
//! specified in `docs/protocol/joint.md`.

use crate::{keys::verify_wrapped, Keypair};
use codec::Encode;
use serde::{Deserialize, Serialize};
use specie_primitives::{
    joint::{Opening, Replacement, SetFlaw, MAX_MANAGERS},
    AccountId, BankId, BlockNumber, Hash, OwnerClass, OwnerId, SigningRule,
};
use std::collections::BTreeMap;

/// Version of the file format that this crate writes.
const VERSION: u32 = 1;

/// What managers consent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum JointPurpose {
    /// That a bank opens the account.
    Open {
        /// Its class.
        class: OwnerClass,
    },
    /// To take seats in an account whose managers cannot be reached.
    Replace {
        /// Version of the present set.
        set: u32,
    },
}

/// What is signed, and who signed so far. There is nothing secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JointDocument {
    version: u32,
    /// What for.
    #[serde(flatten)]
    pub purpose: JointPurpose,
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The joint account.
    pub account: OwnerId,
    /// The bank that may use it.
    pub bank: BankId,
    /// Its managers in the order of their seats.
    pub managers: Vec<OwnerId>,
    /// So many of them sign for it.
    pub threshold: u8,
    /// Last block in which it may be used.
    pub expiry: BlockNumber,
    /// Of those who signed, `0x` and 128 hexadecimal digits.
    signatures: BTreeMap<OwnerId, String>,
}

/// Why such a document is of no use. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JointError {
    /// Not such a file.
    #[error("this is no document of a joint account: {0}")]
    Format(String),
    /// Of another version.
    #[error("the document has version {0}, this program reads version 1")]
    Version(u32),
    /// For another network.
    #[error("the document is for the network with first block {is:?}, this one has {wanted:?}")]
    Network {
        /// First block of its network.
        is: Hash,
        /// First block here.
        wanted: Hash,
    },
    /// Too late.
    #[error("the document could be used until block {expiry}, it is {now} now: make another")]
    Expired {
        /// Its last block.
        expiry: BlockNumber,
        /// The present block.
        now: BlockNumber,
    },
    /// Fewer than two managers.
    #[error("a joint account has two managers at least")]
    TooFew,
    /// More than there are seats.
    #[error("a joint account has at most {MAX_MANAGERS} managers")]
    TooMany,
    /// One of them is named twice.
    #[error("a manager is named twice")]
    Twice,
    /// No signature is needed, or more than there are managers.
    #[error("from one to all of the managers must sign, not {0}")]
    BadThreshold(u8),
    /// Somebody else.
    #[error("owner {0} is to be no manager of the account")]
    NoManager(OwnerId),
    /// Not all signed.
    #[error("manager {0} has not signed, or with another key than its present one")]
    NotSigned(OwnerId),
    /// Two documents about different things.
    #[error("these documents are about different things: only copies of one are joined")]
    Different,
}

/// A rule with these managers, if it is one.
pub fn signing_rule(managers: &[OwnerId], threshold: u8) -> Result<SigningRule, JointError> {
    let managers = managers.to_vec().try_into().map_err(|_| JointError::TooMany)?;
    let rule = SigningRule { managers, threshold };
    match rule.flaw() {
        None => Ok(rule),
        Some(SetFlaw::TooFew) => Err(JointError::TooFew),
        Some(SetFlaw::Twice) => Err(JointError::Twice),
        Some(SetFlaw::BadThreshold) => Err(JointError::BadThreshold(threshold)),
    }
}

impl JointDocument {
    /// A document that nobody has signed, which the bank can use up to block `expiry`.
    pub fn new(
        purpose: JointPurpose,
        genesis: Hash,
        account: OwnerId,
        bank: BankId,
        (managers, threshold): (Vec<OwnerId>, u8),
        expiry: BlockNumber,
    ) -> Result<Self, JointError> {
        signing_rule(&managers, threshold)?;
        let signatures = BTreeMap::new();
        Ok(Self { version: VERSION, purpose, genesis, account, bank, managers, threshold, expiry, signatures })
    }

    /// Reads a file's content.
    pub fn read(text: &str) -> Result<Self, JointError> {
        #[derive(Deserialize)]
        struct Any {
            version: u32,
        }
        let bad = |error: serde_json::Error| JointError::Format(error.to_string());
        let Any { version } = serde_json::from_str(text).map_err(bad)?;
        if version != VERSION {
            return Err(JointError::Version(version));
        }
        let document: Self = serde_json::from_str(text).map_err(bad)?;
        document.rule()?;
        Ok(document)
    }

    /// The content of a file.
    pub fn to_text(&self) -> Result<String, JointError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| JointError::Format(error.to_string()))?;
        Ok(text + "\n")
    }

    /// Managers and how many of them sign.
    pub fn rule(&self) -> Result<SigningRule, JointError> {
        signing_rule(&self.managers, self.threshold)
    }

    /// What is signed.
    pub fn payload(&self) -> Result<Vec<u8>, JointError> {
        let (genesis, account, bank, rule, expiry) = (self.genesis, self.account, self.bank, self.rule()?, self.expiry);
        Ok(match self.purpose {
            JointPurpose::Open { class } => Opening::new(genesis, account, bank, class, rule, expiry).encode(),
            JointPurpose::Replace { set } => Replacement::new(genesis, account, bank, set, rule, expiry).encode(),
        })
    }

    /// Fails unless the document is for the network with this first block, and can be used at block `now`.
    pub fn ensure_usable(&self, wanted: Hash, now: BlockNumber) -> Result<(), JointError> {
        if self.genesis != wanted {
            return Err(JointError::Network { is: self.genesis, wanted });
        }
        if self.expiry < now {
            return Err(JointError::Expired { expiry: self.expiry, now });
        }
        Ok(())
    }

    /// Signs as a manager with its present key. A signature that was there before goes.
    pub fn sign(&mut self, manager: OwnerId, key: &Keypair) -> Result<(), JointError> {
        if !self.managers.contains(&manager) {
            return Err(JointError::NoManager(manager));
        }
        let signature = key.sign(&self.payload()?);
        self.signatures.insert(manager, format!("0x{}", hex::encode(signature)));
        Ok(())
    }

    /// Takes the signatures of another copy over that this one lacks.
    pub fn join(&mut self, other: &Self) -> Result<(), JointError> {
        let bare = |document: &Self| Self { signatures: BTreeMap::new(), ..document.clone() };
        if bare(self) != bare(other) {
            return Err(JointError::Different);
        }
        for (manager, signature) in &other.signatures {
            self.signatures.entry(*manager).or_insert_with(|| signature.clone());
        }
        Ok(())
    }

    /// Whether a manager signed with this key; `None` if it did not sign at all.
    pub fn is_signed(&self, manager: OwnerId, key: &AccountId) -> Option<bool> {
        self.signatures.get(&manager)?;
        Some(self.signature(manager, key).is_ok())
    }

    /// The 64 bytes of a manager's signature that go to the network, if they are good for this key.
    pub fn signature(&self, manager: OwnerId, key: &AccountId) -> Result<[u8; 64], JointError> {
        let missing = || JointError::NotSigned(manager);
        let text = self.signatures.get(&manager).ok_or_else(missing)?;
        let mut signature = [0u8; 64];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut signature).map_err(|_| missing())?;
        verify_wrapped(&signature, &self.payload()?, key).then_some(signature).ok_or_else(missing)
    }

    /// What a manager reads before signing.
    pub fn words(&self) -> String {
        let Self { account, bank, managers, threshold, expiry, genesis, .. } = self;
        let what = match self.purpose {
            JointPurpose::Open { class } => format!("Bank {bank} may open joint account {account} of class {class}"),
            JointPurpose::Replace { set } => {
                format!("Bank {bank} may propose other managers for joint account {account}, in place of set {set}")
            },
        };
        let seats: Vec<_> = managers.iter().enumerate().map(|(seat, one)| format!("\n  seat {seat}  {one}")).collect();
        format!(
            "{what}\n  any {threshold} of {} spend what it has, and say who signs for it{}\n  until   block {expiry}\n  \
             network {genesis:?}",
            managers.len(),
            seats.concat()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENESIS: Hash = Hash::repeat_byte(1);
    const OPEN: JointPurpose = JointPurpose::Open { class: OwnerClass::Phone };

    fn id(of: u8) -> OwnerId {
        OwnerId([of; 24])
    }

    fn key(name: &str) -> Keypair {
        Keypair::from_uri(name).unwrap()
    }

    fn document(purpose: JointPurpose) -> JointDocument {
        let managers = vec![id(3), id(1), id(2)];
        JointDocument::new(purpose, GENESIS, id(9), BankId(4), (managers, 2), 100).unwrap()
    }

    #[derive(Deserialize)]
    struct Vectors {
        documents: Vec<DocumentVector>,
    }

    #[derive(Deserialize)]
    struct DocumentVector {
        name: String,
        fields: Fields,
        payload: String,
        signatures: Vec<SignatureVector>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Fields {
        Open {
            genesis: Hash,
            account: OwnerId,
            bank: BankId,
            class: OwnerClass,
            managers: Vec<OwnerId>,
            threshold: u8,
            expiry: BlockNumber,
        },
        Replace {
            genesis: Hash,
            account: OwnerId,
            bank: BankId,
            set: u32,
            managers: Vec<OwnerId>,
            threshold: u8,
            expiry: BlockNumber,
        },
    }

    #[derive(Deserialize)]
    struct SignatureVector {
        manager: OwnerId,
        key: String,
        signature: String,
    }

    #[test]
    fn test_vectors() {
        let vectors: Vectors = serde_json::from_str(include_str!("../../docs/protocol/vectors/joint.json")).unwrap();
        assert!(vectors.documents.len() > 2);
        for DocumentVector { name, fields, payload, signatures } in vectors.documents {
            let mut document = match fields {
                Fields::Open { genesis, account, bank, class, managers, threshold, expiry } => {
                    let purpose = JointPurpose::Open { class };
                    JointDocument::new(purpose, genesis, account, bank, (managers, threshold), expiry).unwrap()
                },
                Fields::Replace { genesis, account, bank, set, managers, threshold, expiry } => {
                    let purpose = JointPurpose::Replace { set };
                    JointDocument::new(purpose, genesis, account, bank, (managers, threshold), expiry).unwrap()
                },
            };
            assert_eq!(hex::encode(document.payload().unwrap()), payload, "{name}");
            for SignatureVector { manager, key, signature } in signatures {
                document.signatures.insert(manager, signature.clone());
                let key: [u8; 32] = hex::decode(key).unwrap().try_into().unwrap();
                let read = document.signature(manager, &AccountId::new(key));
                assert_eq!(read.map(hex::encode), Ok(signature), "{name}");
            }
        }
    }

    #[test]
    fn a_document_travels_from_one_to_the_next() {
        for purpose in [OPEN, JointPurpose::Replace { set: 7 }] {
            let mut made = document(purpose);
            let (ann, ben) = (key("//Ann"), key("//Ben"));
            made.sign(id(1), &ann).unwrap();
            let text = made.to_text().unwrap();
            assert!(!text.contains("//Ann") && text.contains("\"purpose\""), "{text}");
            let mut read = JointDocument::read(&text).unwrap();
            assert_eq!(read, made);
            read.sign(id(3), &ben).unwrap();
            assert_eq!(read.is_signed(id(1), &ann.account()), Some(true));
            assert_eq!(read.is_signed(id(3), &ann.account()), Some(false));
            assert_eq!(read.is_signed(id(2), &ann.account()), None);
            let signature = read.signature(id(3), &ben.account()).unwrap();
            assert!(verify_wrapped(&signature, &read.payload().unwrap(), &ben.account()));
            assert_eq!(read.signature(id(2), &ben.account()), Err(JointError::NotSigned(id(2))));
            assert_eq!(read.sign(id(8), &ann), Err(JointError::NoManager(id(8))));
            // The first copy gets what the second has more.
            made.join(&read).unwrap();
            assert_eq!(made, read);
            let other = JointDocument { threshold: 1, ..read.clone() };
            assert_eq!(made.join(&other), Err(JointError::Different));
            let changed = JointDocument { threshold: 1, ..read };
            assert_eq!(changed.is_signed(id(3), &ben.account()), Some(false));
        }
    }

    #[test]
    fn documents_that_are_none_are_refused() {
        let made = document(OPEN);
        assert_eq!(made.ensure_usable(GENESIS, 100), Ok(()));
        assert_eq!(made.ensure_usable(GENESIS, 101), Err(JointError::Expired { expiry: 100, now: 101 }));
        let wanted = Hash::repeat_byte(2);
        assert_eq!(made.ensure_usable(wanted, 1), Err(JointError::Network { is: GENESIS, wanted }));
        assert_eq!(JointDocument::read("{\"version\": 2}"), Err(JointError::Version(2)));
        assert!(matches!(JointDocument::read("{\"version\": 1}"), Err(JointError::Format(_))));
        let text = made.to_text().unwrap().replace("\"threshold\": 2", "\"threshold\": 4");
        assert_eq!(JointDocument::read(&text), Err(JointError::BadThreshold(4)));
        let rule =
            |ids: &[u8], threshold| signing_rule(&ids.iter().copied().map(id).collect::<Vec<_>>(), threshold).map(drop);
        assert_eq!((rule(&[1], 1), rule(&[1, 1], 1)), (Err(JointError::TooFew), Err(JointError::Twice)));
        assert_eq!(rule(&[1, 2], 0), Err(JointError::BadThreshold(0)));
        assert_eq!(rule(&(0..17).collect::<Vec<_>>(), 1), Err(JointError::TooMany));
        assert_eq!(rule(&(0..16).collect::<Vec<_>>(), 16), Ok(()));
    }

    #[test]
    fn who_signs_reads_what_it_is_for() {
        let text = document(OPEN).words();
        assert!(
            text.contains("Bank 4 may open") && text.contains("any 2 of 3") && text.contains("block 100"),
            "{text}"
        );
        assert!(text.contains(&format!("seat 0  {}", id(3))) && text.contains("class phone"), "{text}");
        assert!(document(JointPurpose::Replace { set: 7 }).words().contains("in place of set 7"));
    }
}
