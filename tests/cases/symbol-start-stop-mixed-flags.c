//# about: Sections of one name lie together whatever their flags: constants of a position-dependent object, which are read-only, and of another, which hold addresses and are writable there; and what is code but for one section.
//# compilers: gcc clang
//# flags: -fPIE | -fno-pic
//# flags(pic.c): -fPIC
//# flags(direct.c): -fno-pic
//# oracle-flags: -no-pie
//# stdout: one two three four 4
//# stdout: 7 first last 1
#include <stdio.h>
struct entry { const char *name; int number; };
extern const struct entry __start_entries[], __stop_entries[];
__attribute__((section("entries"), used)) static const struct entry first = { "one", 1 };
extern const int begin_marks[], end_marks[];
int sum(void);
int main(void) {
    for (const struct entry *entry = __start_entries; entry < __stop_entries; entry++) printf("%s ", entry->name);
    printf("%td\n", __stop_entries - __start_entries);
    printf("%d %s %s %d\n", sum(), begin_marks[0] == 10 ? "first" : "?", end_marks[0] == 30 ? "last" : "?", begin_marks < end_marks);
}
//# file: pic.c
struct entry { const char *name; int number; };
__attribute__((section("entries"), used)) static const struct entry second = { "two", 2 };
//# file: written.c
struct entry { const char *name; int number; };
__attribute__((section("entries"), used)) static struct entry third = { "three", 3 };
//# file: direct.c
struct entry { const char *name; int number; };
__attribute__((section("entries"), used)) static const struct entry fourth = { "four", 4 };
//# file: marks1.s
.section marks,"a"
.globl begin_marks
.balign 4
begin_marks: .long 10
.section .note.GNU-stack,"",@progbits
//# file: marks2.s
.section marks,"aw"
.long 20
.section numbers,"ax"
.balign 4
.long 3
.section .note.GNU-stack,"",@progbits
//# file: marks3.s
.section marks,"a"
.globl end_marks
end_marks: .long 30
.section numbers,"a"
.balign 4
.long 4
.section .note.GNU-stack,"",@progbits
//# file: sum.c
extern const int __start_numbers[], __stop_numbers[];
int sum(void) {
    int sum = 0;
    for (const int *number = __start_numbers; number < __stop_numbers; number++) sum += *number;
    return sum;
}
