//! WARC and WET (ISO 28500): cuts an archive into its records, and finds the page in one.
//!
//! Crawlers write a record for every request, answer and finding; the answers that hold a page are documents, and so
//! are the `conversion` records of WET files, which are text that someone took out of a page. Gzip with a member a
//! record is what [`super::compress`] sees through anyway.

use std::borrow::Cow;
use std::io::Read;

use crate::document::Kind;

/// Bytes that a header may have: a record whose header is longer is damaged. Common Crawl's longest has 8 KiB.
const MAX_HEADER: usize = 1 << 20;

/// What the start of an archive holds next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A record of so many bytes, and so many more until the next one.
    Record { len: usize, gap: usize },
    /// A record of more bytes than are read: of so many.
    Long(usize),
    /// More bytes are needed to tell, in all at least so many.
    More(usize),
    /// This is no record: the cause in words.
    Broken(String),
}

/// Whether content that begins with `head` is an archive.
pub(super) fn recognise(head: &[u8]) -> bool {
    head.strip_prefix(b"WARC/").is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_digit))
        && head.len() > b"WARC/1.0".len()
}

/// What `bytes` begin with; `complete`: nothing comes after them. A record may have `most` bytes.
pub(super) fn next(bytes: &[u8], complete: bool, most: usize) -> Next {
    let version = &bytes[..bytes.len().min(5)];
    if !b"WARC/".starts_with(version) {
        return Next::Broken("expected a WARC record, which begins with `WARC/`".to_owned());
    }
    let Some(head) = header_len(bytes) else {
        return match complete || bytes.len() > MAX_HEADER {
            true => Next::Broken("the header of a WARC record does not end".to_owned()),
            false => Next::More(bytes.len() + 1),
        };
    };
    let length = fields(&bytes[..head]).find(|(name, _)| name.eq_ignore_ascii_case(b"content-length"));
    let Some(length) = length.and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse::<usize>().ok())
    else {
        return Next::Broken("a WARC record without a valid Content-Length".to_owned());
    };
    let Some(len) = head.checked_add(length) else {
        return Next::Broken("a WARC record longer than any file".to_owned());
    };
    if len > most {
        return Next::Long(len);
    }
    if bytes.len() < len {
        return match complete {
            true => {
                Next::Broken(format!("the last WARC record is cut: {} of {len} bytes are there", bytes.len()))
            }
            false => Next::More(len),
        };
    }
    // Two line breaks end a record; some writers forget one, some add more.
    let gap = bytes[len..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    if len + gap == bytes.len() && !complete {
        return Next::More(bytes.len() + 1);
    }
    Next::Record { len, gap }
}

/// Bytes of a header with the empty line that ends it.
fn header_len(bytes: &[u8]) -> Option<usize> {
    let with_returns = memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4);
    let bytes = &bytes[..with_returns.unwrap_or(bytes.len())];
    let without = memchr::memmem::find(bytes, b"\n\n").map(|at| at + 2);
    without.or(with_returns)
}

/// Names and values of a header; its first line is none.
fn fields(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    header.split(|b| *b == b'\n').skip(1).filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        Some((line[..colon].trim_ascii(), line[colon + 1..].trim_ascii()))
    })
}

