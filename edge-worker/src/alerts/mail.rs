//! E-mail: what it says, and how the two ways to send it want it.
//!
//! Mail clients know no style sheets worth the name, so everything is a table with colours as attributes and styles of
//! its own, and nothing is drawn but cells.

use protocol::alert::MessageLanguage;
use serde_json::json;

use super::notice::{Event, Notice};

/// Colours of the dashboard's light theme.
pub(super) const INK: &str = "#0e1a18";
pub(super) const MUTED: &str = "#5b6a67";
pub(super) const LINE: &str = "#e3e9e7";
pub(super) const ACCENT: &str = "#0b7568";
pub(super) const BAD: &str = "#b3261e";
const GROUND: &str = "#f6f8f7";
const FONT: &str = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Apple SD Gothic Neo','Malgun Gothic',sans-serif";

/// An e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// As HTML.
    pub html: String,
    /// As text.
    pub text: String,
    /// Where it is unsubscribed from, by a `POST` without more (RFC 8058).
    pub unsubscribe: String,
}

impl Mail {
    fn headers(&self) -> [(&'static str, String); 2] {
        [
            ("List-Unsubscribe", format!("<{}>", self.unsubscribe)),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ]
    }

    /// The body of SES's `SendEmail`.
    pub fn for_ses(&self, from: &str) -> String {
        let part = |data: &str| json!({ "Data": data, "Charset": "UTF-8" });
        let headers = self.headers().map(|(name, value)| json!({ "Name": name, "Value": value }));
        json!({
            "FromEmailAddress": from,
            "Destination": { "ToAddresses": [self.to] },
            "Content": { "Simple": {
                "Subject": part(&self.subject),
                "Body": { "Html": part(&self.html), "Text": part(&self.text) },
                "Headers": headers,
            } },
        })
        .to_string()
    }

    /// The body for an API of another kind.
    pub fn for_api(&self, from: &str) -> String {
        let headers: serde_json::Map<_, _> =
            self.headers().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        json!({
            "from": from,
            "to": [self.to],
            "subject": self.subject,
            "html": self.html,
            "text": self.text,
            "headers": headers,
        })
        .to_string()
    }
}

/// A text in HTML.
pub(super) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

/// What a page of mail is made of.
pub(super) struct Page<'a> {
    pub(super) language: MessageLanguage,
    /// A word above the title, and its colour.
    pub(super) kicker: (&'a str, &'a str),
    pub(super) title: &'a str,
    /// Rows of the table, as HTML.
    pub(super) rows: &'a str,
    /// Address and text of the button.
    pub(super) link: (&'a str, &'a str),
    pub(super) unsubscribe: &'a str,
}

impl Page<'_> {
    pub(super) fn html(&self) -> String {
        let Self { language, kicker: (kicker, colour), title, rows, link: (url, label), unsubscribe } = self;
        let (code, why, stop) = match language {
            MessageLanguage::En => {
                ("en", "You get this because this address is set up in LiveInsight.", "Unsubscribe")
            }
            MessageLanguage::Ko => {
                ("ko", "LiveInsight에 이 주소가 등록되어 있어 보내 드립니다.", "수신 거부")
            }
        };
        let (kicker, title, url) = (escaped(kicker), escaped(title), escaped(url));
        let (unsubscribe, table) =
            (escaped(unsubscribe), r#"role="presentation" cellpadding="0" cellspacing="0" border="0""#);
        format!(
            r##"<!doctype html><html lang="{code}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"><title>{title}</title></head>
<body style="margin:0;padding:0;background:{GROUND}"><table {table} width="100%" bgcolor="{GROUND}"><tr><td align="center" style="padding:24px 12px"><table {table} width="560" bgcolor="#ffffff" style="width:100%;max-width:560px;border:1px solid {LINE};border-radius:8px;{FONT};color:{INK};text-align:left">
<tr><td style="padding:28px 28px 4px">
<div style="font-size:12px;font-weight:600;color:{colour}">{kicker}</div>
<h1 style="margin:6px 0 0;font-size:20px;line-height:28px;font-weight:650">{title}</h1></td></tr>
{rows}
<tr><td style="padding:12px 28px 28px"><table {table}>
<tr><td bgcolor="{ACCENT}" style="border-radius:6px">
<a href="{url}" style="display:inline-block;padding:10px 16px;font-size:14px;font-weight:600;color:#ffffff;text-decoration:none">{label}</a>
</td></tr></table></td></tr></table><table {table} width="560" style="width:100%;max-width:560px;{FONT}">
<tr><td style="padding:14px 28px;font-size:12px;line-height:18px;color:{MUTED}">
{why} <a href="{unsubscribe}" style="color:{MUTED}">{stop}</a></td></tr></table></td></tr></table></body></html>"##
        )
    }

    pub(super) fn text(&self, body: &str) -> String {
        let stop = match self.language {
            MessageLanguage::En => "Unsubscribe",
            MessageLanguage::Ko => "수신 거부",
        };
        let (title, url, unsubscribe) = (self.title, self.link.0, self.unsubscribe);
        format!("{title}\n\n{body}\n\n{url}\n\n-- \n{stop}: {unsubscribe}\n")
    }
}

/// The mail that tells a notice.
pub fn of_notice(
    notice: &Notice,
    language: MessageLanguage,
    to: &str,
    base: &str,
    unsubscribe: String,
) -> Mail {
    let (title, text) = (notice.title(language), notice.text(language));
    let korean = language == MessageLanguage::Ko;
    let kicker = match notice.event {
        Event::Fired => (if korean { "알림" } else { "Alert" }, BAD),
        Event::Recovered => (if korean { "정상" } else { "Back to normal" }, ACCENT),
        Event::Test => (if korean { "시험" } else { "Test" }, MUTED),
    };
    let label = if korean { "대시보드 열기" } else { "Open the dashboard" };
    let link = format!("{base}/?site={}", notice.site_id);
    let rows = format!(
        r#"<tr><td style="padding:8px 28px 12px;font-size:15px;line-height:23px">{}</td></tr>"#,
        escaped(&text)
    );
    let page = Page {
        language,
        kicker,
        title: &title,
        rows: &rows,
        link: (&link, label),
        unsubscribe: &unsubscribe,
    };
    let (html, text) = (page.html(), page.text(&text));
    Mail { to: to.to_owned(), subject: title, html, text, unsubscribe }
}
