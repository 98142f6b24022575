//! Makes a page small and harmless before it is parsed: `<script>…</script>`, comments and most attributes go,
//! nesting is bounded.
//!
//! One pass over the bytes. It takes away what has no text (measured elsewhere: 62 % of the bytes), and what makes
//! a tree builder slow: its time grows with the square of the depth, of the open formatting elements, and of the
//! attributes of one tag.

/// Deepest nesting handed to the parser. Blink's parser has the same limit, so no page that can be read in a
/// browser loses structure by it; text below it stays, its tags go.
pub const MAX_DEPTH: usize = 512;

/// JSON-LD that is longer is not read, in bytes; real ones have a few kilobytes.
const MAX_JSON_LD: usize = 256 * 1024;

/// A page made ready for the parser.
#[derive(Debug, Default)]
pub struct Stripped<'t> {
    pub html: String,
    /// The text says it is a whole page: a document type, `<html>`, `<head>` or `<body>`.
    pub whole: bool,
    /// Open tags were dropped because they were nested too deep.
    pub deep: bool,
    /// What stands behind the last `</html>`, as markup.
    pub after_end: &'t str,
    /// Contents of elements that are not shown, as markup, in order.
    pub unseen: Vec<(Unseen, &'t str)>,
    /// `alt` of images, with character references.
    pub alts: Vec<&'t str>,
    /// `value` of `<input type=submit>`: what stands on a button, with character references.
    pub values: Vec<&'t str>,
    /// From a tag that is never closed, or a script that is not, to the end, as it stands.
    pub unclosed: &'t str,
    pub json_ld: Vec<&'t str>,
    white: White,
}

/// White space that is not written yet, or never. Each line feed between tags would be a token of the parser, and most
/// texts of a page are nothing else.
#[derive(Clone, Copy, Debug)]
struct White {
    /// Some was passed, and matters if what comes next stands in the same line.
    gap: bool,
    /// Nothing that is seen was written since the last line began.
    fresh: bool,
    /// How many `<pre>` are open: in them it is text.
    pre: u32,
}

impl Default for White {
    fn default() -> Self {
        Self { gap: false, fresh: true, pre: 0 }
    }
}

impl Stripped<'_> {
    /// Adds text: outside `<pre>` with one space for a stretch of white space that holds a line feed.
    fn text(&mut self, text: &str) {
        if self.white.pre > 0 {
            push_text(&mut self.html, text);
            return;
        }
        let body = text.trim_ascii();
        if body.is_empty() {
            self.white.gap |= !self.white.fresh && !text.is_empty();
            return;
        }
        self.white.gap |= text.starts_with(|c: char| c.is_ascii_whitespace());
        self.space();
        self.white.fresh = false;
        let mut done = 0;
        for at in memchr::memchr2_iter(b'\n', b'\r', body.as_bytes()) {
            if at >= done {
                push_text(&mut self.html, body[done..at].trim_ascii_end());
                self.html.push(' ');
                done = body.len() - body[at..].trim_ascii_start().len();
            }
        }
        push_text(&mut self.html, &body[done..]);
        if text.ends_with(|c: char| c.is_ascii_whitespace()) {
            self.html.push(' ');
        }
    }

    /// Writes the white space that was passed.
    fn space(&mut self) {
        if std::mem::take(&mut self.white.gap) {
            self.html.push(' ');
        }
    }

    /// Before a tag is written: white space beside one that begins or ends a line is not seen.
    fn before_tag(&mut self, group: Group, name: &[u8]) {
        match group {
            Group::Void if matches!(name, b"br" | b"hr") => {
                self.white = White { gap: false, fresh: true, ..self.white }
            }
            Group::Void => {}
            Group::Inline | Group::Format | Group::Math | Group::Raw | Group::Unseen => self.space(),
            Group::P
            | Group::Item
            | Group::Term
            | Group::Cell
            | Group::Row
            | Group::Rows
            | Group::Table
            | Group::Block
            | Group::Root
            | Group::Characters => self.white = White { gap: false, fresh: true, ..self.white },
        }
    }
}

