//# about: dl_iterate_phdr lists the program first, without a name, then its libraries; a callback may throw, open libraries and ask itself.
//# flags: -fPIC | -fno-pic
//# manual: opened.c
//# shared: libopened.so opened.c
//# args: main.o
//# stdout: first: no name, holds main yes, a variable yes, call frames yes
//# stdout: without a name 1, holding main 1, libc 1, the same file twice 0
//# stdout: stopped 42
//# stdout: caught 7 of the first, 8 of another
//# stdout: opened 5, listed yes
//# stdout: threads 4
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <set>
#include <string>
int variable = 3;
int main();
struct Seen {
    int entries = 0, unnamed = 0, holding = 0, libc = 0, twice = 0;
    std::set<std::string> names;
};
static bool holds(const dl_phdr_info *info, const void *address) {
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) &header = info->dlpi_phdr[i];
        if (header.p_type == PT_LOAD && (ElfW(Addr))address - info->dlpi_addr - header.p_vaddr < header.p_memsz) return true;
    }
    return false;
}
static int look(dl_phdr_info *info, size_t size, void *data) {
    Seen &seen = *(Seen *)data;
    bool frames = false;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) &header = info->dlpi_phdr[i];
        frames |= header.p_type == PT_GNU_EH_FRAME && *(char *)(info->dlpi_addr + header.p_vaddr) == 1;
    }
    if (seen.entries++ == 0)
        printf("first: %s, holds main %s, a variable %s, call frames %s\n", info->dlpi_name[0] ? info->dlpi_name : "no name",
               holds(info, (void *)main) ? "yes" : "no", holds(info, &variable) ? "yes" : "no", frames ? "yes" : "no");
    seen.unnamed += info->dlpi_name[0] == 0;
    seen.holding += holds(info, (void *)main);
    seen.libc += strstr(info->dlpi_name, "libc.so") != 0;
    seen.twice += !seen.names.insert(info->dlpi_name).second;
    return size < sizeof *info;
}
static int stop(dl_phdr_info *, size_t, void *) { return 42; }
static int raise(dl_phdr_info *info, size_t, void *count) {
    if ((*(int *)count)-- == 0) throw holds(info, (void *)main) ? 7 : 8;
    return 0;
}
static int caught(int number) {
    try {
        return dl_iterate_phdr(raise, &number);
    } catch (int what) {
        return what;
    }
}
static int open_it(dl_phdr_info *, size_t, void *library) {
    if (!*(void **)library) *(void **)library = dlopen("./libopened.so", RTLD_NOW);
    return 0;
}
static int is_listed(dl_phdr_info *info, size_t, void *) { return strstr(info->dlpi_name, "libopened.so") != 0; }
static void *ask(void *count) {
    for (int i = 0; i < 200; i++) {
        Seen seen;
        seen.entries = 1;
        dl_iterate_phdr(look, &seen);
        if (seen.holding == 1) __atomic_fetch_add((int *)count, 1, __ATOMIC_SEQ_CST);
    }
    return 0;
}
int main() {
    Seen seen;
    dl_iterate_phdr(look, &seen);
    printf("without a name %d, holding main %d, libc %d, the same file twice %d\n", seen.unnamed, seen.holding, seen.libc,
           seen.twice);
    printf("stopped %d\n", dl_iterate_phdr(stop, 0));
    int first = caught(0), another = caught(3);
    printf("caught %d of the first, %d of another\n", first, another);
    void *library = 0;
    dl_iterate_phdr(open_it, &library);
    int (*opened)() = library ? (int (*)())dlsym(library, "opened") : 0;
    printf("opened %d, listed %s\n", opened ? opened() : 0, dl_iterate_phdr(is_listed, 0) ? "yes" : "no");
    pthread_t threads[4];
    int count = 0;
    for (pthread_t &thread : threads) pthread_create(&thread, 0, ask, &count);
    for (int i = 0; i < 50; i++) {
        void *handle = dlopen("./libopened.so", RTLD_NOW);
        if (handle) dlclose(handle);
    }
    for (pthread_t &thread : threads) pthread_join(thread, 0);
    printf("threads %d\n", count / 200);
}
//# file: opened.c
int opened(void) { return 5; }
