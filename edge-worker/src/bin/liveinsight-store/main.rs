//! What is done to an installation from the command line: making its tables, looking after its people and sites,
//! building segments, erasing, backing up and importing, printing the API's document.
//!
//! Told by the variables of `npm start`: `LIVEINSIGHT_DYNAMODB_ENDPOINT`, `LIVEINSIGHT_TABLE_PREFIX`,
//! `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.

mod admin;
mod care;
mod command;
mod compact;
mod import;
mod seed;
mod terminal;

use std::process::ExitCode;

use edge_worker::config::StoreConfig;
use edge_worker::store::Store;
use edge_worker::store::segments::Limits;

use admin::Admin;
use command::{Command, USAGE};

/// Exit code for a command line that makes no sense.
const WRONG_USAGE: u8 = 2;

/// Why a command was not carried out, for the person who typed it.
type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = match command::parse(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return ExitCode::from(WRONG_USAGE);
        }
    };
    match run(command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Help => print!("{USAGE}"),
        Command::OpenApi => println!("{}", edge_worker::api::document()),
        Command::CreateTables => {
            for created in store()?.create_tables().await? {
                println!("{} {}", created.table, if created.new { "created" } else { "is there" });
            }
        }
        Command::Seed => seed::run(&Admin::new(&store()?)).await?,
        Command::Compact(command) => compact::run(&store()?, &command).await?,
        Command::Verify { site, day } => compact::verify(&store()?, &site, day).await?,
        Command::Erase { site, wanted } => care::erase(&store()?, &site, &wanted).await?,
        Command::DeleteSite { id, name } => care::delete_site(&store()?, &id, &name).await?,
        Command::Tasks { resume } => care::tasks(&store()?, resume).await?,
        Command::Backup { site, out } => import::backup(&store()?, &site, &out).await?,
        Command::Import(command) => import::run(&store()?, &command).await?,
        Command::Admin(command) => Admin::new(&store()?).run(command).await?,
    }
    Ok(())
}

fn store() -> Result<Store, Failure> {
    let variable = |name: &str| {
        let name = match name {
            "DYNAMODB_ENDPOINT" | "TABLE_PREFIX" => format!("LIVEINSIGHT_{name}"),
            _ => name.to_owned(),
        };
        std::env::var(name).ok()
    };
    // Here is more memory than in an isolate.
    let limits = Limits { rows: u64::MAX, ..Limits::default() };
    Ok(Store::new(&StoreConfig::read(&variable)?).with_limits(limits))
}
