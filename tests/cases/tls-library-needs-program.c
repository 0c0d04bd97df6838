//# about: Libraries on the command line refer to the program's thread-local variables by every model, in constructors, in threads,
//# about: and behind another library; a library's own variable of the same name is the program's.
//# flags: -fPIC | -fPIE | -fno-pic
//# shared: libgd.so gd.c
//# shared: libie.so ie.c -ftls-model=initial-exec
//# shared: libdesc.so desc.c -mtls-dialect=gnu2
//# shared: libown.so own.c
//# needs: -mtls-dialect=gnu2
//# args: -Wl,--no-as-needed {objects} {libs}
//# stdout: begun 5 5 5
//# stdout: 6 16 26 text 0 64
//# stdout: own 9, table 30 40
//# stdout: 6 16 26 text 0 64
//# stdout: own 9, table 30 40
//# stdout: main 8 1 1
#include <pthread.h>
#include <stdio.h>
struct table { int numbers[4]; };
__thread int number = 5;
__thread const char *text = "text";
__thread long zero;
__thread char page[64] __attribute__((aligned(64)));
__thread struct table table = {{1, 2, 30, 40}};
__thread int own = 9;
int *gd(void), *ie(void), *desc(void);
void gd_more(void), own_more(void);
static void *use(void *unused) {
    *gd() += 1;
    int first = *gd();
    *ie() += 10;
    int second = *ie();
    *desc() += 10;
    printf("%d %d %d ", first, second, *desc());
    gd_more();
    own_more();
    return unused;
}
int main(void) {
    use(0);
    pthread_t id;
    pthread_create(&id, 0, use, 0);
    pthread_join(id, 0);
    *gd() = 8;
    printf("main %d %d %d\n", number, gd() == &number, ie() == desc());
}
//# file: gd.c
#include <stdint.h>
#include <stdio.h>
extern __thread int number;
extern __thread const char *text;
extern __thread long zero;
extern __thread char page[64];
int *gd(void) { return &number; }
void gd_more(void) { printf("%s %ld %d\n", text, zero, 64 - (int)((uintptr_t)page % 64)); }
//# file: ie.c
extern __thread int number;
int *ie(void) { return &number; }
//# file: desc.c
#include <stdio.h>
extern __thread int number;
int *desc(void) { return &number; }
int *gd(void), *ie(void);
__attribute__((constructor)) static void begin(void) { printf("begun %d %d %d\n", *gd(), *ie(), *desc()); }
//# file: own.c
#include <stdio.h>
struct table { int numbers[4]; };
extern __thread struct table table;
__thread int own = 3;
void own_more(void) { printf("own %d, table %d %d\n", own, table.numbers[2], table.numbers[3]); }
