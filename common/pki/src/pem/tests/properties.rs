//! What holds for every input.

use super::*;
use proptest::prelude::*;

#[test]
fn the_time_grows_with_the_length_alone() {
    // Of the processor: what else the machine does is not the input's doing.
    let spent = || rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime).tv_sec;
    let certificate = pem_of(30);
    for unit in [
        "-----BEGIN PGP X-----\n",
        "-----BEGIN X-----\n",
        "-----BEGIN X-----",
        "-----END ",
        "BEGIN",
        "BEGIN X-",
        "--",
        "\u{2014}",
        "\n",
        "MIIB\n",
        "MIIBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "MIIBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ",
        "M=",
        "=",
        "=3D",
        "=\n",
        "<br",
        "<a ",
        "&#",
        "&amp;",
        "\\",
        "\\n",
        "%0",
        "%0A+",
        "> 1 | ",
        "     ",
        "\x1b[",
        "^[[",
        "-----BEGIN PRIVATE ",
        "a -----BEGIN PRIVATE KEY----- in a sentence of words ",
        "\0a\0",
        "0\u{82}",
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI",
        certificate.as_str(),
    ] {
        let before = spent();
        let _ = read(unit.repeat(MAX_INPUT / unit.len()).as_bytes());
        let _ = read(
            format!("1 {}-----BEGIN X-----\n{}", " ".repeat(150), unit.repeat(900_000 / unit.len()))
                .as_bytes(),
        );
        assert!(spent() - before < 5, "{unit:?}: {} s", spent() - before);
    }
    for unit in [
        &[0x30, 0x80][..],
        &[0x30, 0x82],
        &[0x30, 0x82, 0, 4, 0x30, 2, 0xa0, 0],
        &[0],
        &[b'a', 0],
        &[0xff, 0xfe],
    ] {
        let before = spent();
        let _ = read(&unit.repeat(MAX_INPUT / unit.len()));
        let _ = read(&[b"x ", &unit.repeat(MAX_INPUT / unit.len() - 2)[..]].concat());
        assert!(spent() - before < 5, "{unit:?}: {} s", spent() - before);
    }
}

/// One thing that happens to a text on its way.
#[derive(Clone, Copy, Debug)]
enum Mangling {
    Quoted(&'static str),
    Boxed,
    Numbered(usize),
    Lines(&'static str),
    Html,
    QuotedPrintable,
    Json,
    Percent,
    Invisible,
    Sentences,
    Dashes,
}

fn mangling() -> impl Strategy<Value = Mangling> {
    prop_oneof![
        prop::sample::select(vec!["> ", ">", "    ", "\t", "| ", ">> > ", "\u{a0}"])
            .prop_map(Mangling::Quoted),
        Just(Mangling::Boxed),
        (1usize..2000).prop_map(Mangling::Numbered),
        prop::sample::select(vec!["\r\n", "\r", " \n", "\n\n", "\u{2028}\n"]).prop_map(Mangling::Lines),
        Just(Mangling::Html),
        Just(Mangling::QuotedPrintable),
        Just(Mangling::Json),
        Just(Mangling::Percent),
        Just(Mangling::Invisible),
        Just(Mangling::Sentences),
        Just(Mangling::Dashes),
    ]
}

impl Mangling {
    fn apply(self, text: &str) -> String {
        let lines = |each: &dyn Fn(usize, &str) -> String| -> String {
            text.lines().enumerate().map(|(index, line)| each(index, line) + "\n").collect()
        };
        match self {
            Self::Quoted(prefix) => lines(&|_, line| format!("{prefix}{line}")),
            Self::Boxed => lines(&|_, line| format!("| {line:70} |")),
            Self::Numbered(first) => lines(&|index, line| format!("{:5} {line}", first + index)),
            Self::Lines(end) => text.replace('\n', end),
            Self::Html => text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('+', "&#43;")
                .replace('\n', "<br>\n"),
            Self::QuotedPrintable => text.replace('=', "=3D").replace('\u{a0}', "=C2=A0"),
            Self::Json => {
                text.replace('\\', "\\\\").replace('"', "\\\"").replace('/', "\\/").replace('\n', "\\n\n")
            }
            Self::Percent => {
                text.replace('%', "%25").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
            }
            Self::Invisible => text.replace("Wl", "W\u{200b}l"),
            Self::Sentences => {
                format!("Copy from -----BEGIN CERTIFICATE----- on, please.\n{text}Kind regards,\nyour CA\n")
            }
            Self::Dashes => text.replace("-----BEGIN", "\u{2014}\u{2013}BEGIN"),
        }
    }
}

proptest! {
    #[test]
    fn what_was_encoded_is_read_back_whatever_happened_to_it(
        sizes in prop::collection::vec(60usize..400, 1..4),
        manglings in prop::collection::vec(mangling(), 0..4),
        wide in 0u8..3,
    ) {
        let pem: String = sizes.iter().map(|size| pem_of(*size)).collect();
        let text = manglings.iter().fold(pem, |text, mangling| mangling.apply(&text));
        let input: Vec<u8> = match wide {
            0 => text.clone().into_bytes(),
            1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            _ => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
        };
        let expected: Vec<_> = sizes.iter().map(|size| Block::Certificate(certificate(*size))).collect();
        prop_assert_eq!(blocks(&input), Ok(expected), "{}", text);
    }

    #[test]
    fn no_input_panics(bytes: Vec<u8>, text in "(-----|BEGIN |END |CERTIFICATE|PKCS7|PRIVATE KEY|\n|[A-Za-z0-9+/=]{1,9}|MII[A-Za-z0-9+/]{40}|=3D|&#43;|<br>|\\\\n|%0A|> |# |1: |\\PC){0,30}") {
        let _ = read(&bytes);
        let _ = read(text.as_bytes());
        let _ = read(&text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        let _ = read(&[text.as_bytes(), &[0x30, 0x82][..], &bytes].concat());
        let _ = read(&[&[0x30, 0x82][..], &bytes].concat());
        let _ = read(encode("PKCS7", &bytes).as_bytes());
    }

    #[test]
    fn one_changed_octet_hides_no_other_block(at: prop::sample::Index, octet: u8) {
        let mut first = pem_of(200).into_bytes();
        let index = at.index(first.len());
        first[index] = octet;
        let input = [pem_of(100).into_bytes(), first, b"\n".to_vec(), pem_of(50).into_bytes()].concat();
        if let Ok(reading) = read(&input) {
            let others = [certificate(100), certificate(50)].map(Block::Certificate);
            for other in &others {
                prop_assert!(reading.blocks.iter().any(|placed| placed.block == *other));
            }
            // And it is read, or told.
            let told = reading.blocks.len() - 2 + reading.faults.len() + reading.remarks.len();
            prop_assert!(told > 0, "{}", String::from_utf8_lossy(&input));
        }
    }
}
