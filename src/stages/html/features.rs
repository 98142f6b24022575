//! What is measured of every line of a page, for the score that decides whether it belongs to the main text.
//!
//! Nothing here knows a word of any language: lines are measured by their words (a Han character is one), links,
//! sentence marks and digits, by the elements around them and what those are called, by their neighbours, by what looks like
//! them on the page, and by where the candidates for the main element lie.

use rustc_hash::FxHashMap;

use super::dom::{Element, Line, Page, Tag};
use super::names::{self, KINDS};
use crate::lang::chars::{self, Code};

/// How many numbers there are of a line.
pub const COUNT: usize = KINDS + OWN.len();

/// Their names behind the distances to elements of each kind ([`names::NAMES`]).
pub const OWN: [&str; 69] = [
    "tokens",
    "link_share",
    "marks",
    "sentence_end",
    "digit_share",
    "chars_per_token",
    "tag",
    "control",
    "depth",
    "is_title",
    "in_evidence",
    "repeats",
    "symbol_share",
    "cells",
    // Neighbours.
    "before_tokens",
    "before_link_share",
    "before_prose",
    "after_tokens",
    "after_link_share",
    "after_prose",
    "before2_prose",
    "after2_prose",
    "around_tokens",
    "around_link_share",
    "around_prose",
    "wide_tokens",
    "wide_link_share",
    "wide_prose",
    // Place.
    "at",
    "words_before",
    "prose_before",
    "behind_heading",
    "behind_title",
    "title_share",
    "title_levels",
    // Boxes around it: the innermost of at least 2, 8 and 32 lines.
    "box_tokens",
    "box_link_share",
    "box_prose",
    "box2_share",
    "box2_link_share",
    "box2_prose",
    "box2_prose_share",
    "box3_share",
    "box3_link_share",
    "box3_prose",
    // Elements beside each other that look alike.
    "group_size",
    "group_tokens",
    "group_link_share",
    "group_share",
    "group_prose",
    "group_rank",
    "group_headings",
    "like_lines",
    "like_tokens",
    "like_link_share",
    "like_prose",
    "like_share",
    // Candidates.
    "best_common",
    "best_levels",
    "spread_common",
    "spread_levels",
    "first_reason",
    // The page.
    "page_tokens",
    "page_prose",
    "page_link_share",
    "page_best_share",
    "page_articles",
    "page_han",
    "page_shape",
];

/// Names of all numbers, in order.
pub fn names() -> Vec<&'static str> {
    names::NAMES.iter().chain(&OWN).copied().collect()
}

/// One line's numbers.
pub type Row = [f32; COUNT];

/// What is known of the page from elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    pub title: Option<&'k str>,
    /// What the page's own data say its text is: lines found in it are likely the text.
    pub evidence: &'k str,
    /// What the page says it is, by its data: 0 nothing, else see `metadata::shape`.
    pub shape: u8,
    /// For each line how strongly the first candidate is against it, 0 if it keeps it.
    pub first: &'k [u8],
    /// Elements that two ways of seeking the main element chose.
    pub best: usize,
    pub spread: usize,
}

/// Sums over lines, so that the sum of any stretch is a difference.
struct Sums {
    tokens: Vec<u32>,
    links: Vec<u32>,
    prose: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    tokens: f32,
    links: f32,
    prose: f32,
}

impl Sum {
    fn link_share(self) -> f32 {
        self.links / self.tokens.max(1.0)
    }

    fn prose_share(self) -> f32 {
        self.prose / self.tokens.max(1.0)
    }
}

impl Sums {
    fn of(page: &Page) -> Self {
        let mut sums = Self { tokens: vec![0], links: vec![0], prose: vec![0] };
        let (mut tokens, mut links, mut prose) = (0, 0, 0);
        for line in &page.lines {
            if !line.hidden && !line.field {
                tokens += line.tokens;
                links += line.link_tokens;
                prose += prose_of(line);
            }
            sums.tokens.push(tokens);
            sums.links.push(links);
            sums.prose.push(prose);
        }
        sums
    }

    fn between(&self, from: usize, to: usize) -> Sum {
        let part = |all: &[u32]| {
            let at = |n: usize| all.get(n.min(all.len() - 1)).copied().unwrap_or(0);
            at(to).saturating_sub(at(from)) as f32
        };
        Sum { tokens: part(&self.tokens), links: part(&self.links), prose: part(&self.prose) }
    }
}

