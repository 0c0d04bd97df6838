//# about: Two sanitizers of which each takes the process over. GCC tells when it compiles.
//# args: {objects} -fsanitize=thread -fsanitize=address
//# oracle-args: -xc main.c -fsanitize=thread -fsanitize=address
//# oracle-error: is incompatible with
//# error: setlink: -fsanitize=address is incompatible with -fsanitize=thread
int main(void) { return 0; }
