//! Tells a page from text that merely has a few tags in it, and front matter from a horizontal rule.
//!
//! A wrong "page" lets a parser eat what stands between `<` and `>` of ordinary text (`Vec<T>`, a tutorial); a
//! wrong "text" only leaves tags standing. So a page has to prove itself: it begins as a page and goes on as one,
//! or it is a fragment whose characters nearly all stand inside elements.

use std::ops::Range;

use crate::document::Kind;

/// How much of a text is looked at, in bytes. A page shows what it is in its head; the bound keeps the question
/// cheap on a long text that begins with a tag.
const LOOK: usize = 64 * 1024;

/// What `text` is written in, from its content alone.
pub fn kind(text: &str) -> Kind {
    if front_matter(text).is_some() {
        Kind::Markdown
    } else if is_page(text) {
        Kind::Html
    } else {
        Kind::Text
    }
}

/// Whether `text` is a page or a piece of one, so that its tags are markup and not text.
pub fn is_page(text: &str) -> bool {
    if memchr::memchr(b'<', text.as_bytes()).is_none() {
        return false;
    }
    let head = skip_prologue(text);
    match first_tag(head) {
        Some(start) if start.is_root => goes_on(head, &start),
        Some(start) if start.name == "!doctype" => false,
        Some(start) if !start.closing && is_element(start.name) => {
            is_fragment(head) || is_old_page(head) || ends_as_page(head)
        }
        _ => is_page_after_words(text),
    }
}

/// A front matter block and what is in it, as byte ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontMatter {
    /// From the start of the text to the end of the closing line and the empty lines after it.
    pub block: Range<usize>,
    /// What stands between the two marker lines.
    pub inner: Range<usize>,
    pub syntax: Syntax,
}

/// What a front matter block is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Between `---` and `---` or `...`.
    Yaml,
    /// Between `+++` and `+++`.
    Toml,
}

/// The front matter at the start of `text`.
///
/// A `---` may also be a horizontal rule above prose or dialogue: the lines up to the closing one must be keys and
/// what belongs to keys, and one of the keys a name that front matter has, unless all are plain lower-case names.
pub fn front_matter(text: &str) -> Option<FrontMatter> {
    let begin = text.len() - text.trim_start_matches(['\u{FEFF}', '\n', '\r', ' ', '\t']).len();
    let (marker, syntax) = match text.get(begin..begin + 3)? {
        "---" => ("---", Syntax::Yaml),
        "+++" => ("+++", Syntax::Toml),
        _ => return None,
    };
    let mut look = (begin + LOOK).min(text.len());
    while !text.is_char_boundary(look) {
        look -= 1;
    }
    let mut lines = text[begin..look].split_inclusive('\n');
    let first = lines.next()?;
    if first.trim_end() != marker || !first.ends_with('\n') {
        return None;
    }
    let inner_start = begin + first.len();
    let mut at = inner_start;
    let mut keys = Keys::default();
    for line in lines {
        let bare = line.trim_end();
        if bare == marker || (syntax == Syntax::Yaml && bare == "...") {
            if !keys.prove(syntax) {
                return None;
            }
            let rest = &text[at + line.len()..];
            // Empty lines after the block go with it; a body that is indented keeps its indent.
            let empty: usize =
                rest.split_inclusive('\n').take_while(|l| l.trim().is_empty()).map(str::len).sum();
            return Some(FrontMatter { block: 0..at + line.len() + empty, inner: inner_start..at, syntax });
        }
        keys.read(bare, syntax);
        at += line.len();
    }
    None
}

/// What the lines of a would-be front matter block are.
#[derive(Default)]
struct Keys {
    keys: usize,
    known: usize,
    plain: usize,
    strange: usize,
}

/// Keys that tell front matter from anything else that has a colon in it; the names of Jekyll, Hugo, Hexo, pandoc
/// and trafilatura, and what Chinese files write for them.
static KNOWN: &[&str] = &[
    "title",
    "author",
    "authors",
    "date",
    "tags",
    "tag",
    "categories",
    "category",
    "description",
    "layout",
    "url",
    "permalink",
    "slug",
    "draft",
    "lang",
    "language",
    "keywords",
    "summary",
    "updated",
    "source",
    "sitename",
    "hostname",
    "标题",
    "標題",
    "作者",
    "日期",
    "标签",
    "分类",
    "来源",
];

