//! Whole outputs, pinned: a last line, a hint or a cause that is lost or changed is seen in the difference.
//!
//! Each story is a text file `COMMAND/STORY.txt` beside these sources. After a change that is meant,
//! `SNAPSHOTS=overwrite cargo test -p tests snapshots` writes them anew; read what it changed, as
//! the person who will see it. Fragments are tested elsewhere, where the text is not the point.

mod check_certs;
mod check_certs_paths;
mod check_csrs;
mod get_csrs;
mod help;
mod install_certs;
mod install_certs_chains;
mod install_certs_store;
mod outcomes;
mod sign_csrs;
mod terminal;

use std::path::PathBuf;
use tests::{Ran, Transcript, World};

fn folder() -> PathBuf {
    tests::project().join("tests/e2e/snapshots")
}

/// Asserts that the story's file says exactly this.
#[track_caller]
fn told(story: &str, parts: impl IntoIterator<Item = String>) {
    let text: String = parts.into_iter().collect();
    let file = folder().join(format!("{story}.txt"));
    let expected = snapbox::Data::read_from(&file, Some(snapbox::data::DataFormat::Text)).raw();
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(snapbox::Data::text(text).raw(), expected);
}

/// One run in its world, and what is special about it.
fn run(world: &World, note: &str, run: &Ran) -> String {
    Transcript::of(world).note(note).run(run).end()
}

/// Debug forms and texts of libraries, which name fields of Rust, lists of bytes, or nothing a person can act on.
const WORDS_OF_LIBRARIES: [&str; 9] =
    ["ASN.1 DER", "webpki", "invalid type", "expected `", "Context {", "Some(", "Err(", "Error(", "panicked"];

#[test]
fn no_debug_form_and_no_text_of_a_library_is_shown() {
    for file in stories() {
        let text = std::fs::read_to_string(&file).unwrap();
        for word in WORDS_OF_LIBRARIES {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

/// All files of stories.
fn stories() -> Vec<PathBuf> {
    let list = |folder: PathBuf| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    list(folder()).filter(|path| path.is_dir()).flat_map(list).collect()
}

#[test]
fn every_file_belongs_to_a_story_and_only_to_one() {
    let list = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let sources = list.filter(|path| path.is_file());
    let sources: String = sources.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let stories = stories();
    for file in &stories {
        let command = file.parent().unwrap().file_name().unwrap().to_string_lossy();
        let story = format!("\"{command}/{}\"", file.file_stem().unwrap().to_string_lossy());
        assert_eq!(sources.matches(&story).count(), 1, "{story}");
    }
    assert!(stories.len() > 60, "{stories:?}");
}
