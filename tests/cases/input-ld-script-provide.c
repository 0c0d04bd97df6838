//# about: A script's PROVIDE defines what nothing else does; a plain assignment wins.
//# flags: -fno-pic
//# args: main.o names.ld
//# stdout: own given 7
#include <stdio.h>
const char *own(void) { return "own"; }
const char *given(void) { return "given"; }
const char *alias(void);
extern char number[];
int main(void) { printf("%s %s %d\n", own(), alias(), (int)(long)number); }
//# file: names.ld
PROVIDE(own = given);
PROVIDE(alias = given);
PROVIDE(number = 7);
