//! The first block's state: from who takes part in a network to the genesis of every pallet.
//!
//! [`NetworkGenesis`] is what a network definition is turned into; the two presets are such values themselves, so
//! that there is one way to a chain spec.

use crate::{AccountId, Balance, BlockNumber, SessionKeys};
use alloc::{format, string::String, vec, vec::Vec};
use serde_json::{json, Value};
use sp_core::{ed25519, sr25519, Pair};
use sp_genesis_builder::PresetId;
use specie_primitives::{
    certificates::HexBytes, BankId, ClassLimits, Denomination, Institution, Lot, OwnerClass, OwnerId, OwnerIdKey,
    PersonTag, Role,
};

/// Everything that the first block knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkGenesis {
    /// Number that enters every owner id.
    pub network_id: u32,
    /// Public key of the function behind owner ids.
    pub owner_id_key: OwnerIdKey,
    /// Length of a session in blocks.
    pub session_length: BlockNumber,
    /// Face values in minor units, ascending.
    pub denominations: Vec<Denomination>,
    /// Those among them, ascending, whose coins owners may have destroyed and made anew. Two people of the issuer still
    /// have to open a batch for each.
    pub recoinable: Vec<Denomination>,
    /// Keys of each role of the issuer.
    pub roles: Vec<(Role, Vec<AccountId>)>,
    /// The committee.
    pub committee: Vec<AccountId>,
    /// Root key of the issuer's certificates, with its algorithm's tag; none if the committee sets it later.
    pub root_key: Option<HexBytes>,
    /// Banks that are admitted from the start.
    pub banks: Vec<BankGenesis>,
    /// Validators.
    pub validators: Vec<ValidatorGenesis>,
    /// Transactions that an owner may send in a window; zero for no limit.
    pub quota: u32,
    /// Transactions that all owners of one bank may send in a window together; zero for no limit.
    pub bank_quota: u32,
    /// Length of that window in blocks.
    pub quota_window: BlockNumber,
    /// What owners may pay and hold, and how they get another key.
    pub limits: LimitsGenesis,
    /// What development networks start with.
    pub opening: Opening,
}

/// Limits and recovery of the first block; the supervising role changes them later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsGenesis {
    /// Limits of every class, in minor units.
    pub classes: Vec<(OwnerClass, ClassLimits)>,
    /// How many minutes local time, by which business days begin, is ahead of UTC.
    pub day_offset: i16,
    /// Business days until an owner without holdings is dormant; zero for never.
    pub dormancy_days: u32,
    /// Blocks that a request for another key waits.
    pub rebind_delay: BlockNumber,
    /// Holdings above which such a request needs approval, in minor units.
    pub rebind_approval_value: Balance,
}

/// A bank of the first block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankGenesis {
    /// Its number.
    pub bank: BankId,
    /// Its name.
    pub name: String,
    /// Its account.
    pub account: AccountId,
}

/// A validator of the first block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorGenesis {
    /// Its account, which sets its session keys later.
    pub account: AccountId,
    /// Who runs it.
    pub institution: Institution,
    /// Key that makes blocks.
    pub aura: sr25519::Public,
    /// Key that finalises blocks.
    pub grandpa: ed25519::Public,
}

/// Money and owners of the first block; empty on a live network, where everything is minted and registered on chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Owners, their banks, keys, classes and tags.
    pub owners: Vec<(OwnerId, BankId, AccountId, OwnerClass, Option<PersonTag>)>,
    /// Reserves.
    pub credits: Vec<(BankId, Balance)>,
    /// Batches.
    pub mints: Vec<(Denomination, u32)>,
    /// Coins that banks draw.
    pub draws: Vec<(BankId, Vec<Lot>)>,
    /// Custody that banks credit.
    pub custody: Vec<(OwnerId, BankId, Balance)>,
    /// Coins that owners withdraw.
    pub withdrawals: Vec<(OwnerId, BankId, Vec<Lot>)>,
}

impl NetworkGenesis {
    /// The runtime's genesis configuration as a patch of its default.
    pub fn json(&self) -> Value {
        let validators: Vec<_> = self.validators.iter().map(|one| (&one.account, one.institution)).collect();
        let keys: Vec<_> = self
            .validators
            .iter()
            .map(|one| {
                let keys = SessionKeys { aura: one.aura.into(), grandpa: one.grandpa.into() };
                (&one.account, &one.account, keys)
            })
            .collect();
        let banks: Vec<_> = self.banks.iter().map(|one| (one.bank, &one.name, &one.account)).collect();
        json!({
            "participants": {
                "networkId": self.network_id,
                "sessionLength": self.session_length,
                "roles": self.roles,
                "banks": banks,
                "validators": validators,
                "committee": self.committee,
            },
            "committee": { "members": self.committee },
            "certificates": { "rootKey": self.root_key },
            "session": { "keys": keys },
            "admission": {
                "quota": self.quota,
                "bankQuota": self.bank_quota,
                "window": self.quota_window,
            },
            "limits": {
                "classes": self.limits.classes,
                "offsetMinutes": self.limits.day_offset,
            },
            "identity": {
                "ownerIdKey": self.owner_id_key,
                "owners": self.opening.owners,
                "rebindDelay": self.limits.rebind_delay,
                "rebindApprovalValue": self.limits.rebind_approval_value,
                "dormancyDays": self.limits.dormancy_days,
            },
            "issuance": {
                "denominations": self.denominations,
                "batches": self.opening.mints,
                "recoinable": self.recoinable,
            },
            "vault": { "credits": self.opening.credits, "draws": self.opening.draws },
            "custody": { "credits": self.opening.custody, "withdrawals": self.opening.withdrawals },
        })
    }
}