/// Why the content of an element is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// `noscript`, `template`
    Scripts,
    /// `svg`, `canvas`, `object` and others that show something else in their place.
    Embedded,
    /// `annotation` in a formula: the same formula once more, in another notation.
    Annotation,
}

/// Attributes of an element that say something about text or metadata.
fn is_wanted(element: &[u8], name: &[u8]) -> bool {
    match name {
        b"class" | b"id" | b"role" | b"itemprop" | b"hidden" | b"aria-hidden" | b"style" => true,
        b"name" | b"property" | b"content" => element == b"meta",
        b"lang" | b"xml:lang" => element == b"html",
        b"datetime" => element == b"time",
        b"rel" | b"href" => element == b"link",
        b"colspan" | b"rowspan" => matches!(element, b"td" | b"th"),
        b"start" => element == b"ol",
        b"value" => element == b"li",
        _ => false,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    /// Has no content.
    Void,
    /// `a` and whatever is unknown.
    Inline,
    /// `b`, `i`, `span`: of no interest to text unless they hide it, and costly for the parser.
    Format,
    P,
    Item,
    Term,
    Cell,
    Row,
    Rows,
    Table,
    Block,
    /// Opened and closed by the parser as it sees fit.
    Root,
    /// Content is not markup, and not text to be read.
    Raw,
    /// Content is markup that is not shown, or drawing.
    Unseen,
    /// `mi`, `mrow`: parts of a formula; their text is a part of the line.
    Math,
    /// Content is characters only.
    Characters,
}

fn group(name: &[u8]) -> Group {
    match name {
        b"area" | b"base" | b"br" | b"col" | b"embed" | b"hr" | b"img" | b"input" | b"link" | b"meta"
        | b"param" | b"source" | b"track" | b"wbr" | b"frameset" | b"frame" => Group::Void,
        b"b" | b"i" | b"u" | b"font" | b"em" | b"strong" | b"s" | b"small" | b"tt" | b"big" | b"strike"
        | b"nobr" | b"math" | b"span" | b"code" | b"sup" | b"sub" | b"abbr" | b"cite" | b"ins" | b"del"
        | b"q" | b"kbd" | b"samp" | b"var" | b"mark" | b"picture" => Group::Format,
        b"p" => Group::P,
        b"li" => Group::Item,
        b"dt" | b"dd" => Group::Term,
        b"td" | b"th" => Group::Cell,
        b"tr" => Group::Row,
        b"tbody" | b"thead" | b"tfoot" => Group::Rows,
        b"table" => Group::Table,
        b"address" | b"article" | b"aside" | b"blockquote" | b"center" | b"details" | b"dialog" | b"dir"
        | b"div" | b"dl" | b"fieldset" | b"figcaption" | b"figure" | b"footer" | b"form" | b"h1" | b"h2"
        | b"h3" | b"h4" | b"h5" | b"h6" | b"header" | b"hgroup" | b"main" | b"menu" | b"nav" | b"ol"
        | b"pre" | b"listing" | b"optgroup" | b"search" | b"section" | b"summary" | b"ul" | b"caption"
        | b"button" | b"marquee" | b"select" => Group::Block,
        b"html" | b"head" | b"body" | b"option" | b"colgroup" => Group::Root,
        b"script" | b"style" | b"xmp" | b"plaintext" => Group::Raw,
        b"svg" | b"template" | b"noscript" | b"canvas" | b"iframe" | b"noembed" | b"noframes" | b"object"
        | b"applet" | b"video" | b"audio" | b"annotation" | b"annotation-xml" => Group::Unseen,
        b"mi" | b"mo" | b"mn" | b"ms" | b"mtext" | b"mspace" | b"mrow" | b"mfrac" | b"msqrt" | b"mroot"
        | b"mstyle" | b"merror" | b"mpadded" | b"mphantom" | b"mfenced" | b"menclose" | b"msub" | b"msup"
        | b"msubsup" | b"munder" | b"mover" | b"munderover" | b"mmultiscripts" | b"mprescripts"
        | b"mtable" | b"mtr" | b"mlabeledtr" | b"mtd" | b"maction" | b"semantics" => Group::Math,
        b"title" | b"textarea" => Group::Characters,
        _ => Group::Inline,
    }
}

/// Follows which elements are open, closely enough to bound the depth of the tree that the parser will build.
#[derive(Default)]
struct Open {
    stack: Vec<(Group, u32)>,
    /// Formatting elements whose open tags were kept: the name, and how many of that name are open in it.
    formats: Vec<(u32, u32)>,
}

impl Open {
    /// Notes an open tag; false if it would stand too deep.
    fn open(&mut self, group: Group, name: u32) -> bool {
        let implied = match group {
            Group::P => self.find(|g| g == Group::P, |g| g != Group::Inline),
            Group::Item | Group::Term => {
                let p_or_inline = |g| matches!(g, Group::Inline | Group::P);
                self.find(|g| g == group, |g| !p_or_inline(g))
            }
            Group::Cell => self.find(|g| g == Group::Cell, |g| g == Group::Table),
            Group::Row => self.find(|g| g == Group::Row, |g| g == Group::Table),
            Group::Rows => self.find(|g| g == Group::Rows, |g| g == Group::Table),
            Group::Block | Group::Table => self.find(|g| g == Group::P, |g| g != Group::Inline),
            _ => None,
        };
        if let Some(at) = implied {
            self.stack.truncate(at);
        }
        if self.stack.len() >= MAX_DEPTH {
            return false;
        }
        self.stack.push((group, name));
        true
    }

    /// Notes a formatting element, to be kept if it `says` something; false if it is not.
    fn open_format(&mut self, name: u32, says: bool) -> bool {
        let keep = says && self.formats.len() < MAX_FORMATS;
        if keep {
            self.formats.push((name, 0));
        } else if let Some((_, inner)) = self.formats.iter_mut().rfind(|f| f.0 == name) {
            *inner += 1;
        }
        keep
    }

    /// Whether the end of a formatting element is that of one that was kept.
    fn close_format(&mut self, name: u32) -> bool {
        let Some(at) = self.formats.iter().rposition(|f| f.0 == name) else { return false };
        match self.formats.get_mut(at) {
            Some((_, inner)) if *inner > 0 => *inner -= 1,
            _ => {
                self.formats.remove(at);
                return true;
            }
        }
        false
    }

    fn close(&mut self, group: Group, name: u32) {
        let found = match group {
            Group::Inline => self
                .stack
                .iter()
                .rposition(|&(g, n)| g != Group::Inline || n == name)
                .filter(|&at| self.stack.get(at).is_some_and(|&(g, n)| g == Group::Inline && n == name)),
            Group::Table | Group::Row | Group::Rows | Group::Cell => {
                self.find(|g| g == group, |g| g == Group::Table && group != Group::Table)
            }
            _ => self
                .stack
                .iter()
                .rposition(|&(g, n)| (g == group && n == name) || matches!(g, Group::Cell | Group::Table))
                .filter(|&at| self.stack.get(at).is_some_and(|&(g, n)| g == group && n == name)),
        };
        if let Some(at) = found {
            self.stack.truncate(at);
        }
    }

    /// The innermost open element that is `wanted`, unless a `barrier` stands above it.
    fn find(&self, wanted: impl Fn(Group) -> bool, barrier: impl Fn(Group) -> bool) -> Option<usize> {
        for (at, &(group, _)) in self.stack.iter().enumerate().rev() {
            if wanted(group) {
                return Some(at);
            }
            if barrier(group) {
                return None;
            }
        }
        None
    }
}

/// A number for a name: equal names have equal numbers, and a clash only misjudges the depth by one.
fn number(name: &[u8]) -> u32 {
    name.iter().fold(0x811C_9DC5, |hash: u32, &b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// Open formatting elements that are kept, at most: the parser opens all of them anew in every paragraph.
const MAX_FORMATS: usize = 16;

/// `page` without what has no text. What is kept stays in order.
pub fn strip(page: &str) -> Stripped<'_> {
    strip_to(page, Keep::default())
}

/// What is wanted of a page besides its text and its blocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep {
    /// The addresses of links.
    pub addresses: bool,
    /// What of a line is code, and the language of blocks of it.
    pub code: bool,
}

/// As [`strip`], with what is wanted besides.
pub fn strip_to(page: &str, keep: Keep) -> Stripped<'_> {
    let mut out = Stripped { html: String::with_capacity(page.len() / 2), ..Stripped::default() };
    let mut open = Open::default();
    let bytes = page.as_bytes();
    let end = last_end(page).unwrap_or(bytes.len());
    // Once one end was searched for in vain, no later search for it can succeed.
    let mut finder = Finder::default();
    let mut name_buffer = [0_u8; 16];
    let mut in_math = false;
    let mut at = 0;
    while at < end {
        let Some(found) = memchr::memchr(b'<', &bytes[at..end]) else { break };
        out.text(&page[at..at + found]);
        at += found;
        let rest = &bytes[at..end];
        if rest.starts_with(b"<!--") {
            // An unclosed comment would swallow the page: then only its own opening is taken for markup.
            at += match finder.find(page, at + 4, end, "-->") {
                // `<!-->` and `<!--->` are whole comments.
                _ if rest.starts_with(b"<!-->") => 5,
                Some(close) => close + 3 - at,
                None => 4,
            };
            continue;
        }
        if matches!(rest.get(1), Some(b'!' | b'?')) {
            if rest.get(2..9).is_some_and(|d| d.eq_ignore_ascii_case(b"doctype")) {
                out.whole = true;
            }
            let close = memchr::memchr(b'>', &rest[..rest.len().min(4096)]);
            at += close.map_or(2, |n| n + 1);
            continue;
        }
        let closing = rest.get(1) == Some(&b'/');
        let name_at = 1 + usize::from(closing);
        if !rest.get(name_at).is_some_and(u8::is_ascii_alphabetic) {
            // A lone `<` is text to the parser as well; `</3` is a comment to it.
            out.text("&lt;");
            at += 1;
            continue;
        }
        let name_len = rest[name_at..]
            .iter()
            .position(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'<'))
            .unwrap_or(rest.len() - name_at);
        let raw_name = &rest[name_at..name_at + name_len];
        let short = raw_name.len().min(name_buffer.len());
        for (to, from) in name_buffer.iter_mut().zip(raw_name) {
            *to = from.to_ascii_lowercase();
        }
        let mut name =
            if raw_name.len() > name_buffer.len() { &b"x-long"[..] } else { &name_buffer[..short] };
        let group = match group(name) {
            Group::Unseen if !in_math && name.starts_with(b"annotation") => Group::Inline,
            group => group,
        };
        if name == b"math" {
            in_math = !closing;
            // Only text is left in it, and the parser has other rules for what follows `<math>`.
            name = b"i";
        }
        let after = at + name_at + name_len;
        let mut attributes = Attributes::new(page, after, end);
        if closing {
            if !attributes.skip() {
                out.unclosed = &page[at..end];
                break;
            }
            let behind = attributes.at;
            close_tag(&mut out, &mut open, group, name);
            at = behind;
            continue;
        }
        match group {
            Group::Raw | Group::Unseen => {
                let mut json_ld = false;
                while let Some((key, value)) = attributes.next() {
                    json_ld |= name == b"script"
                        && key.eq_ignore_ascii_case("type")
                        && value
                            .split(';')
                            .next()
                            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"));
                }
                if !attributes.closed {
                    out.unclosed = &page[at..end];
                    break;
                }
                let behind = attributes.at;
                let self_closed = name == b"svg" && bytes.get(behind.wrapping_sub(2)) == Some(&b'/');
                if self_closed {
                    at = behind;
                    continue;
                }
                let close = finder.find_close(page, behind, end, name);
                let content_end = close.unwrap_or(end);
                match group {
                    Group::Unseen if close.is_none() => {
                        at = behind;
                        continue;
                    }
                    // Some forums give their whole text to readers without scripts only; pages of frames have
                    // theirs for readers without frames, and pages have been built around a film.
                    Group::Unseen
                        if matches!(name, b"noscript" | b"noframes" | b"object" | b"applet")
                            && is_text(&page[behind..content_end]) =>
                    {
                        at = behind;
                        continue;
                    }
                    Group::Unseen => {
                        let why = match name {
                            b"noscript" | b"template" => Unseen::Scripts,
                            b"annotation" | b"annotation-xml" => Unseen::Annotation,
                            _ => Unseen::Embedded,
                        };
                        let content = &page[behind..content_end];
                        if has_text(content) {
                            out.unseen.push((why, content));
                        }
                        // What stands in its place divides words, but for a drawing the size of a letter.
                        if why == Unseen::Embedded && name != b"svg" {
                            out.text(" ");
                        }
                    }
                    _ if json_ld && content_end - behind <= MAX_JSON_LD => {
                        out.json_ld.push(&page[behind..content_end]);
                    }
                    _ => {}
                }
                if name == b"xmp" || name == b"plaintext" {
                    out.before_tag(Group::Block, name);
                    out.html.push_str("<pre>");
                    push_escaped(&mut out.html, &page[behind..content_end]);
                    out.html.push_str("</pre>");
                }
                at = match close {
                    Some(close) => {
                        let mut rest = Attributes::new(page, close + 2 + name.len(), end);
                        rest.skip();
                        rest.at
                    }
                    None => {
                        if name != b"xmp" && name != b"plaintext" {
                            out.unclosed = &page[behind..end];
                        }
                        end
                    }
                };
            }
            Group::Characters => {
                if !attributes.skip() {
                    out.unclosed = &page[at..end];
                    break;
                }
                let behind = attributes.at;
                let close = finder.find_close(page, behind, end, name);
                let content_end = close.unwrap_or(behind);
                if close.is_some() {
                    out.before_tag(group, name);
                    let name = if name == b"title" { "title" } else { "textarea" };
                    out.html.extend(["<", name, ">"]);
                    push_text(&mut out.html, &page[behind..content_end].replace('<', "&lt;"));
                    out.html.extend(["</", name, ">"]);
                }
                at = content_end;
                if close.is_some() {
                    let mut rest = Attributes::new(page, content_end + 2 + name.len(), end);
                    rest.skip();
                    at = rest.at;
                }
            }
            Group::Math => {
                if !attributes.skip() {
                    out.unclosed = &page[at..end];
                    break;
                }
                // Cells of a matrix.
                if matches!(name, b"mtd" | b"mtr" | b"mspace") {
                    out.text(" ");
                }
                at = attributes.at;
            }
            _ => match open_tag(&mut out, &mut open, group, name, attributes, keep) {
                Some(behind) => at = behind,
                None => {
                    out.unclosed = &page[at..end];
                    break;
                }
            },
        }
    }
    if at < end && out.unclosed.is_empty() {
        out.text(&page[at..end]);
    }
    out.after_end = &page[end..];
    out
}

