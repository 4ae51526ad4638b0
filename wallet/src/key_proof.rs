//! A key's consent as a file: made by its holder on the holder's own device, used at a bank's counter, which never sees
//! the key. See `docs/wallet.md`.

use crate::{keys::verify, registration, Keypair};
use codec::Encode;
use serde::{Deserialize, Serialize};
use specie_primitives::{
    identity::{ClassProof, RebindProof, RotationProof},
    AccountId, BankId, BlockNumber, Hash, OwnerClass, OwnerId, PersonTag, RegistrationProof,
};

/// Version of the file format that this crate writes.
const VERSION: u32 = 1;
/// So many blocks ahead of the present one a proof may end; the network takes none that ends later.
pub const MAX_LIFETIME: BlockNumber = 3_600;

/// What a key consents to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum Purpose {
    /// To be registered for an owner that is new.
    Register {
        /// The bank that registers.
        bank: BankId,
        /// The owner's class.
        class: OwnerClass,
    },
    /// To stand for an owner whose key was lost.
    Recover {
        /// The bank that asks.
        bank: BankId,
    },
    /// To another class of the owner, whose present key consents.
    ChangeClass {
        /// The bank that registered the owner.
        bank: BankId,
        /// The class to be.
        class: OwnerClass,
        /// Who the bank says stands behind the owner.
        person: Option<PersonTag>,
    },
    /// To take the place of the owner's present key, which signs that itself.
    Rotate,
}

impl Purpose {
    /// The bank that may use it, if only one may.
    pub fn bank(&self) -> Option<BankId> {
        match self {
            Self::Register { bank, .. } | Self::Recover { bank } | Self::ChangeClass { bank, .. } => Some(*bank),
            Self::Rotate => None,
        }
    }

    /// The class that the owner is to have, if it is about one.
    pub fn class(&self) -> Option<OwnerClass> {
        match self {
            Self::Register { class, .. } | Self::ChangeClass { class, .. } => Some(*class),
            Self::Recover { .. } | Self::Rotate => None,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Register { .. } => "registering",
            Self::Recover { .. } => "recovery",
            Self::ChangeClass { .. } => "another class",
            Self::Rotate => "replacing a key",
        }
    }
}

/// A key's consent with everything that it was given for. There is nothing secret in it, and it can be used once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyProof {
    version: u32,
    /// What for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The owner.
    pub owner: OwnerId,
    /// The key that consents.
    pub key: AccountId,
    /// Last block in which it may be used.
    pub expiry: BlockNumber,
    /// `0x` and 128 hexadecimal digits.
    signature: String,
}

/// Why a proof is of no use. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProofError {
    /// Not such a file.
    #[error("this is no proof of a key: {0}")]
    Format(String),
    /// Of another version.
    #[error("the proof has version {0}, this program reads version 1")]
    Version(u32),
    /// For something else.
    #[error("the proof is for {is}, not for {wanted}")]
    Purpose {
        /// What it is for.
        is: &'static str,
        /// What it was given for now.
        wanted: &'static str,
    },
    /// For another network.
    #[error("the proof is for the network with first block {is:?}, this one has {wanted:?}")]
    Network {
        /// First block of its network.
        is: Hash,
        /// First block here.
        wanted: Hash,
    },
    /// For another bank.
    #[error("the proof is for bank {is}, this is bank {wanted}: the customer makes another with --bank {wanted}")]
    Bank {
        /// Bank that it names.
        is: BankId,
        /// The bank that has it.
        wanted: BankId,
    },
    /// For another owner.
    #[error("the proof is for owner {is}, not for {wanted}")]
    Owner {
        /// Owner that it names.
        is: OwnerId,
        /// Owner that is meant.
        wanted: OwnerId,
    },
    /// For another class.
    #[error("the proof is for class {is}, not for {wanted}: the customer makes another with --class {wanted}")]
    Class {
        /// Class that it names.
        is: OwnerClass,
        /// Class that is meant.
        wanted: OwnerClass,
    },
    /// For another person.
    #[error("the proof names another person than the bank does: the customer makes another with --person-tag {0}")]
    Person(PersonTag),
    /// The bank names nobody.
    #[error("the proof names a person, but for this class the bank names none: the customer makes another")]
    NoPerson,
    /// Too late.
    #[error("the proof could be used until block {expiry}, it is {now} now: the customer makes another")]
    Expired {
        /// Its last block.
        expiry: BlockNumber,
        /// The present block.
        now: BlockNumber,
    },
    /// The signature is not the key's, or not over this.
    #[error("the proof was altered or damaged: its signature is not that of key {0} over what it says")]
    Signature(AccountId),
}

impl KeyProof {
    /// The consent of `key`, which can be used up to block `expiry`.
    pub fn sign(key: &Keypair, genesis: Hash, owner: OwnerId, purpose: Purpose, expiry: BlockNumber) -> Self {
        let signature = match purpose {
            Purpose::Register { bank, class } => registration::registration(key, genesis, owner, bank, class, expiry),
            Purpose::Recover { bank } => registration::rebinding(key, genesis, owner, bank, expiry),
            Purpose::ChangeClass { bank, class, person } => {
                registration::class_change(key, genesis, owner, bank, class, person, expiry)
            },
            Purpose::Rotate => registration::rotation(key, genesis, owner, expiry),
        };
        let signature = format!("0x{}", hex::encode(signature));
        Self { version: VERSION, purpose, genesis, owner, key: key.account(), expiry, signature }
    }

