//! Certificates that vouch for themselves.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// A certificate with its key, in a folder of its own.
pub(crate) struct Certificate {
    folder: TempDir,
}

impl Certificate {
    /// For a name like `DNS:localhost`.
    pub(crate) fn of(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
                     -subj /CN=relay -addext basicConstraints=critical,CA:FALSE \
                     -keyout key.pem -out certificate.pem";
        let made = Command::new("openssl")
            .args(words.split_whitespace())
            .args(["-addext", &format!("subjectAltName={name}")])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        Self { folder }
    }

    /// Its file, for those who trust it.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// A server that presents it.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        chassis::start::install_tls_provider();
        let chain = vec![CertificateDer::from_pem_file(self.file()).unwrap()];
        let key = PrivateKeyDer::from_pem_file(self.folder.path().join("key.pem")).unwrap();
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}
