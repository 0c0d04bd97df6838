//# about: What `plan` counts for two trivial objects.
//# flags: -O1 -fPIC
//# exit: 1
//# plan: objects == 2
//# plan: got_entries == 0
//# plan: stubs == 0
//# plan: relocations >= 1
//# plan: symbols >= 2
//# plan: mappings <= 4
//# plan: total_bytes < 65536
int one(void);
int main(void) { return one(); }
//# file: one.c
int one(void) { return 1; }
