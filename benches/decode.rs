//! Megabytes of bytes per second through `decode`, by encoding: `cargo bench --bench decode`, or `cargo bench --bench decode -- Big5`.
//!
//! A document of 100 kB each, its sentences in an order by chance.

#[path = "../tests/common/texts.rs"]
mod texts;

use corpus_clean::decode::decode;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, KOI8_R, SHIFT_JIS, UTF_8, WINDOWS_1251, WINDOWS_1252,
};
use texts::Random;

const BYTES: usize = 100_000;

const TRADITIONAL: &[&str] = &[
    "今天早上下了一場大雨，院子裡的水缸都滿了。",
    "孩子們穿著雨鞋在門口踩水，笑得很開心。",
    "隔壁的老先生說：「這樣的雨，三十年沒有見過。」",
    "車站前面的書店關了門，老闆把舊書送給學校的圖書館。",
    "圖書館每週三晚上開放到九點，一共有 12,480 冊藏書。",
    "她從 1998 年起在這個港口工作，認識每一艘漁船。",
    "會議決定修建一座新的橋，預計明年春天完工。",
    "要不要搭 MRT 去？從這裡走路只要十分鐘！",
];
const JAPANESE: &[&str] = &[
    "朝から雨が降っていたので、庭の水がめはいっぱいになった。",
    "子どもたちは長靴をはいて、門の前で水たまりを踏んで遊んでいる。",
    "隣のおじいさんは「こんな雨は三十年ぶりだ」と言った。",
    "駅前の本屋が閉店し、店主は古い本を学校の図書館に寄付した。",
    "図書館は毎週水曜日の夜九時まで開いており、蔵書は 12,480 冊ある。",
    "彼女は 1998 年からこの港で働き、どの漁船も知っている。",
    "会議では新しい橋を架けることが決まり、来年の春に完成する予定だ。",
    "インターネットのニュースによると、コンサートのチケットは売り切れた。",
];
const KOREAN: &[&str] = &[
    "아침부터 비가 많이 내려서 마당의 물독이 가득 찼다.",
    "아이들은 장화를 신고 문 앞에서 물장난을 하며 놀고 있다.",
    "옆집 할아버지는 \"이런 비는 삼십 년 만이다\"라고 말했다.",
    "역 앞의 서점이 문을 닫았고, 주인은 낡은 책을 학교 도서관에 기증했다.",
    "도서관은 매주 수요일 밤 아홉 시까지 열며 장서는 12,480 권이다.",
    "그녀는 1998 년부터 이 항구에서 일해 모든 어선을 안다.",
    "회의에서 새 다리를 놓기로 했고, 내년 봄에 완공될 예정이다.",
];
const RUSSIAN: &[&str] = &[
    "Утром шёл сильный дождь, и бочка во дворе наполнилась до краёв.",
    "Дети бегали по лужам в резиновых сапогах и громко смеялись.",
    "Сосед сказал, что такого дождя не было тридцать лет.",
    "Книжный магазин у вокзала закрылся, и хозяин подарил книги школе.",
    "Библиотека открыта по средам до девяти, в ней 12 480 книг.",
];
const FRENCH: &[&str] = &[
    "Ce matin il a plu très fort ; à midi le tonneau était déjà plein.",
    "Les élèves jouaient dans les flaques, devant la porte de l'école.",
    "Le vieux voisin disait : « Une pluie pareille, ça faisait trente ans. »",
    "La librairie de la gare a fermé ; ses livres ont été donnés à la mairie.",
    "La bibliothèque est ouverte le mercredi jusqu'à neuf heures.",
];

#[derive(Clone, Copy, Debug)]
enum Sort {
    Utf8,
    Gb18030,
    Big5,
    ShiftJis,
    EucJp,
    EucKr,
    Windows1251,
    Koi8R,
    Windows1252,
    /// One line in eight is in another encoding.
    Mixed,
    /// A byte is lost every 4 kB.
    Damaged,
}

const SORTS: [Sort; 11] = [
    Sort::Utf8,
    Sort::Gb18030,
    Sort::Big5,
    Sort::ShiftJis,
    Sort::EucJp,
    Sort::EucKr,
    Sort::Windows1251,
    Sort::Koi8R,
    Sort::Windows1252,
    Sort::Mixed,
    Sort::Damaged,
];

/// A line of a few sentences.
fn line(random: &mut Random, sentences: &[&str]) -> String {
    (0..1 + random.below(5)).map(|_| random.pick(sentences)).collect::<String>() + "\n"
}

fn encoded(encoding: &'static Encoding, line: impl Fn(&mut Random) -> String) -> Vec<u8> {
    let mut random = Random(1);
    let mut bytes = Vec::new();
    while bytes.len() < BYTES {
        let line = line(&mut random);
        let (line, _, unmappable) = encoding.encode(&line);
        assert!(!unmappable);
        bytes.extend_from_slice(&line);
    }
    bytes
}

impl Sort {
    fn bytes(self) -> Vec<u8> {
        let of = |encoding, sentences: &'static [&str]| encoded(encoding, |random| line(random, sentences));
        let chinese = |encoding| encoded(encoding, |random| texts::paragraph_zh(random) + "\n");
        match self {
            Sort::Utf8 => chinese(UTF_8),
            Sort::Gb18030 => chinese(GB18030),
            Sort::Big5 => of(BIG5, TRADITIONAL),
            Sort::ShiftJis => of(SHIFT_JIS, JAPANESE),
            Sort::EucJp => of(EUC_JP, JAPANESE),
            Sort::EucKr => of(EUC_KR, KOREAN),
            Sort::Windows1251 => of(WINDOWS_1251, RUSSIAN),
            Sort::Koi8R => of(KOI8_R, RUSSIAN),
            Sort::Windows1252 => of(WINDOWS_1252, FRENCH),
            Sort::Mixed => {
                let (utf8, gbk) = (Sort::Utf8.bytes(), Sort::Gb18030.bytes());
                let lines = utf8.split_inclusive(|&b| b == b'\n').zip(gbk.split_inclusive(|&b| b == b'\n'));
                let lines = lines.enumerate().map(|(at, (utf8, gbk))| if at % 8 == 0 { gbk } else { utf8 });
                lines.collect::<Vec<_>>().concat()
            }
            Sort::Damaged => {
                let bytes = Sort::Gb18030.bytes().into_iter().enumerate();
                bytes.filter(|(at, _)| at % 4096 != 2048).map(|(_, b)| b).collect()
            }
        }
    }
}

#[divan::bench(args = SORTS)]
fn document(bencher: Bencher, sort: Sort) {
    let bytes = sort.bytes();
    bencher.counter(BytesCount::of_slice(&bytes)).bench_local(|| decode(black_box(&bytes), None));
}

fn main() {
    // Tables are made once.
    for sort in SORTS {
        let _ = decode(&sort.bytes(), None);
    }
    divan::main();
}
