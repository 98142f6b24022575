//! Reads what a page says of itself: title, author, date, address, site, description, language.

use std::collections::HashMap;

use scraper::{Html, Node};
use serde_json::Value;

use crate::document::Metadata;
use crate::lang::dates;

/// What a page says of itself.
#[derive(Debug, Default)]
pub struct Said {
    pub metadata: Metadata,
    /// What stands in `<title>`.
    pub title: Option<String>,
    /// Texts that its data give as the body or the description: evidence for what the main text is.
    pub evidence: String,
    pub shape: Shape,
}

/// What kind of page it says it is; a later one is more telling than an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    #[default]
    Unsaid,
    Site,
    List,
    Article,
    Product,
    Forum,
}

impl Shape {
    /// By a `@type` of schema.org or an `og:type`.
    fn of(name: &str) -> Self {
        match name {
            "DiscussionForumPosting" | "QAPage" | "Question" => Self::Forum,
            "Product" | "ProductGroup" | "product" | "og:product" | "product.item" => Self::Product,
            "Article"
            | "NewsArticle"
            | "BlogPosting"
            | "TechArticle"
            | "Report"
            | "ReportageNewsArticle"
            | "LiveBlogPosting"
            | "Recipe"
            | "HowTo"
            | "ScholarlyArticle"
            | "article" => Self::Article,
            "ItemList" | "CollectionPage" | "SearchResultsPage" | "Blog" => Self::List,
            "WebSite" | "Organization" | "LocalBusiness" | "Service" | "website" => Self::Site,
            _ => Self::Unsaid,
        }
    }
}

/// What `html` and its JSON-LD say of the page. Nothing is guessed from the text.
pub fn read(html: &Html, json_ld: &[&str]) -> Said {
    let mut found = Found::default();
    for node in html.tree.nodes() {
        let Node::Element(element) = node.value() else { continue };
        match element.name() {
            "html" => found.language = language(element.attr("lang").or(element.attr("xml:lang"))),
            "meta" => {
                let key = element.attr("property").or(element.attr("name")).or(element.attr("itemprop"));
                if let (Some(key), Some(value)) = (key, element.attr("content")) {
                    found.meta(&key.to_ascii_lowercase(), value);
                }
            }
            "link" if element.attr("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) => {
                found.canonical = address(element.attr("href"));
            }
            "title" if found.title.is_none() => found.title = tidy(&text_of(node)),
            "h1" => {
                found.headings += 1;
                if found.heading.is_none() {
                    found.heading = tidy(&text_of(node));
                }
            }
            "time" if found.time.is_none() => {
                found.time = element.attr("datetime").and_then(dates::normalise)
            }
            _ => {}
        }
    }
    let values: Vec<Value> = json_ld.iter().filter_map(|source| parse(source)).collect();
    let mut names = HashMap::new();
    for value in &values {
        name_all(value, 0, &mut names);
    }
    // What is said of the article first: a film or an image on the page has a date and a maker of its own.
    for articles in [true, false] {
        for value in &values {
            found.json_ld(value, 0, articles, &names);
        }
    }
    let title = found.title.clone();
    let (evidence, shape) = (std::mem::take(&mut found.evidence), found.shape);
    Said { metadata: found.metadata(), title, evidence, shape }
}

/// JSON-LD as pages have it: within comments or a CDATA section, and with line feeds in its strings.
fn parse(source: &str) -> Option<Value> {
    let mut source = source.trim();
    for (open, close) in
        [("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/"), ("<![CDATA[", "]]>")]
    {
        if let Some(rest) = source.strip_prefix(open) {
            source = rest.trim_end().strip_suffix(close).unwrap_or(rest).trim();
        }
    }
    // Control characters are white space between members, and an error in strings.
    serde_json::from_str(source)
        .or_else(|_| serde_json::from_str(&source.replace(char::is_control, " ")))
        .ok()
}

