//! What the documents about proof point at is there: files, tests, parts of the rig.

use std::fs;
use std::path::Path;
use tests::project;

const DOCUMENTS: [&str; 2] = ["docs/proof.md", "docs/threat-model.md"];

/// Every Rust source of the project, tests included, as one text.
fn all_sources() -> String {
    let mut text = String::new();
    for folder in ["cli", "common", "get_csrs", "install_certs", "ca_desk", "tests", "proof"] {
        collect(&project().join(folder), &mut text);
    }
    text
}

fn collect(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, text);
        } else if path.extension().is_some_and(|end| end == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// What stands between backticks, outside of code blocks.
fn quoted(document: &str) -> Vec<&str> {
    let prose = document.split("\n```").step_by(2);
    prose.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// A sentence in the form of a name: what our tests are called.
fn is_name_of_a_test(text: &str) -> bool {
    text.matches('_').count() >= 3
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

/// `A1`, `D1U`: a part of the rig.
fn is_part(word: &str) -> bool {
    let word = word.as_bytes();
    matches!(word, [b'A'..=b'G', b'0'..=b'9'] | [b'A'..=b'G', b'0'..=b'9', b'A'..=b'Z'])
}

#[test]
fn every_file_and_test_the_documents_point_at_exists() {
    let sources = all_sources();
    let mut seen = 0;
    for name in DOCUMENTS {
        let document = fs::read_to_string(project().join(name)).unwrap();
        for text in quoted(&document) {
            if is_name_of_a_test(text) {
                assert!(sources.contains(&format!("fn {text}(")), "{name}: there is no test {text}");
                seen += 1;
            } else if text.contains('/')
                && !text.contains([' ', '<'])
                && text.starts_with(char::is_alphabetic)
            {
                assert!(project().join(text).exists(), "{name}: there is no {text}");
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "only {seen} pointers were found");
}

#[test]
fn every_part_the_documents_point_at_exists_and_is_described() {
    let parts = proof::PARTS.map(|part| part.name);
    for name in DOCUMENTS {
        let document = fs::read_to_string(project().join(name)).unwrap();
        let named: Vec<_> = words(&document).filter(|word| is_part(word)).collect();
        for word in &named {
            assert!(parts.contains(word), "{name}: there is no part {word}");
        }
        if name == "docs/proof.md" {
            let missing: Vec<_> = parts.iter().filter(|part| !named.contains(part)).collect();
            assert!(missing.is_empty(), "{name} does not say what is done in {missing:?}");
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}