/// Words of a line that reads as prose.
fn prose_of(line: &Line) -> u32 {
    let words = line.tokens.saturating_sub(line.link_tokens);
    if line.link_tokens * 2 < line.tokens && (line.marks > 0 && words >= 6 || words >= 12) {
        words
    } else {
        0
    }
}

/// What the lines in an element inherit.
#[derive(Clone, Copy)]
struct Inherited {
    kinds: [u8; KINDS],
    depth: u16,
    boxes: [u32; 3],
    group: u32,
    best: u32,
    spread: u32,
    /// The innermost element around it and the title.
    title: u32,
}

/// Measures every line of `page`, in order.
pub fn each(page: &Page, known: &Known, mut found: impl FnMut(usize, &Row)) {
    let sums = Sums::of(page);
    let all = sums.between(0, page.lines.len());
    let groups = Groups::of(page, &sums);
    let mut title = known.title.map(Title::of).filter(|t| !t.letters.is_empty());
    let title_at = title_at(page, title.as_mut());
    let title_element = title_at.and_then(|n| page.lines.get(n)).map_or(0, |l| l.element);
    let inherited = inherited(page, known, &groups, title_element);
    let like = Like::of(page);
    let repeats = repeats(page);
    let best = page.elements.get(known.best);
    let best_sum = best.map_or(all, |e| sums.between(e.first_line, e.last_line));
    let articles = page.elements.iter().filter(|e| e.tag == Tag::Article).count() as f32;
    let han: u64 = page.lines.iter().filter(|l| !l.hidden).map(|l| u64::from(l.han)).sum();
    let evidence = Evidence::of(known.evidence);
    let mut heading_at = 0;
    let count = page.lines.len();
    for (n, line) in page.lines.iter().enumerate() {
        let mut row = [0.0; COUNT];
        let Some(around) = inherited.get(line.element) else { continue };
        let Some(element) = page.elements.get(line.element) else { continue };
        let is_heading = matches!(element.tag, Tag::Title | Tag::Heading);
        if is_heading {
            heading_at = n;
        }
        for (to, from) in row.iter_mut().zip(around.kinds) {
            *to = f32::from(from);
        }
        let mut put = Put { row: &mut row, at: KINDS };
        let tokens = line.tokens as f32;
        let share = |l: &Line| l.link_tokens as f32 / l.tokens.max(1) as f32;
        put.log(tokens);
        put.add(share(line));
        put.log(line.marks as f32);
        put.add(f32::from(u8::from(ends_sentence(&line.text))));
        put.add(line.digits as f32 / line.chars.max(1) as f32);
        put.add((line.chars as f32 / tokens.max(1.0)).min(20.0));
        put.add(f32::from(element.tag as u8));
        put.add(f32::from(u8::from(line.control)));
        put.add(f32::from(around.depth.min(100)));
        put.add(title.as_mut().map_or(0.0, |t| t.like(&line.text)));
        put.add(evidence.holds(&line.text));
        put.add(repeats.get(n).copied().unwrap_or(1.0).min(9.0));
        put.add(line.symbols as f32 / line.chars.max(1) as f32);
        put.add((line.text.bytes().filter(|&b| b == b'\t').count() as f32).min(20.0));
        let neighbour = |by: isize| n.checked_add_signed(by).and_then(|n| page.lines.get(n));
        for by in [-1, 1] {
            let beside = neighbour(by);
            put.log(beside.map_or(0.0, |l| l.tokens as f32));
            put.add(beside.map_or(0.0, share));
            put.log(beside.map_or(0.0, |l| prose_of(l) as f32));
        }
        for by in [-2, 2] {
            put.log(neighbour(by).map_or(0.0, |l| prose_of(l) as f32));
        }
        for reach in [4, 16] {
            let around = sums.between(n.saturating_sub(reach), (n + reach + 1).min(count));
            put.log(around.tokens);
            put.add(around.link_share());
            put.log(around.prose);
        }
        let before = sums.between(0, n);
        put.add(n as f32 / count as f32);
        put.add(before.tokens / all.tokens.max(1.0));
        put.add(before.prose / all.prose.max(1.0));
        put.add(((n - heading_at) as f32).min(50.0));
        // -1 before the title; without a title always 0.
        put.log(title_at.map_or(0.0, |at| if n < at { -0.9 } else { (n - at) as f32 }));
        let with_title =
            page.elements.get(around.title as usize).map_or(all, |e| sums.between(e.first_line, e.last_line));
        put.add(with_title.tokens / all.tokens.max(1.0));
        let depth = |n: usize| inherited.get(n).map_or(0.0, |i| f32::from(i.depth));
        put.add((depth(title_element) - depth(around.title as usize)).min(30.0));
        for (level, number) in around.boxes.iter().enumerate() {
            let sum =
                page.elements.get(*number as usize).map_or(all, |e| sums.between(e.first_line, e.last_line));
            if level == 0 {
                put.log(sum.tokens);
            } else {
                put.add(sum.tokens / all.tokens.max(1.0));
            }
            put.add(sum.link_share());
            put.add(sum.prose_share());
            if level == 1 {
                put.add(sum.prose / all.prose.max(1.0));
            }
        }
        let group = groups.list.get(around.group as usize).copied().unwrap_or_default();
        put.log(group.size);
        put.log(group.sum.tokens / group.size.max(1.0));
        put.add(group.sum.link_share());
        put.add(group.sum.tokens / all.tokens.max(1.0));
        put.add(group.sum.prose_share());
        put.add(group.rank);
        put.add((group.headings / group.size.max(1.0)).min(3.0));
        let like = like.of_line(n);
        put.log(like.size);
        put.log(like.sum.tokens / like.size.max(1.0));
        put.add(like.sum.link_share());
        put.add(like.sum.prose_share());
        put.add(like.sum.tokens / all.tokens.max(1.0));
        for (common, chosen) in [(around.best, known.best), (around.spread, known.spread)] {
            let of = |n: usize| page.elements.get(n).map_or(all, |e| sums.between(e.first_line, e.last_line));
            let (shared, own) = (of(common as usize), of(chosen));
            // 1 inside the candidate; outside, how much of the smallest element around both is in the candidate.
            put.add((own.prose + 1.0) / (shared.prose + 1.0));
            put.add((shared.tokens + 1.0).ln() - (own.tokens + 1.0).ln());
        }
        put.add(f32::from(known.first.get(n).copied().unwrap_or(0)));
        put.log(all.tokens);
        put.add(all.prose_share());
        put.add(all.link_share());
        put.add(best_sum.prose / all.prose.max(1.0));
        put.log(articles);
        put.add(han as f32 / all.tokens.max(1.0));
        put.add(f32::from(known.shape));
        found(n, &row);
    }
}

