//! Reads the line under a headline that says when and where it was published: `2020-03-06 20:47:31 来源: 某网`.

/// What such a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dateline {
    /// ISO 8601, without a zone: the line gives none.
    pub date: String,
    /// Hours and minutes were given, as content systems do and writers of letters do not.
    pub has_time: bool,
    /// What stands behind `来源`; `None` without the label, empty when the label has no value.
    pub source: Option<String>,
}

/// Words before the date.
const BEFORE: [&str; 12] = [
    "发布时间",
    "发布日期",
    "发表时间",
    "发表于",
    "更新时间",
    "發佈時間",
    "發布時間",
    "發布日期",
    "更新時間",
    "时间",
    "時間",
    "日期",
];

/// Words before the source. Not `资料来源`, which names where the facts are from: the label must start a word.
const SOURCE: [&str; 8] =
    ["来源", "來源", "文章来源", "文章來源", "信息来源", "稿件来源", "稿源", "新闻来源"];

/// Words that start the next field, so that they end the value of the source.
const NEXT: [&str; 28] = [
    "作者",
    "编辑",
    "編輯",
    "责任编辑",
    "責任編輯",
    "责编",
    "浏览",
    "瀏覽",
    "点击",
    "點擊",
    "阅读",
    "閱讀",
    "字号",
    "字體",
    "字体",
    "字號",
    "提示",
    "分享",
    "评论",
    "評論",
    "打印",
    "收藏",
    "人气",
    "访问",
    "发布",
    "我要",
    "大中小",
    "【",
];

/// The line read, or `None` when it does not begin with a date (a label before it is allowed) or with the source and
/// then a date.
pub(super) fn parse(line: &str) -> Option<Dateline> {
    let line = line.trim();
    if let Some(rest) = label(line, &SOURCE) {
        // `来源：某网 2020-03-06 20:47`
        let (at, _) =
            rest.char_indices().find(|&(at, c)| c.is_ascii_digit() && date(&rest[at..]).is_some())?;
        let (date, has_time, behind) = date(&rest[at..])?;
        let source = rest[..at].trim_matches(is_filler);
        let source = label_before(source, &BEFORE);
        // An address is no name of a site, and as long as it likes.
        let source = if source.starts_with("http") && !source.contains(' ') { "" } else { source };
        return fits(source, behind).then(|| Dateline { date, has_time, source: Some(source.to_owned()) });
    }
    let rest = label(line, &BEFORE).unwrap_or(line);
    let (date, has_time, behind) = date(rest)?;
    let behind = behind.trim_start_matches(is_filler);
    let Some(value) = find_source(behind) else {
        return behind_is_short(behind).then_some(Dateline { date, has_time, source: None });
    };
    let source = value.trim_start();
    let end = NEXT.iter().filter_map(|word| source.find(word)).min().unwrap_or(source.len());
    let source = &source[..end];
    let source =
        source.split(|c: char| c.is_whitespace() || matches!(c, '|' | '｜')).next().unwrap_or_default();
    let source = source.trim_matches(is_filler);
    fits(source, "").then(|| Dateline { date, has_time, source: Some(source.to_owned()) })
}

/// The first date anywhere in a line that is known to give one: `Опубликовано: 06.03.2020 в 20:47`.
pub(super) fn find(line: &str) -> Option<Dateline> {
    let starts_number = |at: usize| !line[..at].ends_with(|c: char| c.is_ascii_digit());
    line.char_indices().filter(|(at, c)| c.is_ascii_digit() && starts_number(*at)).find_map(|(at, _)| {
        let (date, has_time, _) = date(&line[at..]).or_else(|| day_first(&line[at..]))?;
        Some(Dateline { date, has_time, source: None })
    })
}

/// `06.03.2020`: with full stops the day comes first everywhere. With slashes it does not.
fn day_first(text: &str) -> Option<(String, bool, &str)> {
    let (day, rest) = number(text, 1, 2)?;
    let (month, rest) = number(rest.strip_prefix('.')?, 1, 2)?;
    let (year, rest) = number(rest.strip_prefix('.')?, 4, 4)?;
    let exists = (1990..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    exists.then(|| (format!("{year:04}-{month:02}-{day:02}"), false, rest))
}

/// What the line holds besides date and source must not be a sentence.
fn behind_is_short(behind: &str) -> bool {
    behind.chars().count() <= 24 && !behind.contains(['，', '。', ','])
}

/// A source is a name: short, and no sentence. 24 characters hold the longest names of papers and offices with a
/// department; a guess.
fn fits(source: &str, behind: &str) -> bool {
    source.chars().count() <= 24
        && !source.contains(['，', '。', ',', '！', '？'])
        && behind_is_short(behind.trim())
}

fn is_filler(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '|' | '｜' | '/' | '·' | ':' | '：' | '-' | '—' | '[' | ']' | '【' | '】' | '(' | ')')
}

