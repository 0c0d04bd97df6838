//# about: dladdr and dladdr1 know the program as the loader knows one: its name, where it begins, and with -rdynamic its symbols.
//# flags: -fPIC | -fno-pic
//# link: -rdynamic
//# stdout: main: name as called, yes, in main
//# stdout: shown + 1: name as called, yes, in shown
//# stdout: hidden: name as called, yes, in nothing
//# stdout: number: name as called, yes, in number
//# stdout: behind number: name as called, yes, in nothing
//# stdout: puts: name of a library, no, in puts
//# stdout: the stack: nobody's
//# stdout: entry of shown: there, its size right
//# stdout: map: no name, next yes, the same bias yes
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
extern int last;
int number[4] = {1, 2, 3, 4}, gap[64] = {1};
const char *called;
void *base;
__attribute__((noinline)) int shown(int value) { return value * 3 + number[0]; }
__attribute__((noinline)) static int hidden(int value) { return value * 5 + number[1]; }
static void tell(const char *what, void *address) {
    Dl_info info;
    memset(&info, 0x55, sizeof info);
    if (!dladdr(address, &info)) {
        printf("%s: nobody's\n", what);
        return;
    }
    if (info.dli_sname && !info.dli_saddr) puts("a name without an address");
    printf("%s: name %s, %s, in %s\n", what, strcmp(info.dli_fname, called) ? "of a library" : "as called",
           info.dli_fbase == base ? "yes" : "no", info.dli_sname ? info.dli_sname : "nothing");
}
int main(int count, char **arguments) {
    Dl_info info;
    called = arguments[0];
    if (!dladdr((void *)main, &info)) return 1;
    base = info.dli_fbase;
    if (base > (void *)main) return 2;
    tell("main", (void *)main);
    tell("shown + 1", (char *)shown + 1);
    tell("hidden", (void *)hidden);
    tell("number", number + 3);
    static int own[4];
    tell("behind number", own + 1);
    tell("puts", dlsym(RTLD_DEFAULT, "puts"));
    tell("the stack", &info);
    const ElfW(Sym) *entry = 0;
    if (!dladdr1((void *)shown, &info, (void **)&entry, RTLD_DL_SYMENT)) return 3;
    printf("entry of shown: %s, its size %s\n", entry ? "there" : "missing",
           entry && entry->st_size && (char *)shown + entry->st_size <= (char *)hidden + 64 ? "right" : "wrong");
    struct link_map *map = 0;
    if (!dladdr1((void *)main, &info, (void **)&map, RTLD_DL_LINKMAP)) return 4;
    printf("map: %s, next %s, the same bias %s\n", map->l_name[0] ? map->l_name : "no name",
           map->l_next && map->l_next->l_name[0] ? "yes" : "no",
           map->l_addr == 0 || (void *)map->l_addr == base ? "yes" : "no");
    return shown(count) + hidden(count) == 0;
}
