//! What a line says of itself: which kind of line it is, and how loudly it says so.

use std::cell::OnceCell;
use std::sync::LazyLock;

use super::phrases::{Anywhere, Gate, Part, Phrase, Starts};
use super::{Class, Item, SUPPORT, Zone, dateline, is_prose};
use crate::lang::chars::{self, is_han};
use crate::lang::lines::Line;

/// Characters of the longest line that is looked at. Registration notices are the longest; 300 holds those of large
/// Chinese portals.
pub(super) const LONGEST: u32 = 300;

/// Visible characters of the longest line that is taken for a menu. A guess: ten entries of twelve.
const TILED: u32 = 120;

/// What the line says of itself, and how loudly.
pub(super) fn recognise(text: &str, line: &Line, zone: Zone) -> Option<(Class, u8)> {
    Reading::of(text, line).class(zone)
}

/// A line in lower case, and the menu that it is.
struct Spelt {
    lower: String,
    menu: Option<(Class, u8)>,
}

/// A line that is read once and asked what it says in either zone.
pub(super) struct Reading<'t> {
    text: &'t str,
    line: &'t Line,
    /// `None` where no phrase may stand in it.
    spelt: OnceCell<Option<Spelt>>,
}

impl<'t> Reading<'t> {
    pub(super) fn of(text: &'t str, line: &'t Line) -> Self {
        Self { text, line, spelt: OnceCell::new() }
    }

    /// What the line is in this zone, and how loudly it says so.
    pub(super) fn class(&self, zone: Zone) -> Option<(Class, u8)> {
        let Self { text, line, .. } = self;
        let visible = line.visible();
        if visible > LONGEST {
            return None;
        }
        if let Some(weight) = debris(text, line, zone) {
            return Some((Class::Debris, weight));
        }
        if zone == Zone::Head
            && line.digits >= 6
            && visible <= 80
            && let Some(read) = dateline::parse(text)
            && (read.source.is_some() || read.has_time)
        {
            return Some((Class::Dateline, if read.source.is_some() { 3 } else { 2 }));
        }
        let Spelt { lower, menu } = self.spelt.get_or_init(|| self.spell()).as_ref()?;
        if let Some(found) = breadcrumb(lower, zone) {
            return Some(found);
        }
        let found = menu.or_else(|| spoken(lower, line, zone));
        found.or_else(|| follows(text).then_some((Class::Share, 1)))
    }

    fn spell(&self) -> Option<Spelt> {
        // Most lines are done with here.
        if self.text.is_ascii() && !may_speak(self.text) {
            return None;
        }
        let lower = normalize(self.text);
        // Without the targets of links.
        let fits = |limit: u32| lower.chars().filter(|c| !c.is_whitespace()).count() <= limit as usize;
        let menu = if self.line.visible() <= TILED || fits(TILED) { tiled(&lower) } else { None };
        Some(Spelt { lower, menu })
    }
}

static GATE: LazyLock<Gate> = LazyLock::new(|| Gate::new(FRONT_PAGES.into_iter().chain([YOU_ARE_HERE])));

/// Whether a phrase may stand in a line that is ASCII, and so not shorter when it is normalized.
fn may_speak(text: &str) -> bool {
    if GATE.may_begin(text, |c| separates(c) || is_mark(c)) || GATE.may_hold(text) {
        return true;
    }
    // Phrases that stand anywhere have single spaces.
    let odd = text.contains("  ") || text.bytes().any(|byte| matches!(byte, b'\t'..=b'\r'));
    odd && GATE.may_hold(&normalize(text))
}

/// A mark of a list or a heading before a line.
fn is_mark(c: char) -> bool {
    matches!(c, '#' | '*' | '_' | '-') || BULLETS.contains(&c)
}

/// What browsers for terminals and converters put before the entries of lists, level by level (w3m: `• □ ☆ ○ ■ ★ ◎ ● △ ▲`).
pub(super) const BULLETS: [char; 14] = ['•', '◦', '■', '▪', '□', '☆', '○', '★', '◎', '●', '△', '▲', '◇', '◆'];

