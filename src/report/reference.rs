//! The rules and the catalogue as data: what `hookscope rules` and `hookscope methods` show and write as JSON.

use super::build::SCHEMA_VERSION;
use super::document::Tool;
use crate::catalog::{
    CATALOG, Condition, Expectation, FlowKind, Follower, HookSpec, Parameter, ParameterKind, Phase, REST_API,
    Status, Trigger, Wanted,
};
use crate::rules::{RULES, Rule};
use schemars::JsonSchema;
use serde::Serialize;

/// All rules.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleList {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: String,
    /// Who wrote it.
    pub tool: Tool,
    /// The rules; causes before what follows from them.
    pub rules: Vec<RuleEntry>,
}

/// A rule: what can be wrong.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleEntry {
    /// Its name, which findings carry.
    pub name: &'static str,
    /// error, warning or note.
    pub severity: &'static str,
    /// Who has to act, as a rule: backend, network, media-server, sip, capture or nobody.
    pub actor: &'static str,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Its documentation, in Markdown: what it detects, why it matters, what to do, when it is wrong.
    pub explanation: String,
}

/// All methods of the catalogue.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MethodList {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: String,
    /// Who wrote it.
    pub tool: Tool,
    /// The methods, by subject.
    pub methods: Vec<MethodEntry>,
}

/// A REST method that WCS calls on the backend.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MethodEntry {
    /// Its name: the last segment of the path.
    pub name: &'static str,
    /// connect, direct, event or incoming.
    #[serde(rename = "type")]
    pub hook_type: &'static str,
    /// Other names; letter case is no matter.
    pub aliases: Vec<&'static str>,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What its hooks are about, where they are about one thing inside a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<&'static str>,
    /// Members that name that thing; the first that is present counts.
    pub flow_key: Vec<&'static str>,
    /// Whether it may come in a session without connect.
    pub without_connect: bool,
    /// Members of its body.
    pub parameters: Vec<ParameterEntry>,
    /// Values of its member status, as documented.
    pub statuses: Vec<StatusEntry>,
    /// Whether other statuses may come as well.
    pub open_statuses: bool,
    /// What follows it.
    pub followers: Vec<FollowerEntry>,
    /// Statuses of what follows that show that the operation was carried out.
    pub carried_out: Vec<&'static str>,
    /// What WCS does about an answer that is not 200, or none; Markdown.
    pub on_error: String,
    /// What WCS did about a refusal whatever restOnError says, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_refusal: Option<&'static str>,
    /// Paths of the REST API whose calls cause it as well.
    pub caused_by: Vec<&'static str>,
    /// Settings that it depends on, and what else there is to know; Markdown.
    pub notes: Vec<&'static str>,
    /// The documents that it is taken from.
    pub source: &'static str,
}

/// A member of a hook's body.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ParameterEntry {
    /// Its name.
    pub name: &'static str,
    /// Its JSON type as documented: string, boolean, number, array or object.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The values that the documents allow; none: any.
    pub values: Vec<&'static str>,
    /// Whether it is masked in reports.
    pub secret: bool,
}

/// A value of the member status.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatusEntry {
    /// The value.
    pub name: &'static str,
    /// What it says about the operation: initial, progress, done or failed.
    pub phase: &'static str,
    /// Whether nothing follows it.
    pub terminal: bool,
}

/// Hooks that follow another, any one of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FollowerEntry {
    /// The methods that fulfil the expectation.
    pub methods: Vec<&'static str>,
    /// What the first hook must have met: accepted, refused, or the status that it reports.
    pub after: &'static str,
    /// A further condition, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_if: Option<&'static str>,
    /// Which statuses of theirs count: any, terminal, or listed.
    pub wanted: &'static str,
    /// The listed ones.
    pub statuses: Vec<&'static str>,
    /// How long it is waited for, in seconds.
    pub within: f64,
    /// Whether its absence is a warning; otherwise a hint at most.
    pub required: bool,
}

