//! What mail, editors, terminals and programs make of a block, and what stands around it.

use super::*;

/// The certificate in every table here.
fn whole() -> Vec<Block> {
    vec![Block::Certificate(certificate(200))]
}

/// Each line of the block with something before and behind it.
fn dressed(before: impl Fn(usize) -> String, behind: &str) -> Vec<u8> {
    let lines = pem_of(200);
    lines
        .lines()
        .zip(1..)
        .map(|(line, number)| format!("{}{line}{behind}\n", before(number)))
        .collect::<String>()
        .into()
}

fn quoted(prefix: &str) -> Vec<u8> {
    dressed(|_| prefix.to_owned(), "")
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// Quoted-printable, every line cut at 76 columns.
fn quoted_printable(text: &str) -> String {
    let encoded = text.replace('=', "=3D");
    let lines = encoded.lines().map(|line| {
        let columns: Vec<char> = line.chars().collect();
        columns.chunks(75).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join("=\n")
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn reads_what_mail_editors_and_programs_make_of_a_block() {
    let pem = pem_of(200);
    let signed = pem.replace("-----BEGIN", "- -----BEGIN").replace("-----END", "- -----END");
    let base64 = BASE64.encode(&certificate(200));
    let mut wrong: Vec<String> = vec![];
    for (what, input) in [
        ("as it is", pem.clone().into_bytes()),
        ("no line end at the end", pem.trim_end().into()),
        ("CRLF", pem.replace('\n', "\r\n").into()),
        ("CR", pem.replace('\n', "\r").into()),
        ("blank lines between", pem.replace('\n', "\n\n").into()),
        ("form feeds", pem.replace('\n', "\u{c}").into()),
        ("BOM", format!("\u{feff}{pem}").into()),
        ("indented", quoted("    \t")),
        ("no-break spaces", quoted("\u{a0}")),
        ("no-break spaces in Latin-1", pem.lines().flat_map(|l| [b"\xa0", l.as_bytes(), b"\xa0\n"].concat()).collect()),
        ("zero-width spaces in lines", pem.replace("WlpaWl", "Wl\u{200b}pa\u{feff}Wl").into()),
        ("soft hyphens", pem.replace("WlpaWl", "Wl\u{ad}paWl").into()),
        ("ideographic spaces and full width", pem.replace("WlpaWl", "Ｗｌｐａ\u{ff37}l").replace('\n', "\u{3000}\n").into()),
        ("quoted", quoted("> ")),
        ("quoted thrice", quoted("> >>  ")),
        ("quoted by bars", quoted("| ")),
        ("boxed", dressed(|_| "| ".into(), " |")),
        ("boxed by lines", dressed(|_| "\u{2502} ".into(), "   \u{2502}")),
        ("boxed, with borders", [b"+------+\n", &dressed(|_| "| ".into(), " |")[..], b"+------+\n"].concat()),
        ("a table of Markdown", dressed(|_| "| ".into(), " | |")),
        ("numbered", dressed(|n| format!("{n:4}  "), "")),
        ("numbered with colons", dressed(|n| format!("{n}: "), "")),
        ("numbered with brackets", dressed(|n| format!("[{n}] "), "")),
        ("numbered with zeros", dressed(|n| format!("{n:03} "), "")),
        ("numbered without a blank", dressed(|n| format!("{}", n + 7), "")),
        ("numbered and quoted", dressed(|n| format!("> {n}| "), " |")),
        ("time stamps of a chat", dressed(|n| format!("[10:{n:02}] <anna> "), "")),
        ("lines of a log", dressed(|n| format!("Jan 02 10:00:{n:02} ca httpd[77]: "), "")),
        ("a difference", quoted("+")),
        ("a removed line of a difference", quoted("- ")),
        ("bullets", quoted("\u{2022} ")),
        ("a heading of Markdown", format!("# {pem}").into()),
        ("fenced", format!("```pem\n{pem}```\n").into()),
        ("trailing blanks", pem.replace('\n', " \t\n").into()),
        ("backslashes at the ends", pem.replace('\n', " \\\n").into()),
        ("commas and quotes", dressed(|_| "  \"".into(), "\",")),
        ("a string in C", dressed(|_| "  \"".into(), "\\r\\n\"")),
        ("a string in Java", dressed(|_| "  \"".into(), "\\n\" +")),
        ("a string in Java without line ends", dressed(|_| "\"".into(), "\" +")),
        ("an environment file", format!("CERT='{}'\n", pem.replace('\n', "\\n")).into()),
        ("a value of YAML", format!("tls:\n  crt: |\n{}", String::from_utf8(quoted("    ")).unwrap()).into()),
        ("bag attributes", format!("Bag Attributes\n    friendlyName: x\nsubject=CN = a\n{pem}").into()),
        ("s_client", format!("---\nCertificate chain\n 0 s:CN = a\n   i:CN = b\n{pem}---\nServer certificate\n").into()),
        ("keytool", format!("Alias name: a\nCertificate[1]:\n{pem}\n\n*******\n*******\n").into()),
        ("text around", format!("Dear all,\n{pem}-- \nThe CA team").into()),
        ("advice around", format!("-- NEVER SEND PRIVATE KEYS -- nor begin to\n{pem}").into()),
        ("Latin-1 around", [b"Gr\xfc\xdfe\n", pem.as_bytes(), b"\xff"].concat()),
        ("paste codes", format!("\x1b[200~{pem}\x1b[201~").into()),
        ("paste codes as shown", format!("^[[200~{pem}^[[201~").into()),
        ("colours", pem.replace('\n', "\x1b[0m\n\x1b[1;32m").into()),
        ("one line", pem.replace('\n', " ").into()),
        ("no line breaks at all", pem.replace('\n', "").into()),
        ("one line in a sentence", format!("here it is: {} and that is all of it", pem.replace('\n', " ")).into()),
        ("JSON", format!("{{\"pem\": \"{}\"}}", pem.replace('\n', "\\n")).into()),
        ("JSON with CRLF", format!("\"{}\"", pem.replace('\n', "\\r\\n")).into()),
        ("JSON in JSON", format!("\"{}\"", pem.replace('\n', "\\\\n")).into()),
        ("JSON of PHP", pem.replace('/', "\\/").replace('\n', "\\n").into()),
        ("JSON of Gson", pem.replace('=', "\\u003d").replace('+', "\\u002b").replace('\n', "\\n").into()),
        ("RTF", format!("{{\\rtf1\\ansi {}}}", pem.replace('\n', "\\par\n")).into()),
        ("Markdown escaped", pem.replace('-', "\\-").replace('+', "\\+").into()),
        ("headers", pem.replacen("-----\n", "-----\nComment: x\nOther: y\n\n", 1).into()),
        ("UTF-16 LE with BOM", utf16(&format!("\u{feff}{pem}"), u16::to_le_bytes)),
        ("UTF-16 BE with BOM", utf16(&format!("\u{feff}{pem}"), u16::to_be_bytes)),
        ("UTF-16 LE", utf16(&pem, u16::to_le_bytes)),
        ("UTF-16 BE", utf16(&pem, u16::to_be_bytes)),
        ("UTF-16 LE quoted with no-break spaces", utf16(&pem.lines().map(|line| format!(">\u{a0}{}\n", line.replace("Wl", "W\u{200b}l"))).collect::<String>(), u16::to_le_bytes)),
        ("UTF-16 after ASCII", [b"Hello\r\n", &utf16(&pem, u16::to_le_bytes)[..]].concat()),
        ("UTF-16 with a BOM after ASCII", [b"Hello\r\n", &utf16(&format!("\u{feff}{pem}"), u16::to_le_bytes)[..]].concat()),
        ("ASCII after UTF-16", [&utf16("\u{feff}Gr\u{fc}\u{df}e\r\n", u16::to_le_bytes)[..], pem.as_bytes()].concat()),
        ("UTF-16 with line ends of eight bits", {
            utf16(&pem, u16::to_le_bytes).split(|b| *b == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..])
        }),
        ("X509 CERTIFICATE", pem.replace(" CERTIFICATE", " X509 CERTIFICATE").into()),
        ("PGP signed", format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{signed}-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n").into()),
        ("quoted-printable", quoted_printable(&pem).into()),
        ("quoted-printable in one line", quoted_printable(&pem.replace('\n', " ")).into()),
        ("quoted-printable with soft line ends", pem.replace('=', "=3D").replace("Wlpa\nWl", "Wlpa=\nWl").into()),
        ("quoted-printable with its first dash", quoted_printable(&pem).replace("-----B", "=2D----B").into()),
        ("quoted-printable blanks", pem.replace('=', "=3D").replace('\n', "=C2=A0=20=\n\n").into()),
        ("percent encoded", pem.replace(' ', "%20").replace('\n', "%0A").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").into()),
        ("a form", pem.replace('+', "%2B").replace(' ', "+").replace('\n', "%0A").replace('/', "%2F").replace('=', "%3D").into()),
        ("HTML escaped", String::from_utf8(quoted("> ")).unwrap().replace('>', "&gt;").replace('+', "&#43;").replace('=', "&#x3D;").into()),
        ("HTML", format!("<html><p>Hello<pre>{}</pre></html>", pem.replace('\n', "<br>")).into()),
        ("HTML of Outlook", format!("<p class=\"Mso\n Normal\"><span>{}</span></p>", pem.replace('\n', "<o:p></o:p></span></p>\n<p class=MsoNormal><span lang=EN>")).into()),
        ("HTML twice escaped", pem.replace('+', "&amp;#43;").replace('\n', "&lt;br&gt;").into()),
        ("HTML with breaks in words", pem.replace("WlpaWlpa", "Wlpa<wbr>Wlpa").into()),
        ("HTML in quoted-printable", quoted_printable(&format!("<pre>{}</pre>", pem.replace('\n', "<br>\n").replace('+', "&#43;"))).into()),
        ("DER", certificate(200)),
        ("DER and a line end", [certificate(200), b"\r\n".to_vec()].concat()),
        ("DER filled up with zeros", [certificate(200), vec![0; 40]].concat()),
        ("DER behind text", [b"Hello\n".to_vec(), certificate(200)].concat()),
        ("base64 alone", base64.clone().into()),
        ("base64 alone, wrapped and quoted", String::from_utf8(quoted("> ")).unwrap().lines().filter(|l| !l.contains('-')).map(|l| format!("{l}\n")).collect::<String>().into()),
        ("base64 in a sentence", format!("the certificate is\n{base64}\nKind regards").into()),
        ("base64 in XML", format!("<ds:X509Data><ds:X509Certificate>\n{base64}</ds:X509Certificate></ds:X509Data>").into()),
        ("base64 in JSON", format!("{{\"kty\":\"RSA\",\"x5c\":[\"{base64}\"]}}").into()),
        ("a Secret", format!("data:\n  tls.crt: {}\n", BASE64.encode(pem.as_bytes())).into()),
        ("an attached file", format!(
            "Content-Type: application/x-pem-file\nContent-Transfer-Encoding: base64\n\n{}\n\n--b1--\n",
            BASE64.encode(format!("subject=CN = a\r\n{pem}").as_bytes()).as_bytes().chunks(76).map(|l| format!("{}\n", String::from_utf8_lossy(l))).collect::<String>(),
        ).into()),
        ("a Secret of a Secret", format!("x: {}", BASE64.encode(format!("y: {}\n", BASE64.encode(pem.as_bytes())).as_bytes())).into()),
    ] {
        let reading = read(&input).map(|reading| (reading.blocks, reading.remarks, reading.faults));
        let blocks = reading.as_ref().map(|(blocks, ..)| blocks.iter().map(|placed| placed.block.clone()).collect());
        if blocks != Ok(whole()) || !matches!(&reading, Ok((_, remarks, faults)) if remarks.is_empty() && faults.is_empty()) {
            wrong.push(format!("{what}: {:?}\n{}", told(&input), String::from_utf8_lossy(&input)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn reads_several_blocks_in_their_order() {
    let input = format!("{}{}{}", pem_of(30), encode("NEW CERTIFICATE REQUEST", &request(9)), pem_of(20));
    let expected = [
        Block::Certificate(certificate(30)),
        Block::Request(request(9)),
        Block::Certificate(certificate(20)),
    ];
    assert_eq!(blocks(input.as_bytes()).unwrap(), expected);
    let der = [certificate(300), certificate(200)].concat();
    assert_eq!(certificates(&der), [certificate(300), certificate(200)]);
    assert_eq!(blocks(&request(200)), Ok(vec![Block::Request(request(200))]));
    let joined = format!("{}{}", pem_of(30).trim_end(), pem_of(20));
    assert_eq!(certificates(&joined), [certificate(30), certificate(20)]);
    let mixed =
        [&pem_of(30).into_bytes()[..], &certificate(300), pem_of(20).as_bytes(), &certificate(40)].concat();
    assert_eq!(told(&mixed)[..2], ["certificate of 46 in line 1", "certificate of 322 in line 4"]);
    let both: Vec<u8> = [pem_of(30).into_bytes(), utf16(&pem_of(20), u16::to_le_bytes)].concat();
    assert_eq!(certificates(&both), [certificate(30), certificate(20)]);
    for one in
        [BASE64.encode(&der), BASE64.encode(&certificate(300)) + "\n" + &BASE64.encode(&certificate(200))]
    {
        assert_eq!(certificates(&one), [certificate(300), certificate(200)]);
        let armoured = format!("-----BEGIN CERTIFICATE-----\n{one}\n-----END CERTIFICATE-----\n");
        assert_eq!(certificates(&armoured), [certificate(300), certificate(200)]);
    }
}

#[test]
fn sentences_and_titles_are_no_blocks() {
    let pem = pem_of(200);
    for (before, behind) in [
        (
            "Copy the text, with the -----BEGIN CERTIFICATE----- and -----END CERTIFICATE----- lines, into a file.",
            "",
        ),
        ("", "The file has to begin with the line -----BEGIN CERTIFICATE----- and no blank line."),
        ("The last line is -----END CERTIFICATE----- as always.", ""),
        (
            "It goes from -----BEGIN CERTIFICATE----- (do not forget it)\ndown to -----END CERTIFICATE-----, whole.",
            "",
        ),
        ("Between -----END CERTIFICATE----- and -----BEGIN CERTIFICATE----- nothing may stand.", ""),
        ("-----Main certificate-----", "-----Root-----"),
        ("--- BEGIN SERVER CERTIFICATE ---", "--- END SERVER CERTIFICATE ---"),
        ("----- Certificate for KMS -----", "------------------------------"),
        ("===== BEGIN =====", "===== END ====="),
        ("--- START OF CHAIN ---", "--- END OF CHAIN ---"),
        ("BEGIN CERTIFICATE comes first", "THE END"),
        (
            "We never need your -----BEGIN PRIVATE KEY----- block, keep it.",
            "SHA-1 a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
        ),
        ("Fingerprint:\n5f2b9323ab5c8b6e4eb1f64a3da2e0f4c0c74c20a8b1\n", "MIIx is how it begins"),
    ] {
        let input = format!("{before}\n\n{pem}\n{behind}\n");
        let line = before.split('\n').count() + 2;
        assert_eq!(told(&input), [format!("certificate of 219 in line {line}")], "{input}");
    }
}

#[test]
fn what_is_not_needed_is_told() {
    let pem = pem_of(200);
    let lines = pem.lines().count();
    let commented = |mark: &str| pem.lines().map(|line| format!("{mark}{line}\n")).collect::<String>();
    for (input, remark) in [
        (
            format!("{pem}{}", commented("#")),
            format!("the certificate in line {} is commented out and passed over", lines + 1),
        ),
        (
            format!("{}{pem}", commented("# ")),
            "the certificate in line 1 is commented out and passed over".into(),
        ),
        (
            format!("{}{pem}", commented("//")),
            "the certificate in line 1 is commented out and passed over".into(),
        ),
        (
            format!("{}{pem}", commented("> ; ")),
            "the certificate in line 1 is commented out and passed over".into(),
        ),
        (
            format!("{}{pem}", commented("--")),
            "the certificate in line 1 is commented out and passed over".into(),
        ),
        (
            format!("{}{pem}", commented("-- ")),
            "the certificate in line 1 is commented out and passed over".into(),
        ),
        (
            format!("#{}\n{pem}", pem.replace('\n', " ")),
            "the certificate in line 1 is commented out and passed over".into(),
        ),
        (
            format!("{pem}{}", pem.replace("-----BEGIN", "#-----BEGIN").replace("-----END", "#-----END")),
            format!("the certificate in line {} is commented out and passed over", lines + 1),
        ),
        (
            format!("{pem}{}", encode("X509 CRL", &crl())),
            format!("the certificate revocation list in line {} is passed over", lines + 1),
        ),
        (
            format!("{pem}{}", encode("CERTIFICATE", &crl())),
            format!("the certificate revocation list in line {} is passed over", lines + 1),
        ),
        (
            format!("{pem}{}", encode("PUBLIC KEY", &public_key())),
            format!("the public key in line {} is passed over", lines + 1),
        ),
        (
            format!("{pem}{}", encode("DH PARAMETERS", &tlv(0x30, &tlv(4, &[7; 40])))),
            format!("the block named DH PARAMETERS in line {} is passed over", lines + 1),
        ),
        (
            format!("-----BEGIN CERTIFICATE-----\n(the base64 text)\n-----END CERTIFICATE-----\n{pem}"),
            "BEGIN CERTIFICATE in line 1 and its END have no base64 between them".into(),
        ),
        (
            format!("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n{pem}"),
            "BEGIN CERTIFICATE in line 1 and its END have no base64 between them".into(),
        ),
        (
            format!("-----END CERTIFICATE-----\n{pem}"),
            "line 1 is the BEGIN or END of CERTIFICATE, without a block".into(),
        ),
        (
            format!("-----BEGIN CERTIFICATE-----\n{pem}"),
            "line 1 is the BEGIN or END of CERTIFICATE, without a block".into(),
        ),
    ] {
        let all = told(&input);
        assert!(all[0].starts_with("certificate of 219"), "{all:?}\n{input}");
        assert_eq!(all[1..], [remark], "{input}");
    }
}

#[test]
fn an_input_of_comments_alone_holds_nothing() {
    let commented: String = pem_of(200).lines().map(|line| format!("# {line}\n")).collect();
    let expected = "input holds no certificate and no request: the certificate in line 1 is commented out and passed over";
    assert_eq!(told(&commented), [expected]);
}

#[test]
fn a_line_of_many_thousand_columns_is_no_obstacle_by_itself() {
    assert_eq!(certificates(BASE64.encode(&certificate(20_000))), [certificate(20_000)]);
    let whole = line_of(4096);
    assert_eq!(whole.len(), 4096);
    assert_eq!(certificates(&whole).len(), 1);
}
