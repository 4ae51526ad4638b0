//! The program as its users run it.

mod common;

use common::*;
use serde_json::{json, Value};
use specie_identity_client::evaluate;
use specie_prf::{Key, PublicKey};
use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specie-identity"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).env_clear();
    command.env("SPECIE_IDENTITY_PASSWORD", "correct horse").env("SPECIE_IDENTITY_BACKUP_PASSWORD", "battery staple");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, &[arguments, &["--json"]].concat()).output().unwrap()
}

fn good(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn code(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(!output.status.success(), "{arguments:?}");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    value["error"]["code"].as_str().unwrap().to_string()
}

#[test]
fn a_key_is_made_backed_up_and_restored() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let made = good(folder, &["key", "new", "--key", "prf.key", "--network", "7"]);
    assert_eq!(made["network"], 7);
    let public = &made["public_key"];
    assert_eq!(code(folder, &["key", "new", "--key", "prf.key", "--network", "7"]), "exists");
    assert_eq!(code(folder, &["key", "new", "--key", "dev.key", "--network", "7", "--dev"]), "network");
    assert_eq!(good(folder, &["key", "show", "--key", "prf.key"])["public_key"], *public);

    good(folder, &["key", "backup", "--key", "prf.key", "--to", "prf.backup"]);
    assert_eq!(code(folder, &["key", "backup", "--key", "prf.key", "--to", "prf.backup"]), "exists");
    // The backup has its own password.
    assert_eq!(code(folder, &["key", "show", "--key", "prf.backup", "--open"]), "wrong_password");
    std::fs::remove_file(folder.join("prf.key")).unwrap();
    let restored = good(folder, &["key", "restore", "--key", "prf.key", "--from", "prf.backup"]);
    assert_eq!((&restored["public_key"], &restored["network"]), (public, &made["network"]));

    std::fs::write(folder.join("new"), "another\nline").unwrap();
    good(folder, &["key", "password", "--key", "prf.key", "--new-password-file", "new"]);
    assert_eq!(code(folder, &["key", "show", "--key", "prf.key", "--open"]), "wrong_password");
    let shown = good(folder, &["key", "show", "--key", "prf.key", "--open", "--password-file", "new"]);
    assert_eq!(shown["public_key"], *public);
    assert_eq!(code(folder, &["serve", "--key", "prf.key", "--state", "s", "--node", "http://x"]), "wrong_password");

    let mut command = command(folder, &["key", "show", "--open", "--key", "prf.key", "--json"]);
    let output = command.env_remove("SPECIE_IDENTITY_PASSWORD").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"password\""), "{output:?}");
    assert_eq!(code(folder, &["key", "show", "--key", "nothing"]), "io");
}

/// A running program; killed with the test.
struct Serving {
    child: Child,
    /// Named by its first event.
    address: String,
    events: BufReader<std::process::ChildStderr>,
}

fn serve(folder: &Path, arguments: &[&str]) -> Serving {
    let mut command = command(folder, &[&["serve", "--json", "--listen", "127.0.0.1:0"], arguments].concat());
    let mut child = command.stdout(Stdio::inherit()).stderr(Stdio::piped()).spawn().unwrap();
    let events = BufReader::new(child.stderr.take().unwrap());
    let mut serving = Serving { child, address: String::new(), events };
    while serving.address.is_empty() {
        let mut line = String::new();
        assert!(serving.events.read_line(&mut line).unwrap() > 0, "it ended");
        let event: Value = serde_json::from_str(&line).unwrap();
        if event["event"] == "serving" {
            serving.address = event["address"].as_str().unwrap().to_string();
        }
    }
    serving
}

