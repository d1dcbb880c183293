/*!
Sorting what is seldom sorted: one copy of the standard library's sort, over places, whatever is sorted.

Each type that `slice::sort` sees costs 3,500 bytes of machine code. Long lists of numbers (elements of sets) use
that all the same.
*/

use std::cmp::Ordering;

/// Sorts; what is equal stays as it was.
pub fn by<T>(items: &mut Vec<T>, order: impl Fn(&T, &T) -> Ordering) {
    let places = places(items.len(), &|a, b| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => order(a, b),
        _ => Ordering::Equal,
    });
    let mut unsorted: Vec<Option<T>> = items.drain(..).map(Some).collect();
    let taken = places
        .into_iter()
        .filter_map(|place| unsorted.get_mut(place)?.take());
    items.extend(taken);
}

/// The places of so many items, in the items' order.
#[inline(never)]
pub fn places(count: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    // The place decides between equals, so the order is total and the sort need not be the stable one.
    places.sort_unstable_by(|&a, &b| order(a, b).then(a.cmp(&b)));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_items_keep_their_order() {
        let mut items: Vec<(u32, u32)> = (0..100).map(|n| (n * 7 % 5, n)).collect();
        let mut expected = items.clone();
        by(&mut items, |a, b| a.0.cmp(&b.0));
        expected.sort_by_key(|item| item.0);
        assert_eq!(items, expected);
    }
}
