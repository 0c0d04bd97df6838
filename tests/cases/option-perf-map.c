//# about: --perf-map lists the functions where perf looks for those of a process, by address, local ones too, and stubs.
//# file: other.s
        .text
        .globl label
label:  nop
        nop
        .globl _ZN5space4nameEi
_ZN5space4nameEi:
        ret
        .data
        .globl variable
variable: .quad 1
//# file: main.c
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int local(int n) { return n + 1; }
extern void label(void), named(void) __asm__("_ZN5space4nameEi");
int main(void) {
  char path[64], line[256], name[200];
  unsigned long address, size, before = 0;
  snprintf(path, sizeof path, "/tmp/perf-%d.map", getpid());
  FILE *map = fopen(path, "r");
  if (!map) return 1;
  while (fgets(line, sizeof line, map)) {
    if (sscanf(line, "%lx %lx %199[^\n]", &address, &size, name) != 3) return 2;
    if (address < before) return 3;
    before = address;
    if (!strcmp(name, "local")) printf("local %d\n", address == (unsigned long)local && size > 0);
    if (!strcmp(name, "main")) printf("main %d\n", address == (unsigned long)main);
    if (!strcmp(name, "label")) printf("label %d %lu\n", address == (unsigned long)label, size);
    if (!strcmp(name, "space::name(int)")) printf("named %d\n", address == (unsigned long)named);
    if (!strcmp(name, "variable")) puts("a variable");
  }
  unlink(path);
  return local(-1);
}
//# flags: -O0
//# skip-oracle: a linker that writes a file has no such option
//# args: --perf-map main.o other.o
//# stdout: local 1
//# stdout: main 1
//# stdout: label 1 2
//# stdout: named 1
