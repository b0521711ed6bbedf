//! What a replica has to say to people: lines on standard error, which the supervisor keeps as
//! `replica.log`.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// Says one line, with the time in front.
macro_rules! say {
    ($($arg:tt)*) => { $crate::say::line(format_args!($($arg)*)) };
}
pub(crate) use say;

/// Says one line, with the time (UTC) in front.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    use std::io::Write;
    // Nobody is left to be told when standard error is gone.
    let _ = writeln!(std::io::stderr(), "{} {text}", Utc::now());
}

/// Whether the `count`-th occurrence of something is worth a line: the 1st, 2nd, 4th, 8th...
/// A peer must not be able to fill the disk with our complaints.
pub(crate) fn is_worth_saying(count: u64) -> bool {
    count.is_power_of_two()
}

/// A moment in coordinated universal time.
struct Utc {
    seconds: u64,
    millis: u32,
}

impl Utc {
    fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { seconds: since.as_secs(), millis: since.subsec_millis() }
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Days are counted from 1 March of year 0, so that a leap day ends its year.
        let days = self.seconds / 86_400 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        let time = self.seconds % 86_400;
        let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
        let millis = self.millis;
        write!(f, "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::Utc;

    #[test]
    fn moments_are_spelled_by_the_calendar() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_798_761_599, "2026-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(Utc { seconds, millis: 0 }.to_string(), expected);
        }
    }
}
