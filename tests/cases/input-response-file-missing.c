//# about: A response file that is not there.
//# args: main.o @absent.rsp
//# error: absent.rsp
int main(void) { return 0; }
