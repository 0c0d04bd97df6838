//# about: A shared library on the command line that calls a function which the program defines.
//# shared: libx.so x.c
//# stdout: program 5
#include <stdio.h>
void call_back(int);
void callback(int number) { printf("program %d\n", number); }
int main(void) { call_back(4); }
//# file: x.c
void callback(int);
void call_back(int number) { callback(number + 1); }
