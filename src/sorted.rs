/*!
A map kept as a sorted list.

It is for what has few entries or gets them in order. Each type of a `BTreeMap` costs 4,000 bytes of machine code, this
one some hundred (docs/size.md).
*/

use std::borrow::Borrow;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted<K, V>(Vec<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted(Vec::new())
    }
}

impl<K: Ord, V> Sorted<K, V> {
    /// Where the key is, or where it would have to come.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(k, _)| k.borrow().cmp(key))
    }

    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(self.find(key).ok()?).map(|(_, value)| value)
    }

    pub fn has<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// What is there already stays.
    pub fn insert(&mut self, key: K, value: V) {
        if let Err(place) = self.find(&key) {
            self.0.insert(place, (key, value));
        }
    }

    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Ok(place) = self.find(key) {
            self.0.remove(place);
        }
    }

    pub fn retain(&mut self, mut keeps: impl FnMut(&K, &V) -> bool) {
        self.0.retain(|(key, value)| keeps(key, value));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.0.iter()
    }
}

impl<K, V> IntoIterator for Sorted<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lie_in_order_and_the_first_value_of_a_key_stays() {
        let mut map = Sorted::default();
        assert!(map.is_empty());
        for (key, value) in [("m", 1), ("a", 2), ("z", 3), ("m", 4)] {
            map.insert(key.to_owned(), value);
        }
        assert_eq!((map.get("m"), map.get("b")), (Some(&1), None));
        map.remove("b");
        map.remove("z");
        map.insert("b".into(), 5);
        map.retain(|key, value| key != "m" || *value != 1);
        let keys: Vec<(String, i32)> = map.into_iter().collect();
        assert_eq!(keys, [("a".to_owned(), 2), ("b".to_owned(), 5)]);
    }
}
