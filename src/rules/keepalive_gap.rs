use super::describe;
use super::lifetime::Ends;
use super::{Confidence, Evidence, Finding, Findings, confidence, rule};
use crate::catalog::{FlowKind, HookMethod, HookType};
use crate::hook::{Outcome, RestPolicy};
use crate::session::{Case, Flow, HookRecord};
use crate::time::{Span, Timestamp};
use std::collections::BTreeMap;
use std::net::IpAddr;

rule! {
    /// ## What it detects
    /// A stream's `StreamKeepAliveEvent`s that stop, or pause, for more than two and a half of their periods, while
    /// nothing tells that the stream is over or paused. The period is the one that the capture shows, of this stream or
    /// of others of the same server: at least three in a row, at a steady pace.
    ///
    /// ## Why it matters
    /// A backend that counts on them takes the stream for dead, or cannot end it any more: refusing a keep-alive is the
    /// way to stop a stream.
    ///
    /// ## What to do
    /// Look into WCS's server log (`logs/server_logs/flashphoner.log`) for the stream at that time, and at
    /// `keep_alive_streaming_sessions_enabled` and `streaming_sessions_keep_alive_interval` in flashphoner.properties.
    ///
    /// ## When it is wrong
    /// When the method was taken away from the application meanwhile, or WCS was started anew. It is never confirmed. A stream that was refused,
    /// asked to stop, or whose session ended within the minute (a client that is lost is noticed after about 50 s) does
    /// not fire it, nor one behind whose last keep-alive the capture is too short.
    "keepalive-gap", Warning, MediaServer, "a stream's keep-alives stop, though it is not over", check
}

/// A pause between keep-alives: behind which hook, and how sure it is; the next one, if any came.
struct Gap {
    last: usize,
    next: Option<usize>,
    period: Span,
    confidence: Confidence,
}

fn check(case: &Case, findings: &mut Findings) {
    let (periods, ends) = (periods(case), Ends::new(case));
    let mut groups: BTreeMap<(usize, bool), Vec<Gap>> = BTreeMap::new();
    for flow in case.flows.iter().filter(|flow| flow.kind == FlowKind::Stream) {
        let alive = keep_alives(case, flow);
        let own = period(&alive);
        let known = alive.first().and_then(|(_, record)| periods.get(&record.client.ip()).copied());
        let Some(period) = own.or(known) else { continue };
        if let Some(gap) = gap(case, flow, &alive, period, &ends)
            && let Some(record) = case.hooks.get(gap.last)
        {
            groups.entry((record.backend, gap.next.is_some())).or_default().push(gap);
        }
    }
    for ((backend, _), gaps) in groups {
        report(case, findings, backend, &gaps);
    }
}

/// A flow's keep-alives, in order; repetitions of unanswered ones left out.
fn keep_alives<'c>(case: &'c Case, flow: &'c Flow) -> Vec<(usize, &'c HookRecord)> {
    case.records(&flow.hooks)
        .filter(|(_, record)| record.retry_of.is_none() && record.keeps_alive())
        .collect()
}

/// The period of each WCS server, which has one setting for all streams: the longest of its steady streams.
fn periods(case: &Case) -> BTreeMap<IpAddr, Span> {
    let mut periods: BTreeMap<IpAddr, Span> = BTreeMap::new();
    for flow in case.flows.iter().filter(|flow| flow.kind == FlowKind::Stream) {
        let alive = keep_alives(case, flow);
        if let (Some(period), Some((_, first))) = (period(&alive), alive.first()) {
            let longest = periods.entry(first.client.ip()).or_default();
            *longest = period.max(*longest);
        }
    }
    periods
}

/// The time between a stream's keep-alives, if they show a pace: the middle one, where most are about as long.
fn period(alive: &[(usize, &HookRecord)]) -> Option<Span> {
    let times = alive.iter().map(|(_, record)| record.first.time);
    let mut spans: Vec<Span> =
        times.clone().zip(times.skip(1)).map(|(one, other)| other.since(one)).collect();
    spans.sort_unstable();
    let median = spans.get(spans.len() / 2).copied().filter(|_| spans.len() >= 2)?;
    let steady = |span: &&Span| {
        let (span, median) = (span.nanoseconds(), median.nanoseconds());
        span.saturating_mul(4) >= median.saturating_mul(3)
            && span.saturating_mul(4) <= median.saturating_mul(5)
    };
    let regular = spans.iter().filter(steady).count();
    (regular >= 2 && regular * 3 >= spans.len() * 2 && median > Span::ZERO).then_some(median)
}

