//! Bringing into the cache what is about to be looked at.

/// Asks for the cache line in which `item` begins. Looking at it then waits less, or not at all; nothing else changes.
#[inline]
pub(crate) fn bring<T: ?Sized>(item: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: prefetching reads nothing as far as the program can tell, and SSE is part of x86-64.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = item;
}
