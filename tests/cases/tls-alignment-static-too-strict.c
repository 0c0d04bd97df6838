//# about: Alignment beyond a page, in code that knows static storage only: no thread's storage is aligned so.
//# flags: -fPIE | -fno-pic
//# error: static thread-local storage: the set needs 8192 bytes aligned to 8192
//# error: main.o
//# error: -ftls-model=global-dynamic, or ask for less alignment
//# oracle: runs
//# stdout: 7
#include <stdio.h>
__thread struct { _Alignas(8192) int number; } aligned = {7};
int main(void) { printf("%d\n", aligned.number); }
