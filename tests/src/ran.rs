//! What a command did: exit status, stdout and stderr in one value.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command that has ended.
#[must_use = "assert how it ended: success, ended or refused"]
pub struct Ran {
    /// The command line, the folder of the world shown as `$TMP`.
    pub line: String,
    /// The exit status; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Everything on stdout.
    pub stdout: String,
    /// Everything on stderr.
    pub stderr: String,
}

impl Ran {
    /// Runs a command to its end, with `input` on its stdin.
    pub fn of(mut command: Command, home: &Path, input: &[u8]) -> Self {
        let line = shown(&command, home);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{line}: {error}"));
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // A command that does not read its input closes the pipe: that is its affair.
        let writer = std::thread::spawn(move || drop(std::io::Write::write_all(&mut stdin, &input)));
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Self { line, code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Asserts exit status 0 and gives stdout.
    #[track_caller]
    pub fn success(self) -> String {
        self.ended(0);
        self.stdout
    }

    /// Asserts an exit status.
    #[track_caller]
    pub fn ended(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{self}");
    }

    /// Asserts an exit status and that stderr says all of this.
    #[track_caller]
    pub fn refused(&self, code: i32, says: &[&str]) {
        self.ended(code);
        for part in says {
            assert!(self.stderr.contains(part), "stderr does not say {part:?}\n{self}");
        }
        self.is_safe_to_print();
    }

    /// Asserts what the last line of stderr says: what is true now.
    #[track_caller]
    pub fn now(&self, standing: &str) {
        assert_eq!(self.stderr.lines().last(), Some(standing), "{self}");
    }

    /// Asserts that nothing printed can draw on a terminal: no control character but the line feed.
    #[track_caller]
    pub fn is_safe_to_print(&self) {
        for text in [&self.stdout, &self.stderr] {
            let bad = text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(bad, None, "{self}");
        }
    }

    /// stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

/// What a command said that may have been interrupted in the middle of a character.
impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self {
            line: String::new(),
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// The whole run as one text.
impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.line.is_empty() {
            writeln!(f, "$ {}", self.line)?;
        }
        writeln!(f, "--- stdout\n{}", self.stdout.trim_end())?;
        writeln!(f, "--- stderr\n{}", self.stderr.trim_end())?;
        match self.code {
            Some(code) => write!(f, "[exit status {code}]"),
            None => write!(f, "[ended by a signal]"),
        }
    }
}

/// A command line as one would type it.
pub fn shown(command: &Command, home: &Path) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    let program = program.strip_prefix("e2e-").unwrap_or(&program).to_owned();
    let words = command.get_args().map(|word| {
        let word = word.to_string_lossy().replace(&*home.to_string_lossy(), "$TMP");
        if word.contains([' ', '*', '\'', '"', '\\']) { format!("'{word}'") } else { word }
    });
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}
