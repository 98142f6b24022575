//! Twice the text takes twice the time: every stage alone, and the chain, on texts that tempt a stage into quadratic work.

mod common;
#[path = "common/texts.rs"]
mod texts;

use std::hint::black_box;
use std::time::{Duration, Instant};

use corpus_clean::document::Kind;
use corpus_clean::pipeline::Pipeline;
use corpus_clean::stage::Stage;
use corpus_clean::stages::{self, Options};

/// Time for twice as much over time for once: 2 is linear, 4 is quadratic. Between them lies what caches and allocation cost.
const MOST: f64 = 2.5;
/// The same for a text four times as long: 16 times where time is quadratic; 8.3 was seen of one million lines that take their memory from the
/// system for the first time.
const MOST_OF_FOUR: f64 = 10.0;

/// Below this a clock and a shared machine say nothing; such a stage is fast enough anyway, or gets a longer text.
const SHORTEST: Duration = Duration::from_millis(20);

const SMALL: usize = 256 << 10;
/// Two more doublings for a stage that is too fast to be timed on the small text.
const LARGE: usize = 1 << 20;

/// A text of about `bytes` bytes.
type Make = fn(usize) -> String;

macro_rules! repeated {
    ($($name:literal: $unit:expr),+ $(,)?) => {
        vec![$(($name, Kind::Text, (|bytes| { let unit: &str = $unit; unit.repeat(bytes / unit.len()) }) as Make)),+]
    };
}

fn shapes() -> Vec<(&'static str, Kind, Make)> {
    let mut shapes = repeated! {
        "a": "a", "han": "海", "spaces": " ", "newlines": "\n", "brackets": "(", "wide brackets": "（", "less than": "<", "mixed marks": "?！",
        "wide questions": "？", "questions": "?", "apostrophes": "'", "quote pairs": "''", "quotes": "\"", "ampersands": "&",
        "references": "&amp;", "references of references": "&amp;amp;", "number references": "&#28023;", "replacement": "\u{FFFD}",
        "private use": "\u{E000}", "bars": "|", "spaced bars": " |", "commas": ",", "wide commas": "，", "zero width": "\u{200B}", "control": "\u{5}",
        "bytes of one encoding in another": "Ã©", "misread hanzi": "鐢ㄦ埛", "out of step": "??谑幸患页?,", "out of step in a line": "在??谑姓褚敌∏?,", "marks after han": "中?!?",
        "marks before damage": "中?!敌∏", "replacement before marks": "\u{FFFD}！中", "many short lines": "海口\n", "one-letter lines": "a\n", "spaces and lines": " \n",
        "carriage returns": "\r\n", "indented lines": "        海口市\n", "pinyin": "海(hǎi)", "bare pinyin": "(hǎi)", "annotated": "社區(qū)來", "keywords": "鸿运快3 ",
        "keywords with bars": "天福彩票| ", "keyword lines": "东港宏达机械有限公司\n", "serials": "01002002011\n", "page counters": "[1] [2] 下一页 ", "repeated title": "老船厂变身社区图书馆\n\n",
        "hyphenated": "har-\nbour ", "combining": "e\u{301}", "many marks on one letter": "\u{301}", "jamo": "\u{1100}", "tags in text": "<b>", "comments in text": "<!-- ", "end tags in text": "</p>",
        "teasers": "One\nTwo.\nRead more One\n", "rows of teasers": "A\nB\nRead more\nC\nRead more\nD\nRead more\n\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n", "front matter lines": "---\n", "front matter members": "a: [b\n", "dates": "2020-03-06 20:47:31 来源: ", "links": "http://example.com/ ",
        "links of markdown": "[a](b) ", "entries of markdown": "* [Home](/a)\n", "half links": "](", "half targets": "[a](", "links in links": "[![a](b)", "nameless links": "[](a)\n",
        "titles and ages": "• A title of five words\n2 days ago\n", "a trail and its headline": "首页 > 新闻 > 老船厂变身社区图书馆\n老船厂变身社区图书馆\n",
    };
    shapes.push(("a long line of prose", Kind::Text, |bytes| texts::chinese(bytes, 1).replace('\n', "")));
    shapes.push(("prose", Kind::Text, |bytes| texts::chinese(bytes, 2)));
    shapes.push(("english prose", Kind::Text, |bytes| texts::english(bytes, 3)));
    shapes.push(("wrapped prose", Kind::Text, |bytes| {
        texts::english(bytes, 4)
            .split(' ')
            .collect::<Vec<_>>()
            .chunks(9)
            .map(|w| w.join(" "))
            .collect::<Vec<_>>()
            .join("\n")
    }));
    shapes.push(("open quotation marks", Kind::Text, |bytes| {
        texts::chinese(bytes, 5).replace('”', "").replace('“', "''")
    }));
    shapes.push(("a page", Kind::Html, |bytes| texts::page(bytes, 6)));
    shapes.push(("nested tags", Kind::Html, |bytes| page("<div>".repeat(bytes / 5))));
    shapes.push(("nested inline tags", Kind::Html, |bytes| page("<b><i>".repeat(bytes / 6))));
    shapes.push(("alternating tags", Kind::Html, |bytes| page("<div>a</div>".repeat(bytes / 12))));
    shapes.push(("list items with links", Kind::Html, |bytes| {
        page("<li><a href=\"/a\">鸿运快3</a></li>".repeat(bytes / 38))
    }));
    shapes.push(("cells that span", Kind::Html, |bytes| {
        page(format!(
            "<table>{}",
            "<tr><td rowspan=99 colspan=9>a<td><p>b<td colspan=999999>c".repeat(bytes / 57)
        ))
    }));
    shapes.push(("nested code", Kind::Html, |bytes| {
        page("<pre>".repeat(bytes / 50) + &"<br>a\n".repeat(bytes / 6))
    }));
    shapes.push(("code in links", Kind::Html, |bytes| {
        page("<a href=b>a <code>`b`</code></a>".repeat(bytes / 32))
    }));
    shapes.push(("open comments", Kind::Html, |bytes| page("<!--".repeat(bytes / 4))));
    shapes.push(("attributes", Kind::Html, |bytes| page(format!("<p {}>", "a=b ".repeat(bytes / 4)))));
    shapes
        .push(("markdown", Kind::Markdown, |bytes| format!("---\n{}---\n\nx\n", "a: b\n".repeat(bytes / 5))));
    shapes
        .push(("open front matter", Kind::Markdown, |bytes| format!("---\n{}", "a: b\n".repeat(bytes / 5))));
    shapes.push(("nested front matter", Kind::Markdown, |bytes| {
        format!("---\na: {}\n---\n", "[".repeat(bytes))
    }));
    shapes
}

