//! What is sent to webhooks.

use hmac::{Hmac, KeyInit, Mac};
use protocol::alert::{ChannelKind, MessageLanguage};
use serde_json::json;
use sha2::Sha256;

use super::notice::Notice;
use crate::auth::secret;
use crate::encoding::hex;
use crate::platform::Outgoing;

/// The key of a webhook's signatures. It is derived and not kept, so it can be told when the channel is made and never
/// read out of a table.
pub fn signing_key(secret_key: &str, site: &str, channel: &str) -> String {
    format!("whsec_{}", secret::keyed_hex(secret_key, "webhook", &[site, channel]))
}

/// The signature of a body: HMAC-SHA256 over the time, a dot and the body.
pub fn signature(key: &str, unix_s: u64, body: &str) -> String {
    // An HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(format!("{unix_s}.{body}").as_bytes());
    format!("v1={}", hex(&mac.finalize().into_bytes()))
}

/// What Slack reads as marks of its own.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Where a webhook is sent, and how it is known there.
pub struct Webhook<'a> {
    /// The address.
    pub url: &'a str,
    /// The key of its signatures.
    pub key: &'a str,
    /// Id of the delivery: it stays through all attempts, so that who has it already can tell.
    pub delivery: &'a str,
    /// The dashboard's address.
    pub base: &'a str,
    /// The clock, Unix milliseconds.
    pub now: u64,
}

impl Webhook<'_> {
    /// The request that tells a notice.
    pub fn request(&self, kind: ChannelKind, notice: &Notice, language: MessageLanguage) -> Outgoing {
        let (title, text) = (notice.title(language), notice.text(language));
        let link = format!("{}/?site={}", self.base, notice.site_id);
        let mut headers =
            vec![("content-type", "application/json".to_owned()), ("user-agent", "LiveInsight".to_owned())];
        let body = if kind == ChannelKind::Slack {
            let (title, text) = (escaped(&title), escaped(&text));
            json!({ "text": format!("*{title}*\n{text}\n<{link}>") }).to_string()
        } else {
            let body = json!({
                "id": self.delivery,
                "event": notice.event.name(),
                "at": notice.at,
                "site": { "id": notice.site_id, "name": notice.site },
                "rule": { "id": notice.rule_id, "name": notice.rule, "kind": notice.kind },
                "window_hours": notice.hours,
                "value": notice.value,
                "usual": notice.usual,
                "threshold": notice.threshold,
                "goal": notice.goal,
                "title": title,
                "text": text,
                "url": link,
            });
            let body = body.to_string();
            let unix_s = self.now / 1_000;
            headers.extend([
                ("x-liveinsight-delivery", self.delivery.to_owned()),
                ("x-liveinsight-timestamp", unix_s.to_string()),
                ("x-liveinsight-signature", signature(self.key, unix_s, &body)),
            ]);
            body
        };
        Outgoing { url: self.url.to_owned(), headers, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_is_that_of_the_documented_recipe() {
        // printf '1763647200.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
        let expected = "v1=db7621688a9f39ecbd3b2b81c197c5975fd41fef9979363a0527f67dca8068dc";
        assert_eq!(signature("whsec_test", 1_763_647_200, r#"{"a":1}"#), expected);
        assert_ne!(signature("whsec_test", 1_763_647_201, r#"{"a":1}"#), expected);
    }

    #[test]
    fn keys_differ_by_site_and_channel() {
        let keys = [("shop", "a"), ("shop", "b"), ("blog", "a")].map(|(site, id)| signing_key("k", site, id));
        assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[0].starts_with("whsec_"));
    }

    #[test]
    fn slack_is_told_no_marks_of_its_own() {
        assert_eq!(escaped("<!channel> & <b>"), "&lt;!channel&gt; &amp; &lt;b&gt;");
    }
}