/// Visible characters that make the inside of `<noscript>` a text and not "please enable JavaScript".
const NOSCRIPT_TEXT: usize = 500;

/// Whether there is a text between the tags of `markup`, judged by bytes outside tags in its beginning.
fn is_text(markup: &str) -> bool {
    let (mut inside, mut count) = (false, 0);
    for byte in markup.bytes().take(64 * 1024) {
        match byte {
            b'<' => inside = true,
            b'>' => inside = false,
            _ if !inside && !byte.is_ascii_whitespace() => count += 1,
            _ => {}
        }
    }
    count >= NOSCRIPT_TEXT
}

/// Whether anything but white space and an ampersand's worth of markup stands outside the tags of `markup`; or an
/// image, which may have a text in its place.
fn has_text(markup: &str) -> bool {
    let bytes = markup.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest[0] == b'<' {
            if rest.get(1..4).is_some_and(|n| n.eq_ignore_ascii_case(b"img"))
                || rest.get(1..6).is_some_and(|n| n.eq_ignore_ascii_case(b"input"))
            {
                return true;
            }
            match memchr::memchr(b'>', rest) {
                Some(close) => at += close + 1,
                None => return true,
            }
        } else if rest[0].is_ascii_whitespace() {
            at += 1;
        } else {
            return true;
        }
    }
    false
}

