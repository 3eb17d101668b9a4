//! What can be typed.

use analytics::{Bucket, Span};
use lexopt::prelude::{Long, Short, Value, ValueExt};
use protocol::account::{Role, Scope};
use protocol::care::NewErasure;

use crate::import::ImportCommand;

pub(crate) const USAGE: &str = "\
Looks after a LiveInsight installation

  create-tables                     make the tables that are missing
  compact                           build the segments that are due; --site <id> of one site alone, --from <day> and
                                    --to <day> (UTC) of another time than the last two months, --anew what is there
                                    as well
  verify                            count a day's rows one by one and compare with what questions are answered;
                                    --site <id>, --day <day> (UTC)
  erase                             erase somebody: --site <id>, and --person <id> (the site's own), --visitor <id> or
                                    --session <id>
  delete-site <id>                  delete a site with all its events; --name <name> has to be its name
  tasks                             print erasures and deletions; --resume goes on with those that are not done
  backup                            write a site's settings and events to a file: --site <id>, --out <file>
  import <file>...                  bring in events: --site <id>, --from liveinsight|plausible|umami|ga4; --dry-run
                                    only says what would be stored, --conversion <event> (again for more) names
                                    events that are conversions. A backup makes its site if there is none
  openapi                           print the API's document
  admin create-owner <email>        let an owner in; --name <name>
  admin reset-password <email>      give a person another password; all sessions end
  admin disable-totp <email>        turn a person's second factor off; all sessions end
  admin revoke-sessions <email>     sign a person out everywhere
  admin set-role <email> <role>     owner, admin, editor, viewer or none
  admin add-site <id> <domain>...   make a site; --name <name>, --time-zone <zone>
  admin new-token <email> <name>    make an API token of a person; --scope read|ingest|manage (again for
                                    more), --site <id>, --days <number>
  admin list                        print people, sites and tokens

A password is made and printed once, or read from the first line of standard input with --password-stdin.
";

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    CreateTables,
    OpenApi,
    /// What `npm start` needs to be there, as JSON on standard input.
    Seed,
    /// Builds segments.
    Compact(CompactCommand),
    /// Checks a day of a site.
    Verify {
        site: String,
        day: Bucket,
    },
    /// Erases somebody.
    Erase {
        site: String,
        wanted: NewErasure,
    },
    /// Deletes a site.
    DeleteSite {
        id: String,
        name: String,
    },
    /// Prints tasks, and goes on with them.
    Tasks {
        resume: bool,
    },
    /// Writes a site to a file.
    Backup {
        site: String,
        out: String,
    },
    /// Brings events in.
    Import(ImportCommand),
    Admin(AdminCommand),
}

/// Which segments are to be built.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CompactCommand {
    /// Of this site alone.
    pub(crate) site: Option<String>,
    /// From this day on.
    pub(crate) from: Option<Bucket>,
    /// Up to and with this day.
    pub(crate) to: Option<Bucket>,
    /// What is there as well.
    pub(crate) anew: bool,
}

/// What is to be done to people and sites.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AdminCommand {
    CreateOwner { email: String, name: String, password_stdin: bool },
    ResetPassword { email: String, password_stdin: bool },
    DisableTotp { email: String },
    RevokeSessions { email: String },
    SetRole { email: String, role: Option<Role> },
    AddSite { id: String, domains: Vec<String>, name: String, time_zone: Option<String> },
    NewToken { email: String, name: String, scopes: Vec<Scope>, site: Option<String>, days: Option<u32> },
    List,
}

/// Everything that may follow a command.
#[derive(Default)]
struct Rest {
    plain: std::collections::VecDeque<String>,
    name: Option<String>,
    password_stdin: bool,
    time_zone: Option<String>,
    scopes: Vec<Scope>,
    site: Option<String>,
    days: Option<u32>,
    from: Option<Bucket>,
    to: Option<Bucket>,
    day: Option<Bucket>,
    anew: bool,
    resume: bool,
    dry_run: bool,
    wanted: NewErasure,
    out: Option<String>,
    /// What `--from` says where it is no day.
    source: Option<String>,
    conversions: Vec<String>,
}

pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut rest = Rest::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(Command::Help),
            Long("name") => rest.name = Some(parser.value()?.string()?),
            Long("password-stdin") => rest.password_stdin = true,
            Long("time-zone") => rest.time_zone = Some(parser.value()?.string()?),
            Long("site") => rest.site = Some(parser.value()?.string()?),
            Long("days") => rest.days = Some(parser.value()?.parse()?),
            Long("from") if rest.plain.front().is_some_and(|it| it == "import") => {
                rest.source = Some(parser.value()?.string()?);
            }
            Long("from") => rest.from = Some(day(&parser.value()?.string()?)?),
            Long("resume") => rest.resume = true,
            Long("dry-run") => rest.dry_run = true,
            Long("person") => rest.wanted.person_id = Some(parser.value()?.string()?),
            Long("visitor") => rest.wanted.visitor_id = Some(parser.value()?.string()?),
            Long("session") => rest.wanted.session_id = Some(parser.value()?.string()?),
            Long("out") => rest.out = Some(parser.value()?.string()?),
            Long("conversion") => rest.conversions.push(parser.value()?.string()?),
            Long("to") => rest.to = Some(day(&parser.value()?.string()?)?),
            Long("day") => rest.day = Some(day(&parser.value()?.string()?)?),
            Long("anew") => rest.anew = true,
            Long("scope") => {
                let name = parser.value()?.string()?;
                let scope =
                    [Scope::Read, Scope::Ingest, Scope::Manage].into_iter().find(|it| it.as_str() == name);
                rest.scopes.push(scope.ok_or_else(|| format!("there is no scope `{name}`"))?);
            }
            Value(text) => rest.plain.push_back(text.string()?),
            other => return Err(other.unexpected()),
        }
    }
    match rest.plain.pop_front().as_deref() {
        None | Some("help") => Ok(Command::Help),
        Some("create-tables") => rest.end(Command::CreateTables),
        Some("openapi") => rest.end(Command::OpenApi),
        Some("seed") => rest.end(Command::Seed),
        Some("compact") => {
            let (site, from, to) = (rest.site.take(), rest.from, rest.to);
            let command = CompactCommand { site, from, to, anew: rest.anew };
            rest.end(Command::Compact(command))
        }
        Some("verify") => {
            let site = rest.site.take().ok_or("--site is missing")?;
            let day = rest.day.ok_or("--day is missing")?;
            rest.end(Command::Verify { site, day })
        }
        Some("erase") => {
            let site = rest.site.take().ok_or("--site is missing")?;
            let wanted = std::mem::take(&mut rest.wanted);
            rest.end(Command::Erase { site, wanted })
        }
        Some("delete-site") => {
            let id = rest.next("the site's id")?;
            let name = rest.name.take().ok_or("--name is missing: the name of the site")?;
            rest.end(Command::DeleteSite { id, name })
        }
        Some("tasks") => {
            let resume = rest.resume;
            rest.end(Command::Tasks { resume })
        }
        Some("backup") => {
            let site = rest.site.take().ok_or("--site is missing")?;
            let out = rest.out.take().ok_or("--out is missing")?;
            rest.end(Command::Backup { site, out })
        }
        Some("import") => {
            let command = ImportCommand {
                site: rest.site.take().ok_or("--site is missing")?,
                from: rest.source.take().ok_or("--from is missing")?,
                dry_run: rest.dry_run,
                conversions: std::mem::take(&mut rest.conversions),
                files: rest.plain.drain(..).map(Into::into).collect(),
            };
            rest.end(Command::Import(command))
        }
        Some("admin") => rest.admin(),
        Some(other) => Err(format!("there is no command `{other}`").into()),
    }
}

fn day(text: &str) -> Result<Bucket, lexopt::Error> {
    let day = Bucket::from_name(text).filter(|bucket| bucket.span() == Span::Day);
    day.ok_or_else(|| format!("`{text}` is no day such as 2026-11-23").into())
}

impl Rest {
    fn next(&mut self, what: &str) -> Result<String, lexopt::Error> {
        self.plain.pop_front().ok_or_else(|| format!("{what} is missing").into())
    }

    fn end(self, command: Command) -> Result<Command, lexopt::Error> {
        match self.plain.front() {
            Some(left) => Err(format!("`{left}` is too much").into()),
            None => Ok(command),
        }
    }

