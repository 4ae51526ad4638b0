//! `specie-testnet`: runs a local network of real nodes, and plays the story on it.

use anyhow::{bail, ensure, Context, Result};
use clap::{Args, Parser, Subcommand};
use specie_testnet::{
    identity,
    network::{default_base_path, Kind, Node, Sync},
    process::tail,
    status::Status,
    story::Story,
    Network, Options, TestNetwork,
};
use std::{
    fs,
    io::{Read, Seek, SeekFrom, Write},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::{Command as Process, ExitCode},
    time::{Duration, Instant},
};

/// How many validators a new network may have. With fewer none may fail; more are too many processes for one machine.
const VALIDATORS: RangeInclusive<usize> = 4..=32;

/// Time without news after which somebody who waits is told how far it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// Prints a line. A reader that has gone away, such as `head`, is no reason to fail.
macro_rules! say {
    ($($part:tt)*) => {{
        let _ = writeln!(std::io::stdout(), $($part)*);
    }};
}

/// A local network of real nodes: one process each, from copies of the built programs.
#[derive(Parser)]
#[command(name = "specie-testnet", version, about)]
struct Cli {
    /// Folder of the network [default: $XDG_STATE_HOME/specie/testnet or ~/.local/state/specie/testnet]
    #[arg(long, global = true, value_name = "FOLDER")]
    base_path: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the network; says what is running if it already does
    Up(UpArgs),
    /// Shows nodes, accounts, roles, owners and the keys that can be used
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows a node's log
    Logs {
        /// Name of the node, or `identity` for the identity service
        node: String,
        /// Goes on as the log grows
        #[arg(short, long)]
        follow: bool,
        /// Lines from the end
        #[arg(short = 'n', long, default_value_t = 50)]
        lines: usize,
    },
    /// Ends a node by force, as a power cut does
    Kill {
        /// Name of the node, or `identity` for the identity service
        node: String,
    },
    /// Ends a node in order
    Stop {
        /// Name of the node, or `identity` for the identity service
        node: String,
    },
    /// Starts a node that is down
    Start {
        /// Name of the node, or `identity` for the identity service
        node: String,
    },
    /// Adds nodes: such as follow the chain, or validators
    Add {
        /// How many
        count: usize,
        /// Has them admitted as validators, of the banks in turn
        #[arg(long, conflicts_with = "sync")]
        validators: bool,
        /// How they get the chain
        #[arg(long, value_enum, default_value = "full")]
        sync: Sync,
    },
    /// Ends all nodes; `up` goes on where they stopped
    Down,
    /// Ends all nodes and removes the network
    Reset,
    /// Plays the story on a new network, from the first mint to the supply report
    Demo {
        /// Ends the network afterwards
        #[arg(long, conflicts_with = "keep")]
        once: bool,
        /// Leaves the network running; this is what happens without --once, too
        #[arg(long)]
        keep: bool,
        /// Where the endpoints are written
        #[arg(long, value_name = "FILE", default_value = "endpoints.json")]
        endpoints: PathBuf,
        #[command(flatten)]
        up: UpArgs,
    },
    /// Measures how long a payment takes to a block and to finality, on a network of its own, which ends afterwards
    Measure {
        /// How many payments, by several owners, each of whom waits until one is final before the next
        #[arg(long, default_value_t = 1_000)]
        payments: u32,
        #[command(flatten)]
        up: UpArgs,
    },
    /// Starts a network for the time of one command, which finds the nodes' addresses in SPECIE_WS, and that of the
    /// identity service in SPECIE_IDENTITY_SERVICE
    WithNetwork {
        #[command(flatten)]
        up: UpArgs,
        /// The command and its arguments
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

#[derive(Args, Clone)]
struct UpArgs {
    /// Number of validators from 4 to 32: the issuer's, and the banks' in turn [default: 4]
    #[arg(long, value_name = "COUNT")]
    validators: Option<usize>,
    /// Network back end of the nodes: libp2p or litep2p [default: the node's]
    #[arg(long, value_parser = ["libp2p", "litep2p"])]
    network_backend: Option<String>,
    /// Blocks in a session [default: the local preset's]
    #[arg(long, value_name = "BLOCKS")]
    session_length: Option<u32>,
    /// Blocks whose state is kept, or archive [default: the node's]
    #[arg(long, value_name = "BLOCKS")]
    state_pruning: Option<String>,
    /// Web pages from anywhere may use the RPC
    #[arg(long)]
    rpc_cors_all: bool,
    /// Returns only when a block is final on every node
    #[arg(long)]
    wait: bool,
}

impl UpArgs {
    fn options(&self) -> Result<Options> {
        let validators = self.validators.unwrap_or(*VALIDATORS.start());
        ensure!(
            VALIDATORS.contains(&validators),
            "--validators {validators} is out of range: a local network has {} to {} of them",
            VALIDATORS.start(),
            VALIDATORS.end()
        );
        Ok(Options {
            validators,
            network_backend: self.network_backend.clone(),
            session_length: self.session_length,
            state_pruning: self.state_pruning.clone(),
            rpc_cors_all: self.rpc_cors_all,
            ..Options::default()
        })
    }

    /// What is said about options that make no difference to a network that has `validators` validators already.
    fn ignored(&self, validators: usize) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(wanted) = self.validators.filter(|wanted| *wanted != validators) {
            lines.push(format!(
                "--validators {wanted} is ignored: the network was made with its validators and has {validators}. \
                 'add COUNT --validators' adds some; 'reset', then 'up' makes another network."
            ));
        }
        let others = [
            ("--network-backend", self.network_backend.is_some()),
            ("--session-length", self.session_length.is_some()),
            ("--state-pruning", self.state_pruning.is_some()),
            ("--rpc-cors-all", self.rpc_cors_all),
        ];
        let given: Vec<_> = others.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
        if !given.is_empty() {
            lines.push(format!("Ignored, since only a new network takes them: {}", given.join(", ")));
        }
        lines
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        },
    }
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let base = match cli.base_path {
        Some(path) => path,
        None => default_base_path()?,
    };
    match cli.command {
        Command::Up(args) => up(&base, &args).await?,
        Command::Status { json } => {
            let status = Status::of(&open(&base)?).await?;
            if json {
                say!("{}", serde_json::to_string_pretty(&status)?);
            } else {
                say!("{status}");
            }
        },
        Command::Logs { node, follow, lines } => logs(&node, &open(&base)?.log(&node)?, follow, lines)?,
        Command::Kill { node } => {
            open(&base)?.kill(&node)?;
            say!("{node} was killed");
        },
        Command::Stop { node } => {
            open(&base)?.stop(&node)?;
            say!("{node} has stopped");
        },
        Command::Start { node } => {
            let mut network = open(&base)?;
            network.start(&node)?;
            if node != identity::NAME {
                network.rpc(&node).await?;
            }
            say!("{node} is running");
        },
        Command::Add { count, validators, sync } => {
            let mut network = open(&base)?;
            if count == 0 {
                say!("There is nothing to do: no node was added");
            }
            for _ in 0..count {
                let name = if validators {
                    network.add_validator().await?
                } else {
                    let name = network.add_full(sync)?;
                    network.start(&name)?;
                    name
                };
                let rpc = network.rpc(&name).await?;
                let admitted =
                    if validators { ", admitted; it makes blocks from the next session but one" } else { "" };
                say!("{name} is running at {}{admitted}", rpc.url());
            }
        },
        Command::Down => {
            open(&base)?.stop_all()?;
            say!("all nodes have stopped; 'up' goes on where they stopped, 'reset' removes the network");
        },
        Command::Reset => {
            let left = match Network::open(&base) {
                Ok(Some(network)) => network.remove()?,
                Ok(None) | Err(_) => Network::remove_without_state(&base)?
                    .with_context(|| format!("there is no network below {}, nothing was removed", base.display()))?,
            };
            say!("the network below {} is gone", base.display());
            say_left(&left);
        },
        Command::Demo { once, keep: _, endpoints, up } => demo(&base, &up, once, &endpoints).await?,
        Command::Measure { payments, up } => {
            let found = specie_testnet::measure::measure(&up.options()?, payments).await?;
            say!("{}", serde_json::to_string_pretty(&found)?);
        },
        Command::WithNetwork { up, command } => return with_network(&up, &command).await,
    }
    Ok(ExitCode::SUCCESS)
}

