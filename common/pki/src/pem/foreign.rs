//! Files of other kinds, known by how they begin.

use std::fmt;

/// A file that is no certificate, but may hold one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum Foreign {
    Zip,
    Gzip,
    SevenZip,
    JavaKeyStore,
    Pkcs12,
    WindowsStore,
    OutlookMessage,
    Pdf,
    Picture,
    Html,
    SshPublicKey,
    Ebcdic,
    HexDump,
    Binary,
}

/// How a file of a kind begins.
const BEGINNINGS: [(&[u8], Foreign); 11] = [
    (b"PK\x03\x04", Foreign::Zip),
    (b"\x1f\x8b", Foreign::Gzip),
    (b"7z\xbc\xaf\x27\x1c", Foreign::SevenZip),
    (b"\xfe\xed\xfe\xed", Foreign::JavaKeyStore),
    (b"\xce\xce\xce\xce", Foreign::JavaKeyStore),
    (b"\0\0\0\0CERT", Foreign::WindowsStore),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign::OutlookMessage),
    (b"%PDF-", Foreign::Pdf),
    (b"\x89PNG", Foreign::Picture),
    (b"\xff\xd8\xff", Foreign::Picture),
    (b"GIF8", Foreign::Picture),
];

impl Foreign {
    /// A kind that holds no text to be read.
    pub(super) fn of(input: &[u8]) -> Option<Self> {
        BEGINNINGS.iter().find(|(beginning, _)| input.starts_with(beginning)).map(|(_, kind)| *kind)
    }

    /// A kind of an input in which nothing was found.
    pub(super) fn of_fruitless(input: &[u8], text: &str) -> Option<Self> {
        // `-----BEGIN ` in code page 037 and its relatives.
        let ebcdic = b"\x60\x60\x60\x60\x60\xc2\xc5\xc7\xc9\xd5\x40";
        let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let start = start.chars().take(15).collect::<String>().to_ascii_lowercase();
        let hex = |c: char| c.is_ascii_hexdigit() || matches!(c, ' ' | ':' | '\n');
        if input.windows(ebcdic.len()).any(|window| window == ebcdic) {
            Some(Self::Ebcdic)
        } else if start.starts_with("<!doctype html") || start.starts_with("<html") {
            Some(Self::Html)
        } else if ["ssh-", "ecdsa-sha2-", "sk-ssh-"].iter().any(|name| start.starts_with(name)) {
            Some(Self::SshPublicKey)
        } else if text.len() > 64 && start.starts_with("30") && text.chars().all(hex) {
            Some(Self::HexDump)
        } else {
            input.contains(&0).then_some(Self::Binary)
        }
    }

    /// What to do about it, imperative.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Zip | Self::Gzip | Self::SevenZip => {
                "unpack it and give the file with the certificates in it"
            }
            Self::JavaKeyStore => {
                "list its certificates as PEM with \"keytool -list -rfc -keystore FILE\" and give what it prints"
            }
            Self::Pkcs12 => {
                "take the certificates out of it with \"openssl pkcs12 -nokeys -in FILE -out NEWFILE\" and give the new file"
            }
            Self::WindowsStore => {
                "export the certificates as PKCS#7 (.p7b) or as base-64 encoded X.509 (.cer)"
            }
            Self::OutlookMessage => "save the attachment itself, or the mail as text",
            Self::Pdf | Self::Picture => "ask for the certificates as a file or as text",
            Self::Html => "download the file itself: this may be a page that asks to sign in",
            Self::SshPublicKey => "give the certificate the CA returned, not a key of SSH",
            Self::Ebcdic => "transfer the file as text, not as binary",
            Self::HexDump => "give the file that was dumped, not the dump",
            Self::Binary => "ask for the certificates as PEM, PKCS#7 (.p7b) or DER (.cer)",
        }
    }
}

/// With its article: `a ZIP archive`.
impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zip => "a ZIP archive",
            Self::Gzip => "a gzip archive",
            Self::SevenZip => "a 7z archive",
            Self::JavaKeyStore => "a Java key store (JKS)",
            Self::Pkcs12 => "a PKCS#12 file (PFX), which may hold a private key",
            Self::WindowsStore => "a certificate store of Windows (SST)",
            Self::OutlookMessage => "a message of Outlook or an old Office document",
            Self::Pdf => "a PDF document",
            Self::Picture => "a picture",
            Self::Html => "a web page (HTML)",
            Self::SshPublicKey => "a public key of SSH",
            Self::Ebcdic => "text in EBCDIC",
            Self::HexDump => "a dump in hexadecimal",
            Self::Binary => "binary data of no kind known here",
        })
    }
}