/// Puts the names of all things that have an `@id` into `names`.
fn name_all(value: &Value, depth: usize, names: &mut HashMap<String, String>) {
    match value {
        Value::Array(all) if depth <= DEEPEST => {
            all.iter().take(64).for_each(|v| name_all(v, depth + 1, names));
        }
        Value::Object(members) if depth <= DEEPEST => {
            if let (Some(Value::String(id)), Some(name)) =
                (members.get("@id"), members.get("name").and_then(text))
            {
                names.entry(id.clone()).or_insert(name);
            }
            members.values().for_each(|v| name_all(v, depth + 1, names));
        }
        _ => {}
    }
}

/// Levels of JSON-LD that are looked at: a graph, its things, and what these have.
const DEEPEST: usize = 4;

/// A text of JSON-LD; many templates write it with references, as in HTML.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    if !text.contains('&') || !text.contains(';') {
        return tidy(text);
    }
    tidy(&text_of(Html::parse_fragment(&text.replace('<', "&lt;")).tree.root()))
}

fn address(value: Option<&str>) -> Option<String> {
    value.map(str::trim).filter(|address| address.starts_with("http")).map(str::to_owned)
}

/// White space as one space; `None` for nothing. Longer than any title or name: cut at 1,000 characters.
fn tidy(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let tidy: String = words.join(" ").chars().take(1000).collect();
    (!tidy.is_empty()).then_some(tidy)
}

fn text_of(node: ego_tree::NodeRef<'_, Node>) -> String {
    node.descendants().filter_map(|n| n.value().as_text()).map(|t| &**t).collect()
}

/// `zh-CN` → `zh`.
fn language(tag: Option<&str>) -> Option<String> {
    let primary = tag?.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    (matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_lowercase())).then_some(primary)
}

#[derive(Default)]
struct Found {
    og_title: Option<String>,
    title: Option<String>,
    heading: Option<String>,
    headings: usize,
    author: Option<String>,
    date: Option<String>,
    time: Option<String>,
    url: Option<String>,
    canonical: Option<String>,
    sitename: Option<String>,
    description: Option<String>,
    language: Option<String>,
    tags: Vec<String>,
    categories: Vec<String>,
    evidence: String,
    shape: Shape,
}

fn set(slot: &mut Option<String>, value: Option<String>) {
    if slot.is_none() {
        *slot = value;
    }
}

impl Found {
    fn meta(&mut self, key: &str, value: &str) {
        let value = tidy(value);
        let plain = |v: Option<String>| v.filter(|v| !v.starts_with("http"));
        if key == "og:type" {
            self.shape = self.shape.max(Shape::of(value.as_deref().unwrap_or_default()));
        }
        match key {
            "og:title" | "twitter:title" | "dc.title" | "articletitle" => set(&mut self.og_title, value),
            "author" | "article:author" | "dc.creator" | "byl" | "parsely-author" => {
                set(&mut self.author, plain(value))
            }
            "article:published_time"
            | "datepublished"
            | "pubdate"
            | "publishdate"
            | "publish_date"
            | "date"
            | "dc.date"
            | "dc.date.issued"
            | "og:published_time"
            | "parsely-pub-date"
            | "weibo: article:create_at" => {
                set(&mut self.date, value.and_then(|v| dates::normalise(&v)));
            }
            "og:locale" => set(&mut self.language, language(value.as_deref())),
            "og:url" => set(&mut self.url, value.filter(|v| v.starts_with("http"))),
            "og:site_name" | "application-name" | "sitename" => set(&mut self.sitename, value),
            "description" | "og:description" | "twitter:description" => set(&mut self.description, value),
            "article:tag" => self.tags.extend(value.filter(|_| self.tags.len() < 64)),
            "article:section" => self.categories.extend(value.filter(|_| self.categories.len() < 64)),
            "keywords" | "news_keywords" if self.tags.is_empty() => {
                let all = value.unwrap_or_default();
                self.tags = all.split([',', '，', ';', '；', '、']).filter_map(tidy).take(64).collect();
            }
            _ => {}
        }
    }

