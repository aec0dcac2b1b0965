//! TLS in process: versions 1.2 and 1.3. In: a certificate chain and its key as PEM files, and connections. Out:
//! encrypted streams. The files are read again on request; when they are not sound the last sound ones stay.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::limits::HTTP_HANDSHAKE_SECONDS;

/// A certificate with its key.
#[derive(Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads a certificate chain, the server's own first, and the key that belongs to it.
    ///
    /// # Errors
    /// One message, when a file cannot be read, is no PEM, or the two do not belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>, String> {
        let config = RwLock::new(read(certificate, key)?);
        Ok(Arc::new(Self { certificate: certificate.to_owned(), key: key.to_owned(), config }))
    }

    /// Reads the files again. Connections that are open keep what they have.
    pub fn reload(&self) {
        match read(&self.certificate, &self.key) {
            Ok(config) => {
                *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
                tracing::info!(certificate = %self.certificate.display(), "certificate loaded");
            }
            Err(trouble) => tracing::error!(trouble, "certificate not loaded: the last sound one is used"),
        }
    }

    /// Shakes hands with a client that has just connected.
    ///
    /// # Errors
    /// When the client speaks no TLS that is taken here, goes away, or takes too long.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner).clone();
        let deadline = Duration::from_secs(HTTP_HANDSHAKE_SECONDS);
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the client does not finish its handshake");
        tokio::time::timeout(deadline, TlsAcceptor::from(config).accept(stream)).await.map_err(late)?
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let place = certificate.display();
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|e| pem_fault(certificate, "certificate", &e))?;
    if chain.is_empty() {
        return Err(format!("{place}: there is no certificate in it; it must be PEM"));
    }
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|e| pem_fault(key, "key", &e))?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, key_der);
    let mut config = config
        .map_err(|e| format!("{place} with {}: {e}; is it the key of this certificate?", key.display()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// What is wrong with a file; nothing of a key's text is repeated.
fn pem_fault(path: &Path, kind: &str, error: &PemError) -> String {
    let place = path.display();
    match error {
        PemError::Io(error) => format!("{place}: {error}"),
        PemError::NoItemsFound => format!("{place}: there is no {kind} in it; it must be PEM"),
        _ => format!("{place}: is no sound PEM file of a {kind}"),
    }
}
