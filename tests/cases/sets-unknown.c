//# about: A set can only refer to sets that come before it.
//# args: --set app: --share base {objects}
//# skip-oracle: only setlink has sets
//# error: --share base: no set `base` comes before this one
int main(void) {}