    /// The first thing in JSON-LD that has a headline or a date, of those that say they are `articles` or of all others: members
    /// that are text, an author that is a name or has one in `names`.
    fn json_ld(&mut self, value: &Value, depth: usize, articles: bool, names: &HashMap<String, String>) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Array(all) => {
                all.iter().take(64).for_each(|v| self.json_ld(v, depth + 1, articles, names))
            }
            Value::Object(members) => {
                if let Some(graph) = members.get("@graph") {
                    self.json_ld(graph, depth + 1, articles, names);
                }
                let kinds = members.get("@type").map(strings).unwrap_or_default();
                let shape = kinds.into_iter().map(Shape::of).max().unwrap_or_default();
                if articles {
                    self.shape = self.shape.max(shape);
                    for key in ["articleBody", "description", "text", "reviewBody"] {
                        if let Some(Value::String(text)) = members.get(key)
                            && self.evidence.len() < 256 * 1024
                        {
                            self.evidence.push_str(text);
                            self.evidence.push('\n');
                        }
                    }
                }
                for key in ["mainEntity", "mainEntityOfPage", "acceptedAnswer", "suggestedAnswer", "comment"]
                {
                    if let Some(inner) = members.get(key) {
                        self.json_ld(inner, depth + 1, articles, names);
                    }
                }
                let says = members.contains_key("headline") || members.contains_key("datePublished");
                if says && articles == matches!(shape, Shape::Article | Shape::Forum | Shape::Product) {
                    let text = |key: &str| members.get(key).and_then(text);
                    let date = text("datePublished").or_else(|| text("dateCreated"));
                    set(&mut self.date, date.and_then(|d| dates::normalise(&d)));
                    set(&mut self.og_title, text("headline"));
                    set(&mut self.description, text("description"));
                    set(&mut self.author, members.get("author").and_then(|author| name(author, names)));
                    set(&mut self.sitename, members.get("publisher").and_then(|site| name(site, names)));
                    let page = members.get("mainEntityOfPage");
                    let page = page.and_then(|page| page.as_str().or_else(|| page.get("@id")?.as_str()));
                    set(&mut self.url, address(members.get("url").and_then(Value::as_str)).or(address(page)));
                    set(&mut self.language, language(members.get("inLanguage").and_then(Value::as_str)));
                }
            }
            _ => {}
        }
    }

    fn metadata(self) -> Metadata {
        let title = self.best_title();
        Metadata {
            title,
            author: self.author,
            date: self.date.or(self.time),
            sitename: self.sitename,
            url: self.url.or(self.canonical),
            description: self.description,
            // What a page says of its language is often its template's: the language stage looks at the text.
            extra: self.language.into_iter().map(|tag| ("declared_language".to_owned(), tag)).collect(),
            tags: self.tags,
            categories: self.categories,
            ..Metadata::default()
        }
    }

    /// The title without the site's name: where a heading is a part of `<title>`, the heading; else what the page
    /// gives to others as its title.
    fn best_title(&self) -> Option<String> {
        let full = self.og_title.as_ref().or(self.title.as_ref());
        let Some(full) = full else { return self.heading.clone() };
        if let Some(heading) = &self.heading {
            // A heading of one or two characters is a logo.
            if self.headings == 1
                && full.contains(heading.as_str())
                && heading.chars().count() * 3 > full.chars().count()
            {
                return Some(heading.clone());
            }
        }
        if let Some(site) = &self.sitename
            && let Some(rest) = full.strip_suffix(site.as_str())
        {
            let bare = rest.trim_end_matches([' ', '-', '|', '_', '–', '—', '·', '»', ':']);
            if !bare.is_empty() && bare.len() < rest.len() {
                return Some(bare.to_owned());
            }
        }
        Some(full.clone())
    }
}

/// A text, or each text of a list.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().take(16).filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The name of a person or a site, or of each of several; those that are said by their `@id` alone are in `names`.
fn name(value: &Value, names: &HashMap<String, String>) -> Option<String> {
    match value {
        Value::String(_) => text(value).filter(|n| !n.starts_with("http")),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().take(16).filter_map(|v| name(v, names)).collect();
            (!all.is_empty()).then(|| all.join(", "))
        }
        Value::Object(members) => {
            members.get("name").and_then(text).or_else(|| names.get(members.get("@id")?.as_str()?).cloned())
        }
        _ => None,
    }
}