/// Public key of a development URI such as `//BankA`.
fn dev_key(uri: &str) -> sr25519::Public {
    development_pair::<sr25519::Pair>(uri)
}

#[allow(clippy::expect_used)]
fn development_pair<P: Pair>(uri: &str) -> P::Public {
    // The URIs are this file's own: a wrong one shows at once, when a preset is made.
    P::from_string(uri, None).expect("a development URI").public()
}

fn dev_account(uri: &str) -> AccountId {
    dev_key(uri).into()
}

/// Root key of the presets' certificates, an ed25519 key that everybody has.
pub const LOCAL_ROOT: &str = "//Root";

/// An ed25519 key as certificates write keys: with the algorithm's tag.
pub fn ed25519_key(key: ed25519::Public) -> HexBytes {
    let mut bytes = vec![1];
    bytes.extend_from_slice(&key.0);
    HexBytes(bytes)
}

/// Face values of the presets: 1, 5, 10, 20, 50 and 100 units, in hundredths.
pub fn usual_denominations() -> Vec<Denomination> {
    [100, 500, 1_000, 2_000, 5_000, 10_000].map(Denomination).to_vec()
}

/// Face values whose coins owners of the presets may have made anew: the two smallest.
fn usual_recoinable() -> Vec<Denomination> {
    [100, 500].map(Denomination).to_vec()
}

/// Network number of the presets.
pub const LOCAL_NETWORK_ID: u32 = 1;

/// Blocks of a session unless a definition says otherwise.
pub const USUAL_SESSION_LENGTH: BlockNumber = 600;

/// Public key of the function behind the presets' owner ids. Everybody has its secret.
pub const DEVELOPMENT_OWNER_ID_KEY: OwnerIdKey = OwnerIdKey([
    0x80, 0xe9, 0x7a, 0x90, 0x44, 0xf2, 0xf8, 0x1d, 0x2d, 0xad, 0x2d, 0x8d, 0xd1, 0x27, 0x0b, 0xed, 0xe0, 0x86, 0xe7,
    0x3e, 0xa5, 0x2b, 0xc6, 0x98, 0x97, 0x55, 0x4d, 0x46, 0x9e, 0x43, 0xbc, 0x24,
]);

/// Owner id of the alias `ann` on network [`LOCAL_NETWORK_ID`]. The runtime cannot derive owner ids, which is slow on
/// purpose; a test computes both.
pub const ANN: OwnerId = OwnerId([
    0x21, 0xdb, 0x5d, 0x9e, 0xa2, 0x25, 0x78, 0x78, 0xe7, 0x50, 0x1e, 0x5e, 0xff, 0xc9, 0xef, 0xad, 0xab, 0x57, 0xea,
    0xf5, 0xeb, 0xa5, 0xcc, 0x14,
]);
/// Owner id of the alias `ben` on network [`LOCAL_NETWORK_ID`].
pub const BEN: OwnerId = OwnerId([
    0x6a, 0x6a, 0x40, 0x30, 0x38, 0xb9, 0xba, 0x9c, 0x66, 0xc0, 0xb8, 0x8f, 0x16, 0x36, 0xca, 0x57, 0xf7, 0xe6, 0x0b,
    0xaa, 0xa1, 0x18, 0xf5, 0xd7,
]);

/// Who stands behind Ann on the development network; made up.
pub const ANNS_TAG: PersonTag = PersonTag([0xa1; 32]);

/// Transactions of an owner in a window on the presets.
const USUAL_QUOTA: u32 = 100;

/// The quota of a bank's owners together, unless a definition says otherwise: a hundred of them that do what they can.
pub fn usual_bank_quota(quota: u32) -> u32 {
    quota.saturating_mul(100)
}

/// Limits of a class in units of the currency.
fn in_units(per_payment: u64, per_day: u64, balance: u64) -> ClassLimits {
    let minor = |units: u64| Some(Balance::from(units).saturating_mul(100));
    ClassLimits { per_payment: minor(per_payment), per_day: minor(per_day), balance: minor(balance) }
}

