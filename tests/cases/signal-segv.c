//# about: A null pointer kills by SIGSEGV.
//# signal: SIGSEGV
int main(void) {
    int *volatile pointer = 0;
    return *pointer;
}
