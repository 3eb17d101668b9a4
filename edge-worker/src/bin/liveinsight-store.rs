//! `liveinsight-store create-tables`: makes the tables of a DynamoDB that has none.
//!
//! Told by the variables of `npm start`: `LIVEINSIGHT_DYNAMODB_ENDPOINT`, `LIVEINSIGHT_TABLE_PREFIX`,
//! `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.

use std::process::ExitCode;

use edge_worker::config::StoreConfig;
use edge_worker::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments != ["create-tables"] {
        eprintln!("usage: liveinsight-store create-tables");
        return ExitCode::from(2);
    }
    let variable = |name: &str| {
        let name = match name {
            "DYNAMODB_ENDPOINT" | "TABLE_PREFIX" => format!("LIVEINSIGHT_{name}"),
            _ => name.to_owned(),
        };
        std::env::var(name).ok()
    };
    let config = match StoreConfig::read(&variable) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    match Store::new(&config).create_tables().await {
        Ok(tables) => {
            for created in tables {
                println!("{} {}", created.table, if created.new { "created" } else { "is there" });
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
