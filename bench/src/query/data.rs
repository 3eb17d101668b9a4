//! Made-up events of a month: seeded, so that every run measures the same.

use analytics::{EventDim, Kind, Row, VisitDim};
use fastrand::Rng;
use protocol::{EventId, PageId, SessionId, UserId};

use super::world::{Agent, Origin, Place, World};

/// 2025-11-01T00:00Z. November has 30 days, and begins on a Saturday.
pub(crate) const START: u64 = 1_761_955_200_000;

/// Days of data.
pub(crate) const DAYS: u64 = 30;

const DAY: u64 = 24 * 60 * 60 * 1_000;

/// Events of a visit on average, for the number of visits to draw; measured over the rules below.
const EVENTS_A_VISIT: f64 = 4.45;

/// Share of the visits of somebody who was here before in the month.
const RETURNING: f64 = 0.3;

/// Share of an average day of a week, Saturday first.
const WEEK: [f64; 7] = [0.75, 0.7, 1.1, 1.15, 1.15, 1.1, 1.05];

#[derive(Debug, Clone, Copy)]
struct Visitor {
    id: UserId,
    place: u32,
    agent: u32,
    /// Number of the person, if the site knows it.
    person: Option<u32>,
}

/// What is said of a visit.
#[derive(Debug, Clone, Copy)]
struct Said<'a> {
    place: &'a Place,
    agent: &'a Agent,
    origin: &'a Origin,
    referrer: &'a str,
    campaign: Option<(&'a str, &'a str)>,
    person: &'a str,
}

/// Makes about `events` events, visit by visit in order of their starts, and hands over each.
pub(super) fn generate(events: usize, take: &mut impl FnMut(&Row<'_>)) {
    let world = World::new(events);
    let mut maker = Maker { world: &world, random: Rng::with_seed(events as u64), ids: 0 };
    let mut visitors: Vec<Visitor> = Vec::new();
    let a_day = events as f64 / EVENTS_A_VISIT / DAYS as f64;
    for day in 0..DAYS {
        let count = (a_day * WEEK[(day % 7) as usize]).round() as usize;
        let mut starts: Vec<u64> = (0..count).map(|_| maker.time_of_day()).collect();
        starts.sort_unstable();
        for start in starts {
            let start = START + day * DAY + start;
            let visitor = match visitors.is_empty() || maker.random.f64() >= RETURNING {
                true => {
                    visitors.push(maker.visitor(start));
                    visitors[visitors.len() - 1]
                }
                false => visitors[maker.random.usize(..visitors.len())],
            };
            maker.visit(start, visitor, take);
        }
    }
}

struct Maker<'a> {
    world: &'a World,
    random: Rng,
    ids: u64,
}

impl<'a> Maker<'a> {
    fn time_of_day(&mut self) -> u64 {
        let hour = self.world.hour.draw(&mut self.random) as u64;
        hour * 3_600_000 + self.random.u64(..3_600_000)
    }

    /// Random bits of an id: drawn, but never twice the same.
    fn bits(&mut self) -> [u8; 10] {
        let mut bits = [0; 10];
        self.random.fill(&mut bits[..5]);
        self.ids += 1;
        bits[5..].copy_from_slice(&self.ids.to_be_bytes()[3..]);
        bits
    }

    fn visitor(&mut self, at: u64) -> Visitor {
        let id = UserId::new(at, &self.bits());
        let place = self.world.place.draw(&mut self.random) as u32;
        let agent = self.world.agent.draw(&mut self.random) as u32;
        let person = (self.random.f64() < 0.05).then(|| self.random.u32(..));
        Visitor { id, place, agent, person }
    }

