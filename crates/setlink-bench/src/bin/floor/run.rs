//! The measured part.

use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use object::LittleEndian as LE;
use object::elf;
use object::pod;

use crate::check;
use crate::list::{HUGE_FROM, MAP_FROM, NONE, Reader};

pub type SectionHeader = elf::SectionHeader64<LE>;
pub type Rela = elf::Rela64<LE>;

/// What was touched, so that nothing of it can be left out.
#[derive(Default)]
struct Touched {
    hashes: u64,
    names: u64,
    relocations: u64,
    bytes: u64,
    /// Ticks of the processor's clock, where they are asked for.
    copying: u64,
    relocating: u64,
}

/// An object, and how many sections it has.
pub struct Object<'d> {
    pub data: &'d [u8],
    sections: usize,
}

/// Does the work. With `PARTS`, tells copying from relocating, at the price of reading a clock for each section.
pub fn run<const PARTS: bool>(list: &str, verify: bool) -> Result<()> {
    let start = Instant::now();
    let file = File::open(list)?;
    let length = file.metadata()?.len() as usize;
    let words = map(&file, length, libc::MAP_POPULATE)?;
    let (words, _) = pod::slice_from_bytes::<u32>(words, length / 4).ok().context("the list is aligned")?;
    let mut list = Reader(words);
    // The list is what decisions would be: no part of the work.
    let listed = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let image = image(&mut list)?;
    let reserved = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let mut objects = Vec::new();
    let files = list.word();
    for _ in 0..files {
        let path = list.text();
        let mut file = File::open(&path).with_context(|| path.clone())?;
        let length = file.metadata()?.len();
        let data: &'static [u8] = if length >= MAP_FROM {
            map(&file, length as usize, 0)?
        } else {
            let mut bytes = Vec::with_capacity(length as usize);
            file.read_to_end(&mut bytes)?;
            // Inputs stay until the end, as a linker's must.
            bytes.leak()
        };
        for _ in 0..list.word() {
            let (start, length) = (list.word() << 1, list.word());
            objects.push(Object { data: &data[start..start + length], sections: list.word() });
        }
    }
    let opened = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let mut touched = Touched::default();
    for object in &objects {
        names(object, &mut touched)?;
    }
    let named = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let decided = list.0;
    for object in &objects {
        write::<PARTS>(object, image, &mut list, &mut touched)?;
    }
    let written = start.elapsed().as_secs_f64();

    if verify {
        check::check(&objects, image, &mut Reader(decided))?;
    }
    let relocating = touched.relocating as f64 / (touched.copying + touched.relocating).max(1) as f64;
    let parts = match PARTS {
        true => format!(r#""copy":{},"relocate":{}"#, written * (1.0 - relocating), written * relocating),
        false => format!(r#""write":{written}"#),
    };
    println!(
        r#"{{"files":{files},"bytes":{},"relocations":{},"names":{},"check":{},"seconds":{{"list":{listed},"reserve":{reserved},"open":{opened},"names":{named},{parts}}}}}"#,
        touched.bytes, touched.relocations, touched.names, touched.hashes
    );
    // SAFETY: nothing is left to do; destructors would only cost time.
    unsafe { libc::_exit(0) }
}

/// Fresh memory for the image, with the pages that Setlink would ask for.
fn image(list: &mut Reader<'_>) -> Result<&'static mut [u8]> {
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
    for _ in 0..3 {
        let (start, length) = (list.word(), list.word());
        if length >= HUGE_FROM {
            let segment = &mut image[start..start + length];
            // SAFETY: the range was mapped just now, begins at a page, and advice changes no contents.
            unsafe { libc::madvise(segment.as_mut_ptr().cast(), length, libc::MADV_HUGEPAGE) };
        }
    }
    Ok(image)
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

fn broken() -> &'static str {
    "the input has changed since the list was made"
}

impl<'d> Object<'d> {
    pub fn headers(&self) -> Result<&'d [SectionHeader]> {
        let (header, _) = pod::from_bytes::<elf::FileHeader64<LE>>(self.data).ok().with_context(broken)?;
        let table = &self.data[header.e_shoff.get(LE) as usize..];
        Ok(pod::slice_from_bytes(table, self.sections).ok().with_context(broken)?.0)
    }

    pub fn bytes(&self, header: &SectionHeader) -> &'d [u8] {
        let start = header.sh_offset.get(LE) as usize;
        &self.data[start..start + header.sh_size.get(LE) as usize]
    }

    pub fn relocations(&self, header: &SectionHeader) -> Result<&'d [Rela]> {
        let table = self.bytes(header);
        Ok(pod::slice_from_bytes(table, table.len() / size_of::<Rela>()).ok().with_context(broken)?.0)
    }
}

/// Hashes the global names.
fn names(object: &Object<'_>, touched: &mut Touched) -> Result<()> {
    let hasher = foldhash::fast::FixedState::default();
    let headers = object.headers()?;
    for header in headers {
        if header.sh_type.get(LE) == elf::SHT_SYMTAB {
            let table = object.bytes(header);
            let (symbols, _) =
                pod::slice_from_bytes::<elf::Sym64<LE>>(table, table.len() / 24).ok().with_context(broken)?;
            let strings = object.bytes(&headers[header.sh_link.get(LE) as usize]);
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
    Ok(())
}

/// The processor's clock, which is cheap to read.
#[inline]
fn ticks<const WANTED: bool>() -> u64 {
    #[cfg(target_arch = "x86_64")]
    if WANTED {
        // SAFETY: every x86-64 has it.
        return unsafe { std::arch::x86_64::_rdtsc() };
    }
    0
}

/// Copies the sections that have places, and stores their relocations' numbers while the bytes are in the cache.
fn write<const PARTS: bool>(
    object: &Object<'_>,
    image: &mut [u8],
    list: &mut Reader<'_>,
    touched: &mut Touched,
) -> Result<()> {
    let headers = object.headers()?;
    for _ in 0..list.word() {
        let begun = ticks::<PARTS>();
        let (index, place, relocations) = (list.word(), list.word(), list.word() as u32);
        let from = object.bytes(&headers[index]);
        let to = &mut image[place..place + from.len()];
        to.copy_from_slice(from);
        touched.bytes += from.len() as u64;
        let copied = ticks::<PARTS>();
        touched.copying += copied - begun;
        if relocations == NONE {
            continue;
        }
        let table = object.relocations(&headers[relocations as usize])?;
        for (relocation, &target) in table.iter().zip(list.words(table.len())) {
            store(relocation, u64::from(target), place, to);
        }
        touched.relocations += table.len() as u64;
        touched.relocating += ticks::<PARTS>() - copied;
    }
    Ok(())
}

#[inline(always)]
fn store(relocation: &Rela, target: u64, place: usize, to: &mut [u8]) {
    let offset = relocation.r_offset.get(LE) as usize;
    let value = target.wrapping_add(relocation.r_addend.get(LE) as u64);
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