/// Where the last `</html` begins, if what follows is the smaller part of the page.
fn last_end(page: &str) -> Option<usize> {
    let bytes = page.as_bytes();
    let is_end = |at: &usize| bytes.get(at + 1..at + 6).is_some_and(|n| n.eq_ignore_ascii_case(b"/html"));
    let at = memchr::memrchr_iter(b'<', bytes).find(is_end)?;
    (page.len() - at < at).then_some(at)
}

fn close_tag(out: &mut Stripped, open: &mut Open, group: Group, name: &[u8]) {
    let kept = match group {
        Group::Format => open.close_format(number(name)),
        Group::Void => name == b"br",
        Group::Raw | Group::Unseen | Group::Characters | Group::Math => false,
        _ => {
            open.close(group, number(name));
            true
        }
    };
    if kept {
        out.before_tag(group, name);
        if is_pre(name) {
            out.white.pre = out.white.pre.saturating_sub(1);
        }
        if name == b"br" {
            out.html.push_str("<br>");
        } else {
            out.html.push_str("</");
            push_name(&mut out.html, name);
            out.html.push('>');
        }
    }
}

/// Writes an open tag with the attributes worth having, or leaves it out. Returns the offset behind the tag, `None`
/// if it never ends.
fn open_tag<'t>(
    out: &mut Stripped<'t>,
    open: &mut Open,
    group: Group,
    name: &[u8],
    mut attributes: Attributes<'t>,
    keep: Keep,
) -> Option<usize> {
    if matches!(name, b"html" | b"head" | b"body") {
        out.whole = true;
    }
    let (start, white) = (out.html.len(), out.white);
    out.before_tag(group, name);
    out.html.push('<');
    push_name(&mut out.html, name);
    let bare = out.html.len();
    let mut said = 0_u32;
    let mut says = keep.code && matches!(name, b"code" | b"tt" | b"samp" | b"kbd");
    let address = keep.addresses && name == b"a";
    let (mut shown, mut is_button) = ("", false);
    while let Some((key, value)) = attributes.next() {
        if group == Group::Void && !value.is_empty() {
            if key.eq_ignore_ascii_case("alt") && matches!(name, b"img" | b"area" | b"input") {
                out.alts.push(value);
                continue;
            }
            if name == b"input" && key.eq_ignore_ascii_case("value") {
                shown = value;
            }
            is_button |= name == b"input"
                && key.eq_ignore_ascii_case("type")
                && ["submit", "button", "reset"].iter().any(|t| value.trim().eq_ignore_ascii_case(t));
        }
        let mut lower = [0_u8; 12];
        let Some(slot) = lower.get_mut(..key.len()) else { continue };
        slot.copy_from_slice(key.as_bytes());
        slot.make_ascii_lowercase();
        let key = &*slot;
        if !(is_wanted(name, key) || (address && key == b"href")) || (key == b"style" && !may_hide(value)) {
            continue;
        }
        // Of several with one name the first counts; the parser compares each with all before.
        let bit = match key {
            b"class" => 1,
            b"id" => 2,
            b"style" => 4,
            _ => 0,
        };
        if said & bit != 0 || out.html.len() - start > 8192 {
            continue;
        }
        said |= bit;
        says |= matches!(key, b"style" | b"hidden" | b"aria-hidden" | b"itemprop" | b"datetime" | b"href");
        out.html.push(' ');
        push_name(&mut out.html, key);
        if !value.is_empty() {
            out.html.push_str("=\"");
            // `&` is left: the parser decodes it as it would have.
            for (n, part) in value.split('"').enumerate() {
                if n > 0 {
                    out.html.push_str("&quot;");
                }
                out.html.push_str(part);
            }
            out.html.push('"');
        }
    }
    if !attributes.closed {
        out.html.truncate(start);
        return None;
    }
    if is_button && !shown.is_empty() {
        out.values.push(shown);
    }
    if group == Group::Inline && !says {
        // What it is called is not asked for.
        out.html.truncate(bare);
    }
    out.html.push('>');
    let kept = match group {
        Group::Void => matches!(name, b"br" | b"hr" | b"meta" | b"link"),
        Group::Format => open.open_format(number(name), says),
        Group::Root => true,
        _ => {
            let fits = open.open(group, number(name));
            out.deep |= !fits;
            fits
        }
    };
    if kept {
        out.white.pre += u32::from(is_pre(name));
    } else {
        out.html.truncate(start);
        out.white = white;
        // Cells and lines that were too deep still divide their text.
        if !matches!(group, Group::Void | Group::Format | Group::Inline) {
            out.before_tag(Group::Void, b"br");
            out.html.push_str("<br>");
        }
    }
    Some(attributes.at)
}

