//! A contribution: public keys of one institution, each with a proof.
//!
//! The file has one spelling: whatever is not byte for byte what [`Contribution::text`] writes is refused. So there is no
//! place in it for a secret, not in a comment and not in a field nobody reads.

use super::proof::{KeyProof, Signature, Use};
use crate::{
    definition::{read_id, role_field, InstitutionName},
    errors::{DefinitionErrors, Position, Problem},
    keys::{is_ed25519, Keys, Purpose},
    reader::{Reader, Section, Value},
    SS58_PREFIX,
};
use sc_service::config::MultiaddrWithPeerId;
use sp_core::{ed25519, sr25519, Blake2Hasher, Hasher};
use specie_primitives::{AccountId, BankId, Institution, Role};
use std::{fmt, ops::Range, path::Path};

/// Largest file that is read.
pub const MAX_FILE: u64 = 64 * 1024;
/// Version of the file's form.
const VERSION: u64 = 1;
/// Stands before the file's text when its fingerprint is taken.
const FINGERPRINT_TAG: &[u8] = b"specie/contribution/v1";
/// Bytes of a fingerprint: nobody finds another file with the same in a lifetime, and it can be read out.
const FINGERPRINT: usize = 16;

/// What an account does that is no validator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// Acts for a role of the issuer.
    Role(Role),
    /// Sits on the committee.
    Committee,
    /// Is a bank's: holds its reserve and signs for it.
    Bank,
}

impl Duty {
    /// Every duty.
    pub fn all() -> impl Iterator<Item = Self> {
        Role::ALL.into_iter().map(Self::Role).chain([Self::Committee, Self::Bank])
    }

    /// Its name in files and on the command line: `issuing` … `committee`, `account`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role(role) => role_field(role),
            Self::Committee => "committee",
            Self::Bank => "account",
        }
    }

    /// The duty with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|duty| duty.name() == name)
    }

    /// Whether an institution has such accounts.
    pub fn is_of(self, institution: Institution) -> bool {
        matches!(institution, Institution::Bank(_)) == matches!(self, Self::Bank)
    }

    /// What the account's key proves.
    pub fn purpose(self) -> Use {
        match self {
            Self::Role(role) => Use::Role(role),
            Self::Committee => Use::Committee,
            Self::Bank => Use::Bank,
        }
    }
}

/// An account and its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountKey {
    /// What it does.
    pub duty: Duty,
    /// The account.
    pub account: AccountId,
    /// Signature over its [`KeyProof`].
    pub proof: Signature,
}

/// A validator's keys and their proofs.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidatorKeys {
    /// Account that sets its session keys.
    pub account: AccountId,
    /// Signature of the account.
    pub account_proof: Signature,
    /// Makes blocks.
    pub aura: sr25519::Public,
    /// Signature of that key.
    pub aura_proof: Signature,
    /// Finalises blocks.
    pub grandpa: ed25519::Public,
    /// Signature of that key.
    pub grandpa_proof: Signature,
    /// Where other nodes find its node, with the peer id.
    pub node: MultiaddrWithPeerId,
    /// Signature of the key behind the peer id.
    pub node_proof: Signature,
}

impl ValidatorKeys {
    /// What its account proves.
    pub fn purpose(&self) -> Use {
        Use::Validator { aura: self.aura.0, grandpa: self.grandpa.0, node: self.node.to_string() }
    }

    /// What the key behind the peer id proves.
    pub fn node_purpose(&self) -> Use {
        Use::Node { account: self.account.clone(), node: self.node.to_string() }
    }

    /// The key behind the peer id, if it is one that can sign.
    pub fn node_key(&self) -> Option<[u8; 32]> {
        self.node.peer_id.into_ed25519()
    }
}

/// What a holder of keys hands in. One that was read has passed every check that needs no other file.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// Id of the chain.
    pub network: String,
    /// Number of the network.
    pub network_id: u32,
    /// Whose keys these are.
    pub institution: Institution,
    /// Accounts.
    pub accounts: Vec<AccountKey>,
    /// Validators.
    pub validators: Vec<ValidatorKeys>,
}

