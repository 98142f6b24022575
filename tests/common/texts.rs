//! Clean text from templates of our own: as much of it as wanted, the same for the same seed.

#![allow(dead_code, reason = "each test program uses its part")]

/// A small generator of pseudo-random numbers (splitmix64), so that a seed means the same text everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 for an `end` of 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

// The slots of a template: %P person, %W place, %T time, %D deed, %N number, %R remark.
const ZH: &[&str] = &[
    "%T，记者来到%W，看到%P正在%D。",
    "“%R，”%P说，“这是我们%W的老规矩。”",
    "据%W有关部门统计，%T以来，当地已有%N人参加%D。",
    "%P告诉记者，为了%D，他和同事们准备了%N天。",
    "在%W，像%P这样的人还有%N多位。",
    "从%T开始，%W组织力量%D，受到居民的欢迎。",
    "%R。%P这样回忆%T的情形。",
    "%W位于两河交汇处，全镇共有%N户人家，以%D闻名。",
    "为什么要%D？%P的回答很简单：“%R。”",
    "%T的会议上，%P提出，%D不能只靠热情，还要靠制度；有人问，钱从哪里来？",
    "走进%W的展厅，%N件展品讲述着%D的历史。",
    "谁来%D，怎么%D，是%W面对的难题。",
];
const ZH_SLOTS: [&[&str]; 6] = [
    &["吕德福", "杨珂", "秦秀兰", "魏家声", "韩小舟", "年近七旬的郝师傅", "队长邵明", "退休教师孟澜"],
    &["东港镇", "石桥社区", "海燕船厂", "柳林村", "北门街道", "望潮书屋", "南湖小学", "青山渔业队"],
    &["六月的一个傍晚", "今年入夏", "去年秋天", "上个星期三", "一九八二年春", "台风过后", "每逢周末"],
    &[
        "修补旧渔网",
        "整理老照片",
        "清理河道",
        "给孩子们讲船的故事",
        "为邻居送药送菜",
        "登记入户信息",
        "晾晒海带",
        "测量潮位",
    ],
    &["一百二十", "36", "四千", "七", "2018", "三百五十"],
    &[
        "说实话，刚开始我还有点不习惯",
        "只要大家需要，我就一直做下去",
        "做事要对得起良心",
        "海不会等人",
        "以前这里全是焊花，现在全是书香",
    ],
];
const EN: &[&str] = &[
    "On %T, our reporter found %P in %W, busy with %D.",
    "\"%R,\" said %P. \"That is how we do it in %W.\"",
    "According to the council of %W, %N people have taken part in %D since %T.",
    "%P told us that it took %N days to get ready for %D.",
    "Why %D at all? %P doesn't hesitate: \"%R.\"",
    "In %W there are %N more like %P; nobody knows all their names.",
    "The meeting on %T was short (%N minutes), and %D was not on the agenda.",
    "%W lies where two rivers meet, and it's known for %D.",
    "Who pays for %D? That question was put to %P on %T.",
];
const EN_SLOTS: [&[&str]; 6] = [
    &["Tom Leary", "Carol Yates", "Mr Hobday", "the harbour master", "an old foreman", "Ms Brandreth"],
    &["Port Ellery", "the north pier", "Quay Street", "the village of Sandholm", "the old shipyard"],
    &[
        "a warm evening in June",
        "the first Monday of the year",
        "the day after the storm",
        "a Sunday in 1982",
    ],
    &["mending nets", "sorting photographs", "reading the tide gauge", "bringing medicine to the neighbours"],
    &["120", "36", "4,000", "seven", "2.5"],
    &[
        "I can't say I was used to it at first",
        "The sea won't wait",
        "There used to be sparks everywhere",
        "We'd do it again",
    ],
];

fn filled(template: &str, slots: &[&[&str]; 6], random: &mut Random, out: &mut String) {
    let mut parts = template.split('%');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let slot = "PWTDNR".find(&part[..1]).expect("a slot after %");
        out.push_str(random.pick(slots[slot]));
        out.push_str(&part[1..]);
    }
}

/// A paragraph of two to five sentences, without a line break.
pub fn paragraph_zh(random: &mut Random) -> String {
    let mut out = String::new();
    for _ in 0..2 + random.below(4) {
        filled(random.pick(ZH), &ZH_SLOTS, random, &mut out);
    }
    out
}

/// As [`paragraph_zh`], in English.
pub fn paragraph_en(random: &mut Random) -> String {
    let mut out = String::new();
    for n in 0..2 + random.below(4) {
        if n > 0 {
            out.push(' ');
        }
        filled(random.pick(EN), &EN_SLOTS, random, &mut out);
    }
    out
}

fn paragraphs(bytes: usize, seed: u64, of: fn(&mut Random) -> String) -> String {
    let mut random = Random(seed);
    let mut out = String::with_capacity(bytes + 1024);
    while out.len() < bytes {
        out.push_str(&of(&mut random));
        out.push_str("\n\n");
    }
    out.pop();
    out
}

/// At least `bytes` bytes of Chinese news prose.
pub fn chinese(bytes: usize, seed: u64) -> String {
    paragraphs(bytes, seed, paragraph_zh)
}

/// At least `bytes` bytes of English news prose.
pub fn english(bytes: usize, seed: u64) -> String {
    paragraphs(bytes, seed, paragraph_en)
}

/// A page with navigation, an article of at least `bytes` bytes and a footer.
pub fn page(bytes: usize, seed: u64) -> String {
    let mut random = Random(seed);
    let mut out = String::from(
        "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>老船厂变身社区图书馆</title>\
         <style>p { margin: 0 }</style><script>var a = 1 < 2 && '';</script></head>\n<body><nav><ul>\
         <li><a href=\"/\">首页</a></li><li><a href=\"/news\">新闻</a></li><li><a href=\"/about\">关于</a></li></ul></nav>\
         <article><h1>老船厂变身社区图书馆</h1>\n",
    );
    while out.len() < bytes {
        out.push_str("<p class=\"text\">");
        if random.one_in(3) {
            out.push_str(&paragraph_en(&mut random).replace('"', "&quot;"));
        } else {
            out.push_str(&paragraph_zh(&mut random));
        }
        out.push_str(if random.one_in(6) { "<br>\n<img src=\"/a.jpg\" alt=\"\"></p>\n" } else { "</p>\n" });
    }
    out.push_str("</article><footer><p>&copy; 2012 望潮书屋</p></footer></body></html>\n");
    out
}

#[test]
fn the_same_seed_gives_the_same_clean_text() {
    for text in [chinese(5000, 7), english(5000, 7)] {
        assert!(text.len() >= 5000);
        assert!(!text.contains('%') && !text.contains("\n\n\n"), "{text}");
    }
    assert_eq!(chinese(5000, 7), chinese(5000, 7));
    assert_ne!(chinese(5000, 7), chinese(5000, 8));
}
