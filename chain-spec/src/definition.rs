//! A network definition: what a person writes, checked.

use crate::{
    errors::DefinitionErrors,
    keys::{Keys, Purpose},
    reader::{Reader, Section, Value},
    ChainSpec, DECIMALS, SS58_PREFIX, SYMBOL,
};
use sc_service::{config::MultiaddrWithPeerId, ChainType};
use sp_core::{ed25519, sr25519};
use specie_primitives::{
    certificates::HexBytes, limits::MAX_OFFSET, AccountId, BankId, ClassLimits, Denomination, Institution, OwnerClass,
    OwnerIdKey, Role, MAX_BANKS, MAX_DENOMINATIONS,
};
use specie_runtime::genesis::{
    usual_bank_quota, usual_limits, BankGenesis, LimitsGenesis, NetworkGenesis, Opening, ValidatorGenesis,
    DEVELOPMENT_OWNER_ID_KEY, LOCAL_NETWORK_ID,
};
use std::{collections::BTreeMap, fmt, ops::Range, path::Path};

/// Longest name of a network or a bank in bytes.
pub const MAX_NAME: usize = pallet_participants::MAX_NAME as usize;
/// Longest id of a chain. It names folders on every node.
pub const MAX_ID: usize = 40;
/// Most keys of one role.
pub const MAX_ROLE_KEYS: usize = pallet_participants::MAX_ROLE_KEYS as usize;
/// Most validators.
pub const MAX_VALIDATORS: usize = pallet_participants::MAX_VALIDATORS as usize;
/// Most validators of one institution.
pub const MAX_VALIDATORS_EACH: usize = pallet_participants::MAX_NOMINEES as usize;
/// Most members of the committee.
pub const MAX_COMMITTEE: usize = pallet_participants::MAX_COMMITTEE as usize;
/// Fewest members of the committee.
pub const MIN_COMMITTEE: usize = pallet_participants::MIN_COMMITTEE as usize;
/// Fewest validators of a live network: one of them may fail and blocks still become final.
pub const MIN_LIVE_VALIDATORS: usize = 4;

/// A network, as its definition file describes it. Whatever is in here has passed every check.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Name for people.
    pub name: String,
    /// Id of the chain: names folders and, on the wire, the network.
    pub id: String,
    /// Whether it is live, or for tests.
    pub chain_type: ChainType,
    /// Where new nodes find others.
    pub boot_nodes: Vec<MultiaddrWithPeerId>,
    /// What the first block holds.
    pub genesis: NetworkGenesis,
}

impl Definition {
    /// Reads a definition. `source_name` stands in front of every error.
    pub fn parse(source_name: &str, text: &str) -> Result<Self, DefinitionErrors> {
        let mut reader = Reader::new(text);
        let definition = reader.parse().and_then(|table| {
            let span = table.span().start..table.span().start;
            let known = ["network", "limits", "issuer", "bank", "validator"];
            let root = reader.section("the definition", table.get_ref(), span, &known);
            read(&mut reader, &root)
        });
        reader.finish(source_name, definition)
    }

    /// Reads a definition file.
    pub fn from_file(path: &Path) -> Result<Self, DefinitionErrors> {
        let source_name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| DefinitionErrors::general(&source_name, format!("the file cannot be read: {error}")))?;
        Self::parse(&source_name, &text)
    }

    /// The chain spec. Fails when this program was built without the Wasm runtime.
    pub fn chain_spec(self) -> Result<ChainSpec, String> {
        Ok(crate::builder(&self.name, &self.id, self.chain_type)?
            .with_boot_nodes(self.boot_nodes)
            .with_genesis_config_patch(self.genesis.json())
            .build())
    }
}

