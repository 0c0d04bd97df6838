//# about: An archive cut short inside a member.
//# archive: libx.a used.o
//# sh: head -c $(($(stat -c %s libx.a) - 100)) libx.a > short.a
//# args: main.o short.a
//# error: short.a
int used(void);
int main(void) { return used(); }
//# file: used.c
int used(void) { return 0; }
