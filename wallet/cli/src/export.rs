//! A file with records, one a line, that can be gone on with after it was cut anywhere.
//!
//! What stands in the file decides where to go on: an incomplete last line is taken away, and the last complete one must
//! be among what the node answers now, to the letter. So a file cannot be continued with another question, in another
//! form, or on another network.

use crate::{
    output,
    records::{columns, Gap, Page, Record},
};
use anyhow::{bail, ensure, Context, Result};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use specie_primitives::{BlockNumber, CoinId, CoinRange, OwnerId};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values with a head, as in RFC 4180 but for the line ends.
    Csv,
    /// One JSON object a line.
    Json,
}

/// The columns of a CSV file, and the names in a JSON object. More may be added behind them, none is ever taken away.
pub const COLUMNS: [&str; 21] = [
    "block",
    "place",
    "time",
    "kind",
    "value",
    "from",
    "from_bank",
    "from_owner",
    "to",
    "to_bank",
    "to_owner",
    "count",
    "coins",
    "ranges",
    "extrinsic",
    "extrinsic_hash",
    "block_hash",
    "pickup",
    "others",
    "order",
    "instrument",
];

/// First bytes of the file's end that are looked at for its last line.
const TAIL: u64 = 64 << 10;

/// A record as it is written, with the columns in their order.
#[derive(Debug, Serialize)]
struct Row {
    block: BlockNumber,
    place: u32,
    time: String,
    kind: String,
    value: String,
    from: String,
    from_bank: Option<u32>,
    from_owner: Option<String>,
    to: String,
    to_bank: Option<u32>,
    to_owner: Option<String>,
    count: u64,
    coins: String,
    ranges: String,
    extrinsic: Option<u32>,
    extrinsic_hash: Option<String>,
    block_hash: String,
    pickup: Option<u64>,
    others: String,
    order: Option<String>,
    instrument: Option<u32>,
}

impl Row {
    fn new(record: &Record) -> Result<Self> {
        let ((from, from_bank, from_owner), (to, to_bank, to_owner)) = (columns(&record.from), columns(&record.to));
        let kind = serde_json::to_value(record.kind)?;
        Ok(Self {
            block: record.block,
            place: record.place,
            time: output::iso(record.time_ms),
            kind: kind.as_str().context("a kind without a name")?.into(),
            value: record.value.to_string(),
            from: from.into(),
            from_bank: from_bank.map(|bank| bank.0),
            from_owner: from_owner.map(|owner| owner.to_string()),
            to: to.into(),
            to_bank: to_bank.map(|bank| bank.0),
            to_owner: to_owner.map(|owner| owner.to_string()),
            count: record.count(),
            coins: join(&record.coins, CoinId::to_string),
            ranges: join(&record.ranges, range),
            extrinsic: record.extrinsic,
            extrinsic_hash: record.extrinsic_hash.clone(),
            block_hash: record.hash.clone(),
            pickup: record.pickup().map(|pickup| pickup.0),
            others: join(&record.others, OwnerId::to_string),
            order: record.order.map(|order| order.to_string()),
            instrument: record.instrument().map(|instrument| instrument.0),
        })
    }
}

impl Row {
    /// For CSV, where nothing is an empty field.
    fn fields(self) -> [String; 21] {
        let text = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        [
            self.block.to_string(),
            self.place.to_string(),
            self.time,
            self.kind,
            self.value,
            self.from,
            text(self.from_bank),
            self.from_owner.unwrap_or_default(),
            self.to,
            text(self.to_bank),
            self.to_owner.unwrap_or_default(),
            self.count.to_string(),
            self.coins,
            self.ranges,
            text(self.extrinsic),
            self.extrinsic_hash.unwrap_or_default(),
            self.block_hash,
            self.pickup.map(|pickup| pickup.to_string()).unwrap_or_default(),
            self.others,
            self.order.unwrap_or_default(),
            text(self.instrument),
        ]
    }
}

/// Values as a line of CSV, those in quotes that need it.
fn values(fields: &[String]) -> Vec<u8> {
    let mut writer = csv_core::WriterBuilder::new().terminator(csv_core::Terminator::Any(b'\n')).build();
    // Every sign may be doubled; then come two quotes and what ends the field.
    let mut line = vec![0; fields.iter().map(|field| 2 * field.len() + 4).sum()];
    let mut length = 0;
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            length += writer.delimiter(&mut line[length..]).1;
        }
        length += writer.field(field.as_bytes(), &mut line[length..]).2;
    }
    length += writer.terminator(&mut line[length..]).1;
    line.truncate(length);
    line
}

