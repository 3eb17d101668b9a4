//! The lines of code that load the tracker, with its options.

/// What a page that loads the tracker may say; the defaults are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// `cookieless`, `pending` or `denied`; empty for `granted`.
    pub consent: String,
    /// The query parameters that are kept; nothing for all.
    pub query: Option<String>,
    /// Paths whose variable parts are replaced.
    pub mask: String,
    /// The switches that are on.
    pub switches: Vec<Switch>,
}

/// An option that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// Ids in a cookie that sub-domains share.
    Cookie,
    /// Clicks on all buttons.
    Buttons,
    /// Fragments of addresses.
    Hash,
    /// Core Web Vitals.
    Vitals,
    /// Visitors who object, too.
    IgnorePrivacySignals,
    /// Pages on this machine, too.
    Test,
    /// Reasons on the console.
    Debug,
}

impl Switch {
    /// All, in the order of the form.
    pub const ALL: [Self; 7] = [
        Self::Buttons,
        Self::Vitals,
        Self::Hash,
        Self::Cookie,
        Self::IgnorePrivacySignals,
        Self::Test,
        Self::Debug,
    ];

    /// Its attribute, without `data-`.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Buttons => "buttons",
            Self::Hash => "hash",
            Self::Vitals => "vitals",
            Self::IgnorePrivacySignals => "ignore-privacy-signals",
            Self::Test => "test",
            Self::Debug => "debug",
        }
    }

    /// Its name in the package.
    fn option(self) -> &'static str {
        match self {
            Self::IgnorePrivacySignals => "ignorePrivacySignals",
            other => other.attribute(),
        }
    }
}

/// The frame that shows a share link, by its path, within another page.
pub fn frame(origin: &str, path: &str, name: &str) -> String {
    let link = path.trim_start_matches('/');
    format!(
        "<iframe src=\"{origin}/embed?theme=light{link}\" title=\"{}\" width=\"100%\" height=\"1100\" loading=\"lazy\" \
         style=\"border:0\"></iframe>",
        quoted(name)
    )
}

/// The script tag without options. What is in it has nothing that ends an attribute.
pub fn plain(origin: &str, site: &str) -> String {
    tag(origin, site, "")
}

fn tag(origin: &str, site: &str, options: &str) -> String {
    format!("<script async src=\"{origin}/li.js\" data-site-id=\"{site}\"{options}></script>")
}

/// The script tag.
pub fn html(origin: &str, site: &str, options: &Options) -> String {
    let mut attributes = String::new();
    for (name, value) in texts(options) {
        attributes.push_str(&format!(" data-{name}=\"{}\"", quoted(value)));
    }
    for switch in Switch::ALL.into_iter().filter(|switch| options.switches.contains(switch)) {
        attributes.push_str(" data-");
        attributes.push_str(switch.attribute());
    }
    tag(origin, site, &attributes)
}

/// The call of the package.
pub fn npm(origin: &str, site: &str, options: &Options) -> String {
    let mut lines = vec![
        format!("  siteId: {},", literal(site)),
        format!("  endpoint: {},", literal(&format!("{origin}/events"))),
    ];
    lines.extend(texts(options).map(|(name, value)| format!("  {name}: {},", literal(value))));
    let on = Switch::ALL.into_iter().filter(|switch| options.switches.contains(switch));
    lines.extend(on.map(|switch| format!("  {}: true,", switch.option())));
    format!(
        "import {{ init }} from \"@liveinsight/tracker\";\n\nexport const tracker = init({{\n{}\n}});",
        lines.join("\n")
    )
}

fn texts(options: &Options) -> impl Iterator<Item = (&'static str, &str)> {
    let given = |text: &'_ str| !text.is_empty();
    [
        ("consent", Some(options.consent.as_str()).filter(|text| given(text))),
        ("query", options.query.as_deref()),
        ("mask", Some(options.mask.trim()).filter(|text| given(text))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
}

fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://stats.example";

    #[test]
    fn defaults_are_left_out() {
        let options = Options::default();
        assert_eq!(html(ORIGIN, "shop", &options), plain(ORIGIN, "shop"));
        assert_eq!(
            plain(ORIGIN, "shop"),
            "<script async src=\"https://stats.example/li.js\" data-site-id=\"shop\"></script>"
        );
        assert!(
            npm(ORIGIN, "shop", &options)
                .ends_with("init({\n  siteId: \"shop\",\n  endpoint: \"https://stats.example/events\",\n});")
        );
    }

    #[test]
    fn options_are_named_as_page_and_package_name_them() {
        let options = Options {
            consent: "pending".into(),
            query: Some(String::new()),
            mask: " /a/* ".into(),
            switches: vec![Switch::Debug, Switch::IgnorePrivacySignals],
        };
        let tag = html(ORIGIN, "shop", &options);
        assert!(tag.ends_with(
            " data-consent=\"pending\" data-query=\"\" data-mask=\"/a/*\" data-ignore-privacy-signals data-debug></script>"
        ));
        let call = npm(ORIGIN, "shop", &options);
        assert!(
            call.contains("  query: \"\",\n  mask: \"/a/*\",\n  ignorePrivacySignals: true,\n  debug: true,")
        );
    }

    #[test]
    fn text_stays_within_its_quotes() {
        let frame = frame(ORIGIN, "/#share=lis_1", "\"Shop\"");
        assert!(frame.starts_with("<iframe src=\"https://stats.example/embed?theme=light#share=lis_1\""));
        assert!(frame.contains(" title=\"&quot;Shop&quot;\" "));
        let options = Options { mask: "/\"><b>&\\".into(), ..Options::default() };
        assert!(html(ORIGIN, "shop", &options).contains("data-mask=\"/&quot;>&lt;b>&amp;\\\""));
        assert!(npm(ORIGIN, "shop", &options).contains(r#"mask: "/\"><b>&\\","#));
    }
}
