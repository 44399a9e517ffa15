//! G3: inputs made to cost much: each is refused, or understood, within two seconds and 64 MiB.

use crate::rig::{Rig, Tally};
use crate::scene::{Deed, Kit, Place, command};
use ::tests::Ran;
use ::tests::der::{self, Certificate, Key, StringType};
use pki::Csr;
use pki::pem::{self, Block};
use std::ffi::OsString;
use std::fs;
use std::path::Path;

const SECONDS: f64 = 2.0;
const KIB: f64 = 64.0 * 1024.0;

/// Where a bomb is thrown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// `install_certs --main`, with a matching end entity's key where it matters.
    Chain,
    /// `install_certs --main -`.
    Standard,
    /// `install_certs --trust-anchors`.
    Anchors,
    /// `sign_csrs`, both requests.
    Request,
    /// `get_csrs --answers`.
    Answers,
    /// `get_csrs --main`, as far as an argument may be long.
    Name,
    /// `--passphrase-file`.
    Secret,
}

type Bomb = (&'static str, Vec<Door>, fn(&Parts) -> Vec<u8>);

/// What bombs are made of.
struct Parts {
    key: Key,
    /// SPKI of the staged request of Main.
    spki: Vec<u8>,
}

/// G3.
pub(crate) fn bombs(rig: &Rig) -> Tally {
    if ::tests::find_program("time").is_none() {
        let mut tally = Tally::default();
        tally.leave_out("GNU time is not installed: memory cannot be measured", 1);
        return tally;
    }
    let bombs = all();
    let cases: Vec<_> = bombs.iter().flat_map(|bomb| bomb.1.iter().map(move |door| (bomb, *door))).collect();
    let limit = 50;
    let place = |worker| rig.kit.place(&format!("bombs-{worker}"));
    rig.each("bombs", &cases, limit, place, |place, ((name, _, make), door)| {
        rig.kit.prepare(Deed::Install, place);
        let parts = Parts { key: Key::new(), spki: spki_of_main(&place.store()) };
        let bomb = place.path().join("bomb");
        fs::write(&bomb, make(&parts)).unwrap();
        throw(&rig.kit, place, *door, &bomb).map_err(|what| format!("{name} at {door:?}: {what}")).into()
    })
}

fn throw(kit: &Kit, place: &Place, door: Door, bomb: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(bomb, fs::Permissions::from_mode(0o600)).unwrap();
    let cost = place.path().join("cost");
    fs::remove_file(&cost).ok();
    let wrapper: Vec<OsString> =
        vec!["time".into(), "-f".into(), "%M %U %S".into(), "-o".into(), cost.clone().into(), "--".into()];
    let put = |deed: Deed, flag: &str, value: OsString| {
        let mut line = kit.line(deed, place);
        match line.iter().position(|word| word == flag) {
            Some(at) => line[at + 1] = value,
            None => line.extend([flag.into(), value]),
        }
        line
    };
    let line = match door {
        Door::Chain => put(Deed::Install, "--main", bomb.into()),
        Door::Standard => put(Deed::Install, "--main", "-".into()),
        Door::Anchors => put(Deed::Install, "--trust-anchors", bomb.into()),
        Door::Request => [kit.sign_line(place), vec![bomb.into(), bomb.into(), "--dry-run".into()]].concat(),
        Door::Answers => put(Deed::RequestAgain, "--answers", bomb.into()),
        Door::Name => {
            let text = String::from_utf8(fs::read(bomb).unwrap()).unwrap();
            put(Deed::RequestAgain, "--main", text.into())
        }
        Door::Secret => put(Deed::Install, "--passphrase-file", bomb.into()),
    };
    let mut run = command(&wrapper, &line);
    run.stdin(fs::File::open(if door == Door::Standard { bomb } else { Path::new("/dev/null") }).unwrap());
    let ran = Ran::from(run.output().map_err(|error| error.to_string())?);
    let measured = fs::read_to_string(&cost).unwrap_or_default();
    let fields = measured.lines().last().unwrap_or_default().split(' ').map(str::parse::<f64>);
    let Ok([memory, user, system]) = <[f64; 3]>::try_from(fields.flatten().collect::<Vec<_>>()) else {
        return Err("not measured".to_owned());
    };
    // Of the processor: other work on the machine is not the bomb's doing.
    let took = user + system;
    let short = |text: &str| text.chars().take(300).collect::<String>();
    if !matches!(ran.code, Some(2..=5)) {
        return Err(format!("not refused: {:?} {} {}", ran.code, short(&ran.stdout), short(&ran.stderr)));
    }
    if ran.stderr.len() + ran.stdout.len() > 64 * 1024 {
        return Err(format!("{} bytes of message", ran.stderr.len()));
    }
    if took > SECONDS || memory > KIB {
        return Err(format!("took {took} s and {memory} KiB: {}", short(&ran.stderr)));
    }
    Ok(())
}

fn spki_of_main(store: &Path) -> Vec<u8> {
    let request = fs::read(store.join("generations/00000001/main.csr")).unwrap();
    let Some(Block::Request(der)) = pem::blocks(&request).unwrap().pop() else { panic!("no request") };
    Csr::from_der(&der).unwrap().spki().der().to_vec()
}

fn certificate_pem(der: &[u8]) -> Vec<u8> {
    pem::encode("CERTIFICATE", der).into_bytes()
}

fn request_pem(der: &[u8]) -> Vec<u8> {
    pem::encode("CERTIFICATE REQUEST", der).into_bytes()
}

/// A certificate for Main's key with something in it too many or too large.
fn certificate(parts: &Parts, change: impl FnOnce(&mut Certificate)) -> Vec<u8> {
    let named = der::name(&[("2.5.4.3", StringType::Utf8.encode("kms.example.com"))]);
    let mut certificate = Certificate {
        serial: vec![7],
        issuer: named.clone(),
        subject: named,
        spki: parts.spki.clone(),
        extensions: vec![der::san(&[der::dns("kms.example.com")])],
    };
    change(&mut certificate);
    certificate.signed_by(&parts.key)
}

fn san_of(number: usize) -> Vec<u8> {
    let names: Vec<_> = (0..number).map(|i| der::dns(&format!("n{i}.example"))).collect();
    der::san(&names)
}

fn name_of(number: usize) -> Vec<u8> {
    let values: Vec<_> =
        (0..number).map(|i| ("2.5.4.11", StringType::Utf8.encode(&format!("u{i}")))).collect();
    der::name(&values)
}

fn rsa(modulus: usize, exponent: usize) -> Vec<u8> {
    let algorithm = der::sequence(&[der::oid("1.2.840.113549.1.1.1"), vec![5, 0]]);
    let odd = |octets: usize| der::integer(&vec![0xff; octets]);
    der::sequence(&[algorithm, der::bit_string(&der::sequence(&[odd(modulus), odd(exponent)]))])
}

/// Values in values, `depth` deep.
fn nested(tag: u8, depth: usize) -> Vec<u8> {
    let mut reversed: Vec<u8> = vec![];
    let mut length = 0_usize;
    for _ in 0..depth {
        let head = der::tlv(tag, &[]);
        let mut header = if length < 0x80 {
            vec![head[0], length as u8]
        } else {
            let octets: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
            [vec![head[0], 0x80 | octets.len() as u8], octets].concat()
        };
        length += header.len();
        header.reverse();
        reversed.extend(header);
    }
    reversed.reverse();
    reversed
}

fn many(parts: &Parts, number: usize) -> Vec<u8> {
    certificate_pem(&certificate(parts, |_| ())).repeat(number)
}

/// Ten CAs that all issued each other, under one name and one key, above an end entity.
fn cycle(parts: &Parts) -> Vec<u8> {
    let ca = |serial: u8| {
        certificate(parts, |one| {
            one.serial = vec![serial];
            one.spki = parts.key.spki();
            one.extensions = vec![der::basic_constraints(true)];
        })
    };
    let mut chain = certificate_pem(&certificate(parts, |_| ()));
    (1..10).for_each(|serial| chain.extend(certificate_pem(&ca(serial))));
    chain
}

fn request(parts: &Parts, names: usize, rdns: usize, attributes: usize) -> Vec<u8> {
    let attribute =
        der::sequence(&[der::oid("1.2.840.113549.1.9.7"), der::tlv(0x31, &StringType::Utf8.encode("x"))]);
    request_pem(&der::request(&parts.key, &name_of(rdns), &[san_of(names)], &vec![attribute; attributes]))
}

fn all() -> Vec<Bomb> {
    use Door::{Anchors, Answers, Chain, Name, Request, Secret, Standard};
    let documents = || vec![Chain, Standard, Anchors, Request];
    let text = || vec![Chain, Standard, Anchors, Request, Answers, Secret];
    vec![
        ("200 MiB of PEM", text(), |parts| many(parts, 300_000)),
        ("200 MiB of zeros", text(), |_| vec![0; 200 << 20]),
        ("1 MiB of one line", text(), |_| vec![b'A'; 1 << 20]),
        ("1 MiB of line ends", text(), |_| vec![b'\n'; (1 << 20) - 1]),
        ("1 MiB of begin lines", documents(), |_| b"-----BEGIN CERTIFICATE-----\n".repeat(37_000)),
        ("1 MiB of hyphens", documents(), |_| vec![b'-'; (1 << 20) - 1]),
        ("1 MiB of quotes", documents(), |_| b"> ".repeat(500_000)),
        ("1 MiB of empty certificates", documents(), |_| {
            b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".repeat(19_000)
        }),
        ("1 MiB of small certificates", documents(), |parts| many(parts, 2_000)),
        ("50 000 SANs", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| one.extensions = vec![san_of(50_000)]))
        }),
        ("as many SANs as fit", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| one.extensions = vec![san_of(2_400)]))
        }),
        ("as many RDNs as fit", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| one.subject = name_of(2_000)))
        }),
        ("2 000 extensions", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| {
                one.extensions =
                    (0..2_000).map(|i| der::extension(&format!("1.2.3.{i}"), false, &[5, 0])).collect();
            }))
        }),
        ("the same extension 2 000 times", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| {
                one.extensions = vec![der::extension("2.5.29.19", true, &[0x30, 0]); 2_000];
            }))
        }),
        ("a chain that goes round in a circle", vec![Chain, Standard], cycle),
        ("ten times the same certificate", documents(), |parts| many(parts, 10)),
        ("a serial number of 10 kB", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| one.serial = vec![0x7f; 10_000]))
        }),
        ("RSA of 16384 bits", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| one.spki = rsa(2048, 3)))
        }),
        ("RSA with an exponent of 64 KiB", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| one.spki = rsa(256, 65_536)))
        }),
        ("RSA of 8192 bits with an exponent as long", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| one.spki = rsa(1024, 1024)))
        }),
        ("an RSA CA with an exponent as long as its modulus", vec![Chain, Anchors], |parts| {
            let ca = certificate(parts, |one| {
                one.spki = rsa(1024, 1024);
                one.extensions = vec![der::basic_constraints(true)];
            });
            [certificate_pem(&certificate(parts, |_| ())), certificate_pem(&ca).repeat(9)].concat()
        }),
        ("sequences 12 000 deep", documents(), |_| certificate_pem(&nested(0x30, 12_000))),
        ("constructed values 200 000 deep", documents(), |_| certificate_pem(&nested(0xa0, 150_000))),
        ("sequences 12 000 deep in an extension", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| {
                one.extensions = vec![der::extension("2.5.29.17", false, &nested(0x30, 8_000))]
            }))
        }),
        ("a directoryName 8 000 deep", documents(), |parts| {
            certificate_pem(&certificate(parts, |one| {
                one.extensions = vec![der::san(&[nested(0xa4, 8_000)])]
            }))
        }),
        ("PKCS#7 in PKCS#7", documents(), |_| pem::encode("PKCS7", &nested(0x30, 150_000)).into_bytes()),
        ("DER that says it is 4 GiB", documents(), |_| vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30, 0x80]),
        ("DER of unknown length", documents(), |_| [0x30, 0x80].repeat(100_000)),
        ("a request for 2 400 names", vec![Request], |parts| request(parts, 2_400, 1, 0)),
        ("a request for 50 000 names", vec![Request], |parts| request(parts, 50_000, 1, 0)),
        ("a request of 5 000 RDNs", vec![Request], |parts| request(parts, 1, 5_000, 0)),
        ("a request of 5 000 attributes", vec![Request], |parts| request(parts, 1, 1, 5_000)),
        ("arrays 100 000 deep", vec![Answers], |_| {
            format!("main-san = {}", "[".repeat(100_000)).into_bytes()
        }),
        ("tables 100 000 deep", vec![Answers], |_| format!("{}x = 1", "a.".repeat(100_000)).into_bytes()),
        ("inline tables 50 000 deep", vec![Answers], |_| {
            format!("a = {}", "{a = ".repeat(50_000)).into_bytes()
        }),
        ("60 000 unknown keys", vec![Answers], |_| {
            (0..60_000).map(|i| format!("k{i}=1\n")).collect::<String>().into_bytes()
        }),
        ("30 000 SANs in the answers", vec![Answers], |_| {
            let names: String = (0..30_000).map(|i| format!("\"n{i}.example\",")).collect();
            format!("main-san = [{names}]").into_bytes()
        }),
        ("a name of 100 kB", vec![Name], |_| vec![b'a'; 100_000]),
        ("a name of 50 000 labels", vec![Name], |_| b"a.".repeat(50_000)),
        ("a name of 30 000 letters to convert", vec![Name], |_| "ü".repeat(30_000).into_bytes()),
        ("a subject of 20 000 attributes", vec![Name], |_| b"OU=x,".repeat(20_000)),
        ("a subject of 100 000 backslashes", vec![Name], |_| [&b"CN="[..], &[b'\\'; 100_000]].concat()),
    ]
}

/// So that a bomb that turned into a harmless input is noticed.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_are_as_deep_as_asked() {
        let der = nested(0x30, 1_000);
        let (mut rest, mut depth) = (&der[..], 0);
        while let Some((0x30, content, [])) = der::split(rest) {
            (rest, depth) = (content, depth + 1);
        }
        assert_eq!(depth, 1_000);
    }

    #[test]
    fn a_small_one_would_be_read() {
        let parts = Parts { key: Key::new(), spki: Key::new().spki() };
        let read = |der: &[u8]| pki::Certificate::from_der(der).is_ok();
        assert!(read(&certificate(&parts, |_| ())));
        assert!(read(&certificate(&parts, |one| one.extensions = vec![san_of(20)])));
        assert!(read(&certificate(&parts, |one| one.subject = name_of(20))));
        assert!(read(&certificate(&parts, |one| one.spki = rsa(256, 3))));
    }
}