fn join<T>(list: &[T], text: impl Fn(&T) -> String) -> String {
    list.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// `3-0..3-99`: the first and the last coin.
fn range(range: &CoinRange) -> String {
    let last = range.end().saturating_sub(1);
    format!("{}..{}", CoinId { batch: range.batch, index: range.start }, CoinId { batch: range.batch, index: last })
}

impl Format {
    /// A record as a line, with its end.
    fn line(self, record: &Record) -> Result<String> {
        let row = Row::new(record)?;
        let bytes = match self {
            Self::Csv => values(&row.fields()),
            Self::Json => [&serde_json::to_vec(&row)?[..], b"\n"].concat(),
        };
        Ok(String::from_utf8(bytes)?)
    }

    /// Where a line stands in the order of things.
    fn position(self, line: &str) -> Result<(BlockNumber, u32)> {
        #[derive(Deserialize)]
        struct Position {
            block: BlockNumber,
            place: u32,
        }
        match self {
            Self::Csv => {
                let mut fields = line.split(',');
                let mut number = || fields.next().context("it has no columns")?.parse().context("it has no numbers");
                Ok((number()?, number()?))
            },
            Self::Json => {
                let Position { block, place } = serde_json::from_str(line)?;
                Ok((block, place))
            },
        }
    }

    /// What comes before the first record.
    fn head(self) -> String {
        match self {
            Self::Csv => COLUMNS.join(",") + "\n",
            Self::Json => String::new(),
        }
    }

    /// What every file begins with.
    fn begin(self) -> String {
        match self {
            Self::Csv => self.head(),
            Self::Json => "{\"block\":".into(),
        }
    }
}

/// The last record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Last {
    position: (BlockNumber, u32),
    line: String,
}

/// A file that records are written to.
#[derive(Debug)]
pub struct Export {
    file: File,
    format: Format,
    last: Option<Last>,
    written: u64,
}

/// Closing is not enough: a program that this one is just starting has the file for a moment, and the lock with it.
impl Drop for Export {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl Export {
    /// Opens the file, or makes it. What is complete in it stays.
    pub fn open(path: &Path, format: Format) -> Result<Self> {
        let shown = path.display();
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(path).with_context(|| format!("{shown}"))?;
        ensure!(file.try_lock().is_ok(), "another command writes to {shown}");
        let (head, begin) = (format.head(), begin_of(&mut file, format.begin().len() as u64)?);
        let is_ours = begin.starts_with(format.begin().as_bytes()) || format.begin().as_bytes().starts_with(&begin);
        ensure!(is_ours, "{shown} is not the beginning of an export in this format: name a new file");
        let (complete, line) = last_line(&mut file)?;
        let last = match line.filter(|line| format!("{line}\n") != head) {
            Some(line) => {
                let position = format.position(&line);
                let position = position.with_context(|| format!("the last line of {shown} is no record"))?;
                Some(Last { position, line })
            },
            None => None,
        };
        file.set_len(complete)?;
        if complete == 0 {
            file.write_all(head.as_bytes())?;
        }
        Ok(Self { file, format, last, written: 0 })
    }

    /// The block to ask from.
    pub fn block(&self) -> Option<BlockNumber> {
        self.last.as_ref().map(|last| last.position.0)
    }

    /// Records written by this command.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes all records that `pages` gives, oldest first, page by page; tells of each page. Gives the last page's block.
    /// The first records may be in the file already, those of its last block.
    pub async fn write(
        &mut self,
        partial: bool,
        mut pages: impl AsyncFnMut(Option<String>) -> Result<Page>,
        mut told: impl FnMut(u64, &Page),
    ) -> Result<(crate::client::BlockRef, Vec<Gap>)> {
        let mut cursor = None;
        let mut resumed = self.last.take();
        loop {
            let page = pages(cursor).await?;
            if !partial {
                ensure_known(&page.unknown)?;
            }
            let mut lines = String::new();
            for record in &page.records {
                match &resumed {
                    Some(last) if record.position() < last.position => continue,
                    Some(last) => {
                        let line = self.format.line(record)?;
                        if record.position() != last.position || line.trim_end() != last.line {
                            bail!(other());
                        }
                        resumed = None;
                    },
                    None => {
                        lines.push_str(&self.format.line(record)?);
                        self.written = self.written.saturating_add(1);
                    },
                }
            }
            if !lines.is_empty() {
                self.file.write_all(lines.as_bytes())?;
                self.file.sync_data()?;
            }
            told(self.written, &page);
            match page.cursor {
                Some(next) => cursor = Some(next),
                None if resumed.is_some() => bail!(other()),
                None => return Ok((page.block, page.unknown)),
            }
        }
    }
}

fn other() -> &'static str {
    "the file's last line is not among the records that are asked for: continue it with the same selection, on the same \
     network, or name a new file"
}

/// Fails when movements of the period are not known.
fn ensure_known(unknown: &[Gap]) -> Result<()> {
    match crate::records::warn(unknown) {
        Some(text) => {
            bail!("{text} Ask another node, name a period without those blocks, or take what there is with --partial")
        },
        None => Ok(()),
    }
}

