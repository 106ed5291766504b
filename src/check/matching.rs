//! Finds a flow's steps in what it applies to, and says of each what became of it.

use super::align::{Fit, Wish, align, fits};
use super::file::{FlowFile, Step};
use super::judge::{Judge, Truth};
use super::result::{
    Check, ConditionEntry, FlowEntry, Outcome, SCHEMA_VERSION, SeenEntry, StepEntry, UnitEntry,
};
use super::unit::{Seen, Unit, doubt};
use crate::report::{Document, Redactor, answer, reported};
use crate::rules::INVERSION;
use crate::session::{Case, HookRecord};
use crate::time::{Span, Timestamp};

/// A case, and how it is told.
pub(super) struct Matching<'c> {
    pub(super) case: &'c Case,
    pub(super) document: &'c Document,
    pub(super) redactor: &'c Redactor,
}

impl Matching<'_> {
    /// Looks for all flows.
    pub(super) fn check(&self, flows: &[FlowFile]) -> Check {
        let flows: Vec<(Outcome, FlowEntry)> = flows.iter().map(|flow| self.flow(flow)).collect();
        let worst = flows.iter().map(|(outcome, _)| *outcome).max().unwrap_or(Outcome::Undecided);
        Check {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: self.document.tool.clone(),
            redacted: self.document.redacted,
            captures: self.document.captures.clone(),
            hooks: self.case.hooks.len() as u64,
            result: worst.name().to_owned(),
            flows: flows.into_iter().map(|(_, entry)| entry).collect(),
        }
    }

    fn flow(&self, flow: &FlowFile) -> (Outcome, FlowEntry) {
        let mut units: Vec<(Outcome, UnitEntry)> = Vec::new();
        for unit in Unit::all(self.case, flow.per) {
            let hooks = unit.hooks(self.case);
            match self.applies(flow, &hooks) {
                Truth::Yes => units.push(self.unit(flow, unit, &hooks)),
                Truth::Unknown(why) => {
                    let why = format!("it cannot be told whether the flow applies: {why}");
                    units.push(self.undecided(unit, &why));
                }
                Truth::No => {}
            }
        }
        let worst = units.iter().map(|(outcome, _)| *outcome).max();
        let (per, name) = (flow.per.name(), self.redactor.text(&flow.name));
        let none = || match &flow.applies_to {
            Some(pattern) => {
                format!("not seen: no {per} with {} in the capture", self.redactor.text(&pattern.title()))
            }
            None => "not seen: no hook in the capture".to_owned(),
        };
        let entry = FlowEntry {
            name,
            about: flow.about.as_ref().map(|about| self.redactor.text(about)),
            per: per.to_owned(),
            result: worst.unwrap_or(Outcome::Undecided).name().to_owned(),
            reason: worst.is_none().then(none),
            units: units.into_iter().map(|(_, entry)| entry).collect(),
        };
        (worst.unwrap_or(Outcome::Undecided), entry)
    }

    /// Whether a flow applies to what has these hooks.
    fn applies(&self, flow: &FlowFile, hooks: &[Seen<'_>]) -> Truth {
        let Some(pattern) = &flow.applies_to else {
            return if hooks.is_empty() { Truth::No } else { Truth::Yes };
        };
        let judge = self.judge();
        let mut unsure = Truth::No;
        for hook in hooks {
            match judge.is(pattern, hook) {
                Truth::Yes => return Truth::Yes,
                Truth::Unknown(why) => unsure = Truth::Unknown(why),
                Truth::No => {}
            }
        }
        unsure
    }

    const fn judge(&self) -> Judge<'_> {
        Judge { case: self.case, redactor: self.redactor }
    }

    fn undecided(&self, unit: Unit, why: &str) -> (Outcome, UnitEntry) {
        let reason = Some(why.to_owned());
        (Outcome::Undecided, self.entry(unit, Outcome::Undecided, reason, Vec::new(), Vec::new()))
    }

    fn unit(&self, flow: &FlowFile, unit: Unit, hooks: &[Seen<'_>]) -> (Outcome, UnitEntry) {
        if !fits(flow.steps.len(), hooks.len()) {
            return self.undecided(unit, "it has too many hooks to lay the flow beside them");
        }
        let laid = Laid::new(self, flow, unit, hooks);
        let steps: Vec<StepEntry> = (0..flow.steps.len()).filter_map(|step| laid.entry(step)).collect();
        let others = laid.others();
        let worst = steps.iter().map(|step| match step.state.as_str() {
            "missing" | "differs" => Outcome::Failed,
            "undecided" => Outcome::Undecided,
            _ => Outcome::Passed,
        });
        let worst = worst.max().unwrap_or(Outcome::Passed);
        let unexpected = flow.strict && !others.is_empty();
        let reason = unexpected.then(|| "the flow is strict, and other hooks came as well".to_owned());
        let outcome = if unexpected { Outcome::Failed } else { worst };
        (outcome, self.entry(unit, outcome, reason, steps, others))
    }

    fn entry(
        &self,
        unit: Unit,
        outcome: Outcome,
        reason: Option<String>,
        steps: Vec<StepEntry>,
        others: Vec<SeenEntry>,
    ) -> UnitEntry {
        let (id, key, session) = match unit {
            Unit::Capture => ("capture".to_owned(), None, None),
            Unit::Session(index) => match self.document.sessions.get(index) {
                Some(session) => (session.id.clone(), Some(session.session_id.clone()), None),
                None => (String::new(), None, None),
            },
            Unit::Flow(index) => match self.document.flows.get(index) {
                Some(flow) => (flow.id.clone(), Some(flow.key.clone()), flow.session.clone()),
                None => (String::new(), None, None),
            },
        };
        let key = key.filter(|key| !key.is_empty());
        UnitEntry { id, key, session, result: outcome.name().to_owned(), reason, steps, others }
    }

    fn seen(&self, seen: &Seen<'_>) -> Option<SeenEntry> {
        let first = self.document.hooks.get(*seen.attempts.first()?)?;
        let last = self.document.hooks.get(*seen.attempts.last()?)?;
        let status = reported(last).map(|status| format!(" {status}")).unwrap_or_default();
        Some(SeenEntry {
            id: last.id.clone(),
            title: format!("{}{status}", last.method),
            frame: last.frame.clone(),
            time: first.time.clone(),
            answer: answer(last),
            attempts: seen.attempts.len() as u64,
        })
    }
}

