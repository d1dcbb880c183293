/*!
Time for a deadline that must hold: counted by the kernel since boot, suspension included (`CLOCK_BOOTTIME`, which
is what `/proc/uptime` shows). Nobody sets that clock; NTP, which jumps by years on a router without a
battery, does not touch it. A number for each boot tells deadlines of another life.
*/

use std::fs;
use std::time::Duration;

/// A moment of this boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `/proc/sys/kernel/random/boot_id`
    boot: String,
    since_boot: Duration,
}

impl Moment {
    /// `None` without procfs.
    pub fn now() -> Option<Moment> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let hundredths: u64 = uptime.split(' ').next()?.replace('.', "").parse().ok()?;
        Some(Moment {
            boot: boot.trim().to_owned(),
            since_boot: Duration::from_millis(hundredths.checked_mul(10)?),
        })
    }

    pub fn after(mut self, time: Duration) -> Moment {
        self.since_boot = self.since_boot.saturating_add(time);
        self
    }

    /// How long until then; nothing if it is past, or was in another life.
    pub fn left(&self) -> Duration {
        match Moment::now() {
            Some(now) if now.boot == self.boot => self.since_boot.saturating_sub(now.since_boot),
            _ => Duration::ZERO,
        }
    }

    pub fn write(&self) -> String {
        format!("{} {}\n", self.boot, self.since_boot.as_millis())
    }

    pub fn read(text: &str) -> Option<Moment> {
        let (boot, millis) = text.trim_end().split_once(' ')?;
        Some(Moment {
            boot: boot.to_owned(),
            since_boot: Duration::from_millis(millis.parse().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_survives_being_written_and_is_past_after_a_reboot() {
        let soon = Moment::now().unwrap().after(Duration::from_secs(60));
        let mut read = Moment::read(&soon.write()).unwrap();
        assert_eq!(read, soon);
        assert!(read.left() > Duration::from_secs(58) && read.left() <= Duration::from_secs(60));
        read.boot = "another".into();
        assert_eq!(read.left(), Duration::ZERO);
        assert_eq!(Moment::now().unwrap().left(), Duration::ZERO);
        assert_eq!(Moment::read("what is this"), None);
        assert_eq!(Moment::read(""), None);
    }
}
