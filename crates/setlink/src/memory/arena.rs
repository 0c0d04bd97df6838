//! Room for what lives as long as a link: many arrays of known length, made by several threads, given back at once.
//!
//! A set of 2,000 objects has 16,000 such arrays, 20 MiB of them. In an allocator's hands they are as many calls to get and
//! to give back, and they lie in pages of 4 KiB: each costs a fault, and looking things up in them misses the translation
//! buffers. Here they lie side by side, in huge pages once there are enough. Nothing in them is dropped.
//!
//! Those of one object are made by one thread, one after the other: it takes a [`Part`] for them, and the lock once.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use allocator_api2::alloc::{AllocError, Allocator};

use super::HUGE_PAGE;
use super::file::{Bytes, Mapped};

/// A chunk is half as large as all before it together, within these bounds: so much may stay unused.
const SMALLEST: usize = 4 << 10;
const LARGEST: usize = HUGE_PAGE;
/// The strictest alignment of what is given out.
const ALIGN: usize = 16;

enum Chunk {
    Heap(NonNull<u8>, Layout),
    Pages(Mapped),
}

impl Chunk {
    fn new(size: usize) -> Chunk {
        if size.is_multiple_of(HUGE_PAGE)
            && let Some(pages) = Mapped::fresh(size)
        {
            // Whoever has the lock waits for the first page, and others for the lock: threads that touch it at once would
            // each have one cleared, to use one of them.
            // SAFETY: nobody else knows of the pages, and the byte is 0 already.
            unsafe { pages.start().write_volatile(0) };
            return Chunk::Pages(pages);
        }
        let Ok(layout) = Layout::from_size_align(size, ALIGN) else {
            handle_alloc_error(Layout::new::<u8>());
        };
        // SAFETY: the size is not 0: no chunk is smaller than `SMALLEST`.
        match NonNull::new(unsafe { alloc(layout) }) {
            Some(start) => Chunk::Heap(start, layout),
            None => handle_alloc_error(layout),
        }
    }

    fn start(&self) -> NonNull<u8> {
        match self {
            Chunk::Heap(start, _) => *start,
            Chunk::Pages(pages) => pages.start(),
        }
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if let Chunk::Heap(start, layout) = self {
            // SAFETY: `alloc` gave it for this layout; what borrowed from the arena is gone.
            unsafe { dealloc(start.as_ptr(), *layout) };
        }
    }
}

/// Memory that nobody else has.
#[derive(Clone, Copy)]
struct Room {
    start: NonNull<u8>,
    size: usize,
    /// Holds zeroes: the kernel gave it and nobody wrote there.
    is_zero: bool,
}

impl Room {
    /// Takes `bytes` bytes, aligned to `align`, a power of two, from the front, if there are so many.
    #[inline]
    fn split(&mut self, bytes: usize, align: usize) -> Option<Room> {
        let padding = self.start.addr().get().wrapping_neg() & (align - 1);
        let left = self.size.checked_sub(padding)?.checked_sub(bytes)?;
        // SAFETY: both are within the room.
        let (start, rest) = unsafe { (self.start.add(padding), self.start.add(padding + bytes)) };
        (self.start, self.size) = (rest, left);
        Some(Room { start, size: bytes, is_zero: self.is_zero })
    }
}

#[derive(Default)]
struct State {
    chunks: Vec<Chunk>,
    /// What is free of a chunk.
    free: Option<Room>,
    total: usize,
    kept: Vec<Bytes>,
}

// SAFETY: the pointers lead to memory that the value owns, bound to no thread; files' bytes may be sent.
unsafe impl Send for State {}

impl State {
    /// `bytes` bytes that nobody else has, aligned to `align`.
    fn room(&mut self, bytes: usize, align: usize) -> Room {
        if let Some(free) = &mut self.free
            && let Some(room) = free.split(bytes, align)
        {
            return room;
        }
        let mut chunk = self.chunk(bytes);
        let room = Room { size: bytes, ..chunk };
        // SAFETY: the chunk has `size` bytes, which are `bytes` at least.
        chunk.start = unsafe { chunk.start.add(bytes) };
        chunk.size -= bytes;
        // A new chunk may have less left than the one before: small arrays go where there is more.
        if self.free.is_none_or(|free| free.size < chunk.size) {
            self.free = Some(chunk);
        }
        room
    }

    #[cold]
    fn chunk(&mut self, least: usize) -> Room {
        let usual = (self.total / 2).clamp(SMALLEST, LARGEST);
        let size = if usual == LARGEST || least > LARGEST / 2 {
            least.next_multiple_of(LARGEST)
        } else {
            usual.max(least)
        };
        let chunk = Chunk::new(size);
        let (start, is_zero) = (chunk.start(), matches!(chunk, Chunk::Pages(_)));
        self.chunks.push(chunk);
        self.total += size;
        Room { start, size, is_zero }
    }
}

