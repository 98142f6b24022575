//! The channels that damage and pollute pages, as generators: the same seed gives the same damage.

#![allow(dead_code, reason = "each test program uses its part")]

use super::texts::{Random, paragraph_en, paragraph_zh};
use encoding_rs::GBK;

/// How many kinds of pieces [`piece`] knows.
pub const PIECES: usize = 31;

/// How many kinds of damage [`transformed`] knows.
pub const TRANSFORMS: u32 = 16;

const TRADITIONAL: &str = include_str!("../../fixtures/documents/untouched/news_traditional.txt");

/// One block of a document. 0 is clean Chinese prose; the others as the comments say.
pub fn piece(kind: usize, seed: u64) -> String {
    let r = &mut Random(seed);
    match kind % PIECES {
        0 => paragraph_zh(r),
        1 => paragraph_en(r),
        2 => r.pick(&TRADITIONAL.lines().filter(|l| !l.is_empty()).collect::<Vec<_>>()).to_owned(),
        // Planted keywords: brands, companies, counties, key words of one site; with each separator.
        3 => items(r, brand, 14, 40),
        4 => items(r, company, 10, 30),
        5 => items(r, |r| r.pick(COUNTIES).to_owned(), 20, 45),
        6 => {
            let words: Vec<String> = (0..4).map(|_| brand(r)).collect();
            (0..5).map(|_| words.join("| ")).collect::<Vec<_>>().join("| ")
        }
        7 => format!("感谢您访问我们的网站，您可能还对以下资源感兴趣：\n{}", items(r, brand, 10, 30)),
        8 => (0..4 + r.below(12))
            .map(|_| format!("{} http://{}.example.com/{}", brand(r), r.below(999), r.below(99)))
            .collect::<Vec<_>>()
            .join("\n"),
        9 => items(r, |r| format!("{}？{}？？", brand(r), company(r)), 6, 20),
        // What a template prints around an article.
        10 => r
            .pick(&[
                "微博",
                "Qzone",
                "分享到：微信 微博 QQ空间",
                "关注新华网",
                "评论",
                "图集",
                "打印 字大 字小",
                "Share this article",
                "上一篇：老船厂\n下一篇：新书店",
                "首页 > 新闻 > 正文\n上一篇：新书店",
            ])
            .to_owned(),
        11 => r
            .pick(&[
                "【纠错】责任编辑：郝声",
                "【糾錯】 責任編輯: 郝聲",
                "责任编辑：郝声（实习生 孟澜）",
                "(责编：郝声、孟澜)",
                "编辑：郝声",
            ])
            .to_owned(),
        12 => r
            .pick(&[
                "版权归原作者所有，如有侵权请联系删除。",
                "Copyright © 2012 望潮网 All Rights Reserved",
                "【来源：望潮网】",
                "版权声明：未经授权不得转载",
                "向原创致敬",
                "We use cookies to give you the best experience. By continuing to use this site you accept our cookie policy.",
                "本网站使用 Cookie 来改善您的体验。继续浏览即表示您同意我们使用 Cookie。",
                "声明：转载此文是出于传递更多信息之目的。",
            ])
            .to_owned(),
        13 => {
            format!("0{}{}", 10_020_020_110 + r.below(99_999), 11_124_125_674_415_u64 + r.below(9999) as u64)
        }
        14 => format!("共{}页 第{}页 上一页 [1] [2] [3] 下一页", 2 + r.below(7), 1 + r.below(3)),
        15 => format!(
            "20{:02}-{:02}-{:02} {:02}:47:31 来源: 望潮网 提示:全文字,阅读需要分钟",
            r.below(25),
            1 + r.below(12),
            1 + r.below(28),
            r.below(24)
        ),
        16 => {
            let title = "老船厂变身社区图书馆——一位老钳工的一天";
            let body = paragraph_zh(r);
            // Bare, then as pages have it: beside a date or a share line, as a part of the page's title, with the site's name.
            match r.below(4) {
                0 => format!("{title}\n{title}\n{body}\n{title}"),
                1 => format!("{title}\n{}\n{title}\n{body}", piece(*r.pick(&[&10, &15]), seed)),
                2 => format!("望潮新闻|{title}\n{title}\n{body}"),
                _ => format!("{title}\n{body}\n{title}-望潮网"),
            }
        }
        // The headline above every photo of an album.
        17 => {
            let title = "老船厂变身社区图书馆——一位老钳工的一天";
            let photo = |n| format!("(新时代新作为·老船厂)({n}){title}\n{}", paragraph_zh(&mut Random(seed ^ n)));
            format!("{title}\n{}", (1..4).map(photo).collect::<Vec<_>>().join("\n"))
        }
        // A line broken anywhere, and hard-wrapped prose.
        18 => wrapped(&paragraph_zh(r), 12 + r.below(25), "\n"),
        19 => wrapped(&paragraph_en(r), 40 + r.below(40), if r.one_in(2) { "\n" } else { "-\n" }),
        // Quotation marks of a converter, character references, markup.
        20 => paragraph_zh(r).replace(['“', '”'], r.pick(&["''", " '' ", "\"", "&quot;", "``"])),
        21 => references(r),
        22 => {
            r.pick(&[
                "<p>",
                "</p><p>",
                "<br/>",
                "<div class=\"a\">x</div>",
                "<img src=\"a.jpg\" data-size=\"1,2\">",
                "<!-- x -->",
                "</div",
                "<a href=\"#\">更多</a>",
                "&lt;p&gt;",
                "<script>var a=1;</script>",
                "<sup>2</sup>",
            ])
            .to_owned()
                + &paragraph_zh(r)
                + r.pick(&["", "</p>", "<br>", "</span></p>"])
        }
        23 => r
            .pick(&[
                "?",
                "？",
                "????",
                "? ?",
                "+1",
                "\u{E0BC}",
                "\u{FFFD}",
                "锟斤拷锟斤拷",
                "烫烫烫烫",
                "+1\n-1",
            ])
            .to_owned(),
        // UTF-8 read as another encoding.
        24 => misread(r),
        // Addresses of the same pages under many queries, and the anchors of guest-book robots.
        25 => {
            let count = 8 + r.below(8);
            let addresses = (0..count).map(|_| {
                let (site, page, query) = (r.below(2), r.below(3), r.below(9999));
                format!("https://w{site}.example.com/%E5%BD%A9%E7%A5%A8{page}.html?k={query}")
            });
            addresses.collect::<Vec<_>>().join("\n")
        }
        26 => {
            let count = 4 + r.below(6);
            let anchors = (0..count).map(|_| {
                let (site, token) = (r.below(999), r.below(99_999));
                format!("<a href=\"http://a{site}.example.com/\">cheap pills</a> {token:05}")
            });
            anchors.collect::<Vec<_>>().join(" ")
        }
        // Teasers of other articles.
        27 => {
            let lead = r.pick(&["Read more", "阅读全文", "Weiterlesen →", "[続きを読む](/a)", ""]);
            let teaser = |n| {
                let title = format!("老船厂的第{n}个故事");
                let lead = if lead.is_empty() { format!("Read More {title}Continue") } else { lead.to_owned() };
                format!("{title}\n老船厂的故事，今天说到第{n}个。\n{lead}")
            };
            (1..4 + r.below(4)).map(teaser).collect::<Vec<_>>().join("\n")
        }
        // Titles of other articles and how old they are, each twice.
        28 => {
            let age = r.pick(&["", "\n    2 weeks ago", "\n    3小时前", "\n2 日前"]);
            let titles: Vec<String> = (1..4 + r.below(4)).map(|n| format!("  • 老船厂的第{n}个故事{age}")).collect();
            format!("最新文章\n{0}\n相关阅读\n{0}\n分享到：微信 微博 QQ空间\n返回顶部\n责任编辑：王明", titles.join("\n"))
        }
        // The menu of a page that was converted to Markdown, and links that were planted there.
        29 => {
            let entry = |r: &mut Random| match r.below(6) {
                0 => format!("  * [{}](https://a{}.example.com/b_(c) \"{}\")", brand(r), r.below(99), company(r)),
                1 => format!("[{}](/a) | [首页](/) | [联系我们](/contact/)", company(r)),
                2 => "[![logo](/logo.png)](/) [](/search)".to_owned(),
                3 => "  * [Contact](/contact/)\n  * [Privacy Policy](/privacy)\n  * [About us](/about)".to_owned(),
                4 => format!("{}。[{}](b)[c\\](d) [", paragraph_zh(r), brand(r)),
                _ => "[Skip to content](#main)\n分享到：[微信](w) [微博](b)\n© 2020 [望潮网](/) All rights reserved.".to_owned(),
            };
            (0..2 + r.below(9)).map(|_| entry(r)).collect::<Vec<_>>().join("\n")
        }
        _ => format!(
            "---\ntitle: '{}'\nauthor: {}\ndate: Fri, 11 Jun 2021 03:15:29 GMT\ntags: [a, b]\n---\n{}",
            brand(r),
            company(r),
            paragraph_zh(r)
        ),
    }
}

