//! `specie`: the wallet of owners and the tool of banks and the issuer, on the command line.

mod app;
mod calls;
mod change;
mod client;
mod commands;
mod explain;
mod export;
mod failure;
mod identities;
mod news;
mod nodes;
mod output;
mod purse;
mod qr;
mod records;
mod scan;
mod submit;
mod vaults;
mod verify;

use app::{App, Options};
use clap::{
    error::{ContextKind, ContextValue},
    Parser,
};
use commands::Command;
use failure::Failure;

/// Wallet of owners, counter of banks and desk of the issuer, on a Specie network.
#[derive(Parser)]
#[command(
    name = "specie",
    version,
    max_term_width = 120,
    after_help = "\
An OWNER is named by
  identity   +49 171 5550101, ann@example.org, org:DE123, alias:ann; a plain word is an alias. The issuer's identity
             service is asked for the owner id, once, with --key: that of a bank or an owner
  owner id   48 hexadecimal digits, as printed by `specie owner-id IDENTITY`
  key        key:NAME of a stored key, an account, or //Ann on development networks

An ACCOUNT is an address, the name of a stored key, or //BankA on development networks.
Amounts are written 186.00 or 1000.50, grouped in quotes: \"1'000.50\". `specie COMMAND --help` says more about a command.

EXIT CODES: 0 done; 1 not done, or not known to be done: the message says which and what to do; 2 the command line cannot
be read. With --json, errors are {\"error\": {\"kind\", \"message\", …}} on the standard output; the kind is wallet (cannot
be done like that), identity (the identity service gave no owner id), refused (by the network, before any block), dispatch
(failed in its block), node (not reached, or did not answer: a transaction that was sent may still be included) or usage."
)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

/// Exit code of a command line that cannot be read; clap's own.
const USAGE_EXIT: u8 = 2;