/// Types of which zero bytes are a value.
///
/// # Safety
/// They are.
pub(crate) unsafe trait Zero: Copy {}

// SAFETY: they are the number 0.
unsafe impl Zero for u64 {}

/// Memory for arrays that live as long as it does.
#[derive(Default)]
pub(crate) struct Arena {
    state: Mutex<State>,
}

impl Arena {
    /// An array of what `items` yields, `at_most` items of it. Room for so many is taken.
    #[expect(clippy::mut_from_ref, reason = "each array is in room of its own")]
    pub fn collect<T>(&self, at_most: usize, items: impl IntoIterator<Item = T>) -> &mut [T] {
        let room = self.room::<T>(at_most);
        // SAFETY: the room is for `at_most` items, aligned for them; nobody else has it, and it lives as long as `self`.
        unsafe { collect(room.start.cast(), at_most, items) }
    }

    /// `count` zeroes. Those of a large array are the kernel's, and whoever first looks at a page waits for it.
    #[expect(clippy::mut_from_ref, reason = "each array is in room of its own")]
    pub fn zeroes<T: Zero>(&self, count: usize) -> &mut [T] {
        let room = self.room::<T>(count);
        if !room.is_zero {
            // SAFETY: the room is for `count` items, aligned for them.
            unsafe { room.start.cast::<T>().write_bytes(0, count) };
        }
        // SAFETY: so many zeroes are there, which are values; nobody else has the room, and it lives as long as `self`.
        unsafe { std::slice::from_raw_parts_mut(room.start.cast::<T>().as_ptr(), count) }
    }

    /// Room for `count` items.
    fn room<T>(&self, count: usize) -> Room {
        match bytes::<T>(count) {
            0 => NO_ROOM,
            bytes => self.state.lock().unwrap_or_else(PoisonError::into_inner).room(bytes, align_of::<T>()),
        }
    }

    /// Room for several arrays, `bytes` bytes of them and of what aligns them.
    pub fn part(&self, bytes: usize) -> Part<'_> {
        Part { arena: self, free: Cell::new(self.room::<u8>(bytes)) }
    }

    /// The contents of a file that was found on the way.
    pub fn keep(&self, bytes: Bytes) -> &[u8] {
        let contents: *const [u8] = &*bytes;
        self.state.lock().unwrap_or_else(PoisonError::into_inner).kept.push(bytes);
        // SAFETY: whatever holds them, the contents stay where they are when their owner is moved, and the list only grows.
        unsafe { &*contents }
    }

    /// `count` times `item`.
    pub fn fill<T: Copy>(&self, count: usize, item: T) -> &mut [T] {
        self.collect(count, std::iter::repeat(item))
    }

    /// What an iterator of known length yields.
    pub fn all<T>(&self, items: impl ExactSizeIterator<Item = T>) -> &mut [T] {
        self.collect(items.len(), items)
    }
}

/// Room without a byte, aligned for whatever may be there.
const NO_ROOM: Room = Room { start: NonNull::<u128>::dangling().cast(), size: 0, is_zero: true };

/// Bytes that `count` items take.
#[inline]
fn bytes<T>(count: usize) -> usize {
    const { assert!(align_of::<T>() <= ALIGN && !std::mem::needs_drop::<T>()) };
    let bytes = count.checked_mul(size_of::<T>());
    match bytes.filter(|bytes| *bytes <= isize::MAX as usize - LARGEST) {
        Some(bytes) => bytes,
        None => handle_alloc_error(Layout::new::<T>()),
    }
}

/// What `items` yields, `at_most` items of it, from `start` on.
///
/// # Safety
/// There is room for `at_most` items, aligned for them, which is nobody else's for as long as the result lives.
unsafe fn collect<'a, T>(
    start: NonNull<T>,
    at_most: usize,
    items: impl IntoIterator<Item = T>,
) -> &'a mut [T] {
    let mut count = 0;
    for item in items.into_iter().take(at_most) {
        // SAFETY: the room is for `at_most` items, aligned for them, and `count` is less.
        unsafe { start.add(count).write(item) };
        count += 1;
    }
    // SAFETY: so many were written, nobody else has the room, and it lives as long as the result.
    unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), count) }
}

/// Room in an arena that one thread has to itself: what is made in it needs no lock. What it has no room for goes to the arena.
pub(crate) struct Part<'a> {
    arena: &'a Arena,
    free: Cell<Room>,
}