impl RuleList {
    /// All rules.
    pub fn all() -> Self {
        let rules = RULES.iter().map(|rule| RuleEntry::new(rule)).collect();
        Self { schema_version: SCHEMA_VERSION.to_owned(), tool: Tool::this(), rules }
    }
}

impl RuleEntry {
    fn new(rule: &Rule) -> Self {
        let lines = rule.explanation.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        Self {
            name: rule.name,
            severity: rule.severity.name(),
            actor: rule.actor.name(),
            summary: rule.summary,
            explanation: lines.collect::<Vec<_>>().join("\n"),
        }
    }
}

impl MethodList {
    /// All methods.
    pub fn all() -> Self {
        let methods = CATALOG.iter().map(MethodEntry::new).collect();
        Self { schema_version: SCHEMA_VERSION.to_owned(), tool: Tool::this(), methods }
    }
}

impl MethodEntry {
    pub(super) fn new(spec: &HookSpec) -> Self {
        let causes = REST_API.iter().filter(|row| row.causes.contains(&spec.method));
        Self {
            name: spec.method.name(),
            hook_type: spec.hook_type.name(),
            aliases: spec.aliases.to_vec(),
            summary: spec.summary,
            flow: spec.flow.map(FlowKind::name),
            flow_key: spec.flow_key.to_vec(),
            without_connect: spec.without_connect,
            parameters: spec.parameters.iter().map(parameter).collect(),
            statuses: spec.statuses.iter().map(status).collect(),
            open_statuses: spec.open_statuses,
            followers: spec.followers.iter().map(follower).collect(),
            carried_out: spec.carried_out.to_vec(),
            on_error: on_error(spec),
            on_refusal: Some(spec.on_refusal).filter(|text| !text.is_empty()),
            caused_by: causes.flat_map(|row| row.paths.iter().copied()).collect(),
            notes: spec.notes.to_vec(),
            source: spec.source,
        }
    }
}

fn on_error(spec: &HookSpec) -> String {
    if spec.on_refusal.is_empty() {
        return spec.hook_type.on_error().to_owned();
    }
    format!(
        "A refusal (403) takes effect whatever `restOnError` says; reports then tell \"{}\". Any other failure is logged; \
         with `restOnError` FAIL the operation is broken off as well.",
        spec.on_refusal
    )
}

fn parameter(parameter: &Parameter) -> ParameterEntry {
    let kind = match parameter.kind {
        ParameterKind::Text => "string",
        ParameterKind::Flag => "boolean",
        ParameterKind::Number => "number",
        ParameterKind::List => "array",
        ParameterKind::Object => "object",
    };
    ParameterEntry { name: parameter.name, kind, values: parameter.values.to_vec(), secret: parameter.secret }
}

fn status(status: &Status) -> StatusEntry {
    let phase = match status.phase {
        Phase::Initial => "initial",
        Phase::Progress => "progress",
        Phase::Done => "done",
        Phase::Failed => "failed",
    };
    StatusEntry { name: status.name, phase, terminal: status.terminal }
}

fn follower(follower: &Follower) -> FollowerEntry {
    let (wanted, statuses) = match follower.wanted {
        Wanted::Any => ("any", Vec::new()),
        Wanted::Terminal => ("terminal", Vec::new()),
        Wanted::OneOf(statuses) => ("listed", statuses.to_vec()),
    };
    FollowerEntry {
        methods: follower.methods.iter().map(|method| method.name()).collect(),
        after: match follower.after {
            Trigger::Accepted => "accepted",
            Trigger::Refused => "refused",
            Trigger::Status(status) => status,
        },
        only_if: match follower.only_if {
            Condition::Always => None,
            Condition::SipRegisterRequired => Some("sipRegisterRequired is true"),
            Condition::ImdnRequired => Some("isImdnRequired is true"),
        },
        wanted,
        statuses,
        within: follower.within.seconds(),
        required: follower.expectation == Expectation::Required,
    }
}
