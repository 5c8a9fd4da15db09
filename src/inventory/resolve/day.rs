//! Days of texts: RFC 3339, or a date alone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The day in UTC that a text names.
pub(super) fn of(text: &str) -> Option<Date> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.to_zoned(TimeZone::UTC).date());
    }
    text.get(..10)?.parse().ok()
}

/// Days from one day to another; negative where it lies before.
pub(super) fn between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

/// A day some days later.
pub(super) fn later(day: Date, days: u32) -> Option<Date> {
    day.checked_add(jiff::Span::new().try_days(i64::from(days)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        let day = |text| of(text).map(|day| day.to_string());
        assert_eq!(day("2026-01-01T23:30:00-02:00").as_deref(), Some("2026-01-02"));
        assert_eq!(day("2026-01-01").as_deref(), Some("2026-01-01"));
        assert_eq!(day("soon"), None);
        let (first, second) = (of("2026-01-01").unwrap(), of("2026-03-01").unwrap());
        assert_eq!((between(first, second), between(second, first)), (59, -59));
        assert_eq!(later(first, 59), Some(second));
    }
}
