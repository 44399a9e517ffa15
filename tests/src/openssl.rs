//! OpenSSL's command line as the independent certification authority and judge.

use crate::ran::Ran;
use crate::world::World;
use std::path::{Path, PathBuf};

/// A root and an intermediate (EC P-256) made with the `openssl` command line, which sign
/// whatever they are told to.
pub struct OpensslCa<'a> {
    world: &'a World,
    folder: PathBuf,
}

/// What an end entity is to say beside what its request says.
#[derive(Clone)]
pub struct Profile {
    /// Message digest: `sha256`, `sha1`, …
    pub digest: &'static str,
    /// First moment of validity, in days from now.
    pub from_days: i64,
    /// Last moment of validity, in days from now.
    pub to_days: i64,
    /// Lines of an extension section of openssl's configuration.
    pub extensions: String,
    /// Whether the SAN of the request is copied.
    pub copy_names: bool,
    /// `root` or `intermediate`.
    pub issuer: &'static str,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            digest: "sha256",
            from_days: -1,
            to_days: 90,
            extensions: "basicConstraints = critical,CA:FALSE\n\
                         keyUsage = critical,digitalSignature\n\
                         extendedKeyUsage = serverAuth\n\
                         authorityKeyIdentifier = keyid\n"
                .to_owned(),
            copy_names: true,
            issuer: "intermediate",
        }
    }
}

/// A signed end entity with the certificates above it, all PEM.
#[derive(Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Signed {
    pub end_entity: String,
    pub intermediate: String,
    pub root: String,
}

impl Signed {
    /// End entity first, intermediate after.
    pub fn chain(&self) -> String {
        format!("{}{}", self.end_entity, self.intermediate)
    }
}

/// What makes `openssl genpkey` a NIST P-256 key.
pub const P256: [&str; 4] = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

impl<'a> OpensslCa<'a> {
    /// The CA in `ca/` of a world, made when it is not there yet.
    pub fn in_world(world: &'a World) -> Self {
        Self::in_folder(world, "ca")
    }

    /// A CA in another folder of the world: a stranger.
    pub fn in_folder(world: &'a World, name: &str) -> Self {
        let ca = Self { world, folder: world.path(name) };
        if !ca.folder.join("intermediate.pem").exists() {
            ca.create(&P256);
        }
        ca
    }

    /// A CA in another folder whose intermediate has a key of its own kind (words of `openssl genpkey`).
    pub fn with_intermediate(world: &'a World, name: &str, key: &[&str]) -> Self {
        let ca = Self { world, folder: world.path(name) };
        ca.create(key);
        ca
    }

    fn create(&self, intermediate: &[&str]) {
        std::fs::create_dir_all(&self.folder).unwrap();
        let name = self.folder.file_name().unwrap().to_string_lossy().into_owned();
        for (role, issuer, path_len, days) in
            [("root", None, 1, "3660"), ("intermediate", Some("root"), 0, "3650")]
        {
            let key = self.file(&format!("{role}.key"));
            let kind = if role == "root" { &P256[..] } else { intermediate };
            self.openssl(&[&["genpkey", "-out", &key], kind].concat());
            let subject = format!("/O=OpenSSL {name}/CN=OpenSSL {name} {role}");
            let constraints = format!("basicConstraints=critical,CA:TRUE,pathlen:{path_len}");
            let certificate = self.file(&format!("{role}.pem"));
            let mut words = vec!["req", "-x509", "-new", "-key", &key, "-subj", &subject, "-days", days];
            words.extend(["-out", &certificate, "-addext", &constraints]);
            words.extend(["-addext", "keyUsage=critical,keyCertSign,cRLSign"]);
            let above = issuer
                .map(|issuer| (self.file(&format!("{issuer}.pem")), self.file(&format!("{issuer}.key"))));
            if let Some((certificate, key)) = &above {
                words.extend(["-CA", certificate, "-CAkey", key]);
            }
            self.openssl(&words);
        }
    }

    /// Signs a request the ordinary way.
    pub fn sign(&self, request: &Path) -> Signed {
        self.sign_as(request, &Profile::default())
    }

