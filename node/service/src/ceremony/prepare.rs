//! Makes keys and the contribution of their public parts.

use super::{read_plan, write_new, Prepare};
use codec::Encode;
use sc_network::{config::MultiaddrWithPeerId, PeerId};
use sc_service::{config::KeystoreConfig, KeystoreContainer};
use sp_core::{
    crypto::key_types::{AURA, GRANDPA},
    ed25519, Pair,
};
use sp_keystore::Keystore as _;
use specie_chain_spec::ceremony::{AccountKey, Contribution, Duty, Use, ValidatorKeys};
use specie_wallet::{
    keys::{generate_phrase, Keypair},
    keystore::{create_folder, write_whole, Keystore, StoredKey},
};
use std::{fs, io::Write, path::Path};
use zeroize::Zeroizing;

/// The contribution, below the folder of `prepare`.
pub const CONTRIBUTION: &str = "contribution.toml";
/// Accounts' keys, encrypted.
pub const KEYS: &str = "keys";
/// Session keys as the node reads them.
pub const SESSION_KEYS: &str = "keystore";
/// The node's key.
pub const NODE_KEY: &str = "node-key";
/// What `--make` calls a validator with all that belongs to it; also the name of its account's key.
const VALIDATOR: &str = "validator";

/// What to make.
struct Order {
    duties: Vec<Duty>,
    /// Address of a validator's node, if there is to be one.
    validator: Option<String>,
}

/// Makes keys in a new folder. Fails before anything is made if something is wrong with the command.
pub fn prepare(command: &Prepare, out: &mut impl Write) -> sc_cli::Result<()> {
    let plan = read_plan(&command.network)?;
    let institution = plan.institution(&command.institution).ok_or_else(|| {
        format!(
            "there is no institution '{}' in the plan: write issuer, or a bank's number or name",
            command.institution
        )
    })?;
    let empty = Contribution {
        network: plan.id().to_owned(),
        network_id: plan.network_id(),
        institution,
        accounts: Vec::new(),
        validators: Vec::new(),
    };
    let order = order(command, &empty)?;
    ensure_unused(&command.out)?;
    let password = password(command)?;
    let contribution = make(&order, empty, &command.out, &password)?;
    // Read as the others will read it: a contribution that they would refuse is of no use.
    let text = contribution.text();
    Contribution::parse(CONTRIBUTION, &text).map_err(|errors| errors.to_string())?;
    let file = command.out.join(CONTRIBUTION);
    write_new(&file, &text)?;
    writeln!(out, "{}\n{contribution}\n", file.display())?;
    writeln!(out, "Hand in this file, and read out its fingerprint. All else in the folder is secret: keep it here.")?;
    Ok(())
}

/// Reads `--make` and `--address`.
fn order(command: &Prepare, contribution: &Contribution) -> Result<Order, String> {
    let (mut duties, mut validators) = (Vec::new(), 0);
    for what in &command.make {
        match Duty::named(what) {
            Some(duty) if duties.contains(&duty) => {
                return Err(format!("'{what}' is there twice: the other is another person's, in another folder"));
            },
            Some(duty) if duty.is_of(contribution.institution) => duties.push(duty),
            None if what == VALIDATOR => validators += 1,
            _ => {
                let duties = Duty::all().filter(|duty| duty.is_of(contribution.institution)).map(Duty::name);
                let all: Vec<_> = duties.chain([VALIDATOR]).collect();
                return Err(format!("'{}' does not make '{what}', only: {}", command.institution, all.join(", ")));
            },
        }
    }
    let validator = match (validators, &command.address) {
        (0, None) => None,
        (0, Some(_)) => return Err("--address is a validator's: add --make validator, or leave it out".into()),
        (1, Some(address)) => Some(address.clone()),
        (1, None) => return Err("say where other nodes will find the validator's, with --address".into()),
        _ => return Err("a folder holds one validator: prepare another folder, on the other machine".into()),
    };
    if let Some(address) = &validator {
        // Any peer id will do to see whether the rest can be read.
        let node = node_at(address, &PeerId::random());
        let node = node.ok_or("--address must be like /dns/node.example/tcp/30333, without a peer id")?;
        if node.multiaddr.to_string() != *address {
            return Err(format!("write --address as {}", node.multiaddr));
        }
    }
    Ok(Order { duties, validator })
}

fn node_at(address: &str, peer: &PeerId) -> Option<MultiaddrWithPeerId> {
    let node: MultiaddrWithPeerId = format!("{address}/p2p/{peer}").parse().ok()?;
    // A peer id within the address would be one too many.
    (!node.multiaddr.to_string().contains("/p2p/")).then_some(node)
}

/// Keys that are there are never overwritten.
fn ensure_unused(folder: &Path) -> Result<(), String> {
    let unused = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    unused.then_some(()).ok_or_else(|| format!("{} is in use: name a new folder with --out", folder.display()))
}