    fn visit(&mut self, start: u64, visitor: Visitor, take: &mut impl FnMut(&Row<'_>)) {
        let world = self.world;
        let person = visitor.person.map(|number| format!("person-{number:08x}")).unwrap_or_default();
        let origin = &world.origins[world.origin.draw(&mut self.random)];
        let referrer = &origin.referrers[self.random.usize(..origin.referrers.len())];
        let has_campaign = origin.channel.starts_with("Paid") || origin.channel == "Email";
        let campaign = (has_campaign || self.random.f64() < 0.05).then(|| {
            let name = &world.campaigns[world.campaign.draw(&mut self.random)];
            (name.as_str(), world.terms[self.random.usize(..world.terms.len())].as_str())
        });
        let said = Said {
            place: &world.places[visitor.place as usize],
            agent: &world.agents[visitor.agent as usize],
            origin,
            referrer,
            campaign,
            person: &person,
        };
        let session = SessionId::new(start, &self.bits());
        let mut at = start + self.random.u64(..50);
        loop {
            let row = said.of(Row::new(
                EventId::new(at, &self.bits()),
                at,
                visitor.id,
                session,
                PageId::new(at, &self.bits()),
                Kind::PageView,
            ));
            at = self.page(row, take);
            // 2.1 pages a visit on average.
            if self.random.f64() < 0.475 {
                return;
            }
        }
    }

    /// A page view and what is done there; returns when the next page is opened.
    fn page<'r>(&mut self, row: Row<'r>, take: &mut impl FnMut(&Row<'_>)) -> u64
    where
        'a: 'r,
    {
        let world = self.world;
        let page = &world.pages[world.page.draw(&mut self.random)];
        let row = row.with(EventDim::Host, "www.example.com").with(EventDim::Path, &page.path);
        let author = &world.authors[page.title.len() * page.path.len() % world.authors.len()];
        let about: [(&str, &str); 2] = [("author", author), ("section", page.section)];
        let query = if self.random.f64() < 0.05 { "page=2" } else { "" };
        let is_article = page.section == "blog" || page.section == "news" || page.section == "docs";
        take(&Row {
            props: if is_article { &about } else { &[] },
            ..row.with(EventDim::Title, &page.title).with(EventDim::Query, query)
        });
        // Log-normal, as reading times are: half of the pages are left within 20 s.
        let normal = (0..6).map(|_| self.random.f64()).sum::<f64>() - 3.0;
        let stay = (20_000.0 * (normal * 1.7).exp()) as u64;
        if self.random.f64() < 0.13 {
            take(&self.later(row, stay, Kind::Click));
        }
        let product = world.products[self.random.usize(..world.products.len())].as_str();
        if self.random.f64() < 0.08 {
            let names = ["search", "add_to_cart", "video_play", "share"];
            let name = names[self.random.usize(..names.len())];
            let plan = ["free", "basic", "pro"][self.random.usize(..3)];
            let event = self.later(row, stay, Kind::Custom).with(EventDim::Name, name);
            take(&Row { props: &[("plan", plan), ("product", product)], ..event });
        }
        if self.random.f64() < 0.015 {
            let amount = (1_000 * self.random.u32(9..90)).to_string();
            let currency = if self.random.f64() < 0.8 { "KRW" } else { "EUR" };
            let event = self.later(row, stay, Kind::Conversion).with(EventDim::Name, "purchase");
            take(&Row { amount: &amount, currency, props: &[("product", product)], ..event });
        }
        // Some tabs die without a last word.
        if self.random.f64() < 0.92 {
            let engaged_ms = (stay as f64 * (0.5 + self.random.f64() * 0.5)) as u64;
            let at = row.at + stay;
            let id = EventId::new(at, &self.bits());
            let scroll_percent = 20 + self.random.u8(..9) * 10;
            take(&Row { id, at, kind: Kind::Heartbeat, engaged_ms, scroll_percent, ..row });
        }
        row.at + stay + self.random.u64(200..3_000)
    }

    /// Something on a page while somebody stayed there.
    fn later<'r>(&mut self, row: Row<'r>, stay: u64, kind: Kind) -> Row<'r> {
        let at = row.at + (stay as f64 * self.random.f64()) as u64;
        Row { id: EventId::new(at, &self.bits()), at, kind, ..row }
    }
}

impl<'a> Said<'a> {
    fn of<'r>(&self, row: Row<'r>) -> Row<'r>
    where
        'a: 'r,
    {
        let (name, term) = self.campaign.unwrap_or_default();
        let marked = |text| if self.campaign.is_some() { text } else { "" };
        row.with_visit(VisitDim::Country, self.place.country)
            .with_visit(VisitDim::Region, &self.place.region)
            .with_visit(VisitDim::City, &self.place.city)
            .with_visit(VisitDim::Language, self.place.language)
            .with_visit(VisitDim::Device, self.agent.device)
            .with_visit(VisitDim::Browser, self.agent.browser)
            .with_visit(VisitDim::BrowserVersion, &self.agent.browser_version)
            .with_visit(VisitDim::Os, self.agent.os)
            .with_visit(VisitDim::OsVersion, &self.agent.os_version)
            .with_visit(VisitDim::Screen, self.agent.screen)
            .with_visit(VisitDim::Source, &self.origin.source)
            .with_visit(VisitDim::Channel, self.origin.channel)
            .with_visit(VisitDim::Referrer, self.referrer)
            .with_visit(VisitDim::ClickId, self.origin.click_id)
            .with_visit(VisitDim::UtmSource, marked(&self.origin.source))
            .with_visit(VisitDim::UtmMedium, marked("cpc"))
            .with_visit(VisitDim::UtmCampaign, name)
            .with_visit(VisitDim::UtmTerm, term)
            .with_visit(VisitDim::Person, self.person)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn data_are_as_many_and_as_mixed_as_said() {
        let (mut kinds, mut ids, mut visits) = (HashMap::new(), HashSet::new(), HashSet::new());
        let (mut count, mut props) = (0_usize, 0);
        generate(100_000, &mut |row| {
            *kinds.entry(row.kind).or_insert(0_usize) += 1;
            ids.insert(row.id);
            visits.insert(row.session);
            count += 1;
            props += row.props.len();
        });
        assert_eq!(ids.len(), count);
        assert!((95_000..105_000).contains(&count), "{count}");
        assert!((0.42..0.52).contains(&(kinds[&Kind::PageView] as f64 / count as f64)), "{kinds:?}");
        assert!((4.2..4.7).contains(&(count as f64 / visits.len() as f64)), "{}", visits.len());
        assert!((0.5..0.8).contains(&(props as f64 / count as f64)), "{props}");
    }

    #[test]
    fn equal_sizes_give_equal_data() {
        let told = || {
            let mut ids = Vec::new();
            generate(1_000, &mut |row| ids.push((row.id, row.at)));
            ids
        };
        assert_eq!(told(), told());
    }
}
