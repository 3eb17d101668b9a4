//! The build steps of LiveInsight: `cargo xtask <command>`, or the scripts of package.json.
//!
//! From a fresh checkout it finds or installs the compilers and tools, builds tracker, dashboard and worker, runs
//! them with a local database, tests and measures them. Everything made on the way is in a cache outside the
//! checkout.

mod admin;
mod apt;
mod bench;
mod build;
mod chaos;
mod chromium;
mod deploy;
mod files;
mod hash;
mod lists;
mod lockfile;
mod npm;
mod paths;
mod process;
mod progress;
mod python;
mod rivals;
mod screenshots;
mod serve;
mod setup;
mod size;
mod start;
mod suites;
mod table;
mod toolchain;
mod tools;
mod traffic;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use lexopt::prelude::{Long, Short, Value, ValueExt};

use files::BuildLock;
use paths::Paths;
use progress::Progress;
use setup::Setup;

const USAGE: &str = "\
LiveInsight's build steps

  npm start [-- --traffic]      build and run everything locally; --traffic adds made-up visitors
  npm test [-- <suite>...]      build and test everything, or only the named suites
  npm run build                 build tracker, dashboard and worker into dist/
  npm run size                  build, then print what has to be loaded
  npm run bench [-- <name> [--<option>...]]
                                build, then run the benchmarks; names: enrich ingest cost query tracker; options: at the
                                head of bench/src/<name>.rs, bench/src/query/mod.rs, bench/tracker/run.mjs
  npm run screenshots           build, then take the pictures of README and docs anew
  npm run chaos [-- --<option>...]
                                build, then prove that nothing is lost while everything fails; --help lists the options
  npm run deploy -- --env <name> [--dry-run] [--yes] [--rotate-key] [--config <file>]
                                build, then change the stack on AWS and the worker on Cloudflare;
                                --dry-run does all that needs no network
  npm run destroy -- --env <name> [--confirm <name>] [--and-data]
                                delete them; the tables stay but with --and-data
  cargo xtask serve [--ready-json]
                                run what is already built
  cargo xtask lists [--from <folder>]
                                refresh the lists in enrich/data/ from the projects that keep them,
                                or from copies of their files
  cargo xtask admin <command>   look after people and sites, recover access: create-owner,
                                reset-password, disable-totp, revoke-sessions, set-role, add-site,
                                new-token, list; --help says more
  cargo xtask compact [--site <id>] [--from <day>] [--to <day>] [--anew]
                                build the segments that are due, without queues
  cargo xtask verify --site <id> --day <day>
                                count a day's rows one by one and compare with the answers
  cargo xtask erase --site <id> (--person|--visitor|--session) <id>
                                erase somebody from every table
  cargo xtask delete-site <id> --name <name>
                                delete a site with all its events
  cargo xtask tasks [--resume]  erasures and deletions: print them, or go on with them
  cargo xtask backup --site <id> --out <file>
                                write a site's settings and events to a file
  cargo xtask import --site <id> --from liveinsight|plausible|umami|ga4 [--dry-run] <file>...
                                bring in a backup, or what another product has exported
  cargo xtask export --site <id> --from <day> --to <day> [--format parquet|ndjson|csv] --out <file>
                                write the events of days to a file

Suites: cargo-test store export infra worker operations schemathesis
        tracker dashboard end-to-end chaos fmt clippy clippy-wasm32 rustdoc
        biome licences fuzz

