//! What a click hit, if it is one to be recorded.

use protocol::event::{Click, ClickKind, Name, Text};
use protocol::limits::{MAX_NAME_BYTES, MAX_TEXT_BYTES, cut};

use super::address::{is_download, tidy, without_query};
use super::text::{squash, take};

/// Reads what JavaScript found at a click (`js/clicks.js`): eight fields, parted by NUL, in this order.
///
/// | field | content |
/// |---|---|
/// | marked | `1` inside an element with `data-li-event` |
/// | name | that attribute's value |
/// | button | `1` if it was a button inside the marked element |
/// | href | address of the link it was in, if any |
/// | foreign | `1` if that leads to another host |
/// | download | `1` if the link has the attribute `download` |
/// | text | text of the element |
/// | selector | a short CSS path to it |
///
/// One click is one event: marked goes before outbound, outbound before download.
pub fn click(mut found: &str) -> Option<Click> {
    let mut field = || take(&mut found, 0).unwrap_or("");
    let (marked, name, button) = (field() == "1", field(), field() == "1");
    let (href, foreign, download) = (field(), field() == "1", field() == "1");
    let (text, selector) = (field(), field());
    // The query of a file may be its key (signed addresses, most often on another host).
    let file = download || is_download(without_query(href));
    let url = tidy(if file { without_query(href) } else { href });
    let kind = if marked {
        if button { ClickKind::Button } else { ClickKind::Marked }
    } else if url.is_none() {
        return None;
    } else if foreign {
        ClickKind::Outbound
    } else if file {
        ClickKind::Download
    } else {
        return None;
    };
    Some(Click {
        kind,
        name: Name::parse(cut(name, MAX_NAME_BYTES)),
        text: Text::cut(&squash(text, MAX_TEXT_BYTES)),
        href: url,
        selector: Text::cut(selector),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(fields: [&str; 8]) -> Option<Click> {
        click(&fields.join("\0"))
    }

    #[test]
    fn marked_element_goes_before_the_link_it_is_in() {
        let click =
            at(["1", "teaser", "", "https://other.example/a", "1", "", " More\n ", "a.teaser"]).unwrap();
        assert_eq!(click.kind, ClickKind::Marked);
        assert_eq!(click.name.unwrap().as_str(), "teaser");
        assert_eq!(click.href.unwrap().as_str(), "https://other.example/a");
        assert_eq!((click.text.as_str(), click.selector.as_str()), ("More", "a.teaser"));
    }

    #[test]
    fn button_counts_inside_a_marked_element_only() {
        assert_eq!(at(["1", "filter", "1", "", "", "", "5", ""]).unwrap().kind, ClickKind::Button);
        assert_eq!(at(["", "", "1", "", "", "", "5", ""]), None);
    }

    #[test]
    fn link_to_another_host_is_outbound_even_to_a_file() {
        let click = at(["", "", "", "https://other.example/a.pdf?key=1", "1", "", "", ""]).unwrap();
        assert_eq!(click.kind, ClickKind::Outbound);
        assert_eq!(click.href.unwrap().as_str(), "https://other.example/a.pdf");
        let page = at(["", "", "", "https://other.example/a?b", "1", "", "", ""]).unwrap();
        assert_eq!(page.href.unwrap().as_str(), "https://other.example/a?b");
    }

    #[test]
    fn download_is_known_by_ending_or_attribute_and_sent_without_its_query() {
        for (href, attribute) in
            [("https://shop.example/a.pdf?key=1", ""), ("https://shop.example/a?key=1", "1")]
        {
            let click = at(["", "", "", href, "", attribute, "", ""]).unwrap();
            assert_eq!(click.kind, ClickKind::Download);
            assert!(!click.href.unwrap().as_str().contains("key"));
        }
    }

    #[test]
    fn other_clicks_are_not_recorded() {
        assert_eq!(at(["", "", "", "https://shop.example/a", "", "", "A", "a"]), None);
        assert_eq!(at(["", "", "", "mailto:a@b.example", "1", "", "A", "a"]), None);
        assert_eq!(click(""), None);
    }

    #[test]
    fn name_that_is_too_long_is_cut() {
        let click = at(["1", &"n".repeat(200), "", "", "", "", "", ""]).unwrap();
        assert_eq!(click.name.unwrap().as_str().len(), MAX_NAME_BYTES);
    }
}
