//! Items of Events, read back as the engine's rows.

use std::collections::HashMap;

use analytics::{EventDim, Kind, Row, VisitDim};
use aws_sdk_dynamodb::types::AttributeValue;
use protocol::{EventId, PageId, SessionId, UserId};

use super::items::Item;

/// Every attribute a row is made of. What else an event has (viewport, tab, the text of a click) is for looking
/// at single events.
pub(super) fn attributes() -> Vec<&'static str> {
    let others = [
        "sk",
        "type",
        "at",
        "user_id",
        "session_id",
        "page_id",
        "engaged_ms",
        "scroll_percent",
        "currency",
        "props",
        "target",
        "cookieless",
        "clock",
    ];
    let visits = VisitDim::ALL.into_iter().map(VisitDim::name);
    let events = EventDim::ALL.into_iter().map(EventDim::name);
    others.into_iter().chain(visits).chain(events).collect()
}

pub(in crate::store) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    match item.get(name) {
        Some(AttributeValue::S(text)) => text,
        _ => "",
    }
}

pub(in crate::store) fn number(item: &Item, name: &str) -> Option<u64> {
    match item.get(name) {
        Some(AttributeValue::N(text)) => text.parse().ok(),
        _ => None,
    }
}

fn map<'a>(item: &'a Item, name: &str) -> Option<&'a HashMap<String, AttributeValue>> {
    match item.get(name) {
        Some(AttributeValue::M(map)) => Some(map),
        _ => None,
    }
}

/// The site's own properties of an item, for [`row`] to borrow.
pub(super) fn properties(item: &Item) -> Vec<(&str, &str)> {
    let pairs = map(item, "props").into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.as_str(), value.as_s().ok()?.as_str()))).collect()
}

/// Reads a row; `None` for an item of a type or shape this version does not know.
pub(super) fn row<'a>(item: &'a Item, props: &'a [(&'a str, &'a str)]) -> Option<Row<'a>> {
    let kind = Kind::from_name(text(item, "type"))?;
    let mut row = Row::new(
        EventId::parse(text(item, "sk")).ok()?,
        number(item, "at")?,
        UserId::parse(text(item, "user_id")).ok()?,
        SessionId::parse(text(item, "session_id")).ok()?,
        PageId::parse(text(item, "page_id")).ok()?,
        kind,
    );
    row.visit = VisitDim::ALL.map(|dim| text(item, dim.name()));
    row.texts = EventDim::ALL.map(|dim| text(item, dim.name()));
    if kind == Kind::Click {
        // A click names its target.
        row.texts[EventDim::Name.index()] = map(item, "target").map_or("", |target| text(target, "name"));
    }
    row.engaged_ms = number(item, "engaged_ms").unwrap_or(0);
    row.scroll_percent = number(item, "scroll_percent").and_then(|it| u8::try_from(it).ok()).unwrap_or(0);
    row.amount = text(item, EventDim::OddAmount.name());
    row.currency = text(item, "currency");
    row.props = props;
    row.cookieless = matches!(item.get("cookieless"), Some(AttributeValue::Bool(true)));
    row.corrected = text(item, "clock") == "corrected";
    Some(row)
}

#[cfg(test)]
mod tests {
    use protocol::event::{Name, PersonId, Text, Url};
    use protocol::{Batch, Click, ClickKind, Context, Conversion, Event, EventKind, Heartbeat};
    use protocol::{PageView, Props, Revenue, SiteId};

    use super::*;
    use crate::http::Geo;
    use crate::ingest::{Ingest, Rules, Visit};
    use crate::store::items;

    const NOW: u64 = 1_763_866_800_000;