fn is_pre(name: &[u8]) -> bool {
    matches!(name, b"pre" | b"listing")
}

fn push_name(html: &mut String, name: &[u8]) {
    match std::str::from_utf8(name) {
        Ok(name) if name.is_ascii() => html.push_str(name),
        _ => html.extend(name.iter().map(|&b| if b.is_ascii() { char::from(b) } else { '_' })),
    }
}

fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '&' => html.push_str("&amp;"),
            _ => html.push(c),
        }
    }
}

/// Adds text, with surrogate pairs written as two references (`&#55357;&#56832;`) put together: the parser would
/// make two replacement characters of them.
fn push_text(html: &mut String, text: &str) {
    let mut done = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), b"&#") {
        if at < done {
            continue;
        }
        if let Some((c, len)) = text.get(at..).and_then(super::super::entities::surrogate_pair) {
            html.push_str(&text[done..at]);
            html.push(c);
            done = at + len;
        }
    }
    html.push_str(&text[done..]);
}

/// Searches that remember what is not there.
#[derive(Default)]
struct Finder {
    gone: Vec<String>,
}

impl Finder {
    fn find(&mut self, page: &str, from: usize, end: usize, what: &str) -> Option<usize> {
        if self.gone.iter().any(|g| g == what) {
            return None;
        }
        let found = page
            .as_bytes()
            .get(from..end)
            .and_then(|rest| memchr::memmem::find(rest, what.as_bytes()))
            .map(|n| from + n);
        if found.is_none() {
            self.gone.push(what.to_owned());
        }
        found
    }