fn open(base: &Path) -> Result<Network> {
    Network::open(base)?.with_context(|| format!("there is no network below {}; 'up' makes one", base.display()))
}

/// Says what a removed network left behind.
fn say_left(left: &[String]) {
    if !left.is_empty() {
        say!("This stays, others made it: {}", left.join(", "));
    }
}

async fn up(base: &Path, args: &UpArgs) -> Result<()> {
    let mut network = match Network::open(base)? {
        None => Network::create(base, &args.options()?)?,
        Some(network) => {
            say!("There is a network already; its options stay as they are.");
            let validators = network.names(|node| node.kind != Kind::Full).len();
            args.ignored(validators).iter().for_each(|line| say!("{line}"));
            network
        },
    };
    let down = network.down();
    if !down.is_empty() {
        say!("Starting {}", down.join(", "));
        network.start_all()?;
    }
    let mut said = Instant::now();
    network
        .wait_ready(|ready, all| {
            if said.elapsed() >= PATIENCE {
                say!("{ready} of {all} nodes are ready");
                said = Instant::now();
            }
        })
        .await?;
    if args.wait {
        let name = network.names(Node::is_alive).into_iter().next().context("no node runs")?;
        let next = network.rpc(&name).await?.finalized().await?.number + 1;
        network.wait_for_finalized(next).await?;
    }
    say!("{}", Status::of(&network).await?);
    Ok(())
}

