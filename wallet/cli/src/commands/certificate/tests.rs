//! The offline commands, as they are typed.

use super::*;
use crate::Cli;
use clap::Parser;
use specie_wallet::certificates::Document;
use std::path::{Path, PathBuf};

/// Where no node is.
const NOWHERE: &str = "ws://127.0.0.1:1";
const NETWORK: &str = "0x0707070707070707070707070707070707070707070707070707070707070707";
const OWNER: &str = "111111111111111111111111111111111111111111111111";

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("specie-certificates-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs `specie certificate …` with a key.
async fn run(key: &str, args: &[&str]) -> Result<()> {
    let head = ["specie", "--node", NOWHERE, "--key", key, "certificate"];
    let cli = Cli::try_parse_from(head.iter().chain(args))?;
    cli.command.run(&App::new(cli.options)).await
}

async fn refused(key: &str, args: &[&str]) -> String {
    format!("{:#}", run(key, args).await.unwrap_err())
}

fn root_key() -> String {
    key_text(&CertificateKey::from_uri("//R").unwrap().key())
}

/// Root, bank, device and owner.
async fn issue_all(folder: &Folder) -> [String; 4] {
    let [root, bank, device, owner] = ["root", "bank", "device", "owner"].map(|name| folder.file(name));
    run("//R", &["root", "issue", "--genesis", NETWORK, "--out", &root]).await.unwrap();
    let args = ["bank", "issue", "//B", "--issuer", &root, "--bank", "3", "--hops", "5", "--out", &bank];
    run("//R", &args).await.unwrap();
    let args = ["device", "issue", "//D", "--issuer", &bank, "--owner", OWNER, "--hops", "5", "--out", &device];
    run("//B", &args).await.unwrap();
    let args = ["owner", "issue", "//Ann", "--issuer", &bank, "--owner", OWNER, "--days", "9", "--out", &owner];
    run("//B", &args).await.unwrap();
    [root, bank, device, owner]
}

fn body(file: &str) -> specie_certificates::Body {
    *files::read_certificate(Path::new(file), None).unwrap().body()
}

#[tokio::test]
async fn what_is_issued_holds() {
    let folder = Folder::new("holds");
    let [root, bank, device, owner] = issue_all(&folder).await;
    let key = root_key();
    run("//x", &["verify", &owner, &device, &bank, &root, "--root", &key, "--genesis", NETWORK]).await.unwrap();
    let (bank, device) = (body(&bank), body(&device));
    assert_eq!((device.bank, device.max_hops, device.owner.0), (bank.bank, 5, [0x11; 24]));
    assert_eq!(device.not_after, bank.not_after, "no longer than the certificate above it");
    assert_eq!(body(&owner).subject.algorithm(), specie_certificates::Algorithm::Sr25519);
    assert!(bank.serial < device.serial && bank.not_after < body(&root).not_after);
}

#[tokio::test]
async fn what_would_be_refused_is_not_issued() {
    let folder = Folder::new("refused");
    let [root, bank, device, _] = issue_all(&folder).await;
    let out = folder.file("out");
    let device_args = |args: &[&'static str]| -> Vec<String> {
        let head = ["device", "issue", "//D", "--issuer", &bank, "--out", &out].map(String::from);
        head.into_iter().chain(args.iter().map(|arg| arg.to_string())).collect()
    };
    for (key, args, message) in [
        ("//R", &["--owner", OWNER][..], "but the certificate is of"),
        ("//B", &["--owner", OWNER, "--hops", "6"][..], "more hops"),
        ("//B", &["--anonymous", "--hops", "2"][..], "more hops"),
        ("//B", &["--hops", "1"][..], "--owner <OWNER>"),
        ("//B", &["--owner", OWNER, "--anonymous"][..], "cannot be used with"),
        ("//B", &["--owner", OWNER, "--days", "9999"][..], "outlive"),
        ("//B", &["--owner", OWNER, "--days", "99999"][..], "before 2106"),
    ] {
        let args = device_args(args);
        let text = refused(key, &args.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert!(text.contains(message), "{args:?}: {text}");
    }
    // A certificate of the wrong kind above it, and a file that is there already.
    let text = refused("//R", &["device", "issue", "//D", "--issuer", &root, "--anonymous", "--out", &out]).await;
    assert!(text.contains("another kind"), "{text}");
    let args = ["device", "renew", &device, "--issuer", &bank, "--out", &device];
    assert!(refused("//B", &args).await.contains("cannot write"));
    let args = ["device", "renew", &device, "--issuer", &bank, "--serial", "1", "--out", &out];
    assert!(refused("//B", &args).await.contains("not newer"));
    assert!(!Path::new(&out).exists());
    let args = ["device", "renew", &device, "--issuer", &bank, "--days", "9", "--out", &out];
    run("//B", &args).await.unwrap();
    assert!(body(&out).serial > body(&device).serial && body(&out).not_before == body(&device).not_before);
}

#[tokio::test]
async fn an_anonymous_card_is_shown_as_one() {
    let folder = Folder::new("anonymous");
    let [_, bank, device, _] = issue_all(&folder).await;
    let card = folder.file("card");
    run("//B", &["device", "issue", "//C", "--issuer", &bank, "--anonymous", "--out", &card]).await.unwrap();
    let (card, device) = (files::body_text(&body(&card)), files::body_text(&body(&device)));
    assert!(card.contains("none: anonymous card") && !device.contains("anonymous"), "{card}\n{device}");
    assert!(device.contains(OWNER) && device.contains("most hops") && device.contains("class"), "{device}");
}

#[tokio::test]
async fn what_does_not_hold_is_told() {
    let folder = Folder::new("told");
    let [root, bank, device, _] = issue_all(&folder).await;
    let key = root_key();
    let text = refused("//x", &["verify", &root, &device, "--root", &key]).await;
    assert!(text.contains("1 of 2 files") && text.contains("IssuerMissing"), "{text}");
    let other = key_text(&CertificateKey::from_uri("//Other").unwrap().key());
    let text = refused("//x", &["verify", &root, &bank, "--root", &other]).await;
    assert!(text.contains("WrongRoot") && text.contains("RootMissing"), "{text}");
    let text = refused("//x", &["verify", &root, &bank, "--root", &key, "--at", "4000000000"]).await;
    assert!(text.contains("Expired"), "{text}");
    let text = refused("//x", &["verify", &root, "--root", "//R"]).await;
    assert!(text.contains("in hexadecimal"), "{text}");
    std::fs::write(folder.file("noise"), [9; 40]).unwrap();
    let noise = folder.file("noise");
    assert!(refused("//x", &["verify", &noise, "--root", &key]).await.contains("none of"));

    // One that does not hold keeps nobody from learning about the others.
    let error = run("//x", &["verify", &root, &noise, &bank, &device, "--root", &key]).await.unwrap_err();
    let failure = crate::failure::Failure::from_error(&error);
    assert!(failure.message.starts_with("1 of 4 files") && failure.message.contains("serial"), "{}", failure.message);
    let files = failure.data["files"].as_array().unwrap();
    let verdicts: Vec<_> = files.iter().map(|file| file["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["Ok", "Unreadable", "Ok", "Ok"]);
    assert_eq!(files[3]["file"], device.as_str());
}

#[test]
fn a_coin_is_named_or_a_file_is_verified() {
    let reads = |args: &[&str]| Cli::try_parse_from([&["specie", "certificate", "coin"][..], args].concat()).is_ok();
    assert!(reads(&["3-1041"]) && reads(&["3-1041", "--export", "coin.json"]));
    assert!(reads(&["verify", "coin.json", "--root", "0x01"]));
    assert!(!reads(&[]) && !reads(&["verify", "coin.json"]) && !reads(&["3"]));
}

#[test]
fn files_are_told_apart() {
    let folder = Folder::new("apart");
    let file = folder.0.join("empty");
    files::write(&file, b"").unwrap();
    assert!(files::write(&file, b"again").is_err());
    assert!(files::read(&file).is_err());
    let key = CertificateKey::from_uri("//R").unwrap();
    let edition = specie_certificates::Edition {
        genesis: Genesis([1; 32]),
        number: 1,
        issued_at: 0,
        next_at: 0,
        issuer: key.key().id(),
        salt: specie_certificates::Salt([0; 16]),
    };
    let document = specie_certificates::List::new(edition, vec![]).unwrap().digest();
    let signature = key.sign(&specie_certificates::Document::payload(&document));
    let digest = folder.0.join("digest");
    files::write(&digest, &specie_certificates::Signed { document, signature }.encode()).unwrap();
    assert!(matches!(files::read(&digest), Ok(Document::Digest(_))));
    assert!(files::read_certificate(&digest, None).is_err());
}