/// The text with every kind of damage in the bit set `which` done to it.
pub fn transformed(mut text: String, which: u32, seed: u64) -> String {
    let r = &mut Random(seed);
    let has = |n: u32| which & (1 << n) != 0;
    if has(0) {
        text = gbk_out_of_step(&text, r.one_in(2), *r.pick(&[&'?', &'\u{FFFD}']));
        // The same pages have no-break spaces that became question marks, and halves of characters whose other half is gone.
        if r.one_in(3) {
            text = format!("????{}题\u{E0BC}\u{E5E5}", text.replace('\n', "\n????"));
        }
    }
    if has(1) {
        text = annotated_by_table(&text);
    }
    if has(2) {
        text = annotated_at_random(&text, r);
    }
    if has(3) {
        text = sprinkled(&text, r, &["\u{5}", "\u{6}\u{6}", "\u{7}\u{8}\u{5}"], "，。；、,.");
    }
    if has(4) {
        text = sprinkled(
            &text,
            r,
            &["\u{0}", "\u{7F}", "\u{85}", "\u{9D}", "\u{B}", "\u{C}", "\u{1B}[1m", "N\u{8}N", "_\u{8}a"],
            "",
        );
    }
    if has(5) {
        text = sprinkled(
            &text,
            r,
            &["\u{200B}", "\u{2060}", "\u{FEFF}", "\u{200B}\u{200B}", "\u{AD}", "\u{200E}"],
            "",
        );
    }
    if has(6) {
        text = text.replace('\n', "\r\n");
    }
    if has(7) {
        text = text.replace('\n', "  \n").replace('。', "。 \t");
    }
    if has(8) {
        text = text.replace('\n', "\n\n\n\n") + "\n\n\n";
    }
    if has(9) {
        text = sprinkled(&text, r, &["?", "? ", "????", "\u{A0}", "\u{3000}", "\u{E0BC}", "\u{E5E5}"], "");
    }
    if has(10) {
        text = sprinkled(
            &text,
            r,
            &[
                "&nbsp;",
                "&amp;nbsp;",
                "&#160;",
                "&amp;amp;lt;",
                "&ldquo;",
                "&#x4E2D;",
                "&#55357;&#56832;",
                "&eacute;",
                "&amp;#55357;&amp;#56832;",
            ],
            "",
        );
    }
    if has(11) {
        text = sprinkled(&text, r, &["<p>", "</p>", "<br>", "<b>", "< ", "<span style=\"x\">"], "");
    }
    if has(12) {
        text = text
            .chars()
            .map(|c| {
                if ('！'..='～').contains(&c) { char::from_u32(c as u32 - 0xFEE0).unwrap_or(c) } else { c }
            })
            .collect();
    }
    if has(13) {
        // Decomposed accents, presentation forms, wide letters and digits.
        text = sprinkled(&text, r, &["e\u{301}", "ﬁ", "Ａ１", "か\u{3099}", "\u{1100}\u{1161}", "ｶﾞ"], "");
    }
    if has(14) {
        text = text.replace('\n', "\n        ");
    }
    if has(15) {
        text = text.replace('，', ",").replace("。", ". ").replace(['“', '”'], "''");
    }
    text
}