impl Serving {
    /// SIGTERM; gives what was logged.
    fn stop(mut self) -> String {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        let mut log = String::new();
        self.events.read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_program_serves_says_nothing_of_what_is_asked_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let alice = pair(1);
    let askers = format!(
        "[[asker]]\nname = 'bank-a'\nkeys = ['{}']\nlimit = {{ per_minute = 3, per_day = 3 }}",
        account(&alice)
    );
    std::fs::write(folder.join("askers.toml"), askers).unwrap();
    assert_eq!(code(folder, &["serve", "--dev", "--state", "state.redb"]), "askers");
    let serving = serve(folder, &["--dev", "--state", "state.redb", "--askers", "askers.toml"]);
    let url = format!("http://{}", serving.address);
    let public: PublicKey = Key::development().unwrap().public();

    let asked = blinded(2);
    let outputs = evaluate(&url, &public, &signer(&alice), &asked).await.unwrap();
    assert_eq!(outputs[0], Key::development().unwrap().output(&hardened(0)).unwrap());
    for _ in 0..3 {
        assert_eq!(refusal(evaluate(&url, &public, &signer(&alice), &asked).await), (429, "limit".into()));
    }

    // The state file is taken.
    let again = ["serve", "--dev", "--state", "state.redb", "--askers", "askers.toml", "--listen", "127.0.0.1:0"];
    assert_eq!(code(folder, &again), "state");
    let taken = ["serve", "--dev", "--state", "other.redb", "--askers", "askers.toml", "--listen", &serving.address];
    assert_eq!(code(folder, &taken), "address");

    let key = public.to_string();
    let findings = good(folder, &["check", "--url", &url, "--askers", "askers.toml", "--public-key", &key]);
    assert!(findings.as_array().unwrap().iter().all(|finding| finding["ok"] == true), "{findings}");
    let other = Key::from_bytes(&[1; 32]).unwrap().public().to_string();
    assert!(!run(folder, &["check", "--url", &url, "--public-key", &other]).status.success());

    let log = serving.stop();
    assert_eq!(log.matches("over the limit").count(), 1, "{log}");
    assert!(log.contains("SIGTERM") && log.contains("stopped"), "{log}");
    for secret in [asked[0].element().to_vec(), outputs[0].owner_id(NETWORK).to_vec(), outputs[0].as_bytes().to_vec()] {
        assert!(!log.contains(&hex::encode(secret)), "{log}");
    }
    good(folder, &["check", "--state", "state.redb"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fails_to_serve_a_network_of_another_number_or_key() {
    let folder = tempfile::tempdir().unwrap();
    let keys = [Key::development().unwrap(), Key::from_bytes(&[1; 32]).unwrap()].map(|key| key.public());
    for (network, key, expected) in [(2, keys[0], "network"), (1, keys[1], "network_key")] {
        let said = json!({ "result": { "network_id": network, "owner_id_key": key } }).to_string();
        let node = peer(move |_| std::future::ready(said.clone())).await;
        let arguments = ["serve", "--dev", "--state", "s", "--node", &node, "--listen", "127.0.0.1:0"];
        assert_eq!(code(folder.path(), &arguments), expected);
        let check = ["check", "--node", &node, "--public-key", &keys[0].to_string()];
        assert_eq!(run(folder.path(), &check).status.success(), expected == "network");
    }
}

#[tokio::test]
async fn metrics_have_a_port_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("askers.toml"), format!("[[asker]]\nname = 'a'\nkeys = ['{}']", account(&pair(1))))
        .unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let serving = serve(folder, &["--dev", "--state", "s", "--askers", "askers.toml", "--metrics", &port]);
    let public = Key::development().unwrap().public();
    evaluate(&format!("http://{}", serving.address), &public, &signer(&pair(1)), &blinded(2)).await.unwrap();
    let metrics = raw(&port, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(metrics.contains("specie_identity_evaluations_total{asker=\"a\"} 2\n"), "{metrics}");
    assert!(raw(&port, b"POST /v1/evaluate HTTP/1.1\r\nhost: x\r\n\r\n").await.starts_with("HTTP/1.1 404"));
    serving.stop();
}
