//! The OpenAPI document of everything in [`ROUTES`]. Made by the native tool when the project is built and served as
//! a file: the worker itself holds nothing of it.

mod alerts;
mod describe;
mod saved;
mod statistics;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use protocol::account::{Role, Scope};
use protocol::problem::{Code, MEDIA_TYPE, Problem};
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::app::ROUTES;
use crate::auth::access::Need;
use crate::routes::Route;
use describe::describe;

/// A type's name and schema, with those of the types it is made of.
pub(super) type Schemas = BTreeMap<String, Value>;

/// What a route takes and gives.
pub(super) struct Doc {
    id: &'static str,
    summary: &'static str,
    takes: Option<Body>,
    gives: (u16, Option<Body>),
    /// Another status under which the same is given, and what that means.
    also: Option<(u16, &'static str)>,
    query: Vec<Parameter>,
    problems: Vec<Code>,
    schemas: Schemas,
}

/// A body, by the media types it may have and the name of its schema.
pub(super) struct Body {
    media: &'static [&'static str],
    schema: String,
}

/// A parameter of the query.
pub(super) struct Parameter {
    name: &'static str,
    about: &'static str,
    required: bool,
    schema: Value,
}

const JSON: &[&str] = &["application/json"];

impl Doc {
    fn new(id: &'static str, summary: &'static str) -> Self {
        let (takes, gives) = (None, (204, None));
        Self {
            id,
            summary,
            takes,
            gives,
            also: None,
            query: Vec::new(),
            problems: Vec::new(),
            schemas: Schemas::new(),
        }
    }

    fn takes<T: ToSchema>(mut self) -> Self {
        let schema = self.add::<T>();
        self.takes = Some(Body { media: JSON, schema });
        self.problems(&[
            Code::InvalidJson,
            Code::InvalidParameter,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
        ])
    }

    fn gives<T: ToSchema>(mut self, status: u16) -> Self {
        let schema = self.add::<T>();
        self.gives = (status, Some(Body { media: JSON, schema }));
        self
    }

    fn also(mut self, status: u16, about: &'static str) -> Self {
        self.also = Some((status, about));
        self
    }

    fn problems(mut self, codes: &[Code]) -> Self {
        self.problems.extend(codes);
        self
    }

    fn query(mut self, name: &'static str, about: &'static str, required: bool, schema: Value) -> Self {
        self.query.push(Parameter { name, about, required, schema });
        self.problems(&[Code::InvalidParameter])
    }

    fn add<T: ToSchema>(&mut self) -> String {
        let name = name_of::<T>();
        let mut all = vec![(name.clone(), <T as PartialSchema>::schema())];
        T::schemas(&mut all);
        self.schemas.extend(all.into_iter().map(|(name, schema)| (name, printed(&schema))));
        name
    }

    /// Everything a route may refuse, what comes of its need included.
    fn refusals(&self, route: &Route) -> BTreeSet<&'static str> {
        let mut codes: Vec<Code> = self.problems.clone();
        if route.run != crate::routes::Run::Health {
            codes.push(Code::StoreUnavailable);
        }
        if !matches!(route.need, Need::Nobody | Need::Sender) {
            codes.extend([Code::SignInRequired, Code::Forbidden]);
        }
        if route.method != "GET" && route.need != Need::Sender {
            codes.push(Code::CrossSite);
        }
        if route.need.site_role().is_some() {
            codes.extend([Code::InvalidParameter, Code::UnknownSite]);
        }
        codes.iter().map(|code| code.as_str()).collect()
    }
}

/// Objects that are flattened into one: a part that takes no other fields would refuse those of the others.
fn flatten(schemas: &mut Schemas) {
    let found: Vec<(String, Value)> = schemas
        .iter()
        .filter_map(|(name, schema)| {
            let mut whole = json!({ "type": "object", "properties": {}, "required": [] });
            for part in schema.get("allOf")?.as_array()? {
                let name = part.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
                let part = name.map_or(Some(part), |name| schemas.get(name))?;
                let properties = match part.get("properties") {
                    Some(properties) => properties.as_object()?.clone(),
                    // One without fields still takes no others.
                    None if part.get("additionalProperties") == Some(&json!(false)) => Map::new(),
                    None => return None,
                };
                whole["properties"].as_object_mut()?.extend(properties);
                let required = part.get("required").and_then(Value::as_array).cloned();
                whole["required"].as_array_mut()?.extend(required.unwrap_or_default());
            }
            if let Some(about) = schema.get("description") {
                whole["description"] = about.clone();
            }
            Some((name.clone(), whole))
        })
        .collect();
    schemas.extend(found);
}

