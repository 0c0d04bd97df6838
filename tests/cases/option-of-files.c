//# about: Options about the file that a linker writes, and what it prints, mean nothing here, in all their spellings.
//# args: main.o -emit-relocs -q --verbose -v -t -R/tmp -R /tmp -y main --trace-symbol=main --no-demangle --cref -G 8
//# args: --package-metadata={} --pack-dyn-relocs=relr --section-start=.x=0x10 -execute-only --no-rosegment -error-limit=0
//# args: -plugin lto.so -plugin-opt x -plugin-opt=y -O -O 2 -O2 --threads --threads 2 --threads=2 -time-trace-file=trace
//# args: -V -ofile -I/ld.so -Ttext=0x1000 -Tdata 0x2000 --oformat elf64-x86-64
//# skip-oracle: no linker has them all
//# stdout: ran
#include <stdio.h>
int main(void) { puts("ran"); }
