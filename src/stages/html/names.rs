//! What elements are called: tags, roles, and the words that sites make classes and ids of.

use super::dom::{Element, Tag};

/// How many kinds are told apart.
pub const KINDS: usize = NAMES.len();

/// The kinds: first those that words in `class` and `id` tell, then those that the element itself does.
pub const NAMES: [&str; 33] = [
    "named_navigation",
    "named_share",
    "named_aside",
    "named_related",
    "named_advert",
    "named_subscribe",
    "named_notice",
    "named_comment",
    "named_footer",
    "named_meta",
    "named_content",
    "named_product",
    "named_item",
    "named_forum",
    "named_image",
    "named_title",
    "nav",
    "aside",
    "footer",
    "header",
    "form",
    "article",
    "main",
    "article_body",
    "list",
    "table",
    "figure",
    "item",
    "heading",
    "pre",
    "quote",
    "paragraph",
    "itemprop",
];

const NAV: usize = 16;
const ASIDE: usize = 17;
const FOOTER: usize = 18;
const HEADER: usize = 19;
const FORM: usize = 20;
const ARTICLE: usize = 21;
const MAIN: usize = 22;
const ARTICLE_BODY: usize = 23;
const LIST: usize = 24;
const TABLE: usize = 25;
const FIGURE: usize = 26;
const ITEM: usize = 27;
const HEADING: usize = 28;
const PRE: usize = 29;
const QUOTE: usize = 30;
const PARAGRAPH: usize = 31;
const ITEMPROP: usize = 32;

/// Levels up to the nearest element of a kind; further away is as good as not there.
pub const FAR: u8 = 16;

/// Notes which kinds `element` is of.
pub fn mark(element: &Element, kinds: &mut [u8; KINDS]) {
    let mut set = |kind: usize| {
        if let Some(slot) = kinds.get_mut(kind) {
            *slot = 0;
        }
    };
    match element.tag {
        Tag::Nav => set(NAV),
        Tag::Aside => set(ASIDE),
        Tag::Footer => set(FOOTER),
        Tag::Header => set(HEADER),
        Tag::Form | Tag::Control | Tag::Field => set(FORM),
        Tag::Article => set(ARTICLE),
        Tag::Main => set(MAIN),
        Tag::List => set(LIST),
        Tag::Table => set(TABLE),
        Tag::Figure => set(FIGURE),
        Tag::Item => set(ITEM),
        Tag::Title | Tag::Heading => set(HEADING),
        Tag::Pre => set(PRE),
        Tag::Quote => set(QUOTE),
        Tag::Paragraph => set(PARAGRAPH),
        Tag::Inline | Tag::Link | Tag::Block | Tag::Row | Tag::Cell => {}
    }
    match element.role {
        "navigation" | "menu" | "menubar" | "toolbar" | "search" => set(NAV),
        "complementary" | "dialog" | "alertdialog" => set(ASIDE),
        "contentinfo" => set(FOOTER),
        "banner" => set(HEADER),
        "main" => set(MAIN),
        "article" => set(ARTICLE),
        _ => {}
    }
    if element.itemprop == "articleBody" {
        set(ARTICLE_BODY);
    } else if !element.itemprop.is_empty() {
        set(ITEMPROP);
    }
    each_word(element.class, |word| by_word(word).into_iter().for_each(&mut set));
    each_word(element.id, |word| by_word(word).into_iter().for_each(&mut set));
}

/// The words that a class or id is made of, in lower case: `sidebarRight_2` is `sidebar`, `right`. At most 24 of them, none
/// longer than 16 letters.
pub fn each_word(name: &str, mut found: impl FnMut(&[u8])) {
    let bytes = name.as_bytes();
    let mut word = [0_u8; 16];
    let mut len = 0;
    let mut words = 0;
    let mut lower = false;
    for &byte in bytes {
        if !byte.is_ascii_alphabetic() || (lower && byte.is_ascii_uppercase()) {
            if let Some(word) = word.get(..len).filter(|w| w.len() > 1) {
                found(word);
                words += 1;
            }
            len = 0;
            if words >= 24 {
                return;
            }
        }
        if byte.is_ascii_alphabetic() {
            if let Some(slot) = word.get_mut(len) {
                *slot = byte.to_ascii_lowercase();
            }
            // A longer word stays longer than the buffer, and is none.
            len += 1;
        }
        lower = byte.is_ascii_lowercase();
    }
    if let Some(word) = word.get(..len).filter(|w| w.len() > 1) {
        found(word);
    }
}