/// A page, or a text, that a record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// `WARC-Record-ID` without its brackets, as `urn:uuid:…`.
    pub id: Option<String>,
    /// `WARC-Target-URI`
    pub url: Option<String>,
    /// `WARC-Date`: when it was fetched, ISO 8601.
    pub date: Option<String>,
    /// The charset that the server named.
    pub charset: Option<String>,
    /// `None`: to be recognised.
    pub kind: Option<Kind>,
    pub body: Cow<'a, [u8]>,
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    Page(Page<'a>),
    /// No page; why not, as a name for counting.
    Skipped(&'static str),
    /// It cannot be read: the cause in words.
    Broken(String),
}

/// Reads a record as [`next`] has cut it.
///
/// A `response` is a page if the server answered 200 and called it HTML; a `resource` if its own header does; a `conversion` is text.
/// Transfer and content encodings are undone, up to `most` bytes.
pub fn parse(record: &[u8], most: usize) -> Record<'_> {
    let Some(head) = header_len(record) else {
        return Record::Broken("the header of the WARC record does not end".to_owned());
    };
    let (header, block) = record.split_at(head);
    let field = |name: &str| {
        fields(header)
            .find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    let mut page = Page {
        id: field("warc-record-id").map(|id| id.trim_matches(['<', '>']).to_owned()),
        url: field("warc-target-uri").map(|url| url.trim_matches(['<', '>']).to_owned()),
        date: field("warc-date"),
        charset: None,
        kind: None,
        body: Cow::Borrowed(block),
    };
    let content_type = field("content-type");
    match field("warc-type").unwrap_or_default().to_ascii_lowercase().as_str() {
        "conversion" => {
            page.kind = Some(Kind::Text);
            page.charset = content_type.as_deref().and_then(charset);
            Record::Page(page)
        }
        "resource" if content_type.as_deref().is_some_and(is_html) => {
            page.kind = Some(Kind::Html);
            page.charset = content_type.as_deref().and_then(charset);
            Record::Page(page)
        }
        "resource" => Record::Skipped("no_html"),
        "response" => response(page, block, most),
        "revisit" => Record::Skipped("revisit"),
        _ => Record::Skipped("no_content"),
    }
}

/// The page of an answer of a web server.
fn response<'a>(mut page: Page<'a>, block: &'a [u8], most: usize) -> Record<'a> {
    if !block.starts_with(b"HTTP/") {
        return Record::Skipped("no_http");
    }
    // A header that nothing follows.
    let head = header_len(block).unwrap_or(block.len());
    let (header, body) = block.split_at(head);
    let line = header.split(|b| *b == b'\n').next().unwrap_or_default();
    if line.split(|b| *b == b' ').nth(1).map(<[u8]>::trim_ascii) != Some(b"200") {
        return Record::Skipped("status");
    }
    let field = |name: &str| {
        fields(header)
            .filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| String::from_utf8_lossy(value).to_ascii_lowercase())
            .last()
    };
    match field("content-type") {
        Some(content_type) if is_html(&content_type) => {
            page.kind = Some(Kind::Html);
            page.charset = charset(&content_type);
        }
        // A server that does not say: the content does.
        None if looks_like_html(body) => page.kind = Some(Kind::Html),
        _ => return Record::Skipped("no_html"),
    }
    let mut body = Cow::Borrowed(body);
    // Common Crawl undoes both encodings and renames the fields; wget and others keep what came over the wire, or say so wrongly.
    if field("transfer-encoding").is_some_and(|e| e.contains("chunked"))
        && let Some(whole) = unchunked(&body)
    {
        body = Cow::Owned(whole);
    }
    match field("content-encoding").as_deref() {
        Some("gzip" | "x-gzip") if body.starts_with(&[0x1F, 0x8B]) => {
            match unpacked(flate2::read::MultiGzDecoder::new(&*body), most) {
                Ok(whole) => body = Cow::Owned(whole),
                Err(cause) => return Record::Broken(cause),
            }
        }
        Some("deflate") if body.first().is_some_and(|b| b & 0x0F == 8) => {
            match unpacked(flate2::read::ZlibDecoder::new(&*body), most) {
                Ok(whole) => body = Cow::Owned(whole),
                Err(cause) => return Record::Broken(cause),
            }
        }
        Some("zstd") if body.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) => {
            let decoder = zstd::Decoder::new(&*body).map_err(|e| e.to_string());
            match decoder.and_then(|decoder| unpacked(decoder, most)) {
                Ok(whole) => body = Cow::Owned(whole),
                Err(cause) => return Record::Broken(cause),
            }
        }
        // Brotli has no mark to be known by; text would be.
        Some("br") if !looks_like_html(&body) => {
            return Record::Broken("the page is compressed with Brotli, which is not supported".to_owned());
        }
        _ => {}
    }
    page.body = body;
    Record::Page(page)
}

