//# about: Exceptions under a sanitizer where a library that the program's library needs is the one that needs the C++ library.
//# flags: -fsanitize=address -fPIC
//# needs: -fsanitize=address
//# manual: outer.c inner.cpp
//# sh: mkdir deep && $CXX -shared -fPIC inner.cpp -o deep/libinner.so -Wl,-soname,libinner.so
//# sh: $CC -shared -fPIC outer.c -o libouter.so -Wl,--no-as-needed -Ldeep -linner '-Wl,-rpath,$ORIGIN/deep'
//# args: -fsanitize=address {objects} ./libouter.so
//# stdout: 42
#include <stdio.h>
int outer(int);
int main(void) { printf("%d\n", outer(40)); }
//# file: outer.c
int inner(int);
int outer(int number) { return inner(number); }
//# file: inner.cpp
extern "C" int inner(int number) {
    try {
        throw number;
    } catch (int caught) {
        return caught + 2;
    }
}
