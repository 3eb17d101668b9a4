//! `liveinsight-export --site <id> --from <day> --to <day> --format parquet|ndjson|csv --out <file>`: days of UTC, the
//! last one included. Told of the store by the same variables as `liveinsight-store`.

use std::fs::File as Disk;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use analytics::{Bucket, Span};
use edge_worker::config::StoreConfig;
use edge_worker::store::Store;
use edge_worker::store::segments::Limits;
use export::write::Format;
use export::write_days;
use lexopt::prelude::{Long, ValueExt};

const USAGE: &str = "usage: export --site <id> --from <day> --to <day> [--format parquet|ndjson|csv] --out <file>\n\
                     Days are those of UTC, such as 2026-11-25; the last one is included.";

type Failure = Box<dyn std::error::Error>;

#[derive(Debug)]
struct Wish {
    site: String,
    from: Bucket,
    to: Bucket,
    format: Format,
    out: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let wish = match parse(lexopt::Parser::from_env()) {
        Ok(wish) => wish,
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&wish).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Wish, lexopt::Error> {
    let (mut site, mut from, mut to, mut out) = (None, None, None, None);
    let mut format = Format::Parquet;
    let day = |text: String| {
        let bucket = Bucket::from_name(&text).filter(|bucket| bucket.span() == Span::Day);
        bucket.ok_or_else(|| format!("`{text}` is no day: write it as 2026-11-25"))
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("site") => site = Some(parser.value()?.string()?),
            Long("from") => from = Some(day(parser.value()?.string()?)?),
            Long("to") => to = Some(day(parser.value()?.string()?)?),
            Long("out") => out = Some(parser.value()?.string()?),
            Long("format") => {
                let name = parser.value()?.string()?;
                format = Format::from_name(&name).ok_or_else(|| format!("there is no format `{name}`"))?;
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Wish {
        site: site.ok_or("--site is missing")?,
        from: from.ok_or("--from is missing")?,
        to: to.ok_or("--to is missing")?,
        format,
        out: out.ok_or("--out is missing")?,
    })
}

async fn run(wish: &Wish) -> Result<(), Failure> {
    let variable = |name: &str| {
        let name = match name {
            "DYNAMODB_ENDPOINT" | "TABLE_PREFIX" => format!("LIVEINSIGHT_{name}"),
            _ => name.to_owned(),
        };
        std::env::var(name).ok()
    };
    // Here is more memory than in an isolate.
    let limits = Limits { rows: u64::MAX, ..Limits::default() };
    let store = Store::new(&StoreConfig::read(&variable)?).with_limits(limits);
    let stored = store.accounts().site(&wish.site).await?;
    let site = stored.ok_or("there is no site of this id in the store")?.site;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let now = u64::try_from(now.as_millis())?;
    let days = Bucket::touching(Span::Day, wish.from.start()..wish.to.end());
    let events = write_days(&store, &site, days, wish.format, Disk::create(&wish.out)?, now).await?;
    println!("{}: {events} events", wish.out);
    Ok(())
}
