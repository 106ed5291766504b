use super::answered;
use super::describe;
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::catalog::HookMethod;
use crate::hook::{Name, Outcome};
use crate::session::{Case, HookRecord};
use crate::time::Span;
use std::borrow::Cow;
use std::collections::BTreeMap;

rule! {
    /// ## What it detects
    /// The same client that connects again and again, at least three times in a row, each time refused, failed or without
    /// an answer. A client is known by its application, its login or SIP login, its address and its browser.
    ///
    /// ## Why it matters
    /// The client does not give up by itself: every attempt costs the backend a request, and many such clients keep a
    /// backend down that could recover.
    ///
    /// ## What to do
    /// Mend what keeps connect from succeeding: the other findings name it. Where the refusal is meant, let the page stop
    /// after it, or wait longer from one attempt to the next.
    ///
    /// ## When it is wrong
    /// Clients behind one address that send no login look like one: then it is likely only if four attempts or more come at a
    /// steady pace, a second apart at least, with the same values in `custom`. A person who types a wrong password three
    /// times looks the same. Attempts that are more than two minutes apart, and WCS's own repetitions of one connect, do
    /// not count.
    "reconnect-loop", Warning, Backend, "a client connects again and again, each time refused or unanswered", check
}

/// Attempts that make a loop.
const ATTEMPTS: usize = 3;

/// Attempts that are nearer to each other than this are no client that waits before it tries again.
const PACE: Span = Span::from_seconds(1);

/// Attempts that are further apart belong to no loop.
const APART: Span = Span::from_seconds(120);

/// Who connects, as far as the body tells.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Client {
    app_key: Option<Name>,
    login: Option<String>,
    address: Option<String>,
    /// Browser, system and page.
    program: Vec<Option<String>>,
}

/// Attempts of one client in a row, all in vain.
struct Loop {
    client: Client,
    hooks: Vec<usize>,
    confidence: Confidence,
}

fn check(case: &Case, findings: &mut Findings) {
    let mut attempts: BTreeMap<Client, Vec<usize>> = BTreeMap::new();
    for (index, record) in case.hooks.iter().enumerate() {
        // Of WCS's own repetitions the last one tells.
        if record.is(HookMethod::Connect)
            && !record.repeated
            && let Some(client) = client(record)
        {
            attempts.entry(client).or_default().push(index);
        }
    }
    let mut groups: BTreeMap<usize, Vec<Loop>> = BTreeMap::new();
    for (client, attempts) in attempts {
        for hooks in runs(case, &client, &attempts) {
            let Some(backend) = case.records(&hooks).next().map(|(_, first)| first.backend) else { continue };
            let confidence = confidence(case, &client, &hooks);
            let found = Loop { client: client.clone(), hooks, confidence };
            groups.entry(backend).or_default().push(found);
        }
    }
    for loops in groups.into_values() {
        report(case, findings, loops);
    }
}

fn client(record: &HookRecord) -> Option<Client> {
    let login = record.parameter("sipLogin").or_else(|| record.parameter("login"));
    let address = record.context.session_id.as_deref().and_then(address);
    (login.is_some() || address.is_some()).then(|| Client {
        app_key: record.context.app_key.clone(),
        login: login.map(Cow::into_owned),
        address: address.map(str::to_owned),
        program: ["clientBrowserVersion", "clientOSVersion", "origin"]
            .map(|name| record.parameter(name).map(Cow::into_owned))
            .into(),
    })
}

/// The client's address in a sessionId: `/203.0.113.5:50123/192.0.2.10:8443`.
fn address(session_id: &str) -> Option<&str> {
    let (client, _) = session_id.strip_prefix('/')?.split_once('/')?;
    let (address, _) = client.rsplit_once(':')?;
    (!address.is_empty()).then_some(address)
}

/// Runs of attempts without a success between them.
fn runs(case: &Case, client: &Client, attempts: &[usize]) -> Vec<Vec<usize>> {
    let mut runs: Vec<Vec<usize>> = Vec::new();
    let mut before: Option<&HookRecord> = None;
    for (index, record) in case.records(attempts) {
        if !matches!(record.outcome, Outcome::Declined | Outcome::Failed | Outcome::Unanswered) {
            before = None;
            continue;
        }
        let goes_on = before.is_some_and(|before| {
            // Without a login, attempts at the same time are those of several clients.
            let over = before.answer.as_ref().map(|answer| answer.last).or_else(|| before.ended());
            let apart = client.login.is_some() || over.is_some_and(|over| over.time <= record.first.time);
            apart && record.first.time.since(before.first.time) <= APART
        });
        match runs.last_mut().filter(|_| goes_on) {
            Some(run) => run.push(index),
            None => runs.push(vec![index]),
        }
        before = Some(record);
    }
    runs.retain(|run| run.len() >= ATTEMPTS);
    runs
}

