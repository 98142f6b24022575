//! Texts whose lines are in different encodings, and lines out of step.
//!
//! Concatenated pages, logs and comment threads hold lines of several encodings. Read as a whole, one of the parts becomes mojibake, so
//! each line is read alone: the path through the lines is sought whose readings cost least, a change of encoding included. A line
//! that lost a byte is read on from where its characters make sense again.

use encoding_rs::UTF_8;

use super::charset::Charset;
use super::east_asian::{self, Code, Ends, Scan};
use super::model::{self, Guess};
use super::single;
use super::table::NAT;
use super::{By, Decoded};

/// What a change of encoding from line to line costs: six nats, as a character.
const SWITCH: u32 = 6 * NAT;
/// The same between encodings of one byte a character, in which every line means something.
const SWITCH_OF_SINGLES: u32 = 24 * NAT;

/// Characters of UTF-8, in nats: letters and Han cost what they cost elsewhere, those of other blocks come by chance.
const UTF8_USUAL: u32 = 6;
const UTF8_RARE: u32 = 12;
/// A damaged place.
const UTF8_DAMAGED: u32 = 30 * NAT;
/// One or two characters may be UTF-8 by chance: `筛选` in GBK is `ɸѡ`.
const UTF8_FEW: u32 = 4 * NAT;
/// A line that is damaged and holds no character of several bytes is hardly UTF-8.
const UTF8_ONLY_DAMAGED: u32 = 60 * NAT;

/// Lines that are looked at one by one for what they may be in.
const LINES_SAMPLED: usize = 128;

/// Encodings of one byte a character that are looked for in a text.
const SINGLES_AT_MOST: usize = 3;

/// Bytes other than ASCII there must be in a line that is taken for another encoding, and what each costs there in nats: text costs
/// three to four.
const STRANGE_AT_LEAST: usize = 6;
const MISFIT: f32 = 4.3;

/// Whether a line is hardly text in an encoding in which it costs so much.
fn misfit(cost: u32, line: &[u8]) -> bool {
    let strange = line.iter().filter(|&&b| b >= 0x80).count();
    strange >= STRANGE_AT_LEAST && cost as f32 > strange as f32 * MISFIT * NAT as f32
}

/// The same in an encoding of one byte a character.
fn single_misfit(cost: u32, line: &[u8]) -> bool {
    let pairs = single::strange_pairs(line);
    pairs > STRANGE_AT_LEAST && cost as f32 > pairs as f32 * MISFIT * NAT as f32
}

/// What another encoding costs for a line that is beyond doubt.
const CERTAIN: u32 = 100 * NAT;

/// By how much a line must be more likely in another encoding for that to be looked at: ten nats.
const OTHER: u32 = 10 * NAT;

/// Bytes of a line that are looked at for its encoding.
const LINE_BYTES: usize = 2 << 10;

/// A way to read a line.
#[derive(Clone, Copy)]
enum Way {
    Utf8,
    EastAsian(&'static Code),
    /// Encoding and language, by their places.
    Single(usize, usize),
}

impl Way {
    fn charset(self) -> Charset {
        match self {
            Self::Utf8 => Charset::Standard(UTF_8),
            Self::EastAsian(code) => Charset::Standard(code.encoding),
            Self::Single(at, _) => single::singles()[at].charset,
        }
    }

    /// What it costs that the next line is in `next`.
    fn switch(self, next: Self) -> u32 {
        match (self, next) {
            (Self::Single(..), Self::Single(..)) => SWITCH_OF_SINGLES,
            _ => SWITCH,
        }
    }

    /// The cost without a search.
    fn glance(self, line: &[u8]) -> u32 {
        match self {
            Self::Utf8 => utf8_cost(line),
            Self::EastAsian(code) => code.scan(line).cost,
            Self::Single(at, language) => single::singles()[at].cost(language, line),
        }
    }

    /// Whether nothing speaks against the line.
    fn fits(self, line: &[u8]) -> bool {
        match self {
            Self::Utf8 => std::str::from_utf8(line).is_ok(),
            Self::EastAsian(code) => code.scan(line).fits(),
            Self::Single(..) => !single_misfit(self.glance(line), line),
        }
    }

    /// Whether the line is text in this encoding without doubt: others need no look.
    fn certain(self, line: &[u8]) -> bool {
        let Self::EastAsian(code) = self else { return false };
        let scan = code.scan(line);
        scan.sure() && scan.fits()
    }

