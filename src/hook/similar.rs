//! What a misspelled name may have meant.

/// The candidate that a word most likely means: equal but for case, or a slip or two of the keyboard away.
pub fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // Where one slip makes another word of it, a short word says nothing.
    let slips = match word.chars().count() {
        3..=5 => 1,
        6..=40 => 2,
        _ => return None,
    };
    let lower = letters(word);
    candidates
        .into_iter()
        .map(|candidate| (distance(&lower, &letters(candidate)), candidate))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn letters(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).collect()
}

/// Letters to change, leave out, put in or swap with their neighbour (optimal string alignment).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row.saturating_add(1)];
        for (column, wanted) in other.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX);
            let apart = at(&above, column.saturating_add(1)).min(at(&line, column)).saturating_add(1);
            let mut least = at(&above, column).saturating_add(usize::from(letter != wanted)).min(apart);
            if let Some((row, column)) = row.checked_sub(1).zip(column.checked_sub(1))
                && one.get(row) == Some(wanted)
                && other.get(column) == Some(letter)
            {
                least = least.min(at(&before, column).saturating_add(1));
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_keyboard_are_understood_and_other_words_are_not() {
        let methods = ["call", "hangup", "CallStatusEvent", "StreamStatusEvent"];
        let closest = |word| closest(word, methods);
        assert_eq!(closest("cal"), Some("call"));
        assert_eq!(closest("hnagup"), Some("hangup"), "two letters swapped");
        assert_eq!(closest("CallStatusEvents"), Some("CallStatusEvent"));
        assert_eq!(closest("callstatusevnet"), Some("CallStatusEvent"), "whatever the case");
        assert_eq!(closest("recordings"), None);
        assert_eq!(closest("ca"), None);
        assert_eq!(closest(""), None);
    }

    #[test]
    fn distances_are_those_of_the_definition() {
        let distance = |one: &str, other: &str| distance(&letters(one), &letters(other));
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("same", "SAME"), 0);
    }
}