/// Reads everything there is before it gives up on what is missing.
fn read<'d>(reader: &mut Reader<'_>, root: &Section<'d>) -> Option<Definition> {
    let (head, live) = read_head(reader, root);
    let limits = read_limits(reader, root, live);
    let mut keys = Keys::new(live, SS58_PREFIX);
    let issuer = read_issuer(reader, root, &mut keys);
    let banks = read_banks(reader, root, &mut keys);
    let validators = read_validators(reader, root, &mut keys, &banks);
    check_shares(reader, root, &validators, live);
    let (roles, committee, root_key) = issuer?;
    let head = head?;
    Some(Definition {
        name: head.name,
        id: head.id,
        chain_type: head.chain_type,
        boot_nodes: head.boot_nodes,
        genesis: NetworkGenesis {
            network_id: head.network_id,
            owner_id_key: head.owner_id_key,
            session_length: head.session_length,
            denominations: head.denominations,
            recoinable: head.recoinable,
            roles,
            committee,
            root_key,
            banks: banks.into_iter().filter_map(|bank| bank.genesis).collect(),
            validators: validators.into_iter().filter_map(|validator| validator.genesis).collect(),
            quota: head.quota,
            bank_quota: head.bank_quota,
            quota_window: head.quota_window,
            limits,
            opening: Opening::default(),
        },
    })
}

/// Section `[network]`.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub name: String,
    pub id: String,
    pub chain_type: ChainType,
    pub network_id: u32,
    pub owner_id_key: OwnerIdKey,
    pub denominations: Vec<Denomination>,
    pub recoinable: Vec<Denomination>,
    pub session_length: u32,
    pub quota: u32,
    pub bank_quota: u32,
    pub quota_window: u32,
    pub boot_nodes: Vec<MultiaddrWithPeerId>,
}

/// Reads that section, and whether the network is live.
pub(crate) fn read_head(reader: &mut Reader<'_>, root: &Section<'_>) -> (Option<Head>, bool) {
    let network = reader.required_section(
        root,
        "network",
        "[network]",
        &[
            "name",
            "id",
            "type",
            "network_id",
            "owner_id_key",
            "symbol",
            "decimals",
            "ss58_prefix",
            "denominations",
            "recoinable",
            "session_length",
            "quota",
            "bank_quota",
            "quota_window",
            "boot_nodes",
        ],
    );
    // Without a readable type nothing is taken for live: the other checks would only add to the noise.
    let live = network.as_ref().and_then(|network| network.optional("type")).and_then(|value| value.get_ref().as_str())
        == Some("live");
    let head = network.as_ref().and_then(|network| read_network(reader, network, live));
    (head, live)
}

fn read_network(reader: &mut Reader<'_>, network: &Section<'_>, live: bool) -> Option<Head> {
    let name = reader.required(network, "name").and_then(|value| reader.name(value, MAX_NAME));
    let id = reader.required(network, "id").and_then(|value| read_id(reader, value));
    let chain_type = reader.required(network, "type").and_then(|value| read_type(reader, value));
    let network_id = reader.required(network, "network_id").and_then(|value| read_network_id(reader, value, live));
    let owner_id_key =
        reader.required(network, "owner_id_key").and_then(|value| read_owner_id_key(reader, value, live));
    if let Some(value) = reader.required(network, "symbol") {
        check_fixed_text(reader, value, SYMBOL);
    }
    if let Some(value) = reader.required(network, "decimals") {
        check_fixed_number(reader, value, DECIMALS.into());
    }
    if let Some(value) = reader.required(network, "ss58_prefix") {
        check_fixed_number(reader, value, SS58_PREFIX.into());
    }
    let denominations = reader.required(network, "denominations").and_then(|value| read_denominations(reader, value));
    let recoinable = match network.optional("recoinable") {
        Some(value) => read_recoinable(reader, value, denominations.as_deref()),
        None => Some(Vec::new()),
    };
    let session_length = reader.required(network, "session_length").and_then(|value| reader.integer32(value, 1));
    let quota_field = reader.required(network, "quota");
    let quota = quota_field.and_then(|value| reader.integer32(value, 0));
    let bank_quota = match network.optional("bank_quota") {
        Some(value) => read_bank_quota(reader, value, quota_field.zip(quota)),
        None => quota.map(usual_bank_quota),
    };
    let quota_window = reader.required(network, "quota_window").and_then(|value| reader.integer32(value, 1));
    let boot_nodes = network.optional("boot_nodes").map_or(Vec::new(), |value| read_boot_nodes(reader, value));
    Some(Head {
        name: name?.to_owned(),
        id: id?.to_owned(),
        chain_type: chain_type?,
        network_id: network_id?,
        owner_id_key: owner_id_key?,
        denominations: denominations?,
        recoinable: recoinable?,
        session_length: session_length?,
        quota: quota?,
        bank_quota: bank_quota?,
        quota_window: quota_window?,
        boot_nodes,
    })
}