/// Whether JSON is asked for, on a command line that cannot be read as a whole.
fn wants_json(arguments: impl Iterator<Item = std::ffi::OsString>) -> bool {
    arguments.take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// A mistake on the command line, without the prefix that `error` stands for already, and without what was given in a wrong
/// place: that may be an identity, and programs write what they are told into logs.
fn misread(error: &clap::Error) -> Failure {
    let mut text = error.render().to_string();
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue, ContextKind::InvalidSubcommand] {
        // Names of arguments, such as --bank, <TO> and [OWNER], are no secret.
        if let Some(ContextValue::String(given)) = error.get(kind) {
            if !given.starts_with(['-', '<', '[']) {
                text = text.replace(&format!("'{given}'"), "'…'");
            }
        }
    }
    Failure::new(failure::USAGE, text.strip_prefix("error: ").unwrap_or(&text).trim())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && wants_json(std::env::args_os().skip(1)) => {
            output::error(true, &misread(&error).into());
            return std::process::ExitCode::from(USAGE_EXIT);
        },
        // Help, too. Ends the program.
        Err(error) => error.exit(),
    };
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
        // Amounts below zero are read, so that the amount is what is complained about; unknown options are not.
        for command in [&["pay", "ben"][..], &["withdraw", "--bank", "1"], &["bank", "credit-owner", "ben"]] {
            let reads = |text: &str| Cli::try_parse_from([&["specie"], command, &[text]].concat()).is_ok();
            assert!(reads("-5") && reads("-0.50") && !reads("--nowait"), "{command:?}");
        }
        // The option's former name.
        assert!(Cli::try_parse_from(["specie", "bank", "return", "--lots", "100x20"]).is_ok());
    }

    #[test]
    fn change_and_pickups_are_read() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(
            reads("specie change --give 100x1 --take 50x2") && reads("specie change --give 3-1 --take 5x1 --bank 2")
        );
        assert!(reads("specie change --give 5x1 --take 1x5 --anew") && !reads("specie change --give 5x1"));
        assert!(!reads("specie change --give 5x1 --take 1x5 --anew --bank 1"));
        assert!(reads("specie pay ben 7 --exact") && reads("specie pay ben 7 --change-bank 2"));
        assert!(!reads("specie pay ben 7 --exact --change-bank 2") && !reads("specie pay ben 7 --keep 3d"));
        assert!(reads("specie pay ben 7 --pickup --keep 3d") && reads("specie pickup list"));
        assert!(reads("specie pay ben 7 --pickup --exact") && reads("specie pay ben 7 --pickup --change-bank 2"));
        assert!(reads("specie pickup claim 7K3M-Q9ZA-2B4C-6D82") && reads("specie pickup refund 7"));
        let bank = |rest: &str| reads(&format!("specie bank pay-out-pickup 7K3M-Q9ZA-2B4C-6D82 {rest}"));
        assert!(
            reads("specie pickup claim") && reads("specie pickup claim -") && reads("specie pickup claim 7K3M Q9ZA")
        );
        assert!(reads("specie pickup claim --code-file f") && !reads("specie pickup claim 7K3M --code-file f"));
        assert!(reads("specie bank pay-out-pickup --code-file - --pickup 7 --cash 12"));
        assert!(bank("--payee ben --to ann") && bank("--pickup 7 --cash 12") && !bank("--pickup 7"));
        assert!(!bank("--pickup 7 --payee ben --cash 12") && !bank("--payee ben --to ann --cash 12"));
        assert!(reads("specie bank set-change anyone") && !reads("specie bank set-change everybody"));
        assert!(reads("specie issuer mint 1 5 --second-key b --for-change"));
    }

    #[test]
    fn transfers_are_read() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(reads("specie transfer send ben 7") && reads("specie transfer send ben 7 --from-bank 1 --wait 2h"));
        assert!(reads("specie transfer send ben 7 --to-bank 2") && !reads("specie transfer send ben"));
        assert!(reads("specie transfer send ben -5") && !reads("specie transfer send ben 7 --nowait"));
        assert!(reads("specie transfer cancel 7") && reads("specie transfer cancel 7 --bank 1"));
        assert!(reads("specie transfer list") && reads("specie transfer list ben") && reads("specie transfer settle"));
        assert!(reads("specie bank set-queue in-order") && !reads("specie bank set-queue always"));
        assert!(reads("specie bank queue") && reads("specie bank queue 1") && reads("specie bank prioritise 7"));
        assert!(reads("specie bank reject-transfer 7") && !reads("specie bank reject-transfer"));
    }

    /// A line of a manual as a shell splits it: blanks, single quotes, and a comment at its end.
    fn split(line: &str) -> Vec<String> {
        let line = line.split("  #").next().unwrap_or_default();
        let parts = line.split('\'').enumerate();
        let words = parts.flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().map(Into::into).collect::<Vec<String>>(),
            _ => vec![part.to_string()],
        });
        words.collect()
    }

    #[test]
    fn the_commands_of_the_manual_exist() {
        let manual = include_str!("../../../docs/wallet.md");
        let readme = include_str!("../../../README.md");
        // What a shell puts in, it puts in between double quotes.
        let parts = readme.lines().flat_map(|line| line.split(" && ")).filter(|line| !line.contains('"'));
        let of_readme: Vec<_> = parts.filter_map(|line| line.strip_prefix("scripts/")).collect();
        let commands = manual.lines().chain(of_readme).filter(|line| line.starts_with("specie "));
        let commands: Vec<_> = commands.collect();
        assert!(commands.len() > 30, "the manual has hardly any commands");
        for command in commands {
            let read = Cli::try_parse_from(split(command));
            assert!(read.is_ok(), "{command}: {}", read.err().map(|error| error.to_string()).unwrap_or_default());
        }
    }

    #[test]
    fn cards_are_read() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(reads("specie --card a.json pay ben 7") && reads("specie balance --card pkcs11:token=a;object=b"));
        assert!(reads("specie card new a.json") && !reads("specie card new pkcs11:token=a"));
        assert!(reads("specie card personalise --bank 1 a.json b.json --codes c"));
        assert!(
            !reads("specie card personalise --bank 1 --codes c") && !reads("specie card personalise --bank 1 a.json")
        );
        assert!(
            reads("specie card list --bank 1") && reads("specie card list --holder ben") && !reads("specie card list")
        );
        assert!(!reads("specie card list --bank 1 --holder ben"));
        assert!(reads("specie card show") && reads("specie card show 7") && reads("specie card hand-out a.json"));
        assert!(reads("specie card bind a.json ben --holder-key //Ben") && !reads("specie card bind a.json ben"));
        assert!(reads("specie card report-lost 7") && reads("specie card found 7") && reads("specie card withdraw 7"));
        assert!(reads("specie card replace 7 b.json") && reads("specie card replace 7 b.json --code-file -"));
        assert!(!reads("specie card replace 7 b.json --code-file - --holder-key //Ben"));
        // The card that pays is none of those that a command is about.
        let cli = Cli::try_parse_from(["specie", "--card", "a.json", "card", "show", "7"]).ok().unwrap();
        assert_eq!(cli.options.card.as_deref(), Some("a.json"));
    }

    #[test]
    fn orders_are_read() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(reads("specie order make ben 7") && reads("specie order make ben 7 --valid 2h --unsigned --qr"));
        assert!(reads("specie order make ben 7 --processor bank:2 --number 4711 --number-valid 10m"));
        assert!(
            !reads("specie order make ben 7 --number 4711") && !reads("specie order make ben 7 --processor bank:2")
        );
        assert!(reads("specie order make ben 7 --out f --png g") && reads("specie order show f"));
        assert!(reads("specie order make ben 7 --reuse") && reads("specie pay ben 7 --reuse"));
        assert!(!reads("specie pay ben 7 --reuse --pickup"));
        assert!(reads("specie order show f --verify --spec s") && reads("specie order sign f --verify --witness w"));
        assert!(!reads("specie order sign f --spec s"));
        assert!(reads("specie order show -") && reads("specie order sign f --yes --out g"));
        assert!(reads("specie order submit f g") && !reads("specie order submit") && reads("specie order cancel f"));
        assert!(
            reads("specie order status f")
                && reads("specie order status f --verify --spec s")
                && !reads("specie order status")
        );
        assert!(reads("specie order admit-processor ben") && reads("specie order dismiss-processor ben"));
    }

    #[test]
    fn codes_are_read() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(reads("specie code request 7") && reads("specie code request --valid 60s --reusable --qr"));
        assert!(reads("specie code offer 7 --png f --bank 2") && reads("specie code offer --unsigned"));
        assert!(reads("specie code request --sticker --png f") && !reads("specie code request 7 --sticker"));
        assert!(!reads("specie code offer --sticker") && !reads("specie code request --sticker --reusable"));
        assert!(reads("specie code show f") && reads("specie code scan f 7 --yes") && !reads("specie code scan"));
        assert!(reads("specie code scan f --unsigned --out g") && reads("specie code scan - --bank 1"));
        assert!(reads("specie code pending") && reads("specie code pending ben"));
        assert!(reads("specie code confirm 0a1b --yes") && reads("specie code refuse 0a1b --out f"));
        assert!(reads("specie code small-amounts") && reads("specie code small-amounts off"));
        let set = "specie supervisor set-small-amounts phone";
        assert!(reads(&format!("{set} --per-payment 5 --per-day 20")) && reads(&format!("{set} --none")));
        assert!(!reads(set) && !reads(&format!("{set} --per-payment 5")));
        assert!(!reads(&format!("{set} --per-payment 5 --per-day 20 --none")));
    }

    #[test]
    fn instruments_and_exchanges_are_read() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        let define =
            |rest: &str| reads(&format!("specie instrument define bill Bill B --most 10 --reference 00 {rest}"));
        assert!(define("--decimals 2 --life 90d") && define("--holders listed --returns-only"));
        assert!(!define("--holders everybody") && !reads("specie instrument define share S S --most 1 --reference 0"));
        assert!(reads("specie instrument issue 7 ben 10") && reads("specie instrument transfer 7 ben -5"));
        assert!(reads("specie instrument redeem 7 10") && reads("specie instrument list-holder 7 ben"));
        assert!(reads("specie instrument set-agent 7") && reads("specie instrument set-agent 7 ben"));
        assert!(
            reads("specie instrument list")
                && reads("specie instrument show 7")
                && reads("specie instrument holders 7")
        );
        assert!(
            reads("specie instrument pause 7")
                && reads("specie instrument resume 7")
                && reads("specie instrument close 7")
        );
        assert!(reads("specie order exchange ben --give units:7:10 --take coins:9 --out f"));
        assert!(
            !reads("specie order exchange ben --give units:7:10") && reads("specie order units 7 ben 10 --unsigned")
        );
        assert!(
            reads("specie order withdraw --bank 1 500") && reads("specie order withdraw --bank 1 --coins 100x3 --qr")
        );
        assert!(reads("specie order deposit --bank 1 500") && !reads("specie order deposit --bank 1"));
    }

    #[test]
    fn programs_are_told_of_a_command_line_that_cannot_be_read() {
        let wants = |arguments: &[&str]| wants_json(arguments.iter().map(Into::into));
        assert!(wants(&["pay", "--json"]) && !wants(&["pay", "ben"]) && !wants(&["remark", "--", "--json"]));
        let error = Cli::try_parse_from(["specie", "--json", "pay"]).err().unwrap();
        assert!(error.use_stderr());
        let failure = misread(&error);
        assert_eq!(failure.kind, failure::USAGE);
        assert!(failure.message.contains("<TO>") && !failure.message.starts_with("error"), "{failure}");
        assert!(!Cli::try_parse_from(["specie", "--help"]).err().unwrap().use_stderr());
        // An identity without quotes, or where a number belongs.
        for arguments in [&["pay", "ben", "5", "1715550101"][..], &["withdraw", "--bank", "1715550101x", "5"]] {
            let error = Cli::try_parse_from([&["specie", "--json"], arguments].concat()).err().unwrap();
            let failure = misread(&error);
            assert!(!failure.message.contains("1715550101") && failure.message.contains('…'), "{failure}");
        }
        let error = Cli::try_parse_from(["specie", "--json", "pay", "ben", "5", "--nowait"]).err().unwrap();
        assert!(misread(&error).message.contains("--nowait"), "options are named");
    }
}