fn brand(r: &mut Random) -> String {
    const HEAD: &[&str] = &["鸿运", "金海", "天福", "大胜", "聚星", "66", "亿万", "万利", "欢乐", "888"];
    const TAIL: &[&str] = &[
        "快3",
        "彩票",
        "娱乐平台",
        "时时彩",
        "官网",
        "app下载",
        "手机版",
        "计划",
        "免费视频",
        "棋牌",
        "开奖",
    ];
    format!("{}{}", r.pick(HEAD), r.pick(TAIL))
}

fn company(r: &mut Random) -> String {
    const PLACE: &[&str] = &["东港", "石桥", "北门", "青山", "柳林", "临江", "望海"];
    const NAME: &[&str] = &["宏达", "鑫源", "恒泰", "华盛", "永昌", "瑞丰", "嘉禾"];
    const TRADE: &[&str] =
        &["机械有限公司", "环保设备厂", "建材有限公司", "不锈钢制品厂", "搬家公司", "蜘蛛池模板", "阀门公司"];
    format!("{}{}{}", r.pick(PLACE), r.pick(NAME), r.pick(TRADE))
}

const COUNTIES: &[&str] = &[
    "丰宁",
    "围场",
    "隆化",
    "滦平",
    "平泉",
    "兴隆",
    "宽城",
    "青龙",
    "迁西",
    "遵化",
    "玉田",
    "新乐市",
    "正定县",
    "高邑县",
    "赞皇县",
    "无极县",
    "平山县",
    "元氏县",
    "赵县",
    "井陉县",
    "行唐县",
    "灵寿县",
    "深泽县",
    "晋州市",
    "卢龙县",
    "抚宁县",
    "大名县",
    "涉县",
    "磁县",
    "邱县",
    "鸡泽县",
    "广平县",
    "馆陶县",
];