    fn admin(mut self) -> Result<Command, lexopt::Error> {
        let password_stdin = self.password_stdin;
        let command = match self.next("what to do")?.as_str() {
            "create-owner" => {
                let name = self.name.take().unwrap_or_default();
                AdminCommand::CreateOwner { email: self.next("the e-mail address")?, name, password_stdin }
            }
            "reset-password" => {
                AdminCommand::ResetPassword { email: self.next("the e-mail address")?, password_stdin }
            }
            "disable-totp" => AdminCommand::DisableTotp { email: self.next("the e-mail address")? },
            "revoke-sessions" => AdminCommand::RevokeSessions { email: self.next("the e-mail address")? },
            "set-role" => {
                let (email, name) = (self.next("the e-mail address")?, self.next("the role")?);
                let role = match name.as_str() {
                    "none" => None,
                    name => Some(Role::from_name(name).ok_or_else(|| format!("there is no role `{name}`"))?),
                };
                AdminCommand::SetRole { email, role }
            }
            "add-site" => AdminCommand::AddSite {
                id: self.next("the site's id")?,
                domains: self.plain.drain(..).collect(),
                name: self.name.take().unwrap_or_default(),
                time_zone: self.time_zone.take(),
            },
            "new-token" => {
                let (email, name) = (self.next("the e-mail address")?, self.next("the token's name")?);
                let scopes = match self.scopes.is_empty() {
                    true => vec![Scope::Read],
                    false => std::mem::take(&mut self.scopes),
                };
                AdminCommand::NewToken { email, name, scopes, site: self.site.take(), days: self.days }
            }
            "list" => AdminCommand::List,
            other => return Err(format!("there is no command `admin {other}`").into()),
        };
        self.end(Command::Admin(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Command, String> {
        parse(lexopt::Parser::from_args(text.split_whitespace())).map_err(|error| error.to_string())
    }

    #[test]
    fn commands_take_their_own_arguments() {
        let reset = AdminCommand::ResetPassword { email: "a@b".into(), password_stdin: true };
        assert_eq!(parsed("admin reset-password a@b --password-stdin"), Ok(Command::Admin(reset)));
        let role = AdminCommand::SetRole { email: "a@b".into(), role: None };
        assert_eq!(parsed("admin set-role a@b none"), Ok(Command::Admin(role)));
        let token = AdminCommand::NewToken {
            email: "a@b".into(),
            name: "server".into(),
            scopes: vec![Scope::Ingest],
            site: Some("shop".into()),
            days: Some(30),
        };
        let import = ImportCommand {
            site: "shop".into(),
            from: "umami".into(),
            dry_run: true,
            conversions: vec!["buy".into()],
            files: vec!["a.csv".into(), "b.csv".into()],
        };
        let text = "import --site shop --from umami --dry-run --conversion buy a.csv b.csv";
        assert_eq!(parsed(text), Ok(Command::Import(import)));
        let wanted = NewErasure { person_id: Some("c-7".into()), ..NewErasure::default() };
        let erase = Command::Erase { site: "shop".into(), wanted };
        assert_eq!(parsed("erase --site shop --person c-7"), Ok(erase));
        let gone = Command::DeleteSite { id: "shop".into(), name: "Shop".into() };
        assert_eq!(parsed("delete-site shop --name Shop"), Ok(gone));
        let day = Bucket::from_name("2026-11-23");
        let compact = CompactCommand { site: Some("shop".into()), from: day, to: day, anew: true };
        let text = "compact --site shop --from 2026-11-23 --to 2026-11-23 --anew";
        assert_eq!(parsed(text), Ok(Command::Compact(compact)));
        let verify = Command::Verify { site: "shop".into(), day: day.unwrap() };
        assert_eq!(parsed("verify --site shop --day 2026-11-23"), Ok(verify));
        let text = "admin new-token a@b server --scope ingest --site shop --days 30";
        assert_eq!(parsed(text), Ok(Command::Admin(token)));
    }

    #[test]
    fn what_is_missing_unknown_or_too_much_is_refused() {
        for text in [
            "admin",
            "admin reset-password",
            "admin set-role a@b king",
            "admin list now",
            "create",
            "openapi x",
            "verify --site shop",
            "verify --day 2026-11-23",
            "compact --from yesterday",
            "import --site shop a.csv",
            "delete-site shop",
            "erase --person c-7",
            "backup --site shop",
            "compact --from 2026-11",
            "admin new-token a@b x --scope all",
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
        assert_eq!(parsed(""), Ok(Command::Help));
    }
}