    fn cost(self, line: &[u8], ends: Ends) -> u32 {
        match self {
            Self::Utf8 => utf8_cost(line),
            Self::EastAsian(code) => {
                let scan = code.scan(line);
                if scan.fits() && !ends.first { scan.cost } else { code.path(line, ends).0.min(scan.cost) }
            }
            Self::Single(at, language) => single::singles()[at].cost(language, line),
        }
    }
}

fn utf8_cost(line: &[u8]) -> u32 {
    let mut cost = 0_u32;
    let mut valid = 0;
    let mut chunks = line.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        for character in chunk.valid().as_bytes().chunk_by(|_, b| (0x80..0xC0).contains(b)) {
            let nats = match character {
                [..=0xBF, ..] => continue,
                [0xE3..=0xED, ..] | [0xE0, ..] | [0xE2, 0x80..=0x82, _] | [0xEF, 0xBC..=0xBD, _] => {
                    UTF8_USUAL + 1
                }
                [0xE1..=0xF4 | 0xC6..=0xCD | 0xD2..=0xD6 | 0xDA..=0xDF, ..] => UTF8_RARE,
                _ => UTF8_USUAL,
            };
            valid += 1;
            cost = cost.saturating_add(nats * NAT);
        }
        if !chunk.invalid().is_empty() {
            // Cut at the end of what is looked at.
            let cut = chunks.peek().is_none() && begins_character(chunk.invalid());
            cost = cost.saturating_add(if cut { UTF8_USUAL * NAT } else { UTF8_DAMAGED });
        }
    }
    cost.saturating_add(match valid {
        0 => UTF8_ONLY_DAMAGED,
        1 | 2 => UTF8_FEW,
        _ => 0,
    })
}

/// Whether these bytes are the beginning of a UTF-8 character and lack only its end.
pub(super) fn begins_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

/// Lines with bytes other than ASCII, and what is UTF-8 of them.
struct Census<'a> {
    lines: Vec<&'a [u8]>,
    /// Whether some line is UTF-8 and cannot be so by chance.
    utf8: bool,
}

/// Characters of three bytes or more, in one line without damage, that no other encoding gives by chance: each is
/// one chance in twenty or less.
const BEYOND_CHANCE: usize = 3;

/// Bytes of lines that are not UTF-8 in which it is looked for all the same.
const DAMAGED_SEARCHED: usize = 4 << 10;

/// Valid characters of several bytes there must be in a line for one damaged place. In a line of another encoding
/// sequences that are valid as UTF-8 come by chance, one for two or more that are not (GBK: one character in six
/// looks like one).
const VALID_FOR_ONE_DAMAGED: usize = 4;

/// The same of all lines together, and how many there must be: a name in each of three lines and a byte that is none.
const VALID_FOR_ONE_DAMAGED_IN_ALL: usize = 2;

/// Characters of several bytes that are valid UTF-8, and places that are not.
fn valid_and_damaged(line: &[u8]) -> (usize, usize) {
    let (mut valid, mut damaged) = (0, 0);
    for chunk in line.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|&b| b >= 0xC0).count();
        damaged += usize::from(!chunk.invalid().is_empty());
    }
    (valid, damaged)
}

fn census(bytes: &[u8]) -> Census<'_> {
    let mut census = Census { lines: Vec::new(), utf8: false };
    let mut searched = 0;
    let (mut valid_in_all, mut damaged_in_all) = (0, 0);
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, next) = rest.split_at(end);
        rest = next;
        let valid = encoding_rs::Encoding::utf8_valid_up_to(line);
        if valid == line.len() {
            if !census.utf8 {
                let two = line.iter().filter(|&&b| b >= 0xC0).count();
                valid_in_all += two;
                census.utf8 = two >= BEYOND_CHANCE;
            }
        } else if !census.utf8 && searched < DAMAGED_SEARCHED {
            searched += line.len();
            let (valid, damaged) = valid_and_damaged(line);
            valid_in_all += valid;
            damaged_in_all += damaged;
            census.utf8 = valid >= BEYOND_CHANCE && valid >= VALID_FOR_ONE_DAMAGED * damaged;
        }
        census.lines.push(line);
    }
    census.utf8 |= valid_in_all >= 2 && valid_in_all >= VALID_FOR_ONE_DAMAGED_IN_ALL * damaged_in_all;
    census
}

/// The text of bytes that are not UTF-8, or not all of them.
pub(super) fn decode(bytes: &[u8], told: &[Charset]) -> Decoded {
    let census = census(bytes);
    let mut known = None;
    if !census.utf8 {
        let guess = model::guess(bytes, told);
        if let Some(decoded) = whole(bytes, guess) {
            return decoded;
        }
        known = Some(guess);
    }
    by_lines(&census, known, told)
}