/// A flow laid beside the hooks of what it applies to.
struct Laid<'c> {
    matching: &'c Matching<'c>,
    flow: &'c FlowFile,
    unit: Unit,
    hooks: &'c [Seen<'c>],
    /// How well each hook is each step.
    fits: Vec<Vec<Fit>>,
    /// The hooks of each step.
    taken: Vec<Vec<usize>>,
}

impl<'c> Laid<'c> {
    fn new(matching: &'c Matching<'c>, flow: &'c FlowFile, unit: Unit, hooks: &'c [Seen<'c>]) -> Self {
        let judge = matching.judge();
        let of_step = |step| hooks.iter().map(|hook| judge.fit(step, hook)).collect();
        let fits: Vec<Vec<Fit>> = flow.steps.iter().map(of_step).collect();
        let wish = |step: &Step| Wish { optional: step.optional, repeats: step.most != Some(1) };
        let wishes: Vec<Wish> = flow.steps.iter().map(wish).collect();
        let taken = align(&wishes, hooks.len(), |step, hook| fit_of(&fits, step, hook));
        let mut laid = Self { matching, flow, unit, hooks, fits, taken };
        laid.take_swapped();
        laid
    }

    /// Gives steps without a hook the one that was captured in swapped order: hooks are sent from several threads.
    fn take_swapped(&mut self) {
        for step in 0..self.taken.len() {
            let needs = self.flow.steps.get(step).is_some_and(|step| !step.optional)
                && self.taken.get(step).is_some_and(Vec::is_empty);
            if !needs {
                continue;
            }
            let (before, after) = (self.before(step), self.after(step));
            let near = |one: &Seen<'_>, other: &Seen<'_>| {
                one.first.connection != other.first.connection
                    && one.began().since(other.began()).abs() <= INVERSION
            };
            let is_it = |index: usize, hook: &Seen<'_>| {
                fit_of(&self.fits, step, index) > Fit::Differs
                    && !self.taken.iter().any(|taken| taken.contains(&index))
                    && before.is_none_or(|before| hook.began() >= before.began() || near(hook, before))
                    && after.is_none_or(|after| hook.began() <= after.began() || near(hook, after))
            };
            let found = self.hooks.iter().enumerate().find(|(index, hook)| is_it(*index, hook));
            let found = found.map(|(index, _)| index);
            if let Some(taken) = self.taken.get_mut(step) {
                taken.extend(found);
            }
        }
    }

    /// The hooks of a step.
    fn hooks_of(&self, step: usize) -> impl DoubleEndedIterator<Item = &'c Seen<'c>> {
        let taken = self.taken.get(step).map(Vec::as_slice).unwrap_or_default();
        taken.iter().filter_map(|index| self.hooks.get(*index))
    }

    /// The last hook of the steps before.
    fn before(&self, step: usize) -> Option<&'c Seen<'c>> {
        (0..step).rev().find_map(|step| self.hooks_of(step).next_back())
    }

