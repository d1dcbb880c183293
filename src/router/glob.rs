/*!
File name patterns below a router's root, as glob(3) reads them.

fw4 looks for files that end in `.nft` below `/usr/share/nftables.d/chain-pre/CHAIN`, where CHAIN is any
name found on the router, and so may hold pattern characters itself.
*/

use super::root::Root;

/// Paths that match, in order of their bytes (OpenWrt has no locales); a symlink to nowhere matches.
pub(super) fn glob(root: Root<'_>, pattern: &str) -> Vec<String> {
    let lead = if pattern.starts_with('/') { "/" } else { "" };
    let mut found = vec![lead.to_owned()];
    for (i, part) in pattern
        .split('/')
        .filter(|part| !part.is_empty())
        .enumerate()
    {
        let glue = if i == 0 { "" } else { "/" };
        let wanted: Vec<char> = part.chars().collect();
        let mut next = Vec::new();
        for dir in &found {
            if !part.contains(['*', '?', '[', '\\']) {
                let path = format!("{dir}{glue}{part}");
                if root.is_entry(&path) {
                    next.push(path);
                }
                continue;
            }
            let names = root
                .list_dir(if dir.is_empty() { "." } else { dir })
                .unwrap_or_default();
            let names = names.iter().filter(|name| matches_name(&wanted, name));
            next.extend(names.map(|name| format!("{dir}{glue}{name}")));
        }
        found = next;
    }
    found.retain(|path| !path.is_empty());
    found
}

/// fnmatch(3) with FNM_PERIOD: a leading dot is matched by a dot only.
fn matches_name(pattern: &[char], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    if name.first() == Some(&'.') && pattern.first() != Some(&'.') {
        return false;
    }
    matches(pattern, &name)
}

/// The classic walk with one way back: after a mismatch the last `*` takes one character more.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, n));
            p += 1;
            continue;
        }
        let step = match name.get(n) {
            None if p == pattern.len() => return true,
            None => None,
            Some(c) => one(pattern.get(p..).unwrap_or_default(), *c),
        };
        match (step, &mut star) {
            (Some(used), _) => {
                p += used;
                n += 1;
            }
            (None, Some((after, taken))) if *taken < name.len() => {
                *taken += 1;
                (p, n) = (*after, *taken);
            }
            (None, _) => return false,
        }
    }
}

/// How much of the pattern matches this one character, if it does.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['\\', literal, ..] => (*literal == c).then_some(2),
        ['[', rest @ ..] => match bracket(rest, c) {
            Some((true, used)) => Some(used + 1),
            Some((false, _)) => None,
            // Without its end it is an ordinary character.
            None => (c == '[').then_some(1),
        },
        [literal, ..] => (*literal == c).then_some(1),
        [] => None,
    }
}

/// Reads `abc-z]` or `!abc]`: whether the character is meant, and how long the expression is.
fn bracket(rest: &[char], c: char) -> Option<(bool, usize)> {
    let negated = matches!(rest, ['!' | '^', ..]);
    let mut i = usize::from(negated);
    let first = i;
    let mut hit = false;
    loop {
        match rest.get(i..)? {
            [']', ..] if i > first => return Some((hit != negated, i + 1)),
            [from, '-', to, ..] if *to != ']' => {
                hit |= (*from..=*to).contains(&c);
                i += 3;
            }
            [literal, ..] => {
                hit |= *literal == c;
                i += 1;
            }
            [] => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        matches_name(&pattern.chars().collect::<Vec<_>>(), name)
    }

    #[test]
    fn names_match_as_the_shell_has_it() {
        for (pattern, name) in [
            ("*.nft", "10-a.nft"),
            ("*", "anything"),
            ("a*b*c", "a.b.b.c"),
            ("?x", "ax"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[]a]", "]"),
            ("\\*", "*"),
            ("[a", "[a"),
            (".*", ".hidden"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.nft", "10-a.nft~"),
            ("*.nft", ".nft"),
            ("*", ".hidden"),
            ("?", "ab"),
            ("[a-c]", "d"),
            ("[!a-c]", "b"),
            ("\\*", "a"),
            ("", "a"),
            ("a*b", "a"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
