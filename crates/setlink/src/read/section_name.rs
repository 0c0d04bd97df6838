//! What a section's name says to a linker. It is looked at once, when the section is read: afterwards the name's bytes are
//! in no cache, and a large set has 100,000 of them.

#![forbid(unsafe_code)]

use super::object::SectionFlags;

/// Where GNU ld's default script collects sections: `.text.foo` in `.text`. Side by side what begins with one letter.
const COLLECTED: [&[u8]; 18] = [
    b".text",
    b".rodata",
    b".data.rel.ro",
    b".data",
    b".dtors",
    b".bss",
    b".init_array",
    b".fini_array",
    b".preinit_array",
    b".ctors",
    b".gcc_except_table",
    b".eh_frame",
    b".ltext",
    b".lrodata",
    b".ldata",
    b".lbss",
    b".sdata",
    b".sbss",
];

/// Those that begin with the letter of `name` behind the dot.
fn candidates(name: &[u8]) -> std::ops::Range<usize> {
    let [b'.', letter, ..] = name else { return 0..0 };
    match letter {
        b't' => 0..1,
        b'r' => 1..2,
        b'd' => 2..5,
        b'b' => 5..6,
        b'i' => 6..7,
        b'f' => 7..8,
        b'p' => 8..9,
        b'c' => 9..10,
        b'g' => 10..11,
        b'e' => 11..12,
        b'l' => 12..16,
        b's' => 16..18,
        _ => 0..0,
    }
}

/// And those that are in once, by the letters behind `.gnu.linkonce.`.
const LINK_ONCE: [(&[u8], &[u8]); 5] = [
    (b"t.", b".text"),
    (b"r.", b".rodata"),
    (b"d.rel.ro.", b".data.rel.ro"),
    (b"d.", b".data"),
    (b"b.", b".bss"),
];

/// What the start and the end of a program run, or run through.
const HOOKS: [&[u8]; 5] = [b".init", b".fini", b".ctors", b".dtors", b".jcr"];

/// The output section of a section, as an index in [`COLLECTED`]; or its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Collected(u8);

impl Collected {
    const OWN: Collected = Collected(COLLECTED.len() as u8);
    /// How many there are.
    pub const COUNT: usize = COLLECTED.len() + 1;

    pub fn number(self) -> usize {
        usize::from(self.0)
    }

    /// Whether an output section of this name collects sections of other names.
    pub fn collects(name: &[u8]) -> bool {
        COLLECTED.contains(&name)
    }

    pub fn of(name: &[u8]) -> Collected {
        let prefix = |prefix: &&[u8]| {
            // A comparison of one byte says no to most.
            name.get(prefix.len()).is_none_or(|next| *next == b'.') && name.starts_with(prefix)
        };
        let once =
            |name: &[u8]| LINK_ONCE.iter().find(|(letters, _)| name.starts_with(letters)).map(|once| once.1);
        let place = |wanted: &[u8]| COLLECTED.iter().position(|known| *known == wanted);
        let found = candidates(name)
            .find(|&index| prefix(&COLLECTED[index]))
            .or_else(|| name.strip_prefix(b".gnu.linkonce.").and_then(once).and_then(place));
        found.map_or(Collected::OWN, |index| Collected(index as u8))
    }

    /// The name of the output section of a section that is called `own`.
    pub fn name(self, own: &[u8]) -> &[u8] {
        COLLECTED.get(usize::from(self.0)).copied().unwrap_or(own)
    }
}

/// What else the name means.
pub(super) fn flags(name: &[u8]) -> SectionFlags {
    let mut flags = SectionFlags::empty();
    // Two bytes say no to most.
    match name {
        [b'.', b'g', ..] => flags.set(SectionFlags::LINK_ONCE, name.starts_with(b".gnu.linkonce.")),
        [b'.', b'i' | b'f' | b'c' | b'd' | b'j', ..] => {
            let is_hook =
                |hook: &&[u8]| name.strip_prefix(*hook).is_some_and(|rest| matches!(rest, [] | [b'.', ..]));
            flags.set(SectionFlags::FRAGMENT, name == b".init" || name == b".fini");
            flags.set(SectionFlags::HOOK, HOOKS.iter().any(is_hook));
        }
        [b'.', ..] => {}
        _ => flags.set(SectionFlags::IDENTIFIER, is_identifier(name)),
    }
    flags
}

fn is_identifier(name: &[u8]) -> bool {
    let mut bytes = name.iter();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_looked_for_where_it_is() {
        for (index, name) in COLLECTED.iter().enumerate() {
            assert_eq!(Collected::of(name), Collected(index as u8));
        }
        for name in ["", ".", "text", "..text", "x.text"] {
            assert_eq!(Collected::of(name.as_bytes()), Collected::OWN);
        }
    }

    #[test]
    fn sections_are_collected_as_by_the_default_script() {
        for (name, output) in [
            (".text", ".text"),
            (".text.hot.f", ".text"),
            (".textual", ".textual"),
            (".data.rel.ro.local.x", ".data.rel.ro"),
            (".data.rel", ".data"),
            (".gnu.linkonce.t.f", ".text"),
            (".gnu.linkonce.d.rel.ro.f", ".data.rel.ro"),
            (".gnu.linkonce.x", ".gnu.linkonce.x"),
            ("mine", "mine"),
        ] {
            assert_eq!(Collected::of(name.as_bytes()).name(name.as_bytes()), output.as_bytes(), "{name}");
        }
    }
}
