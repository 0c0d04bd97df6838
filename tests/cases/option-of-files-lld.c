//# about: What only lld's file, checks and messages are about means nothing here; values are joined where it joins them.
//# compilers: clang
//# needs: ld.lld
//# oracle-flags: -fuse-ld=lld
//# link: -Wl,--no-warn-common,--warn-backrefs,--no-warn-backrefs,--warn-backrefs-exclude,x,--print-icf-sections
//# link: -Wl,--Bsymbolic-non-weak-functions,--Bsymbolic-non-weak,--gnu-unique,--no-gnu-unique,--icf=none
//# link: -Wl,--symbol-ordering-file=/dev/null,--symbol-ordering-file,/dev/null,--why-extract=why,--color-diagnostics
//# link: -Wl,--time-trace=trace,--time-trace-granularity,500,--reproduce,all.tar,--mmap-output-file,--threads,1
//# link: -Wl,--keep-unique,main,--lto-O2,--thinlto-jobs=1,-mllvm,-time-passes,--plugin-opt,O2,--pack-dyn-relocs,none
//# stdout: ran
#include <stdio.h>
int main(void) { puts("ran"); }
