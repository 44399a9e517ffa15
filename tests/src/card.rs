//! The cards: console blocks of a Markdown file, run as a reader would type them.
//!
//! In a fenced block of kind `console` a line `$ command` is run by bash, the lines below it are
//! what it prints on stdout and stderr together; `[..]` stands for any text within a line, a line
//! `...` for any lines, and a last line `[exit status N]` for an end other than 0. Where no line
//! stands below a command, it has to end with 0 and may print anything. A command may go on in
//! the next line after a backslash. Blocks of any other kind are not run.

/// One command of a card, and what it is said to print.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// 1-based line of the command in the file.
    pub line: usize,
    /// What is typed.
    pub command: String,
    /// What it prints.
    pub expected: Vec<String>,
}

impl Step {
    /// Whether what was printed (with `[exit status N]` as last line when N is not 0) is what the
    /// card says.
    pub fn holds(&self, printed: &[&str]) -> bool {
        let last = self.expected.iter().rposition(|line| !line.trim().is_empty());
        match last.and_then(|last| self.expected.get(..=last)) {
            Some(expected) => matches(expected, printed),
            None => !printed.last().is_some_and(|line| line.starts_with("[exit status ")),
        }
    }
}

/// All commands of all console blocks, in order.
pub fn steps(markdown: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = vec![];
    let (mut inside, mut continued) = (false, false);
    for (index, text) in markdown.lines().enumerate() {
        if text.starts_with("```") {
            inside = !inside && text.trim_end() == "```console";
            continued = false;
        } else if inside && continued {
            let step = steps.last_mut().expect("a continuation follows a command");
            step.command = format!("{}\n{text}", step.command);
            continued = text.ends_with('\\');
        } else if let (true, Some(command)) = (inside, text.strip_prefix("$ ")) {
            steps.push(Step { line: index + 1, command: command.to_owned(), expected: vec![] });
            continued = text.ends_with('\\');
        } else if let (true, Some(step)) = (inside, steps.last_mut()) {
            step.expected.push(text.to_owned());
        }
    }
    steps
}

/// Compares line by line.
fn matches(expected: &[String], printed: &[&str]) -> bool {
    match (expected, printed) {
        ([], []) => true,
        ([any, rest @ ..], _) if any == "..." => {
            (0..=printed.len()).any(|skipped| matches(rest, printed.get(skipped..).unwrap_or_default()))
        }
        ([first, rest @ ..], [line, lines @ ..]) => line_matches(first, line) && matches(rest, lines),
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected.trim_end() == line.trim_end(),
        Some((before, after)) => line.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(index, _)| index)
                .chain([rest.len()])
                .any(|index| rest.get(index..).is_some_and(|rest| line_matches(after, rest)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_outputs_come_out_of_console_blocks_only() {
        let card = "# Card\n```sh\n$ no\n```\n```console\n$ one \\\n  more\nout\n\n$ two\n```\n$ no\n";
        let expected = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(
            steps(card),
            [
                Step { line: 6, command: "one \\\n  more".to_owned(), expected: expected(&["out", ""]) },
                Step { line: 10, command: "two".to_owned(), expected: vec![] },
            ]
        );
    }

    #[test]
    fn a_command_without_output_only_has_to_succeed() {
        let step = |expected: &[&str]| Step {
            line: 1,
            command: String::new(),
            expected: expected.iter().map(|line| (*line).to_owned()).collect(),
        };
        assert!(step(&[""]).holds(&["anything"]));
        assert!(!step(&[]).holds(&["anything", "[exit status 2]"]));
        assert!(step(&["...", "[exit status 2]", ""]).holds(&["anything", "[exit status 2]"]));
        assert!(!step(&["something"]).holds(&["anything"]));
    }

    #[test]
    fn wildcards_stand_for_text_and_for_lines() {
        for (expected, printed, same) in [
            (vec!["a"], vec!["a"], true),
            (vec!["a"], vec!["b"], false),
            (vec!["a"], vec!["a", "b"], false),
            (vec!["a", "b"], vec!["a"], false),
            (vec!["a [..] c"], vec!["a b b c"], true),
            (vec!["a [..] c"], vec!["a b d"], false),
            (vec!["[..]"], vec![""], true),
            (vec!["a", "...", "c"], vec!["a", "b", "b", "c"], true),
            (vec!["a", "...", "c"], vec!["a", "c"], true),
            (vec!["a", "..."], vec!["b"], false),
            (vec!["..."], vec![], true),
        ] {
            let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(matches(&expected, &printed), same, "{expected:?} {printed:?}");
        }
    }
}