    /// Where `</name` begins that closes an element whose content begins at `from`.
    fn find_close(&mut self, page: &str, from: usize, end: usize, name: &[u8]) -> Option<usize> {
        let key = String::from_utf8_lossy(name);
        if self.gone.iter().any(|g| *g == key) {
            return None;
        }
        let bytes = page.as_bytes().get(..end)?;
        let mut at = from;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memmem::find(rest, b"</")) {
            at += found;
            let is_it = bytes.get(at + 2..at + 2 + name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name))
                && !bytes.get(at + 2 + name.len()).is_some_and(u8::is_ascii_alphanumeric);
            if is_it {
                return Some(at);
            }
            at += 2;
        }
        self.gone.push(key.into_owned());
        None
    }
}

/// The attributes of one tag; `at` is behind its `>` when they are through.
struct Attributes<'t> {
    page: &'t str,
    at: usize,
    end: usize,
    /// The `>` was there.
    closed: bool,
}

impl<'t> Attributes<'t> {
    fn new(page: &'t str, at: usize, end: usize) -> Self {
        Self { page, at, end, closed: false }
    }

    /// Goes behind the tag; false if it never ends.
    fn skip(&mut self) -> bool {
        while self.next().is_some() {}
        self.closed
    }

    fn byte(&self) -> Option<u8> {
        (self.at < self.end).then(|| self.page.as_bytes().get(self.at).copied()).flatten()
    }

