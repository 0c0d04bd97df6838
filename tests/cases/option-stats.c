//# about: --stats=json goes to standard error and leaves the output alone.
//# link: --stats=json
//# skip-oracle: only setlink has it
//# stdout: out
//# stderr: "got_entries"
#include <stdio.h>
int main(void) { puts("out"); }
