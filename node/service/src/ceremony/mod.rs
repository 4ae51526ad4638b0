//! `specie-node ceremony …`: institutions make their keys apart from each other, and only public parts are collected into
//! the network's definition. `docs/ceremony.md` tells who does what; [`specie_chain_spec::ceremony`] has the rules.

mod genesis;
mod prepare;
mod verify;

pub use genesis::{facts, Facts};
pub use prepare::{prepare, CONTRIBUTION, KEYS, NODE_KEY, SESSION_KEYS};
pub use verify::verify;

use specie_chain_spec::ceremony::{collect, Contribution, Plan};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// Making a network together.
#[derive(Debug, clap::Subcommand)]
pub enum Ceremony {
    /// Make keys in a new folder, and the contribution to hand in: public keys with proofs.
    Prepare(Prepare),
    /// Check contributions and show their keys and fingerprints.
    Show(Show),
    /// Make the network's definition of everybody's contributions.
    Collect(Collect),
    /// Check that a definition is what the plan and all contributions make, find one's own keys in it, and show the hash of
    /// the first block that it makes.
    Verify(Verify),
}

/// `ceremony prepare`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The folder then holds
  contribution.toml  to hand in; there is nothing secret in it
  keys/              accounts, encrypted with the password: specie --keystore FOLDER/keys
  keystore/          a validator's session keys, for specie-node --keystore-path
  node-key           a validator's name among nodes, for specie-node --node-key-file

The password comes from --password-file, else from SPECIE_PASSWORD, else you are asked for it.

Examples:
  specie-node ceremony prepare --network plan.toml --institution issuer --make issuing --out FOLDER
  specie-node ceremony prepare --network plan.toml --institution 'Bank A' --make account --make validator \\
    --address /dns/node.bank-a.example/tcp/30333 --out FOLDER")]
pub struct Prepare {
    /// The network's plan: its definition without keys.
    #[arg(long, value_name = "PLAN")]
    pub network: PathBuf,
    /// Whose keys these are: issuer, or a bank's number or name.
    #[arg(long)]
    pub institution: String,
    /// What to make, as often as needed and each once: of the issuer issuing, supervising, admitting, operating, registry,
    /// committee; of a bank account; of both validator.
    #[arg(long, value_name = "WHAT", required = true)]
    pub make: Vec<String>,
    /// Where other nodes will find the validator's: /dns/NAME/tcp/PORT or /ip4/ADDRESS/tcp/PORT.
    #[arg(long, value_name = "MULTIADDRESS")]
    pub address: Option<String>,
    /// Folder to make; it must not be there, or be empty.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// File with the password of the accounts' keys on its first line.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// `ceremony show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// Contributions.
    #[arg(required = true)]
    pub contributions: Vec<PathBuf>,
}

/// `ceremony collect`.
#[derive(Debug, clap::Args)]
pub struct Collect {
    /// Contributions, in any order.
    #[arg(required = true)]
    pub contributions: Vec<PathBuf>,
    /// The network's plan: its definition without keys.
    #[arg(long, value_name = "PLAN")]
    pub network: PathBuf,
    /// The definition, a new file.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `ceremony verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  specie-node ceremony verify network.toml --network plan.toml --all contributions/*.toml --mine FOLDER --spec spec.json")]
pub struct Verify {
    /// The definition.
    pub definition: PathBuf,
    /// The network's plan that everybody agreed to, from a copy of one's own.
    #[arg(long, value_name = "PLAN")]
    pub network: PathBuf,
    /// All contributions, in any order: collected again with the plan, they must make the definition.
    #[arg(long, value_name = "CONTRIBUTION", required = true, num_args = 1..)]
    pub all: Vec<PathBuf>,
    /// A folder that `prepare` made, or a contribution of somebody else in the institution. Everything that stands in the
    /// institution's name must be in one of them.
    #[arg(long, value_name = "FOLDER|CONTRIBUTION", required = true)]
    pub mine: Vec<PathBuf>,
    /// A chain spec that was handed out: it must be the definition's, in its first block and everything else.
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
}

impl Ceremony {
    /// Does it. What people are to read goes to `out`.
    pub fn run(&self, out: &mut impl Write) -> sc_cli::Result<()> {
        match self {
            Self::Prepare(command) => prepare(command, out),
            Self::Show(command) => command.run(out),
            Self::Collect(command) => command.run(out),
            Self::Verify(command) => verify(command, out),
        }
    }
}

impl Show {
    fn run(&self, out: &mut impl Write) -> sc_cli::Result<()> {
        show(&read(&self.contributions)?, out)
    }
}

impl Collect {
    fn run(&self, out: &mut impl Write) -> sc_cli::Result<()> {
        let plan = read_plan(&self.network)?;
        let contributions = read(&self.contributions)?;
        let definition = collect(&plan, &contributions).map_err(|refused| refused.to_string())?;
        show(&contributions, out)?;
        write_new(&self.out, &definition)?;
        writeln!(out, "{} is made of {} contributions", self.out.display(), contributions.len())?;
        writeln!(out, "Now every holder reads out the fingerprint, and verifies: specie-node ceremony verify")?;
        Ok(())
    }
}

fn read_plan(file: &Path) -> Result<Plan, String> {
    Plan::from_file(file).map_err(|errors| errors.to_string())
}

/// Reads contributions; all mistakes in all of them at once.
fn read(files: &[PathBuf]) -> Result<Vec<(String, Contribution)>, String> {
    let (mut contributions, mut mistakes) = (Vec::new(), Vec::new());
    for file in files {
        match Contribution::from_file(file) {
            Ok(contribution) => contributions.push((file.display().to_string(), contribution)),
            Err(errors) => mistakes.push(errors.to_string()),
        }
    }
    if mistakes.is_empty() {
        return Ok(contributions);
    }
    Err(mistakes.join("\n"))
}

fn show(contributions: &[(String, Contribution)], out: &mut impl Write) -> sc_cli::Result<()> {
    for (file, contribution) in contributions {
        writeln!(out, "{file}\n{contribution}\n")?;
    }
    Ok(())
}

/// Writes a file with nothing secret in it; what is there already stays.
fn write_new(file: &Path, text: &str) -> Result<(), String> {
    let write = || fs::File::create_new(file)?.write_all(text.as_bytes());
    write().map_err(|error| format!("could not write {}: {error}", file.display()))
}