pub(crate) fn read_id<'d>(reader: &mut Reader<'_>, value: &'d Value<'d>) -> Option<&'d str> {
    let id = reader.string(value)?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if id.len() <= MAX_ID && id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(allowed) {
        return Some(id);
    }
    reader.report(
        &value.span(),
        format!("an id has 1 to {MAX_ID} small letters, digits, `_` and `-` and begins with a letter; choose another"),
    );
    None
}

/// On test networks everybody has the secret that owner ids follow from, so a live one must not share their number.
fn read_network_id(reader: &mut Reader<'_>, value: &Value<'_>, live: bool) -> Option<u32> {
    let number = reader.integer32(value, 0)?;
    if live && number == LOCAL_NETWORK_ID {
        reader.report(&value.span(), format!("the number {number} belongs to test networks; choose another"));
    }
    Some(number)
}

/// Public key of the issuer's identity service. The secret of the development key is public: with it owner ids of a live
/// network would be a phone book.
fn read_owner_id_key(reader: &mut Reader<'_>, value: &Value<'_>, live: bool) -> Option<OwnerIdKey> {
    let Ok(key) = reader.string(value)?.parse::<specie_prf::PublicKey>() else {
        let message = "this is no public key of an identity service; copy what `specie-identity key show` prints";
        reader.report(&value.span(), message);
        return None;
    };
    let key = OwnerIdKey(key.to_bytes());
    if live && key == DEVELOPMENT_OWNER_ID_KEY {
        let message = "everybody has the secret of the development key; make one with `specie-identity key new`";
        reader.report(&value.span(), message);
    }
    Some(key)
}

fn read_type(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<ChainType> {
    match reader.string(value)? {
        "live" => Some(ChainType::Live),
        "local" => Some(ChainType::Local),
        "development" => Some(ChainType::Development),
        _ => {
            reader.report(&value.span(), "the type is \"live\", \"local\" or \"development\"; write one of them");
            None
        },
    }
}

fn check_fixed_text(reader: &mut Reader<'_>, value: &Value<'_>, fixed: &str) {
    if reader.string(value).is_some_and(|text| text != fixed) {
        reader.report(&value.span(), format!("the runtime fixes this to \"{fixed}\"; write that"));
    }
}

fn check_fixed_number(reader: &mut Reader<'_>, value: &Value<'_>, fixed: u64) {
    let number = value.get_ref().as_integer().filter(|number| number.radix() == 10);
    if number.and_then(|number| number.as_str().parse().ok()) != Some(fixed) {
        reader.report(&value.span(), format!("the runtime fixes this to {fixed}; write that"));
    }
}

fn read_denominations<'d>(reader: &mut Reader<'_>, value: &'d Value<'d>) -> Option<Vec<Denomination>> {
    let items = reader.list(value)?;
    if items.is_empty() {
        reader.report(&value.span(), "there must be a face value to mint; add one, in minor units");
    }
    read_faces(reader, items)
}

/// `minted` are the face values that may be minted, if they can be read.
fn read_recoinable<'d>(
    reader: &mut Reader<'_>,
    value: &'d Value<'d>,
    minted: Option<&[Denomination]>,
) -> Option<Vec<Denomination>> {
    let items = reader.list(value)?;
    let faces = read_faces(reader, items)?;
    if let Some(Denomination(other)) = faces.iter().find(|face| minted.is_some_and(|minted| !minted.contains(face))) {
        reader.report(&value.span(), format!("{other} is not among the denominations; add it there or remove it"));
    }
    Some(faces)
}

fn read_faces(reader: &mut Reader<'_>, items: &[Value<'_>]) -> Option<Vec<Denomination>> {
    if let Some(beyond) = items.get(MAX_DENOMINATIONS as usize) {
        reader.report(&beyond.span(), format!("there are more than {MAX_DENOMINATIONS} face values; remove some"));
    }
    let mut denominations: Vec<Denomination> = Vec::new();
    for item in items {
        // TOML knows no greater numbers than i64.
        let Some(number) = reader.integer(item, 1..=i64::MAX as u64) else { continue };
        let denomination = Denomination(number);
        if denominations.contains(&denomination) {
            reader.report(&item.span(), "this face value stands here twice; remove one");
        } else if denominations.last().is_some_and(|last| *last > denomination) {
            reader.report(&item.span(), "this face value is smaller than the one before; sort them");
        } else {
            denominations.push(denomination);
        }
    }
    Some(denominations)
}

