//! Moves a front matter block into the metadata: `---\ntitle: A\n---\nText` → `Text`, and the title is known.

use clap::Args;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde::Serialize;

use crate::document::{Document, Kind, Metadata};
use crate::edit::Rule;
use crate::lang::dates;
use crate::lang::markup::{self, Syntax};
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct FrontMatter {}

/// `---`, keys and values, `---`: what static site generators and scrapers write above a text. What it says goes
/// into the metadata. A block without its closing line is left alone, and so is a horizontal rule above prose.
static BLOCK: Rule = Rule { name: "block", about: "a front matter block moves into the metadata" };
/// `title: 讲话: 全文`, `title: @foo`, a tab as indent: no YAML, but the lines say what they mean.
static MALFORMED: Rule =
    Rule { name: "malformed", about: "marks front matter that is no valid YAML and was read line by line" };

static RULES: [&Rule; 2] = [&BLOCK, &MALFORMED];

/// Values and keys taken over into `extra`, at most.
const MAX_EXTRA: usize = 256;

impl Stage for FrontMatter {
    fn name(&self) -> &'static str {
        "front_matter"
    }

    fn about(&self) -> &'static str {
        "Moves a front matter block into the metadata."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        if doc.kind != Kind::Markdown {
            return;
        }
        let Some(found) = markup::front_matter(doc.text()) else { return };
        let inner = doc.at(found.inner);
        let pairs = match found.syntax {
            Syntax::Yaml => yaml(inner).unwrap_or_else(|| {
                proposal.flag(&MALFORMED);
                lines(inner, Syntax::Yaml)
            }),
            Syntax::Toml => lines(inner, Syntax::Toml),
        };
        proposal.metadata = metadata(pairs);
        proposal.cut(found.block, &BLOCK);
    }
}

/// A value: one text, or several.
type Values = Vec<String>;

/// The pairs of a YAML mapping; `None` if it is not one, or is built to be costly.
fn yaml(inner: &str) -> Option<Vec<(String, Values)>> {
    if is_costly(inner) {
        return None;
    }
    let documents = Yaml::load_from_str(inner).ok()?;
    let [document] = documents.as_slice() else { return None };
    let mut pairs = Vec::new();
    for (key, value) in document.as_mapping()? {
        flatten(scalar(key)?, value, 0, &mut pairs);
    }
    // A colon where YAML wants none makes one long key or value of two lines; the lines know better.
    (!pairs.is_empty()).then_some(pairs)
}

/// Whether a parser would need more than linear time or deep recursion: aliases multiply, brackets nest.
fn is_costly(inner: &str) -> bool {
    // `*name` where a value may begin.
    let alias = memchr::memchr_iter(b'*', inner.as_bytes()).any(|at| {
        let before = at.checked_sub(1).and_then(|n| inner.as_bytes().get(n)).copied().unwrap_or(b' ');
        let after = inner.as_bytes().get(at + 1).copied().unwrap_or(b' ');
        matches!(before, b' ' | b'[' | b',' | b'{' | b'\n') && !after.is_ascii_whitespace() && after != b'*'
    });
    // Front matter nests a few levels; 64 is far above what people write and far below what a stack holds.
    let nested = inner.bytes().filter(|b| matches!(b, b'[' | b'{')).count() > 64 * 8
        || inner.lines().any(|line| {
            line.bytes().take_while(|b| matches!(b, b' ' | b'-' | b'?')).filter(|b| *b != b' ').count() > 64
        })
        || brackets(inner) > 64;
    alias || nested
}

