//! What holds for every UCI file: reading never panics, what is written canonically is read back,
//! places are right, and neither the number nor the length of lines brings the reader down.

use std::path::Path;

use ferrowall::text;
use ferrowall::uci::{Error, Package, Spanned, Value, apply_changes, parse};

/// Xorshift, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a [u8]]) -> &'a [u8] {
        from[self.below(from.len())]
    }
}

const NAMES: &[&[u8]] = &[b"a", b"b", b"name", b"src_ip", b"x_1"];
const TYPES: &[&[u8]] = &[b"rule", b"zone", b"redirect", b"we|rd"];
const VALUES: &[&[u8]] = &[
    b"1",
    b"",
    b"two words",
    b"it's",
    b"\"",
    b"\\",
    b"a#b;c",
    b"B\xfcro",
    "B\u{fc}ro".as_bytes(),
    b"more\nlines\n",
    b"\x01\t\x7f",
    b"\xff\xfe",
];
const PIECES: &[&[u8]] = &[
    b"config",
    b"option",
    b"list",
    b"package",
    b"c ",
    b"o ",
    b"l ",
    b" ",
    b"\t",
    b"\n",
    b"\r\n",
    b"'",
    b"\"",
    b"\\",
    b"\\\n",
    b";",
    b"#",
    b"''",
    b"rule",
    b"name",
    b"\xff",
    b"\0",
    b"=",
    b".",
    b"firewall.",
    b"-",
    b"+",
    b"|",
    b"~",
    b"^",
    b"@",
    "\u{10FF41}".as_bytes(),
];

/// A file that libuci accepts, in its own plain style.
fn some_file(random: &mut Random, sections: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for section in 0..sections {
        out.extend([b"config ", random.pick(TYPES)].concat());
        if random.below(2) == 0 {
            out.extend(format!(" 's{section}'").bytes());
        }
        for _ in 0..random.below(6) {
            out.extend(random.pick(&[
                b"\n\toption ",
                b"\n\tlist ",
                b"\n# comment\n\toption ",
                b"\n\n  list ",
            ]));
            out.extend(random.pick(NAMES));
            out.push(b' ');
            quote(&mut out, random.pick(VALUES));
        }
        out.push(b'\n');
    }
    out
}

fn quote(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'\'');
    for byte in value {
        match byte {
            b'\'' => out.extend(b"'\\''"),
            byte => out.push(*byte),
        }
    }
    out.push(b'\'');
}

fn some_noise(random: &mut Random) -> Vec<u8> {
    let mut out = if random.below(2) == 0 {
        some_file(random, 3)
    } else {
        Vec::new()
    };
    for _ in 0..1 + random.below(12) {
        let at = random.below(out.len() + 1);
        let piece = random.pick(PIECES);
        match random.below(3) {
            0 => drop(out.splice(at..at, piece.iter().copied())),
            1 => drop(out.drain(at..(at + random.below(8)).min(out.len()))),
            _ => out.extend(piece),
        }
    }
    out
}

fn read(bytes: &[u8]) -> Result<Package<'_>, Error> {
    parse(bytes, "firewall", Path::new("firewall"))
}

/// As `uci export` writes it.
fn export(package: &Package) -> Vec<u8> {
    let mut out = Vec::new();
    for section in &package.sections {
        out.extend(format!("\nconfig {}", section.kind).bytes());
        if !section.anonymous {
            out.extend(format!(" '{}'", section.name).bytes());
        }
        out.push(b'\n');
        for option in &section.options {
            let (keyword, values) = match &option.value {
                Value::String(value) => ("option", std::slice::from_ref(value)),
                Value::List(items) => ("list", items.as_slice()),
            };
            for value in values {
                out.extend(format!("\t{keyword} {} ", option.name).bytes());
                quote(&mut out, &text::encode(&value.text));
                out.push(b'\n');
            }
        }
    }
    out
}

fn values_mut<'p, 't>(package: &'p mut Package<'t>) -> impl Iterator<Item = &'p mut Spanned<'t>> {
    package
        .sections
        .iter_mut()
        .flat_map(|section| &mut section.options)
        .flat_map(|option| match &mut option.value {
            Value::String(value) => std::slice::from_mut(value),
            Value::List(items) => items.as_mut_slice(),
        })
}