fn password(command: &Prepare) -> Result<Zeroizing<String>, String> {
    let password = match (&command.password_file, std::env::var("SPECIE_PASSWORD")) {
        (Some(file), _) => {
            let text = fs::read_to_string(file).map(Zeroizing::new);
            let text = text.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
        },
        (None, Ok(password)) => Zeroizing::new(password),
        (None, Err(_)) => {
            let ask = |text| rpassword::prompt_password(text).map(Zeroizing::new);
            let hint = |_| "no terminal to ask for the password: give --password-file or SPECIE_PASSWORD";
            let password = ask("Password of the new keys: ").map_err(hint)?;
            if ask("Once more: ").map_err(hint)? != password {
                return Err("the passwords differ".into());
            }
            password
        },
    };
    if password.is_empty() {
        return Err("the password is empty: it protects nothing".into());
    }
    Ok(password)
}

fn make(order: &Order, mut contribution: Contribution, folder: &Path, password: &str) -> Result<Contribution, String> {
    create_folder(folder).map_err(|error| format!("could not make {}: {error}", folder.display()))?;
    let store = Keystore::new(folder.join(KEYS));
    for duty in &order.duties {
        let key = new_key(&store, duty.name(), password)?;
        let account = key.account();
        let payload = contribution.payload(duty.purpose(), account.clone().into());
        let proof = key.sign(&payload.encode());
        contribution.accounts.push(AccountKey { duty: *duty, account, proof });
    }
    if let Some(address) = &order.validator {
        let validator = make_validator(&contribution, &new_key(&store, VALIDATOR, password)?, address, folder)?;
        contribution.validators.push(validator);
    }
    Ok(contribution)
}

/// Makes a key of which nobody has seen the phrase.
fn new_key(store: &Keystore, name: &str, password: &str) -> Result<Keypair, String> {
    let phrase = generate_phrase().map_err(|error| error.to_string())?;
    let key = StoredKey { secret: phrase.to_string(), identity: None };
    store.add(name, &key, password).map_err(|error| error.to_string())?;
    // From the file: what cannot be opened again must not be handed in.
    let stored = store.open(name, password).map_err(|error| error.to_string())?;
    stored.keypair().map_err(|error| error.to_string())
}

/// Makes session keys and the node's key where the node looks for them.
fn make_validator(
    contribution: &Contribution,
    account_key: &Keypair,
    address: &str,
    folder: &Path,
) -> Result<ValidatorKeys, String> {
    let path = folder.join(SESSION_KEYS);
    create_folder(&path).map_err(|error| format!("could not make {}: {error}", path.display()))?;
    let keystore = KeystoreContainer::new(&KeystoreConfig::Path { path, password: None });
    let keystore = keystore.map_err(|error| format!("the node's keystore does not open: {error}"))?.keystore();
    let failed = |error: sp_keystore::Error| format!("the node's keystore takes no keys: {error}");
    let aura = keystore.sr25519_generate_new(AURA, None).map_err(failed)?;
    let grandpa = keystore.ed25519_generate_new(GRANDPA, None).map_err(failed)?;

    let (node_key, seed) = ed25519::Pair::generate();
    let seed = Zeroizing::new(seed);
    let digits = Zeroizing::new(hex::encode(&seed[..]));
    let file = folder.join(NODE_KEY);
    write_whole(&file, digits.as_bytes(), false)
        .map_err(|error| format!("could not write {}: {error}", file.display()))?;
    let peer = PeerId::from_ed25519(&node_key.public().0).ok_or("the node's key has no peer id")?;
    let node = node_at(address, &peer).ok_or("the node's address cannot be read")?;

    let account = account_key.account();
    let unproven = [0; 64];
    let mut keys = ValidatorKeys {
        account: account.clone(),
        account_proof: unproven,
        aura,
        aura_proof: unproven,
        grandpa,
        grandpa_proof: unproven,
        node,
        node_proof: unproven,
    };
    let payload = |purpose: Use, key| contribution.payload(purpose, key).encode();
    let missing = || "the node's keystore lost a key".to_owned();
    keys.account_proof = account_key.sign(&payload(keys.purpose(), account.clone().into()));
    let message = payload(Use::Aura(account.clone()), aura.0);
    keys.aura_proof = keystore.sr25519_sign(AURA, &aura, &message).map_err(failed)?.ok_or_else(missing)?.0;
    let message = payload(Use::Grandpa(account), grandpa.0);
    keys.grandpa_proof = keystore.ed25519_sign(GRANDPA, &grandpa, &message).map_err(failed)?.ok_or_else(missing)?.0;
    keys.node_proof = node_key.sign(&payload(keys.node_purpose(), node_key.public().0)).0;
    Ok(keys)
}