    fn next(&mut self) -> Option<(&'t str, &'t str)> {
        while self.byte().is_some_and(|b| b.is_ascii_whitespace() || b == b'/') {
            self.at += 1;
        }
        if matches!(self.byte()?, b'>') {
            self.at += 1;
            self.closed = true;
            return None;
        }
        let start = self.at;
        // A name may begin with `=`.
        self.at += 1;
        while self.byte().is_some_and(|b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/')) {
            self.at += 1;
        }
        let key = self.page.get(start..self.at).unwrap_or_default();
        let back = self.at;
        while self.byte().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
        if self.byte() != Some(b'=') {
            self.at = back;
            return Some((key, ""));
        }
        self.at += 1;
        while self.byte().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
        let quoted = |quote| {
            let rest = self.page.as_bytes().get(self.at + 1..self.end).unwrap_or_default();
            memchr::memchr(quote, rest)
        };
        let quote = self.byte().filter(|b| matches!(b, b'"' | b'\''));
        let value = match quote.and_then(quoted) {
            Some(len) => {
                let from = self.at + 1;
                self.at = (from + len + 1).min(self.end);
                self.page.get(from..from + len)
            }
            // A quote that is never closed would swallow the rest of the page. It is the last one of its kind, so
            // no more than two searches are in vain.
            None => {
                let from = self.at;
                while self.byte().is_some_and(|b| !b.is_ascii_whitespace() && b != b'>') {
                    self.at += 1;
                }
                self.page.get(from..self.at)
            }
        };
        Some((key, value.unwrap_or_default()))
    }
}

