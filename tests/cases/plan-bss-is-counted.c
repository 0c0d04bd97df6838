//# about: Zeroed data is part of the exact requirements.
//# exit: 0
//# plan: total_bytes >= 10000000
//# plan: total_bytes < 10100000
static volatile char large[10000000];
int main(void) { return large[9999999]; }