/// What `from` unpacks to, if that is not more than `most` bytes.
fn unpacked(from: impl Read, most: usize) -> Result<Vec<u8>, String> {
    let mut whole = Vec::new();
    match from.take(most as u64 + 1).read_to_end(&mut whole) {
        Ok(_) if whole.len() > most => Err(format!("the compressed page unpacks to more than {most} bytes")),
        Ok(_) => Ok(whole),
        // What there is of a page that was cut is a page, as for a browser.
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof && !whole.is_empty() => Ok(whole),
        Err(error) => Err(format!("the compressed page cannot be unpacked: {error}")),
    }
}

/// The body of a chunked answer (RFC 9112, section 7.1) in one piece; `None` if it is none. What is cut ends where it is cut.
fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(body.len());
    loop {
        let end = memchr::memchr(b'\n', body)?;
        let line = body[..end].split(|b| *b == b';').next()?.trim_ascii();
        let size = usize::from_str_radix(std::str::from_utf8(line).ok()?, 16).ok()?;
        body = &body[end + 1..];
        if size == 0 {
            return Some(whole);
        }
        let Some((chunk, rest)) = body.split_at_checked(size) else {
            whole.extend_from_slice(body);
            return Some(whole);
        };
        whole.extend_from_slice(chunk);
        body = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")).unwrap_or(rest);
        if body.is_empty() {
            return Some(whole);
        }
    }
}

fn is_html(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("text/html") || kind.eq_ignore_ascii_case("application/xhtml+xml")
}

/// The value of `charset` in a content type.
fn charset(content_type: &str) -> Option<String> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|p| p.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

