//! `specie-identity`: the issuer's identity service and its key.

mod commands;
mod failure;

use clap::{Args, Parser, Subcommand};
use commands::{check::Check, key::KeyCommand, serve::Serve};
use failure::Failure;
use std::{path::PathBuf, process::ExitCode};

/// The issuer's identity service: it turns blinded identities into owner ids for banks and wallets, and learns neither.
#[derive(Parser)]
#[command(
    name = "specie-identity",
    version,
    max_term_width = 120,
    after_help = "\
First steps:
  specie-identity key new --key prf.key --network 7     make the key, note its public part for the network definition
  specie-identity key backup --key prf.key --to FILE    without the key no owner id can be computed any more
  specie-identity serve --key prf.key --node http://127.0.0.1:9944 --state state.redb

There is no command that replaces the key: another key gives everybody another owner id."
)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
struct Options {
    /// Print one JSON object instead of text; events of `serve` become one JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    /// File with the key file's password on its first line; otherwise SPECIE_IDENTITY_PASSWORD is used, or you are asked.
    #[arg(long, global = true, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// The key of the function.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Run the service until it is told to stop (SIGTERM or Ctrl-C).
    Serve(Serve),
    /// Look whether the service could run like this, without running it.
    Check(Check),
}

fn main() -> ExitCode {
    let Cli { options, command } = Cli::parse();
    let outcome = match command {
        Command::Key(command) => command.run(&options),
        Command::Serve(command) => block_on(command.run(&options)),
        Command::Check(command) => block_on(command.run(&options)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(options.json);
            ExitCode::FAILURE
        },
    }
}

fn block_on(task: impl std::future::Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("io", format!("no runtime: {error}")))?
        .block_on(task)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
