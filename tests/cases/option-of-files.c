//# about: Options about the file that a linker writes, and what it prints, mean nothing here, in all their spellings.
//# args: main.o -emit-relocs -q --verbose -v -t -R/tmp -R /tmp -y main --trace-symbol=main --no-demangle --cref -G 8
//# args: --package-metadata={} --pack-dyn-relocs=relr --section-start=.x=0x10 -execute-only --no-rosegment -error-limit=0
//# skip-oracle: no linker has them all
//# stdout: ran
#include <stdio.h>
int main(void) { puts("ran"); }