/// Lower case, without the marks of a list, a heading or a link; full-width colons and brackets as ASCII ones; single
/// spaces.
pub(super) fn normalize(text: &str) -> String {
    let text = text.trim_matches(|c: char| c.is_whitespace() || (c != '-' && is_mark(c)));
    let text = text.strip_prefix("- ").unwrap_or(text);
    if text.is_ascii() && !text.contains("](") {
        if !text.contains("  ") && !text.bytes().fold(false, |odd, b| odd | matches!(b, b'\t'..=b'\r')) {
            return text.to_ascii_lowercase();
        }
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b'\t'..=b'\r' | b' ' if out.ends_with(' ') => {}
                b'\t'..=b'\r' | b' ' => out.push(' '),
                _ => out.push(char::from(byte.to_ascii_lowercase())),
            }
        }
        out.truncate(out.trim_end().len());
        return out;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            // The target of a Markdown link.
            ']' if rest.starts_with('(') => {
                let Some(end) = rest.find(')') else { continue };
                rest = &rest[end + 1..];
                if let Some(open) = out.rfind('[') {
                    out.remove(open);
                }
            }
            '：' => out.push(':'),
            '（' => out.push('('),
            '）' => out.push(')'),
            '｜' => out.push('|'),
            '［' => out.push('['),
            '］' => out.push(']'),
            '’' => out.push('\''),
            '“' | '”' => out.push('"'),
            c if is_han(c) => out.push(c),
            c if c.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            // Punctuation, and scripts without case.
            '\u{2010}'..='\u{20FF}' | '\u{2E80}'..='\u{A63F}' => out.push(c),
            // `İ` in lower case is `i` and a dot of its own, which no list writes.
            c => out.extend(c.to_lowercase().filter(|&c| c != '\u{307}')),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Characters between the brackets of a field to write in, as browsers for terminals draw it. The boxes of a list of tasks have one.
const FIELD: usize = 8;

/// Lines without a letter: serial numbers, counters, lone question marks, fields of forms.
fn debris(text: &str, line: &Line, zone: Zone) -> Option<u8> {
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'))
        && inner.len() >= FIELD
        && inner.bytes().all(|byte| byte == b' ')
    {
        return Some(1);
    }
    if line.han + line.kana + line.letters > 0 || line.visible() > 64 || text.contains(char::is_whitespace) {
        return None;
    }
    if zone == Zone::Tail && line.digits >= 20 && line.digits == line.visible() {
        // The serial numbers of content systems have 24 to 42 digits; card and account numbers have at most 19.
        return Some(if line.digits >= 24 { 3 } else { 2 });
    }
    let bare = text.trim_matches(['(', ')', '（', '）', '[', ']', '+', ' ']);
    let counter = text != bare && (1..=4).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_digit());
    let lone_mark = zone == Zone::Tail && text.chars().all(|c| matches!(c, '?' | '？'));
    (counter || lone_mark).then_some(1)
}

