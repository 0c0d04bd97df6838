//# about: What the startup files define is there: their functions, the mark of stdin, the dynamic section of the process.
//# flags: -fPIC | -fPIE
//# compilers: gcc clang
//# stdout: 1 20001
//# stdout: debug 1 main 1
//# stdout: end 1
#include <link.h>
#include <stdio.h>
extern void _start(void), _init(void), _fini(void);
extern int _IO_stdin_used;
extern char __TMC_END__[] __attribute__((visibility("hidden")));
int main(void) {
    void (*volatile start)(void) = _start;
    printf("%d %x\n", start != NULL, _IO_stdin_used);
    _init();
    _fini();
    struct r_debug *debug = NULL;
    for (ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_DEBUG)
            debug = (struct r_debug *)entry->d_un.d_ptr;
    printf("debug %d main %d\n", debug != NULL, debug && debug->r_map && debug->r_map->l_ld != NULL);
    printf("end %d\n", __TMC_END__ != NULL);
}