    /// Reads a file's content.
    pub fn read(text: &str) -> Result<Self, KeyProofError> {
        #[derive(Deserialize)]
        struct Any {
            version: u32,
        }
        let bad = |error: serde_json::Error| KeyProofError::Format(error.to_string());
        let Any { version } = serde_json::from_str(text).map_err(bad)?;
        if version != VERSION {
            return Err(KeyProofError::Version(version));
        }
        serde_json::from_str(text).map_err(bad)
    }

    /// The content of a file.
    pub fn to_text(&self) -> Result<String, KeyProofError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| KeyProofError::Format(error.to_string()))?;
        Ok(text + "\n")
    }

    /// The 64 bytes that go to the network, after everything that the network would refuse was looked at: the proof must be
    /// for this network, owner and purpose, must not be over at block `now`, and be signed by the key that it names.
    pub fn signature_for(
        &self,
        genesis: Hash,
        owner: OwnerId,
        purpose: Purpose,
        now: BlockNumber,
    ) -> Result<[u8; 64], KeyProofError> {
        if self.purpose.name() != purpose.name() {
            return Err(KeyProofError::Purpose { is: self.purpose.name(), wanted: purpose.name() });
        }
        if self.genesis != genesis {
            return Err(KeyProofError::Network { is: self.genesis, wanted: genesis });
        }
        if let (Some(is), Some(wanted)) = (self.purpose.bank(), purpose.bank()) {
            if is != wanted {
                return Err(KeyProofError::Bank { is, wanted });
            }
        }
        if self.owner != owner {
            return Err(KeyProofError::Owner { is: self.owner, wanted: owner });
        }
        if let (Some(is), Some(wanted)) = (self.purpose.class(), purpose.class()) {
            if is != wanted {
                return Err(KeyProofError::Class { is, wanted });
            }
        }
        if let (Purpose::ChangeClass { person: is, .. }, Purpose::ChangeClass { person: wanted, .. }) =
            (self.purpose, purpose)
        {
            if is != wanted {
                return Err(wanted.map_or(KeyProofError::NoPerson, KeyProofError::Person));
            }
        }
        if self.expiry < now {
            return Err(KeyProofError::Expired { expiry: self.expiry, now });
        }
        let altered = || KeyProofError::Signature(self.key.clone());
        let digits = self.signature.strip_prefix("0x").unwrap_or(&self.signature);
        let mut signature = [0u8; 64];
        hex::decode_to_slice(digits, &mut signature).map_err(|_| altered())?;
        verify(&signature, &self.payload(), &self.key).then_some(signature).ok_or_else(altered)
    }

    /// What was signed.
    fn payload(&self) -> Vec<u8> {
        let (genesis, owner, expiry) = (self.genesis, self.owner, self.expiry);
        let key = self.key.clone();
        match self.purpose {
            Purpose::Register { bank, class } => {
                RegistrationProof::new(genesis, owner, bank, key, class, expiry).encode()
            },
            Purpose::Recover { bank } => RebindProof::new(genesis, owner, bank, key, expiry).encode(),
            Purpose::ChangeClass { bank, class, person } => {
                ClassProof::new(genesis, owner, bank, class, person, expiry).encode()
            },
            Purpose::Rotate => RotationProof::new(genesis, owner, key, expiry).encode(),
        }
    }
}

