//# about: Behind --as-needed, shared libraries are opened if the set or a needed one refers to them; weakly does not count.
//# manual: deep.c used.c weak.c unused.c always.c later.c
//# shared: libdeep.so deep.c
//# shared: libused.so used.c
//# shared: libweak.so weak.c
//# shared: libunused.so unused.c
//# shared: libalways.so always.c
//# shared: liblater.so later.c
//# archive: libmember.a member.o leftout.o
//# args: main.o libmember.a -Wl,--as-needed ./libunused.so ./libweak.so ./libused.so ./libdeep.so ./liblater.so
//# args: -Wl,--push-state,--no-as-needed ./libalways.so -Wl,--pop-state ./libunused.so
//# stdout: deep: yes
//# stdout: used: yes
//# stdout: weak: no
//# stdout: unused: no
//# stdout: always: yes
//# stdout: later: yes
//# stdout: 6, without weak
#include <stdio.h>
#include <stdlib.h>
int used(void), member(void);
__attribute__((weak)) int weak(void);
static void is_open(const char *name) { printf("%s: %s\n", name, getenv(name) ? "yes" : "no"); }
int main(void) {
    is_open("deep");
    is_open("used");
    is_open("weak");
    is_open("unused");
    is_open("always");
    is_open("later");
    printf("%d, %s weak\n", used() + member(), weak ? "with" : "without");
}
//# file: deep.c
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { setenv("deep", "1", 1); }
int deep(void) { return 1; }
//# file: used.c
#include <stdlib.h>
int deep(void);
__attribute__((constructor)) static void start(void) { setenv("used", "1", 1); }
int used(void) { return deep() + 1; }
//# file: weak.c
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { setenv("weak", "1", 1); }
int weak(void) { return 0; }
//# file: unused.c
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { setenv("unused", "1", 1); }
int unused(void) { return 0; }
//# file: always.c
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { setenv("always", "1", 1); }
//# file: later.c
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { setenv("later", "1", 1); }
int later(void) { return 4; }
//# file: member.c
int later(void);
int member(void) { return later(); }
//# file: leftout.c
int unused(void);
int leftout(void) { return unused(); }
