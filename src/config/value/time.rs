/*! When a rule matches: days, times of day and dates, as fw4 reads them. */

use super::super::raw::Scalar;
use super::super::ucode;
use super::parse::{choose, digits, inverted};
use super::*;

/// `2026-12-31`, `2026-12`, `2026`, `2026-12-31T23:59:59`
pub fn date(value: &Scalar) -> Option<Timestamp> {
    let text = value.text();
    let mut parts = text.splitn(3, '-');
    let year: u16 = exactly(parts.next()?, 4..=4)?;
    let month: u8 = parts.next().map_or(Some(0), |m| exactly(m, 1..=2))?;
    let (day, clock) = match parts.next() {
        None => (
            0,
            TimeOfDay {
                hour: 0,
                min: 0,
                sec: 0,
            },
        ),
        Some(rest) => match rest.split_once('T') {
            None => (
                exactly(rest, 1..=2)?,
                TimeOfDay {
                    hour: 0,
                    min: 0,
                    sec: 0,
                },
            ),
            Some((day, clock)) => (exactly(day, 1..=2)?, time_of_day(clock)?),
        },
    };
    let ok = (1970..=2038).contains(&year) && month <= 12 && day <= 31;
    ok.then(|| Timestamp {
        year,
        month: month.max(1),
        day: day.max(1),
        time: clock,
    })
}

pub fn time(value: &Scalar) -> Option<TimeOfDay> {
    time_of_day(value.text())
}

fn time_of_day(text: &str) -> Option<TimeOfDay> {
    let mut parts = text.split(':');
    let hour = exactly(parts.next()?, 1..=2)?;
    let min = parts.next().map_or(Some(0), |m| exactly(m, 1..=2))?;
    let sec = parts.next().map_or(Some(0), |s| exactly(s, 1..=2))?;
    (parts.next().is_none() && hour <= 23 && min <= 59 && sec <= 59).then_some(TimeOfDay {
        hour,
        min,
        sec,
    })
}

/// A decimal number of so many digits.
fn exactly<T: std::str::FromStr>(text: &str, len: std::ops::RangeInclusive<usize>) -> Option<T> {
    len.contains(&text.len()).then_some(())?;
    digits(text)?.parse().ok()
}

pub fn weekdays(value: &Scalar) -> Option<Weekdays> {
    let Inv { invert, value } = inverted(value)?;
    let names = [
        ("Monday", Weekday::Monday),
        ("Tuesday", Weekday::Tuesday),
        ("Wednesday", Weekday::Wednesday),
        ("Thursday", Weekday::Thursday),
        ("Friday", Weekday::Friday),
        ("Saturday", Weekday::Saturday),
        ("Sunday", Weekday::Sunday),
    ];
    let mut days = Vec::new();
    for word in ucode::words(value) {
        let day = choose(word, &names)?;
        if !days.contains(&day) {
            days.push(day);
        }
    }
    Some(Weekdays { invert, days })
}

/// Days of the month are checked and then ignored, as in fw4.
pub fn monthdays(value: &Scalar) -> Option<()> {
    let text = inverted(value)?.value;
    ucode::words(text)
        .all(|day| ucode::number(day).is_none_or(|n| n.as_f64() >= 1.0 && n.as_f64() <= 31.0))
        .then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> Scalar<'_> {
        Scalar::Text(s)
    }

    #[test]
    fn dates_and_times() {
        let d = date(&text("2026-2")).expect("valid");
        assert_eq!((d.year, d.month, d.day), (2026, 2, 1));
        let d = date(&text("2026-12-31T23:59")).expect("valid");
        assert_eq!((d.time.hour, d.time.min, d.time.sec), (23, 59, 0));
        for wrong in [
            "1969",
            "2039",
            "2026-13",
            "2026-1-32",
            "26-1-1",
            "2026-1-1T",
            "2026-1-1T24",
        ] {
            assert_eq!(date(&text(wrong)), None, "{wrong}");
        }
    }
}
