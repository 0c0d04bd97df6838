//# about: dl_iterate_phdr tells where the program's thread-local variables are: the module, each thread's block, and its contents at first.
//# flags: -fPIC | -fno-pic
//# stdout: one module: yes, initial value 77, holds the variable yes
//# stdout: one module: yes, initial value 77, holds the variable yes
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
__thread int variable = 77;
__thread char zeroes[300];
int main(void);
static int look(struct dl_phdr_info *info, size_t size, void *data) {
    int modules = 0, own = 0;
    const ElfW(Phdr) *tls = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        own |= header->p_type == PT_LOAD && (ElfW(Addr))main - info->dlpi_addr - header->p_vaddr < header->p_memsz;
        if (header->p_type == PT_TLS) {
            modules++;
            tls = header;
        }
    }
    if (!own || !tls) return 0;
    size_t offset = (char *)&variable - (char *)info->dlpi_tls_data;
    int first = 0;
    if (offset < tls->p_filesz) memcpy(&first, (char *)info->dlpi_addr + tls->p_vaddr + offset, sizeof first);
    printf("one module: %s, initial value %d, holds the variable %s\n", modules == 1 && info->dlpi_tls_modid ? "yes" : "no",
           first, offset < tls->p_memsz && (size_t)(zeroes + 299 - (char *)info->dlpi_tls_data) < tls->p_memsz ? "yes" : "no");
    return 1;
}
static void *ask(void *data) {
    variable = 5 + (zeroes[1] = 3);
    dl_iterate_phdr(look, 0);
    return 0;
}
int main(void) {
    pthread_t thread;
    variable = 3;
    zeroes[0] = 1;
    dl_iterate_phdr(look, 0);
    pthread_create(&thread, 0, ask, 0);
    pthread_join(thread, 0);
    return 0;
}
