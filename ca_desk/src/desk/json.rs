//! `--format json` and `ndjson`: the same object for each entry.

use super::entry::{Entry, Field, View, printable};
use super::form::{Form, Header};
use super::tally::Tally;
use cli::{Exit, output};
use serde_json::{Map, Value, json};

/// One document around all entries, written as they come.
pub(super) struct Document {
    header: Header,
    any: bool,
}

impl Document {
    pub(super) const fn new(header: Header) -> Self {
        Self { header, any: false }
    }
}

impl Form for Document {
    fn head(&mut self) -> String {
        let Header { command, document: _, profile } = self.header;
        format!("{{\"schema\":\"{command}/1\",\"profile\":\"{profile}\",\"entries\":[")
    }

    fn entry(&mut self, entry: &Entry) -> String {
        let separator = if std::mem::replace(&mut self.any, true) { ",\n" } else { "\n" };
        format!("{separator}{}", object(entry))
    }

    fn tail(&mut self, tally: &Tally, exit: Exit) -> String {
        let (code, outcome) = (exit.code(), exit.word());
        format!("\n],\"summary\":{},\"exit\":{code},\"outcome\":\"{outcome}\"}}\n", summary(tally))
    }
}

/// One line per entry and nothing else.
pub(super) struct Lines;

impl Form for Lines {
    fn head(&mut self) -> String {
        String::new()
    }

    fn entry(&mut self, entry: &Entry) -> String {
        format!("{}\n", object(entry))
    }

    fn tail(&mut self, _: &Tally, _: Exit) -> String {
        String::new()
    }
}

fn object(entry: &Entry) -> Value {
    json!({
        "file": printable(&entry.source.path),
        "position": entry.source.position,
        "line": entry.source.line,
        "verdict": entry.verdict().word(),
        "is_pair": entry.is_pair,
        "title": entry.title,
        "document": entry.view.as_ref().map(view),
        "findings": output::findings_json(&entry.findings),
        "remarks": entry.remarks,
        "error": entry.trouble.as_ref().map(|trouble| json!({ "id": trouble.id(), "text": trouble.text() })),
    })
}

fn view(view: &View) -> Value {
    let value = |field: &Field| match field {
        Field::One(text) => Value::from(text.as_str()),
        Field::Many(texts) => Value::from(texts.clone()),
    };
    Value::Object(
        view.0.iter().map(|(name, field)| ((*name).to_owned(), value(field))).collect::<Map<_, _>>(),
    )
}

fn summary(tally: &Tally) -> Value {
    let rules = tally.rules().into_iter().map(|(rule, count)| {
        json!({
            "rule": rule,
            "severity": count.severity,
            "documents": count.documents,
            "findings": count.findings,
        })
    });
    json!({
        "total": tally.total(),
        "clean": tally.clean(),
        "warned": tally.warned(),
        "refused": tally.refused(),
        "not_judged": tally.not_judged(),
        "pairs": { "total": tally.pairs().0, "warned": tally.pairs().1, "refused": tally.pairs().2 },
        "rules": rules.collect::<Value>(),
    })
}
