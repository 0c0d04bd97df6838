//# about: One rather rich C program, compiled in many ways, always prints the same.
//# compilers: gcc clang
//# flags: -O0 | -O2
//# flags: -fPIC | -fPIE | -fno-pic | -mcmodel=large -fno-pic | -fno-plt -fPIC | -ffunction-sections -fdata-sections
//# link: -lm
//# run-args: gamma alpha beta
//# stdout: 00: alpha beta gamma
//# stdout: 01: tree 1 3 5 7 9 depth 3
//# stdout: 02: hash red=3 green=5 blue=-
//# stdout: 03: machine 120
//# stdout: 04: digest 3610a686
//# stdout: 05: root 1.414214 floor 2
//# stdout: 06: 0x2a 052 '  42' 3.14e+00
//# stdout: 07: weak default hidden 4
//# stdout: 08: longest gamma
//# stderr: done
#include "parts.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static const struct step { const char *name; void (*run)(int, char **); } steps[] = {
    {"sort", step_sort}, {"tree", step_tree}, {"hash", step_hash}, {"machine", step_machine}, {"digest", step_digest},
    {"math", step_math}, {"format", step_format}, {"symbols", step_symbols}, {"longest", step_longest},
};
void step_sort(int argc, char **argv) {
    char **words = malloc(argc * sizeof *words);
    memcpy(words, argv + 1, (argc - 1) * sizeof *words);
    qsort(words, argc - 1, sizeof *words, by_text);
    for (int i = 0; i < argc - 1; i++) printf(" %s", words[i]);
    free(words);
}
void step_math(int argc, char **argv) {
    (void)argv;
    printf(" root %.6f floor %.0f", sqrt(argc - 2.0), floor(argc - 1.5));
}
void step_format(int argc, char **argv) {
    (void)argc;
    (void)argv;
    char text[20];
    snprintf(text, sizeof text, "%4d", 42);
    printf(" %#x %#o '%s' %.2e", 42, 42, text, 3.14159);
}
int main(int argc, char **argv) {
    for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
        printf("%02u:", i);
        steps[i].run(argc, argv);
        putchar('\n');
    }
    fprintf(stderr, "done\n");
}
//# file: parts.h
#include <stddef.h>
typedef void step(int, char **);
extern step step_sort, step_tree, step_hash, step_machine, step_digest, step_math, step_format, step_symbols, step_longest;
extern __attribute__((visibility("hidden"))) int hidden_number;
const char *maybe(void);
//# file: structures.c
#include "parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct tree { int key; struct tree *left, *right; };
static struct tree *insert(struct tree *tree, int key) {
    if (!tree) {
        tree = calloc(1, sizeof *tree);
        tree->key = key;
    } else if (key < tree->key) {
        tree->left = insert(tree->left, key);
    } else {
        tree->right = insert(tree->right, key);
    }
    return tree;
}
static int walk(struct tree *tree) {
    if (!tree) return 0;
    int left = walk(tree->left);
    printf(" %d", tree->key);
    int right = walk(tree->right);
    free(tree);
    return 1 + (left > right ? left : right);
}
void step_tree(int argc, char **argv) {
    (void)argc;
    (void)argv;
    static const int keys[] = {5, 3, 7, 1, 9};
    struct tree *tree = NULL;
    printf(" tree");
    for (int i = 0; i < 5; i++) tree = insert(tree, keys[i]);
    printf(" depth %d", walk(tree));
}
static struct entry { const char *key; int value; } table[16];
static struct entry *find(const char *key) {
    unsigned hash = 5381;
    for (const char *c = key; *c; c++) hash = hash * 33 + (unsigned char)*c;
    struct entry *entry = &table[hash % 16];
    while (entry->key && strcmp(entry->key, key)) entry = entry == &table[15] ? table : entry + 1;
    return entry;
}
void step_hash(int argc, char **argv) {
    (void)argc;
    (void)argv;
    static const char *const names[] = {"red", "green", "blue"};
    printf(" hash");
    for (int i = 0; i < 2; i++) *find(names[i]) = (struct entry){names[i], (int)strlen(names[i])};
    for (int i = 0; i < 3; i++) {
        const struct entry *entry = find(names[i]);
        entry->key ? printf(" %s=%d", names[i], entry->value) : printf(" %s=-", names[i]);
    }
}
//# file: machine.c
#include "parts.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>
enum { PUSH, MULTIPLY, DECREMENT, JUMP_IF, SWAP, HALT };
static long execute(const unsigned char *code) {
    long result = 1, counter = 0;
    for (const unsigned char *at = code;;) {
        switch (*at++) {
        case PUSH: counter = *at++; break;
        case MULTIPLY: result *= counter; break;
        case DECREMENT: counter--; break;
        case JUMP_IF: at = counter ? code + *at : at + 1; break;
        case SWAP: { long t = result; result = counter; counter = t; break; }
        case HALT: return result;
        }
    }
}
void step_machine(int argc, char **argv) {
    (void)argc;
    (void)argv;
    static const unsigned char factorial[] = {PUSH, 5, MULTIPLY, DECREMENT, JUMP_IF, 2, HALT};
    printf(" machine %ld", execute(factorial));
}
void step_digest(int argc, char **argv) {
    (void)argc;
    (void)argv;
    static uint32_t crc_table[256];
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t c = n;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
        crc_table[n] = c;
    }
    uint32_t crc = ~0u;
    for (const char *c = "hello"; *c; c++) crc = crc_table[(crc ^ (unsigned char)*c) & 255] ^ (crc >> 8);
    printf(" digest %08x", ~crc);
}
__attribute__((visibility("hidden"))) int hidden_number = 4;
//# file: symbols.c
#include "parts.h"
#include <stdio.h>
#include <string.h>
__attribute__((weak)) const char *maybe(void) { return "default"; }
__attribute__((weak)) void nowhere(void);
void step_symbols(int argc, char **argv) {
    (void)argc;
    (void)argv;
    if (nowhere) nowhere();
    printf(" weak %s hidden %d", maybe(), hidden_number);
}
static size_t (*const measure)(const char *) = strlen;
void step_longest(int argc, char **argv) {
    const char *longest = "";
    for (int i = 1; i < argc; i++)
        if (measure(argv[i]) > measure(longest)) longest = argv[i];
    fputs(" longest ", stdout);
    fputs(longest, stdout);
}
