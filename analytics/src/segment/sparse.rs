//! Columns of some events only: heartbeats, revenue, properties.

use super::SegmentError;
use super::bits::{Input, put_varint, unzigzag, zigzag};
use super::columns::{Rows, Shared, contexts, read_texts, write_texts};
use super::ints;
use super::texts::{read_dict, write_dict};
use super::visits::Counts;
use crate::amount::Amount;
use crate::columns::Column;
use crate::dataset::{Dataset, Property, Revenue};
use crate::dict::Texts;
use crate::row::{EventDim, Kind};

/// How long each heartbeat's page had been open: as long as engaged time can be, and often is.
fn open_ms(data: &Dataset) -> Vec<i64> {
    let mut open = Vec::new();
    for visit in 0..data.visit_count() {
        let first = data.pages_of(visit).start;
        let events = data.events_of(visit);
        let kinds = data.kinds.get(events.clone()).unwrap_or_default();
        let at = data.at.get(events.clone()).unwrap_or_default();
        for (event, (kind, at)) in events.zip(kinds.iter().zip(at)) {
            if *kind == Kind::Heartbeat {
                let page = first + data.pages.get(event) as usize;
                open.push(i64::from(*at) - i64::from(data.page_starts.get(page).copied().unwrap_or(0)));
            }
        }
    }
    open
}

/// Appends engaged time, as it is or as the distance from the time the page had been open, and scroll depth.
pub(super) fn write_engagement(data: &Dataset, out: &mut Vec<u8>) {
    let plain: Vec<u64> = data.engaged.iter().map(|engaged| u64::from(*engaged)).collect();
    let idle: Vec<u64> = open_ms(data)
        .into_iter()
        .zip(&data.engaged)
        .map(|(open, engaged)| zigzag(open - i64::from(*engaged)))
        .collect();
    let (mut as_plain, mut as_idle) = (vec![0], vec![1]);
    ints::write(&plain, &mut as_plain);
    ints::write(&idle, &mut as_idle);
    out.extend_from_slice(if as_idle.len() < as_plain.len() { &as_idle } else { &as_plain });
    ints::write(&data.scroll.iter().map(|scroll| u64::from(*scroll)).collect::<Vec<_>>(), out);
}

/// Reads engaged time and scroll depth.
pub(super) fn read_engagement(
    input: &mut Input<'_>,
    counts: &Counts,
    data: &mut Dataset,
) -> Result<(), SegmentError> {
    data.engaged = match input.byte()? {
        0 => ints::read(input, counts.heartbeats, u32::MAX.into())?,
        1 => {
            let idle: Vec<u64> = ints::read(input, counts.heartbeats, u64::MAX)?;
            input.charge(counts.heartbeats, 12)?;
            let engaged = open_ms(data).into_iter().zip(idle).map(|(open, idle)| {
                let engaged =
                    open.checked_sub(unzigzag(idle)).and_then(|engaged| u32::try_from(engaged).ok());
                engaged.ok_or(SegmentError::Value)
            });
            engaged.collect::<Result<_, _>>()?
        }
        _ => return Err(SegmentError::Value),
    };
    let scroll: Vec<u32> = ints::read(input, counts.heartbeats, u8::MAX.into())?;
    data.scroll = scroll.into_iter().map(|scroll| scroll as u8).collect();
    Ok(())
}

/// Appends which events are meant: kinds, and how many events of those kinds lie between them.
fn write_places(events: &[u32], kinds: &[Kind], out: &mut Vec<u8>) {
    let mask = events.iter().fold(0_u8, |mask, event| mask | 1 << kinds[*event as usize] as u8);
    let mut meant = events.iter().copied().peekable();
    let (mut gaps, mut gap) = (Vec::with_capacity(events.len()), 0);
    for (event, kind) in (0_u32..).zip(kinds) {
        if meant.next_if_eq(&event).is_some() {
            gaps.push(gap);
            gap = 0;
        } else {
            gap += u64::from(mask >> *kind as u8 & 1);
        }
    }
    out.push(mask);
    put_varint(out, events.len() as u64);
    ints::write(&gaps, out);
}

