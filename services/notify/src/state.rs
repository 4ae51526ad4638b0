//! How far every endpoint is, on the disk.
//!
//! `STATE` is one JSON object, replaced whole; `STATE.dead` has a line for each notice that its endpoint refused for
//! good; `STATE.lock` is locked while a sender runs, so that two never send from one state.

use crate::notice::Place;
use serde::{Deserialize, Serialize};
use specie_primitives::Hash;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What goes wrong with the state.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Another sender runs.
    #[error("{0} is in use by another sender")]
    InUse(PathBuf),
    /// The file is not one of these.
    #[error("{0} is no state of a sender: {1}")]
    Format(PathBuf, #[source] serde_json::Error),
    /// The file system.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// It was made with another network.
    #[error("{0} belongs to the network that begins with block {1:?}, and the nodes to {2:?}")]
    Network(PathBuf, Hash, Hash),
}

/// How far an endpoint is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Everything before it was taken, refused for good, or is not wanted.
    pub next: Place,
    /// Notices that were taken. One that was taken twice counts once.
    pub delivered: u64,
    /// Notices that were refused for good.
    pub refused: u64,
    /// When the last one was taken, in milliseconds since 1970.
    pub last_ms: Option<u64>,
}

/// Everything in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// First block of the network, once a node was asked.
    pub genesis: Option<Hash>,
    /// Endpoints by name, once they began.
    pub endpoints: BTreeMap<String, Progress>,
}

/// A notice that its endpoint refused for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    /// Its id.
    pub id: String,
    /// Name of the endpoint.
    pub endpoint: String,
    /// HTTP status of the last refusal.
    pub status: u16,
    /// When that was, in milliseconds since 1970.
    pub time_ms: u64,
    /// The movement, as it was sent.
    pub record: serde_json::Value,
}

/// The state of the one sender that runs.
pub struct State {
    path: PathBuf,
    content: Mutex<Content>,
    /// Locked until it is dropped.
    _lock: File,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// What a state file says, also while a sender runs; nothing of one that is not there yet.
pub fn read(path: &Path) -> Result<Content, StateError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| StateError::Format(path.into(), error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Content::default()),
        Err(error) => Err(StateError::Io(path.into(), error)),
    }
}

/// Notices that were refused for good, oldest first. A line that was cut is of one that will be sent again.
pub fn dead(path: &Path) -> Result<Vec<Dead>, StateError> {
    let path = beside(path, ".dead");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(StateError::Io(path, error)),
    }
}