impl Keys {
    fn read(&mut self, line: &str, syntax: Syntax) {
        let belongs = line.is_empty()
            || line.starts_with([' ', '\t', '#', ']', '}', '-', '[', '{', '|', '>'])
            || line.starts_with('\u{3000}');
        if belongs {
            return;
        }
        match key_of(line, syntax) {
            Some(key) => {
                self.keys += 1;
                let lower = key.to_lowercase();
                self.known += usize::from(KNOWN.contains(&lower.as_str()));
                self.plain += usize::from(
                    key.bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-')),
                );
            }
            None => self.strange += 1,
        }
    }

    fn prove(&self, syntax: Syntax) -> bool {
        // A value may run over to a line of its own; more such lines than keys are prose.
        let tidy = self.strange == 0;
        match syntax {
            Syntax::Yaml => {
                (self.known >= 1 && self.strange < self.keys)
                    || (self.keys >= 2 && self.plain == self.keys && tidy)
            }
            Syntax::Toml => self.keys >= 1 && tidy,
        }
    }
}

/// The key of a line `key: value`, `key：value`, `"key": value`, or `key = value`.
pub(crate) fn key_of(line: &str, syntax: Syntax) -> Option<&str> {
    let (key, rest) = match syntax {
        Syntax::Yaml => match line.find([':', '：']) {
            Some(at) => line.split_at(at),
            None => return None,
        },
        Syntax::Toml if line.starts_with('[') => return Some(line.trim_matches(['[', ']'])),
        Syntax::Toml => line.split_at(line.find('=')?),
    };
    // YAML wants a space after the colon; what people type is `title:x` and `title：x` too, but `http://` is no key.
    if rest.starts_with("://") {
        return None;
    }
    let key = key.trim().trim_matches(['"', '\'']);
    let fine = !key.is_empty()
        && key.len() <= 40
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '@' | '/'));
    fine.then_some(key)
}

/// `text` after a byte order mark, white space, comments and an XML declaration.
fn skip_prologue(text: &str) -> &str {
    let mut rest = text.trim_start_matches('\u{FEFF}').trim_start();
    loop {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.get(..5).is_some_and(|s| s.eq_ignore_ascii_case("<?xml")) {
            "?>"
        } else {
            return rest;
        };
        match memchr::memmem::find(rest.as_bytes(), end.as_bytes()) {
            Some(at) => rest = rest[at + end.len()..].trim_start(),
            None => return rest,
        }
    }
}

/// A tag at the start of a text.
struct Tag<'t> {
    /// Lower case, `!doctype` for a document type.
    name: Name,
    closing: bool,
    /// `<!doctype html`, `<html`, `<head` or `<body`.
    is_root: bool,
    /// What stands after the name, up to `>`.
    inside: &'t str,
    /// Byte offset behind the `>`.
    end: usize,
}

/// An element's name in lower case, without an allocation; what is longer than any element's name is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name {
    bytes: [u8; 12],
    len: u8,
}

impl Name {
    fn new(name: &[u8]) -> Self {
        let mut bytes = [0; 12];
        let len = name.len().min(12);
        for (to, from) in bytes.iter_mut().zip(name) {
            *to = from.to_ascii_lowercase();
        }
        Self { bytes, len: len as u8 }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len as usize).unwrap_or_default()
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

/// The tag that `text` starts with: `<`, a name, and `>` within a kilobyte or two.
fn first_tag(text: &str) -> Option<Tag<'_>> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'<') {
        return None;
    }
    let closing = bytes.get(1) == Some(&b'/');
    let start = 1 + usize::from(closing);
    let len = bytes.get(start..)?.iter().take(16).position(|b| !(b.is_ascii_alphanumeric() || *b == b'!'))?;
    if len == 0 || bytes.get(start).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let after = start + len;
    if !matches!(bytes.get(after), Some(b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r' | 0x0C)) {
        return None;
    }
    // A tag with inline data can be long; what runs on for ever is no tag.
    let window = bytes.get(after..bytes.len().min(after + 8192))?;
    let close = after + tag_end(window)?;
    let name = Name::new(bytes.get(start..after)?);
    let inside = text.get(after..close)?;
    let doctype_html =
        name == "!doctype" && inside.trim_start().get(..4).is_some_and(|s| s.eq_ignore_ascii_case("html"));
    let is_root = !closing && (doctype_html || name == "html" || name == "head" || name == "body");
    Some(Tag { name, closing, is_root, inside, end: close + 1 })
}

