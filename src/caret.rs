/*! A line of a file with a mark under the place that is meant. */

/// How much of a long line to show before and behind the place.
const CONTEXT: usize = 60;

/// The line, indented, and below it a caret at this column (from 1), which goes on below so many characters.
pub fn below(line: &str, column: u32, width: usize) -> String {
    let before = (column as usize).saturating_sub(1);
    let skipped = before.saturating_sub(CONTEXT);
    let mut rest = line.chars().skip(skipped);
    let shown: String = rest.by_ref().take(2 * CONTEXT).collect();
    let shown = printable(&shown);
    let left = if skipped > 0 { "..." } else { "" };
    let right = if rest.next().is_some() { "..." } else { "" };

    let mut out = format!("    {left}{shown}{right}\n    ");
    // Tabs stay tabs, so that the caret stands where the terminal puts the character.
    let blank = |c| if c == '\t' { '\t' } else { ' ' };
    let text = left.chars().chain(shown.chars());
    out.extend(text.map(blank).take(left.len() + before - skipped));
    out.push('^');
    let behind = shown.chars().count().saturating_sub(before - skipped);
    out.extend(std::iter::repeat_n(
        '~',
        width.min(behind).saturating_sub(1),
    ));
    out
}

/// A terminal does as control characters say; a file from elsewhere must not command it.
pub fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\t' { '?' } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_as_long_as_the_value_and_no_longer_than_the_line() {
        assert_eq!(
            below("\toption src 'gest'", 13, 6),
            "    \toption src 'gest'\n    \t           ^~~~~~"
        );
        assert_eq!(below("'ab", 1, 9), "    'ab\n    ^~~");
        assert_eq!(below("", 1, 0), "    \n    ^");
        let long = below(&"x".repeat(500), 300, 500);
        assert!(
            long.lines().all(|line| line.len() <= 4 + 3 + 120 + 3),
            "{long}"
        );
    }
}