impl Contribution {
    /// Reads a contribution and checks every proof. `source_name` stands in front of every error.
    pub fn parse(source_name: &str, text: &str) -> Result<Self, DefinitionErrors> {
        let mut reader = Reader::new(text);
        let contribution = reader.parse().and_then(|table| {
            let span = table.span().start..table.span().start;
            let fields = ["version", "network", "network_id", "institution", "account", "validator"];
            let root = reader.section("the contribution", table.get_ref(), span, &fields);
            read(&mut reader, &root)
        });
        let contribution = reader.finish(source_name, contribution)?;
        match other_line(text, &contribution.text()) {
            None => Ok(contribution),
            Some(line) => {
                let position = Some(Position { line, column: 1 });
                let message =
                    "this is not as the ceremony writes it: there must be nothing beside public keys and their \
                               proofs; hand in the file as it was made"
                        .to_owned();
                let problems = vec![Problem { position, message }];
                Err(DefinitionErrors { source_name: source_name.to_owned(), problems })
            },
        }
    }

    /// Reads a contribution's file.
    pub fn from_file(path: &Path) -> Result<Self, DefinitionErrors> {
        let source_name = path.display().to_string();
        let general = |message: String| DefinitionErrors::general(&source_name, message);
        let cannot = |error| general(format!("the file cannot be read: {error}"));
        if std::fs::metadata(path).map_err(cannot)?.len() > MAX_FILE {
            return Err(general(format!("the file has more than {MAX_FILE} bytes: this is no contribution")));
        }
        Self::parse(&source_name, &std::fs::read_to_string(path).map_err(cannot)?)
    }

    /// The one spelling of its file.
    pub fn text(&self) -> String {
        let mut sorted = self.clone();
        sorted.accounts.sort_by(|one, other| (one.duty, &one.account).cmp(&(other.duty, &other.account)));
        sorted.validators.sort_by(|one, other| one.account.cmp(&other.account));
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = sorted.write(&mut text);
        text
    }

    fn write(&self, out: &mut impl fmt::Write) -> fmt::Result {
        writeln!(
            out,
            "# Public keys for a network's definition, each with a proof. No secrets. See docs/ceremony.md."
        )?;
        writeln!(out, "version = {VERSION}")?;
        writeln!(out, "network = \"{}\"", self.network)?;
        writeln!(out, "network_id = {}", self.network_id)?;
        writeln!(out, "institution = {}", InstitutionField(self.institution))?;
        for AccountKey { duty, account, proof } in &self.accounts {
            writeln!(out, "\n[[account]]")?;
            writeln!(out, "duty = \"{}\"", duty.name())?;
            writeln!(out, "key = \"{account}\"")?;
            writeln!(out, "proof = \"{}\"", Hex(proof))?;
        }
        for validator in &self.validators {
            writeln!(out, "\n[[validator]]")?;
            writeln!(out, "account = \"{}\"", validator.account)?;
            writeln!(out, "account_proof = \"{}\"", Hex(&validator.account_proof))?;
            writeln!(out, "aura = \"{}\"", Hex(&validator.aura.0))?;
            writeln!(out, "aura_proof = \"{}\"", Hex(&validator.aura_proof))?;
            writeln!(out, "grandpa = \"{}\"", Hex(&validator.grandpa.0))?;
            writeln!(out, "grandpa_proof = \"{}\"", Hex(&validator.grandpa_proof))?;
            writeln!(out, "node = \"{}\"", validator.node)?;
            writeln!(out, "node_proof = \"{}\"", Hex(&validator.node_proof))?;
        }
        Ok(())
    }

    /// A short name of exactly this file, to be read out: eight groups of four hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        let hash = Blake2Hasher::hash(&[FINGERPRINT_TAG, self.text().as_bytes()].concat());
        let groups: Vec<String> = hash.as_bytes()[..FINGERPRINT].chunks(2).map(hex::encode).collect();
        groups.join(" ")
    }

    /// The payload that a key of it signs.
    pub fn payload(&self, purpose: Use, key: [u8; 32]) -> KeyProof {
        KeyProof::new(&self.network, self.network_id, self.institution, purpose, key)
    }
}

