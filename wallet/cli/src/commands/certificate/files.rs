//! Reading and writing certificates as files.

use crate::{client::hex, output};
use anyhow::{bail, Context, Result};
use serde_json::{json, Value as Json};
use specie_certificates::{Body, Certificate, Flags, Kind};
use specie_wallet::certificates::{self, Document};
use std::{fs, io::Write, path::Path};

/// Reads whatever a file holds.
pub fn read(path: &Path) -> Result<Document> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    certificates::read(&bytes).with_context(|| format!("{} is none of the certificates' files", path.display()))
}

/// Reads a certificate of this kind.
pub fn read_certificate(path: &Path, kind: Option<Kind>) -> Result<Certificate> {
    let Document::Certificate(certificate) = read(path)? else { bail!("{} is no certificate", path.display()) };
    match kind {
        Some(kind) if certificate.body().kind != kind => {
            bail!("{} is a certificate of another kind: {:?}, not {kind:?}", path.display(), certificate.body().kind)
        },
        _ => Ok(certificate),
    }
}

/// Writes a file that is not there yet.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(|| format!("cannot write {}", path.display()))
}

/// What a certificate says, for programs.
pub fn body_json(body: &Body) -> Json {
    json!({
        "kind": format!("{:?}", body.kind).to_lowercase(),
        "genesis": hex(&body.genesis.0),
        "serial": body.serial,
        "issuer": hex(&body.issuer.0),
        "not_before": body.not_before,
        "not_after": body.not_after,
        "rollback_resistant": body.flags.contains(Flags::ROLLBACK_RESISTANT),
        "anonymous": body.flags.contains(Flags::ANONYMOUS),
        "class": body.class,
        "max_hops": body.max_hops,
        "bank": body.bank.0,
        "owner": hex::encode(body.owner.0),
        "subject": hex(&body.subject.encode()),
        "item": hex::encode(body.item().0),
        "key_item": hex::encode(body.subject.item().0),
    })
}

/// The same for people.
pub fn body_text(body: &Body) -> String {
    let utc = |seconds: u32| output::utc(u64::from(seconds) * 1_000);
    let mut rows = vec![
        vec!["serial".into(), body.serial.to_string()],
        vec!["key".into(), hex(&body.subject.encode())],
        vec!["valid".into(), format!("{} to {} UTC", utc(body.not_before), utc(body.not_after))],
        vec!["network".into(), hex(&body.genesis.0)],
        vec!["item".into(), hex::encode(body.item().0)],
        vec!["item of the key".into(), hex::encode(body.subject.item().0)],
    ];
    if matches!(body.kind, Kind::Bank | Kind::Owner | Kind::Device) {
        rows.insert(0, vec!["bank".into(), body.bank.0.to_string()]);
    }
    if matches!(body.kind, Kind::Owner | Kind::Device) {
        let anonymous = body.flags.contains(Flags::ANONYMOUS);
        let owner = if anonymous { "none: anonymous card".into() } else { hex::encode(body.owner.0) };
        rows.insert(1, vec!["owner".into(), owner]);
        rows.insert(2, vec!["class".into(), body.class.to_string()]);
    }
    if matches!(body.kind, Kind::Bank | Kind::Device) {
        let place = if body.kind == Kind::Device { 3 } else { 1 };
        rows.insert(place, vec!["most hops".into(), body.max_hops.to_string()]);
    }
    output::table(&["certificate", &format!("{:?}", body.kind).to_lowercase()], &rows, &[])
}
