//! Judges of what the commands make, beside [`crate::openssl`]: GnuTLS, Python's cryptography, and
//! rustls-webpki. Each answers with an error that says why; whoever asks must see it say no, too.

use crate::ran::Ran;
use crate::world::World;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::path::Path;

/// Somebody else's implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// GnuTLS, by its `certtool`.
    Gnutls,
    /// cryptography of Python.
    Python,
    /// The library alone, without what is asked of it in the product. It judges chains only.
    Webpki,
}

impl Judge {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gnutls, Self::Python, Self::Webpki];

    /// Whether the machine has it; says what is left out when not.
    pub fn is_here(self, world: &World, what: &str) -> bool {
        match self {
            Self::Gnutls => crate::has_programs(&format!("{what}, judged by GnuTLS"), &["certtool"]),
            Self::Python => {
                // Older ones do not verify chains.
                let here = world.python("from cryptography.x509 import verification", &[]).code == Some(0);
                if !here {
                    crate::left_out(
                        &format!("{what}, judged by Python"),
                        "cryptography 42 or later is not installed",
                    );
                }
                here
            }
            Self::Webpki => true,
        }
    }

    /// Whether it verifies the self-signature of a request and finds a DNS name in it.
    ///
    /// # Errors
    /// What it said, when not.
    pub fn request(self, world: &World, request: &Path, name: &str) -> Result<(), String> {
        match self {
            Self::Gnutls => {
                let said = done(world.run("certtool", ["--crq-info", "--infile", shown(request)]))?;
                let wanted = ["Self signature: verified", &format!("DNSname: {name}\n")];
                if wanted.iter().all(|part| said.contains(part)) { Ok(()) } else { Err(said) }
            }
            Self::Python => done(world.python(REQUEST, &[shown(request), name])).map(drop),
            Self::Webpki => Ok(()),
        }
    }

    /// Opens a sealed key and gives its public half, PEM. `None` from a judge that has no keys.
    ///
    /// # Errors
    /// What it said, when it did not open.
    pub fn open(self, world: &World, key: &Path, passphrase: &str) -> Result<Option<String>, String> {
        let said = match self {
            Self::Gnutls => {
                let words = ["--load-privkey", shown(key), "--password", passphrase, "--pubkey-info"];
                done(world.run("certtool", words))?
            }
            Self::Python => done(world.python(OPEN, &[shown(key), passphrase]))?,
            Self::Webpki => return Ok(None),
        };
        let begin = said.find("-----BEGIN PUBLIC KEY-----").ok_or_else(|| said.clone())?;
        Ok(Some(said[begin..].trim_end().to_owned() + "\n"))
    }

    /// Whether a chain (end entity first) is a TLS server's of this name, under this root.
    ///
    /// # Errors
    /// What it said, when not.
    pub fn chain(self, world: &World, root: &Path, chain: &Path, name: &str) -> Result<(), String> {
        match self {
            Self::Gnutls => {
                let asked = ["--verify-hostname", name, "--verify-purpose", "1.3.6.1.5.5.7.3.1"];
                let words = ["--verify", "--verify-profile", "medium", "--load-ca-certificate", shown(root)];
                let chain = ["--infile", shown(chain)];
                done(world.run("certtool", [&words[..], &asked, &chain].concat())).map(drop)
            }
            Self::Python => done(world.python(CHAIN, &[shown(root), shown(chain), name])).map(drop),
            Self::Webpki => webpki_chain(root, chain, name).map_err(|error| error.to_string()),
        }
    }
}

const REQUEST: &str = "
import sys
from cryptography import x509
csr = x509.load_pem_x509_csr(open(sys.argv[1], 'rb').read())
assert csr.is_signature_valid, 'the signature'
san = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
assert sys.argv[2] in san.get_values_for_type(x509.DNSName), san
";

const OPEN: &str = "
import sys
from cryptography.hazmat.primitives import serialization as s
key = s.load_pem_private_key(open(sys.argv[1], 'rb').read(), sys.argv[2].encode())
print(key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode())
";

const CHAIN: &str = "
import sys
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store
root, chain = [x509.load_pem_x509_certificates(open(path, 'rb').read()) for path in sys.argv[1:3]]
verifier = PolicyBuilder().store(Store(root)).build_server_verifier(x509.DNSName(sys.argv[3]))
verifier.verify(chain[0], chain[1:])
";

fn webpki_chain(root: &Path, chain: &Path, name: &str) -> Result<(), webpki::Error> {
    let read = |path: &Path| -> Vec<CertificateDer<'static>> {
        let certificates = CertificateDer::pem_file_iter(path).unwrap();
        certificates.collect::<Result<_, _>>().unwrap()
    };
    let (roots, chain) = (read(root), read(chain));
    let anchors = [webpki::anchor_from_trusted_cert(&roots[0])?];
    let end_entity = webpki::EndEntityCert::try_from(&chain[0])?;
    let usage = webpki::KeyUsage::server_auth();
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    end_entity.verify_for_usage(algorithms, &anchors, &chain[1..], UnixTime::now(), usage, None, None)?;
    end_entity.verify_is_valid_for_subject_name(&ServerName::try_from(name).unwrap())
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn done(ran: Ran) -> Result<String, String> {
    if ran.code == Some(0) { Ok(ran.stdout) } else { Err(ran.to_string()) }
}
