//# about: A library finds the program that needs it, as a garbage collector and D's runtime have to: its variables, its code, who holds an address; the program is listed once.
//# flags: -fPIC | -fno-pic | -fPIE
//# shared: libasks.so asks.c
//# link: -rdynamic
//# stdout: written: global yes, static yes, zero yes; run: main yes
//# stdout: once yes, libc yes
//# stdout: main is in file yes, named main
//# stdout: puts is in libc yes
//# stdout: a line names main yes
#include <stdio.h>
void ask(void *, void *, void *, void *, const char *);
int global = 3;
static int local = 4;
static int zero[100];
int main(int count, char **arguments) {
    ask(&global, &local, zero + count, (void *)main, arguments[0]);
}
//# file: asks.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
struct asked { void *places[4]; int flags[4]; int holders, libc; };
static int look(struct dl_phdr_info *info, size_t size, void *data) {
    struct asked *asked = data;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD) continue;
        for (int at = 0; at < 4; at++)
            if ((ElfW(Addr))asked->places[at] - info->dlpi_addr - header->p_vaddr < header->p_memsz) {
                asked->flags[at] = header->p_flags;
                asked->holders += at == 3;
            }
    }
    asked->libc += strstr(info->dlpi_name, "libc.so") != 0;
    return 0;
}
static const char *yes(int is) { return is ? "yes" : "no"; }
void ask(void *global, void *local, void *zero, void *function, const char *name) {
    struct asked asked = {{global, local, zero, function}, {0}, 0, 0};
    dl_iterate_phdr(look, &asked);
    printf("written: global %s, static %s, zero %s; run: main %s\n", yes(asked.flags[0] == (PF_R | PF_W)),
           yes(asked.flags[1] == (PF_R | PF_W)), yes(asked.flags[2] == (PF_R | PF_W)), yes(asked.flags[3] & PF_X));
    printf("once %s, libc %s\n", yes(asked.holders == 1), yes(asked.libc == 1));
    Dl_info info = {0};
    int found = dladdr(function, &info);
    printf("main is in file %s, named %s\n", yes(found && info.dli_fname && !strcmp(info.dli_fname, name)),
           found && info.dli_sname ? info.dli_sname : "nothing");
    found = dladdr(dlsym(RTLD_DEFAULT, "puts"), &info);
    printf("puts is in libc %s\n", yes(found && strstr(info.dli_fname, "libc.so")));
    char **lines = backtrace_symbols(&function, 1);
    printf("a line names main %s\n", yes(lines && strstr(lines[0], "(main+0")));
}
