//# about: GNU archives keep names longer than 15 characters in a table of their own.
//# archive: libx.a a_member_with_a_name_longer_than_sixteen.o another_member_with_such_a_long_name.o
//# error: libx.a(another_member_with_such_a_long_name.o)
//# error: undefined symbol `nobody_defines_this`
//# oracle-error: nobody_defines_this
int used(void);
int main(void) { return used(); }
//# file: a_member_with_a_name_longer_than_sixteen.c
int helper(void);
int used(void) { return helper() * 2; }
//# file: another_member_with_such_a_long_name.c
int nobody_defines_this(void);
int helper(void) { return nobody_defines_this(); }