impl State {
    /// Opens a state for the one sender that runs from it; makes it if need be.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let lock = beside(path, ".lock");
        let failed = |error| StateError::Io(lock.clone(), error);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&lock).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {},
            Err(fs::TryLockError::WouldBlock) => return Err(StateError::InUse(path.into())),
            Err(fs::TryLockError::Error(error)) => return Err(StateError::Io(lock, error)),
        }
        let content = Mutex::new(read(path)?);
        Ok(Self { path: path.into(), content, _lock: file })
    }

    /// First block of the network, once it is known.
    pub fn genesis(&self) -> Option<Hash> {
        self.content().genesis
    }

    /// How far an endpoint is, if it began.
    pub fn progress(&self, endpoint: &str) -> Option<Progress> {
        self.content().endpoints.get(endpoint).copied()
    }

    /// Begins with an endpoint in a network. It stays where it is if it began before.
    pub fn begin(&self, genesis: Hash, endpoint: &str, next: Place) -> Result<(), StateError> {
        let mut content = self.content();
        let known = *content.genesis.get_or_insert(genesis);
        if known != genesis {
            return Err(StateError::Network(self.path.clone(), known, genesis));
        }
        content.endpoints.entry(endpoint.into()).or_insert(Progress { next, ..Progress::default() });
        self.save(&content)
    }

    /// Everything before a place is done, and so many notices of it were taken just now.
    pub fn advance(&self, endpoint: &str, next: Place, taken: u64, now_ms: u64) -> Result<(), StateError> {
        let mut content = self.content();
        let progress = content.endpoints.entry(endpoint.into()).or_default();
        progress.next = progress.next.max(next);
        progress.delivered = progress.delivered.saturating_add(taken);
        if taken > 0 {
            progress.last_ms = Some(now_ms);
        }
        self.save(&content)
    }

    /// Puts a notice that was refused for good on the list, and goes on behind it.
    pub fn bury(&self, dead: &Dead, next: Place) -> Result<(), StateError> {
        let mut content = self.content();
        // Listed first: what a crash comes after is sent again, and perhaps listed again, but not forgotten.
        self.list(dead).map_err(|error| StateError::Io(beside(&self.path, ".dead"), error))?;
        let progress = content.endpoints.entry(dead.endpoint.clone()).or_default();
        progress.next = progress.next.max(next);
        progress.refused = progress.refused.saturating_add(1);
        self.save(&content)
    }

    fn list(&self, dead: &Dead) -> io::Result<()> {
        let mut file = options().read(true).append(true).create(true).open(beside(&self.path, ".dead"))?;
        let mut line = serde_json::to_string(dead)? + "\n";
        if file.seek(SeekFrom::End(0))? > 0 {
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                line.insert(0, '\n');
            }
        }
        file.write_all(line.as_bytes())?;
        file.sync_all()
    }

    /// Replaces the file: readers see the old one or the new one, also after a crash.
    fn save(&self, content: &Content) -> Result<(), StateError> {
        let new = beside(&self.path, ".new");
        let write = || {
            let mut file = options().write(true).create(true).truncate(true).open(&new)?;
            file.write_all(&serde_json::to_vec_pretty(content)?)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)?;
            let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        write().map_err(|error: io::Error| StateError::Io(self.path.clone(), error))
    }

    /// What it holds is good even if a thread panicked: it is changed in steps that cannot.
    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files that nobody else can read: they tell who deals with whom.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENESIS: Hash = Hash::zero();

    fn at(block: u32, place: u32) -> Place {
        Place { block, place }
    }

    fn dead_one(id: &str) -> Dead {
        Dead { id: id.into(), endpoint: "a".into(), status: 422, time_ms: 5, record: serde_json::json!({ "block": 7 }) }
    }

    #[test]
    fn progress_outlives_the_sender() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = State::open(&path).unwrap();
        assert_eq!((state.genesis(), state.progress("a")), (None, None));
        state.begin(GENESIS, "a", at(3, 0)).unwrap();
        state.begin(GENESIS, "b", at(9, 0)).unwrap();
        state.advance("a", at(4, 2), 2, 77).unwrap();
        drop(state);

        let state = State::open(&path).unwrap();
        let expected = Progress { next: at(4, 2), delivered: 2, refused: 0, last_ms: Some(77) };
        assert_eq!((state.genesis(), state.progress("a")), (Some(GENESIS), Some(expected)));
        // Another beginning changes nothing, nor does what comes late.
        state.begin(GENESIS, "a", at(100, 0)).unwrap();
        state.advance("a", at(4, 1), 0, 99).unwrap();
        assert_eq!(state.progress("a"), Some(expected));
        assert_eq!(read(&path).unwrap().endpoints.len(), 2);
    }

    #[test]
    fn fails_for_a_second_sender_and_for_another_network() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = State::open(&path).unwrap();
        assert!(matches!(State::open(&path), Err(StateError::InUse(_))));
        state.begin(GENESIS, "a", at(1, 0)).unwrap();
        let before = read(&path).unwrap();
        let other = state.begin(Hash::repeat_byte(1), "b", at(1, 0));
        assert!(matches!(other, Err(StateError::Network(..))));
        assert_eq!(read(&path).unwrap(), before);
        drop(state);
        State::open(&path).unwrap();
    }

    #[test]
    fn fails_with_a_file_of_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        fs::write(&path, "[1]").unwrap();
        assert!(matches!(State::open(&path), Err(StateError::Format(..))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "[1]", "it is left alone");
        assert!(matches!(State::open(&folder.path().join("no/state")), Err(StateError::Io(..))));
    }

    #[test]
    fn refused_notices_are_listed_and_passed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = State::open(&path).unwrap();
        state.begin(GENESIS, "a", at(1, 0)).unwrap();
        assert_eq!(dead(&path).unwrap(), []);
        state.bury(&dead_one("1"), at(1, 1)).unwrap();
        // A crash while the next one was being written.
        let cut = r#"{"id":"2","endp"#;
        OpenOptions::new().append(true).open(beside(&path, ".dead")).unwrap().write_all(cut.as_bytes()).unwrap();
        state.bury(&dead_one("2"), at(1, 2)).unwrap();
        assert_eq!(dead(&path).unwrap(), [dead_one("1"), dead_one("2")]);
        let progress = state.progress("a").unwrap();
        assert_eq!((progress.next, progress.delivered, progress.refused), (at(1, 2), 0, 2));
        #[cfg(unix)]
        for file in ["state", "state.dead"] {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(folder.path().join(file)).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
        }
    }
}