/// Writes one number after the other.
struct Put<'r> {
    row: &'r mut Row,
    at: usize,
}

impl Put<'_> {
    fn add(&mut self, value: f32) {
        if let Some(slot) = self.row.get_mut(self.at) {
            *slot = value;
        }
        self.at += 1;
    }

    /// Counts matter by their size.
    fn log(&mut self, value: f32) {
        self.add((1.0 + value).ln());
    }
}

/// Whether a line ends as a sentence does, closing quotation marks aside.
fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', '”', '’', '»', '」', '』', ')', '）'])
        .chars()
        .next_back()
        .is_some_and(|c| chars::code(c) == Code::End || c == ':' || c == '：')
}

/// Writes letters and digits, in lower case, at most 200; returns how many.
fn letters(text: &str, into: &mut String) -> usize {
    into.clear();
    let mut count = 0;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            into.push(c.to_ascii_lowercase());
            count += 1;
        } else if !c.is_ascii() && chars::is_alphanumeric(c) {
            into.extend(c.to_lowercase());
            count += 1;
        }
        if count == 200 {
            break;
        }
    }
    count
}

/// The title, to compare lines with.
struct Title {
    letters: String,
    /// Those of the line at hand.
    line: String,
}

impl Title {
    fn of(title: &str) -> Self {
        let mut own = String::new();
        letters(title, &mut own);
        Self { letters: own, line: String::new() }
    }

    /// 2 for the title, 1 for a part of it or more than it.
    fn like(&mut self, text: &str) -> f32 {
        if text.len() > 600 {
            return 0.0;
        }
        let count = letters(text, &mut self.line);
        if self.line == self.letters {
            2.0
        } else if count >= 4 && (self.letters.contains(&self.line) || self.line.contains(&self.letters)) {
            1.0
        } else {
            0.0
        }
    }
}