/// Institution, keys and fingerprint, for people.
impl fmt::Display for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let institution = InstitutionName(self.institution);
        writeln!(f, "  {institution} on {} (network {})", self.network, self.network_id)?;
        for AccountKey { duty, account, .. } in &self.accounts {
            writeln!(f, "  {:<12} {account}", duty.name())?;
        }
        for validator in &self.validators {
            writeln!(f, "  {:<12} {}", "validator", validator.account)?;
            writeln!(f, "  {:<12} {}", "  aura", Hex(&validator.aura.0))?;
            writeln!(f, "  {:<12} {}", "  grandpa", Hex(&validator.grandpa.0))?;
            writeln!(f, "  {:<12} {}", "  node", validator.node)?;
        }
        write!(f, "  {:<12} {}", "FINGERPRINT", self.fingerprint())
    }
}

/// `0x` and hexadecimal digits.
pub(super) struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

/// An institution as definitions write it.
pub(super) struct InstitutionField(pub Institution);

impl fmt::Display for InstitutionField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Institution::Issuer => f.write_str("\"issuer\""),
            Institution::Bank(bank) => write!(f, "{bank}"),
        }
    }
}

/// The first line in which two texts differ.
pub(super) fn other_line(is: &str, must: &str) -> Option<usize> {
    let (mut is, mut must) = (is.split('\n'), must.split('\n'));
    (1..).find_map(|line| match (is.next(), must.next()) {
        (None, None) => Some(None),
        (is, must) if is != must => Some(Some(line)),
        _ => None,
    })?
}

fn read(reader: &mut Reader<'_>, root: &Section<'_>) -> Option<Contribution> {
    let version = reader.required(root, "version").and_then(|value| reader.integer(value, VERSION..=VERSION));
    let network = reader.required(root, "network").and_then(|value| read_id(reader, value));
    let network_id = reader.required(root, "network_id").and_then(|value| reader.integer32(value, 0));
    let institution = reader.required(root, "institution").and_then(|value| read_institution(reader, value));
    version?;
    let mut contribution = Contribution {
        network: network?.to_owned(),
        network_id: network_id?,
        institution: institution?,
        accounts: Vec::new(),
        validators: Vec::new(),
    };
    // Keys that everybody knows are never anybody's own, on whatever network.
    let mut keys = Keys::new(true, SS58_PREFIX);
    for section in reader.sections(root, "account", "[[account]]", &["duty", "key", "proof"]) {
        let account = read_account(reader, &section, &mut keys, &contribution);
        contribution.accounts.extend(account);
    }
    let fields = ["account", "account_proof", "aura", "aura_proof", "grandpa", "grandpa_proof", "node", "node_proof"];
    for section in reader.sections(root, "validator", "[[validator]]", &fields) {
        let validator = read_validator(reader, &section, &mut keys, &contribution);
        contribution.validators.extend(validator);
    }
    if root.optional("account").is_none() && root.optional("validator").is_none() {
        reader.report(&root.span, "there is no key in this contribution");
    }
    Some(contribution)
}

