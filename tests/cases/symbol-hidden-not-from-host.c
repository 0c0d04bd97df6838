//# about: A hidden reference cannot be satisfied by a library, even if one has the name.
//# error: puts
//# oracle-error: puts
__attribute__((visibility("hidden"))) int puts(const char *);
int main(void) { return puts("must not run"); }
