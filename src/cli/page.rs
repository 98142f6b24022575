//! Pages for a browser: one file each, with its data, styles and script inside, and no network.

/// The script that draws a report.
pub const REPORT: &str = include_str!("page/report.js");
/// The script that draws an explanation.
pub const EXPLAIN: &str = include_str!("page/explain.js");

/// One page.
pub struct Page<'a> {
    pub title: &'a str,
    /// JSON.
    pub data: &'a str,
    pub script: &'a str,
}

impl Page<'_> {
    /// The page as HTML.
    pub fn to_html(&self) -> String {
        let title = self.title.replace('&', "&amp;").replace('<', "&lt;");
        // Inside a string of JSON, the only place where there is a `<`, this is the same: no text can end the script.
        let data = self.data.replace('<', "\\u003c");
        [
            include_str!("page/head.html"),
            &format!("<title>{title}</title>\n<style>\n"),
            include_str!("page/style.css"),
            "</style>\n</head>\n<body>\n<main id=\"page\"><noscript>This page is drawn by a script that is in it.</noscript></main>\n",
            "<script type=\"application/json\" id=\"data\">",
            &data,
            "</script>\n<script>\n",
            include_str!("page/common.js"),
            self.script,
            "</script>\n</body>\n</html>\n",
        ]
        .concat()
    }
}