/// The line of the title: the first heading that says what the title says, else the first `h1`.
fn title_at(page: &Page, title: Option<&mut Title>) -> Option<usize> {
    let tag = |l: &Line| page.elements.get(l.element).map(|e| e.tag).filter(|_| !l.hidden);
    let is_heading = |l: &Line| matches!(tag(l), Some(Tag::Title | Tag::Heading));
    let said = title.and_then(|t| page.lines.iter().position(|l| is_heading(l) && t.like(&l.text) > 0.0));
    said.or_else(|| page.lines.iter().position(|l| tag(l) == Some(Tag::Title)))
}

/// Texts that the page's data give, as the hashes of stretches of eight letters.
struct Evidence {
    pieces: Vec<u64>,
}

impl Evidence {
    const PIECE: usize = 8;

    fn of(text: &str) -> Self {
        let letters: Vec<char> = text.chars().filter(|c| chars::is_alphanumeric(*c)).take(200_000).collect();
        let mut pieces: Vec<u64> = letters.windows(Self::PIECE).map(hash).collect();
        pieces.sort_unstable();
        pieces.dedup();
        Self { pieces }
    }

    /// The share of eight samples of a line that is in the texts; -1 where there are none.
    fn holds(&self, line: &str) -> f32 {
        if self.pieces.len() < 64 {
            return -1.0;
        }
        let letters: Vec<char> = line.chars().filter(|c| chars::is_alphanumeric(*c)).take(256).collect();
        if letters.len() < Self::PIECE {
            return -1.0;
        }
        let last = letters.len() - Self::PIECE;
        let found = (0..8)
            .filter(|k| {
                let at = last * k / 7;
                letters.get(at..at + Self::PIECE).is_some_and(|p| self.pieces.binary_search(&hash(p)).is_ok())
            })
            .count();
        found as f32 / 8.0
    }
}

