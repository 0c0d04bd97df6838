//# about: mold's -C reads inputs from another directory; the program starts in this one.
//# sh: mkdir deep && mv main.o one.o deep && ar rcs deep/libone.a deep/one.o && touch here
//# args: main.o -L. -lone -C deep
//# oracle-args: deep/main.o -Ldeep -lone
//# stdout: 1 1
//# file: main.c
#include <stdio.h>
#include <unistd.h>
int one(void);
int main(void) { printf("%d %d\n", one(), access("here", F_OK) == 0); }
//# file: one.c
int one(void) { return 1; }
