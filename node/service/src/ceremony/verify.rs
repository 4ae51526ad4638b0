//! What an institution checks before it signs a definition off.

use super::{
    genesis::{facts, Facts},
    prepare::{CONTRIBUTION, KEYS, NODE_KEY, SESSION_KEYS},
    read, read_plan, Verify,
};
use sc_service::{config::KeystoreConfig, KeystoreContainer};
use sp_core::{
    crypto::key_types::{AURA, GRANDPA},
    ed25519, Pair,
};
use sp_keystore::Keystore as _;
use specie_chain_spec::{
    ceremony::{compare, compare_whole, Contribution},
    ChainSpec, Definition,
};
use specie_wallet::keystore::Keystore;
use std::{collections::BTreeSet, fs, io::Write, path::Path};
use zeroize::Zeroizing;

/// A chain spec as its file has it.
type Fields = serde_json::Map<String, serde_json::Value>;

/// Compares a definition with the plan and all contributions, and with an institution's own files; shows the first block
/// that it makes.
pub fn verify(command: &Verify, out: &mut impl Write) -> sc_cli::Result<()> {
    let plan = read_plan(&command.network)?;
    let all = read(&command.all)?;
    // Read once: what is compared is what makes the block.
    let name = command.definition.display().to_string();
    let text = fs::read_to_string(&command.definition).map_err(|error| format!("cannot read {name}: {error}"))?;
    let definition = Definition::parse(&name, &text).map_err(|errors| errors.to_string())?;
    let (mut mine, mut problems) = (Vec::new(), Vec::new());
    for path in &command.mine {
        let file = if path.is_dir() { path.join(CONTRIBUTION) } else { path.clone() };
        let contribution = Contribution::from_file(&file).map_err(|errors| errors.to_string())?;
        if path.is_dir() {
            problems.extend(lost(path, &contribution));
        }
        mine.push((file.display().to_string(), contribution));
    }
    problems.extend(compare(&definition, &mine));
    problems.extend(compare_whole(&text, &plan, &all));
    if !problems.is_empty() {
        return Err(problems.join("\n").into());
    }
    for (file, contribution) in &mine {
        writeln!(out, "{file}\n{contribution}\n")?;
    }
    // With its storage written out, which takes an execution of the runtime: everything below looks at that.
    let spec = ChainSpec::from_json_bytes(definition.chain_spec()?.as_json(true)?.into_bytes())?;
    let made = facts(&spec)?;
    if let Some(file) = &command.spec {
        same(file, &spec, &made)?;
    }
    writeln!(out, "The definition is what the plan and {} contributions make, and has nothing else in it.", all.len())?;
    writeln!(out, "All of these keys stand in the definition as they were made, and no others in your name.")?;
    writeln!(out, "Everybody must find the same:")?;
    writeln!(out, "  RUNTIME      {:?}", made.runtime)?;
    writeln!(out, "  FIRST BLOCK  {:?}", made.genesis)?;
    Ok(())
}

/// Checks that a chain spec is the definition's: that it begins with the same block, and has nothing else in it, such as
/// another runtime for later blocks.
fn same(file: &Path, own: &ChainSpec, made: &Facts) -> Result<(), String> {
    let spec = ChainSpec::from_json_file(file.to_owned())
        .map_err(|error| format!("{} is no chain spec: {error}", file.display()))?;
    let found = facts(&spec)?;
    if found == *made {
        let fields = others(file, &spec, own)?;
        if fields.is_empty() {
            return Ok(());
        }
        return Err(format!(
            "{} begins with the same block, but it is not the chain spec of the definition: it differs in {}; start no \
             node from it, make it anew with network-spec",
            file.display(),
            fields.join(", ")
        ));
    }
    let why = if found.runtime == made.runtime {
        "it was made of another definition"
    } else {
        "it has another runtime, so it was made by another build of this program"
    };
    Err(format!(
        "{} does not begin with the block {:?} but with {:?}: {why}",
        file.display(),
        made.genesis,
        found.genesis
    ))
}

/// Fields of a chain spec's file that are not as in the definition's own.
fn others(file: &Path, found: &ChainSpec, own: &ChainSpec) -> Result<Vec<String>, String> {
    let cannot = |error: &dyn std::fmt::Display| format!("cannot compare {}: {error}", file.display());
    let parse = |json: &str| serde_json::from_str::<Fields>(json).map_err(|error| cannot(&error));
    // As a node understands both, whether the first block's storage is written out or not.
    let own = parse(&own.as_json(true)?)?;
    let mut found = parse(&found.as_json(true)?)?;
    // What this program does not read, another might.
    for (field, value) in parse(&fs::read_to_string(file).map_err(|error| cannot(&error))?)? {
        found.entry(field).or_insert(value);
    }
    let fields: BTreeSet<&String> = own.keys().chain(found.keys()).collect();
    let differ = |field: &&&String| own.get(field.as_str()) != found.get(field.as_str());
    Ok(fields.iter().filter(differ).map(|field| format!("`{field}`")).collect())
}

/// Secrets of a contribution that are not in its folder any more. Accounts' keys stay encrypted here: that the password
/// opens them is for their holder to try.
fn lost(folder: &Path, contribution: &Contribution) -> Vec<String> {
    let stored = Keystore::new(folder.join(KEYS)).list().unwrap_or_default();
    let accounts = contribution.accounts.iter().map(|key| &key.account);
    let validators = contribution.validators.iter().map(|validator| &validator.account);
    let mut lost: Vec<String> = accounts
        .chain(validators)
        .filter(|account| !stored.iter().any(|header| header.account == **account))
        .map(|account| format!("the key of {account}"))
        .collect();
    for validator in &contribution.validators {
        let config = KeystoreConfig::Path { path: folder.join(SESSION_KEYS), password: None };
        let keystore = KeystoreContainer::new(&config).map(|container| container.keystore());
        // A key that cannot sign is as good as none.
        let aura = keystore.as_ref().is_ok_and(|keystore| {
            keystore.sr25519_sign(AURA, &validator.aura, b"specie/ceremony/try").is_ok_and(|signed| signed.is_some())
        });
        let grandpa = keystore.as_ref().is_ok_and(|keystore| {
            keystore
                .ed25519_sign(GRANDPA, &validator.grandpa, b"specie/ceremony/try")
                .is_ok_and(|signed| signed.is_some())
        });
        let node = node_key(&folder.join(NODE_KEY)) == validator.node_key();
        for (there, what) in [(aura, "aura"), (grandpa, "grandpa"), (node, "node")] {
            if !there {
                lost.push(format!("the `{what}` key of the validator {}", validator.account));
            }
        }
    }
    lost.into_iter().map(|what| format!("{}: {what} is not here", folder.display())).collect()
}

/// The public key of a node's key file.
fn node_key(file: &Path) -> Option<[u8; 32]> {
    let digits = Zeroizing::new(fs::read_to_string(file).ok()?);
    let mut seed = Zeroizing::new([0u8; 32]);
    hex::decode_to_slice(digits.trim(), &mut seed[..]).ok()?;
    Some(ed25519::Pair::from_seed(&seed).public().0)
}