/// The times between attempts, from the shortest to the longest.
fn spans(case: &Case, hooks: &[usize]) -> Vec<Span> {
    let times: Vec<_> = case.records(hooks).map(|(_, record)| record.first.time).collect();
    let mut spans: Vec<Span> =
        times.iter().zip(times.iter().skip(1)).map(|(one, other)| other.since(*one)).collect();
    spans.sort_unstable();
    spans
}

fn confidence(case: &Case, client: &Client, hooks: &[usize]) -> Confidence {
    let spans = spans(case, hooks);
    let steady = spans.first().zip(spans.last()).is_some_and(|(shortest, longest)| {
        longest.nanoseconds() <= shortest.nanoseconds().saturating_mul(3) / 2
    });
    // Who sends other values of its own each time is another person, or one with a new token.
    let mut custom = case.records(hooks).map(|(_, record)| record.request.get("custom"));
    let first = custom.next().flatten();
    let same = custom.all(|other| match (first, other) {
        (Some(one), Some(other)) => one.is_same(other),
        (one, other) => one.is_none() && other.is_none(),
    });
    let paced = steady && hooks.len() > ATTEMPTS && spans.first().is_some_and(|shortest| *shortest >= PACE);
    let is_likely = client.login.is_some() || paced && same;
    if is_likely { Confidence::Likely } else { Confidence::Possible }
}

fn report(case: &Case, findings: &mut Findings, mut loops: Vec<Loop>) {
    // Those who try most come first.
    loops.sort_by_key(|found| std::cmp::Reverse((found.confidence, found.hooks.len())));
    let Some(first) = loops.first() else { return };
    let sure: Vec<&Loop> = loops.iter().filter(|found| found.confidence == first.confidence).collect();
    let mut hooks: Vec<usize> = sure.iter().flat_map(|found| found.hooks.iter().copied()).collect();
    hooks.sort_unstable();
    let Some(evidence) = Evidence::of_hooks(case, &hooks) else { return };
    let name = name(&first.client);
    let title = match sure.len() {
        1 => format!("{name} connects again and again, in vain ({} times)", first.hooks.len()),
        many => format!("{many} clients connect again and again, in vain ({} times)", hooks.len()),
    };
    let mut records = case.records(&first.hooks).map(|(_, record)| record);
    let (Some(begin), Some(end)) = (records.next(), records.last()) else { return };
    let spans = spans(case, &first.hooks);
    let period = spans.get(spans.len() / 2).copied().unwrap_or_default();
    let message = format!(
        "WCS sent connect {} times for {name}, about every {period}, from {} to {}: {}.",
        first.hooks.len(),
        describe::frame(case, begin.last),
        describe::frame(case, end.last),
        fates(case, &first.hooks),
    );
    let remedy =
        "Mend what keeps connect from succeeding: the findings about connect name it. Where the refusal is \
        meant, let the page stop after it, or wait longer before the next attempt."
            .to_owned();
    let finding = Finding::new(&RULE, title, message, remedy, evidence).sure(first.confidence);
    findings.add(finding);
}

/// A client in words: `client 1001 at 203.0.113.5`.
fn name(client: &Client) -> String {
    let login = client.login.as_deref().map(|login| format!(" {login}")).unwrap_or_default();
    let address = client.address.as_deref().map(|address| format!(" at {address}")).unwrap_or_default();
    format!("client{login}{address}")
}

/// What became of the attempts: `answered 403 each time`, `no answer each time`.
fn fates(case: &Case, hooks: &[usize]) -> String {
    let answered: Vec<usize> = case
        .records(hooks)
        .filter(|(_, record)| record.status_code().is_some() && record.outcome != Outcome::Unanswered)
        .map(|(index, _)| index)
        .collect();
    let codes = answered::statuses(case, &answered);
    match (answered.len(), hooks.len()) {
        (0, _) => "no answer in time, each time".to_owned(),
        (some, all) if some == all => format!("answered {codes} each time"),
        (some, all) => format!("answered {codes} {some} times, and not in time {} times", all - some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_id_may_hold_the_clients_address() {
        assert_eq!(address("/203.0.113.5:50123/192.0.2.10:8443"), Some("203.0.113.5"));
        assert_eq!(address("/0:0:0:0:0:0:0:1:50123/192.0.2.10:8443"), Some("0:0:0:0:0:0:0:1"));
        assert_eq!(address("04cfeb85-cf9c-49aa-8144-022dfc0cdd0b"), None);
        assert_eq!(address("test-HLS"), None);
    }
}
