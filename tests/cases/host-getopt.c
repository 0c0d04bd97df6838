//# about: optind, optarg and optopt: set by libc, read and reset by the program.
//# flags: -fPIC | -fPIE | -fno-pic | -fno-pic -mcmodel=large
//# run-args: -a value -b -x rest
//# stdout: a value 3
//# stdout: b 4
//# stdout: ? x 5
//# stdout: rest
//# stdout: again a 3
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int option;
    opterr = 0;
    while ((option = getopt(argc, argv, "a:b")) != -1) {
        if (option == 'a') printf("a %s %d\n", optarg, optind);
        if (option == 'b') printf("b %d\n", optind);
        if (option == '?') printf("? %c %d\n", optopt, optind);
    }
    puts(argv[optind]);
    optind = 1;
    option = getopt(argc, argv, "a:b");
    printf("again %c %d\n", option, optind);
}