    /// The first hook of the steps behind.
    fn after(&self, step: usize) -> Option<&'c Seen<'c>> {
        (step + 1..self.taken.len()).find_map(|step| self.hooks_of(step).next())
    }

    /// The step that a step's deadline counts from: the one that it names, or the last before it that was seen, unless one
    /// between them was to be seen.
    fn earlier(&self, index: usize) -> Option<usize> {
        let named = self.flow.steps.get(index).and_then(|step| step.after);
        named.or_else(|| (0..index).rev().find(|step| self.is_seen(*step) || !self.is_optional(*step)))
    }

    fn is_seen(&self, step: usize) -> bool {
        self.taken.get(step).is_some_and(|taken| !taken.is_empty())
    }

    fn is_optional(&self, step: usize) -> bool {
        self.flow.steps.get(step).is_some_and(|step| step.optional)
    }

    /// The hook that a step's deadline counts from: the last one before the step that is the earlier step.
    fn deadline_from(&self, step: usize) -> Option<&'c Seen<'c>> {
        let earlier = self.earlier(step).filter(|earlier| self.is_seen(*earlier))?;
        let until = self.hooks_of(step).next().map(Seen::began);
        let is_it = |(index, hook): &(usize, &Seen<'_>)| {
            fit_of(&self.fits, earlier, *index) > Fit::Not
                && until.is_some_and(|until| hook.began() < until)
                && !self.taken.get(step).is_some_and(|own| own.contains(index))
        };
        let last = self.hooks.iter().enumerate().filter(is_it).map(|(_, hook)| hook).next_back();
        last.or_else(|| self.hooks_of(earlier).next_back())
    }

    /// Whether a step comes in time.
    fn within(&self, index: usize, step: &Step) -> Option<ConditionEntry> {
        let (within, first) = (step.within?, self.hooks_of(index).next()?);
        let (truth, seen) = match self.deadline_from(index) {
            Some(from) => {
                let after = first.began().since(from.sent());
                let late = || doubt(self.matching.case, from.sent(), first.began());
                let truth =
                    if after <= within { Truth::Yes } else { late().map_or(Truth::No, Truth::Unknown) };
                (truth, Some(after.to_string()))
            }
            // What was left out sets no deadline.
            None if self.earlier(index).is_some_and(|earlier| self.is_optional(earlier)) => return None,
            None => (Truth::Unknown("the step that it is to follow was not seen"), None),
        };
        Some(ConditionEntry::new("within", within.to_string(), seen, truth))
    }

    fn entry(&self, index: usize) -> Option<StepEntry> {
        let step = self.flow.steps.get(index)?;
        let count = self.hooks_of(index).count();
        let conditions = self.conditions(index, step, count);
        let (state, reason) = match count {
            0 if step.optional => ("left-out", None),
            count if count < step.least => self.absence(index, step),
            _ => self.state_of_seen(index, step, &conditions),
        };
        Some(StepEntry {
            step: index as u64 + 1,
            expected: self.matching.redactor.text(&step.pattern.title()),
            optional: step.optional,
            times: step.times(),
            state: state.to_owned(),
            reason,
            seen: self.hooks_of(index).filter_map(|seen| self.matching.seen(seen)).collect(),
            conditions,
        })
    }

    /// What is expected of a step's hooks, beside what was seen of the one that tells most.
    fn conditions(&self, index: usize, step: &Step, count: usize) -> Vec<ConditionEntry> {
        let taken = self.taken.get(index).map(Vec::as_slice).unwrap_or_default();
        let worst = taken.iter().min_by_key(|hook| fit_of(&self.fits, index, **hook));
        let Some(worst) = worst.and_then(|worst| self.hooks.get(*worst)) else { return Vec::new() };
        let mut conditions = self.matching.judge().conditions(step, worst);
        conditions.extend(self.within(index, step));
        if let Some(most) = step.most.filter(|most| count > *most) {
            let (expected, seen) = (format!("at most {most} times"), Some(format!("{count} times")));
            conditions.push(ConditionEntry::new("repeat", expected, seen, Truth::No));
        }
        conditions
    }

    fn state_of_seen(
        &self,
        index: usize,
        step: &Step,
        conditions: &[ConditionEntry],
    ) -> (&'static str, Option<String>) {
        let wrong: Vec<&ConditionEntry> = conditions.iter().filter(|known| known.holds == "no").collect();
        if wrong.is_empty() {
            let unknown = conditions.iter().find(|known| known.holds == "unknown");
            return match unknown {
                Some(condition) => ("undecided", condition.reason.clone()),
                None => ("seen", None),
            };
        }
        // A hook with another body may be another one, and the step's may not have been captured.
        let another = wrong.iter().all(|known| known.what.starts_with("request."));
        match self.absence(index, step) {
            ("undecided", reason) if another => ("undecided", reason),
            _ => ("differs", None),
        }
    }

