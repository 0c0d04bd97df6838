//# about: UndefinedBehaviorSanitizer from its archive.
//# flags: -fsanitize=undefined -fPIC | -fsanitize=undefined -fno-pic
//# needs: -fsanitize=undefined
//# args: -fsanitize=undefined -static-libubsan {objects}
//# stdout: 5 -2147483648
//# stderr: runtime error: downcast of address
//# stderr: vptr for 'A'
//# stderr: runtime error: signed integer overflow
#include <climits>
#include <cstdio>
struct A {
    virtual ~A() {}
    int x = 5;
};
struct B : A {
    virtual int f() { return 1; }
};
int main(int count, char **) {
    A a;
    B *b = (B *)&a;
    int sum = INT_MAX;
    sum += count;
    printf("%d %d\n", b->x, sum);
}
