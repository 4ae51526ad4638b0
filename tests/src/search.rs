//! Looking for what must be nowhere: secrets and identities, in files, databases and answers, in whatever spelling a
//! program may have given them.
//!
//! A search that finds nothing shows something only if it would have found it. So a test plants canaries, one in each kind
//! of place, and [`Search`] keeps account of them.

use aho_corasick::AhoCorasick;
use anyhow::{bail, ensure, Context, Result};
use base64::{
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
    Engine,
};
use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

/// Fewest bytes of a text to look for: shorter ones turn up by chance.
const FEWEST: usize = 8;

/// Texts to look for, in all their spellings.
#[derive(Clone, Debug)]
pub struct Needles {
    automaton: AhoCorasick,
    /// What each pattern is: the name of a text, and how it is spelt.
    patterns: Vec<(String, &'static str)>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Name of the text. The text itself may be a secret.
    pub name: String,
    /// How it is spelt there.
    pub spelling: &'static str,
    /// Where.
    pub place: String,
    /// Byte in that place.
    pub at: usize,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) in {} at byte {}", self.name, self.spelling, self.place, self.at)
    }
}

impl Needles {
    /// Looks for these, each with a name, without regard to the case of letters.
    pub fn new<N: Into<String>, B: AsRef<[u8]>>(texts: impl IntoIterator<Item = (N, B)>) -> Result<Self> {
        let (mut bytes, mut patterns) = (Vec::new(), Vec::new());
        for (name, text) in texts {
            let (name, text) = (name.into(), text.as_ref());
            ensure!(text.len() >= FEWEST, "{name} is too short to be looked for");
            for (spelling, pattern) in spellings(text) {
                bytes.push(pattern);
                patterns.push((name.clone(), spelling));
            }
        }
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(bytes)?;
        Ok(Self { automaton, patterns })
    }

    /// What is in some bytes.
    pub fn find(&self, place: &str, bytes: &[u8]) -> Vec<Found> {
        let found = self.automaton.find_overlapping_iter(bytes);
        let found = found.map(|hit| {
            let (name, spelling) = self.patterns[hit.pattern().as_usize()].clone();
            Found { name, spelling, place: place.to_owned(), at: hit.start() }
        });
        found.collect()
    }

    /// What is in the files below a folder, or in a file.
    pub fn find_in_files(&self, path: &Path) -> Result<Vec<Found>> {
        let mut all = Vec::new();
        for file in files(path)? {
            let bytes = fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
            all.extend(self.find(&file.display().to_string(), &bytes));
        }
        Ok(all)
    }
}

/// The spellings of a text, each with its name.
fn spellings(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("as it is", text.to_vec()), ("hexadecimal", hex::encode(text).into_bytes())];
    if let Ok(text) = std::str::from_utf8(text) {
        all.push(("UTF-16, little-endian", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        all.push(("UTF-16, big-endian", text.encode_utf16().flat_map(u16::to_be_bytes).collect()));
    }
    for before in 0..3 {
        all.push(("base64", base64_behind(text, before, |bytes| STANDARD_NO_PAD.encode(bytes))));
        all.push(("base64 for addresses", base64_behind(text, before, |bytes| URL_SAFE_NO_PAD.encode(bytes))));
    }
    all
}

/// The digits in base64 that depend on a text alone when so many bytes stand before it in a group of three.
fn base64_behind(text: &[u8], before: usize, encode: impl Fn(&[u8]) -> String) -> Vec<u8> {
    let digits = encode(&[&vec![0; before][..], text].concat());
    // A digit is six bits.
    let first = (before * 8).div_ceil(6);
    let end = (before + text.len()) * 8 / 6;
    digits.as_bytes()[first..end].to_vec()
}

/// Every file below a folder, or the file itself.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("could not read {}", path.display()))? {
        let path = entry?.path();
        if path.is_symlink() {
            bail!("{} leads elsewhere", path.display());
        }
        all.extend(files(&path)?);
    }
    Ok(all)
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(target.parent().context("a file without a folder")?)?;
        fs::copy(&file, &target).with_context(|| format!("could not copy {}", file.display()))?;
    }
    Ok(())
}