fn brackets(inner: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in inner.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn scalar(value: &Yaml) -> Option<String> {
    match value {
        Yaml::Value(Scalar::String(text)) => Some(text.to_string()),
        Yaml::Value(Scalar::Integer(number)) => Some(number.to_string()),
        Yaml::Value(Scalar::Boolean(truth)) => Some(truth.to_string()),
        Yaml::Value(Scalar::FloatingPoint(number)) => Some(number.to_string()),
        Yaml::Representation(text, ..) => Some(text.to_string()),
        Yaml::Tagged(_, inner) => match &**inner {
            Yaml::Tagged(..) => None,
            inner => scalar(inner),
        },
        _ => None,
    }
}

fn flatten(key: String, value: &Yaml, depth: usize, pairs: &mut Vec<(String, Values)>) {
    if pairs.len() >= MAX_EXTRA || depth > 8 {
        return;
    }
    match value {
        Yaml::Sequence(items) => {
            let values: Values = items
                .iter()
                .filter_map(|item| match item {
                    // `authors: [{name: A}]`
                    Yaml::Mapping(members) => {
                        members.iter().find(|(k, _)| k.as_str() == Some("name")).and_then(|(_, v)| scalar(v))
                    }
                    item => scalar(item),
                })
                .collect();
            pairs.push((key, values));
        }
        Yaml::Mapping(members) => {
            for (name, value) in members {
                if let Some(name) = scalar(name) {
                    flatten(format!("{key}.{name}"), value, depth + 1, pairs);
                }
            }
        }
        value => pairs.push((key, scalar(value).into_iter().collect())),
    }
}

/// The pairs line by line: `key: value`, items of a list below their key, the rest of a value that runs over.
fn lines(inner: &str, syntax: Syntax) -> Vec<(String, Values)> {
    let mut pairs: Vec<(String, Values)> = Vec::new();
    let mut table = String::new();
    for line in inner.lines().map(str::trim_end) {
        let bare = line.trim_start_matches([' ', '\t', '\u{3000}']);
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let item = bare.strip_prefix("- ").or(bare.strip_prefix('-').filter(|_| syntax == Syntax::Yaml));
        if let (Some(item), Some((_, values))) = (item, pairs.last_mut()) {
            values.extend(unquote(item));
            continue;
        }
        if syntax == Syntax::Toml && bare.starts_with('[') {
            table = format!("{}.", bare.trim_matches(['[', ']', ' ']));
            continue;
        }
        match markup::key_of(bare, syntax) {
            Some(key) if pairs.len() < MAX_EXTRA => {
                let separator: &[char] = if syntax == Syntax::Yaml { &[':', '：'] } else { &['='] };
                let value = bare.split_once(separator).map_or("", |(_, v)| v).trim();
                let values = match value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
                    Some(list) => list.split([',', '，']).filter_map(unquote).collect(),
                    None if matches!(value, "|" | ">" | "|-" | ">-") => Vec::new(),
                    None => unquote(value).into_iter().collect(),
                };
                pairs.push((format!("{table}{key}"), values));
            }
            _ => {
                // The rest of a value on a line of its own.
                if let Some((_, values)) = pairs.last_mut() {
                    match values.last_mut() {
                        Some(value) if value.len() < 64 * 1024 => {
                            value.push(' ');
                            value.push_str(bare);
                        }
                        Some(_) => {}
                        None => values.push(bare.to_owned()),
                    }
                }
            }
        }
    }
    pairs
}

