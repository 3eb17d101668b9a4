//! `POST /api/v2/query`: one typed question, in the shape of Plausible's Stats API v2.

use analytics::ask::{RowsOf, Several};
use analytics::{DAY_MS, Span};
use protocol::account::ShareFilter;
use protocol::api::Began;
use protocol::problem::{Code, Problem};
use protocol::query::{
    Answers, Context, DateRange, Dimension, Filter, OneAnswer, Op, Query, QueryError, RawQueries, RawQuery,
    Test, Times, VisitField,
};

use super::ask::ask;
use super::{Answer, Call, invalid, print};
use crate::auth::access::Principal;
use crate::http::{Request, Response};
use crate::site::Site;

impl From<QueryError> for Response {
    fn from(error: QueryError) -> Self {
        invalid(error.to_string())
    }
}

/// The site that a question names, for those who decide whether it may be asked.
pub(crate) fn site_of(request: &Request) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        site_id: String,
    }
    let named: Named = serde_json::from_slice(request.body.as_deref()?).ok()?;
    Some(named.site_id)
}

/// The body of a question.
pub(super) fn body<'a>(call: &Call<'a>) -> Result<&'a [u8], Response> {
    call.request.body.as_deref().ok_or_else(|| Response::problem(Code::BodyTooLarge, None))
}

pub(super) async fn post(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let query = checked(call, &site, RawQuery::parse(body(call)?)?).await?;
    let answer = ask(call, &site, RowsOf { query: &query }).await?;
    Ok(print::answer(call.request, &query, &answer))
}

/// `POST /api/v2/queries`: several questions about one site, for all of which its events are loaded once.
pub(super) async fn several(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let asked = RawQueries::parse(body(call)?)?;
    let mut checked_ones = Vec::with_capacity(asked.len());
    for raw in asked {
        checked_ones.push(match raw {
            Ok(raw) => match checked(call, &site, raw).await {
                Err(refusal) if refusal.status >= 500 => return Err(refusal),
                other => other,
            },
            Err(error) => Err(error.into()),
        });
    }
    let sound = checked_ones.iter().filter_map(|query| query.as_ref().ok());
    let mut asking = Several::new(sound.map(|query| RowsOf { query }).collect());
    if !asking.is_empty() {
        call.app.store.ask(&site, &mut asking, call.now()).await?;
    }
    let mut answers = asking.finish().into_iter();
    let mut results = Vec::with_capacity(checked_ones.len());
    for query in &checked_ones {
        let refused = |refusal: &Response| OneAnswer::Refused {
            // What is refused is told in a problem document.
            problem: serde_json::from_slice(&refusal.body)
                .unwrap_or_else(|_| Problem::new(Code::InvalidParameter, None)),
        };
        results.push(match query {
            Ok(_) => match answers.next() {
                Some(Ok(answer)) => OneAnswer::Answer(answer),
                Some(Err(error)) => refused(&error.into()),
                None => continue,
            },
            Err(refusal) => refused(refusal),
        });
    }
    Ok(Response::json(200, &Answers { results }))
}

/// Works out the range and checks the rest.
pub(super) async fn checked(call: &Call<'_>, site: &Site, raw: RawQuery) -> Result<Query, Response> {
    let now = call.now();
    let zone = call.app.zones.get(&site.time_zone, now, call.platform);
    let asked = raw.date_range()?;
    let began = if asked == DateRange::All { began(call, site).await? } else { now };
    let range = asked.resolve(now, &zone, began)?;
    let comparison = raw.comparison(&range, now, &zone, began)?;
    let saved = call.app.saved.of(call.accounts(), &site.id).await?.context();
    let context = Context { origin: site.origin(now), ..saved };
    let times = Times { range, comparison, zone: zone.as_ref().clone() };
    let mut query = raw.check(&times, &context)?;
    if matches!(call.principal, Principal::Share { .. }) {
        let filter = call.principal.filter().cloned().unwrap_or_default();
        refuse_what_is_not_shared(&query, &filter)?;
        query.filters.extend(of_share(&filter));
    }
    Ok(query)
}

/// `GET /api/v2/began`: where a question about `all` begins.
pub(super) async fn began_at(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let zone = call.app.zones.get(&site.time_zone, call.now(), call.platform);
    let began = zone.day_start(zone.day(began(call, &site).await?));
    Ok(Response::json(200, &Began { began }))
}

