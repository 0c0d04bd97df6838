//# about: without -noexec the program runs, with the words behind -args, whatever they look like
//# jitlink: {objects} -args a -noexec --entry=b
//# jitlink: {objects} -harness other.o -args a -noexec --entry=b
//# exit: 42
//# file: main.c
static int same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

int main(int argc, char **argv) {
    // LLVM's tool does not pass a program's name.
    char **last = argv + argc - 3;
    if (argc < 3 || argc > 4 || argv[argc]) return 1;
    return same(last[0], "a") && same(last[1], "-noexec") && same(last[2], "--entry=b") ? 42 : 2;
}
//# sh: $CC -c -x c other.txt -o other.o
//# file: other.txt
int other;