/// The kind that a word in a class or id tells. Whole words only: `share` is not in `shareholder`. Some are what Chinese sites
/// call their boxes, in pinyin.
fn by_word(word: &[u8]) -> Option<usize> {
    Some(match word {
        b"nav" | b"navbar" | b"navigation" | b"menu" | b"submenu" | b"breadcrumb" | b"breadcrumbs"
        | b"crumb" | b"crumbs" | b"pager" | b"pagination" | b"paging" | b"toolbar" | b"topbar"
        | b"masthead" | b"skip" | b"tabs" | b"tab" | b"dropdown" | b"daohang" | b"toc" | b"filter"
        | b"filters" | b"facet" | b"facets" | b"sort" => 0,
        b"share" | b"sharing" | b"sharethis" | b"addtoany" | b"social" | b"bdsharebuttonbox" | b"follow"
        | b"facebook" | b"twitter" | b"weixin" | b"wechat" | b"fenxiang" | b"print" | b"tools" => 1,
        b"sidebar" | b"aside" | b"side" | b"rail" | b"widget" | b"widgets" | b"right" | b"rightbar"
        | b"secondary" | b"complementary" | b"sidenav" => 2,
        b"related" | b"recommend" | b"recommended" | b"recommendation" | b"recommendations" | b"more"
        | b"hotnews" | b"ranking" | b"trending" | b"popular" | b"outbrain" | b"taboola" | b"similar"
        | b"also" | b"readmore" | b"teaser" | b"teasers" | b"carousel" | b"slider" | b"xiangguan"
        | b"tuijian" | b"hot" | b"latest" | b"recent" | b"next" | b"prev" | b"previous" | b"suggested"
        | b"upsell" => 3,
        b"promo" | b"promotion" | b"advert" | b"adverts" | b"advertisement" | b"ads" | b"ad" | b"sponsor"
        | b"sponsored" | b"banner" | b"guanggao" | b"cta" | b"affiliate" | b"donate" => 4,
        b"newsletter" | b"subscribe" | b"subscription" | b"signup" | b"popup" | b"modal" | b"overlay"
        | b"paywall" | b"login" | b"signin" | b"register" | b"dialog" | b"tooltip" => 5,
        b"cookie" | b"cookies" | b"gdpr" | b"consent" | b"onetrust" | b"alert" | b"notice" | b"privacy" => 6,
        b"comment" | b"comments" | b"commentlist" | b"disqus" | b"respond" | b"pinglun" | b"reviews"
        | b"review" => 7,
        b"footer" | b"foot" | b"copyright" | b"disclaimer" | b"bottom" | b"legal" | b"dibu"
        | b"footnotes" => 8,
        b"author" | b"authors" | b"byline" | b"date" | b"meta" | b"tags" | b"tag" | b"time" | b"source"
        | b"credit" | b"credits" | b"info" | b"category" | b"categories" | b"published" | b"bio"
        | b"avatar" | b"profile" | b"timestamp" | b"user" | b"username" | b"signature" | b"stats"
        | b"laiyuan" => 9,
        b"article" | b"content" | b"entry" | b"story" | b"articlebody" | b"artibody" | b"body" | b"text"
        | b"detail" | b"main" | b"richtext" | b"prose" | b"markdown" | b"zhengwen" | b"neirong" | b"copy"
        | b"description" | b"rte" | b"wysiwyg" | b"summary" | b"lede" | b"paragraph" | b"cont" => 10,
        b"product" | b"products" | b"price" | b"sku" | b"cart" | b"buy" | b"spec" | b"specs"
        | b"specification" | b"specifications" | b"feature" | b"features" | b"details" | b"shop"
        | b"options" | b"variant" | b"variants" => 11,
        b"item" | b"items" | b"card" | b"cards" | b"tile" | b"grid" | b"list" | b"row" | b"cell"
        | b"listing" | b"result" | b"results" | b"thumb" | b"box" | b"collection" | b"section" | b"block" => {
            12
        }
        b"thread" | b"topic" | b"message" | b"msg" | b"question" | b"answer" | b"postbody" | b"posts"
        | b"post" | b"forum" | b"discussion" | b"bbs" | b"reply" | b"replies" => 13,
        b"caption" | b"figure" | b"figcaption" | b"image" | b"img" | b"photo" | b"gallery" | b"media"
        | b"video" | b"player" | b"slideshow" => 14,
        b"title" | b"headline" | b"heading" | b"header" | b"head" | b"hd" | b"subtitle" | b"hero" => 15,
        _ => return None,
    })
}