/// Whether the first bytes are Chinese, Japanese or Korean beyond doubt, but for NULs that files are padded with.
pub(super) fn east_asian(bytes: &[u8]) -> bool {
    let head = bytes.get(..LINE_BYTES).unwrap_or(bytes);
    let strange = head.iter().filter(|&&b| b >= 0x80).count();
    east_asian::codes()
        .iter()
        .map(|code| code.scan(head))
        .any(|scan| scan.sure() && scan.characters as usize * 2 >= strange)
}

/// The text of bytes that are all in one encoding; `None` where that is in doubt.
fn whole(bytes: &[u8], guess: Guess) -> Option<Decoded> {
    let code = match guess.charset {
        Charset::Standard(encoding) if guess.single.is_none() => east_asian::code(encoding),
        _ => None,
    };
    let Some(code) = code else {
        if single_misfits(bytes, guess) {
            return None;
        }
        let (text, replaced) = guess.charset.decode(bytes);
        return guess.good.then(|| Decoded::new(text, guess, replaced));
    };
    if begins_amid(bytes, code) {
        return None;
    }
    let (text, unfit) = code.text(bytes)?;
    let same = unfit.into_iter().enumerate().all(|(place, line)| {
        let line = &bytes[line];
        let scan = code.scan(line);
        // What costs no more than text as a whole is in no other encoding, but may have lost a byte.
        let alone = scan.sure()
            || nothing_cheaper(line, scan.cost, code) && (place >= UNFIT_SEARCHED || no_single(line, scan));
        alone && !skips(line, code)
    });
    same.then(|| Decoded::new(text, guess, 0))
}

/// Whether a line that does not look like text in an encoding makes no more sense in UTF-8 or another encoding of two bytes.
fn nothing_cheaper(line: &[u8], cost: u32, code: &Code) -> bool {
    utf8_cost(line).saturating_add(SWITCH) >= cost
        && others(code).all(|other| other.scan(line).cost + OTHER >= cost)
}

/// Whether a line makes more sense without some byte.
fn skips(line: &[u8], code: &Code) -> bool {
    // A long line is cut where it may be within a character.
    let amid = |at: &usize| at + 4 <= line.len();
    code.may_skip(line) && code.path(line, Ends { first: false, last: true }).1.iter().any(amid)
}

/// The encodings of this sort but one.
fn others(code: &Code) -> impl Iterator<Item = &'static Code> {
    east_asian::codes().iter().filter(|other| other.encoding != code.encoding)
}

/// Lines that do not fit, for which encodings of one byte a character are tried.
const UNFIT_SEARCHED: usize = 8;

/// Whether a line makes no more sense in an encoding of one byte a character.
fn no_single(line: &[u8], scan: Scan) -> bool {
    if scan.invalid == 0 && !misfit(scan.cost, line) {
        return true;
    }
    !single::Pairs::new(&[line]).cheaper(scan.cost.saturating_sub(2 * OTHER))
}

/// Whether lines of a text do not look like the rest of it.
fn single_misfits(bytes: &[u8], guess: Guess) -> bool {
    let Some((at, language)) = guess.single else { return false };
    let way = Way::Single(at, language);
    let lines = memchr::memchr_iter(b'\n', bytes).count();
    let step = lines.div_ceil(2 * LINES_SAMPLED).max(1);
    bytes.split(|&b| b == b'\n').step_by(step).any(|line| {
        let line = line.get(..LINE_BYTES).unwrap_or(line);
        single_misfit(way.glance(line), line)
    })
}

/// What is looked at of a text that may begin amid a character.
const HEAD_BYTES: usize = 64;

/// Whether the first byte is no beginning of a character.
fn begins_amid(bytes: &[u8], code: &Code) -> bool {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    let line = &head[..memchr::memchr(b'\n', head).unwrap_or(head.len())];
    let Some((&first, rest)) = line.split_first() else { return false };
    // The search is slow: only where a byte less is hardly dearer.
    first >= 0x80
        && code.scan(line).cost + east_asian::CUT >= code.scan(rest).cost
        && code.path(line, Ends { first: true, last: false }).1.first() == Some(&0)
}

