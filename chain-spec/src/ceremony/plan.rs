//! A plan: a network's definition without keys of accounts and validators, which everybody has before the ceremony begins.

use crate::{
    definition::{read_head, read_limits, Head, MAX_NAME},
    errors::DefinitionErrors,
    keys::Keys,
    reader::{Reader, Section},
    SS58_PREFIX,
};
use specie_primitives::{BankId, Institution, MAX_BANKS};
use std::path::Path;

/// A network without keys.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) head: Head,
    /// Numbers and names in ascending order.
    pub(super) banks: Vec<(BankId, String)>,
    /// The issuer's root key as it is written, if there is one.
    pub(super) root_key: Option<String>,
    /// Section `[limits]` in TOML, if there is one.
    pub(super) limits: Option<String>,
}

impl Plan {
    /// Reads a plan: sections `[network]` and, if wanted, `[limits]` of a definition, an `[issuer]` with nothing but its
    /// `root_key` if there is one, and a `[[bank]]` with number and name for every bank. `source_name` stands in front of
    /// every error.
    pub fn parse(source_name: &str, text: &str) -> Result<Self, DefinitionErrors> {
        let mut reader = Reader::new(text);
        let plan = reader.parse().and_then(|table| {
            let span = table.span().start..table.span().start;
            let root = reader.section("the plan", table.get_ref(), span, &["network", "limits", "issuer", "bank"]);
            let (head, live) = read_head(&mut reader, &root);
            let banks = read_banks(&mut reader, &root);
            let root_key = read_root_key(&mut reader, &root, live);
            // What is wrong is reported here; the definition has the section as it stands.
            let _ = read_limits(&mut reader, &root, live);
            Some(Self { head: head?, banks, root_key, limits: section_text(text, "limits") })
        });
        reader.finish(source_name, plan)
    }

    /// Reads a plan's file.
    pub fn from_file(path: &Path) -> Result<Self, DefinitionErrors> {
        let source_name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| DefinitionErrors::general(&source_name, format!("the file cannot be read: {error}")))?;
        Self::parse(&source_name, &text)
    }

    /// Id of the chain.
    pub fn id(&self) -> &str {
        &self.head.id
    }

    /// Number that enters every owner id.
    pub fn network_id(&self) -> u32 {
        self.head.network_id
    }

    /// An institution as people write it: `issuer`, or a bank's number or name.
    pub fn institution(&self, text: &str) -> Option<Institution> {
        if text == "issuer" {
            return Some(Institution::Issuer);
        }
        let number = text.parse().ok().map(BankId);
        let is = |(bank, name): &&(BankId, String)| Some(*bank) == number || name == text;
        self.banks.iter().find(is).map(|(bank, _)| Institution::Bank(*bank))
    }

    /// Whether an institution takes part.
    pub fn has(&self, institution: Institution) -> bool {
        match institution {
            Institution::Issuer => true,
            Institution::Bank(number) => self.banks.iter().any(|(bank, _)| *bank == number),
        }
    }
}

fn read_root_key(reader: &mut Reader<'_>, root: &Section<'_>, live: bool) -> Option<String> {
    let issuer = reader.optional_section(root, "issuer", "[issuer]", &["root_key"])?;
    let value = issuer.optional("root_key")?;
    Keys::new(live, SS58_PREFIX).root_key(reader, value)?;
    value.get_ref().as_str().map(str::to_owned)
}

/// A section of a TOML text, written anew.
fn section_text(text: &str, name: &str) -> Option<String> {
    let section = text.parse::<toml::Table>().ok()?.remove(name)?;
    toml::to_string(&toml::Table::from_iter([(name.to_owned(), section)])).ok()
}

fn read_banks(reader: &mut Reader<'_>, root: &Section<'_>) -> Vec<(BankId, String)> {
    let mut banks: Vec<(BankId, String)> = Vec::new();
    for section in reader.sections(root, "bank", "[[bank]]", &["number", "name"]) {
        let field = reader.required(&section, "number");
        let number = field.and_then(|value| reader.integer32(value, 0)).map(BankId);
        let name = reader.required(&section, "name");
        let text = name.and_then(|value| reader.name(value, MAX_NAME));
        let (Some(number), Some(name), Some(text)) = (number, name, text) else { continue };
        if banks.len() >= MAX_BANKS as usize {
            reader.report(&section.span, format!("a network has at most {MAX_BANKS} banks; remove some"));
        } else if banks.iter().any(|(bank, _)| *bank == number) {
            reader.report(
                &section.span,
                format!("bank {number} is already in this plan; every bank has a number of its own"),
            );
        } else if text == "issuer" || text.parse::<u32>().is_ok() || banks.iter().any(|(_, other)| other == text) {
            reader.report(&name.span(), "this name stands for somebody else: a number, the issuer or another bank");
        } else {
            banks.push((number, text.to_owned()));
        }
    }
    banks.sort();
    banks
}
