//# about: A file named by an ld script that is not there.
//# args: main.o parts.ld
//# error: absent.o
//# oracle-error: absent.o
int main(void) { return 0; }
//# file: parts.ld
INPUT(absent.o)
