//! The command line.

use clap::{CommandFactory, Parser};
use sc_cli::SubstrateCli;
use specie_node_service::cli::{Cli, Subcommand};
use std::path::PathBuf;

#[test]
fn the_command_line_is_sound() {
    Cli::setup_command(Cli::command()).debug_assert();
}

#[test]
fn network_spec_takes_a_definition() {
    let cli = Cli::parse_from(["specie-node", "network-spec", "net.toml", "--raw", "--output", "net.json"]);
    let Some(Subcommand::NetworkSpec(command)) = cli.subcommand else { panic!("not network-spec") };
    assert_eq!((command.definition, command.raw), (PathBuf::from("net.toml"), true));
    assert_eq!(command.output, Some(PathBuf::from("net.json")));
}
