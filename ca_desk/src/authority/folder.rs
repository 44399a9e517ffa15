//! The authority's folder: two sealed keys and two certificates, made in one step, never changed.
//!
//! ```text
//! DIR/                0700
//!   root.key          0600  ENCRYPTED PRIVATE KEY, PEM; not needed for signing requests
//!   root.pem          0644  CERTIFICATE, PEM: the trust anchor
//!   intermediate.key  0600  ENCRYPTED PRIVATE KEY, PEM
//!   intermediate.pem  0644  CERTIFICATE, PEM
//! ```

use super::{Authority, AuthorityError, Founded};
use cli::{FileError, OutputDirectory, OutputFile};
use common::Timestamp;
use pki::pem::{self, Block, PemError};
use pki::{Certificate, CertificateError, KeyAlgorithm, OpenError, Passphrase, SealError, SealedKey};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

const ROOT_KEY: &str = "root.key";
const ROOT: &str = "root.pem";
const INTERMEDIATE_KEY: &str = "intermediate.key";
const INTERMEDIATE: &str = "intermediate.pem";
/// The largest file of the folder that is read.
const MAX_BYTES: u64 = 64 * 1024;
const FILES: [&str; 4] = [ROOT_KEY, ROOT, INTERMEDIATE_KEY, INTERMEDIATE];

/// The folder an authority lives in.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder at this path; nothing is touched until it is read or written.
    pub(crate) fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Whether an authority is there: all of it, or nothing at all.
    ///
    /// # Errors
    /// [`FolderError::Interrupted`], [`FolderError::Incomplete`], [`FolderError::Foreign`],
    /// [`FolderError::File`].
    pub(crate) fn exists(&self) -> Result<bool, FolderError> {
        let nursery = self.nursery();
        if nursery.symlink_metadata().is_ok() {
            return Err(FolderError::Interrupted { nursery });
        }
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(FileError::at("open", &self.path)(error).into()),
        };
        let path = || self.path.clone();
        let missing: Vec<_> = FILES.into_iter().filter(|name| !self.path.join(name).exists()).collect();
        match (missing.len(), entries.count()) {
            (0, _) => Ok(true),
            (4, 0) => Ok(false),
            (4, _) => Err(FolderError::Foreign { path: path() }),
            _ => Err(FolderError::Incomplete { path: path(), missing }),
        }
    }

    /// Opens the authority with its passphrase.
    ///
    /// # Errors
    /// [`FolderError::Open`] when the passphrase is wrong, and others
    /// when a file is not what was written.
    pub(crate) fn open(&self, passphrase: &Passphrase) -> Result<Authority, FolderError> {
        let root = self.certificate(ROOT)?;
        let intermediate = self.certificate(INTERMEDIATE)?;
        if intermediate.verify_signed_by(root.spki()).is_err() {
            return Err(FolderError::NotOneFamily { path: self.path.clone() });
        }
        let path = self.path.join(INTERMEDIATE_KEY);
        let sealed = SealedKey::from_pem(&read(&path)?)
            .map_err(|source| FolderError::SealedKey { path: path.clone(), source })?;
        let key = sealed
            .open(passphrase, intermediate.spki())
            .map_err(|source| FolderError::Open { path, source })?;
        Ok(Authority { root, intermediate, key })
    }

    /// Founds an authority here, in one step: the folder appears complete, or not at all.
    ///
    /// # Errors
    /// [`FolderError`].
    pub(crate) fn found(
        &self,
        algorithm: KeyAlgorithm,
        passphrase: &Passphrase,
        now: Timestamp,
    ) -> Result<Authority, FolderError> {
        let Founded { root_key, authority } = Founded::new(algorithm, now)?;
        let contents = [
            (ROOT_KEY, 0o600, SealedKey::seal(&root_key, passphrase)?.to_pem()),
            (ROOT, 0o644, authority.root.to_pem()),
            (INTERMEDIATE_KEY, 0o600, SealedKey::seal(&authority.key, passphrase)?.to_pem()),
            (INTERMEDIATE, 0o644, authority.intermediate.to_pem()),
        ];
        let nursery = self.make_nursery()?;
        match self.fill_and_rename(&nursery, &contents) {
            Ok(()) => Ok(authority),
            Err(error) => {
                for name in FILES {
                    let _ = fs::remove_file(nursery.join(name));
                }
                let _ = fs::remove_dir(&nursery);
                Err(error)
            }
        }
    }

    fn make_nursery(&self) -> Result<PathBuf, FolderError> {
        let parent = self.parent();
        fs::create_dir_all(parent).map_err(FileError::at("create", parent))?;
        let nursery = self.nursery();
        match DirBuilder::new().mode(0o700).create(&nursery) {
            Ok(()) => Ok(nursery),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(FolderError::Interrupted { nursery })
            }
            Err(error) => Err(FileError::at("create", &nursery)(error).into()),
        }
    }

    fn fill_and_rename(&self, nursery: &Path, contents: &[(&str, u32, String)]) -> Result<(), FolderError> {
        let files: Vec<_> = contents
            .iter()
            .map(|(name, mode, text)| OutputFile { name, contents: text.as_bytes(), mode: *mode })
            .collect();
        OutputDirectory::open(nursery)?.replace(&files)?;
        // Replaces nothing but an empty directory.
        fs::rename(nursery, &self.path).map_err(FileError::at("create", &self.path))?;
        Ok(OutputDirectory::open(self.parent())?.sync()?)
    }

    /// Where the folder is filled before it gets its name: beside it, one fixed name, so that
    /// what an interrupted run left is found and two runs at once do not both found a CA.
    fn nursery(&self) -> PathBuf {
        let mut name = std::ffi::OsString::from(".");
        name.push(self.path.file_name().unwrap_or_default());
        name.push(".new");
        self.parent().join(name)
    }

    fn parent(&self) -> &Path {
        self.path.parent().filter(|parent| *parent != "").unwrap_or(Path::new("."))
    }

    fn certificate(&self, name: &str) -> Result<Certificate, FolderError> {
        let path = self.path.join(name);
        let blocks =
            pem::blocks(&read(&path)?).map_err(|source| FolderError::Pem { path: path.clone(), source })?;
        match blocks.as_slice() {
            [Block::Certificate(der)] => {
                Certificate::from_der(der).map_err(|source| FolderError::Certificate { path, source })
            }
            _ => Err(FolderError::NotOneCertificate { path }),
        }
    }
}

