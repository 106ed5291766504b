//! Lays steps beside hooks: which hook is which step, so that as much as possible is as expected.
//!
//! Keeps: two numbers for each step and hook; whoever calls asks before whether there are too many ([`fits()`]).

/// How well a hook is a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is another one.
    Not,
    /// It is the step, but something about it is otherwise than expected.
    Differs,
    /// It may be the step, but not all of it is known.
    Unsure,
    /// It is the step.
    Full,
}

/// What matters of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// Whether it may be left out.
    pub(super) optional: bool,
    /// Whether it may come several times.
    pub(super) repeats: bool,
}

/// Steps times hooks that are laid beside each other at most.
const CELLS: usize = 4_000_000;

/// How much a step's first hook counts: one that has to come more than all that may.
const REQUIRED: u64 = 1 << 44;
const OPTIONAL: u64 = 1 << 28;

/// Whether there are few enough of them to be laid beside each other.
pub(super) const fn fits(steps: usize, hooks: usize) -> bool {
    (steps + 1).saturating_mul(hooks + 1) <= CELLS
}

const fn worth(fit: Fit) -> Option<u64> {
    match fit {
        Fit::Not => None,
        Fit::Differs => Some(1),
        Fit::Unsure => Some(2),
        Fit::Full => Some(4),
    }
}

/// The hooks of each step, in order; of equally good ones the first. A flow begins with the first step that has to come: what
/// there is of it counts for more than all behind it, of which a capture that ends early may have nothing.
pub(super) fn align(steps: &[Wish], hooks: usize, fit: impl Fn(usize, usize) -> Fit) -> Vec<Vec<usize>> {
    let width = hooks + 1;
    // The best that can be made of a step and those behind it, from a hook on: before the step has a hook, and after.
    let rows = (steps.len() + 1) * width;
    let (mut fresh, mut going) = (vec![0_u64; rows], vec![0_u64; rows]);
    let at =
        |table: &[u64], step: usize, hook: usize| table.get(step * width + hook).copied().unwrap_or_default();
    let beginning = steps.iter().position(|wish| !wish.optional);
    let first_of = |step: usize, wish: &Wish| {
        if wish.optional {
            OPTIONAL
        } else if Some(step) == beginning {
            REQUIRED * (steps.len() as u64 + 1)
        } else {
            REQUIRED
        }
    };
    for (step, wish) in steps.iter().enumerate().rev() {
        let first = first_of(step, wish);
        for hook in (0..width).rev() {
            let worth = (hook < hooks).then(|| worth(fit(step, hook))).flatten();
            let done = at(&fresh, step + 1, hook);
            let more = worth.filter(|_| wish.repeats).map_or(0, |worth| worth + at(&going, step, hook + 1));
            let skip = if hook < hooks { at(&going, step, hook + 1) } else { 0 };
            let on = if wish.repeats { done.max(more).max(skip) } else { done };
            set(&mut going, step * width + hook, on);
            let take = worth.map_or(0, |worth| first + worth + at(&going, step, hook + 1));
            let skip = if hook < hooks { at(&fresh, step, hook + 1) } else { 0 };
            set(&mut fresh, step * width + hook, done.max(take).max(skip));
        }
    }
    let mut taken = vec![Vec::new(); steps.len()];
    let (mut step, mut hook) = (0, 0);
    while let Some((wish, own)) = steps.get(step).zip(taken.get_mut(step)).filter(|_| hook < hooks) {
        let begun = !own.is_empty();
        let best = at(if begun { &going } else { &fresh }, step, hook);
        let gain = if begun { 0 } else { first_of(step, wish) };
        let take = worth(fit(step, hook))
            .filter(|_| !begun || wish.repeats)
            .map(|worth| gain + worth + at(&going, step, hook + 1));
        if take == Some(best) {
            own.push(hook);
            hook += 1;
        } else if best == at(&fresh, step + 1, hook) {
            step += 1;
        } else {
            hook += 1;
        }
    }
    taken
}

fn set(table: &mut [u64], index: usize, value: u64) {
    if let Some(cell) = table.get_mut(index) {
        *cell = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters are hooks; a step is a letter, `?` behind it makes it optional, `+` repeated. A small letter is a hook
    /// that differs from its step.
    fn aligned(steps: &str, hooks: &str) -> Vec<Vec<usize>> {
        let mut wishes: Vec<(char, Wish)> = Vec::new();
        for letter in steps.chars() {
            match (letter, wishes.last_mut()) {
                ('?', Some((_, wish))) => wish.optional = true,
                ('+', Some((_, wish))) => wish.repeats = true,
                _ => wishes.push((letter, Wish { optional: false, repeats: false })),
            }
        }
        let letters: Vec<char> = hooks.chars().collect();
        let only: Vec<Wish> = wishes.iter().map(|(_, wish)| *wish).collect();
        align(&only, letters.len(), |step, hook| match (wishes[step].0, letters[hook]) {
            (step, hook) if step == hook => Fit::Full,
            (step, hook) if step.eq_ignore_ascii_case(&hook) => Fit::Differs,
            _ => Fit::Not,
        })
    }

    #[test]
    fn steps_find_their_hooks() {
        for (steps, hooks, expected) in [
            ("ABC", "ABC", vec![vec![0], vec![1], vec![2]]),
            ("ABC", "AxBxC", vec![vec![0], vec![2], vec![4]]),
            ("AB?C", "AC", vec![vec![0], vec![], vec![1]]),
            ("AB?CB", "ACB", vec![vec![0], vec![], vec![1], vec![2]]),
            ("A+B", "AAAB", vec![vec![0, 1, 2], vec![3]]),
            ("A+B+A", "AxABBA", vec![vec![0, 2], vec![3, 4], vec![5]]),
            ("AB", "aAB", vec![vec![1], vec![2]]),
            ("AB", "aB", vec![vec![0], vec![1]]),
            ("ABC", "AC", vec![vec![0], vec![], vec![1]]),
            ("AB", "", vec![vec![], vec![]]),
            ("A", "AA", vec![vec![0]]),
            ("ABC", "BCA", vec![vec![2], vec![], vec![]]),
        ] {
            assert_eq!(aligned(steps, hooks), expected, "{steps} {hooks}");
        }
    }
}
