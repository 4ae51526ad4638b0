//! Several documents that are checked together: each is looked up a chain to the trusted root, and a digest among them
//! says what is revoked.

use super::{at, CoinProof, NotProven, Trust};
use specie_certificates::{
    verify_batch, verify_chain, Accepted, BatchCertificate, Certificate, Digest, Document as _, Fault, KeyId, Kind,
    NoneRevoked, Revocations, Root, Signed, BATCH_LEN, CERTIFICATE_MAX_LEN,
};

/// Length of a certificate of any key but one of P-256.
const CERTIFICATE_MIN_LEN: usize = CERTIFICATE_MAX_LEN - 1;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// A certificate.
    Certificate(Certificate),
    /// The certificate of a batch.
    Batch(BatchCertificate),
    /// A signed revocation digest.
    Digest(Signed<Digest>),
    /// A coin with its certificates.
    Coin(CoinProof),
}

/// Reads a file. A fault is that of the kind whose length it has.
pub fn read(bytes: &[u8]) -> Result<Document, Fault> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return serde_json::from_slice(bytes).map(Document::Coin).map_err(|_| Fault::Truncated);
    }
    // A short digest may be as long as something else, whose fields take any value. The other way round the digest's code
    // decides: it has one encoding, and fills its length exactly.
    Signed::decode(bytes).map(Document::Digest).or_else(|fault| match bytes.len() {
        BATCH_LEN => BatchCertificate::decode(bytes).map(Document::Batch),
        CERTIFICATE_MIN_LEN..=CERTIFICATE_MAX_LEN => Certificate::decode(bytes).map(Document::Certificate),
        _ => Err(fault),
    })
}

/// What came of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it is, in words.
    pub what: String,
    /// Why it does not hold, if it does not.
    pub refused: Option<NotProven>,
}

/// Documents that are checked together.
#[derive(Debug)]
pub struct Bench<'a> {
    trust: &'a Trust,
    now: u64,
    documents: &'a [Document],
    digest: Option<Accepted<Digest>>,
}

impl<'a> Bench<'a> {
    /// Checks at a time in seconds since 1970. The newest digest that holds says what is revoked, found as by a device that
    /// gets them in their order: none follows one that revokes the key which signed it.
    pub fn new(documents: &'a [Document], trust: &'a Trust, now: u64) -> Self {
        let mut bench = Self { trust, now, documents, digest: None };
        let digests = documents.iter().filter_map(|document| match document {
            Document::Digest(digest) => Some((bench.accept(digest, None).ok()?.standing(), digest)),
            _ => None,
        });
        let mut digests: Vec<_> = digests.collect();
        digests.sort_by_key(|(standing, _)| *standing);
        for (_, digest) in digests {
            let newer = bench.accept(digest, bench.digest.as_ref());
            if let Ok(newer) = newer {
                bench.digest = Some(newer);
            }
        }
        bench
    }

    /// The digest that says what is revoked, if there is one.
    pub fn digest(&self) -> Option<&Accepted<Digest>> {
        self.digest.as_ref()
    }

    /// A verdict for each document, in their order.
    pub fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |document: &Document| Verdict { what: describe(document), refused: self.check(document).err() };
        self.documents.iter().map(verdict).collect()
    }

    fn revocations(&self) -> &dyn Revocations {
        self.digest.as_ref().map_or(&NoneRevoked, |digest| digest)
    }

    /// The newest certificate of a kind whose key has this id.
    fn find(&self, kind: Kind, id: KeyId) -> Option<&Certificate> {
        let certificates = self.documents.iter().filter_map(|document| match document {
            Document::Certificate(certificate) => Some(certificate),
            _ => None,
        });
        let is_it = |one: &&Certificate| one.body().kind == kind && one.body().subject.id() == id;
        certificates.filter(is_it).max_by_key(|one| one.body().serial)
    }

    fn root(&self) -> Result<Root, NotProven> {
        let certificate = self.find(Kind::Root, self.trust.root.id()).ok_or(NotProven::RootMissing)?;
        self.trust.pin(*certificate).map_err(at(0))
    }

    /// The certificate of the key that signed a digest.
    fn registry(&self, digest: &Signed<Digest>) -> Result<&Certificate, NotProven> {
        self.find(Kind::Registry, digest.document.edition().issuer).ok_or(NotProven::IssuerMissing)
    }

    fn accept(&self, digest: &Signed<Digest>, held: Option<&Accepted<Digest>>) -> Result<Accepted<Digest>, NotProven> {
        let registry = self.registry(digest)?;
        Ok(digest.clone().verify(&self.root()?, registry, held)?)
    }

    /// A digest is judged by the newest one, which may be itself: whoever stole a registry key signs what it likes.
    fn check_digest(&self, digest: &Signed<Digest>) -> Result<(), NotProven> {
        let signed_at = self.accept(digest, None)?.edition().issued_at;
        let registry = core::slice::from_ref(self.registry(digest)?);
        verify_chain(&self.root()?, registry, signed_at.into(), self.revocations())?;
        Ok(())
    }

    fn check(&self, document: &Document) -> Result<(), NotProven> {
        match document {
            Document::Coin(proof) => proof.verify(self.trust, self.now, self.revocations()).map(drop),
            Document::Digest(digest) => self.check_digest(digest),
            Document::Batch(batch) => {
                let issuing = self.find(Kind::Issuing, batch.batch().issuer).ok_or(NotProven::IssuerMissing)?;
                verify_batch(&self.root()?, issuing, batch, self.now, self.revocations())?;
                Ok(())
            },
            Document::Certificate(certificate) => self.check_certificate(certificate),
        }
    }

    fn check_certificate(&self, certificate: &Certificate) -> Result<(), NotProven> {
        let body = certificate.body();
        if body.kind == Kind::Root {
            let root = self.trust.pin(*certificate).map_err(at(0))?;
            return root.body().check_time(self.now).map_err(at(0));
        }
        let root = self.root()?;
        let chain = match body.kind.issuer() {
            Kind::Root => vec![*certificate],
            above => vec![*self.find(above, body.issuer).ok_or(NotProven::IssuerMissing)?, *certificate],
        };
        verify_chain(&root, &chain, self.now, self.revocations())?;
        Ok(())
    }
}

/// What a document is, in words.
fn describe(document: &Document) -> String {
    match document {
        Document::Certificate(certificate) => {
            let body = certificate.body();
            let bank = match body.kind {
                Kind::Bank | Kind::Owner | Kind::Device => format!(" of bank {}", body.bank.0),
                _ => String::new(),
            };
            format!("{} certificate{bank}, serial {}", format!("{:?}", body.kind).to_lowercase(), body.serial)
        },
        Document::Batch(certificate) => {
            let batch = certificate.batch();
            format!("batch {}: {} coins of {} minor units", batch.batch, batch.count, batch.denomination)
        },
        Document::Digest(digest) => {
            let number = digest.document.edition().number;
            format!("revocation digest {number}: {} entries", digest.document.count())
        },
        Document::Coin(proof) => format!("coin {}, serial {}", proof.coin, proof.serial),
    }
}
