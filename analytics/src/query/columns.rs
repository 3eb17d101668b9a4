//! Which columns a query reads, so that no others are loaded.

use protocol::query::{Dimension, Filter, GoalOn, Metric, Query, VisitField};

use super::source::visit_dim;
use crate::columns::{Column, Columns};
use crate::row::EventDim;

/// The columns a query reads. Paths and engagement are always among them, because every [`Index`](super::Index)
/// needs them; its hosts are empty unless hosts are asked for.
pub fn columns(query: &Query) -> Columns {
    let mut columns = Columns::NONE.with(Column::Engagement).with(Column::Event(EventDim::Path));
    for dimension in &query.dimensions {
        columns = with_dimension(columns, dimension, query);
    }
    for filter in &query.filters {
        columns = with_filter(columns, filter, query);
    }
    for metric in &query.metrics {
        columns = match metric {
            Metric::Conversions | Metric::ConversionRate | Metric::GroupConversionRate => {
                with_goals(columns, query)
            }
            Metric::TotalRevenue | Metric::AverageRevenue => {
                columns.with(Column::Revenue).with(Column::Event(EventDim::OddAmount))
            }
            Metric::TimeOnPage | Metric::ScrollDepth => columns.with(Column::Pages),
            _ => columns,
        };
    }
    columns
}

fn with_filter(columns: Columns, filter: &Filter, query: &Query) -> Columns {
    match filter {
        Filter::And(all) | Filter::Or(all) => {
            all.iter().fold(columns, |columns, filter| with_filter(columns, filter, query))
        }
        Filter::Not(inner) | Filter::HasDone(inner) => with_filter(columns, inner, query),
        Filter::Test(test) => with_dimension(columns, &test.dimension, query),
    }
}

fn with_goals(columns: Columns, query: &Query) -> Columns {
    let by_event = query.goals.iter().any(|goal| matches!(goal.on, GoalOn::Event(_)));
    let columns = if by_event { columns.with(Column::Event(EventDim::Name)) } else { columns };
    let by_property = query.goals.iter().any(|goal| !goal.props.is_empty());
    if by_property { columns.with(Column::Properties) } else { columns }
}

fn with_dimension(columns: Columns, dimension: &Dimension, query: &Query) -> Columns {
    match dimension {
        Dimension::Page | Dimension::EntryPage | Dimension::ExitPage => columns,
        Dimension::Host | Dimension::EntryHost | Dimension::ExitHost => {
            columns.with(Column::Event(EventDim::Host))
        }
        Dimension::Title => columns.with(Column::Event(EventDim::Title)),
        Dimension::EventName => columns.with(Column::Event(EventDim::Name)),
        Dimension::Goal if query.goals.is_empty() => columns.with(Column::Event(EventDim::Name)),
        Dimension::Goal => with_goals(columns, query),
        Dimension::Property(_) => columns.with(Column::Properties),
        Dimension::Visit(field) => with_field(columns, *field),
        Dimension::Time(_) | Dimension::HourOfDay | Dimension::Weekday => columns,
    }
}

fn with_field(columns: Columns, field: VisitField) -> Columns {
    columns.with(Column::Visit(visit_dim(field)))
}