/// `quota` is the owners', and where it stands.
fn read_bank_quota(reader: &mut Reader<'_>, value: &Value<'_>, quota: Option<(&Value<'_>, u32)>) -> Option<u32> {
    let number = reader.integer32(value, 0)?;
    if let Some((field, quota)) = quota.filter(|(_, quota)| (1..*quota).contains(&number)) {
        let line = reader.line(&field.span());
        let limit = format!("one alone ({quota}, line {line})");
        reader.report(
            &value.span(),
            format!("all owners of a bank together may send less than {limit}; raise it, or write 0 for no limit"),
        );
    }
    Some(number)
}

fn read_boot_nodes<'d>(reader: &mut Reader<'_>, value: &'d Value<'d>) -> Vec<MultiaddrWithPeerId> {
    let mut nodes = Vec::new();
    for item in reader.list(value).unwrap_or_default() {
        let Some(text) = reader.string(item) else { continue };
        match text.parse::<MultiaddrWithPeerId>() {
            Ok(node) if nodes.contains(&node) => {
                reader.report(&item.span(), "this boot node stands here twice; remove one")
            },
            Ok(node) => nodes.push(node),
            Err(error) => reader.report(
                &item.span(),
                format!(
                    "this is no address of a node ({error}); write it like /dns/node.example/tcp/30333/p2p/12D3Koo…"
                ),
            ),
        }
    }
    nodes
}

/// Section `[limits]`, which may be left out, and so may each of its fields. What is wrong is reported; what is read then
/// does not matter.
pub(crate) fn read_limits(reader: &mut Reader<'_>, root: &Section<'_>, live: bool) -> LimitsGenesis {
    let mut limits = usual_limits(live);
    let fields = ["day_offset", "dormancy_days", "rebind_delay", "rebind_approval_value"];
    let known: Vec<&str> = fields.into_iter().chain(OwnerClass::ALL.map(OwnerClass::name)).collect();
    let Some(section) = reader.optional_section(root, "limits", "[limits]", &known) else { return limits };
    if let Some(value) = section.optional("day_offset") {
        limits.day_offset = reader.offset(value, MAX_OFFSET).unwrap_or_default();
    }
    let mut number = |field: &str, low: u32, into: &mut u32| {
        if let Some(number) = section.optional(field).and_then(|value| reader.integer32(value, low)) {
            *into = number;
        }
    };
    number("dormancy_days", 0, &mut limits.dormancy_days);
    number("rebind_delay", 1, &mut limits.rebind_delay);
    if let Some(value) = section.optional("rebind_approval_value") {
        limits.rebind_approval_value = reader.integer(value, 0..=i64::MAX as u64).unwrap_or_default().into();
    }
    for (class, of) in &mut limits.classes {
        if section.optional(class.name()).is_some() {
            *of = read_class(reader, &section, *class);
        }
    }
    limits
}

/// Limits of one class: a field that is left out is no limit.
fn read_class(reader: &mut Reader<'_>, limits: &Section<'_>, class: OwnerClass) -> ClassLimits {
    let fields = ["per_payment", "per_day", "balance"];
    let Some(section) = reader.optional_section(limits, class.name(), class_section(class), &fields) else {
        return ClassLimits::default();
    };
    let [per_payment, per_day, balance] = fields
        .map(|field| section.optional(field).and_then(|value| reader.integer(value, 0..=i64::MAX as u64)))
        .map(|limit| limit.map(u128::from));
    ClassLimits { per_payment, per_day, balance }
}

/// How a class's section is written.
fn class_section(class: OwnerClass) -> &'static str {
    match class {
        OwnerClass::AnonymousCard => "[limits.anonymous_card]",
        OwnerClass::Phone => "[limits.phone]",
        OwnerClass::Person => "[limits.person]",
        OwnerClass::Firm => "[limits.firm]",
    }
}

