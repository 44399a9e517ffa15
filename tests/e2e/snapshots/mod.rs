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

#[test]
fn every_file_belongs_to_a_story_and_only_to_one() {
    let mut sources = String::new();
    let mut stories = vec![];
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let command = path.file_name().unwrap().to_string_lossy().into_owned();
            let files = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
            stories.extend(
                files.map(|file| format!("\"{command}/{}\"", file.file_stem().unwrap().to_string_lossy())),
            );
        } else {
            sources.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    for story in &stories {
        assert_eq!(sources.matches(story.as_str()).count(), 1, "{story}");
    }
    assert!(stories.len() > 20, "{stories:?}");
}