fn printed(schema: &RefOr<Schema>) -> Value {
    // Schemas are plain data.
    serde_json::to_value(schema).unwrap_or(Value::Null)
}

/// The whole document.
pub fn document() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut schemas = Schemas::new();
    let mut problem = Doc::new("", "");
    problem.add::<Problem>();
    schemas.extend(problem.schemas);
    // A preflight is the browser's business.
    for route in ROUTES.iter().filter(|route| route.method != "OPTIONS") {
        let mut doc = describe(route.run);
        schemas.append(&mut doc.schemas);
        paths.entry(route.path).or_default().insert(route.method.to_lowercase(), operation(route, &doc));
    }
    flatten(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "LiveInsight",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Real-time web analytics. Times are Unix milliseconds. What is refused is answered with a \
                            problem document (RFC 9457), whose `code` says why.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": [
            { "name": "events", "description": "Sending events." },
            { "name": "statistics", "description": "Reading what they come to." },
            { "name": "account", "description": "Signing in, and one's own account." },
            { "name": "people", "description": "Who may do what." },
            { "name": "sites", "description": "Sites, and who sees them." },
            { "name": "operation", "description": "The installation itself." },
        ],
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": security_schemes() },
    })
}

fn security_schemes() -> Value {
    let key = |place: &str, name: &str, about: &str| json!({ "type": "apiKey", "in": place, "name": name, "description": about });
    json!({
        "session": key("cookie", "li_session", "A person's session; `__Host-li_session` over https. What changes \
            something has to come from a page of the same host."),
        "share": key("cookie", "li_share", "An opened share link; `__Host-li_share` over https."),
        "token": { "type": "http", "scheme": "bearer", "description": "An API token, or the access token of an opened \
            share link." },
        "ingestKey": key("header", "x-liveinsight-key", "The installation's ingest key, or an API token with the scope \
            `ingest`."),
    })
}

fn operation(route: &Route, doc: &Doc) -> Value {
    let mut operation = json!({
        "operationId": doc.id,
        "summary": doc.summary,
        "tags": [tag(route)],
        "security": security(route.need),
        "x-liveinsight-needs": needs(route.need),
        "responses": responses(route, doc),
    });
    let parameters = parameters(route, doc);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = &doc.takes {
        operation["requestBody"] = json!({ "required": true, "content": content(body) });
    }
    operation
}

fn tag(route: &Route) -> &'static str {
    let part = route.path.split('/').find(|part| !part.is_empty() && *part != "api").unwrap_or_default();
    match (part, route.need) {
        (_, Need::Sender) => "events",
        (_, Need::Statistics) => "statistics",
        ("segments" | "v2" | "export", _) => "statistics",
        ("session" | "account" | "setup" | "tokens", _) => "account",
        ("people" | "invitations", _) => "people",
        ("sites" | "shares", _) => "sites",
        _ => "operation",
    }
}

/// Who may come in, as OpenAPI says it: one of these.
fn security(need: Need) -> Value {
    match need {
        Need::Nobody => json!([]),
        Need::Sender => json!([{}, { "ingestKey": [] }]),
        Need::Statistics => json!([{ "session": [] }, { "share": [] }, { "token": [] }]),
        _ if need.scope().is_some() => json!([{ "session": [] }, { "token": [] }]),
        _ => json!([{ "session": [] }]),
    }
}

/// What OpenAPI has no words for: the role, and the scope with which a token suffices.
fn needs(need: Need) -> Value {
    let (kind, role) = match need {
        Need::Nobody => ("nobody", None),
        Need::Sender => ("sender", None),
        Need::SignedIn(_) => ("signed_in", None),
        Need::Everywhere(role, _) => ("everywhere", Some(role)),
        Need::Site(role, _) => ("site", Some(role)),
        Need::Statistics => ("statistics", Some(Role::Viewer)),
    };
    json!({
        "kind": kind,
        "role": role.map(Role::as_str),
        "scope": need.scope().map(Scope::as_str),
        "share": need.admits_shares(),
    })
}

fn content(body: &Body) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{}", body.schema) });
    body.media.iter().map(|media| ((*media).to_owned(), json!({ "schema": schema }))).collect()
}

