//! Sorted, disjoint ranges: taking from the front and putting back with neighbours joined.

use alloc::vec::Vec;
use specie_primitives::CoinRange;

/// Takes `count` coins, lowest first; `None` when there are fewer.
pub fn take(ranges: &mut Vec<CoinRange>, count: u32) -> Option<Vec<CoinRange>> {
    let mut missing = count;
    let mut taken = Vec::new();
    while missing > 0 {
        let first = ranges.first_mut()?;
        let part = first.take_front(missing);
        if first.count == 0 {
            ranges.remove(0);
        }
        missing = missing.checked_sub(part.count)?;
        taken.push(part);
    }
    Some(taken)
}

/// Puts a range in its place and joins it with its neighbours; `None` when it overlaps one.
pub fn put(ranges: &mut Vec<CoinRange>, range: CoinRange) -> Option<()> {
    let at = ranges.partition_point(|other| (other.batch, other.start) < (range.batch, range.start));
    let (before, behind) = ranges.split_at_checked(at)?;
    if before.last().is_some_and(|other| other.overlaps(&range))
        || behind.first().is_some_and(|other| other.overlaps(&range))
    {
        return None;
    }
    ranges.insert(at, range);
    if at > 0 {
        join(ranges, at.checked_sub(1)?);
        // The range may have moved one place forward: join whatever now follows it.
        let start =
            ranges.partition_point(|other| (other.batch, other.start) <= (range.batch, range.start)).checked_sub(1)?;
        join(ranges, start);
    } else {
        join(ranges, at);
    }
    Some(())
}

/// Joins the range at `at` with the next one if they touch.
fn join(ranges: &mut Vec<CoinRange>, at: usize) {
    let (Some(one), Some(next)) = (ranges.get(at).copied(), ranges.get(at.saturating_add(1)).copied()) else { return };
    if one.batch == next.batch && one.end() == next.start {
        if let (Some(first), Some(count)) = (ranges.get_mut(at), one.count.checked_add(next.count)) {
            first.count = count;
            ranges.remove(at.saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(batch: u32, start: u32, count: u32) -> CoinRange {
        CoinRange { batch, start, count }
    }

    #[test]
    fn takes_lowest_first_across_ranges() {
        let mut ranges = alloc::vec![range(1, 5, 3), range(2, 0, 10)];
        assert_eq!(take(&mut ranges, 5), Some(alloc::vec![range(1, 5, 3), range(2, 0, 2)]));
        assert_eq!(ranges, [range(2, 2, 8)]);
        assert_eq!(take(&mut ranges, 8).map(|taken| taken.len()), Some(1));
        assert!(ranges.is_empty());
        assert_eq!(take(&mut ranges, 1), None);
    }

    #[test]
    fn joins_neighbours_on_both_sides() {
        let mut ranges = alloc::vec![range(1, 0, 2), range(1, 5, 5), range(2, 0, 1)];
        assert_eq!(put(&mut ranges, range(1, 2, 3)), Some(()));
        assert_eq!(ranges, [range(1, 0, 10), range(2, 0, 1)]);
        assert_eq!(put(&mut ranges, range(0, 0, 1)), Some(()));
        assert_eq!(put(&mut ranges, range(3, 0, 1)), Some(()));
        assert_eq!(ranges, [range(0, 0, 1), range(1, 0, 10), range(2, 0, 1), range(3, 0, 1)]);
    }

    #[test]
    fn overlaps_are_refused() {
        let mut ranges = alloc::vec![range(1, 0, 10)];
        for bad in [range(1, 0, 1), range(1, 9, 5), range(1, 3, 2), range(1, 0, 10)] {
            assert_eq!(put(&mut ranges, bad), None);
        }
        assert_eq!(ranges, [range(1, 0, 10)]);
    }
}