    /// Whether a hook that is not there is missing, or may not have been captured; and why.
    fn absence(&self, index: usize, step: &Step) -> (&'static str, Option<String>) {
        let undecided = |why: String| ("undecided", Some(why));
        let per = self.flow.per.name();
        if self.unit == Unit::Capture {
            return undecided("it may have come before or after the capture".to_owned());
        }
        let own = self.hooks_of(index).next_back().filter(|_| step.least > 1);
        let before = own.or_else(|| self.before(index));
        let from = before.map(Seen::sent).or_else(|| self.hooks.first().map(Seen::began)).unwrap_or_default();
        if self.unit.known_from(self.matching.case).is_none_or(|known| from < known) {
            return undecided(format!("the beginning of the {per} was not captured"));
        }
        let after = self.after(index).map(|after| (after.began().plus(self.inversion()), Bound::Hook(after)));
        let deadline = step.within.zip(self.deadline_from(index));
        let deadline =
            deadline.map(|(within, from)| (from.sent().plus(within), Bound::Deadline(within, from)));
        let over = self.unit.over(self.matching.case, &step.pattern).map(|over| (over, Bound::End));
        let Some((until, bound)) =
            [deadline, after, over].into_iter().flatten().min_by_key(|(until, _)| *until)
        else {
            return undecided(format!(
                "the capture ends while the {per} goes on, and nothing says by when it is due"
            ));
        };
        if let Some(why) = doubt(self.matching.case, from, until) {
            return undecided(why.to_owned());
        }
        if let Some(stray) = self.stray(step, from, until) {
            return undecided(format!("{stray} does not say what it is about, and may be it"));
        }
        ("missing", Some(self.reason(before, &bound)))
    }

    /// How much later than the next hook one may still be captured: on one connection they come in order.
    fn inversion(&self) -> Span {
        let mut connections = self.hooks.iter().map(|hook| hook.first.connection);
        let first = connections.next();
        if connections.all(|other| Some(other) == first) { Span::ZERO } else { INVERSION }
    }

    /// A hook of a step's method that does not say what it is about.
    fn stray(&self, step: &Step, from: Timestamp, until: Timestamp) -> Option<String> {
        let case = self.matching.case;
        let is_it = |record: &HookRecord| {
            let sent = record.first.time;
            record.method.is_some_and(|method| step.pattern.methods.contains(&method))
                && self.unit.may_hold(record, case)
                && sent.plus(INVERSION) >= from
                && sent <= until.plus(INVERSION)
        };
        let index = case.hooks.iter().position(is_it)?;
        self.matching.document.hooks.get(index).map(|hook| format!("{} (frame {})", hook.id, hook.frame))
    }

    /// Between what a hook is missing.
    fn reason(&self, before: Option<&Seen<'_>>, bound: &Bound<'_>) -> String {
        let per = self.flow.per.name();
        let from = before.and_then(|before| self.matching.seen(before));
        let from = from.map(|from| format!("after frame {}", from.frame));
        match bound {
            Bound::Deadline(within, from) => {
                let from = self.matching.seen(from).map(|from| format!(" of frame {}", from.frame));
                format!("it did not come within {within}{}", from.unwrap_or_default())
            }
            Bound::Hook(after) => {
                let to = self.matching.seen(after).map(|to| format!("before frame {}", to.frame));
                let bounds: Vec<String> = from.into_iter().chain(to).collect();
                format!("it did not come {}", bounds.join(" and "))
            }
            Bound::End => {
                format!("the {per} was over, and it had not come {}", from.unwrap_or_default())
            }
        }
    }

    /// Hooks that no step took.
    fn others(&self) -> Vec<SeenEntry> {
        let mut is_taken = vec![false; self.hooks.len()];
        for index in self.taken.iter().flatten() {
            if let Some(taken) = is_taken.get_mut(*index) {
                *taken = true;
            }
        }
        let others = self.hooks.iter().zip(is_taken).filter(|(_, taken)| !taken);
        others.filter_map(|(seen, _)| self.matching.seen(seen)).collect()
    }
}

/// What ends the time in which a hook was due.
enum Bound<'c> {
    /// The step's deadline, counted from a hook.
    Deadline(Span, &'c Seen<'c>),
    /// The hook of a later step.
    Hook(&'c Seen<'c>),
    /// The end of what the flow is looked for in.
    End,
}

fn fit_of(fits: &[Vec<Fit>], step: usize, hook: usize) -> Fit {
    fits.get(step).and_then(|fits| fits.get(hook)).copied().unwrap_or(Fit::Not)
}
