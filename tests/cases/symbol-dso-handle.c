//# about: __dso_handle is hidden, one per set, and holds its own address or 0 (in an executable).
//# flags: -fPIC | -fno-pic
//# stdout: 1 1
#include <stdio.h>
extern void *__dso_handle __attribute__((visibility("hidden")));
void **handle(void);
int main(void) {
    printf("%d %d\n", handle() == &__dso_handle, __dso_handle == 0 || __dso_handle == &__dso_handle);
}
//# file: other.c
extern void *__dso_handle __attribute__((visibility("hidden")));
void **handle(void) { return &__dso_handle; }