/// Prints the end of a log, and what follows until the user ends it.
fn logs(name: &str, log: &Path, follow: bool, lines: usize) -> Result<()> {
    /// How often a log is looked at.
    const LOOK: Duration = Duration::from_millis(250);
    say!("{}", tail(log, 0, lines));
    let mut file = fs::File::open(log).with_context(|| format!("{name} has no log yet"))?;
    file.seek(SeekFrom::End(0))?;
    while follow {
        let mut new = Vec::new();
        file.read_to_end(&mut new)?;
        let mut out = std::io::stdout().lock();
        if out.write_all(&new).and_then(|()| out.flush()).is_err() {
            break;
        }
        drop(out);
        std::thread::sleep(LOOK);
    }
    Ok(())
}

async fn demo(base: &Path, args: &UpArgs, once: bool, endpoints: &Path) -> Result<()> {
    if let Some(network) = Network::open(base)? {
        if !network.names(Node::is_alive).is_empty() {
            bail!("a network is running below {}: 'scripts/testnet reset' removes it", base.display());
        }
        say!("Removing the network of an earlier run");
        say_left(&network.remove()?);
    }
    let options = args.options()?;
    say!("Starting {} validators below {}", options.validators, base.display());
    let mut network = Network::create(base, &options)?;
    network.start_all()?;
    let result = async {
        network.wait_for_finalized(1).await?;
        Story::new(&mut network)?.play(&mut std::io::stdout()).await
    }
    .await;
    if once {
        network.stop_all()?;
        return result;
    }
    result?;
    let contents = specie_testnet::status::endpoints(&network);
    fs::write(endpoints, serde_json::to_string_pretty(&contents)? + "\n")
        .with_context(|| format!("could not write {}", endpoints.display()))?;
    // A removed network shall not leave addresses behind where nobody answers.
    network.set_endpoints(endpoints)?;
    say!("\n{}", Status::of(&network).await?);
    say!("Endpoints: {}", endpoints.display());
    say!("The network goes on running. scripts/testnet status shows it, scripts/testnet reset ends and removes it.");
    Ok(())
}

async fn with_network(args: &UpArgs, command: &[String]) -> Result<ExitCode> {
    let options = Options {
        session_length: args.session_length.or(TestNetwork::options().session_length),
        detached: false,
        ..args.options()?
    };
    let network = TestNetwork::start(&options).await?;
    let addresses: Vec<_> = network.nodes().iter().map(Node::url).collect();
    let (program, rest) = command.split_first().context("no command")?;
    let status = Process::new(program)
        .args(rest)
        .env("SPECIE_WS", addresses.join(","))
        .envs(network.identity().url().map(|url| ("SPECIE_IDENTITY_SERVICE", url)))
        .status()
        .with_context(|| format!("could not start {program}"))?;
    if status.success() {
        network.passed();
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{program} failed: {status}");
    Ok(ExitCode::FAILURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(args: &[&str]) -> UpArgs {
        let cli = Cli::try_parse_from(["specie-testnet", "up"].iter().chain(args)).unwrap();
        let Command::Up(args) = cli.command else { panic!("not up") };
        args
    }

    #[test]
    fn boundary_numbers_of_validators() {
        assert_eq!(up(&[]).options().unwrap().validators, 4);
        for (count, fine) in [("3", false), ("4", true), ("32", true), ("33", false)] {
            let options = up(&["--validators", count]).options();
            assert_eq!(options.is_ok(), fine, "{count}");
            assert!(options.err().is_none_or(|error| error.to_string().contains("4 to 32")));
        }
    }

    #[test]
    fn ignored_options_are_named() {
        assert!(up(&["--wait"]).ignored(4).is_empty());
        assert!(up(&["--validators", "4"]).ignored(4).is_empty());
        let lines = up(&["--validators", "7", "--session-length", "9", "--rpc-cors-all"]).ignored(4);
        assert!(lines[0].contains("--validators 7 is ignored") && lines[0].contains("has 4"), "{lines:?}");
        assert!(lines[1].ends_with("--session-length, --rpc-cors-all"), "{lines:?}");
    }
}
