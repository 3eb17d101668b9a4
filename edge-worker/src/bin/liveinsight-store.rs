//! `liveinsight-store create-tables`: makes the tables of a DynamoDB that has none.
//!
//! Told by the same variables as the worker: `DYNAMODB_ENDPOINT`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
//! `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `TABLE_PREFIX`.

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
    let config = match StoreConfig::read(&|name| std::env::var(name).ok()) {
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