fn read_places(input: &mut Input<'_>, data: &Dataset, shared: &Shared) -> Result<Vec<u32>, SegmentError> {
    let mask = input.byte()?;
    let count = input.count()?;
    input.charge(shared.cost(&data.kinds, mask), 1)?;
    let meant = shared.events_of_kinds(&data.kinds, mask);
    if count > meant.len() {
        return Err(SegmentError::Value);
    }
    let gaps: Vec<u32> = ints::read(input, count, u32::MAX.into())?;
    input.charge(count, 4)?;
    let mut place = 0_usize;
    let places = gaps.into_iter().map(|gap| {
        place = place.saturating_add(gap as usize);
        let event = meant.get(place).copied().ok_or(SegmentError::Value);
        place += 1;
        event
    });
    places.collect()
}

/// Appends amounts and currencies.
pub(super) fn write_revenue(data: &Dataset, shared: &Shared, out: &mut Vec<u8>) -> u64 {
    let Revenue { events, amounts, currencies } = &data.revenue;
    write_places(events, &data.kinds, out);
    // Most prices have far fewer digits than there is room for.
    let unit = amounts.iter().fold(0, |unit, amount| gcd(unit, amount.0.unsigned_abs())).max(1);
    put_varint(out, unit);
    let units: Vec<u64> = amounts.iter().map(|amount| in_units(amount.0, unit)).collect();
    ints::write(&units, out);
    let codes: Vec<u32> = currencies.codes.iter().collect();
    write_texts(data, shared, (currencies, &Rows::Some(events)), &codes, &[], out)
}

fn in_units(amount: i64, unit: u64) -> u64 {
    // A unit above `i64::MAX` is that of the least amount there is, alone or beside zeros.
    zigzag(i64::try_from(unit).map_or(if amount == 0 { 0 } else { -1 }, |unit| amount / unit))
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Reads amounts and currencies.
pub(super) fn read_revenue(
    input: &mut Input<'_>,
    data: &Dataset,
    shared: &Shared,
) -> Result<Revenue, SegmentError> {
    let events = read_places(input, data, shared)?;
    let unit = input.varint()?;
    let units: Vec<u64> = ints::read(input, events.len(), u64::MAX)?;
    input.charge(events.len(), 8)?;
    let amounts = units.into_iter().map(|units| {
        let amount = i128::from(unzigzag(units)) * i128::from(unit);
        i64::try_from(amount).map(Amount).map_err(|_| SegmentError::Value)
    });
    let amounts = amounts.collect::<Result<_, _>>()?;
    let currencies = read_texts(input, data, shared, &Rows::Some(&events))?;
    Ok(Revenue { events, amounts, currencies })
}

/// Appends all properties, each with its length in front, so that others can be passed over.
pub(super) fn write_properties(data: &Dataset, shared: &Shared, out: &mut Vec<u8>) -> u64 {
    let contexts = contexts(&[Column::Event(EventDim::Path), Column::Event(EventDim::Name)]);
    let mut needs = 0;
    let mut keys = crate::dict::Dict::default();
    data.properties.iter().for_each(|property| keys.push(&property.key));
    write_dict(&keys, out);
    for property in &data.properties {
        let mut bytes = Vec::new();
        write_places(&property.events, &data.kinds, &mut bytes);
        let codes: Vec<u32> = property.values.codes.iter().collect();
        let rows = Rows::Some(&property.events);
        needs |= write_texts(data, shared, (&property.values, &rows), &codes, &contexts, &mut bytes);
        put_varint(out, bytes.len() as u64);
        out.extend_from_slice(&bytes);
    }
    needs
}

/// Reads all properties.
pub(super) fn read_properties(
    input: &mut Input<'_>,
    data: &Dataset,
    shared: &Shared,
) -> Result<Vec<Property>, SegmentError> {
    let keys = read_dict(input)?;
    input.charge(keys.len(), size_of::<Property>())?;
    let mut properties = Vec::with_capacity(keys.len() - 1);
    for key in keys.iter().skip(1) {
        let length = input.count()?;
        let mut body = Input::new(input.take(length)?, input.budget());
        let events = read_places(&mut body, data, shared)?;
        let values: Texts = read_texts(&mut body, data, shared, &Rows::Some(&events))?;
        body.expect_end()?;
        input.charge(input.budget() - body.budget(), 1)?;
        if events.is_empty() {
            return Err(SegmentError::Value);
        }
        properties.push(Property { key: key.into(), events, values });
    }
    Ok(properties)
}
