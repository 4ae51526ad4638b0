//! What below a base path belongs to a network: everything else there is left alone.

use crate::process::ProcessId;
use anyhow::{bail, Context, Result};
use serde::Deserialize;
use std::{
    ffi::OsStr,
    fs, io,
    path::{Component, Path, PathBuf},
};

/// The programs that a network runs copies of, below `bin/`.
pub const PROGRAMS: [&str; 3] = [NODE, IDENTITY_SERVICE, "specie"];
/// The program of a node.
pub const NODE: &str = "specie-node";
/// The program of the identity service.
pub const IDENTITY_SERVICE: &str = "specie-identity";
/// Folder of the identity service.
pub const IDENTITY: &str = "identity";
/// File with the state.
pub const STATE: &str = "network.json";
/// The state while it is being written.
pub const NEW_STATE: &str = "network.json.new";
/// The network's definition.
pub const DEFINITION: &str = "network.toml";
/// The chain spec.
pub const SPEC: &str = "spec.json";

/// What a node's folder has from the beginning.
const OF_NODE: [&str; 3] = ["data", "keystore", "node-key"];
/// What it has once the node was started.
const LOG: &str = "log";

/// Refuses a folder that holds anything, and says what to do.
pub fn ensure_unused(base: &Path) -> Result<()> {
    const SHOWN: usize = 5;
    let mut names = names(base)?;
    if names.is_empty() {
        return Ok(());
    }
    let place = base.display();
    if is_network(base) {
        let running = match running(&program(base, NODE)).len() {
            0 => String::new(),
            count => format!(" and {count} of its nodes run"),
        };
        bail!("the network below {place} has lost its {STATE}{running}: 'reset' ends and removes it");
    }
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    bail!("{place} is not empty, it holds {}: choose a new or empty folder with --base-path", names.join(", "))
}

/// Whether a network lies here, with or without a state that can be read. A program alone is none: somebody may have
/// installed it.
pub fn is_network(base: &Path) -> bool {
    !nodes(base).is_empty() || (base.join(STATE).is_file() && program(base, NODE).is_file())
}

/// A program below a base path, as the system names it.
pub fn program(base: &Path, name: &str) -> PathBuf {
    base.canonicalize().unwrap_or_else(|_| base.to_owned()).join("bin").join(name)
}

/// Names of the folders below `nodes/` that look like nodes' of this tool.
pub fn nodes(base: &Path) -> Vec<String> {
    let folder = base.join("nodes");
    let is_node = |name: &String| {
        let mut found = names(&folder.join(name)).unwrap_or_default();
        found.retain(|name| name != LOG);
        found == OF_NODE
    };
    names(&folder).unwrap_or_default().into_iter().filter(is_node).collect()
}

/// Processes that run a program, even if its file is gone.
pub fn running(program: &Path) -> Vec<ProcessId> {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    numbers
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| is_program(&exe, program)))
        .filter_map(ProcessId::of)
        .collect()
}

/// Whether a process with this program, as the system names it, runs that one.
fn is_program(exe: &Path, program: &Path) -> bool {
    let mut deleted = program.as_os_str().to_owned();
    deleted.push(" (deleted)");
    exe == program || exe.as_os_str() == deleted
}

/// Removes what this tool made, given the names of nodes and of owners' keys; gives the names of what else is there.
pub fn remove(base: &Path, nodes: &[String], keys: &[String]) -> Result<Vec<String>> {
    for program in PROGRAMS {
        remove_if_there(&base.join("bin").join(program))?;
    }
    for node in nodes.iter().filter(|name| is_plain(name)) {
        remove_if_there(&base.join("nodes").join(node))?;
    }
    remove_if_there(&base.join(IDENTITY))?;
    let wallets = base.join("wallets");
    for key in keys.iter().filter(|name| is_plain(name)) {
        remove_if_there(&wallets.join(format!("{key}.json")))?;
    }
    // What wallets remember of a network that is about to go: an owner's coins on their way, a key's owner ids.
    let (pending, owner_ids) = (wallets.join("pending"), wallets.join("owner-ids"));
    for (folder, digits) in [(&pending, 48), (&owner_ids, 64)] {
        for name in names(folder).unwrap_or_default().iter().filter(|name| is_of_network(name, digits)) {
            remove_if_there(&folder.join(name))?;
        }
    }
    // The state last: if something cannot be removed, it is still known.
    for file in [DEFINITION, SPEC, NEW_STATE, STATE] {
        remove_if_there(&base.join(file))?;
    }
    for folder in [base.join("bin").as_path(), &base.join("nodes"), &pending, &owner_ids, &wallets, base] {
        // Only what is empty.
        let _ = fs::remove_dir(folder);
    }
    names(base)
}

/// Removes the file with a network's endpoints, unless another network's stand there by now.
pub fn remove_endpoints(file: &Path, base: &Path) -> Result<()> {
    #[derive(Deserialize)]
    struct Endpoints {
        base_path: PathBuf,
    }
    let text = fs::read(file).unwrap_or_default();
    match serde_json::from_slice::<Endpoints>(&text) {
        Ok(endpoints) if endpoints.base_path == base => remove_if_there(file),
        _ => Ok(()),
    }
}

/// Whether a file is named by a network's first block and by somebody's id of so many digits.
fn is_of_network(name: &str, digits: usize) -> bool {
    let stem = name.strip_suffix(".json").or_else(|| name.strip_suffix(".lock"));
    let has = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    stem.and_then(|stem| stem.split_once('-')).is_some_and(|(genesis, id)| has(genesis, 64) && has(id, digits))
}

