//! TLS descriptors on x86-64: the functions that they lead to. A. Oliva, "Thread-Local Storage Descriptors for IA32 and
//! AMD64/EM64T".
//!
//! Such a function gets the address of its descriptor in `%rax` and returns there the variable's distance from the
//! thread pointer. It keeps every other register, vector registers included: compilers hold values in them across the
//! call. So the usual paths use none, and the one that has to call into the C library saves all.

use std::arch::naked_asm;
use std::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use super::{Numbers, address, own, variable};
use crate::host::fork;

/// The state components that a function of the C library may change: x87, SSE, AVX, MPX, AVX-512 and the APX registers.
/// Not the tiles of AMX (8 KiB, and used by nobody who is not asked to) nor protection keys.
const COMPONENTS: u64 = 0xff | 1 << 19;

/// The components that this processor has, for `xsave`; 0: use `fxsave`.
static SAVE_MASK: AtomicU32 = AtomicU32::new(0);
/// Bytes that saving takes.
static SAVE_SIZE: AtomicU64 = AtomicU64::new(512);

/// Finds out what has to be saved. Intel SDM volume 1, chapter 13.
fn prepare() {
    static ONCE: Once = Once::new();
    let _hold = fork::hold();
    ONCE.call_once(|| {
        const OSXSAVE: u32 = 1 << 27;
        if __cpuid(1).ecx & OSXSAVE == 0 {
            return;
        }
        // SAFETY: the system has enabled `xsave`, and with it `xgetbv`.
        let mask = unsafe { enabled() } & COMPONENTS;
        let end = |component: u32| {
            let at = __cpuid_count(0xd, component);
            at.ebx + at.eax
        };
        // The first two lie in the legacy region, before the header.
        let size = (2..32).filter(|bit| mask & (1 << bit) != 0).map(end).fold(512 + 64, u32::max);
        SAVE_SIZE.store(u64::from(size), Relaxed);
        SAVE_MASK.store(mask as u32, Relaxed);
    });
}

#[target_feature(enable = "xsave")]
fn enabled() -> u64 {
    // SAFETY: register 0 exists wherever `xgetbv` does.
    unsafe { _xgetbv(0) }
}

/// The descriptor of a variable at one distance from the thread pointer.
pub(super) fn constant(distance: i64) -> [u64; 2] {
    [constant_distance as *const () as u64, distance as u64]
}

/// The descriptor of an undefined weak variable, whose address is null.
pub(super) fn undefined() -> [u64; 2] {
    [null as *const () as u64, 0]
}

/// The descriptor of any variable; and what it points to, which has to stay where it is: module, offset, and the
/// generation of the loader's tables that knows the module.
pub(super) fn dynamic(numbers: Numbers) -> (Box<[u64; 3]>, [u64; 2]) {
    prepare();
    let here = address(numbers);
    let is_loaders = cfg!(target_env = "gnu") && !own::is_own(numbers.module);
    let vector = if is_loaders { thread_vector() } else { 0 };
    // glibc's vector: 16 bytes for each module, the block's address first; the generation in place of module 0.
    let word = |index: u64| {
        let word = std::ptr::with_exposed_provenance::<u64>((vector + 16 * index) as usize);
        // SAFETY: `address` has just brought this thread's vector up to date, so it has an element for the module.
        unsafe { word.read() }
    };
    let is_known = is_loaders && word(numbers.module).wrapping_add(numbers.offset) == here;
    let generation = if is_known { word(0) } else { 0 };
    let argument = Box::new([numbers.module, numbers.offset, generation]);
    let resolver = if is_known { quick as *const () } else { thorough as *const () };
    let descriptor = [resolver as u64, (&raw const *argument).expose_provenance() as u64];
    (argument, descriptor)
}

/// The address of this thread's vector of blocks, the second word at the thread pointer.
fn thread_vector() -> u64 {
    let vector: u64;
    // SAFETY: with glibc and musl the thread pointer leads to the thread's control block.
    unsafe { std::arch::asm!("mov {}, fs:[8]", out(reg) vector, options(nostack, pure, readonly)) };
    vector
}

#[unsafe(naked)]
extern "C" fn constant_distance() {
    naked_asm!("mov rax, [rax + 8]", "ret")
}

#[unsafe(naked)]
extern "C" fn null() {
    naked_asm!("xor eax, eax", "sub rax, fs:[0]", "ret")
}

/// Looks into the thread's vector of blocks. It may be too old to know the module, or not have its block yet.
#[unsafe(naked)]
extern "C" fn quick() {
    naked_asm!(
        "push rdi",
        "push rsi",
        "mov rdi, [rax + 8]",
        "mov rsi, fs:[8]",
        "mov rax, [rdi + 16]",
        "cmp [rsi], rax",
        "jb 2f",
        "mov rax, [rdi]",
        "shl rax, 4",
        "mov rax, [rsi + rax]",
        "cmp rax, -1",
        "je 2f",
        "add rax, [rdi + 8]",
        "sub rax, fs:[0]",
        "pop rsi",
        "pop rdi",
        "ret",
        "2:",
        "jmp {ask}",
        ask = sym ask,
    )
}

/// Asks the C library always.
#[unsafe(naked)]
extern "C" fn thorough() {
    naked_asm!("push rdi", "push rsi", "mov rdi, [rax + 8]", "jmp {ask}", ask = sym ask)
}

/// The rest of [`quick`], with `%rsi` and `%rdi` pushed and the argument in `%rdi`.
#[unsafe(naked)]
extern "C" fn ask() {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rbx",
        "push rcx",
        "push rdx",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        "sub rsp, [rip + {size}]",
        "and rsp, -64",
        "mov eax, [rip + {mask}]",
        "xor edx, edx",
        "test eax, eax",
        "jz 2f",
        // The header's reserved words have to be 0.
        "mov [rsp + 512], rdx",
        "mov [rsp + 520], rdx",
        "mov [rsp + 528], rdx",
        "mov [rsp + 536], rdx",
        "mov [rsp + 544], rdx",
        "mov [rsp + 552], rdx",
        "mov [rsp + 560], rdx",
        "mov [rsp + 568], rdx",
        "xsave64 [rsp]",
        "call {get}",
        "mov rbx, rax",
        "mov eax, [rip + {mask}]",
        "xor edx, edx",
        "xrstor64 [rsp]",
        "jmp 3f",
        "2:",
        "fxsave64 [rsp]",
        "call {get}",
        "mov rbx, rax",
        "fxrstor64 [rsp]",
        "3:",
        "mov rax, rbx",
        "sub rax, fs:[0]",
        "lea rsp, [rbp - 56]",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rdx",
        "pop rcx",
        "pop rbx",
        "pop rbp",
        "pop rsi",
        "pop rdi",
        "ret",
        size = sym SAVE_SIZE,
        mask = sym SAVE_MASK,
        get = sym variable,
    )
}
