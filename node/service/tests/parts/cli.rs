//! The command line.

use clap::{CommandFactory, Parser};
use sc_cli::SubstrateCli;
use specie_node_service::{
    cli::{Cli, NetworkSpecCmd, Subcommand},
    command::network_spec,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

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

#[test]
fn wallets_are_told_of_an_identity_service_that_they_can_ask() {
    let read = |url| Cli::try_parse_from(["specie-node", "--identity-service", url]).map(|cli| cli.identity_service);
    assert_eq!(read("http://127.0.0.1:9955").unwrap().as_deref(), Some("http://127.0.0.1:9955"));
    assert_eq!(Cli::parse_from(["specie-node"]).identity_service, None);
    for wrong in ["", "127.0.0.1:9955", "https://identity.example", "http://", "http://a b"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

/// A folder of one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn fails_to_write_a_chain_spec_over_its_definition() {
    // Given
    let folder = folder("spec-over-definition");
    let definition = folder.join("net.toml");
    fs::write(&definition, "kept").unwrap();
    // When
    let output = Some(folder.join(".").join("net.toml"));
    let error = network_spec(&NetworkSpecCmd { definition: definition.clone(), raw: false, output }).unwrap_err();
    // Then
    assert!(error.to_string().contains("is the definition itself"), "{error}");
    assert_eq!(fs::read_to_string(definition).unwrap(), "kept");
}

#[test]
fn mistakes_in_a_definition_stand_on_lines_of_their_own() {
    let definition = folder("mistakes").join("net.toml");
    fs::write(&definition, "[one]\n[two]\n").unwrap();
    let error = network_spec(&NetworkSpecCmd { definition: definition.clone(), raw: false, output: None }).unwrap_err();
    let text = error.to_string();
    let place = format!("{}:", definition.display());
    let mistakes: Vec<_> = text.lines().skip(1).collect();
    assert!(mistakes.len() > 1 && mistakes.iter().all(|line| line.starts_with(&place)), "{text}");
    let gone = NetworkSpecCmd { definition: "nowhere.toml".into(), raw: false, output: None };
    assert_eq!(network_spec(&gone).unwrap_err().to_string().lines().count(), 1);
}

#[test]
fn a_broken_chain_spec_is_named() {
    let spec = folder("broken-spec").join("spec.json");
    fs::write(&spec, "{").unwrap();
    let spec = spec.display().to_string();
    let error = Cli::parse_from(["specie-node"]).load_spec(&spec).err().unwrap();
    assert!(error.contains(&spec), "{error}");
}
