//! `specie-notify`: notices of movements for a bank's own systems.

mod commands;
mod failure;

use clap::{Args, Parser, Subcommand};
use commands::{check::Check, run::Run, secret::NewSecret, status::Status};
use failure::Failure;
use std::{path::PathBuf, process::ExitCode};

/// Sends a bank's own systems a signed notice of every movement that concerns the bank or its customers, once it is
/// final.
#[derive(Parser)]
#[command(
    name = "specie-notify",
    version,
    max_term_width = 120,
    after_help = "\
First steps:
  specie-notify secret core.secret       make what sender and receiver share; the receiver gets a copy
  specie-notify check --greet            look whether nodes, files and endpoints are as notify.toml says
  specie-notify run                      send until it is told to stop
  specie-notify status --refused         how far every endpoint is, and what it refused for good

docs/notices.md says what notify.toml holds, what is sent, and what a receiver has to check."
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
    /// The file that says what is read where and goes where.
    #[arg(long, global = true, env = "SPECIE_NOTIFY_CONFIG", default_value = "notify.toml", value_name = "FILE")]
    config: PathBuf,
    /// Print one JSON object instead of text; events of `run` become one JSON object a line.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Send notices until it is told to stop (SIGTERM or Ctrl-C).
    Run(Run),
    /// Look whether it could run like this.
    Check(Check),
    /// Tell how far every endpoint is; also while the sender runs.
    Status(Status),
    /// Make a secret.
    Secret(NewSecret),
}

fn main() -> ExitCode {
    let Cli { options, command } = Cli::parse();
    let outcome = match command {
        Command::Run(command) => block_on(command.run(&options)),
        Command::Check(command) => block_on(command.run(&options)),
        Command::Status(command) => block_on(command.run(&options)),
        Command::Secret(command) => command.run(&options),
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
