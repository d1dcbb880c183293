/*!
The memory of small things: a load makes hundreds of thousands of them, and then ends.

A C library's allocator looks for room that fits, puts pieces together again, and locks for the case that there are
threads. This program has one thread (clippy.toml keeps it so): what is given back waits in a list for the next that asks for that
size. What is larger than [`LARGEST`] is left to the C library, which moves it by whole pages.

Memory comes in chunks, which are not given back: only a process that loads rules has many, and it ends with the load.
*/

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr::{NonNull, null_mut};

/// Sizes are rounded up to this, which is also the alignment.
const GRAIN: usize = 16;
/// The largest size that is handled here.
const LARGEST: usize = 1024;
/// What the C library is asked for when there is no room left. Pages that nothing touches cost nothing.
const CHUNK: usize = 64 << 10;

pub struct Heap(UnsafeCell<State>);

struct State {
    /// For each size what was given back: the first, which holds where the next is.
    free: [*mut Free; LARGEST / GRAIN],
    /// What of the chunk nothing has used yet.
    room: *mut u8,
    left: usize,
}

struct Free {
    next: *mut Free,
}

// A static has to be Sync. Nothing shares it: there is one thread, and nothing that a signal runs allocates (fault.rs).
unsafe impl Sync for Heap {}

impl Heap {
    pub const fn new() -> Self {
        Heap(UnsafeCell::new(State {
            free: [null_mut(); LARGEST / GRAIN],
            room: null_mut(),
            left: 0,
        }))
    }
}

/// Which list a size belongs to, if it is handled here.
fn class(layout: Layout) -> Option<usize> {
    (layout.align() <= GRAIN && layout.size() <= LARGEST)
        .then(|| layout.size().max(1).div_ceil(GRAIN) - 1)
}

impl State {
    unsafe fn take(&mut self, class: usize) -> *mut u8 {
        let list = unsafe { self.free.get_unchecked_mut(class) };
        if let Some(free) = NonNull::new(*list) {
            *list = unsafe { free.as_ref() }.next;
            return free.as_ptr().cast();
        }
        let size = (class + 1) * GRAIN;
        if self.left < size && !unsafe { self.grow(class) } {
            return null_mut();
        }
        let place = self.room;
        self.room = unsafe { place.add(size) };
        self.left -= size;
        place
    }

    /// Makes room for this size: of something larger that was given back (what one stage of a load leaves is made for other sizes than
    /// what the next one needs), or else of a new chunk.
    #[cold]
    unsafe fn grow(&mut self, class: usize) -> bool {
        if let Some(rest) = (self.left / GRAIN).checked_sub(1) {
            unsafe { self.give_back(self.room, rest) };
            self.left = 0;
        }
        for (larger, list) in self.free.iter_mut().enumerate().skip(class + 1).rev() {
            if let Some(free) = NonNull::new(*list) {
                *list = unsafe { free.as_ref() }.next;
                self.room = free.as_ptr().cast();
                self.left = (larger + 1) * GRAIN;
                return true;
            }
        }
        let place = unsafe { System.alloc(Layout::from_size_align_unchecked(CHUNK, GRAIN)) };
        if place.is_null() {
            return false;
        }
        self.room = place;
        self.left = CHUNK;
        true
    }

    unsafe fn give_back(&mut self, place: *mut u8, class: usize) {
        let place = place.cast::<Free>();
        unsafe {
            let list = self.free.get_unchecked_mut(class);
            (*place).next = *list;
            *list = place;
        }
    }
}

unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match class(layout) {
            Some(class) => unsafe { (*self.0.get()).take(class) },
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        let Some(class) = class(layout) else {
            return unsafe { System.dealloc(place, layout) };
        };
        unsafe { (*self.0.get()).give_back(place, class) };
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if class(layout).is_none() {
            return unsafe { System.alloc_zeroed(layout) };
        }
        let place = unsafe { self.alloc(layout) };
        if !place.is_null() {
            unsafe { place.write_bytes(0, layout.size()) };
        }
        place
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (class(layout), class(new)) {
            (None, None) => return unsafe { System.realloc(place, layout, size) },
            (old, new) if old == new => return place,
            _ => {}
        }
        let moved = unsafe { self.alloc(new) };
        if !moved.is_null() {
            unsafe {
                moved.copy_from_nonoverlapping(place, layout.size().min(size));
                self.dealloc(place, layout);
            }
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Piece {
        place: *mut u8,
        layout: Layout,
        mark: u8,
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    /// All of it holds its mark.
    fn is_whole(piece: &Piece, size: usize) -> bool {
        (0..size).all(|n| unsafe { *piece.place.add(n) } == piece.mark)
    }

    fn give_back(heap: &Heap, piece: &Piece) {
        assert!(is_whole(piece, piece.layout.size()));
        unsafe { heap.dealloc(piece.place, piece.layout) };
    }

    #[test]
    fn no_piece_reaches_into_another_whatever_is_asked_for_and_given_back() {
        let heap = Heap::new();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut number = 1_u32;
        for turn in 0..40_000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let random = (number >> 8) as usize;
            let size = 1 + random / 7 % [24, 200, 1100][random % 3];
            if pieces.len() < 200 || turn % 3 == 0 {
                let layout = layout(size);
                let place = unsafe { heap.alloc(layout) };
                assert!(place.addr().is_multiple_of(GRAIN));
                let mark = turn as u8;
                unsafe { place.write_bytes(mark, size) };
                pieces.push(Piece {
                    place,
                    layout,
                    mark,
                });
            } else if turn % 3 == 1 {
                give_back(&heap, &pieces.swap_remove(random % pieces.len()));
            } else {
                let at = random % pieces.len();
                let piece = &mut pieces[at];
                let kept = size.min(piece.layout.size());
                piece.place = unsafe { heap.realloc(piece.place, piece.layout, size) };
                piece.layout = layout(size);
                assert!(is_whole(piece, kept));
                unsafe { piece.place.write_bytes(piece.mark, size) };
            }
        }
        for piece in pieces {
            give_back(&heap, &piece);
        }
    }

    #[test]
    fn what_was_given_back_is_taken_apart_for_what_is_smaller() {
        let heap = Heap::new();
        let large: Vec<*mut u8> = (0..CHUNK / LARGEST)
            .map(|_| unsafe { heap.alloc(layout(LARGEST)) })
            .collect();
        for place in &large {
            unsafe { heap.dealloc(*place, layout(LARGEST)) };
        }
        let within = |place: *mut u8| {
            let from = |start: &*mut u8| place.addr().wrapping_sub(start.addr());
            large.iter().any(|start| from(start) < LARGEST)
        };
        // 48 does not go into 1024: what is left over is used for the last ones.
        for _ in 0..CHUNK / LARGEST * (LARGEST / 48) {
            assert!(within(unsafe { heap.alloc(layout(48)) }));
        }
        for _ in 0..CHUNK / LARGEST {
            assert!(within(unsafe { heap.alloc(layout(16)) }));
        }
        assert!(!within(unsafe { heap.alloc(layout(16)) }));
    }

    #[test]
    fn what_was_given_back_is_used_again_and_is_zero_where_zeros_are_asked_for() {
        let heap = Heap::new();
        let first = unsafe { heap.alloc(layout(40)) };
        unsafe { first.write_bytes(0xff, 40) };
        unsafe { heap.dealloc(first, layout(40)) };
        let second = unsafe { heap.alloc_zeroed(layout(33)) };
        assert_eq!(first, second);
        assert!((0..33).all(|n| unsafe { *second.add(n) } == 0));
        unsafe { heap.dealloc(second, layout(33)) };
    }

    #[test]
    fn a_large_alignment_is_kept() {
        let heap = Heap::new();
        let layout = Layout::from_size_align(64, 64).unwrap();
        for _ in 0..10 {
            let place = unsafe { heap.alloc(layout) };
            assert!(place.addr().is_multiple_of(64));
            unsafe { heap.dealloc(place, layout) };
        }
    }
}
