//# about: --wrap without a __wrap_X: the error names that, not X, which is defined.
//# link: --wrap compute
//# error: undefined symbol `__wrap_compute`
//# no-error: `compute`
//# oracle-error: undefined reference to `__wrap_compute'
int compute(void);
int main(void) { return compute(); }
//# file: compute.c
int compute(void) { return 1; }