fn hash(letters: &[char]) -> u64 {
    letters.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &c| {
        (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// How often each line is on the page.
fn repeats(page: &Page) -> Vec<f32> {
    let key = |l: &Line| xxhash_rust::xxh3::xxh3_64(l.text.as_bytes());
    let mut count = FxHashMap::default();
    for line in &page.lines {
        *count.entry(key(line)).or_insert(0_u32) += 1;
    }
    page.lines.iter().map(|l| count.get(&key(l)).copied().unwrap_or(1) as f32).collect()
}

/// Elements of one parent, tag and class, three at least.
#[derive(Clone, Copy, Default)]
struct Group {
    size: f32,
    sum: Sum,
    /// Headings in them.
    headings: f32,
    /// 0 for the group with the most words on the page, 9 for the tenth and all below it.
    rank: f32,
}

struct Groups {
    list: Vec<Group>,
    /// For each element the group it is in, 0 for none.
    of_element: Vec<u32>,
}

impl Groups {
    fn of(page: &Page, sums: &Sums) -> Self {
        let mut list = vec![Group::default()];
        let mut by_key = FxHashMap::default();
        let mut of_element = Vec::with_capacity(page.elements.len());
        let mut headings = vec![0_u32];
        let mut count = 0;
        for line in &page.lines {
            let tag = page.elements.get(line.element).map(|e| e.tag);
            count += u32::from(matches!(tag, Some(Tag::Title | Tag::Heading)));
            headings.push(count);
        }
        let headings_at = |n: usize| headings.get(n).copied().unwrap_or(count);
        for element in &page.elements {
            let (from, to) = (element.first_line, element.last_line);
            if to <= from || matches!(element.tag, Tag::Inline | Tag::Link | Tag::Control | Tag::Field) {
                of_element.push(0);
                continue;
            }
            let number =
                *by_key.entry((element.parent, element.tag as u8, kind_of(element))).or_insert_with(|| {
                    list.push(Group::default());
                    (list.len() - 1) as u32
                });
            if let Some(group) = list.get_mut(number as usize) {
                let sum = sums.between(from, to);
                group.size += 1.0;
                group.sum.tokens += sum.tokens;
                group.sum.links += sum.links;
                group.sum.prose += sum.prose;
                group.headings += headings_at(to).saturating_sub(headings_at(from)) as f32;
            }
            of_element.push(number);
        }
        let mut by_size: Vec<usize> =
            (1..list.len()).filter(|&n| list.get(n).is_some_and(|g| g.size >= 3.0)).collect();
        let tokens = |n: usize| list.get(n).map_or(0.0, |g| g.sum.tokens);
        by_size.sort_by(|&a, &b| tokens(b).total_cmp(&tokens(a)).then(a.cmp(&b)));
        for (rank, &n) in by_size.iter().enumerate() {
            if let Some(group) = list.get_mut(n) {
                group.rank = (rank as f32).min(9.0);
            }
        }
        for number in &mut of_element {
            if list.get(*number as usize).is_none_or(|g| g.size < 3.0) {
                *number = 0;
            }
        }
        Self { list, of_element }
    }
}

/// The first word of the class without its digits: `post-12 odd` and `post-13 even` are alike.
fn kind_of(element: &Element) -> u64 {
    let first = element.class.split_ascii_whitespace().next().unwrap_or_default();
    first
        .bytes()
        .filter(|b| !b.is_ascii_digit())
        .fold(0xCBF2_9CE4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01B3))
}

/// Lines whose elements have tag, class, and parent's tag and class in common.
struct Like {
    list: Vec<Group>,
    of_line: Vec<u32>,
}

impl Like {
    fn of(page: &Page) -> Self {
        let mut list = Vec::new();
        let mut by_key = FxHashMap::default();
        let mut of_line = Vec::with_capacity(page.lines.len());
        for line in &page.lines {
            let Some(element) = page.elements.get(line.element) else {
                of_line.push(0);
                continue;
            };
            let parent = page.elements.get(element.parent);
            let key = (
                element.tag as u8,
                kind_of(element),
                parent.map_or(0, |p| p.tag as u8),
                parent.map_or(0, kind_of),
            );
            let number = *by_key.entry(key).or_insert_with(|| {
                list.push(Group::default());
                list.len() - 1
            });
            if let Some(group) = list.get_mut(number) {
                group.size += 1.0;
                group.sum.tokens += line.tokens as f32;
                group.sum.links += line.link_tokens as f32;
                group.sum.prose += prose_of(line) as f32;
            }
            of_line.push(number as u32);
        }
        Self { list, of_line }
    }

    fn of_line(&self, n: usize) -> Group {
        let number = self.of_line.get(n).copied().unwrap_or(0);
        self.list.get(number as usize).copied().unwrap_or_default()
    }
}

fn inherited(page: &Page, known: &Known, groups: &Groups, title: usize) -> Vec<Inherited> {
    let above = |chosen: usize| {
        let mut path = vec![false; page.elements.len()];
        let mut at = chosen;
        while let Some(slot) = path.get_mut(at) {
            *slot = true;
            if at == 0 {
                break;
            }
            at = page.elements.get(at).map_or(0, |e| e.parent);
        }
        path
    };
    let (best, spread, title) = (above(known.best), above(known.spread), above(title));
    let root = Inherited {
        kinds: [names::FAR; KINDS],
        depth: 0,
        boxes: [0; 3],
        group: 0,
        best: 0,
        spread: 0,
        title: 0,
    };
    let mut all: Vec<Inherited> = Vec::with_capacity(page.elements.len());
    for (n, element) in page.elements.iter().enumerate() {
        let mut here = if n == 0 { root } else { all.get(element.parent).copied().unwrap_or(root) };
        for kind in &mut here.kinds {
            *kind = kind.saturating_add(1).min(names::FAR);
        }
        names::mark(element, &mut here.kinds);
        here.depth += 1;
        let lines = element.last_line.saturating_sub(element.first_line);
        for (number, least) in here.boxes.iter_mut().zip([2, 8, 32]) {
            if lines >= least {
                *number = n as u32;
            }
        }
        if let Some(&group) = groups.of_element.get(n)
            && group > 0
        {
            here.group = group;
        }
        if best.get(n) == Some(&true) {
            here.best = n as u32;
        }
        if spread.get(n) == Some(&true) {
            here.spread = n as u32;
        }
        if title.get(n) == Some(&true) {
            here.title = n as u32;
        }
        all.push(here);
    }
    all
}