/// The first bytes of a file, or all if it has fewer.
fn begin_of(file: &mut File, length: u64) -> Result<Vec<u8>> {
    let mut begin = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    Read::by_ref(file).take(length).read_to_end(&mut begin)?;
    Ok(begin)
}

/// Length of a file up to its last line end, and the line before that.
fn last_line(file: &mut File) -> Result<(u64, Option<String>)> {
    let length = file.metadata()?.len();
    let mut size = TAIL;
    loop {
        let start = length.saturating_sub(size);
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.read_to_end(&mut tail)?;
        let end = tail.iter().rposition(|byte| *byte == b'\n');
        let begin = end.and_then(|end| tail.get(..end)?.iter().rposition(|byte| *byte == b'\n'));
        match (end, begin) {
            (Some(end), Some(begin)) => {
                let line = tail.get(begin.saturating_add(1)..end).unwrap_or_default();
                return Ok((start + end as u64 + 1, Some(String::from_utf8(line.to_vec())?)));
            },
            (Some(end), None) if start == 0 => {
                let line = tail.get(..end).unwrap_or_default();
                return Ok((end as u64 + 1, Some(String::from_utf8(line.to_vec())?)));
            },
            (None, _) if start == 0 => return Ok((0, None)),
            _ => size = size.saturating_mul(4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::BlockRef,
        records::tests::{record, ANN, BEN},
    };
    use specie_primitives::{
        flow::{FlowKind, Party},
        BankId, Holder, OrderId, PickupId, VaultId,
    };
    use std::{fs, path::PathBuf};

    const FORMATS: [Format; 2] = [Format::Csv, Format::Json];

    fn coins(owner: OwnerId) -> Party {
        Party::Coins(Holder::Owner(owner))
    }

    /// Twelve records, three a block.
    fn all() -> Vec<Record> {
        let one = |number: u32| Record {
            block: 1 + number / 3,
            place: number % 3,
            hash: format!("0x{:02x}", number / 3),
            coins: (0..=number % 4).map(|index| CoinId { batch: 3, index }).collect(),
            ..record(FlowKind::Transferred, coins(ANN), coins(BEN))
        };
        (0..12).map(one).collect()
    }

    /// Answers as a node does: from a block on, in pages of four.
    fn answer(records: &[Record], from: Option<BlockNumber>, cursor: Option<String>) -> Page {
        let of: Vec<_> = records.iter().filter(|record| from.is_none_or(|from| record.block >= from)).collect();
        let start: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let page: Vec<Record> = of.iter().skip(start).take(4).map(|record| (*record).clone()).collect();
        let cursor = (start + 4 < of.len()).then(|| (start + 4).to_string());
        Page { block: BlockRef { number: 99, hash: "0x63".into() }, unknown: vec![], records: page, cursor }
    }

    fn run(path: &Path, format: Format, records: &[Record]) -> Result<u64> {
        let mut export = Export::open(path, format)?;
        let from = export.block();
        let pages = async |cursor| anyhow::Ok(answer(records, from, cursor));
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        runtime.block_on(export.write(false, pages, |_, _| ()))?;
        Ok(export.written())
    }

    fn file(name: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        (folder, path)
    }

    #[test]
    fn success_an_export_that_was_cut_anywhere_is_completed() {
        for format in FORMATS {
            let (_folder, path) = file("records");
            assert_eq!(run(&path, format, &all()).unwrap(), 12);
            let whole = fs::read(&path).unwrap();
            assert_eq!(whole.iter().filter(|byte| **byte == b'\n').count(), 12 + usize::from(format == Format::Csv));
            for length in (0..=whole.len()).filter(|length| length % 5 == 0 || *length == whole.len()) {
                fs::write(&path, &whole[..length]).unwrap();
                run(&path, format, &all()).unwrap();
                assert!(fs::read(&path).unwrap() == whole, "cut after {length} bytes");
            }
            // Nothing is written twice, and what is new comes behind.
            assert_eq!(run(&path, format, &all()).unwrap(), 0);
            let mut more = all();
            more.push(Record { block: 50, ..more[0].clone() });
            assert_eq!(run(&path, format, &more).unwrap(), 1);
            assert!(fs::read(&path).unwrap().starts_with(&whole));
        }
    }

    #[test]
    fn fails_to_continue_what_is_something_else() {
        for format in FORMATS {
            let (_folder, path) = file("records");
            run(&path, format, &all()).unwrap();
            let whole = fs::read(&path).unwrap();
            // Other records, fewer records, the same places on another network.
            let others: Vec<_> = all().into_iter().filter(|record| record.place != 2).collect();
            let foreign: Vec<_> = all().into_iter().map(|record| Record { hash: "0xff".into(), ..record }).collect();
            for records in [&others[..], &all()[..10], &foreign[..], &[]] {
                assert!(run(&path, format, records).unwrap_err().to_string().contains("the same selection"));
            }
            let other = FORMATS.into_iter().find(|other| *other != format).unwrap();
            assert!(run(&path, other, &all()).is_err(), "the other format");
            assert!(fs::read(&path).unwrap() == whole, "a refused export changes nothing");
            for text in ["something,else\n1,2\n", "no end of a line", "{}\n{}", "block,place\n"] {
                fs::write(&path, text).unwrap();
                assert!(run(&path, format, &all()).is_err(), "{text}");
                assert_eq!(fs::read_to_string(&path).unwrap(), text);
            }
        }
    }

    #[test]
    fn fails_when_movements_are_not_known() {
        let (_folder, path) = file("records.csv");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let unknown = || vec![Gap { first: 1, last: 2 }];
        let page = |cursor| anyhow::Ok(Page { unknown: unknown(), ..answer(&all(), Some(3), cursor) });
        let mut export = Export::open(&path, Format::Csv).unwrap();
        let refused = runtime.block_on(export.write(false, async |cursor| page(cursor), |_, _| ()));
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("1 to 2") && error.contains("--partial"), "{error}");
        let (_, told) = runtime.block_on(export.write(true, async |cursor| page(cursor), |_, _| ())).unwrap();
        assert_eq!((export.written(), told), (6, unknown()));
    }

    #[test]
    fn fails_when_another_command_writes_to_the_file() {
        let (_folder, path) = file("records.csv");
        let _export = Export::open(&path, Format::Csv).unwrap();
        assert!(Export::open(&path, Format::Csv).unwrap_err().to_string().contains("another command"));
    }

    #[test]
    fn values_are_quoted_where_they_must_be() {
        let line = |fields: &[&str]| {
            let fields: Vec<String> = fields.iter().map(|field| (*field).into()).collect();
            String::from_utf8(values(&fields)).unwrap()
        };
        assert_eq!(line(&["a", "", "b c"]), "a,,b c\n");
        assert_eq!(line(&["a,b", "\"\"\"", "c\nd", ""]), "\"a,b\",\"\"\"\"\"\"\"\",\"c\nd\",\n");
    }

    #[test]
    fn columns_are_stable() {
        let bank = BankId(7);
        let drawn = Record {
            coins: vec![CoinId { batch: 3, index: 9 }],
            ranges: vec![CoinRange { batch: 1, start: 0, count: 100 }, CoinRange { batch: 2, start: 5, count: 1 }],
            ..record(
                FlowKind::Drawn,
                Party::Coins(Holder::Vault(VaultId::Issue)),
                Party::Coins(Holder::Vault(VaultId::Bank(bank))),
            )
        };
        assert_eq!(
            Format::Csv.head() + &Format::Csv.line(&drawn).unwrap(),
            "block,place,time,kind,value,from,from_bank,from_owner,to,to_bank,to_owner,count,coins,ranges,extrinsic,\
             extrinsic_hash,block_hash,pickup,others,order,instrument\n7,0,2024-02-29T00:00:00.000Z,drawn,18600,\
             issue_vault,,,bank_vault,7,,102,3-9,1-0..1-99 2-5..2-5,1,0xab,0x07,,,,\n"
        );
        let credited = record(FlowKind::OwnerCredited, Party::Counter(bank), Party::Custody(bank, ANN));
        let line = Format::Json.line(&credited).unwrap();
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        let names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names.len(), COLUMNS.len());
        assert!(COLUMNS.iter().all(|column| names.iter().any(|name| name == column)), "{names:?}");
        assert_eq!((&value["from"], &value["to_owner"]), (&"counter".into(), &ANN.to_string().into()));
        assert_eq!((&value["value"], &value["from_owner"]), (&"18600".into(), &serde_json::Value::Null));
        let waiting = Party::Coins(Holder::Pickup(PickupId(4)));
        let order = OrderId([9; 32]);
        let left = Record { others: vec![BEN], order: Some(order), ..record(FlowKind::Left, coins(ANN), waiting) };
        let line = Format::Csv.line(&left).unwrap();
        assert!(line.ends_with(&format!(",0x07,4,{BEN},{order},\n")) && line.contains(",pickup,,,"), "{line}");
        let value: serde_json::Value = serde_json::from_str(&Format::Json.line(&left).unwrap()).unwrap();
        assert_eq!((&value["pickup"], &value["others"]), (&4.into(), &BEN.to_string().into()));
        assert_eq!(value["order"], order.to_string());
        for format in FORMATS {
            assert_eq!(format.position(format.line(&drawn).unwrap().trim_end()).unwrap(), (7, 0));
        }
    }
}