/// Section `[issuer]`: keys of the roles, the committee, and the root key if it stands there.
fn read_issuer<'d>(
    reader: &mut Reader<'_>,
    root: &Section<'d>,
    keys: &mut Keys,
) -> Option<(Vec<(Role, Vec<AccountId>)>, Vec<AccountId>, Option<HexBytes>)> {
    let fields: Vec<&str> = Role::ALL.into_iter().map(role_field).chain(["committee", "root_key"]).collect();
    let issuer = reader.required_section(root, "issuer", "[issuer]", &fields)?;
    let mut roles = Vec::new();
    for role in Role::ALL {
        let Some(value) = reader.required(&issuer, role_field(role)) else { continue };
        let Some(items) = reader.list(value) else { continue };
        let (fewest, why) = match role {
            Role::Issuing => (pallet_participants::MIN_ISSUING_KEYS, "one person proposes a mint, another approves"),
            _ => (1, "nobody could act for the role"),
        };
        if items.len() < fewest {
            let field = role_field(role);
            reader.report(&value.span(), format!("`{field}` needs at least {fewest} keys, else {why}; add them"));
        }
        if let Some(beyond) = items.get(MAX_ROLE_KEYS) {
            reader.report(
                &beyond.span(),
                format!("a role has at most {MAX_ROLE_KEYS} keys; remove some, or use a multisig"),
            );
        }
        let what = format!("a key of `{}`", role_field(role));
        roles.push((role, items.iter().filter_map(|item| keys.account(reader, item, &what)).collect()));
    }
    let mut committee = Vec::new();
    if let Some(value) = reader.required(&issuer, "committee") {
        let items = reader.list(value).unwrap_or_default();
        if items.len() < MIN_COMMITTEE {
            reader.report(
                &value.span(),
                format!("the committee decides by two thirds and needs at least {MIN_COMMITTEE} members; add some"),
            );
        }
        if let Some(beyond) = items.get(MAX_COMMITTEE) {
            reader.report(&beyond.span(), format!("the committee has at most {} members; remove some", MAX_COMMITTEE));
        }
        committee.extend(items.iter().filter_map(|item| keys.account(reader, item, "a member of `committee`")));
    }
    let root_key = issuer.optional("root_key").and_then(|value| keys.root_key(reader, value));
    Some((roles, committee, root_key))
}

/// Name of a role's field.
pub(crate) fn role_field(role: Role) -> &'static str {
    match role {
        Role::Issuing => "issuing",
        Role::Supervising => "supervising",
        Role::Admitting => "admitting",
        Role::Operating => "operating",
        Role::Registry => "registry",
    }
}

/// A section `[[bank]]`.
struct Bank {
    /// Known even where the rest is wrong, so that its validators are no second problem.
    number: Option<u32>,
    genesis: Option<BankGenesis>,
}

fn read_banks<'d>(reader: &mut Reader<'_>, root: &Section<'d>, keys: &mut Keys) -> Vec<Bank> {
    let sections = reader.sections(root, "bank", "[[bank]]", &["number", "name", "account"]);
    if let Some(beyond) = sections.get(MAX_BANKS as usize) {
        reader.report(&beyond.span, format!("a network has at most {MAX_BANKS} banks; remove some"));
    }
    let mut banks: Vec<Bank> = Vec::new();
    let mut lines: BTreeMap<u32, usize> = BTreeMap::new();
    for section in sections {
        let field = reader.required(&section, "number");
        let number = field.and_then(|value| reader.integer32(value, 0));
        if let (Some(value), Some(number)) = (field, number) {
            match lines.get(&number) {
                Some(line) => reader.report(
                    &value.span(),
                    format!("bank {number} is already in line {line}; every bank has a number of its own"),
                ),
                None => {
                    lines.insert(number, reader.line(&value.span()));
                },
            }
        }
        let name = reader.required(&section, "name").and_then(|value| reader.name(value, MAX_NAME));
        let what = number.map_or("a bank's account".to_owned(), |number| format!("the account of bank {number}"));
        let account = reader.required(&section, "account").and_then(|value| keys.account(reader, value, &what));
        let genesis = number.zip(name).zip(account).map(|((number, name), account)| BankGenesis {
            bank: BankId(number),
            name: name.to_owned(),
            account,
        });
        banks.push(Bank { number, genesis });
    }
    banks
}

/// A section `[[validator]]`.
struct Validator {
    institution: Option<Institution>,
    /// Where its institution is written, or else where it begins.
    span: Range<usize>,
    genesis: Option<ValidatorGenesis>,
}

