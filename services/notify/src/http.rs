//! Requests over HTTP/1.1, with TLS where the address says `https`.

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    body::Bytes,
    header::{CONTENT_TYPE, HOST, RETRY_AFTER},
    Method, Request, Uri,
};
use hyper_util::rt::TokioIo;
use std::{fmt, net::IpAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    rustls::{
        crypto::ring,
        pki_types::{pem::PemObject, CertificateDer, ServerName},
        ClientConfig, RootCertStore,
    },
    TlsConnector,
};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Not an address that can be asked.
    #[error("'{0}' is no address of the form https://host:port/path")]
    Url(String),
    /// The certificates that are trusted cannot be had.
    #[error("trusted certificates: {0}")]
    Roots(String),
    /// No connection, or it broke.
    #[error("no answer: {0}")]
    Connection(String),
    /// Nothing came in time.
    #[error("no answer in {} s", .0.as_secs())]
    Timeout(Duration),
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Seconds to wait before the next request, if it says so.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Bytes,
}

/// Where requests go.
#[derive(Clone)]
pub struct Peer {
    url: String,
    host: String,
    port: u16,
    authority: String,
    path: String,
    tls: Option<TlsConnector>,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl Peer {
    /// The peer at a URL. With `https` its certificate must lead to one in the file, or to one that the system trusts.
    pub fn new(url: &str, roots: Option<&Path>) -> Result<Self, HttpError> {
        let bad = || HttpError::Url(url.into());
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let usual = match uri.scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            _ => return Err(bad()),
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(bad)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(bad());
        }
        let tls = match usual {
            443 => Some(connector(roots)?),
            _ => None,
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let (port, authority) = (authority.port_u16().unwrap_or(usual), authority.to_string());
        Ok(Self { url: url.into(), host, port, authority, path, tls })
    }

    /// Whether nobody else can read what goes there: it is encrypted, or stays on this machine.
    pub fn is_private(&self) -> bool {
        let local = self.host.parse::<IpAddr>().map_or(self.host == "localhost", |address| address.is_loopback());
        self.tls.is_some() || local
    }

    /// Posts JSON and reads the answer, of at most `most` bytes; of none if that is zero, whatever the answer's length.
    /// What the peer redirects to is not followed.
    pub async fn post(
        &self,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
        most: usize,
        patience: Duration,
    ) -> Result<Answer, HttpError> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&self.path)
            .header(HOST, &self.authority)
            .header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|_| HttpError::Url(self.url.clone()))?;
        timeout(patience, self.send(request, most)).await.map_err(|_| HttpError::Timeout(patience))?
    }

    async fn send(&self, request: Request<Full<Bytes>>, most: usize) -> Result<Answer, HttpError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(broken)?;
        match &self.tls {
            None => exchange(stream, request, most).await,
            Some(tls) => {
                let name = ServerName::try_from(self.host.clone()).map_err(|_| HttpError::Url(self.url.clone()))?;
                exchange(tls.connect(name, stream).await.map_err(broken)?, request, most).await
            },
        }
    }
}

fn broken(error: impl fmt::Display) -> HttpError {
    HttpError::Connection(error.to_string())
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>, most: usize) -> Result<Answer, HttpError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Ends with the sender; its errors reach the sender as well.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(broken)?;
    let status = answer.status().as_u16();
    let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let body = match most {
        0 => Bytes::new(),
        most => Limited::new(answer.into_body(), most).collect().await.map_err(broken)?.to_bytes(),
    };
    Ok(Answer { status, retry_after, body })
}

fn connector(roots: Option<&Path>) -> Result<TlsConnector, HttpError> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(path) => {
            let bad = |error: &dyn fmt::Display| HttpError::Roots(format!("{}: {error}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(&error))? {
                store.add(certificate.map_err(|error| bad(&error))?).map_err(|error| bad(&error))?;
            }
            if store.is_empty() {
                return Err(bad(&"there is none in it"));
            }
        },
        None => {
            // Systems have certificates that nobody can read; the others are good.
            let found = rustls_native_certs::load_native_certs();
            if store.add_parsable_certificates(found.certs).0 == 0 {
                return Err(HttpError::Roots("the system has none: name a file".into()));
            }
        },
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::Roots(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate that nobody trusts, from an authority made for tests.
    const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUXL3Aur/9e1LTUvHMBkXpTTTbiCAwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjEyMzAzNTlaGA8yMTI2MTAyODIzMDM1
OVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBEQ
TqLAF+Xj0kStDktJXj3kN/T3cbkv4XjvJSkxnp/95eu+Mehj/1UhFHrxYpu0LKeR
Kw4/5/TK7YK9jQdnQ4ijUzBRMB0GA1UdDgQWBBSl7sSVIist/6hjZjKXFSGODOG1
5TAfBgNVHSMEGDAWgBSl7sSVIist/6hjZjKXFSGODOG15TAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIQCAz/HaxicnkpSY7r6bavRS8kXjoIkfK8au
V3sVc1p/FgIgFeOjjX8Hbfo8UQ1f2fMkE5anTzi3m4mvOkV2HGKde0Q=
-----END CERTIFICATE-----
";

    #[test]
    fn addresses_are_read_whole() {
        let peer = Peer::new("http://127.0.0.1:8080/a/b?c=d", None).unwrap();
        assert_eq!((peer.host.as_str(), peer.port, peer.path.as_str()), ("127.0.0.1", 8080, "/a/b?c=d"));
        assert_eq!(
            (peer.authority.as_str(), peer.to_string().as_str()),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/a/b?c=d")
        );
        let peer = Peer::new("http://[::1]", None).unwrap();
        assert_eq!((peer.host.as_str(), peer.port, peer.path.as_str()), ("::1", 80, "/"));
        for bad in
            ["", "bank.example", "ftp://bank.example", "ws://127.0.0.1:9944", "http://user@bank.example", "http://"]
        {
            assert!(matches!(Peer::new(bad, None), Err(HttpError::Url(_))), "{bad}");
        }
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, AUTHORITY).unwrap();
        let private = |url: &str| Peer::new(url, Some(&file)).unwrap().is_private();
        assert!(
            private("https://bank.example/notices") && private("http://localhost:1") && private("http://127.0.0.9")
        );
        assert!(private("http://[::1]:7"));
        assert!(!private("http://bank.example") && !private("http://10.0.0.1") && !private("http://localhost.example"));
    }

    #[test]
    fn fails_without_certificates_to_trust() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let failed = |content: &str| {
            std::fs::write(&file, content).unwrap();
            matches!(Peer::new("https://bank.example", Some(&file)), Err(HttpError::Roots(_)))
        };
        assert!(failed("") && failed("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
        assert!(!failed(AUTHORITY));
        assert!(matches!(Peer::new("https://bank.example", Some(&folder.path().join("x"))), Err(HttpError::Roots(_))));
    }
}
