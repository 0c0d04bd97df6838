//! The measured part.

use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::Read;
use std::os::fd::AsRawFd;

use anyhow::{Context, Result, ensure};
use object::LittleEndian as LE;
use object::elf;
use object::pod;

use crate::list::{MAP_FROM, NONE, Reader};

/// What was touched, so that nothing of it can be left out.
#[derive(Default)]
struct Touched {
    hashes: u64,
    names: u64,
    relocations: u64,
    bytes: u64,
}

pub fn run(list: &str) -> Result<()> {
    let file = File::open(list)?;
    let length = file.metadata()?.len() as usize;
    let words = map(&file, length, libc::MAP_POPULATE)?;
    let (words, _) = pod::slice_from_bytes::<u32>(words, length / 4).ok().context("the list is aligned")?;
    let mut list = Reader(words);
    let size = list.word();
    // SAFETY: fresh anonymous memory, which nothing else refers to.
    let image = unsafe {
        let memory = libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        );
        ensure!(memory != libc::MAP_FAILED, "no memory for the image");
        std::slice::from_raw_parts_mut(memory.cast::<u8>(), size)
    };
    let mut touched = Touched::default();
    // Inputs stay until the end, as a linker's must.
    let mut read: Vec<Vec<u8>> = Vec::new();
    let files = list.word();
    for _ in 0..files {
        let path = list.text();
        let mut file = File::open(&path).with_context(|| path.clone())?;
        let length = file.metadata()?.len();
        let data: &[u8] = if length >= MAP_FROM {
            map(&file, length as usize, 0)?
        } else {
            let mut bytes = Vec::with_capacity(length as usize);
            file.read_to_end(&mut bytes)?;
            read.push(bytes);
            read.last().expect("it was just pushed")
        };
        for _ in 0..list.word() {
            let (start, length) = (list.word() << 1, list.word());
            object(&data[start..start + length], image, &mut list, &mut touched)?;
        }
    }
    println!(
        r#"{{"files":{files},"bytes":{},"relocations":{},"names":{},"check":{}}}"#,
        touched.bytes, touched.relocations, touched.names, touched.hashes
    );
    // SAFETY: nothing is left to do; destructors would only cost time.
    unsafe { libc::_exit(0) }
}

fn map(file: &File, length: usize, flags: libc::c_int) -> Result<&'static [u8]> {
    // SAFETY: a private mapping of a file that nobody changes during a benchmark, never unmapped.
    unsafe {
        let memory = libc::mmap(
            std::ptr::null_mut(),
            length,
            libc::PROT_READ,
            libc::MAP_PRIVATE | flags,
            file.as_raw_fd(),
            0,
        );
        ensure!(memory != libc::MAP_FAILED, "cannot map");
        Ok(std::slice::from_raw_parts(memory.cast::<u8>(), length))
    }
}

fn object(data: &[u8], image: &mut [u8], list: &mut Reader<'_>, touched: &mut Touched) -> Result<()> {
    let broken = || "the input has changed since the list was made";
    let (header, _) = pod::from_bytes::<elf::FileHeader64<LE>>(data).ok().with_context(broken)?;
    let (headers, _) = pod::slice_from_bytes::<elf::SectionHeader64<LE>>(
        &data[header.e_shoff.get(LE) as usize..],
        list.word(),
    )
    .ok()
    .with_context(broken)?;
    let bytes = |header: &elf::SectionHeader64<LE>| {
        let start = header.sh_offset.get(LE) as usize;
        &data[start..start + header.sh_size.get(LE) as usize]
    };
    let hasher = foldhash::fast::FixedState::default();
    for header in headers {
        if header.sh_type.get(LE) == elf::SHT_SYMTAB {
            let table = bytes(header);
            let (symbols, _) =
                pod::slice_from_bytes::<elf::Sym64<LE>>(table, table.len() / 24).ok().with_context(broken)?;
            let strings = bytes(&headers[header.sh_link.get(LE) as usize]);
            for symbol in &symbols[header.sh_info.get(LE) as usize..] {
                let name = &strings[symbol.st_name.get(LE) as usize..];
                let name = &name[..memchr::memchr(0, name).unwrap_or(name.len())];
                let mut state = hasher.build_hasher();
                state.write(name);
                touched.hashes ^= state.finish();
                touched.names += 1;
            }
        }
    }
    for _ in 0..list.word() {
        let (index, place, relocations) = (list.word(), list.word(), list.word() as u32);
        let from = bytes(&headers[index]);
        let to = &mut image[place..place + from.len()];
        to.copy_from_slice(from);
        touched.bytes += from.len() as u64;
        if relocations == NONE {
            continue;
        }
        let table = bytes(&headers[relocations as usize]);
        let (table, _) =
            pod::slice_from_bytes::<elf::Rela64<LE>>(table, table.len() / 24).ok().with_context(broken)?;
        let targets = list.words(table.len());
        for (relocation, &target) in table.iter().zip(targets) {
            let offset = relocation.r_offset.get(LE) as usize;
            let value = u64::from(target).wrapping_add(relocation.r_addend.get(LE) as u64);
            match elf::RelocationType(relocation.r_info.get(LE) as u32) {
                elf::R_X86_64_NONE => {}
                elf::R_X86_64_64 | elf::R_X86_64_DTPOFF64 => {
                    to[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
                }
                elf::R_X86_64_32 | elf::R_X86_64_32S => {
                    to[offset..offset + 4].copy_from_slice(&(value as u32).to_le_bytes());
                }
                elf::R_X86_64_PC64 | elf::R_X86_64_GOTPC64 => {
                    let distance = value.wrapping_sub((place + offset) as u64);
                    to[offset..offset + 8].copy_from_slice(&distance.to_le_bytes());
                }
                _ => {
                    let distance = value.wrapping_sub((place + offset) as u64) as u32;
                    to[offset..offset + 4].copy_from_slice(&distance.to_le_bytes());
                }
            }
        }
        touched.relocations += table.len() as u64;
    }
    Ok(())
}
