//# about: Objects name libraries themselves, as Clang has them do: by name, as a file, by a path; so do members that take part.
//# compilers: gcc clang
//# manual: by_name.c by_file.c by_path.c of_member.c absent.c
//# sh: for name in by_name by_file by_path of_member absent; do $CC -c $name.c && ar rcs lib$name.a $name.o; done
//# sh: mkdir deep && mv libby_path.a deep
//# archive: libmember.a member.o unused.o
//# args: main.o libmember.a -L.
//# oracle-args: main.o libmember.a -L. -lby_name -lby_file deep/libby_path.a -lof_member
//# stdout: 1 2 3 4
//# file: main.c
#include <stdio.h>
__asm__(".pushsection .deplibs,\"MS\",@0x6fff4c04,1\n"
        ".asciz \"by_name\"\n.asciz \"libby_file.a\"\n.asciz \"deep/libby_path.a\"\n.asciz \"by_name\"\n.asciz \"nowhere\"\n"
        ".popsection");
int by_name(void), by_file(void), by_path(void), member(void);
int main(void) { printf("%d %d %d %d\n", by_name(), by_file(), by_path(), member()); }
//# file: member.c
__asm__(".pushsection .deplibs,\"MS\",@0x6fff4c04,1\n.asciz \"of_member\"\n.popsection");
int of_member(void);
int member(void) { return of_member(); }
//# file: unused.c
__asm__(".pushsection .deplibs,\"MS\",@0x6fff4c04,1\n.asciz \"absent\"\n.popsection");
int unused(void) { return 0; }
//# file: by_name.c
int by_name(void) { return 1; }
//# file: by_file.c
int by_file(void) { return 2; }
//# file: by_path.c
int by_path(void) { return 3; }
//# file: of_member.c
int of_member(void) { return 4; }
//# file: absent.c
int main(void) { return 5; }
