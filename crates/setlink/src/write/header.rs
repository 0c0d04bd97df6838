//! The ELF header of an image in memory, for programs that look at their own `__ehdr_start`.

#![forbid(unsafe_code)]

use object::elf;

use crate::memory::SegmentKind;
use crate::place::Plan;

/// Writes an ELF header and one PT_LOAD per segment; unused program headers are PT_NULL. Addresses are absolute, as
/// those of an ET_EXEC file, whose load bias is 0. gABI, chapters 4 and 5.
pub(super) fn write(plan: &Plan<'_, '_>, bytes: &mut [u8]) {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&elf::ELFMAG);
    out.extend_from_slice(&[2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // 64-bit, little-endian, version 1
    let half = |out: &mut Vec<u8>, value: u16| out.extend_from_slice(&value.to_le_bytes());
    let word = |out: &mut Vec<u8>, value: u32| out.extend_from_slice(&value.to_le_bytes());
    let long = |out: &mut Vec<u8>, value: u64| out.extend_from_slice(&value.to_le_bytes());
    half(&mut out, elf::ET_EXEC.0);
    half(&mut out, elf::EM_X86_64.0);
    word(&mut out, 1);
    long(&mut out, 0); // e_entry
    long(&mut out, 64); // e_phoff
    long(&mut out, 0); // e_shoff
    word(&mut out, 0);
    half(&mut out, 64);
    half(&mut out, 56);
    half(&mut out, plan.segments.len() as u16);
    half(&mut out, 64);
    half(&mut out, 0);
    half(&mut out, 0);
    for segment in &plan.segments {
        let flags = match segment.kind {
            SegmentKind::Code | SegmentKind::LargeCode => 5,
            SegmentKind::Constants | SegmentKind::LargeConstants => 4,
            SegmentKind::Data | SegmentKind::LargeData => 6,
        };
        word(&mut out, elf::PT_LOAD.0);
        word(&mut out, flags);
        long(&mut out, segment.address - plan.base);
        long(&mut out, segment.address);
        long(&mut out, segment.address);
        long(&mut out, segment.size);
        long(&mut out, segment.size);
        long(&mut out, 1);
    }
    let length = out.len().min(bytes.len());
    bytes[..length].copy_from_slice(&out[..length]);
}