/// Whether a body begins as pages do (the first of the patterns of the WHATWG MIME Sniffing Standard).
fn looks_like_html(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<body", b"<!--"]
        .iter()
        .any(|start| body.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: &str, fields: &str, block: &[u8]) -> Vec<u8> {
        let head =
            format!("WARC/1.0\r\nWARC-Type: {kind}\r\n{fields}Content-Length: {}\r\n\r\n", block.len());
        [head.as_bytes(), block].concat()
    }

    fn answer(fields: &str, body: &[u8]) -> Vec<u8> {
        let http = [format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes(), body].concat();
        record("response", "WARC-Target-URI: http://a.example/\r\n", &http)
    }

    #[track_caller]
    fn page(record: &[u8]) -> Page<'_> {
        match parse(record, 1 << 20) {
            Record::Page(page) => page,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn records_are_cut_by_their_length() {
        let one = record("warcinfo", "", b"WARC/1.0\r\n\r\n inside");
        let two = [&one[..], b"\r\n\r\n", &one].concat();
        assert_eq!(next(&two, true, 1 << 20), Next::Record { len: one.len(), gap: 4 });
        assert_eq!(next(&one, true, 1 << 20), Next::Record { len: one.len(), gap: 0 });
        for end in 0..one.len() {
            assert!(matches!(next(&one[..end], false, 1 << 20), Next::More(n) if n > end), "{end}");
            assert!(matches!(next(&one[..end], true, 1 << 20), Next::Broken(_)), "{end}");
        }
        assert!(matches!(next(b"WARC/1.0\r\nContent-Length: -1\r\n\r\n", true, 1 << 20), Next::Broken(_)));
        assert!(matches!(next(b"<html>", false, 1 << 20), Next::Broken(_)));
        let huge = format!("WARC/1.0\r\nContent-Length: {}\r\n\r\n", usize::MAX);
        assert!(matches!(next(huge.as_bytes(), true, 1 << 20), Next::Broken(_)));
    }

    #[test]
    fn an_answer_is_a_page() {
        let fields = "WARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2024-05-01T00:00:00Z\r\nwarc-target-uri: http://a.example/\r\n";
        let http = b"HTTP/1.0 200\r\nContent-Type: text/html; charset=\"GB2312\"\r\n\r\n<p>a\r\n\r\nb";
        let found = record("response", fields, http);
        let page = page(&found);
        assert_eq!(page.id.as_deref(), Some("urn:uuid:1"));
        assert_eq!(page.url.as_deref(), Some("http://a.example/"));
        assert_eq!(page.date.as_deref(), Some("2024-05-01T00:00:00Z"));
        assert_eq!(page.charset.as_deref(), Some("gb2312"));
        assert_eq!((page.kind, &*page.body), (Some(Kind::Html), &b"<p>a\r\n\r\nb"[..]));
    }

    #[test]
    fn a_conversion_is_text() {
        let found = record("conversion", "Content-Type: text/plain\r\n", "text 好".as_bytes());
        assert_eq!((page(&found).kind, page(&found).body.len()), (Some(Kind::Text), 8));
    }

    #[test]
    fn what_is_no_page_is_skipped() {
        let http = |head: &str| record("response", "", format!("HTTP/1.1 {head}\r\n\r\nx").as_bytes());
        for (found, why) in [
            (record("request", "", b"GET / HTTP/1.1\r\n\r\n"), "no_content"),
            (record("revisit", "", b""), "revisit"),
            (record("resource", "Content-Type: image/png\r\n", b"x"), "no_html"),
            (record("response", "", b"\x01dns"), "no_http"),
            (http("404 Not Found\r\nContent-Type: text/html"), "status"),
            (http("200 OK\r\nContent-Type: application/pdf"), "no_html"),
            (http("200 OK"), "no_html"),
        ] {
            assert_eq!(parse(&found, 100), Record::Skipped(why), "{}", String::from_utf8_lossy(&found));
        }
    }

    #[test]
    fn what_was_done_for_the_way_is_undone() {
        let html = "Content-Type: text/html\r\n";
        let chunks = b"3\r\n<p>\r\n2;x=1\r\nab\r\n0\r\n\r\n";
        let chunked = answer(&format!("{html}Transfer-Encoding: chunked\r\n"), chunks);
        assert_eq!(&*page(&chunked).body, b"<p>ab");
        // Somebody undid it and left the field.
        let undone = answer(&format!("{html}Transfer-Encoding: chunked\r\n"), b"<p>plain\n");
        assert_eq!(&*page(&undone).body, b"<p>plain\n");
        let mut gzip = Vec::new();
        flate2::read::GzEncoder::new(&b"<p>zipped"[..], flate2::Compression::fast())
            .read_to_end(&mut gzip)
            .unwrap();
        let zipped = answer(&format!("{html}Content-Encoding: gzip\r\n"), &gzip);
        assert_eq!(&*page(&zipped).body, b"<p>zipped");
        assert!(matches!(parse(&zipped, 4), Record::Broken(cause) if cause.contains("more than 4 bytes")));
        let brotli = answer(&format!("{html}Content-Encoding: br\r\n"), b"\x8b\x02\x80");
        assert!(matches!(parse(&brotli, 100), Record::Broken(cause) if cause.contains("Brotli")));
    }

    #[test]
    fn chunks_cut_anywhere_are_no_panic() {
        let chunks = b"5\r\nabcde\r\nA\r\n0123456789\r\n0\r\n\r\n";
        for end in 0..chunks.len() {
            if let Some(whole) = unchunked(&chunks[..end]) {
                assert!(b"abcde0123456789".starts_with(&whole[..]), "{end}");
            }
        }
        assert_eq!(unchunked(b"FFFFFFFFFFFFFFFFFF\r\nx"), None);
    }
}