/// Whether a name leads nowhere else.
fn is_plain(name: &str) -> bool {
    Path::new(name).components().eq([Component::Normal(OsStr::new(name))])
}

/// Names in a folder, in order; none if it does not exist.
fn names(folder: &Path) -> Result<Vec<String>> {
    let cannot = || format!("could not read {}", folder.display());
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(cannot)?,
    };
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut names = entries.map(name).collect::<io::Result<Vec<_>>>().with_context(cannot)?;
    names.sort();
    Ok(names)
}

fn remove_if_there(path: &Path) -> Result<()> {
    let result = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match result {
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(error).with_context(|| format!("could not remove {}", path.display()))
        },
        _ => Ok(()),
    }
}

/// Removes the database of a stopped node's index: the folder `specie-index` of the chain, anywhere below. Gives how many
/// there were.
pub fn remove_index(folder: &Path) -> Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.ends_with("specie-index") {
            fs::remove_dir_all(path)?;
            removed += 1;
        } else if path.is_dir() {
            removed += remove_index(&path)?;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(base: &Path, file: &str) {
        let file = base.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "x").unwrap();
    }

    /// The files of a network with one node and one wallet.
    fn network(base: &Path) {
        let pending = format!("wallets/pending/{}-{}.json", "a".repeat(64), "b".repeat(48));
        let owner_ids = format!("wallets/owner-ids/{}-{}.json", "a".repeat(64), "b".repeat(64));
        for file in [STATE, DEFINITION, SPEC, "wallets/ann.json", "identity/log", &pending, &owner_ids] {
            write(base, file);
        }
        PROGRAMS.iter().for_each(|program| write(base, &format!("bin/{program}")));
        for file in ["data/db", "keystore/key", "node-key", "log"] {
            write(base, &format!("nodes/issuer/{file}"));
        }
    }

    fn own(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn success_removes_a_network_and_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("net");
        network(&base);
        assert!(is_network(&base));
        assert_eq!(nodes(&base), ["issuer"]);
        assert!(remove(&base, &own(&["issuer"]), &own(&["ann"])).unwrap().is_empty());
        assert!(!base.exists());
        assert!(!is_network(&base));
        ensure_unused(&base).unwrap();
    }

    #[test]
    fn what_others_made_stays() {
        // Given
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path();
        network(base);
        let mut foreign = vec!["notes", "bin/tool", "nodes/mine/data", "wallets/eve.json"];
        foreign.extend(["wallets/pending/notes", "wallets/owner-ids/notes"]);
        foreign.iter().for_each(|file| write(base, file));
        // When
        let left = remove(base, &own(&["issuer", "../..", ".", ""]), &own(&["ann"])).unwrap();
        // Then
        assert_eq!(left, ["bin", "nodes", "notes", "wallets"]);
        foreign.iter().for_each(|file| assert!(base.join(file).exists(), "{file}"));
        let gone = ["bin/specie-node", "bin/specie", IDENTITY, "nodes/issuer", "wallets/ann.json", SPEC, STATE];
        gone.iter().for_each(|file| assert!(!base.join(file).exists(), "{file}"));
    }

    #[test]
    fn only_folders_of_nodes_are_taken_for_such() {
        let folder = tempfile::tempdir().unwrap();
        network(folder.path());
        // One that was never started, one with something else in it, one that lacks its key.
        for file in ["new/data/x", "new/keystore/x", "new/node-key", "more/data/x", "more/keystore/x", "more/node-key"]
        {
            write(folder.path(), &format!("nodes/{file}"));
        }
        write(folder.path(), "nodes/more/notes");
        write(folder.path(), "nodes/less/data/x");
        write(folder.path(), "nodes/file");
        assert_eq!(nodes(folder.path()), ["issuer", "new"]);
    }

    #[test]
    fn a_folder_in_use_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        ensure_unused(folder.path()).unwrap();
        ensure_unused(&folder.path().join("nowhere")).unwrap();
        for number in 0..7 {
            write(folder.path(), &format!("file{number}"));
        }
        let error = ensure_unused(folder.path()).unwrap_err().to_string();
        let place = folder.path().display().to_string();
        for part in [place.as_str(), "file0, file1", "2 more", "--base-path"] {
            assert!(error.contains(part), "{error}");
        }
        write(folder.path(), "bin/specie-node");
        assert!(!is_network(folder.path()), "somebody installed the program");
        ["data/x", "keystore/x", "node-key"].iter().for_each(|file| write(folder.path(), &format!("nodes/a/{file}")));
        assert!(ensure_unused(folder.path()).unwrap_err().to_string().contains("'reset'"));
        assert!(ensure_unused(&folder.path().join("file0")).is_err(), "a file is no folder");
    }

    #[test]
    fn processes_are_found_by_their_program() {
        let me = std::env::current_exe().unwrap();
        assert!(running(&me).contains(&ProcessId::of(std::process::id()).unwrap()));
        assert!(running(Path::new("/nowhere/specie-node")).is_empty());
        assert!(is_program(Path::new("/b/specie-node (deleted)"), Path::new("/b/specie-node")));
        assert!(!is_program(Path::new("/b/specie-node2"), Path::new("/b/specie-node")));
    }

    #[test]
    fn endpoints_of_another_network_stay() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("endpoints.json");
        fs::write(&file, r#"{"base_path": "/other", "nodes": []}"#).unwrap();
        remove_endpoints(&file, Path::new("/mine")).unwrap();
        assert!(file.exists());
        remove_endpoints(&file, Path::new("/other")).unwrap();
        assert!(!file.exists());
        remove_endpoints(&file, Path::new("/other")).unwrap();
    }
}
