//# about: Files of any bytes as inputs, with symbols for their start, end and size.
//# file: some data.txt
some bytes
//# flags: -fPIC | -fno-pic
//# args: main.o -Wl,-b,binary "some data.txt" -Wl,--format=default
//# stdout: 1 some bytes
//# file: main.c
#include <stdio.h>
extern char _binary_some_data_txt_start[], _binary_some_data_txt_end[], _binary_some_data_txt_size[];
int main(void) {
    long bytes = _binary_some_data_txt_end - _binary_some_data_txt_start;
    printf("%d %.10s\n", bytes == (long)&_binary_some_data_txt_size, _binary_some_data_txt_start);
}