/// What the holder of the key reads before signing.
pub fn words(key: &AccountId, genesis: Hash, owner: OwnerId, purpose: Purpose, expiry: BlockNumber) -> String {
    let consent = match purpose {
        Purpose::Register { bank, class } => {
            format!("Bank {bank} may register your key for a new owner of class {class}.\nFrom then on")
        },
        Purpose::Recover { bank } => {
            format!(
                "Bank {bank} may ask that your key stand for an owner whose key was lost.\nWhen the waiting time is over,"
            )
        },
        Purpose::ChangeClass { bank, class, person } => {
            let person = person.map(|tag| format!(" and person {tag}")).unwrap_or_default();
            format!("Bank {bank} may give your owner the class {class}{person}, with other limits.\nNow as before,")
        },
        Purpose::Rotate => {
            "Your key may take the place of an owner's present key, which signs that too.\nFrom then on".into()
        },
    };
    format!(
        "{consent} this key alone spends what that owner has.\n  key     {key}\n  owner   {owner}\n  until   block {expiry}\n  \
         network {genesis:?}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENESIS: Hash = Hash::repeat_byte(1);
    const OWNER: OwnerId = OwnerId([2; 24]);
    const REGISTER: Purpose = Purpose::Register { bank: BankId(3), class: OwnerClass::Phone };

    fn proof(purpose: Purpose) -> KeyProof {
        KeyProof::sign(&Keypair::from_uri("//Ann").unwrap(), GENESIS, OWNER, purpose, 100)
    }

    #[test]
    fn a_proof_survives_its_file_and_holds() {
        let class = OwnerClass::Person;
        let other_class = |person| Purpose::ChangeClass { bank: BankId(3), class, person };
        let person = Some(PersonTag([4; 32]));
        for purpose in
            [REGISTER, Purpose::Recover { bank: BankId(3) }, other_class(person), other_class(None), Purpose::Rotate]
        {
            let made = proof(purpose);
            let text = made.to_text().unwrap();
            let read = KeyProof::read(&text).unwrap();
            assert_eq!(read, made);
            let signature = read.signature_for(GENESIS, OWNER, purpose, 100).unwrap();
            assert!(verify(&signature, &read.payload(), &read.key));
            assert!(!text.contains("//Ann") && text.contains("\"purpose\""), "{text}");
        }
    }

    #[test]
    fn every_other_use_has_a_reason_of_its_own() {
        let proof = proof(REGISTER);
        let refused = |genesis, owner, purpose, now| proof.signature_for(genesis, owner, purpose, now).unwrap_err();
        let (is, wanted) = (GENESIS, Hash::repeat_byte(9));
        assert_eq!(refused(wanted, OWNER, REGISTER, 1), KeyProofError::Network { is, wanted });
        let (is, wanted) = (OWNER, OwnerId([9; 24]));
        assert_eq!(refused(GENESIS, wanted, REGISTER, 1), KeyProofError::Owner { is, wanted });
        let purpose = Purpose::Register { bank: BankId(4), class: OwnerClass::Phone };
        let (is, wanted) = (BankId(3), BankId(4));
        assert_eq!(refused(GENESIS, OWNER, purpose, 1), KeyProofError::Bank { is, wanted });
        let purpose = Purpose::Register { bank: BankId(3), class: OwnerClass::Firm };
        let (is, wanted) = (OwnerClass::Phone, OwnerClass::Firm);
        assert_eq!(refused(GENESIS, OWNER, purpose, 1), KeyProofError::Class { is, wanted });
        let (is, wanted) = ("registering", "recovery");
        let purpose = Purpose::Recover { bank: BankId(3) };
        assert_eq!(refused(GENESIS, OWNER, purpose, 1), KeyProofError::Purpose { is, wanted });
        assert_eq!(refused(GENESIS, OWNER, REGISTER, 101), KeyProofError::Expired { expiry: 100, now: 101 });
    }

    #[test]
    fn consent_to_a_class_is_for_one_person() {
        let purpose = |class, person| Purpose::ChangeClass { bank: BankId(3), class, person };
        let (class, one, other) = (OwnerClass::Person, PersonTag([4; 32]), PersonTag([5; 32]));
        let refused = |is, wanted| proof(is).signature_for(GENESIS, OWNER, wanted, 1).unwrap_err();
        let is = purpose(class, Some(one));
        assert_eq!(refused(is, purpose(class, Some(other))), KeyProofError::Person(other));
        assert_eq!(refused(is, purpose(class, None)), KeyProofError::NoPerson);
        assert_eq!(refused(purpose(class, None), is), KeyProofError::Person(one));
        let wanted = OwnerClass::Firm;
        assert_eq!(refused(is, purpose(wanted, Some(one))), KeyProofError::Class { is: class, wanted });
    }

    #[test]
    fn altered_files_do_not_hold() {
        let good = proof(REGISTER);
        let class = OwnerClass::Firm;
        let (ben, other) = (Keypair::from_uri("//Ben").unwrap().account(), OwnerId([9; 24]));
        let firm = Purpose::Register { bank: BankId(3), class };
        for altered in [
            KeyProof { key: ben, ..good.clone() },
            KeyProof { owner: other, ..good.clone() },
            KeyProof { expiry: 101, ..good.clone() },
            KeyProof { purpose: firm, ..good.clone() },
            KeyProof { signature: "0x".into(), ..good.clone() },
            KeyProof { signature: good.signature.replace('0', "1"), ..good.clone() },
        ] {
            let (owner, purpose, key) = (altered.owner, altered.purpose, altered.key.clone());
            let error = altered.signature_for(GENESIS, owner, purpose, 1).unwrap_err();
            assert_eq!(error, KeyProofError::Signature(key));
        }
        assert!(matches!(KeyProof::read("{"), Err(KeyProofError::Format(_))));
        assert!(matches!(KeyProof::read("{\"version\": 1}"), Err(KeyProofError::Format(_))));
        assert_eq!(KeyProof::read("{\"version\": 2}"), Err(KeyProofError::Version(2)));
    }

    #[test]
    fn who_signs_reads_what_it_is_for() {
        let key = Keypair::from_uri("//Ann").unwrap().account();
        let text = words(&key, GENESIS, OWNER, REGISTER, 100);
        assert!(text.contains("Bank 3") && text.contains("class phone") && text.contains("block 100"), "{text}");
        assert!(text.contains(&OWNER.to_string()) && text.contains("this key alone spends"), "{text}");
    }
}
