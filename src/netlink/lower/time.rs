/*!
`meta time`, `meta hour`, `meta day`: nft(8), META EXPRESSIONS.

The kernel counts in UTC. nft turns local times into it with the offset of the router's time zone: for a date
the one of that date, for a time of day the one of now. So does [`Clock`].
*/

use std::mem::MaybeUninit;

use super::Lowering;
use super::field::{Field, Operand, Source};
use crate::netlink::error::Reason;
use crate::netlink::expr::{CmpOp, HostToNetwork, Meta, Value};
use crate::netlink::kernel_abi::{
    NFT_META_TIME_DAY, NFT_META_TIME_HOUR, NFT_META_TIME_NS, NFT_REG_1,
};
use crate::netlink::udata::{ByteOrder, TypeOf};
use crate::ruleset::{MetaHour, MetaTime, TimeOfDay, Timestamp, Weekday};

/// nft's `enum datatypes`.
const TYPE_TIME_DAY: u32 = 45;
const SECONDS_PER_DAY: i64 = 86_400;
const NANOSECONDS: i64 = 1_000_000_000;

/// The router's time zone.
pub struct Clock {
    /// Seconds east of Greenwich at a moment, given in seconds since 1970.
    offset_at: fn(i64) -> i64,
    now: i64,
}

impl Clock {
    /// The C library's, from `TZ` or `/etc/localtime` (musl: `/etc/TZ`).
    pub fn system() -> Self {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs() as i64);
        Clock {
            offset_at: system_offset,
            now,
        }
    }

    fn seconds_of(time: TimeOfDay) -> i64 {
        i64::from(time.hour) * 3600 + i64::from(time.min) * 60 + i64::from(time.sec)
    }

    /// Nanoseconds since 1970, which the kernel counts in 64 bits: from 1970 to 2262. A moment outside is
    /// taken for the end of that time (nft lets the number overflow, and the rule then never matches).
    fn moment(&self, at: Timestamp) -> i64 {
        let days = days_since_1970(i64::from(at.year), i64::from(at.month), i64::from(at.day));
        let seconds = days * SECONDS_PER_DAY + Self::seconds_of(at.time);
        let seconds = seconds.saturating_sub((self.offset_at)(seconds));
        seconds.saturating_mul(NANOSECONDS).max(0)
    }

    /// Seconds since midnight UTC.
    fn hour(&self, time: TimeOfDay) -> u32 {
        let local = Self::seconds_of(time) - (self.offset_at)(self.now);
        local.rem_euclid(SECONDS_PER_DAY) as u32
    }
}

/// The proleptic Gregorian calendar; months and days out of range run on, as in timegm(3).
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let months = year * 12 + (month - 1);
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
    // Years begin in March, so that the leap day is the last.
    let (year, month) = if month < 2 {
        (year - 1, month + 10)
    } else {
        (year, month - 2)
    };
    let era = year.div_euclid(400);
    let year = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

/// On routers whose C library counts seconds in 32 bits, dates after 2038 have the offset of 2038.
// On others the conversions convert nothing.
#[allow(clippy::useless_conversion)]
fn system_offset(at: i64) -> i64 {
    let latest = || i64::from(i32::MAX).try_into();
    let at = at.try_into().or_else(|_| latest()).unwrap_or_default();
    let mut tm = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are valid; on failure the zeroed value stands.
    let tm = unsafe {
        libc::localtime_r(&at, tm.as_mut_ptr());
        tm.assume_init()
    };
    i64::from(tm.tm_gmtoff)
}

impl Lowering<'_> {
    pub fn time(&mut self, time: MetaTime) -> Result<(), Reason> {
        let clock = self.around.clock;
        let value = |at| Value::new(&clock.moment(at).to_be_bytes());
        self.push(Meta {
            key: NFT_META_TIME_NS,
            register: NFT_REG_1,
        });
        self.push(HostToNetwork {
            register: NFT_REG_1,
            size: 8,
        });
        match time {
            MetaTime::From(from) => self.at_least(value(from)),
            MetaTime::To(to) => self.at_most(value(to)),
            MetaTime::Between(from, to) => {
                let (from, to) = (value(from), value(to));
                if from > to {
                    return Err(Reason::BadRange);
                }
                self.in_range(from, to, false);
            }
        }
        Ok(())
    }

    pub fn hour(&mut self, hour: MetaHour) {
        let clock = self.around.clock;
        let value = |time| Value::new(&clock.hour(time).to_be_bytes());
        self.push(Meta {
            key: NFT_META_TIME_HOUR,
            register: NFT_REG_1,
        });
        self.push(HostToNetwork {
            register: NFT_REG_1,
            size: 4,
        });
        match hour {
            MetaHour::From(from) => self.at_least(value(from)),
            MetaHour::To(to) => self.at_most(value(to)),
            MetaHour::Between(from, to) => {
                let (from, to) = (value(from), value(to));
                // Across midnight (in UTC): not between the end and the beginning.
                if from > to {
                    self.in_range(to, from, true)
                } else {
                    self.in_range(from, to, false)
                }
            }
        }
    }

    fn at_least(&mut self, value: Value) {
        self.test(CmpOp::Gte, value);
    }

    fn at_most(&mut self, value: Value) {
        self.test(CmpOp::Lte, value);
    }

    pub fn days(&mut self, days: &[Weekday], invert: bool) -> Result<(), Reason> {
        let field = Field {
            source: Source::Meta(NFT_META_TIME_DAY),
            length: 1,
            data_type: TYPE_TIME_DAY,
            byte_order: ByteOrder::Host,
            type_of: TypeOf::Meta(NFT_META_TIME_DAY),
        };
        let operand = |day: &Weekday| Ok(Operand::Value(Value::from(*day as u8)));
        self.compare_any(field, days, operand, invert)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn time(hour: u8, min: u8) -> TimeOfDay {
        TimeOfDay { hour, min, sec: 0 }
    }

    #[test]
    fn days_are_counted_as_timegm_does() {
        assert_eq!(days_since_1970(1970, 1, 1), 0);
        assert_eq!(days_since_1970(2000, 2, 29), 11_016);
        assert_eq!(days_since_1970(2024, 12, 31), 20_088);
        assert_eq!(days_since_1970(2023, 2, 31), days_since_1970(2023, 3, 3));
        assert_eq!(days_since_1970(1969, 12, 31), -1);
    }

    #[test]
    fn local_times_become_utc() {
        let east = Clock {
            offset_at: |_| 2 * 3600,
            now: 0,
        };
        assert_eq!(east.hour(time(10, 0)), 8 * 3600);
        assert_eq!(east.hour(time(0, 30)), 22 * 3600 + 1800);
        let west = Clock {
            offset_at: |_| -5 * 3600,
            now: 0,
        };
        assert_eq!(west.hour(time(23, 0)), 4 * 3600);
        // Summer time begins between the two.
        let summer = Clock {
            offset_at: |at| if at > 1_600_000_000 { 7200 } else { 3600 },
            now: 0,
        };
        let at = |year| Timestamp {
            year,
            month: 1,
            day: 1,
            time: time(0, 0),
        };
        assert_eq!(
            summer.moment(at(2020)),
            (1_577_836_800 - 3600) * NANOSECONDS
        );
        assert_eq!(summer.moment(at(1970)), 0, "an hour before the beginning");
        assert_eq!(summer.moment(at(9999)), i64::MAX);
        assert_eq!(
            summer.moment(at(2021)),
            (1_609_459_200 - 7200) * NANOSECONDS
        );
    }
}