Environment
  LIVEINSIGHT_PORT              first of three ports, 8787 if not set; 0 picks free ones
  LIVEINSIGHT_DATA_DIR          database, secrets and logs
  LIVEINSIGHT_CACHE             tools and build output, safe to delete
  LIVEINSIGHT_ADMIN_PASSWORD    password of the owner; otherwise one is made and kept
  LIVEINSIGHT_SITES             sites to make as JSON, instead of the demo shop
  LIVEINSIGHT_SEED              off: make no owner and no sites; the set-up token is printed instead
  LIVEINSIGHT_DYNAMODB_ENDPOINT another DynamoDB than the local one; with AWS_ACCESS_KEY_ID,
                                AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION
  LIVEINSIGHT_TABLE_PREFIX      start of the table names, liveinsight- if not set
  LIVEINSIGHT_OVERFLOW_QUEUE    off: what cannot be stored is refused instead of queued
  LIVEINSIGHT_ENVIRONMENT       publish metrics under this name; off if not set
  LIVEINSIGHT_CLOUDWATCH_ENDPOINT
                                where to; that of AWS_REGION if not set
  LIVEINSIGHT_TRACE_ENDPOINT    tell a collector of OpenTelemetry of a share of the requests; with
                                LIVEINSIGHT_TRACE_HEADERS and LIVEINSIGHT_TRACE_SHARE
  LIVEINSIGHT_LOG_SHARE         share of the refused requests that are logged, 1 if not set
  LIVEINSIGHT_MAIL_FROM         sender of alerts and reports by e-mail; off if not set. With
                                LIVEINSIGHT_SES_ENDPOINT, or LIVEINSIGHT_MAIL_API_URL and
                                LIVEINSIGHT_MAIL_API_TOKEN, see docs/alerts.md
  LIVEINSIGHT_CHROMIUM          browser of the tests
  LIVEINSIGHT_RUST              path or system: use only that compiler for wasm
";

