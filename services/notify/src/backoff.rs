//! How long to wait before something is tried again.

use rand::Rng;
use std::time::Duration;

/// The wait after the first failure.
pub const FIRST: Duration = Duration::from_secs(1);
/// The longest wait.
pub const LONGEST: Duration = Duration::from_secs(300);

/// The wait after so many failures in a row: twice as long each time, and anything from a half to the whole of that, so
/// that senders which failed together do not come back together.
pub fn delay(failures: u32, rng: &mut impl Rng) -> Duration {
    let times = 2u32.saturating_pow(failures.saturating_sub(1));
    let whole = FIRST.saturating_mul(times).min(LONGEST);
    rng.gen_range(whole / 2..=whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{rngs::StdRng, SeedableRng};

    #[test]
    fn waits_double_up_to_a_bound_and_are_never_the_same() {
        let mut rng = StdRng::seed_from_u64(1);
        for (failures, seconds) in [(0, 1), (1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (1_000, 300), (u32::MAX, 300)]
        {
            let whole = Duration::from_secs(seconds);
            let waits: Vec<_> = (0..100).map(|_| delay(failures, &mut rng)).collect();
            assert!(waits.iter().all(|wait| (whole / 2..=whole).contains(wait)), "{failures}: {waits:?}");
            assert!(waits.iter().any(|wait| *wait != waits[0]));
        }
    }
}
