//# about: memcpy and strlen are ifuncs in libc: address and calls mean the implementation everywhere.
//# flags: -fPIC -fno-builtin | -fno-pic -fno-builtin
//# stdout: 5 5 1
#include <stdio.h>
#include <string.h>
size_t (*pointer)(const char *) = strlen;
size_t (*other(void))(const char *);
int main(void) { printf("%zu %zu %d\n", strlen("12345"), pointer("12345"), pointer == other()); }
//# file: other.c
#include <string.h>
size_t (*other(void))(const char *) { return strlen; }