/// A value without its quotation marks, closed or not; `None` for nothing.
fn unquote(value: &str) -> Option<String> {
    let value = value.trim();
    let bare = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].strip_suffix(quote).unwrap_or(&value[1..]).trim(),
        _ => value,
    };
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// What trafilatura's names have a place for goes there, the rest into `extra`.
fn metadata(pairs: Vec<(String, Values)>) -> Metadata {
    let mut metadata = Metadata::default();
    for (key, values) in pairs {
        let name = key.to_lowercase();
        let several = |values: &Values| -> Vec<String> {
            let split =
                |v: &String| v.split([',', '，', '、', ';', '；']).filter_map(unquote).collect::<Vec<_>>();
            if let [one] = values.as_slice() { split(one) } else { values.clone() }
        };
        let slot = match name.as_str() {
            "title" | "标题" | "標題" => &mut metadata.title,
            "author" | "authors" | "作者" => &mut metadata.author,
            "date" | "pubdate" | "published" | "日期" => &mut metadata.date,
            "url" | "link" | "canonical_url" => &mut metadata.url,
            "description" | "summary" | "excerpt" => &mut metadata.description,
            "sitename" | "site_name" => &mut metadata.sitename,
            "categories" | "category" | "分类" | "分類" if metadata.categories.is_empty() => {
                metadata.categories = several(&values);
                continue;
            }
            "tags" | "tag" | "keywords" | "标签" | "標籤" if metadata.tags.is_empty() => {
                metadata.tags = several(&values);
                continue;
            }
            "lang" | "language" => {
                let primary =
                    values.first().map(|v| v.split(['-', '_']).next().unwrap_or_default().to_lowercase());
                metadata.language =
                    primary.filter(|p| matches!(p.len(), 2 | 3) && p.bytes().all(|b| b.is_ascii_lowercase()));
                continue;
            }
            _ => {
                if metadata.extra.len() < MAX_EXTRA {
                    metadata.extra.insert(key, values.join(", "));
                }
                continue;
            }
        };
        let value = Some(values.join(", ").trim().to_owned()).filter(|v| !v.is_empty());
        let is_date = matches!(name.as_str(), "date" | "pubdate" | "published" | "日期");
        let known = slot.is_some();
        let value = if is_date {
            let read = value.as_deref().and_then(dates::normalise);
            if read.is_none() {
                // Not lost because it could not be read.
                metadata.extra.extend(value.map(|v| (key, v)));
                continue;
            }
            read
        } else if known {
            metadata.extra.extend(value.map(|v| (key, v)));
            continue;
        } else {
            value
        };
        if !known {
            *slot = value;
        }
    }
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Cleaned, Pipeline};
    use std::sync::Arc;

    fn clean(text: &str) -> Cleaned {
        let doc = Document::new("-", Arc::from("-"), Kind::Markdown, text.to_owned());
        Pipeline::new(vec![Arc::new(FrontMatter::default())]).clean(doc).expect("cleaned")
    }

    #[track_caller]
    fn title(text: &str, expected: &str) {
        let cleaned = clean(text);
        assert_eq!(cleaned.document.metadata.title.as_deref(), Some(expected));
        assert_eq!(cleaned.document.text(), "body");
    }

    #[test]
    fn a_block_becomes_metadata() {
        let cleaned = clean(
            "\n---\ntitle: 'A: b'\ncategories: \n - 新闻\n - 分类\nauthor: 某报\ncomments: false\n\
             date: Fri, 11 Jun 2021 03:15:29 GMT\ntags: [a, 'b c']\nlang: zh-CN\nversion: 1.10\n---\n\n<div>\n",
        );
        let metadata = &cleaned.document.metadata;
        assert_eq!(cleaned.document.text(), "<div>\n");
        assert_eq!(metadata.title.as_deref(), Some("A: b"));
        assert_eq!(metadata.author.as_deref(), Some("某报"));
        assert_eq!(metadata.date.as_deref(), Some("2021-06-11T03:15:29Z"));
        assert_eq!(metadata.categories, ["新闻", "分类"]);
        assert_eq!(metadata.tags, ["a", "b c"]);
        assert_eq!(metadata.language.as_deref(), Some("zh"));
        assert_eq!(metadata.extra.get("comments").map(String::as_str), Some("false"));
        assert!(cleaned.flags.is_empty());
        assert_eq!(cleaned.trail.edits().count(), 1);
    }

    #[test]
    fn what_is_no_yaml_is_read_by_the_line() {
        title("---\ntitle: 讲话: 全文\ntags: a\n---\nbody", "讲话: 全文");
        title("---\ntitle: @foo\n---\nbody", "@foo");
        title("---\ntitle:\tx\n\tindented: y\n---\nbody", "x");
        title("---\ntitle：全角\n日期：2021-06-11\n---\nbody", "全角");
        title("---\ntitle: \"never closed\ndate: 2021-06-11\n---\nbody", "never closed");
        title("---\r\ntitle: crlf\r\n---\r\n\r\nbody", "crlf");
        title("+++\ntitle = \"toml\"\ntags = [\"a\", \"b\"]\n[params]\nx = 1\n+++\nbody", "toml");
        title("---\ntitle: %percent\nfoo: `tick`\n---\nbody", "%percent");
    }

    #[test]
    fn a_date_that_cannot_be_read_is_not_lost() {
        let metadata = clean("---\ntitle: a\ndate: 06/11/2021\n---\n").document.metadata;
        assert_eq!(
            (metadata.date, metadata.extra.get("date").map(String::as_str)),
            (None, Some("06/11/2021"))
        );
    }

    #[test]
    fn what_is_no_block_stays() {
        for text in
            ["---\ntitle: open\n\nbody", "---\n\nprose\n\n---\n", "title: a\n---\nbody", "", "---\n---\n"]
        {
            assert_eq!(clean(text).document.text(), text);
        }
    }

    #[test]
    fn hostile_blocks_take_no_time() {
        let bomb: String = (1..30).fold("a0: &a0 [x,x]\n".to_owned(), |b, n| {
            b + &format!("a{n}: &a{n} [*a{},*a{}]\n", n - 1, n - 1)
        });
        let deep = format!("x: {}", "[".repeat(30_000));
        let dashes = format!("x:\n  {}y", "- ".repeat(20_000));
        let stairs: String = (0..300).map(|n| format!("{}k:\n", " ".repeat(n))).collect();
        let many: String = (0..6_000).map(|n| format!("k{n}: 1\n")).collect();
        for block in [bomb, deep, dashes, stairs, many] {
            let start = std::time::Instant::now();
            title(&format!("---\ntitle: t\n{block}\n---\nbody"), "t");
            assert!(start.elapsed().as_secs() < 2);
        }
    }
}