/// Limits and recovery unless a definition says otherwise. Test networks have room for tests, and little patience.
pub fn usual_limits(live: bool) -> LimitsGenesis {
    let [phone, person] = if live {
        [in_units(1_000, 2_000, 5_000), in_units(20_000, 50_000, 200_000)]
    } else {
        [in_units(100_000, 1_000_000, 1_000_000), in_units(1_000_000, 10_000_000, 10_000_000)]
    };
    // Three days in blocks, and 10 000.00; half a minute, and 100 000.00.
    let (rebind_delay, rebind_approval_value) = if live { (259_200, 1_000_000) } else { (30, 10_000_000) };
    LimitsGenesis {
        classes: vec![
            (OwnerClass::AnonymousCard, in_units(100, 200, 300)),
            (OwnerClass::Phone, phone),
            (OwnerClass::Person, person),
            (OwnerClass::Firm, ClassLimits::default()),
        ],
        day_offset: 0,
        dormancy_days: 730,
        rebind_delay,
        rebind_approval_value,
    }
}

/// A network whose keys everybody knows, with this many validators: the issuer's, then the banks' in turn.
pub fn local_testnet(validators: usize) -> NetworkGenesis {
    let role = |role, name: &str, keys: usize| {
        (role, (1..=keys).map(|number| dev_account(&format!("//{name}//{number}"))).collect())
    };
    let banks = [(1, "Bank A", "//BankA"), (2, "Bank B", "//BankB"), (3, "Bank C", "//BankC")];
    NetworkGenesis {
        network_id: LOCAL_NETWORK_ID,
        owner_id_key: DEVELOPMENT_OWNER_ID_KEY,
        session_length: USUAL_SESSION_LENGTH,
        denominations: usual_denominations(),
        recoinable: usual_recoinable(),
        roles: vec![
            role(Role::Issuing, "Issuing", 2),
            role(Role::Supervising, "Supervising", 1),
            role(Role::Admitting, "Admitting", 1),
            role(Role::Operating, "Operating", 1),
            role(Role::Registry, "Registry", 1),
        ],
        committee: (1..=3).map(|number| dev_account(&format!("//Committee//{number}"))).collect(),
        root_key: Some(ed25519_key(development_pair::<ed25519::Pair>(LOCAL_ROOT))),
        banks: banks
            .iter()
            .map(|(bank, name, uri)| BankGenesis {
                bank: BankId(*bank),
                name: (*name).into(),
                account: dev_account(uri),
            })
            .collect(),
        validators: (0..validators).map(local_validator).collect(),
        quota: USUAL_QUOTA,
        bank_quota: usual_bank_quota(USUAL_QUOTA),
        quota_window: 10,
        limits: usual_limits(false),
        opening: Opening::default(),
    }
}

fn local_validator(number: usize) -> ValidatorGenesis {
    let institution = match number.checked_sub(1) {
        None => Institution::Issuer,
        Some(number) => Institution::Bank(BankId(u32::try_from(number % 3).unwrap_or_default().saturating_add(1))),
    };
    ValidatorGenesis {
        account: dev_account(&format!("//Validator//{number}")),
        institution,
        aura: dev_key(&format!("//Validator//{number}//aura")),
        grandpa: development_pair::<ed25519::Pair>(&format!("//Validator//{number}//grandpa")),
    }
}

/// One validator, one bank, and the owners Ann and Ben with coins.
pub fn development() -> NetworkGenesis {
    let bank = BankId(1);
    let (ann, ben) = (ANN, BEN);
    let lots = |count: u32| -> Vec<Lot> {
        usual_denominations().into_iter().map(|denomination| Lot { denomination, count }).collect()
    };
    let mut genesis = local_testnet(1);
    genesis.banks.truncate(1);
    genesis.opening = Opening {
        owners: vec![
            (ann, bank, dev_account("//Ann"), OwnerClass::Person, Some(ANNS_TAG)),
            (ben, bank, dev_account("//Ben"), OwnerClass::Phone, None),
        ],
        credits: vec![(bank, 100_000_000)],
        mints: usual_denominations().into_iter().map(|denomination| (denomination, 100_000)).collect(),
        draws: vec![(bank, lots(1_000))],
        custody: vec![(ann, bank, 1_000_000), (ben, bank, 1_000_000)],
        withdrawals: vec![(ann, bank, lots(10)), (ben, bank, lots(10))],
    };
    genesis
}

/// Presets of the genesis builder.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
    let genesis = match id.as_str() {
        sp_genesis_builder::DEV_RUNTIME_PRESET => development(),
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(4),
        _ => return None,
    };
    serde_json::to_vec(&genesis.json()).ok()
}

/// Their names.
pub fn preset_names() -> Vec<PresetId> {
    [sp_genesis_builder::DEV_RUNTIME_PRESET, sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET]
        .map(PresetId::from)
        .to_vec()
}