fn items(r: &mut Random, item: fn(&mut Random) -> String, least: usize, most: usize) -> String {
    let separator =
        r.pick(&[" ", "| ", "|", "、", ",", "，", "\n", "_", "-", "\u{3000}", "  ", " | ", ";", "/"]);
    let wanted = least + r.below(most - least);
    (0..wanted).map(|_| item(r)).collect::<Vec<_>>().join(separator)
}

fn wrapped(text: &str, width: usize, with: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(width.max(1)).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(with)
}

fn references(r: &mut Random) -> String {
    let text = brand(r) + &paragraph_zh(r);
    let some: String = text.chars().take(10 + r.below(60)).collect();
    match r.below(4) {
        0 => some.chars().map(|c| format!("&#{};", c as u32)).collect(),
        1 => some.chars().map(|c| format!("&#x{:X};", c as u32)).collect(),
        2 => some.replace('，', "&mdash;").replace('。', "&nbsp;&amp;nbsp;"),
        _ => some.chars().map(|c| format!("&amp;#{};", c as u32)).collect(),
    }
}

fn misread(r: &mut Random) -> String {
    let zh = paragraph_zh(r);
    let en = paragraph_en(r).replace('\'', "’").replace("it", "île—été");
    let through = |text: &str, encoding: &'static encoding_rs::Encoding| {
        encoding.decode_without_bom_handling(text.as_bytes()).0.into_owned()
    };
    match r.below(6) {
        0 => through(&zh, GBK),
        1 => through(&zh, encoding_rs::WINDOWS_1252),
        2 => through(&en, encoding_rs::WINDOWS_1252),
        3 => through(&through(&en, encoding_rs::WINDOWS_1252), encoding_rs::WINDOWS_1252),
        4 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(&GBK.encode(&zh).0).0.into_owned(),
        _ => through(&en, encoding_rs::WINDOWS_1251),
    }
}

