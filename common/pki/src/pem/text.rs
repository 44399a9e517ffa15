//! Text that remembers which line of the input each part of it is from.

use zeroize::Zeroizing;

/// Text between two rewritings: lines end in `\n`, blanks are spaces, and what nobody sees is gone.
/// Wiped on drop: it may turn out to hold a private key.
#[derive(Default)]
pub(super) struct Text {
    text: Zeroizing<String>,
    /// Where a part from another line of the input begins: offset and 1-based line, ascending.
    starts: Vec<(usize, usize)>,
}

/// A line of a [`Text`]; several may be from one line of the input.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// Of the input, 1-based.
    pub(super) number: usize,
    /// Without its end.
    pub(super) text: &'a str,
}

impl Text {
    pub(super) fn with_capacity(octets: usize) -> Self {
        Self { text: Zeroizing::new(String::with_capacity(octets)), starts: Vec::new() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The same as text of one line of another input.
    pub(super) fn within(self, line: usize) -> Self {
        Self { starts: vec![(0, line)], ..self }
    }

    /// A part of it; nothing for a range that is none.
    pub(super) fn get(&self, range: std::ops::Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// The line of the input that an offset is from.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        let after = self.starts.partition_point(|(start, _)| *start <= offset);
        after.checked_sub(1).and_then(|index| self.starts.get(index)).map_or(1, |(_, line)| *line)
    }

    /// The lines of a part; the first and the last may be parts of lines.
    pub(super) fn lines(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = Line<'_>> {
        let mut start = range.start;
        self.get(range).split('\n').map(move |text| {
            let line = Line { number: self.line_at(start), text };
            start += text.len() + 1;
            line
        })
    }

    pub(super) fn all_lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.lines(0..self.text.len())
    }

    /// Appends a character of this line as it is to be read: every blank is a space, every end of a
    /// line `\n`, a full-width form its ASCII character; an invisible character is left out.
    pub(super) fn push(&mut self, c: char, line: usize) {
        let Some(c) = plain(c) else { return };
        self.begin(line);
        self.text.push(c);
    }

    /// Appends a part of another text.
    pub(super) fn append(&mut self, other: &Self, range: std::ops::Range<usize>) {
        if range.is_empty() {
            return;
        }
        self.begin(other.line_at(range.start));
        let first = other.starts.partition_point(|(start, _)| *start <= range.start);
        let inner = other.starts.iter().skip(first).take_while(|(start, _)| *start < range.end);
        let moved = self.text.len();
        self.starts.extend(inner.map(|(start, line)| (moved + start - range.start, *line)));
        self.text.push_str(other.get(range));
    }

    fn begin(&mut self, line: usize) {
        if self.starts.last().is_none_or(|(_, last)| *last != line) {
            self.starts.push((self.text.len(), line));
        }
    }
}

/// A character as it is to be read; `None` for one that nobody sees.
fn plain(c: char) -> Option<char> {
    match c {
        '\n' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        // Soft hyphen, zero-width and bidirectional characters, the byte order mark.
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => None,
        '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        c if c.is_control() => None,
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_knows_its_line_also_when_moved() {
        let mut text = Text::with_capacity(0);
        for (c, line) in
            [('a', 1), ('\n', 1), ('b', 2), ('\u{200b}', 2), ('c', 3), ('\u{a0}', 3), ('\u{ff0d}', 9)]
        {
            text.push(c, line);
        }
        assert_eq!(text.as_str(), "a\nbc -");
        let found: Vec<_> = text.all_lines().map(|line| (line.number, line.text)).collect();
        assert_eq!(found, [(1, "a"), (2, "bc -")]);
        assert_eq!([0, 1, 2, 3, 4, 5].map(|offset| text.line_at(offset)), [1, 1, 2, 3, 3, 9]);
        let mut moved = Text::with_capacity(0);
        moved.push('x', 1);
        moved.append(&text, 3..6);
        moved.append(&text, 0..1);
        assert_eq!(moved.as_str(), "xc -a");
        assert_eq!([0, 1, 2, 3, 4].map(|offset| moved.line_at(offset)), [1, 3, 3, 9, 1]);
    }
}