/// The first pause that nothing explains.
fn gap(
    case: &Case,
    flow: &Flow,
    alive: &[(usize, &HookRecord)],
    period: Span,
    ends: &Ends<'_>,
) -> Option<Gap> {
    let patience = Span::from_nanoseconds(period.nanoseconds().saturating_mul(5) / 2);
    alive.iter().enumerate().find_map(|(place, (last, record))| {
        let next = alive.get(place + 1);
        let until = record.first.time.plus(patience);
        let stopped = next.is_none_or(|(_, next)| next.first.time > until);
        // A refusal ends the stream, and a failure is another rule's case.
        let told = record.outcome == Outcome::Ok;
        // A lost client is noticed only then, and with it the stream's end.
        let noticed = record.first.time.plus(patience.max(confidence::LOST_CLIENT));
        let end = next.map_or(noticed, |(_, next)| next.first.time);
        (stopped
            && told
            && tells_ends(case, record)
            && end <= case.end()
            && !is_explained(case, flow, record, end, ends)
            && !confidence::was_unreachable(case, record, record.first.time, end))
        .then(|| Gap {
            last: *last,
            next: next.map(|(index, _)| *index),
            period,
            confidence: sure(case, flow, record, end),
        })
    })
}

/// How sure it is that no keep-alive was sent: another hook of the same server shows that hooks still come, and the
/// session is known to tell its streams' ends.
fn sure(case: &Case, flow: &Flow, last: &HookRecord, end: Timestamp) -> Confidence {
    let sends = case.last_hook_of(last.client.ip()).is_some_and(|at| at >= end);
    let tells = confidence::knows_config(case, last)
        || case.records(&flow.hooks).any(|(_, record)| record.is(HookMethod::StreamStatusEvent));
    let sure = confidence::of_absence(case, last.first.time, end).min(Confidence::Likely);
    if sends && tells { sure } else { sure.min(Confidence::Possible) }
}

/// Whether the end of a stream would be told at all.
fn tells_ends(case: &Case, record: &HookRecord) -> bool {
    let status = HookMethod::StreamStatusEvent;
    confidence::is_enabled(case, record, &[status])
        && case.config(case.session_of(record), status).rest_policy != RestPolicy::Disable
}

/// Whether the stream or its session ended, was paused, or is about to be.
fn is_explained(case: &Case, flow: &Flow, last: &HookRecord, end: Timestamp, ends: &Ends<'_>) -> bool {
    let earliest = confidence::earliest(last.first.time);
    let mut rests = false;
    for (_, record) in case.records(&flow.hooks) {
        let Some(spec) = record.method.map(HookMethod::spec) else { continue };
        // What the client asks for, or WCS reports, says more than silence.
        let speaks = spec.hook_type == HookType::Direct || !spec.keeps_alive && !spec.statuses.is_empty();
        if !speaks || record.first.time > end {
            continue;
        }
        if record.first.time >= earliest {
            return true;
        }
        let status = record.status().and_then(|status| spec.status(&status));
        rests = record.is(HookMethod::PauseStream)
            || status.is_some_and(|status| status.terminal || status.name == "PAUSED");
    }
    rests || ends.of(flow).is_some_and(|over| over.first.time <= end)
}

/// What came of a stream behind its last keep-alive.
fn behind(case: &Case, last: &HookRecord) -> String {
    let hooks = last.flow.and_then(|flow| case.flows.get(flow)).map(|flow| flow.hooks.as_slice());
    let later = case.behind(hooks.unwrap_or_default(), last).next();
    later.map_or_else(
        || "none followed, and no status of the stream either".to_owned(),
        |later| {
            let status = later.status().map(|status| format!(" {status}")).unwrap_or_default();
            let after = later.first.time.since(last.first.time);
            format!(
                "nothing followed until {}{status}, {after} later ({})",
                later.name,
                describe::frame(case, later.last)
            )
        },
    )
}

fn report(case: &Case, findings: &mut Findings, backend: usize, gaps: &[Gap]) {
    let hooks: Vec<usize> = gaps.iter().map(|gap| gap.last).collect();
    let next: Vec<usize> = gaps.iter().filter_map(|gap| gap.next).collect();
    let Some(evidence) = Evidence::of_hooks(case, &hooks) else { return };
    let evidence = evidence.with(case.records(&next).map(|(_, record)| (record.connection, record.last)));
    let (Some(gap), Some((_, last))) = (gaps.first(), case.records(&hooks).next()) else { return };
    let streams = describe::counted(gaps.len() as u64, "stream");
    let back = gap.next.and_then(|next| case.hooks.get(next));
    let what = if back.is_some() { "pause" } else { "stop" };
    let title = format!("keep-alives of {streams} {what}, though nothing tells why");
    let then = back.map_or_else(
        || behind(case, last),
        |next| {
            let pause = next.first.time.since(last.first.time);
            format!("the next one came {pause} later ({})", describe::frame(case, next.last))
        },
    );
    let more = if gaps.len() > 1 { format!(" {streams} in all.") } else { String::new() };
    let message = format!(
        "A keep-alive came every {} until POST {} ({}); {then}.{more}",
        gap.period,
        last.target,
        describe::frame(case, last.last),
    );
    let remedy = format!(
        "Look into WCS's server log (logs/server_logs/flashphoner.log) for the stream at that time; until then let the \
            backend at {} not take a missing keep-alive for the stream's end.",
        describe::backend(case, backend)
    );
    let confidence = gaps.iter().map(|gap| gap.confidence).max().unwrap_or(Confidence::Unresolved);
    findings.add(Finding::new(&RULE, title, message, remedy, evidence).sure(confidence));
}