fn read_institution(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Institution> {
    if value.get_ref().as_str() == Some("issuer") {
        return Some(Institution::Issuer);
    }
    reader.integer32(value, 0).map(|number| Institution::Bank(BankId(number)))
}

fn read_account(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    keys: &mut Keys,
    contribution: &Contribution,
) -> Option<AccountKey> {
    let field = reader.required(section, "duty")?;
    let Some(duty) = reader.string(field).and_then(Duty::named) else {
        reader.report(&field.span(), "there is no such duty; hand in the file as it was made");
        return None;
    };
    if !duty.is_of(contribution.institution) {
        let institution = InstitutionName(contribution.institution);
        reader.report(&field.span(), format!("{institution} has no `{}`; it is another institution's", duty.name()));
    }
    if contribution.accounts.iter().any(|key| key.duty == duty) {
        // Minting takes two people, and a committee is more than one.
        reader.report(
            &field.span(),
            format!(
                "a holder has one key of `{}`; another is another person's, in a contribution of its own",
                duty.name()
            ),
        );
    }
    let value = reader.required(section, "key")?;
    let account = keys.account(reader, value, &format!("a key of `{}`", duty.name()))?;
    let key = account.clone().into();
    let proof = read_proof(reader, section, "proof", &value.span(), &contribution.payload(duty.purpose(), key))?;
    Some(AccountKey { duty, account, proof })
}

fn read_validator(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    keys: &mut Keys,
    contribution: &Contribution,
) -> Option<ValidatorKeys> {
    let mut value = |field: &str, purpose: Purpose| {
        let value = reader.required(section, field)?;
        Some((value.span(), keys.key(reader, value, purpose, &format!("`{field}` of a validator"))?))
    };
    let (account, aura, grandpa) =
        (value("account", Purpose::Account), value("aura", Purpose::Aura), value("grandpa", Purpose::Grandpa));
    let node = reader.required(section, "node").and_then(|value| read_node(reader, value));
    let ((account_span, account), (aura_span, aura), (grandpa_span, grandpa)) = (account?, aura?, grandpa?);
    let (node_span, node, node_key) = node?;
    let unproven = [0; 64];
    let mut validator = ValidatorKeys {
        account: AccountId::new(account),
        account_proof: unproven,
        aura: sr25519::Public::from_raw(aura),
        aura_proof: unproven,
        grandpa: ed25519::Public::from_raw(grandpa),
        grandpa_proof: unproven,
        node,
        node_proof: unproven,
    };
    let id = validator.account.clone();
    let mut proof = |field: &str, span: &Range<usize>, purpose: Use, key| {
        read_proof(reader, section, field, span, &contribution.payload(purpose, key))
    };
    let proofs = (
        proof("account_proof", &account_span, validator.purpose(), account),
        proof("aura_proof", &aura_span, Use::Aura(id.clone()), aura),
        proof("grandpa_proof", &grandpa_span, Use::Grandpa(id), grandpa),
        proof("node_proof", &node_span, validator.node_purpose(), node_key),
    );
    validator.account_proof = proofs.0?;
    validator.aura_proof = proofs.1?;
    validator.grandpa_proof = proofs.2?;
    validator.node_proof = proofs.3?;
    Some(validator)
}

fn read_node(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<(Range<usize>, MultiaddrWithPeerId, [u8; 32])> {
    let node = reader.string(value)?.parse::<MultiaddrWithPeerId>().ok();
    let key = node.as_ref().and_then(|node| node.peer_id.into_ed25519()).filter(is_ed25519);
    let found = node.zip(key).map(|(node, key)| (value.span(), node, key));
    if found.is_none() {
        reader.report(&value.span(), "this is no address of a node, such as /dns/node.example/tcp/30333/p2p/12D3Koo…");
    }
    found
}

/// Reads a proof and checks it. `span` is where the key stands.
fn read_proof(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    field: &str,
    span: &Range<usize>,
    payload: &KeyProof,
) -> Option<Signature> {
    let value = reader.required(section, field)?;
    let mut signature = [0; 64];
    let digits = reader.string(value)?.strip_prefix("0x").unwrap_or_default();
    if hex::decode_to_slice(digits, &mut signature).is_err() {
        reader.report(&value.span(), "a proof is 0x and 128 hexadecimal digits; hand in the file as it was made");
        return None;
    }
    if !payload.holds(&signature) {
        reader.report(
            span,
            format!("the proof of this key does not hold for {payload}: it was altered, or made for another use"),
        );
        return None;
    }
    Some(signature)
}

/// For whom and which network a proof is.
impl fmt::Display for KeyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (institution, network, number) = self.place();
        write!(f, "{} on {network} (network {number})", InstitutionName(institution))
    }
}