/// Folders of ParityDB databases below a folder.
pub fn databases(path: &Path) -> Result<Vec<PathBuf>> {
    let metadata = |file: &PathBuf| file.file_name().is_some_and(|name| name == "metadata");
    Ok(files(path)?.into_iter().filter(metadata).filter_map(|file| file.parent().map(Into::into)).collect())
}

/// Gives every value of a ParityDB database to `see`, with its column: in the files they are compressed. Nothing else may
/// have the database open, and it is brought up to date by its log: use a copy. Gives how many there were.
pub fn database_values(folder: &Path, mut see: impl FnMut(u8, &[u8])) -> Result<usize> {
    let metadata = parity_db::Options::load_metadata(folder)?;
    let columns = metadata.with_context(|| format!("{} is no database", folder.display()))?.columns;
    let count = u8::try_from(columns.len())?;
    let mut options = parity_db::Options::with_columns(folder, count);
    options.columns = columns;
    ensure!(options.columns.iter().all(|column| !column.btree_index), "a column cannot be read through");
    let database = parity_db::Db::open(&options)?;
    let mut values = 0;
    for column in 0..count {
        database.iter_column_while(column, |entry| {
            values += 1;
            see(column, &entry.value);
            true
        })?;
    }
    Ok(values)
}

/// A search through many places of several kinds, each with a canary in it.
#[derive(Debug)]
pub struct Search {
    needles: Needles,
    canary: Needles,
    /// Kinds of places that were looked through, and whether the canary was seen in one.
    kinds: BTreeMap<&'static str, bool>,
    leaks: Vec<Found>,
}

impl Search {
    /// A search for some needles, which is to find a canary everywhere.
    pub fn new(needles: Needles, canary: Needles) -> Self {
        Self { needles, canary, kinds: BTreeMap::new(), leaks: Vec::new() }
    }

    /// Looks through some bytes.
    pub fn bytes(&mut self, kind: &'static str, place: &str, bytes: &[u8]) {
        self.note(kind, !self.canary.find(place, bytes).is_empty());
        self.leaks.extend(self.needles.find(place, bytes));
    }

    /// Looks through files.
    pub fn files(&mut self, kind: &'static str, path: &Path) -> Result<()> {
        self.note(kind, !self.canary.find_in_files(path)?.is_empty());
        self.leaks.extend(self.needles.find_in_files(path)?);
        Ok(())
    }

    /// Notes that places of a kind were looked through, and whether something was seen that must be in them: where no
    /// canary can be.
    pub fn note(&mut self, kind: &'static str, canary: bool) {
        *self.kinds.entry(kind).or_default() |= canary;
    }