    /// Signs a request with everything somebody may get wrong.
    pub fn sign_as(&self, request: &Path, profile: &Profile) -> Signed {
        let copy = if profile.copy_names { "copy" } else { "none" };
        let config = format!(
            "[ca]\ndefault_ca = lab\n[lab]\nnew_certs_dir = {dir}\ndatabase = {dir}/index\nrand_serial = yes\n\
             unique_subject = no\npolicy = any\ncopy_extensions = {copy}\npreserve = yes\n\
             certificate = {dir}/{issuer}.pem\nprivate_key = {dir}/{issuer}.key\n\
             [any]\ncountryName = optional\nstateOrProvinceName = optional\nlocalityName = optional\n\
             organizationName = optional\norganizationalUnitName = optional\ncommonName = optional\n\
             emailAddress = optional\nserialNumber = optional\ndomainComponent = optional\n\
             [end_entity]\n{extensions}",
            dir = self.folder.display(),
            issuer = profile.issuer,
            extensions = profile.extensions,
        );
        let config = self.write("openssl.cnf", &config);
        self.write("index", "");
        let (from, to) = (asn1_time(profile.from_days), asn1_time(profile.to_days));
        let (request, out) = (request.display().to_string(), self.file("end_entity.pem"));
        self.openssl(&[
            "ca",
            "-config",
            &config,
            "-batch",
            "-notext",
            "-md",
            profile.digest,
            "-startdate",
            &from,
            "-enddate",
            &to,
            "-extensions",
            "end_entity",
            "-in",
            &request,
            "-out",
            &out,
        ]);
        Signed {
            end_entity: self.read("end_entity.pem"),
            intermediate: self.read("intermediate.pem"),
            root: self.read("root.pem"),
        }
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.folder.join(name), text).unwrap();
        self.file(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }

    fn openssl(&self, words: &[&str]) {
        openssl(self.world, words).ended(0);
    }
}

/// Runs the `openssl` command line.
pub fn openssl(world: &World, words: &[&str]) -> Ran {
    world.run("openssl", words)
}

/// `openssl req -verify -text` of a request: its text, after OpenSSL has accepted the signature.
/// OpenSSL 3.0 exits 0 on a bad signature, so what it says counts, not how it ends.
#[track_caller]
pub fn verified_request_text(world: &World, request: &Path) -> String {
    let run = openssl(world, &["req", "-verify", "-noout", "-text", "-in", &request.display().to_string()]);
    run.ended(0);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("verify OK") && !said.contains("failure"), "{run}");
    run.stdout
}

/// The public key of a request, PEM.
#[track_caller]
pub fn request_public_key(world: &World, request: &Path) -> String {
    openssl(world, &["req", "-noout", "-pubkey", "-in", &request.display().to_string()]).success()
}

/// The public key of the first certificate in a file, PEM.
#[track_caller]
pub fn certificate_public_key(world: &World, certificate: &Path) -> String {
    openssl(world, &["x509", "-noout", "-pubkey", "-in", &certificate.display().to_string()]).success()
}

/// The public key of a sealed key opened with a passphrase file, PEM.
#[track_caller]
pub fn sealed_key_public_key(world: &World, key: &Path, passphrase: &Path) -> String {
    let pass = format!("file:{}", passphrase.display());
    openssl(world, &["pkey", "-in", &key.display().to_string(), "-passin", &pass, "-pubout"]).success()
}

/// The serial number of the first certificate in a file, hex.
#[track_caller]
pub fn serial(world: &World, certificate: &Path) -> String {
    openssl(world, &["x509", "-noout", "-serial", "-in", &certificate.display().to_string()]).success()
}

/// `openssl verify` of a chain (end entity first) for a name, trusting a root.
#[track_caller]
pub fn verify_chain(world: &World, root: &Path, chain: &Path, name: &str) {
    let (root, chain) = (root.display().to_string(), chain.display().to_string());
    let words = ["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name, "-CAfile"];
    let run = openssl(world, &[&words[..], &[&root, "-untrusted", &chain, &chain]].concat());
    run.ended(0);
}

/// Days from now as `YYYYMMDDHHMMSSZ`; an hour more, so that as many whole days are left when it is looked at.
fn asn1_time(days: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let moment = common::Timestamp::from_unix(i64::try_from(now).unwrap() + days * common::DAY + 3_600);
    moment.to_string().chars().filter(|c| c.is_ascii_alphanumeric() && *c != 'T').collect()
}
