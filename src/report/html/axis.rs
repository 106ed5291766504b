//! Axes: round numbers at their places.

/// A mark on an axis.
pub(super) struct Tick {
    pub(super) at: String,
    pub(super) label: String,
}

/// A linear axis of time, from the capture's start.
#[derive(Clone, Copy)]
pub(super) struct TimeAxis {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) end: f64,
}

/// Marks on an axis of time, at most.
const MARKS: f64 = 8.0;

impl TimeAxis {
    /// Where a time lies.
    pub(super) fn at(self, seconds: f64) -> f64 {
        self.left + (self.right - self.left) * (seconds / self.end).clamp(0.0, 1.0)
    }

    /// Marks at round times.
    pub(super) fn ticks(self) -> Vec<Tick> {
        let step = round_step(self.end / MARKS);
        let times = std::iter::successors(Some(0.0), |time| Some(time + step));
        let times = times.take_while(|time| *time <= self.end * 1.000_001);
        times.map(|time| Tick { at: coordinate(self.at(time)), label: label(time, step) }).collect()
    }
}

/// The least round number of seconds that is not below `least`.
fn round_step(least: f64) -> f64 {
    const LONG: [f64; 12] = [
        60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0,
    ];
    let least = least.max(1e-6);
    if least > 30.0 {
        let days = (least / 86_400.0).ceil() * 86_400.0;
        return LONG.into_iter().find(|step| *step >= least).unwrap_or(days);
    }
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|step| *step >= least);
    let step = step.unwrap_or(10.0 * power);
    // Above half a minute, only what divides one.
    if step > 20.0 { 30.0 } else { step }
}

fn label(time: f64, step: f64) -> String {
    if step >= 60.0 {
        let minutes = (time / 60.0).round();
        let (hours, minutes) = ((minutes / 60.0).floor(), minutes % 60.0);
        return if hours > 0.0 { format!("{hours} h {minutes:02} min") } else { format!("{minutes} min") };
    }
    let mut decimals = 0;
    while decimals < 6 && step * 10_f64.powi(decimals) < 0.999 {
        decimals += 1;
    }
    let decimals = usize::try_from(decimals).unwrap_or_default();
    format!("{time:.decimals$} s")
}

/// A number as SVG has it: tenths of a unit are enough for every screen.
pub(super) fn coordinate(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_few() {
        for end in [0.004, 0.3, 1.0, 17.2, 59.0, 61.0, 700.0, 4_000.0, 90_000.0, 1e6] {
            let ticks = TimeAxis { left: 0.0, right: 100.0, end }.ticks();
            assert!((1..=10).contains(&ticks.len()), "{end}: {}", ticks.len());
        }
        let labels = |end| {
            let ticks = TimeAxis { left: 0.0, right: 100.0, end }.ticks();
            ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>()
        };
        assert_eq!(labels(1.2), ["0.0 s", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1.0 s", "1.2 s"]);
        assert_eq!(labels(19.1), ["0 s", "5 s", "10 s", "15 s"]);
        assert_eq!(labels(130.0), ["0 s", "20 s", "40 s", "60 s", "80 s", "100 s", "120 s"]);
    }
}
