//# about: Options and inputs from a response file, with quotes, and one that names another.
//# args: @all.rsp
//# stdout: 42
#include <stdio.h>
extern int answer;
int main(void) { printf("%d\n", answer); }
//# file: the answer.c
int answer = 42;
//# file: all.rsp
main.o
@more.rsp
//# file: more.rsp
"the answer.o"
