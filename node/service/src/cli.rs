//! What an operator types.

use crate::ceremony::Ceremony;
use sc_cli::RunCmd;
use std::path::PathBuf;

/// The command line: a subcommand, or the flags of a running node.
#[derive(Debug, clap::Parser)]
pub struct Cli {
    /// What to do instead of running a node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How to run the node.
    #[clap(flatten)]
    pub run: RunCmd,

    /// Where wallets that ask this node find the issuer's identity service, http://host:port. The node itself does not
    /// use it.
    #[arg(long, value_name = "URL", value_parser = read_identity_service)]
    pub identity_service: Option<String>,
}

/// An address that the wallets of this version can ask.
fn read_identity_service(text: &str) -> Result<String, String> {
    match text.strip_prefix("http://") {
        Some(rest) if !rest.is_empty() && !rest.contains(char::is_whitespace) => Ok(text.into()),
        _ => Err("write it as http://host:port".into()),
    }
}

/// What can be done beside running a node.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)]
pub enum Subcommand {
    /// Make, look at and insert keys.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Make the keys of a new network, each institution its own, and its definition of the public ones.
    #[command(subcommand)]
    Ceremony(Ceremony),

    /// Make a chain spec from a network's definition.
    NetworkSpec(NetworkSpecCmd),

    /// Write the chain spec of a network (old name of `export-chain-spec`).
    BuildSpec(sc_cli::BuildSpecCmd),

    /// Write the chain spec of a network.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Execute a block of the database again and check it.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Write the state of a block into a chain spec.
    ExportState(sc_cli::ExportStateCmd),

    /// Read blocks from a file.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Remove the chain's database and the index.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Take back blocks that are not final.
    Revert(sc_cli::RevertCmd),

    /// Show the heads of the database.
    ChainInfo(sc_cli::ChainInfoCmd),
}

/// `network-spec`: a chain spec from a network's definition, with every mistake in it named by its line.
#[derive(Debug, clap::Args)]
pub struct NetworkSpecCmd {
    /// The definition, a TOML file.
    pub definition: PathBuf,

    /// Write the first block's storage as it is instead of the configuration that it is made from. All nodes of a
    /// live network should start from one raw file.
    #[arg(long)]
    pub raw: bool,

    /// File to write; without it the chain spec goes to standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