/// The line is made of such phrases and nothing else.
fn tiled(lower: &str) -> Option<(Class, u8)> {
    static TILES: LazyLock<Starts> = LazyLock::new(|| Starts::of(Part::Tile));
    let mut done = 0;
    let (mut count, mut sections, mut loud, mut best): (u8, u8, u8, Option<(Class, u8)>) = (0, 0, 0, None);
    let mut last_was_spaced = false;
    let mut seen: Vec<&Phrase> = Vec::new();
    while let Some((start, phrase)) = next(&TILES, lower, done) {
        let gap = &lower[done..start];
        let spaced = phrase.text.starts_with(is_spaced);
        let glued = (spaced && gap.ends_with(|c: char| c.is_ascii_digit()))
            || (last_was_spaced && gap.starts_with(|c: char| c.is_ascii_digit()));
        if !is_separator(gap) || glued || (gap.is_empty() && done > 0 && spaced && last_was_spaced) {
            return None;
        }
        // A menu names each of its entries once; what comes again is a table: `x x x x`.
        if seen.iter().any(|known| std::ptr::eq(*known, phrase)) {
            return None;
        }
        seen.push(phrase);
        count = count.saturating_add(1);
        sections = sections.saturating_add(u8::from(phrase.class == Class::Section));
        loud = loud.saturating_add(u8::from(phrase.weight >= SUPPORT));
        if best.is_none_or(|(_, w)| w < phrase.weight) {
            best = Some((phrase.class, phrase.weight));
        }
        done = start + phrase.text.len();
        last_was_spaced = phrase.text.ends_with(is_spaced);
    }
    let rest = &lower[done..];
    if !is_separator(rest) || (last_was_spaced && rest.starts_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    // Three weak phrases on one line are a widget, five are a menu. Guesses.
    let by_count = match count {
        0..=2 => 1,
        // `网站XML地图 | 网站TXT地图 | 网站HTML地图`: each rarely stands in a text.
        _ if loud >= 3 => 3,
        3 | 4 => 2,
        // Names of sections alone may be the keywords of an article.
        _ if sections == count => 2,
        _ => 3,
    };
    best.map(|(class, weight)| (class, weight.max(by_count)))
}

/// The longest phrase behind `done` before which nothing but what [`separates`] stands, and its place: most lines have another character
/// there, and are done with.
fn next(tiles: &Starts, text: &str, done: usize) -> Option<(usize, &'static Phrase)> {
    for (at, c) in text[done..].char_indices() {
        if let Some(phrase) = tiles.all(&text[done + at..]).next() {
            return Some((done + at, phrase));
        }
        if !separates(c) {
            return None;
        }
    }
    None
}

/// What stands between the parts of a menu: space, bars, brackets, small counts. Not the marks of a list or of an
/// enumeration in a sentence.
fn is_separator(gap: &str) -> bool {
    gap.chars().filter(char::is_ascii_digit).count() <= 6 && gap.chars().all(separates)
}

fn separates(c: char) -> bool {
    c.is_whitespace()
        || c.is_ascii_digit()
        || matches!(
            c,
            '|' | '•'
                | '·'
                | ':'
                | '('
                | ')'
                | '>'
                | '»'
                | '›'
                | '‹'
                | '«'
                | '/'
                | '←'
                | '→'
                | '↑'
                | '▲'
                | '▼'
                | '▶'
                | '×'
                | '✕'
                | '…'
                | '['
                | ']'
                | '【'
                | '】'
        )
}

/// A letter or digit of a script that sets spaces between words.
fn is_spaced(c: char) -> bool {
    chars::is_alphanumeric(c) && !(is_han(c) || ('\u{3040}'..='\u{30FF}').contains(&c))
}

/// Without a space, such a phrase goes on as another word: `more` in `moreover`.
fn goes_on(phrase: &str, behind: &str) -> bool {
    phrase.ends_with(is_spaced) && behind.starts_with(is_spaced)
}

/// What stands between the steps of a trail of links.
const STEPS: [char; 4] = ['>', '»', '›', '/'];

/// Whether a line that was recognised is a trail of links: `首页 > 新闻 > 正文`, `您现在的位置：首页 » 新闻`.
pub(super) fn is_trail(item: &Item) -> bool {
    item.found.is_some_and(|(class, weight)| class == Class::Navigation && weight >= SUPPORT)
        && item.text.trim_end_matches([' ', '>', '»', '›']).contains(ARROWS)
}

/// What stands between the steps of a trail and in no menu.
pub(super) const ARROWS: [char; 3] = ['>', '»', '›'];

/// `首页 > 新闻 > 正文`: short names between arrows, and the first is the front page.
fn breadcrumb(lower: &str, zone: Zone) -> Option<(Class, u8)> {
    if zone == Zone::Tail || lower.len() > 240 || !lower.contains(STEPS) {
        return None;
    }
    let mut steps = lower.split(STEPS).map(str::trim).filter(|s| !s.is_empty());
    let front = steps.next()?;
    let count = steps.clone().count();
    // The last step may be the headline.
    let short = steps.take(count.saturating_sub(1)).all(|s| s.chars().count() <= 16);
    // `首页/末页` in a sentence is an alternative; a front page is `首页` or `新闻网首页`.
    let chinese = ["首页", "首頁"].iter().any(|word| front.ends_with(word))
        && front.chars().count() <= 8
        && (lower.contains(ARROWS) || lower.contains(" / "));
    let other = FRONT_PAGES.contains(&front) || front.starts_with(YOU_ARE_HERE);
    match (short && count >= 1, chinese, other) {
        (true, true, _) => Some((Class::Navigation, 3)),
        (true, false, true) => Some((Class::Navigation, if count >= 2 { 2 } else { 1 })),
        _ => None,
    }
}

const YOU_ARE_HERE: &str = "you are here";

/// What trails of links begin with.
const FRONT_PAGES: [&str; 24] = [
    "home",
    "homepage",
    "ホーム",
    "トップ",
    "トップページ",
    "top",
    "홈",
    "start",
    "startseite",
    "accueil",
    "inicio",
    "portada",
    "início",
    "página inicial",
    "главная",
    "strona główna",
    "ana sayfa",
    "anasayfa",
    "beranda",
    "trang chủ",
    "الرئيسية",
    "الصفحة الرئيسية",
    "主页",
    "主頁",
];

/// The line begins with such a phrase and is short, or holds a notice.
fn spoken(lower: &str, line: &Line, zone: Zone) -> Option<(Class, u8)> {
    static STARTS: LazyLock<Starts> = LazyLock::new(|| Starts::of(Part::Start));
    static ANYWHERE: LazyLock<Anywhere> = LazyLock::new(Anywhere::new);
    let visible = lower.chars().filter(|c| !c.is_whitespace()).count();
    let prose = is_prose(line);
    let bracket = lower.len() - lower.trim_start_matches(['(', '[', '【', ' ']).len();
    let mut best: Option<(Class, u8)> = None;
    let mut copyright = u8::from(zone == Zone::Tail && has_copyright_sign(lower));
    let starting =
        |at: usize| STARTS.all(&lower[at..]).map(move |phrase| (at..at + phrase.text.len(), phrase));
    let behind_bracket = (bracket > 0).then(|| starting(bracket));
    let anywhere = GATE.may_hold(lower).then(|| ANYWHERE.all(lower));
    for (found, phrase) in
        starting(0).chain(behind_bracket.into_iter().flatten()).chain(anywhere.into_iter().flatten())
    {
        let mut weight = phrase.weight;
        let behind = &lower[found.end..];
        if goes_on(phrase.text, behind) {
            continue;
        }
        // A paragraph that speaks of such words quotes them, or comes to them late; a notice begins with them.
        if prose
            && (found.start * 3 > lower.len() || (phrase.class != Class::Cookies && lower.contains(QUOTES)))
        {
            continue;
        }
        let short = match phrase.class {
            Class::Copyright => {
                // Above an article such a line belongs to something else: the title page of a book, a file header.
                // A registration has its number; a law speaks of registrations without.
                let numbered =
                    !(phrase.text.contains("icp") || phrase.text.ends_with("许可证")) || line.digits >= 5;
                let starts_word =
                    !lower[..found.start].ends_with(is_spaced) || !phrase.text.starts_with(is_spaced);
                if zone == Zone::Tail && numbered && starts_word {
                    copyright = copyright.saturating_add(weight).min(3);
                }
                continue;
            }
            Class::Cookies => LONGEST as usize,
            // Invitations are sentences, one or two.
            Class::Subscribe | Class::Comment | Class::Correction => 160,
            Class::Related => 120,
            Class::Editor => 40,
            Class::Dateline => {
                if zone == Zone::Tail || line.digits < 3 {
                    continue;
                }
                60
            }
            // A credit or a pager has no sentence in it, and names are short.
            _ => 60,
        };
        let a_sentence =
            matches!(phrase.class, Class::Cookies | Class::Subscribe | Class::Comment | Class::Correction);
        if visible > short || (!a_sentence && lower.contains('。')) {
            continue;
        }
        if phrase.class == Class::Editor {
            let value = behind.trim_matches([' ', ':']);
            if weight == 2
                && zone == Zone::Tail
                && (2..=4).contains(&value.chars().count())
                && value.chars().all(is_han)
            {
                weight = 3;
            }
            // `Sources:` above a list of them is the article's.
            let heads = value.is_empty() && !phrase.text.contains(is_han);
            if (zone == Zone::Head || heads) && weight > 1 {
                weight -= 1;
            }
        }
        // Headlines begin like invitations: `Don't miss the last ferry`, `Comments on the plan flood in`.
        let invites =
            matches!(phrase.class, Class::Subscribe | Class::Comment | Class::Correction | Class::Related);
        if zone == Zone::Head
            && phrase.part == Part::Start
            && invites
            && weight > 1
            && found.end < lower.len()
        {
            weight -= 1;
        }
        if best.is_none_or(|(_, w)| w < weight) {
            best = Some((phrase.class, weight));
        }
    }
    match best {
        Some((_, weight)) if copyright > weight => Some((Class::Copyright, copyright)),
        Some(found) => Some(found),
        None if copyright > 0 => Some((Class::Copyright, copyright)),
        None => None,
    }
}

/// `’` is `'` by now, and an apostrophe.
const QUOTES: [char; 8] = ['"', '«', '»', '„', '‘', '「', '『', '《'];

/// The sign itself and a year. `(c)` is how program texts write it, and those are no pages.
pub(super) fn has_copyright_sign(lower: &str) -> bool {
    let year = |digits: &str| digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
    lower.contains('©') && lower.split(|c: char| !c.is_ascii_digit()).any(year)
}

/// `关注某某网`: an invitation to follow, without a mark and short. The names are anybody's, so it needs company.
fn follows(text: &str) -> bool {
    let Some(name) = text.strip_prefix("关注").or_else(|| text.strip_prefix("關注")) else {
        return false;
    };
    (2..=8).contains(&name.chars().count()) && name.chars().all(chars::is_alphanumeric)
}
