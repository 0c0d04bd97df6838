//# about: -z muldefs is another name of --allow-multiple-definition; an option that begins with -e is no entry.
//# link: -z muldefs -export-dynamic
//# oracle-args: {objects} -Wl,-z,muldefs
//# stdout: 1
#include <stdio.h>
int number(void) { return 1; }
int main(void) { printf("%d\n", number()); }
//# file: second.c
int number(void) { return 2; }
