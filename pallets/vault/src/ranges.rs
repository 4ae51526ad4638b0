//! Sorted, disjoint ranges: taking from one side and putting back with neighbours joined.

use alloc::vec::Vec;
use specie_primitives::CoinRange;

/// Where coins are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Lowest first.
    Front,
    /// Highest first.
    Back,
}

/// Most pieces that coins are taken in, if there is a range large enough for the rest: scattered ranges of one vault must
/// not scatter another's.
pub const MAX_PARTS: usize = 16;

/// Takes `count` coins from one side; `None` when there are fewer. What would come in more than [`MAX_PARTS`] pieces is
/// taken from the largest ranges instead.
pub fn take(ranges: &mut Vec<CoinRange>, count: u32, side: Side) -> Option<Vec<CoinRange>> {
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    if side == Side::Back {
        order.reverse();
    }
    let mut sum = 0u32;
    let parts = order.iter().position(|place| {
        sum = sum.saturating_add(ranges.get(*place).map_or(0, |range| range.count));
        sum >= count
    })?;
    if parts >= MAX_PARTS {
        order.sort_by_key(|place| core::cmp::Reverse(ranges.get(*place).map_or(0, |range| range.count)));
    }
    let (mut missing, mut taken) = (count, Vec::new());
    for place in order {
        if missing == 0 {
            break;
        }
        let range = ranges.get_mut(place)?;
        let part = match side {
            Side::Front => range.take_front(missing),
            Side::Back => range.take_back(missing),
        };
        missing = missing.checked_sub(part.count)?;
        taken.push(part);
    }
    ranges.retain(|range| range.count > 0);
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
        assert_eq!(take(&mut ranges, 5, Side::Front), Some(alloc::vec![range(1, 5, 3), range(2, 0, 2)]));
        assert_eq!(ranges, [range(2, 2, 8)]);
        assert_eq!(take(&mut ranges, 8, Side::Front).map(|taken| taken.len()), Some(1));
        assert!(ranges.is_empty());
        assert_eq!(take(&mut ranges, 1, Side::Front), None);
    }

    #[test]
    fn takes_highest_first_from_the_back() {
        let mut ranges = alloc::vec![range(1, 5, 3), range(2, 0, 10)];
        assert_eq!(take(&mut ranges, 4, Side::Back), Some(alloc::vec![range(2, 6, 4)]));
        assert_eq!(take(&mut ranges, 8, Side::Back), Some(alloc::vec![range(2, 0, 6), range(1, 6, 2)]));
        assert_eq!(ranges, [range(1, 5, 1)]);
        assert_eq!(take(&mut ranges, 2, Side::Back), None);
        assert_eq!(ranges, [range(1, 5, 1)]);
    }

    #[test]
    fn boundary_many_parts_are_left_for_a_large_range() {
        let scattered = |parts: u32| -> Vec<CoinRange> {
            (0..parts).map(|number| range(1, number * 2, 1)).chain([range(2, 0, 1_000)]).collect()
        };
        // Sixteen pieces are still taken in order.
        let mut ranges = scattered(15);
        assert_eq!(take(&mut ranges, 20, Side::Front).map(|taken| taken.len()), Some(16));
        assert_eq!(ranges, [range(2, 5, 995)]);
        let mut ranges = scattered(16);
        assert_eq!(take(&mut ranges, 20, Side::Front), Some(alloc::vec![range(2, 0, 20)]));
        assert_eq!(ranges.len(), 17);
        // When nothing else is left, all pieces are taken.
        assert_eq!(take(&mut ranges, 996, Side::Back).map(|taken| taken.len()), Some(17));
        assert!(ranges.is_empty());
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
