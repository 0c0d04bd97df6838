//# about: Shared libraries may call each other, and the program, without saying so.
//# shared: libfirst.so first.c
//# shared: libsecond.so second.c
//# shared: libalone.so alone.c
//# args: main.o ./libfirst.so ./libalone.so ./libsecond.so
//# stdout: 16 program 12 16
#include <stdio.h>
int first(int), second(int), alone(void);
int program(int number) { return number + 10; }
int main(void) { printf("%d program %d %d\n", first(3), second(0), alone()); }
//# file: first.c
int second(int), program(int);
int first(int left) { return left ? second(left - 1) + 1 : 0; }
int first_program(int number) { return program(number); }
//# file: second.c
int first(int), program(int), first_program(int);
int second(int left) { return left ? first(left - 1) + 2 : first_program(program(-8) - 10) == 2 ? 12 : 0; }
//# file: alone.c
int second(int);
int alone(void) { return second(0) + 4; }
