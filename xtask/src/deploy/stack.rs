//! The part of a deployment that speaks to AWS, through `infra/stack.py`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::options::Environment;
use crate::paths::Paths;
use crate::process;
use crate::table;

/// The template, from the root of the checkout.
pub(super) const TEMPLATE: &str = "infra/liveinsight.yaml";

/// The stack of an environment.
#[derive(Debug)]
pub(super) struct Stack<'a> {
    root: PathBuf,
    /// Folder of Python's programs.
    programs: PathBuf,
    environment: &'a Environment,
}

/// What a deployment would change.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Name of the change set; `None` when there is nothing to do.
    name: Option<String>,
    kind: String,
    changes: Vec<Change>,
}

#[derive(Debug, PartialEq, Eq)]
struct Change {
    action: String,
    id: String,
    kind: String,
    replacement: String,
}

/// An access key.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) secret: String,
}

impl<'a> Stack<'a> {
    pub(super) fn new(paths: &Paths, programs: PathBuf, environment: &'a Environment) -> Self {
        Self { root: paths.root.clone(), programs, environment }
    }

    /// Refuses a template that is wrong.
    pub(super) fn lint(&self) -> Result<()> {
        let template = self.root.join(TEMPLATE);
        let done = process::output(process::command(self.programs.join("cfn-lint")).arg(&template));
        done.map(drop).with_context(|| format!("{TEMPLATE} is not right"))
    }

    fn call(&self, command: &str, more: Value) -> Result<Value> {
        let Environment { region, .. } = self.environment;
        let mut given = json!({
            "command": command,
            "region": region,
            "stack": self.environment.full_name(),
            "user": self.environment.user(),
        });
        if let (Some(given), Value::Object(more)) = (given.as_object_mut(), more) {
            given.extend(more);
        }
        let mut python = process::command(self.programs.join("python"));
        python.arg("-B").arg(self.root.join("infra").join("stack.py"));
        let answer = process::output_of(&mut python, given.to_string().as_bytes())?;
        serde_json::from_str(&answer).context("infra/stack.py gave no JSON")
    }

    /// Whose credentials these are.
    pub(super) fn identity(&self) -> Result<String> {
        let answer = self.call("identity", json!({})).context(
            "there are no credentials of AWS: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )?;
        Ok(text(&answer, "arn"))
    }

    /// Asks what a deployment would change.
    pub(super) fn plan(&self) -> Result<Plan> {
        let more = json!({
            "template": self.root.join(TEMPLATE),
            "parameters": self.environment.parameters,
        });
        let answer = self.call("plan", more)?;
        let changes = answer["changes"].as_array().into_iter().flatten().map(|change| Change {
            action: text(change, "action"),
            id: text(change, "id"),
            kind: text(change, "type"),
            replacement: text(change, "replacement"),
        });
        Ok(Plan {
            name: answer["change_set"].as_str().map(str::to_owned),
            kind: text(&answer, "kind"),
            changes: changes.collect(),
        })
    }

    /// Carries a plan out and waits until it is done.
    pub(super) fn apply(&self, plan: &Plan) -> Result<()> {
        let Some(name) = &plan.name else { return Ok(()) };
        self.call("apply", json!({ "change_set": name, "kind": plan.kind })).map(drop)
    }

    /// Throws a plan away.
    pub(super) fn discard(&self, plan: &Plan) -> Result<()> {
        let Some(name) = &plan.name else { return Ok(()) };
        self.call("discard", json!({ "change_set": name, "kind": plan.kind })).map(drop)
    }

    /// Ids of the access keys that the worker's user has.
    pub(super) fn keys(&self) -> Result<Vec<String>> {
        let answer = self.call("keys", json!({}))?;
        let keys = answer["keys"].as_array().into_iter().flatten();
        Ok(keys.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Makes an access key.
    pub(super) fn new_key(&self) -> Result<Key> {
        let answer = self.call("new-key", json!({}))?;
        Ok(Key { id: text(&answer, "id"), secret: text(&answer, "secret") })
    }

    /// Deletes an access key.
    pub(super) fn delete_key(&self, id: &str) -> Result<()> {
        self.call("delete-key", json!({ "id": id })).map(drop)
    }

    /// Deletes the stack, and with `tables` what is stored. Returns what was deleted.
    pub(super) fn destroy(&self, tables: bool) -> Result<Vec<String>> {
        let prefix = format!("{}-", self.environment.full_name());
        let answer = self.call("destroy", json!({ "tables": tables, "prefix": prefix }))?;
        let deleted = answer["deleted"].as_array().into_iter().flatten();
        Ok(deleted.filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

impl Plan {
    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.name.is_none()
    }

    /// The changes as a table.
    pub(super) fn table(&self) -> String {
        let rows: Vec<Vec<String>> = self
            .changes
            .iter()
            .map(|change| {
                vec![
                    change.action.clone(),
                    change.id.clone(),
                    change.kind.clone(),
                    change.replacement.clone(),
                ]
            })
            .collect();
        table::render(&["change", "resource", "type", "replaced"], &rows)
    }

    /// Refuses to replace or remove a table: what is in it would be gone, or left behind.
    pub(super) fn check(&self) -> Result<()> {
        let is_table = |change: &&Change| change.kind == "AWS::DynamoDB::Table";
        let loses = |change: &&Change| change.action == "Remove" || change.replacement != "False";
        match self.changes.iter().filter(is_table).find(loses) {
            Some(change) if change.action != "Add" => bail!(
                "the change set would replace or remove the table {}: what is in it would not come along",
                change.id
            ),
            _ => Ok(()),
        }
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// The template, to compare parameters with.
pub(super) fn template(root: &Path) -> Result<String> {
    std::fs::read_to_string(root.join(TEMPLATE)).with_context(|| format!("cannot read {TEMPLATE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(action: &str, kind: &str, replacement: &str) -> Plan {
        let [action, kind, replacement] = [action, kind, replacement].map(str::to_owned);
        let change = Change { action, id: "EventsTable".into(), kind, replacement };
        Plan { name: Some("deploy-1".into()), kind: "UPDATE".into(), changes: vec![change] }
    }

    #[test]
    fn table_is_never_replaced_or_removed() {
        let table = "AWS::DynamoDB::Table";
        for (action, replacement) in [("Modify", "True"), ("Modify", "Conditional"), ("Remove", "False")] {
            let error = plan(action, table, replacement).check().unwrap_err().to_string();
            assert!(error.contains("EventsTable"), "{error}");
        }
        for (action, kind, replacement) in [
            ("Add", table, "False"),
            ("Modify", table, "False"),
            ("Remove", "AWS::CloudWatch::Alarm", "False"),
            ("Modify", "AWS::SNS::Topic", "True"),
        ] {
            assert!(plan(action, kind, replacement).check().is_ok(), "{action} {kind}");
        }
    }
}