fn page(body: String) -> String {
    format!("<!DOCTYPE html><html><body>{body}</body></html>")
}

fn once(pipeline: &Pipeline, kind: Kind, text: &str) -> Duration {
    let document = common::document(kind, text);
    let start = Instant::now();
    let cleaned = pipeline.clean(document).unwrap_or_else(|e| panic!("{e}"));
    let time = start.elapsed();
    black_box(cleaned);
    time
}

fn least_of(runs: usize, pipeline: &Pipeline, kind: Kind, text: &str) -> Duration {
    (0..runs).map(|_| once(pipeline, kind, text)).min().unwrap_or_default()
}

/// `Err` with the figures if the time grows too fast; tries again before it says so, for the machine has other work.
fn grows_linearly(pipeline: &Pipeline, kind: Kind, make: Make) -> Result<(), String> {
    let mut bytes = SMALL;
    let (mut small, mut time) = (make(bytes), Duration::ZERO);
    loop {
        time = if time == Duration::ZERO { once(pipeline, kind, &small) } else { time };
        if time >= SHORTEST {
            break;
        }
        // How much longer the text would have to be; not asked of a stage that would need more than the largest.
        if bytes >= LARGE || time * (LARGE / bytes) as u32 * 2 < SHORTEST {
            return Ok(());
        }
        bytes *= 2;
        small = make(bytes);
        time = Duration::ZERO;
    }
    let (large, larger) = (make(2 * bytes), make(4 * bytes));
    let mut figures = String::new();
    for runs in [1, 2, 4] {
        let times = [&small, &large].map(|text| least_of(runs, pipeline, kind, text));
        let ratio = |small: Duration, large: Duration| large.as_secs_f64() / small.as_secs_f64().max(1e-9);
        if ratio(times[0], times[1]) < MOST {
            return Ok(());
        }
        figures = format!("{bytes} bytes {:.1?}, twice as much {:.1?}", times[0], times[1]);
        if times[1] > Duration::from_secs(4) {
            break;
        }
        // One step may be where a cache or the allocator's arena ends; what is quadratic goes on.
        let last = least_of(runs, pipeline, kind, &larger);
        if ratio(times[1], last) < MOST || ratio(times[0], last) < MOST_OF_FOUR {
            return Ok(());
        }
        figures += &format!(", four times as much {last:.1?}");
    }
    Err(figures)
}

fn check(stages: Vec<std::sync::Arc<dyn Stage>>, name: &str) -> Vec<String> {
    let pipeline = Pipeline::new(stages);
    let wrong = shapes().into_iter().filter_map(|(shape, kind, make)| {
        let start = Instant::now();
        let grown = grows_linearly(&pipeline, kind, make);
        if start.elapsed() > Duration::from_secs(3) {
            eprintln!("{name} on {shape}: {:.1?}", start.elapsed());
        }
        grown.err().map(|figures| format!("{name} on {shape}: {figures}"))
    });
    wrong.collect()
}

// One test after the other: timings beside each other would disturb each other.
#[test]
fn time_is_linear() {
    let all = stages::list(&Options::default());
    let mut wrong = Vec::new();
    for stage in &all {
        wrong.extend(check(vec![stage.clone()], stage.name()));
    }
    wrong.extend(check(all, "the chain"));
    common::assert_none(&wrong, (stages::NAMES.len() + 1) * shapes().len());
}

/// Depth is no cause to fail or to overflow the stack.
#[test]
fn nested_tags_are_survived() {
    let text = page("<div>".repeat(100_000) + "海口" + &"</div>".repeat(100_000));
    let handle = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        Pipeline::default().clean(common::document(Kind::Html, &text)).map(|c| c.document.into_text())
    });
    handle.expect("a thread").join().expect("no overflow").expect("no failure");
}
