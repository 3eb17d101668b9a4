//! What is to be deployed and where: the command line, and the environment's file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lexopt::prelude::{Long, ValueExt};
use serde_json::Value;

/// Where the files of the environments are.
const ENVIRONMENTS: &str = "infra/environments";

/// The command line of `deploy` and `destroy`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Name of the environment.
    pub(super) env: String,
    /// Its file, if not the one of its name.
    pub(super) config: Option<PathBuf>,
    /// Do what needs no network and say what else would be done.
    pub(super) dry_run: bool,
    /// Ask nothing.
    pub(super) yes: bool,
    /// Give the worker a new key of AWS and delete the one before.
    pub(super) rotate_key: bool,
    /// What a person repeats to `destroy` an environment: its name.
    pub(super) confirm: Option<String>,
    /// Whether `destroy` takes the tables, too.
    pub(super) and_data: bool,
}

impl Options {
    /// Takes the options of a command line.
    pub(crate) fn parse(parser: &mut lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut options = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("env") => options.env = parser.value()?.string()?,
                Long("config") => options.config = Some(parser.value()?.into()),
                Long("dry-run") => options.dry_run = true,
                Long("yes") => options.yes = true,
                Long("rotate-key") => options.rotate_key = true,
                Long("confirm") => options.confirm = Some(parser.value()?.string()?),
                Long("and-data") => options.and_data = true,
                other => return Err(other.unexpected()),
            }
        }
        if options.env.is_empty() {
            if !options.dry_run {
                return Err("say which environment: --env production".into());
            }
            "production".clone_into(&mut options.env);
        }
        Ok(options)
    }
}

/// An installation: its names are made of the environment's, as those in `infra/liveinsight.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Environment {
    /// Name, of two to twenty characters.
    pub(super) name: String,
    /// Region of the stack.
    pub(super) region: String,
    /// Host name of its own; one under workers.dev when absent.
    pub(super) domain: Option<String>,
    /// Address to try it at; made of the domain when absent.
    pub(super) url: Option<String>,
    /// Parameters of the template, the environment's name included.
    pub(super) parameters: BTreeMap<String, String>,
}

impl Environment {
    /// Reads the environment's file.
    pub(super) fn read(root: &Path, options: &Options) -> Result<Self> {
        let path = match &options.config {
            Some(path) => path.clone(),
            None => root.join(ENVIRONMENTS).join(format!("{}.json", options.env)),
        };
        let text = fs::read_to_string(&path).with_context(|| {
            format!("cannot read {}: make it, after {ENVIRONMENTS}/production.json", path.display())
        })?;
        Self::parse(&options.env, &text).with_context(|| format!("in {}", path.display()))
    }

    fn parse(name: &str, text: &str) -> Result<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (2..=20).contains(&name.len()) && name.chars().all(plain);
        if !fits || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            bail!(
                "`{name}` is no name of an environment: two to twenty lower-case letters, digits and hyphens"
            );
        }
        let file: Value = serde_json::from_str(text).context("not JSON")?;
        let object = file.as_object().context("not an object")?;
        if let Some(other) =
            object.keys().find(|key| !["region", "domain", "url", "parameters"].contains(&key.as_str()))
        {
            bail!("`{other}` is not known: region, domain, url and parameters are");
        }
        let optional = |key: &str| file[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let mut parameters = BTreeMap::from([("Environment".to_owned(), name.to_owned())]);
        for (key, value) in file["parameters"].as_object().into_iter().flatten() {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => bail!("parameter {key} is neither text nor a number"),
            };
            parameters.insert(key.clone(), text);
        }
        Ok(Self {
            name: name.to_owned(),
            region: optional("region").context("`region` is missing")?,
            domain: optional("domain"),
            url: optional("url"),
            parameters,
        })
    }

    /// Name of the stack and of the worker, and start of the names of all that belongs to them.
    pub(super) fn full_name(&self) -> String {
        format!("liveinsight-{}", self.name)
    }

    /// Start of the names of the tables that the worker uses.
    pub(super) fn table_prefix(&self) -> String {
        match self.parameters.get("RestoredPrefix").filter(|prefix| !prefix.is_empty()) {
            Some(restored) => restored.clone(),
            None => format!("{}-", self.full_name()),
        }
    }

    /// User of AWS whose keys the worker has.
    pub(super) fn user(&self) -> String {
        format!("{}-worker", self.full_name())
    }

    /// Refuses parameters that the template does not have: CloudFormation would say so only later.
    pub(super) fn check(&self, template: &str) -> Result<()> {
        let section = template.split("\nParameters:\n").nth(1).context("the template has no parameters")?;
        let declared: Vec<&str> = section
            .lines()
            .take_while(|line| line.is_empty() || line.starts_with(' '))
            .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
            .filter(|name| !name.starts_with(' '))
            .collect();
        match self.parameters.keys().find(|name| !declared.contains(&name.as_str())) {
            Some(other) => bail!("the template has no parameter `{other}`: it has {}", declared.join(", ")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &[&str]) -> Result<Options, String> {
        Options::parse(&mut lexopt::Parser::from_args(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn environment_has_to_be_named_unless_nothing_is_done() {
        assert!(options(&[]).unwrap_err().contains("--env"));
        assert_eq!(options(&["--dry-run"]).unwrap().env, "production");
        assert!(options(&["--env", "staging", "--now"]).is_err());
    }

    #[test]
    fn names_are_those_of_the_template() {
        let text = r#"{"region":"eu-west-1","domain":"","parameters":{"MonthlyBudget":50}}"#;
        let environment = Environment::parse("staging", text).unwrap();
        assert_eq!(environment.table_prefix(), "liveinsight-staging-");
        assert_eq!(environment.user(), "liveinsight-staging-worker");
        assert_eq!(environment.domain, None);
        assert_eq!(environment.parameters["MonthlyBudget"], "50");
        assert_eq!(environment.parameters["Environment"], "staging");
    }

    #[test]
    fn restored_tables_are_used_once_they_are_named() {
        let text = r#"{"region":"eu-west-1","parameters":{"RestoredPrefix":"liveinsight-restored1-"}}"#;
        assert_eq!(Environment::parse("staging", text).unwrap().table_prefix(), "liveinsight-restored1-");
    }

    #[test]
    fn mistakes_are_named() {
        for (name, text, expected) in [
            ("Staging", r#"{"region":"x"}"#, "lower-case"),
            ("1a", r#"{"region":"x"}"#, "lower-case"),
            ("staging", r#"{"regions":"x"}"#, "`regions`"),
            ("staging", "{}", "`region`"),
            ("staging", r#"{"region":"x","parameters":{"A":[]}}"#, "parameter A"),
        ] {
            let error = Environment::parse(name, text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn parameters_of_the_shipped_environments_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let template = fs::read_to_string(root.join("infra/liveinsight.yaml")).unwrap();
        for env in ["production", "staging"] {
            let options = Options { env: env.into(), ..Options::default() };
            Environment::read(root, &options).unwrap().check(&template).unwrap();
        }
        let text = r#"{"region":"x","parameters":{"AlarmMail":"a@b"}}"#;
        let error = Environment::parse("staging", text).unwrap().check(&template).unwrap_err().to_string();
        assert!(error.contains("AlarmMail") && error.contains("AlarmEmail"), "{error}");
    }
}