fn by_lines(census: &Census<'_>, known: Option<Guess>, told: &[Charset]) -> Decoded {
    let lines = &census.lines;
    let strange: Vec<bool> = lines.iter().map(|line| !line.is_ascii()).collect();
    let looked: Vec<&[u8]> = lines
        .iter()
        .zip(&strange)
        .filter(|(_, strange)| **strange)
        .map(|(line, _)| line.get(..LINE_BYTES).unwrap_or(line))
        .collect();
    let (ways, guess) = ways(&looked, census.utf8, known, told);
    let ends = |place: usize| Ends {
        first: place == 0 && strange.first() == Some(&true),
        last: place + 1 == looked.len() && strange.last() == Some(&true),
    };
    // The cheapest path.
    let mut costs: Vec<u32> = vec![0; ways.len()];
    let mut from: Vec<u8> = Vec::with_capacity(looked.len() * ways.len());
    for (place, line) in looked.iter().enumerate() {
        let ends = ends(place);
        // Most lines are beyond doubt, and searches in all encodings slow.
        let certain = (!ends.first).then(|| ways.iter().position(|way| way.certain(line))).flatten();
        let next: Vec<u32> = ways
            .iter()
            .enumerate()
            .map(|(at, way)| {
                let (mut before, mut cost) = (at, costs[at]);
                for (other, &so_far) in costs.iter().enumerate() {
                    let switched = so_far.saturating_add(ways[other].switch(*way));
                    if switched < cost {
                        (before, cost) = (other, switched);
                    }
                }
                from.push(before as u8);
                cost.saturating_add(match certain {
                    Some(certain) if certain == at => 0,
                    Some(_) => CERTAIN,
                    None => way.cost(line, ends),
                })
            })
            .collect();
        costs = next;
    }
    let mut at = costs.iter().enumerate().min_by_key(|(_, cost)| **cost).map_or(0, |(at, _)| at);
    let mut path = vec![0; looked.len()];
    for line in (0..looked.len()).rev() {
        path[line] = at;
        at = usize::from(from[line * ways.len() + at]);
    }
    assemble(lines, &strange, &path, &ways, guess)
}

/// What the lines may be in: UTF-8, the guess from all that are not UTF-8, what single lines look like much more, and what
/// those are in that look like nothing of this.
fn ways(lines: &[&[u8]], utf8: bool, known: Option<Guess>, told: &[Charset]) -> (Vec<Way>, Guess) {
    let others: Vec<&[u8]> = lines
        .iter()
        .copied()
        .filter(|line| encoding_rs::Encoding::utf8_valid_up_to(line) < line.len())
        .collect();
    let step = others.len().div_ceil(LINES_SAMPLED).max(1);
    let sample: Vec<&[u8]> = others.iter().step_by(step).copied().collect();
    let guess =
        known.unwrap_or_else(|| model::guess_pieces(if sample.is_empty() { lines } else { &sample }, told));
    let of = |guess: Guess| match (guess.single, guess.charset) {
        (Some((at, language)), _) => Some(Way::Single(at, language)),
        (None, Charset::Standard(encoding)) => east_asian::code(encoding).map(Way::EastAsian),
        (None, Charset::Table(_)) => None,
    };
    let mut ways: Vec<Way> = of(guess).into_iter().collect();
    if utf8 || ways.is_empty() {
        ways.push(Way::Utf8);
    }
    let mut add = |way: Way| {
        if !ways.iter().any(|other| other.charset() == way.charset()) {
            ways.push(way);
        }
    };
    let mut pool: Vec<&[u8]> = Vec::new();
    for line in sample {
        let first = of(guess).map_or(u32::MAX, |way| way.glance(line));
        let best =
            east_asian::codes().iter().map(|code| (code, code.scan(line))).min_by_key(|(_, scan)| scan.cost);
        match best {
            Some((code, scan)) if scan.characters >= 4 && scan.invalid == 0 && !misfit(scan.cost, line) => {
                if scan.cost + OTHER < first {
                    add(Way::EastAsian(code));
                }
            }
            _ if of(guess).is_some_and(|way| way.fits(line)) => {}
            _ => pool.push(line),
        }
    }
    // Each encoding takes the lines that it fits.
    for _ in 0..SINGLES_AT_MOST {
        if pool.is_empty() {
            break;
        }
        let Some(way) = of(model::guess_pieces(&pool, told)) else { break };
        if of(guess).is_none_or(|first| needed(way, first, &pool)) {
            add(way);
        }
        pool.retain(|line| !way.fits(line));
    }
    (ways, guess)
}