/// Where the `>` of a tag stands, given what follows its name: not inside a quoted value.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut quote = None;
    let mut previous = b' ';
    for (at, &byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'<') => return None,
            (None, b'"' | b'\'') if previous == b'=' => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            previous = byte;
        }
    }
    None
}

/// Whether what follows a root tag at the start of `head` is a page. "`<html>` is the root element." is not.
fn goes_on(head: &str, first: &Tag<'_>) -> bool {
    let rest = head.get(first.end..).unwrap_or_default();
    let mut next = skip_prologue(rest);
    // `<!doctype html>` may be followed by the words of a link farm before the page proper.
    if first.name == "!doctype" || first.name == "html" {
        let mut lines = 0;
        while first_tag(next).is_none() && lines < 2 {
            let Some(at) = memchr::memchr(b'\n', next.as_bytes()) else { break };
            next = skip_prologue(next.get(at..).unwrap_or_default());
            lines += 1;
        }
    }
    match first_tag(next) {
        Some(tag) => is_element(tag.name) || tag.is_root,
        // `<body>` with text right behind it.
        None => (first.name == "body" && !first.inside.trim().is_empty()) || is_fragment(head),
    }
}

/// Whether a page begins after one or two lines of words, as kits that inject keywords before the document type do.
///
/// An article that shows a page's source has the same shape but goes on after it.
fn is_page_after_words(text: &str) -> bool {
    let mut at = 0;
    let mut words = 0;
    for line in text.split_inclusive('\n').take(12) {
        let bare = line.trim_start();
        if first_tag(bare).is_some_and(|t| t.is_root && (t.name == "!doctype" || t.name == "html")) {
            let Some(page) = text.get(at..) else { return false };
            let ends = page.trim_end();
            let tail = ends.get(ends.len().saturating_sub(7)..).unwrap_or_default();
            return tail.eq_ignore_ascii_case("</html>") && is_page(page);
        }
        if !bare.trim().is_empty() {
            words += 1;
            // "This is how a page begins:"
            if words > 2 || bare.trim_end().ends_with([':', '：']) {
                return false;
            }
        }
        // Keywords are lines, not chapters.
        if line.len() > 2048 {
            return false;
        }
        at += line.len();
    }
    false
}

/// Whether a text that starts with an element goes on and ends as a page: a server's warning or a long script may stand before it.
fn ends_as_page(text: &str) -> bool {
    let ended = text.trim_end().as_bytes();
    let close = b"</html>";
    let ends = ended.len().checked_sub(close.len()).is_some_and(|at| ended[at..].eq_ignore_ascii_case(close));
    ends && memchr::memmem::find(ended, b"<html").or_else(|| memchr::memmem::find(ended, b"<HTML")).is_some()
}

/// At most this share of a fragment's visible characters may stand outside every element. Markdown with a centred
/// logo has nearly all of its text outside; a fragment as blog exports have it has none.
const OUTSIDE_PERCENT: usize = 5;

/// Whether a text that starts with an element is a piece of a page all through.
fn is_fragment(text: &str) -> bool {
    let ended = text.trim_end();
    if !ended.ends_with('>') {
        return false;
    }
    // The last thing must be a tag.
    let tail = ended.len().saturating_sub(256);
    let last = memchr::memrchr(b'<', ended.get(tail..).unwrap_or(ended).as_bytes())
        .map(|at| if ended.is_char_boundary(tail) { tail + at } else { at });
    if !last.and_then(|at| ended.get(at..)).and_then(first_tag).is_some_and(|t| is_element(t.name)) {
        return false;
    }
    let mut look = ended.len().min(LOOK);
    while !ended.is_char_boundary(look) {
        look -= 1;
    }
    let sample = &ended[..look];
    let (mut depth, mut inside, mut outside) = (0_usize, 0_usize, 0_usize);
    let (mut known, mut unknown, mut blocks, mut closings) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut at = 0;
    while at < sample.len() {
        let rest = &sample[at..];
        if rest.starts_with("<!--") {
            let Some(end) = memchr::memmem::find(rest.as_bytes(), b"-->") else { break };
            at += end + 3;
            continue;
        }
        if let Some(tag) = first_tag(rest) {
            if is_element(tag.name) {
                known += 1;
                blocks += usize::from(is_block(tag.name));
            } else {
                unknown += 1;
            }
            if tag.closing {
                closings += 1;
                depth = depth.saturating_sub(1);
            } else if !is_void(tag.name) && !tag.inside.ends_with('/') {
                depth += 1;
            }
            at += tag.end;
            continue;
        }
        let step =
            memchr::memchr(b'<', rest.as_bytes().get(1..).unwrap_or_default()).map_or(rest.len(), |n| n + 1);
        let visible = rest.as_bytes()[..step].iter().filter(|b| !b.is_ascii_whitespace()).count();
        *(if depth == 0 { &mut outside } else { &mut inside }) += visible;
        at += step;
    }
    blocks >= 1
        && blocks + closings >= 2
        && unknown * 5 <= known
        && inside > 0
        && outside * 100 <= OUTSIDE_PERCENT * (inside + outside)
}

