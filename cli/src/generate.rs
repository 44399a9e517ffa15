//! Man pages and shell completions out of the clap definition itself (`--generate man|bash|zsh|fish`).

use clap_complete::Shell;

/// What `--generate` can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Generate {
    Man,
    Bash,
    Zsh,
    Fish,
}

/// The document asked for.
pub fn generate(mut command: clap::Command, what: Generate) -> String {
    let mut page = Vec::new();
    let mut complete = |shell: Shell| {
        let name = command.get_name().to_owned();
        clap_complete::generate(shell, &mut command, name, &mut page);
    };
    match what {
        Generate::Bash => complete(Shell::Bash),
        Generate::Zsh => complete(Shell::Zsh),
        Generate::Fish => complete(Shell::Fish),
        // Writing to memory cannot fail; a page cut short would still be worth showing.
        Generate::Man => clap_mangen::Man::new(command).render(&mut page).unwrap_or_default(),
    }
    String::from_utf8_lossy(&page).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_names_the_command_and_its_flags() {
        for (what, needle) in [
            (Generate::Man, ".TH demo"),
            (Generate::Bash, "_demo()"),
            (Generate::Zsh, "#compdef demo"),
            (Generate::Fish, "complete -c demo"),
        ] {
            let page =
                generate(clap::Command::new("demo").arg(clap::Arg::new("dry-run").long("dry-run")), what);
            assert!(page.contains(needle) && page.contains("dry"), "{what:?}: {page}");
        }
    }
}
