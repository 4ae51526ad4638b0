//! The definition of the local test network as a text that tests and people can edit.

use crate::definition::role_field;
use specie_primitives::{BlockNumber, Denomination, Institution, Role};
use specie_runtime::genesis::{self, NetworkGenesis};
use std::fmt::{self, Write};

/// What may differ between local test networks. [`LocalNetwork::new`] takes everything else from the runtime's preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalNetwork {
    /// Number of validators: the first is the issuer's, the others the banks' in turn.
    pub validators: usize,
    /// Length of a session in blocks.
    pub session_length: BlockNumber,
    /// Transactions that an owner may send in a window; zero for no limit.
    pub quota: u32,
    /// Length of that window in blocks.
    pub quota_window: BlockNumber,
    /// Where new nodes find others, as multiaddresses with peer ids.
    pub boot_nodes: Vec<String>,
}

impl LocalNetwork {
    /// The runtime's local preset with so many validators.
    pub fn new(validators: usize) -> Self {
        let NetworkGenesis { session_length, quota, quota_window, .. } = genesis::local_testnet(validators);
        Self { validators, session_length, quota, quota_window, boot_nodes: Vec::new() }
    }

    /// Its definition file. All keys are development URIs.
    pub fn definition(&self) -> String {
        let preset = genesis::local_testnet(self.validators);
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text, &preset);
        text
    }

    fn write(&self, out: &mut String, preset: &NetworkGenesis) -> fmt::Result {
        let joined = |faces: &[Denomination]| {
            faces.iter().map(|Denomination(value)| value.to_string()).collect::<Vec<_>>().join(", ")
        };
        let (denominations, recoinable) = (joined(&preset.denominations), joined(&preset.recoinable));
        let boot_nodes: Vec<String> = self.boot_nodes.iter().map(|node| format!("{node:?}")).collect();
        let boot_nodes = boot_nodes.join(", ");
        writeln!(out, "# Local test network. Its secrets are public: never put value on it.")?;
        writeln!(out, "# docs/network-definition.md explains every field.")?;
        writeln!(out)?;
        writeln!(out, "[network]")?;
        writeln!(out, "name = \"{}\"", crate::LOCAL_NAME)?;
        writeln!(out, "id = \"{}\"", crate::LOCAL_ID)?;
        writeln!(out, "type = \"local\"")?;
        writeln!(out, "network_id = {}", preset.network_id)?;
        writeln!(out, "owner_id_key = \"{}\" # everybody has its secret", preset.owner_id_key)?;
        writeln!(out, "symbol = \"{}\"", crate::SYMBOL)?;
        writeln!(out, "decimals = {}", crate::DECIMALS)?;
        writeln!(out, "ss58_prefix = {}", crate::SS58_PREFIX)?;
        writeln!(out, "denominations = [{denominations}] # minor units")?;
        writeln!(out, "recoinable = [{recoinable}] # minor units; owners may have these made anew")?;
        writeln!(out, "session_length = {} # blocks", self.session_length)?;
        writeln!(out, "quota = {} # transactions of one owner in a window; 0 for no limit", self.quota)?;
        writeln!(out, "quota_window = {} # blocks", self.quota_window)?;
        writeln!(out, "boot_nodes = [{boot_nodes}]")?;
        writeln!(out)?;
        writeln!(out, "[issuer]")?;
        for (role, keys) in &preset.roles {
            writeln!(out, "{} = [{}]", role_field(*role), numbered(role_name(*role), keys.len()))?;
        }
        writeln!(out, "committee = [{}]", numbered("Committee", preset.committee.len()))?;
        writeln!(out, "root_key = \"{}\"", genesis::LOCAL_ROOT)?;
        for bank in &preset.banks {
            writeln!(out)?;
            writeln!(out, "[[bank]]")?;
            writeln!(out, "number = {}", bank.bank)?;
            writeln!(out, "name = \"{}\"", bank.name)?;
            // "Bank A" signs with //BankA.
            writeln!(out, "account = \"//{}\"", bank.name.replace(' ', ""))?;
        }
        for (index, validator) in preset.validators.iter().enumerate() {
            writeln!(out)?;
            writeln!(out, "[[validator]]")?;
            match validator.institution {
                Institution::Issuer => writeln!(out, "institution = \"issuer\"")?,
                Institution::Bank(bank) => writeln!(out, "institution = {bank}")?,
            }
            writeln!(out, "account = \"//Validator//{index}\"")?;
            writeln!(out, "aura = \"//Validator//{index}//aura\"")?;
            writeln!(out, "grandpa = \"//Validator//{index}//grandpa\"")?;
        }
        Ok(())
    }
}

/// The definition of the runtime's local preset with so many validators.
pub fn local_definition(validators: usize) -> String {
    LocalNetwork::new(validators).definition()
}

/// A role's name in development URIs.
fn role_name(role: Role) -> &'static str {
    match role {
        Role::Issuing => "Issuing",
        Role::Supervising => "Supervising",
        Role::Admitting => "Admitting",
        Role::Operating => "Operating",
        Role::Registry => "Registry",
    }
}

/// `"//Name//1", "//Name//2"`, …
fn numbered(name: &str, count: usize) -> String {
    let uris: Vec<String> = (1..=count).map(|number| format!("\"//{name}//{number}\"")).collect();
    uris.join(", ")
}