/// The text with one of `noise` before about one in eight of the characters in `before`; of all characters if `before` is empty.
fn sprinkled(text: &str, r: &mut Random, noise: &[&str], before: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if if before.is_empty() { r.one_in(30) } else { before.contains(c) && r.one_in(3) } {
            out.push_str(r.pick(noise));
        }
        out.push(c);
    }
    out
}

const TABLE: &[(char, &str)] = &[
    ('區', "qū"),
    ('來', "lái"),
    ('圖', "tú"),
    ('書', "shū"),
    ('館', "guǎn"),
    ('船', ""),
    ('廠', "chǎng"),
    ('變', "biàn"),
    ('歲', "suì"),
    ('鉗', "qián"),
    ('這', "zhè"),
    ('還', "huán"),
    ('說', "shuō"),
    ('實', "shí"),
    ('話', "huà"),
    ('們', ""),
    ('萬', "wàn"),
    ('兩', "liǎng"),
    ('師', "shī"),
    ('點', "diǎn"),
    ('時', "shí"),
    ('戰', "zhàn"),
    ('測', "cè"),
    ('醫', "yī"),
    ('設', "shè"),
    ('門', "mén"),
    ('個', "gè"),
    ('紀', "jì"),
    ('事', ""),
    ('會', "huì"),
];

/// Pinyin after every character that a fixed table holds.
pub fn annotated_by_table(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        out.push(c);
        if let Some((_, pinyin)) = TABLE.iter().find(|(known, pinyin)| *known == c && !pinyin.is_empty()) {
            out.push_str(&format!("({pinyin})"));
        }
    }
    out
}

const READINGS: &[(char, &str)] = &[
    ('的', "de"),
    ('是', "shi"),
    ('我', "wo"),
    ('们', "men"),
    ('在', "zai"),
    ('有', "you"),
    ('说', "shuō"),
    ('来', "lai"),
    ('大', "dà"),
    ('人', "ren"),
    ('船', "chuan"),
    ('海', "hǎi"),
    ('和', "he"),
    ('会', "hui"),
    ('为', "wei"),
    ('看', "kan"),
    ('到', "dao"),
    ('开', "kai"),
    ('书', "shu"),
    ('多', "duo"),
    ('社', "she"),
    ('区', "qū"),
    ('工', "gong"),
    ('师', "shi"),
    ('老', "lao"),
    ('年', "nian"),
    ('居', "ju"),
    ('天', "tian"),
    ('样', "yang"),
    ('家', "jia"),
];

/// Pinyin, with tone marks or without, after some character every five to seven.
pub fn annotated_at_random(text: &str, r: &mut Random) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut wait = 3;
    for c in text.chars() {
        out.push(c);
        if wait > 0 {
            wait -= 1;
        } else if let Some((_, pinyin)) = READINGS.iter().find(|(known, _)| *known == c) {
            let (open, close) = if r.one_in(4) { ('（', '）') } else { ('(', ')') };
            out.push(open);
            out.push_str(pinyin);
            out.push(close);
            wait = 4 + r.below(3);
        }
    }
    out
}