/// Whether a `style` names a property by which elements are hidden; most do not, and go before parsing.
fn may_hide(style: &str) -> bool {
    const PROPERTIES: [&str; 12] = [
        "display",
        "visib",
        "font-size",
        "opacity",
        "text-indent",
        "left",
        "right",
        "top",
        "clip",
        "transform",
        "width",
        "height",
    ];
    let lower = style.to_ascii_lowercase();
    PROPERTIES.iter().any(|property| lower.contains(property))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(strip(before).html, after);
    }

    #[test]
    fn what_has_no_text_goes() {
        check(
            "<p onclick=\"x()\" class='a b'>one<script>if(a<b)</script>two</p>",
            "<p class=\"a b\">onetwo</p>",
        );
        check("a<!-- <p> -->b<style>p{}</style>c<svg><title>t</title></svg>d<svg/>e", "abcde");
        check("a<SCRIPT>x</SCRIPT foo>b</script>c", "abc");
        check("1 < 2 and <b>3</b>", "1 &lt; 2 and 3");
        check(
            "<font style='display:none'>a<font>b</font></font>c",
            "<font style=\"display:none\">ab</font>c",
        );
        check("&#55357;&#56832; &amp;", "😀 &amp;");
        check("open <!-- never closed", "open  never closed");
        check("<p title=\"a>b\">c", "<p>c");
    }

    #[test]
    fn depth_is_bounded_and_text_is_not() {
        let deep = strip(&"<div>x".repeat(1000)).html;
        assert_eq!(deep.matches("<div>").count(), MAX_DEPTH);
        assert_eq!(deep.matches('x').count(), 1000);
        // Unclosed paragraphs, items and cells are beside each other, not inside.
        for flat in ["<p>x", "<li>x", "<tr><td>x", "<div><span>x</div>", "<p><span>x</p>"] {
            assert!(!strip(&flat.repeat(2000)).deep, "{flat}");
        }
    }

    #[test]
    fn what_follows_the_end_is_apart() {
        let stripped = strip("<html><body><p>text</p></body></html>\n<a>x</a>");
        assert_eq!(stripped.after_end, "</html>\n<a>x</a>");
        assert!(stripped.whole);
    }
}