/// What a package says, not where: that an option was given twice is about lines, too.
fn without_places(mut package: Package<'_>) -> Package<'_> {
    values_mut(&mut package).for_each(|value| value.span = None);
    let sections = package.sections.iter_mut();
    sections
        .flat_map(|section| &mut section.options)
        .for_each(|option| option.replaces = false);
    package
        .sections
        .iter_mut()
        .for_each(|section| section.span = None);
    package
}

#[test]
fn noise_is_read_or_refused_but_never_panics() {
    let mut random = Random(0x5EED_0001);
    let (mut read_well, mut refused) = (0, 0);
    for _ in 0..4000 {
        let noise = some_noise(&mut random);
        match read(&noise) {
            Ok(mut package) => {
                read_well += 1;
                apply_changes(&mut package, &some_noise(&mut random));
            }
            Err(error) => {
                refused += 1;
                let shown = error.to_string();
                let syntax = error.syntax().expect("nothing but syntax can be wrong");
                assert!(syntax.span().end as usize <= noise.len(), "{noise:?}");
                assert!(
                    shown.starts_with(&format!("firewall:{}:", syntax.span().line)),
                    "{shown}"
                );
            }
        }
    }
    assert!(
        read_well > 100 && refused > 100,
        "{read_well} read, {refused} refused"
    );
}

#[test]
fn a_package_written_canonically_is_read_back() {
    let mut random = Random(0x5EED_0002);
    for _ in 0..1000 {
        let file = some_file(&mut random, 5);
        let package = without_places(read(&file).expect("well-formed"));
        let exported = export(&package);
        let again = without_places(read(&exported).expect("canonical"));
        assert_eq!(again, package, "{}", text::decode(&file));
    }
}

#[test]
fn a_value_is_found_at_its_place() {
    let mut random = Random(0x5EED_0003);
    let mut values = 0;
    for _ in 0..300 {
        let file = some_file(&mut random, 6);
        let mut package = read(&file).expect("well-formed");
        for value in values_mut(&mut package) {
            let span = value.span.clone().expect("from the file");
            let (start, end) = (span.start as usize, span.end as usize);
            let mut written = Vec::new();
            quote(&mut written, &text::encode(&value.text));
            assert_eq!(file[start..end], written);
            let before = text::decode(&file[..start]);
            let line = before.rsplit('\n').next().unwrap();
            assert_eq!(span.line as usize, before.matches('\n').count() + 1);
            assert_eq!(span.column as usize, line.chars().count() + 1);
            values += 1;
        }
    }
    assert!(values > 1000);
}

#[test]
fn it_does_not_matter_where_the_reader_cuts_a_large_file() {
    let mut random = Random(0x5EED_0004);
    let file = some_file(&mut random, 900);
    assert!(file.len() > 3 * (16 << 10), "not large: {}", file.len());
    let whole = without_places(read(&file).expect("well-formed"));
    for shift in (0..150).step_by(11) {
        let shifted = [vec![b'\n'; shift], file.clone()].concat();
        let mut package = read(&shifted).expect("well-formed");
        let last = values_mut(&mut package)
            .last()
            .and_then(|value| value.span.clone())
            .expect("it has values");
        assert_eq!(shifted.get(last.start as usize), Some(&b'\''));
        assert_eq!(without_places(package), whole, "shifted by {shift}");
    }
}

/// Reads `text` where recursion per line, command or piece would overflow the stack.
fn read_on_a_small_stack(text: String) -> Result<Package<'static>, Error> {
    std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(move || read(text.leak().as_bytes()))
        .expect("a thread")
        .join()
        .expect("no overflow")
}

#[test]
fn a_million_lines_are_no_problem() {
    let package =
        read_on_a_small_stack(format!("{}config rule\n", "\n".repeat(1_000_000))).unwrap();
    assert_eq!(
        package.sections[0].span.as_ref().map(|s| s.line),
        Some(1_000_001)
    );
    let package = read_on_a_small_stack("c r\n".repeat(20_000)).unwrap();
    assert_eq!(package.sections.len(), 20_000);
}

#[test]
fn very_long_lines_are_no_problem() {
    let commands =
        read_on_a_small_stack(format!("c r 'r'; {}", "l a 'b'; ".repeat(20_000))).unwrap();
    let pieces =
        read_on_a_small_stack(format!("c r\no a {}", "'b'\\c\"d\"".repeat(30_000))).unwrap();
    let value = read_on_a_small_stack(format!("c r\no a '{}'", "b\n".repeat(1_000_000))).unwrap();
    let length = |package: &Package| match &package.sections[0].options[0].value {
        Value::String(value) => value.text.len(),
        Value::List(items) => items.len(),
    };
    assert_eq!(
        [length(&commands), length(&pieces), length(&value)],
        [20_000, 90_000, 2_000_000]
    );
    let refused = read_on_a_small_stack(format!("c r\no a '{}", "'b'".repeat(30_001)));
    assert!(refused.unwrap_err().syntax().is_some());
}

#[test]
fn what_is_too_large_is_refused() {
    let bytes = vec![b'\n'; (16 << 20) + 1];
    assert!(matches!(read(&bytes), Err(Error::TooLarge { .. })));
}