/// What a second encoding of one byte a character must save, in nats: in all, and for each pair of bytes of the lines that it fits better. A
/// table of odd characters or of no-break spaces makes no other encoding.
const SAVED: u32 = 40;
const SAVED_PER_PAIR: f32 = 1.5;

/// Whether lines are so much likelier in `way` than in `first` that it is in the text.
fn needed(way: Way, first: Way, lines: &[&[u8]]) -> bool {
    let (Way::Single(..), Way::Single(at, _)) = (way, first) else { return true };
    // In whatever language: these lines need not be in that of the others.
    let single = &single::singles()[at];
    let first = |line: &[u8]| {
        (0..single.script().languages.len()).map(|l| single.cost(l, line)).min().unwrap_or(u32::MAX)
    };
    let (mut saved, mut pairs) = (0, 0);
    for line in lines {
        let (old, new) = (first(line), way.glance(line));
        if new < old {
            saved += old - new;
            pairs += single::strange_pairs(line);
        }
    }
    saved >= SAVED * NAT && saved as f32 >= pairs as f32 * SAVED_PER_PAIR * NAT as f32
}

/// Reads the lines each in its way; those of ASCII go with the line before.
fn assemble(lines: &[&[u8]], strange: &[bool], path: &[usize], ways: &[Way], guess: Guess) -> Decoded {
    let mut used = vec![0_usize; ways.len()];
    let mut text = String::new();
    let mut replaced = 0;
    let mut of_strange = path.iter();
    for (place, (line, strange)) in lines.iter().zip(strange).enumerate() {
        if !strange {
            text.push_str(&String::from_utf8_lossy(line));
            continue;
        }
        let way = of_strange.next().copied().unwrap_or(0);
        used[way] += line.iter().filter(|&&b| b >= 0x80).count();
        let ends = Ends { first: place == 0, last: place + 1 == lines.len() };
        replaced += read(ways[way], line, ends, &mut text);
    }
    let mut order: Vec<usize> = (0..ways.len()).filter(|&way| used[way] > 0).collect();
    // UTF-8 is named first, as what a text is in that was put together.
    order.sort_by_key(|&way| (!matches!(ways[way], Way::Utf8), usize::MAX - used[way]));
    let name = |at: usize| order.get(at).map(|&way| ways[way].charset().name());
    let by = match order[..] {
        [_, _, ..] => By::Mixed,
        [only] if matches!(ways[only], Way::Utf8) => By::Utf8,
        _ if guess.declared => By::Declared,
        _ => By::Model,
    };
    Decoded {
        text,
        encoding: name(0).unwrap_or(UTF_8.name()),
        also: name(1),
        by,
        confidence: super::confidence(guess.margin),
        replaced,
    }
}

/// A search keeps twelve times as much in memory.
const SEARCHED_BYTES: usize = 32 << 10;

/// Reads a line and adds it to the text; returns the U+FFFD put in.
fn read(way: Way, line: &[u8], ends: Ends, text: &mut String) -> usize {
    if let Way::EastAsian(code) = way
        && (ends.first || !code.scan(line).fits())
    {
        let mut replaced = 0;
        let mut rest = line;
        while !rest.is_empty() {
            // No byte below 0x30 is a part of a character of several.
            let most = rest.get(..SEARCHED_BYTES).unwrap_or(rest);
            let end = if most.len() == rest.len() {
                rest.len()
            } else {
                most.iter().rposition(|&b| b < 0x30).map_or(most.len(), |at| at + 1)
            };
            let (part, next) = rest.split_at(end);
            let ends =
                Ends { first: ends.first && rest.len() == line.len(), last: ends.last && next.is_empty() };
            replaced += search(code, part, ends, text);
            rest = next;
        }
        return replaced;
    }
    let (part, errors) = way.charset().decode(line);
    text.push_str(&part);
    errors
}

/// The same by the cheapest path, which may leave out bytes.
fn search(code: &Code, bytes: &[u8], ends: Ends, text: &mut String) -> usize {
    let (_, skipped) = code.path(bytes, ends);
    let charset = Charset::Standard(code.encoding);
    let mut replaced = 0;
    let mut from = 0;
    for at in skipped {
        let (part, errors) = charset.decode(&bytes[from..at]);
        text.push_str(&part);
        // Bytes left out one after the other are one damaged place.
        if from != at || at == 0 {
            text.push(char::REPLACEMENT_CHARACTER);
            replaced += 1;
        }
        replaced += errors;
        from = at + 1;
    }
    let (part, errors) = charset.decode(&bytes[from..]);
    text.push_str(&part);
    replaced + errors
}
