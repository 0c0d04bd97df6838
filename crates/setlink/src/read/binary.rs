//! Files of any bytes as objects (`-b binary`): the BFD library's manual, "binary" targets, tells of the three symbols.

#![forbid(unsafe_code)]

/// Section numbers in the object below; section 0 is the empty one.
const DATA: u16 = 1;
const STRTAB: u32 = 3;
const SHSTRTAB: u16 = 4;
const SECTION_NAMES: &[u8] = b"\0.data\0.symtab\0.strtab\0.shstrtab\0";
const SHN_ABS: u16 = 0xfff1;

/// A relocatable object for x86-64 (gABI chapter 4) with `data` in `.data`, whose symbols have the name `path`.
pub(crate) fn object(path: &[u8], data: &[u8]) -> Vec<u8> {
    let name: Vec<u8> =
        path.iter().map(|&byte| if byte.is_ascii_alphanumeric() { byte } else { b'_' }).collect();
    let size = data.len() as u64;
    let (mut strings, mut symbols) = (vec![0], vec![0; 24]);
    for (end, section, value) in [(&b"start"[..], DATA, 0), (b"end", DATA, size), (b"size", SHN_ABS, size)] {
        symbols.extend((strings.len() as u32).to_le_bytes());
        // A global symbol without a type, of default visibility.
        symbols.extend([0x10, 0]);
        symbols.extend(section.to_le_bytes());
        symbols.extend(value.to_le_bytes());
        symbols.extend(0u64.to_le_bytes());
        strings.extend([&b"_binary_"[..], &name, b"_", end, b"\0"].concat());
    }
    let mut object = vec![0; 64];
    let mut headers = vec![0; 64];
    // Name, type, link, info; flags, alignment, size of an entry.
    let sections = [
        ([1, 1, 0, 0], [3, 1, 0], data),
        ([7, 2, STRTAB, 1], [0, 8, 24], &symbols),
        ([15, 3, 0, 0], [0, 1, 0], &strings),
        ([23, 3, 0, 0], [0, 1, 0], SECTION_NAMES),
    ];
    for ([name, kind, link, info], [flags, align, entry], bytes) in sections {
        object.resize(object.len().next_multiple_of(8), 0);
        let (at, length) = (object.len() as u64, bytes.len() as u64);
        headers.extend([name, kind].iter().flat_map(|word: &u32| word.to_le_bytes()));
        headers.extend([flags, 0, at, length].iter().flat_map(|word: &u64| word.to_le_bytes()));
        headers.extend([link, info].iter().flat_map(|word: &u32| word.to_le_bytes()));
        headers.extend([align, entry].iter().flat_map(|word: &u64| word.to_le_bytes()));
        object.extend(bytes);
    }
    object.resize(object.len().next_multiple_of(8), 0);
    let mut header = b"\x7fELF\x02\x01\x01".to_vec();
    header.resize(16, 0);
    // ET_REL, EM_X86_64, EV_CURRENT; no entry, no program headers.
    header.extend([1u16, 62].iter().flat_map(|word| word.to_le_bytes()));
    header.extend(1u32.to_le_bytes());
    header.extend([0, 0, object.len() as u64].iter().flat_map(|word| word.to_le_bytes()));
    header.extend(0u32.to_le_bytes());
    header.extend([64u16, 0, 0, 64, SHSTRTAB + 1, SHSTRTAB].iter().flat_map(|word| word.to_le_bytes()));
    object[..64].copy_from_slice(&header);
    object.extend(headers);
    object
}
