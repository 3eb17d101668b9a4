//! Lists of visits, the newest first.

use protocol::UserId;
use protocol::query::{Query, QueryError, VisitCursor, VisitRow, VisitsAnswer};

use crate::dataset::Dataset;
use crate::query::{Block, Index, Input, Scan, Source, at, covered};
use crate::row::{Kind, VisitDim, user_hash};

/// The number of a visitor as it is written in answers and questions: see [`VisitRow::visitor`].
pub fn visitor_name(hash: u64) -> String {
    format!("{hash:016x}")
}

/// The number of a visitor by [`visitor_name`], or by the id that the browser keeps.
pub fn visitor_number(text: &str) -> Option<u64> {
    if text.len() == 16 {
        return u64::from_str_radix(text, 16).ok();
    }
    UserId::parse(text).ok().map(|user| user_hash(&user))
}

/// A page of the visits that have a selected action: at most `limit`, those before `before`. Range, filters and
/// definitions are the query's; what its metrics and dimensions say is not read. What is told of a visit is of all
/// that is loaded of it.
///
/// # Errors
/// A filter holds an expression that is none.
pub fn visits(
    data: &Dataset,
    index: &Index,
    query: &Query,
    before: Option<VisitCursor>,
    limit: usize,
) -> Result<VisitsAnswer, QueryError> {
    let input = Input { data, index };
    let mut scan = Scan::new(input, query, &query.period.range, &query.filters, false)?;
    let mut block = Block::default();
    let mut total = 0;
    // One more than asked for, to know whether there is another page.
    let wanted = limit.saturating_add(1);
    let mut found: Vec<(VisitCursor, usize)> = Vec::new();
    while scan.next(&mut block) {
        for slot in block.slots() {
            total += 1;
            let visit = slot.visit as usize;
            let key = VisitCursor { started_at: at(data.starts(), visit), visitor: at(data.users(), visit) };
            if before.is_none_or(|before| key < before) {
                found.push((key, visit));
            }
        }
        if found.len() > 2 * wanted {
            newest(&mut found, wanted);
        }
    }
    newest(&mut found, wanted);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(key, _)| key.to_string());
    let visits = found.into_iter().map(|(_, visit)| row(input, query, visit)).collect();
    Ok(VisitsAnswer { visits, total, next, covered: covered(input, query) })
}

fn newest(found: &mut Vec<(VisitCursor, usize)>, wanted: usize) {
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.truncate(wanted);
}

fn row(input: Input<'_>, query: &Query, visit: usize) -> VisitRow {
    let Input { data, index } = input;
    let judged = input.judge(query.definitions, visit);
    let start = at(data.starts(), visit);
    let (mut actions, mut conversions) = (0, 0);
    for kind in data.kinds().get(data.events_of(visit)).unwrap_or_default() {
        actions += u32::from(*kind != Kind::Heartbeat);
        conversions += u32::from(*kind == Kind::Conversion);
    }
    let path = |source: Source<'_>| source.text(data, source.of_visit(input, visit)).to_owned();
    VisitRow {
        visitor: visitor_name(at(data.users(), visit)),
        started_at: start,
        last_at: start.saturating_add_signed(at(&index.last_action, visit).into()),
        engaged_ms: judged.engaged_ms,
        bounced: judged.bounced,
        views: index.views.get(visit),
        actions,
        conversions,
        entry: path(Source::EntryPage),
        exit: path(Source::ExitPage),
        said: said(data, visit),
    }
}

/// What is said of a visit, by name; only what is known.
pub(crate) fn said(data: &Dataset, visit: usize) -> std::collections::BTreeMap<String, String> {
    let all = VisitDim::ALL.into_iter().map(|dim| (dim.name(), data.visit(dim).get(visit)));
    let mut said = std::collections::BTreeMap::new();
    for (name, text) in all.filter(|(_, text)| !text.is_empty()) {
        said.insert(name.to_owned(), text.to_owned());
    }
    said
}

/// The page of visits of data sets that share no visit, out of their pages.
pub fn united_visits(parts: Vec<VisitsAnswer>, limit: usize) -> VisitsAnswer {
    let mut answer = VisitsAnswer::default();
    let mut more = false;
    for part in parts {
        more |= part.next.is_some();
        answer.total += part.total;
        answer.covered.add(&part.covered);
        answer.visits.extend(part.visits);
    }
    let key = |row: &VisitRow| VisitCursor {
        started_at: row.started_at,
        visitor: visitor_number(&row.visitor).unwrap_or(0),
    };
    answer.visits.sort_unstable_by_key(|row| std::cmp::Reverse(key(row)));
    more |= answer.visits.len() > limit;
    answer.visits.truncate(limit);
    answer.next = answer.visits.last().filter(|_| more).map(|row| key(row).to_string());
    answer
}
