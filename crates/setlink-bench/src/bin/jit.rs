//! `setlink-bench-jit CONTENDER LIBRARY`: from the bytes that a compiler made to callable pointers, by one contender, in a
//! process of its own, which it has warmed up. Prints seconds as JSON, one list per row. LIBRARY is a ready shared library
//! with the function of the first row.
//!
//! One contender a process: what one does (`dlclose`, above all) makes others ask anew what they had remembered, and
//! nobody is to pay for another. The benchmark starts the contenders in turns.
//!
//! Every row calls what it made and checks the answer, outside the time. Setlink's rows include unwind tables, which
//! cranelift-jit registers none of.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::CString;
use std::time::Instant;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{AbiParam, types};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage, Module, ModuleReloc, ModuleRelocTarget};
use setlink::{Session, Set};
use setlink_bench::objects::{CALL_FIELD, body, functions};

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Function = extern "C" fn(i32) -> i32;

const MANY: usize = 2000;

#[derive(Default)]
struct Rows(BTreeMap<&'static str, Vec<f64>>);

impl Rows {
    fn add(&mut self, row: &'static str, start: Instant) {
        self.0.entry(row).or_default().push(start.elapsed().as_secs_f64());
    }
}

/// Repetitions of each row, the first of which warm up and do not count.
const ONE: (usize, usize) = (200, 500);
const FEW: (usize, usize) = (1, 5);

/// Does `each` so often.
fn repeat(
    (warm, counted): (usize, usize),
    rows: &mut Rows,
    mut each: impl FnMut(i32, &mut Rows) -> Result<()>,
) -> Result<()> {
    let mut nobody = Rows::default();
    for i in 0..warm + counted {
        each(i as i32, if i < warm { &mut nobody } else { &mut *rows })?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let contender = arguments.next().ok_or("which contender?")?;
    let library = arguments.next().ok_or("which library?")?;
    let mut rows = Rows::default();
    match &*contender {
        "setlink" => {
            let session = Session::host()?;
            repeat(ONE, &mut rows, |i, rows| setlink_one(&session, i, rows, &ALONE))?;
            // A JIT has other code, as cranelift-jit's module has. Without any, pages are given back each time.
            let other = functions(&[("other".into(), "other".into(), 1)]);
            let _other = session.set("other").add_bytes("other.o", other)?.link()?;
            repeat(ONE, &mut rows, |i, rows| setlink_one(&session, i, rows, &BESIDE))?;
            repeat(FEW, &mut rows, |_, rows| setlink_many(&session, rows))?;
            repeat(FEW, &mut rows, |_, rows| setlink_sets(&session, rows))?;
        }
        "cranelift-jit" => {
            let mut module = module()?;
            repeat(ONE, &mut rows, |i, rows| cranelift_one(&mut module, i, rows))?;
            repeat(FEW, &mut rows, |_, rows| cranelift_many(rows))?;
            repeat(FEW, &mut rows, |_, rows| cranelift_each(rows))?;
        }
        "dlopen" => repeat(ONE, &mut rows, |_, rows| dlopen(&library, rows))?,
        "elf_loader" => repeat(ONE, &mut rows, |_, rows| elf_loader(&library, rows))?,
        _ => return Err("there is no such contender".into()),
    }
    println!("{}", serde_json::to_string(&rows.0)?);
    Ok(())
}

fn check(function: Function, number: i32, rows: &str) -> Result<()> {
    // Calls itself, or its neighbours, three times.
    let answer = function(3);
    if answer < 3 || (number >= 0 && answer != number + 3) {
        return Err(format!("{rows}: wrong answer {answer}").into());
    }
    Ok(())
}

/// The function `name` of `set`, which stays linked as long as it is called.
fn function(set: &Set, name: &str) -> Result<Function> {
    // SAFETY: `objects::functions` made it, of this type.
    Ok(*unsafe { set.get::<Function>(name)? })
}

/// Rows of linking and of removing, where another set is there.
const BESIDE: [&str; 2] = ["one/setlink", "one/setlink remove"];
/// And where none is.
const ALONE: [&str; 2] = ["one/setlink, no other set", "one/setlink remove, no other set"];

fn setlink_one(session: &Session, counter: i32, rows: &mut Rows, names: &[&'static str; 2]) -> Result<()> {
    let name = format!("function_{counter}");
    let bytes = functions(&[(name.clone(), name.clone(), counter)]);
    let start = Instant::now();
    let set = session.set("one").add_bytes("one.o", bytes)?.link()?;
    let pointer = function(&set, &name)?;
    rows.add(names[0], start);
    check(pointer, counter, "one/setlink")?;
    let start = Instant::now();
    set.remove()?;
    rows.add(names[1], start);
    Ok(())
}

fn setlink_many(session: &Session, rows: &mut Rows) -> Result<()> {
    let name = |i: usize| format!("function_{i}");
    let list: Vec<_> = (0..MANY).map(|i| (name(i), name((i + 1) % MANY), i as i32)).collect();
    let bytes = functions(&list);
    let start = Instant::now();
    let set = session.set("many").add_bytes("many.o", bytes)?.link()?;
    rows.add("many/setlink", start);
    let pointers: Vec<Function> =
        list.iter().map(|(name, ..)| function(&set, name)).collect::<Result<_>>()?;
    rows.add("many/setlink, every pointer looked up", start);
    for (i, pointer) in pointers.into_iter().enumerate() {
        check(pointer, ((i + 3) % MANY) as i32, "many/setlink")?;
    }
    set.remove()?;
    Ok(())
}

fn setlink_sets(session: &Session, rows: &mut Rows) -> Result<()> {
    let objects: Vec<_> = (0..MANY)
        .map(|i| {
            let name = format!("function_{i}");
            let bytes = functions(&[(name.clone(), name.clone(), i as i32)]);
            (name, bytes)
        })
        .collect();
    let mut sets = Vec::with_capacity(MANY);
    let start = Instant::now();
    for (name, bytes) in objects {
        let set = session.set("tiny").add_bytes("tiny.o", bytes)?.link()?;
        let pointer = function(&set, &name)?;
        sets.push((set, pointer));
    }
    rows.add("sets/setlink", start);
    for (i, (_, pointer)) in sets.iter().enumerate() {
        check(*pointer, i as i32, "sets/setlink")?;
    }
    let start = Instant::now();
    for (set, _) in sets {
        set.remove()?;
    }
    rows.add("sets/setlink remove", start);
    Ok(())
}

fn module() -> Result<JITModule> {
    Ok(JITModule::new(JITBuilder::new(cranelift_module::default_libcall_names())?))
}

fn declare(module: &mut JITModule, name: &str) -> Result<FuncId> {
    let mut signature = module.make_signature();
    signature.params.push(AbiParam::new(types::I32));
    signature.returns.push(AbiParam::new(types::I32));
    Ok(module.declare_function(name, Linkage::Export, &signature)?)
}

fn define(module: &mut JITModule, id: FuncId, callee: FuncId, code: &[u8]) -> Result<()> {
    let call = ModuleReloc {
        kind: Reloc::X86CallPCRel4,
        offset: CALL_FIELD,
        name: ModuleRelocTarget::user(0, callee.as_u32()),
        addend: -4,
    };
    Ok(module.define_function_bytes(id, 16, code, &[call])?)
}

fn finalized(module: &JITModule, id: FuncId) -> Function {
    let pointer = module.get_finalized_function(id);
    // SAFETY: `body` has this type; the module is freed after the last call.
    unsafe { std::mem::transmute::<*const u8, Function>(pointer) }
}

fn cranelift_one(module: &mut JITModule, counter: i32, rows: &mut Rows) -> Result<()> {
    let (name, code) = (format!("function_{counter}"), body(counter));
    let declaring = Instant::now();
    let id = declare(module, &name)?;
    let start = Instant::now();
    define(module, id, id, &code)?;
    module.finalize_definitions()?;
    let pointer = finalized(module, id);
    rows.add("one/cranelift-jit", start);
    rows.add("one/cranelift-jit, with declare", declaring);
    check(pointer, counter, "one/cranelift-jit")
}

fn cranelift_many(rows: &mut Rows) -> Result<()> {
    let mut module = module()?;
    let codes: Vec<_> = (0..MANY).map(|i| (format!("function_{i}"), body(i as i32))).collect();
    let declaring = Instant::now();
    let ids: Vec<_> = codes.iter().map(|(name, _)| declare(&mut module, name)).collect::<Result<_>>()?;
    let start = Instant::now();
    for (i, (_, code)) in codes.iter().enumerate() {
        define(&mut module, ids[i], ids[(i + 1) % MANY], code)?;
    }
    module.finalize_definitions()?;
    rows.add("many/cranelift-jit", start);
    rows.add("many/cranelift-jit, with declare", declaring);
    for (i, &id) in ids.iter().enumerate() {
        check(finalized(&module, id), ((i + 3) % MANY) as i32, "many/cranelift-jit")?;
    }
    // SAFETY: none of its functions is called any more.
    unsafe { module.free_memory() };
    Ok(())
}

fn cranelift_each(rows: &mut Rows) -> Result<()> {
    let mut module = module()?;
    let codes: Vec<_> = (0..MANY).map(|i| (format!("function_{i}"), body(i as i32))).collect();
    let ids: Vec<_> = codes.iter().map(|(name, _)| declare(&mut module, name)).collect::<Result<_>>()?;
    let start = Instant::now();
    for ((_, code), &id) in codes.iter().zip(&ids) {
        define(&mut module, id, id, code)?;
        module.finalize_definitions()?;
    }
    rows.add("sets/cranelift-jit", start);
    for (i, &id) in ids.iter().enumerate() {
        check(finalized(&module, id), i as i32, "sets/cranelift-jit")?;
    }
    // SAFETY: none of its functions is called any more.
    unsafe { module.free_memory() };
    Ok(())
}

/// A shared library that somebody has linked before, loaded by the C library.
fn dlopen(path: &str, rows: &mut Rows) -> Result<()> {
    let file = CString::new(path)?;
    let start = Instant::now();
    // SAFETY: the library has no initialisers; `ready` is a function of this type.
    let (handle, pointer) = unsafe {
        let handle = libc::dlopen(file.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        if handle.is_null() {
            return Err("dlopen failed".into());
        }
        let pointer = libc::dlsym(handle, c"ready".as_ptr());
        (handle, std::mem::transmute::<*mut libc::c_void, Function>(pointer))
    };
    rows.add("one/dlopen of a ready .so", start);
    check(pointer, 7, "dlopen")?;
    // SAFETY: the function is not called any more.
    unsafe { libc::dlclose(handle) };
    Ok(())
}

/// The same, loaded by elf_loader.
fn elf_loader(path: &str, rows: &mut Rows) -> Result<()> {
    let start = Instant::now();
    let domain = elf_loader::Domain::native(elf_loader::AddressSpaceId::PROCESS);
    let raw = elf_loader::Loader::new().run(domain).load_dylib(path)?;
    let library = elf_loader::Relocator::new().run(raw).relocate()?;
    // SAFETY: `ready` is a function of this type, and `library` lives as long as it is called.
    let symbol = unsafe { library.get::<Function>("ready") };
    let pointer = *symbol?.ok_or("elf_loader does not find the function")?;
    rows.add("one/elf_loader of a ready .so", start);
    check(pointer, 7, "elf_loader")
}