/// When the site's data begins: with its first segment that holds anything, or three days ago, which have none yet.
async fn began(call: &Call<'_>, site: &Site) -> Result<u64, Response> {
    let now = call.now();
    let oldest = site.answered_from(now);
    // Where months tell, days are read of the first alone.
    let months = call.app.store.sealed(&site.id, Span::Month, &(oldest..now)).await?;
    let first = months.iter().find(|month| month.manifest.events > 0);
    let until = first.map_or(now, |month| month.bucket.end());
    let days = call.app.store.sealed(&site.id, Span::Day, &(oldest..until)).await?;
    let first = days.iter().find(|day| day.manifest.events > 0).map(|day| day.bucket.start());
    Ok(first.unwrap_or(now - 3 * DAY_MS))
}

/// What a share link lets through, as filters.
fn of_share(filter: &ShareFilter) -> Vec<Filter> {
    let mut filters = Vec::new();
    if let Some(pattern) = &filter.page {
        // `*` stands for any text; everything else for itself.
        let parts: Vec<String> = pattern.split('*').map(escaped).collect();
        let test = Test {
            dimension: Dimension::Page,
            op: Op::Matches,
            values: vec![format!("^(?s:{})$", parts.join(".*"))],
            case_sensitive: true,
        };
        filters.push(Filter::Test(test));
    }
    if let Some(country) = &filter.country {
        filters.push(Filter::test(Dimension::Visit(VisitField::Country), Op::Is, &[country]));
    }
    if let Some(device) = filter.device {
        filters.push(Filter::test(Dimension::Visit(VisitField::Device), Op::Is, &[device.as_str()]));
    }
    filters
}

fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|sign| sign.is_ascii_punctuation().then_some('\\').into_iter().chain([sign]))
        .collect()
}

/// A reader of a link sees no people, and of a link to some pages nothing of the others that a visit went to.
fn refuse_what_is_not_shared(query: &Query, filter: &ShareFilter) -> Result<(), Response> {
    let hidden = |dimension: &Dimension| match dimension {
        Dimension::Visit(VisitField::Person) => true,
        Dimension::EntryPage | Dimension::ExitPage | Dimension::EntryHost | Dimension::ExitHost => {
            filter.page.is_some()
        }
        _ => false,
    };
    let asks = query.dimensions.iter().any(hidden)
        || query.filters.iter().any(|it| it.any(&|test| hidden(&test.dimension)))
        || filter.page.is_some() && query.filters.iter().any(has_done);
    if asks {
        let detail = "the share link does not show these dimensions".to_owned();
        return Err(Response::problem(Code::Forbidden, detail));
    }
    Ok(())
}

fn has_done(filter: &Filter) -> bool {
    match filter {
        Filter::HasDone(_) => true,
        Filter::And(all) | Filter::Or(all) => all.iter().any(has_done),
        Filter::Not(inner) => has_done(inner),
        Filter::Test(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use protocol::api::Device;
    use protocol::query::Metric;

    use super::*;

    #[test]
    fn filter_of_a_link_is_a_filter_of_the_question() {
        let filter = ShareFilter {
            page: Some("/blog/*.html".into()),
            country: Some("KR".into()),
            device: Some(Device::Mobile),
        };
        let filters = of_share(&filter);
        let Filter::Test(page) = &filters[0] else { panic!("{filters:?}") };
        assert_eq!(page.values, [r"^(?s:\/blog\/.*\.html)$"]);
        assert_eq!(filters.len(), 3);
        assert!(of_share(&ShareFilter::default()).is_empty());
    }

    #[test]
    fn link_to_some_pages_tells_nothing_of_others() {
        let pages = ShareFilter { page: Some("/a".into()), ..ShareFilter::default() };
        let ask = |dimension: Dimension, filter: &ShareFilter| {
            refuse_what_is_not_shared(&Query::new(vec![Metric::Visits], vec![dimension], 0..1), filter)
                .is_ok()
        };
        let person = || Dimension::Visit(VisitField::Person);
        assert!(ask(Dimension::Page, &pages) && ask(Dimension::EntryPage, &ShareFilter::default()));
        assert!(!ask(Dimension::EntryPage, &pages) && !ask(person(), &ShareFilter::default()));
        let mut query = Query::new(vec![Metric::Visits], Vec::new(), 0..1);
        let other = Filter::test(Dimension::Page, Op::Is, &["/b"]);
        query.filters = vec![Filter::Not(Box::new(Filter::HasDone(Box::new(other))))];
        assert!(refuse_what_is_not_shared(&query, &pages).is_err());
    }

    #[test]
    fn site_is_read_out_of_the_body() {
        let request = |body: &str| Request { body: Some(body.into()), ..Request::default() };
        assert_eq!(site_of(&request(r#"{"metrics":[],"site_id":"shop"}"#)).as_deref(), Some("shop"));
        assert_eq!(site_of(&request("[]")), None);
    }
}