/// Whether a text is written as pages were before HTML 4: lines that begin with `<P>` or `<BR>`, hardly a closing tag.
///
/// Most lines must begin with a tag that divides text, most of those with the same one: a list of tags with what each
/// is for has another one on every line. Code and Markdown have other lines than that.
fn is_old_page(text: &str) -> bool {
    let mut look = text.len().min(LOOK);
    while !text.is_char_boundary(look) {
        look -= 1;
    }
    let (mut lines, mut begun, mut closings) = (0_usize, 0_usize, 0_usize);
    let mut names: Vec<(Name, usize)> = Vec::new();
    for line in text[..look].lines().map(str::trim).filter(|l| !l.is_empty()) {
        lines += 1;
        let Some(tag) = first_tag(line) else { continue };
        closings += usize::from(tag.closing);
        if is_block(tag.name) {
            begun += 1;
            match names.iter_mut().find(|(name, _)| *name == tag.name) {
                Some((_, count)) => *count += 1,
                // There are 42 of them: the search is bounded.
                None => names.push((tag.name, 1)),
            }
        }
    }
    let most = names.iter().map(|(_, count)| *count).max().unwrap_or(0);
    // Three lines are the fewest that can show a habit; two thirds of them are "most" with a margin over every other
    // line. Both are guesses, checked on the cases below.
    lines >= 3 && begun * 3 >= lines * 2 && most * 2 > begun && closings * 2 < begun
}

fn is_void(name: Name) -> bool {
    matches!(
        name.as_bytes(),
        b"br"
            | b"img"
            | b"hr"
            | b"input"
            | b"meta"
            | b"link"
            | b"base"
            | b"col"
            | b"wbr"
            | b"area"
            | b"embed"
            | b"source"
            | b"track"
            | b"param"
            | b"!doctype"
    )
}

fn is_block(name: Name) -> bool {
    matches!(
        name.as_bytes(),
        b"div"
            | b"p"
            | b"table"
            | b"tbody"
            | b"thead"
            | b"tr"
            | b"td"
            | b"th"
            | b"ul"
            | b"ol"
            | b"li"
            | b"dl"
            | b"dt"
            | b"dd"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"section"
            | b"article"
            | b"main"
            | b"header"
            | b"footer"
            | b"nav"
            | b"aside"
            | b"blockquote"
            | b"pre"
            | b"figure"
            | b"figcaption"
            | b"center"
            | b"form"
            | b"fieldset"
            | b"address"
            | b"details"
            | b"summary"
            | b"br"
            | b"hr"
    )
}

