//! Our own sources: which module uses which, read from the text.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the project.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// One file of product code: without comments and without its tests.
pub struct Source {
    /// Path below the project.
    pub path: PathBuf,
    /// Its module, `pki::name::dns`; empty for `lib.rs`.
    pub module: String,
    /// Its code.
    pub code: String,
    text: String,
}

/// Every source file of a crate but its tests, sorted by path.
pub fn of_crate(name: &str) -> Vec<Source> {
    let root = project().join(name).join("src");
    let mut paths = vec![];
    collect(&root, &mut paths);
    paths.sort();
    let sources: Vec<_> = paths.into_iter().map(|path| Source::read(&root, &path)).collect();
    let for_tests: Vec<_> = sources.iter().flat_map(Source::modules_for_tests).collect();
    sources.into_iter().filter(|source| !for_tests.contains(&source.module)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "tests" {
            collect(&path, paths);
        } else if path.extension().is_some_and(|end| end == "rs") && path.file_stem().unwrap() != "tests" {
            paths.push(path);
        }
    }
}

impl Source {
    fn read(root: &Path, path: &Path) -> Self {
        let relative = path.strip_prefix(root).unwrap().with_extension("");
        let names = relative.iter().map(|name| name.to_str().unwrap());
        let module: Vec<_> = names.filter(|name| !["mod", "lib", "main"].contains(name)).collect();
        let text = fs::read_to_string(path).unwrap();
        Self {
            path: path.strip_prefix(project()).unwrap().to_owned(),
            module: module.join("::"),
            code: product_code(&text),
            text,
        }
    }

    /// The modules it declares for tests only.
    fn modules_for_tests(&self) -> Vec<String> {
        let lines: Vec<_> = self.text.lines().map(str::trim).collect();
        let declared = lines.windows(2).filter_map(|lines| match lines {
            ["#[cfg(test)]", line] => line.strip_prefix("mod ")?.strip_suffix(';'),
            _ => None,
        });
        let parent = if self.module.is_empty() { String::new() } else { format!("{}::", self.module) };
        declared.map(|name| format!("{parent}{name}")).collect()
    }

    /// Absolute paths (without `crate::`) of everything of its own crate the file names.
    pub fn uses(&self) -> Vec<String> {
        let mut found: Vec<String> = vec![];
        let mut rest = self.code.as_str();
        while let Some((start, word)) = next_anchor(rest) {
            let after = rest.get(start + word.len()..).unwrap_or_default();
            let end = path_end(after);
            for tail in expand(after.get(..end).unwrap_or_default()) {
                found.extend(self.resolve(word, &tail));
            }
            rest = after.get(end..).unwrap_or_default();
        }
        found
    }

    /// Makes `crate::a::b` or `super::super::b` absolute.
    fn resolve(&self, anchor: &str, tail: &str) -> Option<String> {
        let mut base: Vec<&str> = self.module.split("::").filter(|name| !name.is_empty()).collect();
        let mut tail: Vec<&str> = tail.split("::").map(str::trim).collect();
        match anchor {
            "crate::" => base.clear(),
            "super::" => drop(base.pop()),
            _ => return None,
        }
        while tail.first() == Some(&"super") {
            base.pop();
            tail.remove(0);
        }
        base.extend(tail);
        Some(base.join("::"))
    }
}

/// The next `crate::` or `super::` that begins a path.
fn next_anchor(code: &str) -> Option<(usize, &'static str)> {
    let find = |word: &'static str| {
        let begins = |index: &usize| {
            let before = code.get(..*index).and_then(|before| before.chars().next_back());
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
        };
        code.match_indices(word).map(|(index, _)| index).find(begins).map(|index| (index, word))
    };
    [find("crate::"), find("super::")].into_iter().flatten().min()
}

/// Where a path with its `{…}` group ends.
fn path_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (index, c) in text.char_indices() {
        match c {
            '{' if depth > 0
                || text.get(..index).is_some_and(|before| before.ends_with("::"))
                || index == 0 =>
            {
                depth += 1;
            }
            '}' if depth == 1 => return index + 1,
            '}' if depth > 1 => depth -= 1,
            c if depth > 0 || c.is_alphanumeric() || c == '_' || c == ':' => {}
            _ => return index,
        }
    }
    text.len()
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expand(path: &str) -> Vec<String> {
    let Some((before, group)) = path.split_once('{') else {
        return vec![path.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inside = group.strip_suffix('}').unwrap_or(group);
    let (mut depth, mut start, mut parts) = (0_usize, 0, vec![]);
    for (index, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(inside.get(start..index).unwrap_or_default());
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(inside.get(start..).unwrap_or_default());
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(expand).map(|part| format!("{}{part}", before.trim())).collect()
}

/// Code without line comments and without the tests at the bottom of the file.
fn product_code(text: &str) -> String {
    let (product, _) = text.split_once("#[cfg(test)]\nmod tests").unwrap_or((text, ""));
    let code = product.lines().map(|line| match line.find("//") {
        Some(index) => line.get(..index).unwrap_or_default(),
        None => line,
    });
    code.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_modules_are_found() {
        let source = Source {
            path: PathBuf::new(),
            module: "pki::name::dns".to_owned(),
            code: product_code(
                "use super::{San, found::{A, B as C}};\nuse crate::Role; // crate::no\n\
                 fn f() -> crate::pki::key::KeyPair { super::super::pem::read() }\n\
                 #[cfg(test)]\nmod tests { use crate::hidden; }",
            ),
            text: "#[cfg(test)]\nmod fixtures;\nmod other;".to_owned(),
        };
        assert_eq!(
            source.uses(),
            [
                "pki::name::San",
                "pki::name::found::A",
                "pki::name::found::B",
                "Role",
                "pki::key::KeyPair",
                "pki::pem::read",
            ]
        );
        assert_eq!(source.modules_for_tests(), ["pki::name::dns::fixtures"]);
    }
}
