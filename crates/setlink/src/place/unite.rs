//! Sections of one name that differ in flags.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::layout::{Contents, Layout, Output, SegmentKind};
use crate::read::section_name::Collected;

/// By the name of sections, and whether they hold code: the segment that they go to, and whether all are zeroes.
pub(super) type United<'d> = HashMap<(&'d [u8], bool), (SegmentKind, bool), foldhash::fast::FixedState>;

/// Sections of a name of their own that differ in flags and lie together nevertheless. A program that lists things in a
/// section, between `__start_NAME` and `__stop_NAME`, may have constants of position-dependent objects in it, and of others
/// constants that hold addresses, which are writable.
pub(super) fn united<'d>(laid: &Layout<'d>) -> United<'d> {
    let own = |output: &&Output<'_>| {
        // Pieces of a function are run through, whatever else bears their name.
        let is_function = matches!(output.name, b".init" | b".fini");
        output.contents == Contents::Sections && !Collected::collects(output.name) && !is_function
    };
    let mut by_name: HashMap<&[u8], Vec<(SegmentKind, bool)>, foldhash::fast::FixedState> =
        HashMap::default();
    for output in laid.outputs.iter().filter(own) {
        let kinds = by_name.entry(output.name).or_default();
        if !kinds.contains(&(output.segment, output.nobits)) {
            kinds.push((output.segment, output.nobits));
        }
    }
    let mut united = United::default();
    for (name, kinds) in by_name.into_iter().filter(|(_, kinds)| kinds.len() > 1) {
        let has = |kind| kinds.iter().any(|(other, _)| *other == kind);
        let is_zero = kinds.iter().all(|(_, nobits)| *nobits);
        let code = [SegmentKind::Code, SegmentKind::LargeCode].into_iter().find(|kind| has(*kind));
        // What is addressed with 32 bits decides.
        let written = [SegmentKind::Data, SegmentKind::LargeData].into_iter().any(has);
        let large = !kinds
            .iter()
            .any(|(kind, _)| matches!(kind, SegmentKind::Code | SegmentKind::Data | SegmentKind::Constants));
        let data = match (written, code) {
            (true, _) if large => SegmentKind::LargeData,
            (true, _) => SegmentKind::Data,
            (false, Some(code)) => code,
            (false, None) if large => SegmentKind::LargeConstants,
            (false, None) => SegmentKind::Constants,
        };
        united.insert((name, false), (data, is_zero));
        if let Some(code) = code {
            // No page is ever writable and executable: code stays apart from what is written.
            united.insert((name, true), (code, is_zero));
        }
    }
    united
}