/// The rest behind one of `words` and a colon.
fn label<'t>(line: &'t str, words: &[&str]) -> Option<&'t str> {
    let line = line.trim_start_matches(['【', '[', '(', '（']);
    words.iter().find_map(|word| {
        let rest = line.strip_prefix(word)?.trim_start();
        Some(rest.strip_prefix([':', '：'])?.trim_start())
    })
}

/// `name 发布时间` without the label that belongs to the date behind it.
fn label_before<'t>(text: &'t str, words: &[&str]) -> &'t str {
    words.iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text).trim_end_matches(is_filler)
}

/// What stands behind the label of the source, the label at the start of a word.
fn find_source(text: &str) -> Option<&str> {
    SOURCE.iter().find_map(|word| {
        let at = text.find(word)?;
        let starts_word = text[..at].chars().next_back().is_none_or(is_filler);
        let rest = text[at + word.len()..].trim_start();
        starts_word.then(|| rest.strip_prefix([':', '：'])).flatten()
    })
}

/// A date at the start of `text`: year, month and day with `-`, `/`, `.` or `年月日`, then perhaps a time.
fn date(text: &str) -> Option<(String, bool, &str)> {
    let (year, rest) = number(text, 4, 4)?;
    let (mark, rest) = split_first(rest)?;
    let (month, rest) = number(rest, 1, 2)?;
    let (second, rest) = split_first(rest)?;
    let matching = matches!((mark, second), ('-', '-') | ('/', '/') | ('.', '.') | ('年', '月'));
    let (day, rest) = number(rest, 1, 2)?;
    let rest = if mark == '年' { rest.strip_prefix('日')? } else { rest };
    if !matching || !(1990..=2100).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) && mark != '年' {
        return None;
    }
    let day = format!("{year:04}-{month:02}-{day:02}");
    match time(rest.trim_start_matches([' ', '\u{A0}', '\u{3000}', 'T'])) {
        Some((time, rest)) => Some((format!("{day}T{time}"), true, rest)),
        None => Some((day, false, rest)),
    }
}

/// `20:47:31` or `8:05`, also with full-width colons.
fn time(text: &str) -> Option<(String, &str)> {
    let (hour, rest) = number(text, 1, 2)?;
    let (minute, rest) = number(rest.strip_prefix([':', '：'])?, 2, 2)?;
    let second = rest.strip_prefix([':', '：']).and_then(|rest| number(rest, 2, 2));
    let (second, rest) = second.map_or((None, rest), |(second, rest)| (Some(second), rest));
    if hour > 23 || minute > 59 || second.is_some_and(|s| s > 60) {
        return None;
    }
    let time = match second {
        Some(second) => format!("{hour:02}:{minute:02}:{second:02}"),
        None => format!("{hour:02}:{minute:02}"),
    };
    Some((time, rest))
}

fn number(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (length >= least).then(|| text[..length].parse().ok().map(|n| (n, &text[length..]))).flatten()
}

fn split_first(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    chars.next().map(|c| (c, chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, date: &str, source: Option<&str>) {
        let read = parse(line).unwrap();
        assert_eq!((read.date.as_str(), read.source.as_deref()), (date, source));
    }

    #[test]
    fn dates_and_sources_are_read() {
        check("2020-03-06 20:47:31 来源: 某某网 提示:全文字", "2020-03-06T20:47:31", Some("某某网"));
        check("      2020-03-17 13:25:52 來源: 某報", "2020-03-17T13:25:52", Some("某報"));
        check("2024年05月17日08:59 来源：", "2024-05-17T08:59", Some(""));
        check("发布时间：2021/6/1 来源：日报 作者：王明", "2021-06-01", Some("日报"));
        check("来源：某某晚报 发布时间：2019-01-02 08:00", "2019-01-02T08:00", Some("某某晚报"));
        check(
            "来源：http://news.example.cn/news386049.html  发布日期：2019-12-13 00:00:00",
            "2019-12-13T00:00:00",
            Some(""),
        );
        check("2024-11-30 07:08:32 | 某新闻网", "2024-11-30T07:08:32", None);
        check("2024-11-30 07:08", "2024-11-30T07:08", None);
    }

    #[test]
    fn what_is_no_such_line_is_not_read() {
        for line in [
            "2020年3月6日，记者从当地了解到，来源：不明",
            "2020-13-06 来源: 某网",
            "20200306",
            "资料来源：统计局",
            "3月6日 来源：某网",
            "来源：统计局公报",
            "来源：http://news.example.cn/2019/386049.html",
            "2020-03-061 来源：某网",
            "",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
