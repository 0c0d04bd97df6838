//# about: A library that is opened later finds the program, too.
//# flags: -fPIC | -fno-pic
//# manual: plugin.c
//# shared: libplugin.so plugin.c
//# args: main.o
//# link: -rdynamic
//# stdout: holders 1, named main
#include <dlfcn.h>
#include <stdio.h>
int main(void) {
    void *plugin = dlopen("./libplugin.so", RTLD_NOW);
    void (*ask)(void *) = plugin ? (void (*)(void *))dlsym(plugin, "ask") : 0;
    if (!ask) return puts(dlerror());
    ask((void *)main);
}
//# file: plugin.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
struct asked { void *place; int holders; };
static int look(struct dl_phdr_info *info, size_t size, void *data) {
    struct asked *asked = data;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        asked->holders += header->p_type == PT_LOAD && (ElfW(Addr))asked->place - info->dlpi_addr - header->p_vaddr < header->p_memsz;
    }
    return 0;
}
void ask(void *function) {
    struct asked asked = {function, 0};
    dl_iterate_phdr(look, &asked);
    Dl_info info = {0};
    printf("holders %d, named %s\n", asked.holders, dladdr(function, &info) && info.dli_sname ? info.dli_sname : "nothing");
}
