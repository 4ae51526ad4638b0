//! `specie`: the wallet of owners and the tool of banks and the issuer, on the command line.

mod app;
mod calls;
mod client;
mod commands;
mod explain;
mod failure;
mod output;
mod vaults;

use app::{App, Options};
use clap::Parser;
use commands::Command;

/// Wallet and operator's tool of a Specie network.
///
/// Owners are named by owner id (48 hexadecimal digits), by identity (+49 171 5550101, ann@example.org, org:DE123,
/// alias:ann) or by key (//Ann, key:NAME, an account). Amounts are written 186.00 or 1'000.50.
#[derive(Parser)]
#[command(name = "specie", version, max_term_width = 120)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let json = cli.options.json;
    let app = App::new(cli.options);
    match cli.command.run(&app).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            output::error(json, &error);
            std::process::ExitCode::FAILURE
        },
    }
}
