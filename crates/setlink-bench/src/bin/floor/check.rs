//! Reads the image back: whether every byte was copied, and every number stored. Not measured. It computes the other way
//! round: from the number that is found to the target that it must have come from.

use anyhow::{Result, ensure};
use object::LittleEndian as LE;
use object::elf;

use crate::list::{NONE, Reader};
use crate::run::Object;

pub fn check(objects: &[Object<'_>], image: &[u8], list: &mut Reader<'_>) -> Result<()> {
    let mut stored = 0;
    for object in objects {
        let headers = object.headers()?;
        for _ in 0..list.word() {
            let (index, place, relocations) = (list.word(), list.word(), list.word() as u32);
            let from = object.bytes(&headers[index]);
            let found = &image[place..place + from.len()];
            // What no relocation covers is as in the object.
            let mut expected = from.to_vec();
            if relocations != NONE {
                let table = object.relocations(&headers[relocations as usize])?;
                for (relocation, &target) in table.iter().zip(list.words(table.len())) {
                    let (offset, kind) =
                        (relocation.r_offset.get(LE) as usize, relocation.r_info.get(LE) as u32);
                    let kind = elf::RelocationType(kind);
                    let (wide, relative) = match kind {
                        elf::R_X86_64_NONE => continue,
                        elf::R_X86_64_64 | elf::R_X86_64_DTPOFF64 => (true, false),
                        elf::R_X86_64_PC64 | elf::R_X86_64_GOTPC64 => (true, true),
                        elf::R_X86_64_32 | elf::R_X86_64_32S => (false, false),
                        _ => (false, true),
                    };
                    let width = if wide { 8 } else { 4 };
                    let mut number = [0; 8];
                    number[..width].copy_from_slice(&found[offset..offset + width]);
                    let base = if relative { (place + offset) as u64 } else { 0 };
                    let origin = u64::from_le_bytes(number)
                        .wrapping_add(base)
                        .wrapping_sub(relocation.r_addend.get(LE) as u64);
                    let same = if wide { origin == u64::from(target) } else { origin as u32 == target };
                    ensure!(same, "at {:#x}: {origin:#x} instead of {target:#x}", place + offset);
                    expected[offset..offset + width].copy_from_slice(&found[offset..offset + width]);
                    stored += 1;
                }
            }
            ensure!(expected == found, "the section at {place:#x} is not as it should be");
        }
    }
    eprintln!("{stored} numbers read back");
    Ok(())
}
