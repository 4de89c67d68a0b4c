//! The certificate authority of one cluster.

use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use crate::Error;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A CA (ECDSA P-256) that vouches for one cluster's certificates.
///
/// Clients trust it through [`ca_file`](Self::ca_file). Its key never shows in `Debug`, and reaches the disk only when
/// the data directory is kept, readable by its owner alone.
#[derive(Clone)]
pub struct Authority(Arc<Inner>);

struct Inner {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    /// The server's key. One for all its certificates: they differ in the name only.
    server: KeyPair,
    ca_file: PathBuf,
}

impl Authority {
    /// A new CA, whose certificate is written to `ca.pem` in the folder. Its key stays in memory.
    ///
    /// # Errors
    /// [`Error::Certificate`] or [`Error::Io`] when it cannot be made or written.
    pub fn ephemeral(folder: &Path) -> Result<Self, Error> {
        let key =
            KeyPair::generate().map_err(failed("making the key of a certificate authority"))?;
        Self::make(folder, key)
    }

    /// The CA of a kept data directory: read from `ca.pem` and `ca.key` in the folder, which are made if absent, so
    /// that clients which trust it go on trusting it.
    ///
    /// # Errors
    /// [`Error::Certificate`] or [`Error::Io`] when it cannot be made, written or read.
    pub fn kept(folder: &Path) -> Result<Self, Error> {
        let (ca_file, key_file) = (folder.join("ca.pem"), folder.join("ca.key"));
        if ca_file.exists() && key_file.exists() {
            let io = |path: &Path| {
                Error::io({
                    let path = path.to_owned();
                    move || format!("reading {path:?}")
                })
            };
            let unreadable = |path: &Path| {
                let action = format!(
                    "reading {path:?} (remove ca.pem and ca.key to have new ones made; clients must then trust the \
                     new ca.pem)"
                );
                move |reason: String| Error::Certificate { action, reason }
            };
            let key = fs::read_to_string(&key_file).map_err(io(&key_file))?;
            let key = KeyPair::from_pem(&key)
                .map_err(|error| unreadable(&key_file)(error.to_string()))?;
            let pem = fs::read(&ca_file).map_err(io(&ca_file))?;
            let certificate = CertificateDer::from_pem_slice(&pem)
                .map_err(|error| unreadable(&ca_file)(error.to_string()))?;
            return Self::with(ca_file, key, certificate);
        }
        let key =
            KeyPair::generate().map_err(failed("making the key of a certificate authority"))?;
        let action = || format!("writing {key_file:?}");
        let mut file = fs::File::options()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&key_file)
            .map_err(Error::io(action))?;
        file.write_all(key.serialize_pem().as_bytes())
            .map_err(Error::io(action))?;
        Self::make(folder, key)
    }

    fn make(folder: &Path, key: KeyPair) -> Result<Self, Error> {
        let certificate = ca_params()
            .self_signed(&key)
            .map_err(failed("signing the certificate of a certificate authority"))?;
        let ca_file = folder.join("ca.pem");
        let action = || format!("writing {ca_file:?}");
        fs::write(&ca_file, certificate.pem()).map_err(Error::io(action))?;
        fs::set_permissions(&ca_file, fs::Permissions::from_mode(0o644))
            .map_err(Error::io(action))?;
        let certificate = certificate.der().clone();
        Self::with(ca_file, key, certificate)
    }

    fn with(
        ca_file: PathBuf,
        key: KeyPair,
        certificate: CertificateDer<'static>,
    ) -> Result<Self, Error> {
        let server = KeyPair::generate().map_err(failed("making the key of the TLS server"))?;
        let issuer = Issuer::new(ca_params(), key);
        Ok(Authority(Arc::new(Inner {
            issuer,
            certificate,
            server,
            ca_file,
        })))
    }

    /// The CA's certificate in PEM, readable by every user: what clients give as `sslrootcert`.
    #[must_use]
    pub fn ca_file(&self) -> &Path {
        &self.0.ca_file
    }

    /// A certificate for these names with its key, as rustls presents it.
    pub(super) fn certify(&self, names: &[String]) -> Result<CertifiedKey, Error> {
        let certificate = self.sign(names)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.0.server.serialize_der()));
        let key = rustls::crypto::ring::sign::any_ecdsa_type(&key).map_err(|error| {
            Error::Certificate {
                action: "loading the key of the TLS server".into(),
                reason: error.to_string(),
            }
        })?;
        Ok(CertifiedKey::new(
            vec![certificate.der().clone(), self.0.certificate.clone()],
            key,
        ))
    }

    fn sign(&self, names: &[String]) -> Result<rcgen::Certificate, Error> {
        let signing = || format!("signing a certificate for {}", names.join(", "));
        let mut params = CertificateParams::new(names).map_err(failed(signing()))?;
        // No common name: it is limited to 64 characters, and no client looks at it where there are subject names.
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::OrganizationName, ORGANIZATION);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // A day back, for clients whose clock is behind.
        let now = SystemTime::now();
        params.not_before = (now - DAY).into();
        params.not_after = (now + 365 * DAY).into();
        params
            .signed_by(&self.0.server, &self.0.issuer)
            .map_err(failed(signing()))
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("ca_file", &self.0.ca_file)
            .finish_non_exhaustive()
    }
}

const ORGANIZATION: &str = "dsql local";

/// What the CA's certificate says. The issuer of a kept CA is rebuilt from this, so the name must never change.
fn ca_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, ORGANIZATION);
    params
        .distinguished_name
        .push(DnType::CommonName, "dsql local certificate authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + 3650 * DAY).into();
    params
}

fn failed(action: impl Into<String>) -> impl FnOnce(rcgen::Error) -> Error {
    let action = action.into();
    move |error| Error::Certificate {
        action,
        reason: error.to_string(),
    }
}
