//! Does what an operator typed.

use crate::{
    cli::{Cli, NetworkSpecCmd, Subcommand},
    service,
    spawner::Spawner,
};
use sc_cli::{Error, SubstrateCli};
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use sc_service::{chain_ops, ChainSpec, Configuration, PartialComponents};
use specie_runtime::opaque::Block;
use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
    sync::OnceLock,
};

/// What the program says of its version. The program knows the commit that it was built from; this crate does not, so
/// that a commit does not compile it again.
static VERSION: OnceLock<&str> = OnceLock::new();

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Specie Node".into()
    }

    fn impl_version() -> String {
        (*VERSION.get().unwrap_or(&env!("CARGO_PKG_VERSION"))).into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        env!("CARGO_PKG_AUTHORS").into()
    }

    fn support_url() -> String {
        "your network's operator".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    /// `dev`, `local` (also without a name), a definition (`*.toml`) or a chain spec (`*.json`).
    fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
        Ok(Box::new(match id {
            "dev" => specie_chain_spec::development()?,
            "" | "local" => specie_chain_spec::local_testnet()?,
            file if file.ends_with(".toml") => definition(Path::new(file))?,
            file => specie_chain_spec::ChainSpec::from_json_file(file.into()).map_err(|error| {
                format!("--chain {file} is neither dev, local nor a definition (*.toml), and no chain spec: {error}")
            })?,
        }))
    }
}

fn definition(file: &Path) -> Result<specie_chain_spec::ChainSpec, String> {
    specie_chain_spec::from_definition_file(file).map_err(|errors| {
        // On lines of their own, `file:line:column: …` as compilers write them: editors find the place.
        match errors.problems.iter().any(|problem| problem.position.is_some()) {
            true => format!("the definition has mistakes:\n{errors}"),
            false => errors.to_string(),
        }
    })
}

/// Reads the command line of a program of this version and obeys.
pub fn run(version: &'static str) -> sc_cli::Result<()> {
    VERSION.get_or_init(|| version);
    obey(&Cli::from_args()).map_err(plain)
}

/// Without the words `Invalid input: ` and `Other: `, which the SDK puts before a text that explains itself.
fn plain(error: Error) -> Error {
    match error {
        Error::Input(text) | Error::Service(sc_service::Error::Other(text)) => Error::Application(text.into()),
        error => error,
    }
}

/// What a command that works on the database needs.
fn parts(config: &Configuration) -> Result<service::Parts, sc_service::Error> {
    service::new_partial(config, Spawner::of_command)
}

fn obey(cli: &Cli) -> sc_cli::Result<()> {
    match &cli.subcommand {
        None => run_node(cli),
        Some(Subcommand::Key(command)) => command.run(cli),
        Some(Subcommand::Ceremony(command)) => command.run(&mut std::io::stdout()),
        Some(Subcommand::NetworkSpec(command)) => network_spec(command),
        Some(Subcommand::BuildSpec(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run(config.chain_spec, config.network))
        },
        Some(Subcommand::ExportChainSpec(command)) => command.run(cli.load_spec(&command.chain)?),
        Some(Subcommand::CheckBlock(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, import_queue, .. } = parts(&config)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::ExportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, .. } = parts(&config)?;
            Ok((command.run(client, config.database), task_manager))
        }),
        Some(Subcommand::ExportState(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, .. } = parts(&config)?;
            Ok((command.run(client, config.chain_spec), task_manager))
        }),
        Some(Subcommand::ImportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, import_queue, .. } = parts(&config)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::PurgeChain(command)) => cli.create_runner(command)?.sync_run(|config| {
            let database = config.database.path().map(Path::to_owned);
            command.run(config.database)?;
            // The operator may have said no: then the database is still there, and the index with it.
            if database.is_some_and(|path| !path.exists()) {
                remove_index(&config.base_path.config_dir(config.chain_spec.id()))?;
            }
            Ok(())
        }),
        Some(Subcommand::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, backend, .. } = parts(&config)?;
            let revert = Box::new(|client, _, blocks| {
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            Ok((command.run(client, backend, Some(revert)), task_manager))
        }),
        Some(Subcommand::ChainInfo(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run::<Block>(&config))
        },
    }
}

fn run_node(cli: &Cli) -> sc_cli::Result<()> {
    let identity_service = cli.identity_service.clone();
    cli.create_runner(&cli.run)?.run_node_until_exit(|config| async move {
        match config.network.network_backend {
            NetworkBackendType::Libp2p => service::new_full::<NetworkWorker<_, _>>(config, identity_service),
            NetworkBackendType::Litep2p => service::new_full::<Litep2pNetworkBackend>(config, identity_service),
        }
        .map_err(sc_cli::Error::Service)
    })
}

/// Makes a chain spec from a definition.
pub fn network_spec(command: &NetworkSpecCmd) -> sc_cli::Result<()> {
    if let Some(file) = command.output.as_ref().filter(|file| is_same(file, &command.definition)) {
        return Err(format!("--output {} is the definition itself: name another file", file.display()).into());
    }
    let spec = definition(&command.definition)?;
    let json = chain_ops::build_spec(&spec, command.raw)?;
    match &command.output {
        Some(file) => fs::write(file, json).map_err(|error| format!("could not write {}: {error}", file.display()))?,
        None => std::io::stdout().write_all(json.as_bytes())?,
    }
    Ok(())
}

/// Whether two paths lead to one file that exists.
fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

fn remove_index(chain_folder: &Path) -> sc_cli::Result<()> {
    match fs::remove_dir_all(specie_index::folder(chain_folder)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
