//! What `--help` says.

pub(crate) const HELP: &str = "\
setlink: links sets of object files into memory and runs them

usage: setlink run [OPTION]... INPUT... [-- ARG...]     link and run `main`
       setlink plan [--json] [OPTION]... INPUT...       the exact requirements; nothing is reserved or run
       setlink symbols [OPTION]... INPUT...             what the set defines and what it needs
       setlink check [OPTION]... --check FILE INPUT...  link into fake memory and evaluate the rules of FILE
       setlink jitlink ...                              check or run, with the options of llvm-jitlink

INPUT is a relocatable object, an archive, a shared library, a linker script, or @FILE with more arguments.

  -L DIR                     look for libraries in DIR first
  -l NAME, -l :FILE          add a library
  --whole-archive, --no-whole-archive
                             archives behind it take part whole, or by need
  --start-lib, --end-lib     objects between them take part by need, as members of an archive do
  --as-needed, --no-as-needed
                             shared libraries behind it are opened if they are needed, or in any case
  --push-state, --pop-state  put aside and restore what --whole-archive, -Bstatic and --as-needed have set
  -Bstatic, -Bdynamic        libraries behind it must be archives, or need not
  -o NAME                    call the program NAME; nothing is written
  --entry SYM, -e SYM        run SYM instead of main
  -u SYM                     count SYM as referenced
  --undefined-glob=PATTERN   and all names that match PATTERN and an input defines
  --abs NAME=ADDR            give NAME an address
  --defsym NAME=SYM[+N]      give NAME the address of SYM, or a number
  --wrap SYM                 references to SYM go to __wrap_SYM, those to __real_SYM to SYM
  --require-defined=SYM      likewise, and it is an error if nobody defines SYM
  -R FILE, --just-symbols=FILE
                             take the addresses of FILE's symbols, and nothing else of it
  -b binary, --format=binary files behind it are data, with _binary_FILE_start, _end and _size; -b default: no more
  -init SYM, -fini SYM       run SYM first, or last
  -C DIR                     read inputs from DIR
  --remap-inputs=PATTERN=FILE, --remap-inputs-file=FILE
                             read FILE in place of inputs that match PATTERN; the file has lines PATTERN=FILE
  --sysroot=DIR              what `=` and $SYSROOT stand for at the beginning of directories for libraries
  --version-script=FILE      what FILE calls local is the program's own; nothing else of it counts
  --gc-sections              leave out what is not reached; --keep SYM adds a root
  -rdynamic, --export-dynamic
                             the process's loader knows all exported symbols, and they stay
  --export-dynamic-symbol=PATTERN, --dynamic-list=FILE, --export-dynamic-symbol-list=FILE, --dynamic-list-data
                             likewise those that are named, or all variables
  --no-relax                 keep every reference through the GOT
  --unresolved-symbols=ignore-all, --warn-unresolved-symbols, -z undefs
                             what is defined nowhere has the address 0
  --allow-shlib-undefined    functions that shared libraries call may be missing until they are called
  --allow-multiple-definition
  --nodefaultlibs            do not fall back on the compiler's and the C library's static parts
  --no-exec                  link, and run nothing
  --stats[=json]             seconds of each phase and counts of the plan, to standard error
  --map FILE                 write a link map
  --gdb                      (run) debuggers see the program: gdb -ex run --args setlink run --gdb ...
  --perf-map                 (run) profilers see its functions, in /tmp/perf-PID.map: perf record setlink run --perf-map ...
  --jitdump[=DIR]            (run) and their code, in DIR/jit-PID.dump: perf record -k mono setlink run --jitdump ...,
                             then perf inject --jit -i perf.data -o perf.jit.data
  --json                     (plan) print JSON
  --set NAME[:]              (run) the inputs behind it are a set of their own, linked before the next; the last
                             one has the program's entry; options that are not about inputs are for all sets
  --use NAME                 the set may refer to definitions of the earlier set NAME
  --share NAME               and use its GOT entries and stubs instead of own ones
  --prefer-existing          the set's weak definitions give way to those of the sets that it uses
  --check FILE               (check) the rules, lines of the form `# NAME: EXPR = EXPR`
  --check-name NAME          (check) NAME of the rules; jitlink-check and rtdyld-check unless given
  --base ADDR, --page-size N, --reserve BYTES
                             (check) where the set lies, its pages, and how much it may fill
  --phony-externals          (check) what nothing defines has the address 0
  --show-graph               (check) print sections, relocations, GOT entries, stubs and symbols
  --help, --version

  -no-pie                    the program lies at 0x400000, or as near as can be; --image-base=ADDR: at ADDR

Options that only matter for files on disk (--build-id, -z ...) are accepted and ignored.
";
