//! Whether to share work among threads.

#![forbid(unsafe_code)]

/// Whether a phase whose work is `large` should be shared: only when the link has threads of its own, which are gone
/// when it ends. The host's pool, or a global one that nobody ever stops, is left alone.
pub(crate) fn worthwhile(large: bool) -> bool {
    large && rayon::current_thread_index().is_some()
}