    fn stored(kind: EventKind) -> Item {
        let mut props = Props::default();
        props.push("film", "guji");
        let kind = match kind {
            EventKind::PageView(view) => EventKind::PageView(PageView { props, ..view }),
            other => other,
        };
        let event =
            Event { id: EventId::new(NOW, &[1; 10]), at: NOW, page_id: PageId::new(NOW, &[2; 10]), kind };
        let batch = Batch {
            site_id: SiteId::parse("shop").unwrap(),
            user_id: UserId::new(NOW, &[3; 10]),
            person_id: PersonId::parse("p-7"),
            session_id: SessionId::new(NOW, &[4; 10]),
            cookieless: true,
            sent_at: NOW,
            dropped: 0,
            faults: 0,
            context: Context {
                language: Text::cut("ko-KR"),
                screen: Some(protocol::event::Size { width: 1_920, height: 1_080 }),
                ..Context::default()
            },
            events: vec![event],
        };
        let visit = Visit {
            geo: Geo { country: "KR".into(), region: "Seoul".into(), city: "Mapo".into() },
            device: protocol::api::Device::Mobile,
            browser: "Chrome".into(),
            browser_version: "142".into(),
            os: "Android".into(),
            os_version: "16".into(),
            ..Visit::default()
        };
        let rules = Rules { shards: 1, retention_days: 30, query_parameters: vec!["q".into()] };
        let mut ingest = Ingest::new(&batch, &visit, &rules, None);
        ingest.corrected = true;
        let (event, landing) = ingest.events().next().unwrap();
        items::event(&ingest, event, landing)
    }

    #[test]
    fn page_view_comes_back_with_all_that_was_said() {
        let url = "https://shop.example/a?q=tea&utm_source=n&utm_medium=email&utm_campaign=c&utm_term=t&utm_content=b&utm_id=9&gclid=x";
        let item = stored(EventKind::PageView(PageView {
            url: Url::parse(url).unwrap(),
            referrer: Url::parse("https://www.google.com/search?q=secret"),
            title: Text::cut("커피"),
            props: Props::default(),
        }));
        let props = properties(&item);
        let row = row(&item, &props).unwrap();
        assert_eq!((row.id, row.at, row.kind), (EventId::new(NOW, &[1; 10]), NOW, Kind::PageView));
        assert_eq!((row.user, row.page), (UserId::new(NOW, &[3; 10]), PageId::new(NOW, &[2; 10])));
        assert!(row.cookieless && row.corrected);
        assert_eq!(row.props, [("film", "guji")]);
        let texts: Vec<_> = row.texts.into_iter().filter(|text| !text.is_empty()).collect();
        assert_eq!(texts, ["shop.example", "/a", "q=tea", "커피"]);
        for dim in VisitDim::ALL {
            let value = row.visit[dim.index()];
            assert!(!value.is_empty(), "{} was not stored or not read", dim.name());
        }
        assert_eq!(row.visit[VisitDim::Screen.index()], "1920x1080");
        let read = attributes();
        for name in ["region", "utm_id", "click_id", "person_id", "title", "amount"] {
            assert!(read.contains(&name), "{name}");
        }
    }

    #[test]
    fn other_kinds_come_back_with_what_they_measure() {
        let conversion = stored(EventKind::Conversion(Conversion {
            name: Name::parse("purchase").unwrap(),
            revenue: Revenue::parse("49000", "KRW"),
            props: Props::default(),
        }));
        let read = row(&conversion, &[]).unwrap();
        assert_eq!(
            (read.texts[EventDim::Name.index()], read.amount, read.currency),
            ("purchase", "49000", "KRW")
        );
        let click = stored(EventKind::Click(Click {
            kind: ClickKind::Outbound,
            name: Name::parse("docs"),
            text: Text::cut("Docs"),
            href: None,
            selector: Text::default(),
        }));
        assert_eq!(row(&click, &[]).unwrap().texts[EventDim::Name.index()], "docs");
        let beat = Heartbeat { engaged_ms: 9_000, scroll_percent: 40, interval_s: 15, last: true };
        let beat = stored(EventKind::Heartbeat(beat));
        let read = row(&beat, &[]).unwrap();
        assert_eq!((read.kind, read.engaged_ms, read.scroll_percent), (Kind::Heartbeat, 9_000, 40));
    }

    #[test]
    fn item_of_another_shape_is_passed_over() {
        let mut item = stored(EventKind::Heartbeat(Heartbeat {
            engaged_ms: 0,
            scroll_percent: 0,
            interval_s: 15,
            last: true,
        }));
        item.insert("type".into(), AttributeValue::S("from the future".into()));
        assert_eq!(row(&item, &[]), None);
    }
}
