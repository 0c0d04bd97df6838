//# about: An alias's target is pulled from an archive. (GNU ld wants it referenced besides; lld does not.)
//# archive: libx.a member.o
//# args: {objects} {archives} --defsym alias=target
//# oracle-args: {objects} member.o -Wl,--defsym,alias=target
//# exit: 42
int alias(void);
int main(void) { return alias(); }
//# file: member.c
int target(void) { return 42; }
