//! The order of sections in their output section, where it is not that of the inputs.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::layout::{Builder, Contents, priority};
use crate::resolve::SectionId;

impl Builder<'_, '_> {
    /// Sorts the arrays by priority, in the image (for programs that walk them) and in the list of hooks.
    pub(super) fn order_arrays(&mut self) {
        let resolution = self.resolution;
        let priority_of = |id: &SectionId| {
            let (object, index) = resolution.section_origin(*id);
            priority(resolution.added[object].object.sections[index as usize].name)
        };
        for index in 0..self.layout.outputs.len() {
            let output = &mut self.layout.outputs[index];
            if [&b".init_array"[..], b".fini_array", b".preinit_array"].contains(&output.name) {
                output.members.sort_by_key(priority_of);
            } else if [&b".ctors"[..], b".dtors"].contains(&output.name) {
                output.members.sort_by_key(|id| std::cmp::Reverse(priority_of(id)));
            } else {
                continue;
            }
            self.relay(index);
        }
        for hooks in
            [&mut self.layout.hooks.preinit, &mut self.layout.hooks.init, &mut self.layout.hooks.fini]
        {
            hooks.sort_by_key(|array| array.priority);
        }
        self.layout.outputs.sort_by_key(|output| (output.slot, output.rank));
        // Output numbers changed with the order.
        for (index, output) in self.layout.outputs.iter().enumerate() {
            for member in &output.members {
                self.layout.output[member.0 as usize] = index as u32;
            }
        }
    }

    /// Sections with SHF_LINK_ORDER lie in the order of those that they describe (gABI, chapter 4, "Section Attribute
    /// Flags"), and before any without, as with ld.lld: who looks for what describes a function may search by halves.
    pub(super) fn order_links(&mut self) {
        let resolution = self.resolution;
        let mut others: HashMap<SectionId, SectionId, foldhash::fast::FixedState> = HashMap::default();
        for (object, added) in resolution.added.iter().enumerate() {
            let id = |section| resolution.section_id(object, section);
            others.extend(added.object.ordered().iter().map(|&(section, other)| (id(section), id(other))));
        }
        if others.is_empty() {
            return;
        }
        for index in 0..self.layout.outputs.len() {
            let (output, offset) = (&self.layout.output, &self.layout.offset);
            let place = |id: &SectionId| {
                let other = others.get(id)?.0 as usize;
                Some((output[other], offset[other]))
            };
            let output = &mut self.layout.outputs[index];
            if output.contents == Contents::Sections && output.members.iter().any(|id| place(id).is_some()) {
                output.members.sort_by_key(|id| place(id).map_or((true, (0, 0)), |at| (false, at)));
                self.relay(index);
            }
        }
    }
}
