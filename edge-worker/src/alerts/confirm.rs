//! Whoever reads an address confirms it before anything else is sent there.
//!
//! The link of the mail is proof enough and holds for a week; nothing has to be kept of it but that it was sent. It
//! names the address, so that it confirms no other one that the channel is given meanwhile.

use analytics::DAY_MS;
use protocol::alert::MessageLanguage;

use super::deliver::{Failure, send_mail, unsubscribe_link};
use super::mail::{MUTED, Mail, Page, escaped};
use crate::app::App;
use crate::auth::secret;
use crate::platform::Platform;
use crate::site::Site;
use crate::store::accounts::ChannelRow;

/// How long a link holds, milliseconds.
pub const LINK_MS: u64 = 7 * DAY_MS;

/// How soon another mail may be sent, milliseconds: nobody is to be written to again and again who has not said yes.
pub const AGAIN_MS: u64 = 10 * 60_000;

/// What proves that somebody has the mail.
pub fn token(secret_key: &str, site: &str, row: &ChannelRow, until: u64) -> String {
    let address = row.channel.channel.target.as_deref().unwrap_or_default();
    secret::keyed_hex(secret_key, "confirm", &[site, &row.channel.id, address, &until.to_string()])
}

/// Sends the mail with the link.
///
/// # Errors
/// It did not arrive.
pub async fn send(app: &App, site: &Site, row: &ChannelRow, platform: &dyn Platform) -> Result<(), Failure> {
    let (key, until) = (&app.config.session_secret, platform.now() + LINK_MS);
    let (base, id, site_id) = (&row.base, &row.channel.id, site.id.as_str());
    let token = token(key, site_id, row, until);
    let link = format!("{base}/api/confirm?site={site_id}&channel={id}&until={until}&token={token}");
    send_mail(app, &mail(site, row, &link, unsubscribe_link(key, site_id, row)), platform).await
}

fn mail(site: &Site, row: &ChannelRow, link: &str, unsubscribe: String) -> Mail {
    let channel = &row.channel.channel;
    let name = &site.name;
    let (title, text, label, kicker) = match channel.language {
        MessageLanguage::En => (
            format!("{name}: confirm this address"),
            format!(
                "Somebody wants LiveInsight to send alerts or reports about {name} to this address. Nothing is sent until \
                 you confirm it; the link holds for seven days. If you do not want it, do nothing."
            ),
            "Confirm the address",
            "Confirmation",
        ),
        MessageLanguage::Ko => (
            format!("{name}: 이메일 주소를 확인해 주세요"),
            format!(
                "누군가 {name}의 알림 또는 보고서를 이 주소로 받도록 등록했습니다. 확인하기 전에는 아무것도 보내지 않으며 링크는 \
                 7일 동안 유효합니다. 원하지 않으시면 무시하세요."
            ),
            "주소 확인",
            "주소 확인",
        ),
    };
    let rows = format!(
        r#"<tr><td style="padding:8px 28px 12px;font-size:15px;line-height:23px">{}</td></tr>"#,
        escaped(&text)
    );
    let page = Page {
        language: channel.language,
        kicker: (kicker, MUTED),
        title: &title,
        rows: &rows,
        link: (link, label),
        unsubscribe: &unsubscribe,
    };
    let (html, text) = (page.html(), page.text(&text));
    let to = channel.target.clone().unwrap_or_default();
    Mail { to, subject: title, html, text, unsubscribe }
}