fn read_validators<'d>(reader: &mut Reader<'_>, root: &Section<'d>, keys: &mut Keys, banks: &[Bank]) -> Vec<Validator> {
    let sections = reader.sections(root, "validator", "[[validator]]", &["institution", "account", "aura", "grandpa"]);
    // Anything else in this place was reported already.
    if root.optional("validator").is_none_or(|value| value.get_ref().as_array().is_some_and(|items| items.is_empty())) {
        reader.report(&root.span, "there is no [[validator]], so nobody would make blocks; add one");
    }
    if let Some(beyond) = sections.get(MAX_VALIDATORS) {
        reader.report(&beyond.span, format!("a network has at most {} validators; remove some", MAX_VALIDATORS));
    }
    let mut validators = Vec::new();
    for (index, section) in sections.into_iter().enumerate() {
        let field = reader.required(&section, "institution");
        let institution = field.and_then(|value| read_institution(reader, value, banks));
        let mut read = |field: &str, purpose: Purpose| {
            let what = format!("`{field}` of validator {}", index.saturating_add(1));
            reader.required(&section, field).and_then(|value| keys.key(reader, value, purpose, &what))
        };
        let account = read("account", Purpose::Account);
        let aura = read("aura", Purpose::Aura);
        let grandpa = read("grandpa", Purpose::Grandpa);
        let genesis =
            institution.zip(account).zip(aura).zip(grandpa).map(|(((institution, account), aura), grandpa)| {
                ValidatorGenesis {
                    account: AccountId::new(account),
                    institution,
                    aura: sr25519::Public::from_raw(aura),
                    grandpa: ed25519::Public::from_raw(grandpa),
                }
            });
        let span = field.map_or(section.span.clone(), |value| value.span());
        validators.push(Validator { institution, span, genesis });
    }
    validators
}

fn read_institution(reader: &mut Reader<'_>, value: &Value<'_>, banks: &[Bank]) -> Option<Institution> {
    if value.get_ref().as_str() == Some("issuer") {
        return Some(Institution::Issuer);
    }
    if !value.get_ref().is_integer() {
        reader.report(&value.span(), "an institution is \"issuer\" or the number of a bank; write one of them");
        return None;
    }
    let number = reader.integer32(value, 0)?;
    if !banks.iter().any(|bank| bank.number == Some(number)) {
        reader.report(&value.span(), format!("there is no bank {number}; add its [[bank]] or correct the number"));
        return None;
    }
    Some(Institution::Bank(BankId(number)))
}

/// Checks how many validators there are and who has how many of them. On a live network there must be enough, and no
/// institution may be able to stop finality alone.
fn check_shares(reader: &mut Reader<'_>, root: &Section<'_>, validators: &[Validator], live: bool) {
    let total = validators.len();
    let few = live && (1..MIN_LIVE_VALIDATORS).contains(&total);
    if let Some(last) = validators.last().filter(|_| few) {
        reader.report(
            &last.span,
            format!("a live network needs at least {MIN_LIVE_VALIDATORS} validators, here are {total}; add some"),
        );
    }
    let mut held: BTreeMap<Institution, (usize, &Range<usize>)> = BTreeMap::new();
    for validator in validators {
        if let Some(institution) = validator.institution {
            let (count, span) = held.entry(institution).or_insert((0, &root.span));
            *count = count.saturating_add(1);
            *span = &validator.span;
        }
    }
    for (institution, (count, span)) in held {
        let name = InstitutionName(institution);
        if count > MAX_VALIDATORS_EACH {
            let most = MAX_VALIDATORS_EACH;
            reader.report(span, format!("{name} has {count} validators, the most is {most}; remove some"));
        }
        // Of too few validators everybody has a third: that was said already.
        if live && !few && count.saturating_mul(3) >= total {
            reader.report(
                span,
                format!("{name} has {count} of {total} validators, a third or more: it can stop finality; add others"),
            );
        }
    }
}

/// An institution as messages name it.
pub(crate) struct InstitutionName(pub Institution);

impl fmt::Display for InstitutionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Institution::Issuer => f.write_str("the issuer"),
            Institution::Bank(bank) => write!(f, "bank {bank}"),
        }
    }
}