/// Reads a file of the folder, which has a few kB.
fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(FileError::at("open", path))?;
    let mut bytes = vec![];
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(FileError::at("read", path))?;
    if bytes.len() as u64 > MAX_BYTES {
        let too_large = io::Error::new(io::ErrorKind::FileTooLarge, "over the limit of 65536 bytes");
        return Err(FileError::at("read", path)(too_large));
    }
    Ok(bytes)
}

/// Why the authority's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// The folder was being made when a run stopped, or is being made right now.
    #[error("this CA was being created and is not complete: {} is still there", nursery.display())]
    Interrupted {
        /// What is left.
        nursery: PathBuf,
    },
    /// Some of its files are gone.
    #[error("the CA directory {} lacks {}", path.display(), missing.join(", "))]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// Names of the files that are missing.
        missing: Vec<&'static str>,
    },
    /// The folder holds something else.
    #[error("{} is not empty and holds no CA", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// A file operation.
    #[error(transparent)]
    File(#[from] FileError),
    /// Not readable as PEM.
    #[error("cannot read the certificate in {}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: PemError,
    },
    /// Something else than one certificate.
    #[error("{} does not hold exactly one certificate", path.display())]
    NotOneCertificate {
        /// The file.
        path: PathBuf,
    },
    /// Not a certificate.
    #[error("cannot read the certificate in {}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: CertificateError,
    },
    /// The two certificates do not belong together.
    #[error("the intermediate in {} is not signed by the root beside it", path.display())]
    NotOneFamily {
        /// The folder.
        path: PathBuf,
    },
    /// Not a sealed key.
    #[error("cannot read the sealed key {}", path.display())]
    SealedKey {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: SealError,
    },
    /// A key cannot be sealed.
    #[error("cannot seal the CA's keys")]
    Seal(#[from] SealError),
    /// The sealed key does not open.
    #[error("cannot open the sealed key {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: OpenError,
    },
    /// The authority itself.
    #[error("cannot create the CA")]
    Authority(#[from] AuthorityError),
}