/// GBK text after software that protects punctuation by a byte-wise replacement, also where the two bytes straddle two characters, and decodes
/// the pieces one by one: `海口` = BA [A3 BF] DA becomes `?` + `？` + what begins with DA. A byte without its other half becomes `lone`;
/// `folded` gives the punctuation its ASCII form afterwards.
pub fn gbk_out_of_step(text: &str, folded: bool, lone: char) -> String {
    let bytes: Vec<u8> = text.chars().flat_map(gbk_bytes).collect();
    let mut protected: Vec<Option<char>> = vec![None; bytes.len()];
    let mut free = vec![true; bytes.len()];
    for mark in ['？', '！', '，', '；', '、', '。'] {
        let wanted = gbk_bytes(mark);
        let mut at = 0;
        while at + 1 < bytes.len() {
            if bytes[at..at + 2] == wanted[..] && free[at] && free[at + 1] {
                protected[at] = Some(mark);
                (free[at], free[at + 1]) = (false, false);
                at += 1;
            }
            at += 1;
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        if let Some(mark) = protected[at] {
            out.push(mark);
            at += 2;
        } else if bytes[at] < 0x80 {
            out.push(bytes[at] as char);
            at += 1;
        } else if at + 1 >= bytes.len() || protected[at + 1].is_some() {
            out.push(lone);
            at += 1;
        } else {
            out.push(cp936_pair(bytes[at], bytes[at + 1]).unwrap_or(lone));
            at += 2;
        }
    }
    if folded {
        const FOLDS: [(char, char); 6] =
            [('？', '?'), ('！', '!'), ('，', ','), ('；', ';'), ('：', ':'), ('（', '(')];
        out = out
            .chars()
            .map(|c| FOLDS.iter().find(|(wide, _)| *wide == c).map_or(c, |(_, narrow)| *narrow))
            .collect();
    }
    out
}

/// The bytes of a character; SUB for one that GBK does not have.
fn gbk_bytes(c: char) -> Vec<u8> {
    let mut buffer = [0; 4];
    let (bytes, _, failed) = GBK.encode(c.encode_utf8(&mut buffer));
    if failed { vec![0x1A] } else { bytes.into_owned() }
}

/// What CP936 reads in two bytes: its user-defined areas give private-use characters, and what only GB 18030 assigns gives nothing.
fn cp936_pair(lead: u8, trail: u8) -> Option<char> {
    let (a, b) = (u32::from(lead), u32::from(trail));
    match (lead, trail) {
        (0xAA..=0xAF, 0xA1..=0xFE) => char::from_u32(0xE000 + 94 * (a - 0xAA) + b - 0xA1),
        (0xF8..=0xFE, 0xA1..=0xFE) => char::from_u32(0xE000 + 94 * (6 + a - 0xF8) + b - 0xA1),
        (0xA1..=0xA7, 0x40..=0x7E | 0x80..=0xA0) => {
            char::from_u32(0xE4C6 + 96 * (a - 0xA1) + b - if b >= 0x80 { 0x41 } else { 0x40 })
        }
        (0xFE, 0x50..=0xA0) | (0xA9, 0x89..=0x95) | (0xA8, 0xBF) => None,
        _ => {
            let pair = [lead, trail];
            let (text, failed) = GBK.decode_without_bom_handling(&pair);
            let mut chars = text.chars();
            let c = chars.next().filter(|_| !failed && chars.next().is_none());
            c.filter(|c| !('\u{E000}'..='\u{F8FF}').contains(c))
        }
    }
}

/// Real pages show what comes out of the channel.
#[test]
fn the_channel_does_what_pages_show() {
    assert_eq!(
        gbk_out_of_step("在海口市一家超市为居家隔离人员代买酱油（2月29日", true, '?'),
        "在??谑幸患页\u{E0E5}形\u{E01D}蛹腋衾肴嗽贝\u{E311}蚪从停?月29日"
    );
    assert!(
        gbk_out_of_step("现状。”天津市和平区朝阳里社区书记、", false, '?').starts_with("现状?！碧旖蚴泻推角")
    );
    assert_eq!(annotated_by_table("社區來了"), "社區(qū)來(lái)了");
}
