use proptest::prelude::*;

use super::*;

const BYTES: u64 = 4 << 20;

/// A slab somewhere: the kernel's choice, given back and taken again.
fn slab() -> Slab {
    // SAFETY: a fresh mapping wherever the kernel likes, used by nobody.
    let start = unsafe {
        let start = rustix::mm::mmap_anonymous(
            std::ptr::null_mut(),
            BYTES as usize,
            ProtFlags::empty(),
            MapFlags::PRIVATE | MapFlags::NORESERVE,
        )
        .unwrap();
        rustix::mm::munmap(start, BYTES as usize).unwrap();
        start.addr() as u64
    };
    Slab::reserve(start, BYTES, 4096).unwrap_or_else(|_| slab())
}

fn whole(slab: &Slab) -> [u64; 3] {
    [&slab.free_zones, &slab.free_constants, &slab.free_data].map(Ranges::largest)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ranges_are_apart_and_all_come_back(
        steps in prop::collection::vec(
            (0usize..3, 1u64..20_000, 0u32..12, any::<bool>(), any::<usize>()), 1..300)
    ) {
        let mut slab = slab();
        let fresh = whole(&slab);
        let kinds = [SegmentKind::Code, SegmentKind::Constants, SegmentKind::Data];
        let mut taken: Vec<(SegmentKind, Taken)> = Vec::new();
        for (kind, size, shift, give, which) in steps {
            if give && !taken.is_empty() {
                let (kind, range) = taken.swap_remove(which % taken.len());
                slab.give(kind, &range);
            } else if let Some(range) = slab.take(kinds[kind], size, 1 << shift) {
                prop_assert_eq!(range.address % (1 << shift), 0);
                prop_assert!(range.bytes >= size);
                let stripe = stripes(slab.range.start, BYTES)[kind].clone();
                prop_assert!(stripe.start <= range.address && range.address + range.bytes <= stripe.end);
                for (_, other) in &taken {
                    let apart = other.address + other.bytes <= range.address
                        || range.address + range.bytes <= other.address;
                    prop_assert!(apart);
                    // A zone's addresses are its own.
                    if let (Some(zone), None) = (range.zone, other.zone) {
                        prop_assert!(other.address + other.bytes <= zone || zone + ZONE <= other.address);
                    }
                }
                taken.push((kinds[kind], range));
            }
        }
        for (kind, range) in taken {
            slab.give(kind, &range);
        }
        prop_assert_eq!(whole(&slab), fresh);
        prop_assert!(slab.zones.is_empty() && slab.open.is_empty());
        slab.data.release();
        prop_assert!(slab.data.users.iter().all(|users| *users == 0));
        prop_assert!(slab.data.written.iter().all(|written| !written));
    }
}

#[test]
fn what_is_taken_again_is_known_to_be_written() {
    let mut slab = slab();
    let first = slab.take(SegmentKind::Data, 100, 1).unwrap();
    assert!(!first.written);
    slab.give(SegmentKind::Data, &first);
    let second = slab.take(SegmentKind::Data, 100, 1).unwrap();
    assert_eq!((second.address, second.written), (first.address, true));
    slab.give(SegmentKind::Data, &second);
    slab.data.release();
    assert!(!slab.take(SegmentKind::Data, 100, 1).unwrap().written);
}

#[test]
fn few_idle_pages_stay_and_many_go() {
    let mut slab = slab();
    for (pages, stay) in [(SPARE_PAGES as u64, true), (SPARE_PAGES as u64 + 1, false)] {
        let taken = slab.take(SegmentKind::Data, pages * slab.data.page, 4096).unwrap();
        slab.give(SegmentKind::Data, &taken);
        slab.release();
        assert_eq!(slab.data.written.iter().any(|written| *written), stay, "{pages} pages");
    }
}
