//! `specie`: the wallet of owners and the tool of banks and the issuer, on the command line.

mod app;
mod calls;
mod client;
mod commands;
mod explain;
mod failure;
mod output;
mod purse;
mod vaults;

use app::{App, Options};
use clap::Parser;
use commands::Command;

/// Wallet of owners, counter of banks and desk of the issuer, on a Specie network.
#[derive(Parser)]
#[command(
    name = "specie",
    version,
    max_term_width = 120,
    after_help = "\
An OWNER is named by
  identity   +49 171 5550101, ann@example.org, org:DE123, alias:ann; a plain word is an alias
  owner id   48 hexadecimal digits, as printed by `specie owner-id IDENTITY`
  key        key:NAME of a stored key, an account, or //Ann on development networks

An ACCOUNT is an address, the name of a stored key, or //BankA on development networks.
Amounts are written 186.00 or 1000.50, grouped in quotes: \"1'000.50\". `specie COMMAND --help` says more about a command."
)]
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn coins_are_named_alike_everywhere() {
        for command in [
            &["bank", "return"][..],
            &["bank", "draw"],
            &["issuer", "retire"],
            &["withdraw", "--bank", "1"],
            &["deposit", "--bank", "1"],
        ] {
            let reads = |coins: &[&str]| Cli::try_parse_from([&["specie"], command, coins].concat()).is_ok();
            assert!(reads(&["--coins", "3-1041,3-1042"]) && reads(&["--coins", "100x20"]) && reads(&["186.00"]));
            assert!(!reads(&[]) && !reads(&["186.00", "--coins", "100x20"]), "{command:?}");
        }
        // The option's former name.
        assert!(Cli::try_parse_from(["specie", "bank", "return", "--lots", "100x20"]).is_ok());
    }
}