fn parameters(route: &Route, doc: &Doc) -> Vec<Value> {
    let site_id = || json!({ "type": "string", "pattern": "^[a-z0-9._-]{1,64}$" });
    let mut all = Vec::new();
    for part in route.path.split('/') {
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else { continue };
        let schema = match name {
            "site_id" => site_id(),
            "bucket" => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}(-[0-9]{2}(T[0-9]{2})?)?$" }),
            "hash" => json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
            _ => json!({ "type": "string", "pattern": "^[0-9a-f]{16}$" }),
        };
        all.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    // A question names its site in its body.
    let is_named = route.path.contains("{site_id}") || route.run.is_question();
    let site = (route.need.site_role().is_some() && !is_named).then(|| Parameter {
        name: "site_id",
        about: "The site.",
        required: true,
        schema: site_id(),
    });
    for Parameter { name, about, required, schema } in site.iter().chain(&doc.query) {
        all.push(json!({
            "name": name, "in": "query", "description": about, "required": required, "schema": schema,
        }));
    }
    all
}

fn responses(route: &Route, doc: &Doc) -> Value {
    let (status, given) = &doc.gives;
    let mut responses = Map::new();
    let mut good =
        json!({ "description": if given.is_some() { "Done." } else { "Done; there is nothing to say." } });
    if let Some(body) = given {
        good["content"] = content(body);
    }
    if let Some((status, about)) = doc.also {
        let mut other = good.clone();
        other["description"] = about.into();
        responses.insert(status.to_string(), other);
    }
    responses.insert(status.to_string(), good);
    let mut refused: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    let codes = doc.refusals(route);
    for code in Code::ALL.iter().filter(|code| codes.contains(code.as_str())) {
        refused.entry(code.status()).or_default().push(format!("`{}`: {}.", code.as_str(), code.title()));
    }
    let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    for (status, reasons) in refused {
        let mut response = json!({ "description": reasons.join("\n"), "content": { MEDIA_TYPE: problem } });
        if matches!(status, 429 | 503) {
            let about = "Seconds after which to try again.";
            response["headers"] = json!({ "retry-after": { "description": about, "schema": { "type": "integer", "minimum": 1 } } });
        }
        responses.insert(status.to_string(), response);
    }
    responses.into()
}

/// The name of a type, as in utoipa's references: with those of its parameters, or one that is used with two would be
/// described as the last of them.
fn name_of<T: ToSchema>() -> String {
    let full = std::any::type_name::<T>();
    let parameters = full.split_once('<').map_or("", |(_, parameters)| parameters.trim_end_matches('>'));
    let last = |path: &str| path.rsplit("::").next().unwrap_or_default().trim().to_owned();
    let parameters = parameters.split([',', '<']).filter(|path| !path.is_empty()).map(last);
    [T::name().into_owned()].into_iter().chain(parameters).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_in_the_document_under_a_name_of_its_own() {
        let document = document();
        let mut names = BTreeSet::new();
        for route in ROUTES.iter().filter(|route| route.method != "OPTIONS") {
            let operation = &document["paths"][route.path][route.method.to_lowercase()];
            let name = operation["operationId"].as_str().unwrap_or_default();
            assert!(!name.is_empty() && names.insert(name.to_owned()), "{} {}", route.method, route.path);
            assert!(operation["responses"].as_object().unwrap().len() > 1 || route.path == "/health");
        }
    }

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn types_with_a_parameter_are_described_once_for_each() {
        let document = document();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let count = |start: &str| schemas.keys().filter(|name| name.starts_with(start)).count();
        assert_eq!((count("Saved_"), count("Asked_")), (4, 6));
    }

    #[test]
    fn every_reference_of_the_document_resolves() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > ROUTES.len());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap_or_default();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn question_may_have_the_fields_of_all_its_parts() {
        let document = document();
        let body =
            &document["paths"]["/api/v2/timeline"]["post"]["requestBody"]["content"]["application/json"];
        let name = body["schema"]["$ref"].as_str().unwrap().trim_start_matches('#');
        let schema = document.pointer(name).unwrap();
        for field in ["site_id", "date_range", "visitor", "started_at"] {
            assert!(schema["properties"][field].is_object(), "{field} in {schema}");
        }
        assert!(schema["required"].as_array().unwrap().contains(&json!("site_id")), "{schema}");
    }

    #[test]
    fn every_part_of_a_path_is_a_parameter() {
        let document = document();
        for route in ROUTES.iter().filter(|route| route.path.contains('{')) {
            let operation = &document["paths"][route.path][route.method.to_lowercase()];
            let given = operation["parameters"].as_array().unwrap();
            let parts = route.path.matches('{').count();
            assert_eq!(given.iter().filter(|it| it["in"] == "path").count(), parts, "{}", route.path);
        }
    }
}