/// An element of HTML, of a page's body or head.
fn is_element(name: Name) -> bool {
    is_block(name)
        || is_void(name)
        || matches!(
            name.as_bytes(),
            b"html"
                | b"head"
                | b"body"
                | b"title"
                | b"style"
                | b"script"
                | b"noscript"
                | b"template"
                | b"svg"
                | b"path"
                | b"g"
                | b"a"
                | b"abbr"
                | b"b"
                | b"big"
                | b"button"
                | b"cite"
                | b"code"
                | b"del"
                | b"em"
                | b"font"
                | b"i"
                | b"iframe"
                | b"ins"
                | b"kbd"
                | b"label"
                | b"mark"
                | b"nobr"
                | b"object"
                | b"option"
                | b"picture"
                | b"q"
                | b"ruby"
                | b"rt"
                | b"rp"
                | b"s"
                | b"samp"
                | b"select"
                | b"small"
                | b"span"
                | b"math"
                | b"mi"
                | b"mn"
                | b"mo"
                | b"mtext"
                | b"mspace"
                | b"mrow"
                | b"mfrac"
                | b"msqrt"
                | b"mroot"
                | b"mstyle"
                | b"mpadded"
                | b"msub"
                | b"msup"
                | b"msubsup"
                | b"munder"
                | b"mover"
                | b"munderover"
                | b"mtable"
                | b"mtr"
                | b"mtd"
                | b"semantics"
                | b"annotation"
                | b"strike"
                | b"strong"
                | b"sub"
                | b"sup"
                | b"textarea"
                | b"time"
                | b"tt"
                | b"u"
                | b"var"
                | b"video"
                | b"audio"
                | b"canvas"
                | b"marquee"
                | b"caption"
                | b"colgroup"
                | b"tfoot"
                | b"frameset"
                | b"frame"
                | b"legend"
                | b"dfn"
                | b"bdo"
                | b"bdi"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn page(text: &str) {
        assert!(is_page(text), "not taken for a page: {text}");
    }

    #[track_caller]
    fn prose(text: &str) {
        assert!(!is_page(text), "taken for a page: {text}");
    }

    #[test]
    fn pages_begin_as_pages() {
        page("<!DOCTYPE html>\n<html><body><p>text</p></body></html>");
        page("\u{FEFF}<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\r\n<HTML><HEAD></HEAD></HTML>");
        page("<html lang=zh>\n<head><meta charset=utf-8><title>题</title></head>");
        page("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">\n<html xmlns='x'><body/></html>");
        page("<!-- saved from url=(0014)about:internet -->\n<html><body>text</body></html>");
        page("<body bgcolor=\"white\">hello there</body>");
        page("<head><title>a</title></head>");
        page("关键词,词,词\n第二行\n<!DOCTYPE html>\n<html><body>x</body></html>\n");
        page("<!doctype html>\n注入的词\n<html><body>x</body></html>");
        let warning = "<br />\n<b>Warning</b>: a variable is not defined<br />\n".repeat(50);
        page(&format!("{warning}<html><head><title>x</title></head><body>hello there</body></html>\n"));
        prose(&format!("{warning}A page ends with its tag, as in <html>…</html>, says the manual."));
    }

    #[test]
    fn fragments_are_elements_all_through() {
        page(
            "<p>Let <math><mi>x</mi></math> be a number, <math><msup><mi>x</mi><mn>2</mn></msup></math> its square.</p>",
        );
        page("<div>\n<p>第一段。</p><p>第二段。</p>\n</div>\n   ");
        page("<p>One.</p>\n<p>Two with <b>bold</b> text.</p>");
        page("<table><tr><td>1<td>2</table>");
        page("<p>old<p>style<br>");
        page("<span>一</span><br/><span>二</span><br/>");
    }

    #[test]
    fn old_pages_have_no_closing_tags() {
        page("<P>a\n<P>b\n<BR>c");
        page(
            "<TITLE>Notes</TITLE>\n<H1>Notes</H1>\n<P>The first.\n<P>The second.\n<P>The third\n\n<P>And on.\n",
        );
        page("<ul>\n<li>one\n<li>two\n<li>three\n<li>four\n</ul>\nend");
        prose("<p> makes a paragraph.\n<div> makes a box.\n<br> breaks a line.\n<h1> is a heading.");
        prose("<p>One.\n\nThe rest is text.\nIt has lines.\n<p>And a tag.");
        prose("<p align=center>\n<img src=a>\n</p>\n\n# Name\n\n<p>More.</p>\n\nText.");
        prose("<p>\n<p>");
        prose("<table>\n<tr>\nare elements of tables.\n<td> is a cell.");
    }

    #[test]
    fn short_and_injected_pages() {
        page("<html><body><p>Fifty characters.</p></body></html>");
        page("<p>Hi, <b>this</b> is short.</p>");
        page("<html><body></body></html>");
        page("<html></html>");
        page("彩票,开奖,直播\n<!DOCTYPE html>\n<html><body><a href=/a>x</a><a href=/b>y</a></body></html>");
        page("cheap pills, casino, loans\n<html><body><ul><li><a href=/a>x</a></ul></body></html>");
        page("<div class=links><a href=/a>一</a><a href=/b>二</a></div>");
    }

    #[test]
    fn text_with_tags_in_it_is_text() {
        prose("");
        prose("no tags at all");
        prose("The <div> element and the <p> element are blocks.\n<div> is the most common one.</div>");
        prose("fn f(v: Vec<String>, m: HashMap<u8, Vec<T>>) -> Option<T> {}");
        prose("#include <vector>\nstd::vector<int> v;\ntemplate <typename T> class A {};");
        prose("<b>Anna:</b> hello<br>\n<b>Ben:</b> hi there, how are you?<br>\n");
        prose("<b>only inline</b>");
        prose("a < b and c > d");
        prose("<3 you all>");
        prose("Licensed under <http://www.apache.org/licenses/>");
        prose("<http://example.org/>\nand more");
        prose("<html> is the root element of a page, <head> comes next.");
        prose("<!DOCTYPE html> stands on the first line.\nEvery browser reads it.\nReally.");
        prose("<rss version=\"2.0\"><channel><item><title>x</title></item></channel></rss>");
        prose("<?xml version=\"1.0\"?>\n<feed><entry><summary>x</summary></entry></feed>");
        prose("<svg><path d=\"M0 0\"/></svg>\nis a picture.");
        prose("<project><modelVersion>4</modelVersion><groupId>a</groupId></project>");
        prose(
            "<article><sect1><para>DocBook</para><para>text</para><emphasis>x</emphasis></sect1></article>",
        );
        prose("<!DOCTYPE plist PUBLIC \"x\">\n<plist><dict></dict></plist>");
        prose("A minimal page:\n<!DOCTYPE html>\n<html><body>x</body></html>");
        prose("How pages begin\n<!DOCTYPE html>\n<html></html>\nThat is all there is to it.");
        prose(
            "<p align=\"center\"><img src=logo.png></p>\n\n# Project\n\nIt does a lot of things.\n\n<div>end</div>",
        );
        prose(
            "<details>\n<summary>More</summary>\n\nthings\n</details>\n\nThe rest of the text is Markdown, and long.",
        );
        prose("<div>");
    }

    #[track_caller]
    fn block(text: &str) -> &str {
        let found = front_matter(text).expect("front matter");
        &text[found.block.end..]
    }

    #[track_caller]
    fn no_block(text: &str) {
        assert_eq!(front_matter(text), None, "{text}");
    }

    #[test]
    fn front_matter_is_keys_between_markers() {
        assert_eq!(block("---\ntitle: a\n---\nbody"), "body");
        assert_eq!(block("\u{FEFF}\n---\r\ntitle: 'a'\r\ntags:\r\n - b\r\n---\r\n\r\nbody"), "body");
        assert_eq!(block("---\nfoo: a\nbar_baz: b\n...\n  indented"), "  indented");
        assert_eq!(block("---\n标题：讲话\n---\n正文"), "正文");
        assert_eq!(block("---\ntitle: a: b\ndescription: runs\nover\n---\n"), "");
        assert_eq!(block("+++\ntitle = \"x\"\n[extra]\na = 1\n+++\nbody"), "body");
        assert_eq!(kind("---\ntitle: a\n---\nbody"), Kind::Markdown);
    }

    #[test]
    fn a_rule_above_prose_is_not_front_matter() {
        no_block("---\n\nProse: with a colon.\n\n---\nMore.");
        no_block("---\ntitle: never closed\n\nbody");
        no_block("---\nAlice: hello\nBob: hello to you\n---\nThey left.");
        no_block("---\nhttp://example.org/\n---\n");
        no_block("----\ntitle: a\n----\n");
        no_block("--- title: a ---");
        no_block("---\n---\n");
        no_block("text\n---\ntitle: a\n---\n");
        no_block("---\ntitle: The first line\nHere the story goes on\nand on\nand on.\n---\n");
    }

    #[test]
    fn long_texts_of_one_thing_take_no_time() {
        for text in ["<", "<p>", "<!--", "<div ", "<a href=\"", "---\n", "a:\n", "<div>text"] {
            let long = text.repeat(1_000_000 / text.len());
            let start = std::time::Instant::now();
            kind(&long);
            kind(&format!("---\n{long}"));
            kind(&format!("<div>{long}</div>"));
            assert!(start.elapsed().as_secs() < 2, "{text}");
        }
    }
}
