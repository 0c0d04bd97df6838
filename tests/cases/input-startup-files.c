//# about: What a compiler driver gives a linker around the program: startup files, and libgcc and the C library in a group.
//# flags: -fPIE | -fno-pic
//# sh: for file in crt1.o crti.o crtbeginT.o crtend.o crtn.o; do cp "$($CC -print-file-name=$file)" .; done
//# args: -static -m elf_x86_64 --hash-style=gnu -o program crt1.o crti.o crtbeginT.o main.o
//# args: --start-group -lgcc -lgcc_eh -lc --end-group crtend.o crtn.o
//# oracle-args: -static main.o
//# stdout: before, main, after
#include <stdio.h>
__attribute__((constructor)) static void before(void) { printf("before, "); }
__attribute__((destructor)) static void after(void) { printf("after\n"); }
int main(void) { printf("main, "); }
