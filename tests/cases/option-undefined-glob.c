//# about: --undefined-glob brings in the members that define names which match.
//# archive: libprobes.a probe_one.o probe_two.o other.o
//# args: main.o libprobes.a --undefined-glob=probe_*
//# oracle-args: main.o libprobes.a -Wl,-u,probe_one,-u,probe_two
//# stdout: one
//# stdout: two
//# stdout: main
//# file: main.c
#include <stdio.h>
int main(void) { puts("main"); }
//# file: probe_one.c
#include <stdio.h>
void probe_one(void) {}
__attribute__((constructor(200))) static void begin(void) { puts("one"); }
//# file: probe_two.c
#include <stdio.h>
void probe_two(void) {}
__attribute__((constructor(300))) static void begin(void) { puts("two"); }
//# file: other.c
#include <stdio.h>
void other(void) {}
__attribute__((constructor(400))) static void begin(void) { puts("other"); }