    /// Checks that exactly these kinds of places were looked through, that the canary was in each, and that nothing else was
    /// found.
    pub fn finish(self, kinds: &[&'static str]) -> Result<()> {
        let mut wanted = kinds.to_vec();
        wanted.sort_unstable();
        let seen: Vec<_> = self.kinds.keys().copied().collect();
        ensure!(seen == wanted, "{seen:?} were looked through instead of {wanted:?}");
        let blind: Vec<_> = self.kinds.iter().filter(|(_, canary)| !**canary).map(|(kind, _)| *kind).collect();
        ensure!(blind.is_empty(), "the search is blind: it did not find the canary in {}", blind.join(", "));
        let leaks: Vec<_> = self.leaks.iter().map(ToString::to_string).collect();
        ensure!(leaks.is_empty(), "found where it must not be:\n  {}", leaks.join("\n  "));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Needle in 1 Haystack";

    fn needles() -> Needles {
        Needles::new([("the needle", TEXT)]).unwrap()
    }

    #[track_caller]
    fn assert_spelt(bytes: &[u8], spelling: &str) {
        let found = needles().find("hay", bytes);
        assert!(found.iter().any(|found| found.spelling == spelling), "{spelling}: {found:?}");
    }

    #[test]
    fn a_text_is_found_in_every_spelling() {
        assert_spelt(format!("hay {TEXT} hay").as_bytes(), "as it is");
        assert_spelt(TEXT.to_uppercase().as_bytes(), "as it is");
        assert_spelt(hex::encode(format!("h{TEXT}")).as_bytes(), "hexadecimal");
        assert_spelt(hex::encode_upper(TEXT).as_bytes(), "hexadecimal");
        let utf16: Vec<u16> = format!("hay{TEXT}").encode_utf16().collect();
        assert_spelt(&utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>(), "UTF-16, little-endian");
        assert_spelt(&utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>(), "UTF-16, big-endian");
        // Whatever stands before it and behind it.
        for before in 0..7 {
            for behind in 0..4 {
                let hay = format!("{}{TEXT}{}", "~".repeat(before), "~".repeat(behind));
                assert_spelt(STANDARD_NO_PAD.encode(&hay).as_bytes(), "base64");
                assert_spelt(URL_SAFE_NO_PAD.encode(&hay).as_bytes(), "base64 for addresses");
            }
        }
        assert!(needles().find("hay", b"Needle in 1 haystac").is_empty());
        assert!(Needles::new([("short", "1234567")]).is_err());
    }

    #[test]
    fn bytes_that_are_no_text_are_found() {
        let secret = [0x9fu8, 0, 0xff, 0x80, 1, 2, 3, 4, 5];
        let needles = Needles::new([("the secret", secret)]).unwrap();
        let hay = [&[7][..], &secret, &[7]].concat();
        assert_eq!(needles.find("hay", &hay).len(), 1);
        assert_eq!(needles.find("hay", &hay)[0].at, 1);
        assert_eq!(needles.find("hay", hex::encode(&hay).as_bytes()).len(), 1);
    }

    #[test]
    fn compressed_values_are_looked_into() {
        // Given: a database as a node's, with a long value that holds the text.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("full");
        let mut options = parity_db::Options::with_columns(&path, 2);
        options.columns[1].compression = parity_db::CompressionType::Lz4;
        // Both halves stand there before, so that the whole is put together from references.
        let (one, two) = TEXT.split_at(10);
        let long = format!("{}{}{TEXT}", one.repeat(400), two.repeat(400));
        let database = parity_db::Db::open_or_create(&options).unwrap();
        database.commit([(1u8, b"key".to_vec(), Some(long.into_bytes()))]).unwrap();
        drop(database);
        assert!(needles().find_in_files(&path).unwrap().is_empty(), "nothing is compressed: this test shows nothing");
        // When
        let copy = folder.path().join("copy");
        copy_folder(&path, &copy).unwrap();
        assert_eq!(databases(&copy).unwrap(), [copy.clone()]);
        let mut found = 0;
        let values = database_values(&copy, |column, value| {
            assert_eq!(column, 1);
            found += needles().find("value", value).len();
        })
        .unwrap();
        // Then: in the value it is seen.
        assert!(values == 1 && found > 0, "{values} values, {found} found");
        assert!(database_values(folder.path(), |_, _| ()).is_err());
    }

    #[test]
    fn a_search_tells_leaks_and_blindness() {
        let canary = || Needles::new([("the canary", "Kanarienvogel")]).unwrap();
        let search = || Search::new(needles(), canary());
        let mut good = search();
        good.bytes("log", "a.log", b"a Kanarienvogel");
        good.bytes("log", "b.log", b"nothing");
        good.finish(&["log"]).unwrap();
        let mut blind = search();
        blind.bytes("log", "a.log", b"a Kanarienvogel");
        blind.bytes("answer", "x", b"nothing");
        let error = blind.finish(&["log", "answer"]).unwrap_err().to_string();
        assert!(error.contains("blind") && error.ends_with("in answer"), "{error}");
        // Where something else takes the canary's place.
        let noted = |seen: bool| {
            let mut noted = search();
            noted.note("index", seen);
            noted.finish(&["index"])
        };
        noted(true).unwrap();
        assert!(noted(false).unwrap_err().to_string().ends_with("in index"));
        let mut leak = search();
        leak.bytes("log", "a.log", format!("a Kanarienvogel and a {TEXT}").as_bytes());
        let error = leak.finish(&["log"]).unwrap_err().to_string();
        assert!(error.contains("the needle (as it is) in a.log at byte 22") && !error.contains(TEXT), "{error}");
        assert!(search().finish(&["log"]).unwrap_err().to_string().contains("were looked through"));
    }
}
