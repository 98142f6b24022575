//! JSON arrays: cuts one into its elements as it is read, which are records like lines.

/// Where a scan of an array stands. Elements are found by their brackets and strings alone: what is wrong inside one is said
/// when it is parsed, and costs the others nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    /// Brackets open within the element.
    depth: u32,
    in_string: bool,
    escaped: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the bracket that opens the array.
    #[default]
    Before,
    /// Within it.
    Inside,
    /// After the bracket that closes it.
    After,
}

/// What a scan came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The array begins before this offset.
    Open(usize),
    /// An element, perhaps empty, ends before this offset, at which a comma or the closing bracket stands.
    Element(usize),
    /// Everything was looked at.
    More,
    /// Something that is no array stands at this offset.
    Broken(usize),
}

impl Scan {
    /// Looks at `bytes` from `from` on, up to the next end of an element.
    pub(super) fn next(&mut self, bytes: &[u8], from: usize) -> Event {
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                match memchr::memchr2(b'"', b'\\', &bytes[at..]) {
                    None => return Event::More,
                    Some(skip) => {
                        at += skip;
                        self.escaped = bytes[at] == b'\\';
                        self.in_string = self.escaped;
                        at += 1;
                        continue;
                    }
                }
            }
            match (self.state, byte) {
                (_, b' ' | b'\t' | b'\r' | b'\n') => {}
                (State::Before, b'[') => {
                    self.state = State::Inside;
                    return Event::Open(at + 1);
                }
                (State::Before | State::After, _) => return Event::Broken(at),
                (State::Inside, b'"') => self.in_string = true,
                (State::Inside, b'{' | b'[') => self.depth += 1,
                (State::Inside, b']') if self.depth == 0 => {
                    self.state = State::After;
                    return Event::Element(at);
                }
                (State::Inside, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
                (State::Inside, b',') if self.depth == 0 => return Event::Element(at),
                (State::Inside, _) => {}
            }
            at += 1;
        }
        Event::More
    }

    /// Whether the array is whole.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::After
    }
}

/// Whether content that begins with `head` is an array of objects.
pub(super) fn recognise(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let Some(first) = head.strip_prefix(b"[") else { return false };
    let Some(object) = first.trim_ascii_start().strip_prefix(b"{") else { return false };
    // `[{"` or `[{}`: Markdown, wiki text and templates begin with brackets, too, but not so.
    let object = object.trim_ascii_start();
    if let Some(name) = object.strip_prefix(b"\"") {
        let end = memchr::memchr2(b'"', b'\n', name);
        return end.is_some_and(|end| {
            name[end] == b'"' && name[end + 1..].trim_ascii_start().first().is_none_or(|b| *b == b':')
        });
    }
    object.starts_with(b"}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> (Vec<&str>, Event, bool) {
        let mut scan = Scan::default();
        let (mut start, mut found, mut from) = (0, Vec::new(), 0);
        loop {
            match scan.next(text.as_bytes(), from) {
                Event::Open(at) => (start, from) = (at, at),
                Event::Element(end) => {
                    found.push(text[start..end].trim());
                    (start, from) = (end + 1, end + 1);
                }
                event => return (found, event, scan.is_done()),
            }
        }
    }

    #[test]
    fn elements_are_found() {
        let text = r#" [ {"a":"],[\"\\"} , {"b":[1,{"c":[]}]},3 ] "#;
        let expected = vec![r#"{"a":"],[\"\\"}"#, r#"{"b":[1,{"c":[]}]}"#, "3"];
        assert_eq!(elements(text), (expected, Event::More, true));
        assert_eq!(elements("[]"), (vec![""], Event::More, true));
        assert!(!elements("[{},{\"a\":\"cut").2);
        assert_eq!(elements("[1] x").1, Event::Broken(4));
        assert_eq!(elements("x").1, Event::Broken(0));
    }

    #[test]
    fn arrays_are_recognised() {
        for head in
            ["[{\"a\":1},", "[]{}".get(..0).unwrap_or(""), "\u{feff} [\n  {\n \"text\" : 1", "[{}, {}]"]
        {
            assert_eq!(recognise(head.as_bytes()), !head.is_empty(), "{head}");
        }
        for head in ["[[1,2]]", "[{{template}}]", "[link](x)", "[{", "[{\"a\n", "[1,2]", "{\"a\":1}"] {
            assert!(!recognise(head.as_bytes()), "{head}");
        }
    }
}
