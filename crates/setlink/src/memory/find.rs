//! Looking for a byte.

/// Where `byte` first is in `text`. It is the C library that looks, by the variant of `memchr` that the loader chose for
/// this processor. The crate of that name asks the processor itself, at first use: ten questions, which take 5 µs each where
/// the processor is virtual and its host answers. A process that links one object lives for 1 ms.
#[inline]
pub(crate) fn find(byte: u8, text: &[u8]) -> Option<usize> {
    let start = text.as_ptr();
    // SAFETY: so many bytes are there.
    let found = unsafe { libc::memchr(start.cast(), byte.into(), text.len()) };
    (!found.is_null()).then(|| found.addr() - start.addr())
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn the_first_is_found_and_none_outside() {
        let text = b"\0a\xff@a\0@";
        for start in 0..=text.len() {
            for end in start..=text.len() {
                for byte in [0, b'a', b'@', 0xff, b'b'] {
                    let own = &text[start..end];
                    assert_eq!(find(byte, own), own.iter().position(|other| *other == byte));
                }
            }
        }
        assert_eq!(find(0, &[]), None);
    }
}