impl<'a> Part<'a> {
    /// See [`Arena::collect`].
    #[inline]
    pub fn collect<T>(&self, at_most: usize, items: impl IntoIterator<Item = T>) -> &'a mut [T] {
        let room = self.room::<T>(at_most);
        // SAFETY: the room is for `at_most` items, aligned for them; nobody else has it, and it lives as long as the arena.
        unsafe { collect(room.start.cast(), at_most, items) }
    }

    /// Room for a list of up to `at_most` items.
    #[inline]
    pub fn list<T>(&self, at_most: usize) -> List<'a, T> {
        let room = self.room::<T>(at_most);
        List { start: room.start.cast(), count: 0, at_most, arena: PhantomData }
    }

    #[inline]
    fn room<T>(&self, count: usize) -> Room {
        let mut free = self.free.get();
        let room = free.split(bytes::<T>(count), align_of::<T>());
        self.free.set(free);
        room.unwrap_or_else(|| self.arena.room::<T>(count))
    }

    /// `item`, in the arena.
    pub fn one<T>(&self, item: T) -> &'a mut T {
        &mut self.collect(1, [item])[0]
    }

    /// See [`Arena::fill`].
    pub fn fill<T: Copy>(&self, count: usize, item: T) -> &'a mut [T] {
        self.collect(count, std::iter::repeat(item))
    }
}

/// An array in an arena that is filled item by item.
pub(crate) struct List<'a, T> {
    start: NonNull<T>,
    count: usize,
    at_most: usize,
    arena: PhantomData<&'a mut [T]>,
}

impl<'a, T> List<'a, T> {
    /// Adds an item, if there is room.
    #[inline]
    pub fn push(&mut self, item: T) {
        if self.count < self.at_most {
            // SAFETY: the room is for `at_most` items, aligned for them.
            unsafe { self.start.add(self.count).write(item) };
            self.count += 1;
        }
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn finish(self) -> &'a mut [T] {
        // SAFETY: so many were written, nobody else has the room, and it lives as long as the arena.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.count) }
    }
}

/// For tables that grow: what they grow out of stays unused until the end.
// SAFETY: each piece of room is handed out once and lives as long as the arena, which the reference keeps borrowed; it
// does not move with copies of the reference.
unsafe impl Allocator for &Arena {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if layout.align() > ALIGN {
            return Err(AllocError);
        }
        let start = match layout.size() {
            0 => NO_ROOM.start,
            size => {
                self.state.lock().unwrap_or_else(PoisonError::into_inner).room(size, layout.align()).start
            }
        };
        Ok(NonNull::slice_from_raw_parts(start, layout.size()))
    }

    unsafe fn deallocate(&self, _: NonNull<u8>, _: Layout) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_of_many_sizes_keep_what_is_in_them() {
        // What the allocator gives out next was in use.
        let used: Vec<Vec<u8>> = (0..64).map(|block| vec![0xff; 4096 << (block % 7)]).collect();
        drop(used);
        let arena = Arena::default();
        let mut bytes = Vec::new();
        let mut words = Vec::new();
        for count in (0..300).chain([5_000, 300_000, 400_000, 7]) {
            bytes.push(arena.fill(count, count as u8));
            let zeroes = arena.zeroes::<u64>(count);
            assert!(zeroes.len() == count && zeroes.iter().all(|zero| *zero == 0));
            zeroes.fill(u64::MAX);
            words.push(arena.all((0..count).map(|item| item as u64)));
        }
        for (count, (bytes, words)) in
            (0..300).chain([5_000, 300_000, 400_000, 7]).zip(bytes.iter().zip(&words))
        {
            assert!(bytes.len() == count && bytes.iter().all(|byte| *byte == count as u8));
            assert!(words.len() == count && words.iter().zip(0..).all(|(word, item)| *word == item));
        }
        assert_eq!(arena.collect(3, 0u128..100), [0, 1, 2]);
        assert_eq!(arena.collect(100, 0u8..3), [0, 1, 2]);
    }

    #[test]
    fn parts_hold_what_they_have_room_for_and_more() {
        let arena = Arena::default();
        for bytes in [0, 1, 40, 100, 5000] {
            let part = arena.part(bytes);
            let flags = part.fill(3, true);
            let words = part.collect(9, 0u64..5);
            let wide = part.one(7u128);
            let empty = part.fill(0, 1u64);
            let more = part.fill(1000, 9u16);
            let mut list = part.list(3);
            (0..5u64).for_each(|item| list.push(item));
            assert_eq!((list.len(), list.finish()), (3, &mut [0, 1, 2][..]));
            flags[1] = false;
            assert_eq!((&*flags, &*words, *wide), (&[true, false, true][..], &[0, 1, 2, 3, 4][..], 7));
            assert!(empty.is_empty() && more.iter().all(|item| *item == 9) && more.len() == 1000);
        }
    }

    #[test]
    fn several_threads_get_room_of_their_own() {
        let arena = Arena::default();
        std::thread::scope(|scope| {
            for thread in 0..4u32 {
                let arena = &arena;
                scope.spawn(move || {
                    let own: Vec<_> = (0..500).map(|count| arena.fill(count, thread)).collect();
                    assert!(own.iter().all(|array| array.iter().all(|item| *item == thread)));
                });
            }
        });
    }
}
