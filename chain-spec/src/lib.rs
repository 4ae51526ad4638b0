//! Network definitions, and the chain specs made from them.
//!
//! A network is described by a TOML file that people read, review and sign off: who the issuer's departments and
//! committee are, which banks there are, who runs the validators, which face values exist. This crate checks such a
//! file, reporting every mistake with its line, and makes the chain spec that all nodes start from. The fields are
//! explained in `docs/network-definition.md`.
//!
//! On a network with value nobody may know another's secrets: [`ceremony`] makes the definition of what every institution
//! hands in, public keys and proofs that it has the secrets. `docs/ceremony.md` tells who does what.
//!
//! Two networks need no file: [`development`] and [`local_testnet`] come from the runtime's genesis presets.

pub mod ceremony;
mod definition;
mod errors;
mod keys;
mod local;
mod reader;
#[cfg(test)]
mod tests;

pub use definition::{
    Definition, MAX_COMMITTEE, MAX_ID, MAX_NAME, MAX_ROLE_KEYS, MAX_VALIDATORS, MAX_VALIDATORS_EACH, MIN_COMMITTEE,
    MIN_LIVE_VALIDATORS,
};
pub use errors::{DefinitionErrors, Position, Problem};
pub use keys::is_known_key;
pub use local::{local_definition, LocalNetwork};

use sc_service::ChainType;
use specie_runtime::{DECIMALS, SS58_PREFIX, SYMBOL};
use std::path::Path;

/// Chain spec of a Specie network: nothing beyond the SDK's own.
pub type ChainSpec = sc_service::GenericChainSpec;

/// Name of the local test network.
pub(crate) const LOCAL_NAME: &str = "Specie Local";
/// Id of the local test network's chain.
pub(crate) const LOCAL_ID: &str = "specie_local";

/// Makes a chain spec of a definition file.
pub fn from_definition_file(path: &Path) -> Result<ChainSpec, DefinitionErrors> {
    let source_name = path.display().to_string();
    let definition = Definition::from_file(path)?;
    definition.chain_spec().map_err(|message| DefinitionErrors::general(&source_name, message))
}

/// Makes a chain spec of a definition. `source_name` stands in front of every error.
pub fn from_definition_str(source_name: &str, text: &str) -> Result<ChainSpec, DefinitionErrors> {
    let definition = Definition::parse(source_name, text)?;
    definition.chain_spec().map_err(|message| DefinitionErrors::general(source_name, message))
}

/// The network of one node: one validator, one bank, two owners with coins.
pub fn development() -> Result<ChainSpec, String> {
    let builder = builder("Specie Development", "specie_dev", ChainType::Development)?;
    Ok(builder.with_genesis_config_preset_name("development").build())
}

/// The local test network of four validators: the issuer's and one of each of three banks.
pub fn local_testnet() -> Result<ChainSpec, String> {
    let builder = builder(LOCAL_NAME, LOCAL_ID, ChainType::Local)?;
    Ok(builder.with_genesis_config_preset_name("local_testnet").build())
}

/// What all chain specs have in common. The id also keeps apart networks on the wire.
pub(crate) fn builder(name: &str, id: &str, chain_type: ChainType) -> Result<sc_chain_spec::ChainSpecBuilder, String> {
    let code = specie_runtime::WASM_BINARY
        .ok_or("this program was built without the Wasm runtime (SKIP_WASM_BUILD was set); build it again without")?;
    Ok(ChainSpec::builder(code, None)
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_protocol_id(id)
        .with_properties(properties()))
}

/// What wallets show amounts and addresses by.
pub fn properties() -> sc_chain_spec::Properties {
    let mut properties = sc_chain_spec::Properties::new();
    properties.insert("tokenSymbol".into(), SYMBOL.into());
    properties.insert("tokenDecimals".into(), DECIMALS.into());
    properties.insert("ss58Format".into(), SS58_PREFIX.into());
    properties
}
