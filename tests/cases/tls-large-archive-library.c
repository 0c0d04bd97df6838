//# about: Much static thread-local storage in an archive member: the initialisers of a library that stays run once.
//# archive: libmember.a member.o
//# shared: libx.so x.c -Wl,-z,nodelete
//# stdout: library
//# stdout: 100000 1
#include <stdio.h>
int x(void), size(void);
int main(void) { printf("%d %d\n", size(), x()); }
//# file: member.c
static __thread char large[100000] __attribute__((tls_model("initial-exec")));
int size(void) { large[sizeof large - 1] = 1; return sizeof large - 1 + large[sizeof large - 1]; }
//# file: x.c
#include <unistd.h>
__attribute__((constructor)) static void start(void) { write(1, "library\n", 8); }
int x(void) { return 1; }