/// Exit code after Ctrl-C, as shells count it.
const INTERRUPTED: u8 = 130;
/// Exit code for a command line that makes no sense.
const WRONG_USAGE: u8 = 2;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Help,
    Build,
    Start {
        traffic: bool,
    },
    Serve {
        ready_json: bool,
    },
    Test {
        suites: Vec<String>,
    },
    Size,
    Screenshots,
    Deploy(deploy::Options),
    Destroy(deploy::Options),
    Bench {
        arguments: Vec<String>,
    },
    Chaos {
        arguments: Vec<String>,
    },
    Lists {
        from: Option<PathBuf>,
    },
    /// A command of the store tool.
    Tool {
        name: &'static str,
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let command = match parse(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return ExitCode::from(WRONG_USAGE);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if process::interrupted() => ExitCode::from(INTERRUPTED),
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    if command == Command::Help {
        print!("{USAGE}");
        return Ok(());
    }
    let paths = Paths::discover()?;
    let progress = Progress::new(paths.logs());
    process::stop_on_signals()?;
    if env::var_os("LIVEINSIGHT_STOP_WITH_PARENT").is_some()
        || matches!(command, Command::Serve { ready_json: true })
    {
        process::stop_with_parent();
    }
    match command {
        Command::Help => Ok(()),
        Command::Build => built(&paths, &progress).and_then(|setup| build::print_integrity(&setup.paths)),
        Command::Start { traffic } => start::run(&paths, &progress, traffic),
        Command::Serve { ready_json } => serve::run(&paths, ready_json),
        Command::Test { suites } => suites::run(&paths, &progress, &suites),
        Command::Deploy(options) => deploy::run(&paths, &progress, &options),
        Command::Destroy(options) => deploy::destroy(&paths, &progress, &options),
        Command::Size => size::run(&built(&paths, &progress)?),
        Command::Screenshots => screenshots::run(&built(&paths, &progress)?),
        Command::Bench { arguments } => {
            let setup = match bench::needs_artefacts(&arguments) {
                true => built(&paths, &progress)?,
                false => Setup::prepare(&paths, &progress)?,
            };
            bench::run(&setup, &arguments)
        }
        Command::Chaos { arguments } => chaos::run(&built(&paths, &progress)?, &arguments),
        Command::Lists { from } => lists::run(&paths, from.as_deref()),
        Command::Tool { name, arguments } => match admin::run(&paths, &progress, name, &arguments)?.code() {
            Some(0) => Ok(()),
            // The tool has said what is wrong.
            code => std::process::exit(code.unwrap_or(1)),
        },
    }
}

fn built(paths: &Paths, progress: &Progress) -> Result<Setup> {
    let _lock = BuildLock::acquire(paths)?;
    let setup = Setup::prepare(paths, progress)?;
    build::all(&setup)?;
    Ok(setup)
}

fn parse(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let Some(first) = parser.next()? else { return Ok(Command::Help) };
    let mut command = match first {
        Long("help") | Short('h') => return Ok(Command::Help),
        Value(name) => match name.string()?.as_str() {
            "help" => return Ok(Command::Help),
            "build" => Command::Build,
            "start" => Command::Start { traffic: false },
            "serve" => Command::Serve { ready_json: false },
            "test" => Command::Test { suites: Vec::new() },
            "size" => Command::Size,
            "screenshots" => Command::Screenshots,
            "deploy" => return Ok(Command::Deploy(deploy::Options::parse(&mut parser)?)),
            "destroy" => return Ok(Command::Destroy(deploy::Options::parse(&mut parser)?)),
            "bench" => Command::Bench { arguments: Vec::new() },
            "chaos" => Command::Chaos { arguments: Vec::new() },
            "lists" => Command::Lists { from: None },
            "admin" => Command::Tool { name: "admin", arguments: Vec::new() },
            "verify" => Command::Tool { name: "verify", arguments: Vec::new() },
            "export" => Command::Tool { name: "export", arguments: Vec::new() },
            "compact" => Command::Tool { name: "compact", arguments: Vec::new() },
            "erase" => Command::Tool { name: "erase", arguments: Vec::new() },
            "delete-site" => Command::Tool { name: "delete-site", arguments: Vec::new() },
            "tasks" => Command::Tool { name: "tasks", arguments: Vec::new() },
            "backup" => Command::Tool { name: "backup", arguments: Vec::new() },
            "import" => Command::Tool { name: "import", arguments: Vec::new() },
            other => return Err(format!("there is no command `{other}`").into()),
        },
        other => return Err(other.unexpected()),
    };
    if let Command::Bench { arguments } | Command::Chaos { arguments } | Command::Tool { arguments, .. } =
        &mut command
    {
        // They belong to the program that is run, its --help included.
        for argument in parser.raw_args()? {
            arguments.push(argument.string()?);
        }
        return Ok(command);
    }
    while let Some(argument) = parser.next()? {
        match (argument, &mut command) {
            (Long("help") | Short('h'), _) => return Ok(Command::Help),
            (Long("traffic"), Command::Start { traffic }) => *traffic = true,
            (Long("ready-json"), Command::Serve { ready_json }) => *ready_json = true,
            (Long("from"), Command::Lists { from }) => *from = Some(parser.value()?.into()),
            (Value(name), Command::Test { suites }) => suites.push(name.string()?),
            (other, _) => return Err(other.unexpected()),
        }
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, String> {
        parse(lexopt::Parser::from_args(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn commands_take_their_own_arguments() {
        assert_eq!(parsed(&["start", "--traffic"]), Ok(Command::Start { traffic: true }));
        assert_eq!(parsed(&["serve", "--ready-json"]), Ok(Command::Serve { ready_json: true }));
        let suites = vec!["store".to_owned(), "worker".to_owned()];
        assert_eq!(parsed(&["test", "store", "worker"]), Ok(Command::Test { suites }));
        assert_eq!(parsed(&["lists"]), Ok(Command::Lists { from: None }));
        assert_eq!(
            parsed(&["lists", "--from", "copies"]),
            Ok(Command::Lists { from: Some("copies".into()) })
        );
        let arguments = vec!["ingest".to_owned(), "--seconds".to_owned(), "5".to_owned()];
        assert_eq!(parsed(&["bench", "ingest", "--seconds", "5"]), Ok(Command::Bench { arguments }));
        let arguments = vec!["--minutes".to_owned(), "1".to_owned()];
        assert_eq!(parsed(&["chaos", "--minutes", "1"]), Ok(Command::Chaos { arguments }));
        let arguments = vec!["list".to_owned(), "--help".to_owned()];
        assert_eq!(parsed(&["admin", "list", "--help"]), Ok(Command::Tool { name: "admin", arguments }));
    }

    #[test]
    fn help_is_everywhere() {
        for arguments in [&["--help"][..], &["start", "--help"], &["test", "store", "-h"], &["help"], &[]] {
            assert_eq!(parsed(arguments), Ok(Command::Help));
        }
    }

    #[test]
    fn what_is_unknown_is_refused() {
        assert!(parsed(&["run"]).unwrap_err().contains("run"));
        assert!(parsed(&["build", "--traffic"]).unwrap_err().contains("--traffic"));
        assert!(parsed(&["size", "now"]).is_err());
    }
}
