//! Reads the dates that people and programs write and gives them back as ISO 8601.
//!
//! `Fri, 11 Jun 2021 03:15:29 GMT` → `2021-06-11T03:15:29Z`; `2020年3月6日 20:47` → `2020-03-06T20:47`.

use jiff::civil;

/// The date in `text` as ISO 8601, if the whole of `text` is one date that can be read in one way only.
///
/// A time is given when there was one, a zone when there was one (`Z` for Greenwich). `06/11/2021` is June to
/// some and November to others: `None`.
pub fn normalise(text: &str) -> Option<String> {
    let text = text.trim();
    // The longest form is a weekday, a month's name and a zone.
    if text.is_empty() || text.len() > 80 {
        return None;
    }
    let mut reader = Reader { rest: text };
    let date = reader.numeric_date().or_else(|| {
        reader = Reader { rest: text };
        reader.named_date()
    })?;
    let clock = reader.clock()?;
    Some(format!("{:04}-{:02}-{:02}{clock}", date.year(), date.month(), date.day()))
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn skip(&mut self, set: &[char]) -> &mut Self {
        self.rest = self.rest.trim_start_matches(set);
        self
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn take_any(&mut self, tokens: &[&str]) -> bool {
        tokens.iter().any(|t| self.take(t))
    }

    /// Between `min` and `max` digits, ASCII or full-width, and no more of them behind.
    fn number(&mut self, min: usize, max: usize) -> Option<i32> {
        let mut value = 0;
        let mut count = 0;
        let mut rest = self.rest;
        while let Some(digit) = rest.chars().next().and_then(digit) {
            count += 1;
            if count > max {
                return None;
            }
            value = value * 10 + digit;
            rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
        }
        if count < min {
            return None;
        }
        self.rest = rest;
        Some(value)
    }

    fn word(&mut self) -> &'t str {
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// `2021-06-11`, `2021/6/11`, `2021.6.11`, `2021年6月11日`, `20210611`, `二〇二一年六月十一日`.
    fn numeric_date(&mut self) -> Option<civil::Date> {
        if let Some(date) = self.han_date() {
            return Some(date);
        }
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 8 {
            let all = self.number(8, 8)?;
            return date(all / 10_000, all / 100 % 100, all % 100);
        }
        let year = self.number(4, 4)?;
        let separator = self.skip(&[' ']).rest.chars().next()?;
        if !matches!(separator, '-' | '/' | '.' | '年' | '－') {
            return None;
        }
        self.rest = &self.rest[separator.len_utf8()..];
        let month = self.skip(&[' ']).number(1, 2)?;
        let second = if separator == '年' { '月' } else { separator };
        self.skip(&[' ']);
        self.rest = self.rest.strip_prefix(second)?;
        let day = self.skip(&[' ']).number(1, 2)?;
        if separator == '年' {
            self.skip(&[' ']);
            self.take_any(&["日", "号", "號"]);
        }
        date(year, month, day)
    }

    fn han_date(&mut self) -> Option<civil::Date> {
        let mut reader = Reader { rest: self.rest };
        let (year, rest) = reader.rest.split_once('年')?;
        if year.chars().count() != 4 || year.chars().all(|c| digit(c).is_some()) {
            return None;
        }
        let year = year.chars().try_fold(0, |sum, c| Some(sum * 10 + han_digit(c)?))?;
        let (month, rest) = rest.split_once('月')?;
        let at = rest.find(['日', '号', '號'])?;
        let day = han_number(rest.get(..at)?)?;
        reader.rest = rest.get(at..)?.trim_start_matches(['日', '号', '號']);
        self.rest = reader.rest;
        date(year, han_number(month)?, day)
    }

    /// `Fri, 11 Jun 2021`, `11 June 2021`, `June 11th, 2021`, `Fri Jun 11 2021`.
    fn named_date(&mut self) -> Option<civil::Date> {
        let (mut day, mut month, mut year) = (None, None, None);
        for _ in 0..6 {
            self.skip(&[' ', ',', '.', '-']);
            let word = self.word();
            if word.is_empty() {
                let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
                if digits == 4 && day.is_some() && month.is_some() {
                    year = self.number(4, 4);
                } else if day.is_none() {
                    day = Some(self.number(1, 2)?);
                    let before = self.rest;
                    if !matches!(self.word().to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th") {
                        self.rest = before;
                    }
                } else {
                    return None;
                }
            } else if let Some(found) = month_of(word) {
                month = Some(found);
            } else if !is_weekday(word) {
                return None;
            }
            if let (Some(day), Some(month), Some(year)) = (day, month, year) {
                return date(year, month, day);
            }
        }
        None
    }

    /// What follows a date: nothing, or a time and perhaps a zone. `None` if it is something else.
    fn clock(&mut self) -> Option<String> {
        self.skip(&[' ', ',', '\u{3000}', '\u{a0}', '，']);
        if self.take_any(&["(", "（"]) {
            // A weekday in brackets.
            let at = self.rest.find([')', '）'])?;
            let inside = self.rest.get(..at)?;
            if !inside.starts_with(['周', '星', '週', '礼']) && !is_weekday(inside) {
                return None;
            }
            self.rest = self.rest.get(at..)?.trim_start_matches([')', '）', ' ']);
        }
        if self.take_any(&["星期", "周", "週"]) {
            let mut chars = self.rest.chars();
            if !chars.next().is_some_and(|c| "一二三四五六日天".contains(c)) {
                return None;
            }
            self.rest = chars.as_str();
            self.skip(&[' ']);
        }
        if self.rest.starts_with(['T', 't']) {
            self.rest = &self.rest[1..];
        }
        if self.rest.is_empty() {
            return Some(String::new());
        }
        let before = self.rest;
        if matches!(self.word().to_ascii_lowercase().as_str(), "at") {
            self.skip(&[' ']);
        } else {
            self.rest = before;
        }
        let morning = self.take_any(&["上午", "凌晨", "早上"]);
        let afternoon = !morning && self.take_any(&["下午", "晚上", "中午"]);
        let mut hour = self.skip(&[' ']).number(1, 2)?;
        if !self.take_any(&[":", "：", "时", "時", "点"]) {
            return None;
        }
        let mut minute = self.number(2, 2).unwrap_or(-1);
        let mut second = None;
        if minute < 0 && self.rest.is_empty() {
            minute = 0;
        }
        if self.take_any(&[":", "："]) {
            second = Some(self.number(2, 2)?);
            if self.take(".") || self.take(",") {
                let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
            }
        } else if self.take("分")
            && let Some(value) = self.number(1, 2)
        {
            second = Some(value);
            self.take("秒");
        }
        self.skip(&[' ']);
        let before = self.rest;
        let half = self.word().to_ascii_lowercase();
        let (am, pm) = (half == "am" || morning, half == "pm" || afternoon);
        if !matches!(half.as_str(), "am" | "pm") {
            self.rest = before;
        }
        if (pm && hour < 12) || (am && hour == 12) {
            hour = (hour + 12) % 24;
        }
        if !(0..=23).contains(&hour) || !(0..=59).contains(&minute) || second.is_some_and(|s| s > 60) {
            return None;
        }
        let zone = self.zone()?;
        let second = second.map(|s| format!(":{s:02}")).unwrap_or_default();
        Some(format!("T{hour:02}:{minute:02}{second}{zone}"))
    }

    /// `Z`, `GMT`, `UTC+8`, `+0800`, `+08:00`; the empty string for none. Names like CST mean several zones: kept out.
    fn zone(&mut self) -> Option<String> {
        self.skip(&[' ']);
        let before = self.rest;
        let name = self.word().to_ascii_uppercase();
        let greenwich = matches!(name.as_str(), "Z" | "GMT" | "UTC" | "UT");
        if !greenwich {
            self.rest = before;
        }
        let sign = match self.rest.chars().next() {
            Some('+') => '+',
            Some('-' | '−') => '-',
            _ => {
                // `(UTC)`, `CST`, `(China Standard Time)`: says nothing certain, and nothing else may follow.
                let rest = self.rest.trim();
                let named =
                    rest.len() <= 40 && rest.chars().all(|c| c.is_ascii_alphabetic() || " ()".contains(c));
                return named.then(|| if greenwich { "Z".to_owned() } else { String::new() });
            }
        };
        self.rest = self.rest.trim_start_matches(['+', '-', '−']);
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (hour, minute) = if digits == 4 {
            let all = self.number(4, 4)?;
            (all / 100, all % 100)
        } else {
            let hour = self.number(1, 2)?;
            (hour, if self.take(":") { self.number(2, 2)? } else { 0 })
        };
        if hour > 14 || minute > 59 || self.rest.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if (hour, minute) == (0, 0) {
            return Some("Z".to_owned());
        }
        Some(format!("{sign}{hour:02}:{minute:02}"))
    }
}

fn date(year: i32, month: i32, day: i32) -> Option<civil::Date> {
    // Before printing and after the reader's lifetime it is a number that looks like a date.
    if !(1000..=2200).contains(&year) {
        return None;
    }
    civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn digit(c: char) -> Option<i32> {
    match c {
        '0'..='9' => Some(c as i32 - '0' as i32),
        '０'..='９' => Some(c as i32 - '０' as i32),
        _ => None,
    }
}

fn han_digit(c: char) -> Option<i32> {
    if matches!(c, '〇' | '○' | 'Ｏ' | '零') {
        return Some(0);
    }
    "一二三四五六七八九".chars().zip(1..).find(|(han, _)| *han == c).map(|(_, value)| value)
}

/// `三`, `十`, `十一`, `二十`, `三十一`.
fn han_number(text: &str) -> Option<i32> {
    match text.split_once('十') {
        Some((tens, ones)) => {
            let part = |s: &str| {
                let mut chars = s.chars();
                chars.next().and_then(han_digit).filter(|_| chars.next().is_none())
            };
            let tens = if tens.is_empty() { 1 } else { part(tens)? };
            let ones = if ones.is_empty() { 0 } else { part(ones)? };
            Some(tens * 10 + ones)
        }
        None => {
            let mut chars = text.chars();
            chars.next().and_then(han_digit).filter(|_| chars.next().is_none())
        }
    }
}

/// The month an English word names: in full or by three letters or more.
fn month_of(word: &str) -> Option<i32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_ascii_lowercase();
    let found = MONTHS.iter().position(|m| word.len() >= 3 && m.starts_with(&word))?;
    i32::try_from(found + 1).ok()
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let word = word.to_ascii_lowercase();
    word.len() >= 3 && DAYS.iter().any(|d| d.starts_with(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(normalise(text).as_deref(), Some(expected), "{text}");
        assert_eq!(normalise(expected).as_deref(), Some(expected), "normal form of {text}");
    }

    #[test]
    fn mail_and_feed_dates() {
        check("Fri, 11 Jun 2021 03:15:29 GMT", "2021-06-11T03:15:29Z");
        check("Fri, 11 Jun 2021 03:15:29 +0800", "2021-06-11T03:15:29+08:00");
        check("11 June 2021", "2021-06-11");
        check("June 11th, 2021", "2021-06-11");
        check("Jun 11, 2021 3:15 PM", "2021-06-11T15:15");
        check("Dec. 1, 2019 at 12:05 am", "2019-12-01T00:05");
    }

    #[test]
    fn iso_and_its_likes() {
        check("2021-06-11", "2021-06-11");
        check("2021-06-11T03:15:29Z", "2021-06-11T03:15:29Z");
        check("2021-06-11T03:15:29.123+00:00", "2021-06-11T03:15:29Z");
        check("2021-06-11 03:15:29 -05:00", "2021-06-11T03:15:29-05:00");
        check("2021/6/1 3:05", "2021-06-01T03:05");
        check("2021.06.11", "2021-06-11");
        check("20210611", "2021-06-11");
    }

    #[test]
    fn chinese_dates() {
        check("2020年3月6日 20:47:31", "2020-03-06T20:47:31");
        check("2020年03月06日", "2020-03-06");
        check("2020年3月6日 下午8:47", "2020-03-06T20:47");
    }

    #[test]
    fn han_digits() {
        check("二〇二〇年三月六日", "2020-03-06");
        check("二○一九年十二月三十一日", "2019-12-31");
        check("2020年3月6日 星期五 20:47", "2020-03-06T20:47");
    }

    #[test]
    fn what_is_no_certain_date_is_none() {
        for text in [
            "",
            "06/11/2021",
            "2021",
            "June",
            "2021-13-01",
            "2021-02-30",
            "yesterday",
            "2021-06-11 and more",
            "3 days ago",
            "11 2021",
            "2021-06",
            "123456789",
            "2021-06-11T99:00",
            "May 2021",
        ] {
            assert_eq!(normalise(text), None, "{text}");
        }
    }
}
