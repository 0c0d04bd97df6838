/* A small SQL shell: sqlite_main DATABASE [SQL...]. Without SQL it reads statements from standard input.
   Rows go to standard output, columns parted by '|'; the first error ends it with status 1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

static int print_row(void *counter, int columns, char **values, char **names) {
    (void)names;
    ++*(long *)counter;
    for (int i = 0; i < columns; i++) printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
    putchar('\n');
    return 0;
}

/* reverse(TEXT), so that the library calls back into this file. */
static void reverse(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    const unsigned char *text = sqlite3_value_text(argv[0]);
    if (!text) {
        sqlite3_result_null(context);
        return;
    }
    int length = sqlite3_value_bytes(argv[0]);
    char *out = sqlite3_malloc(length + 1);
    for (int i = 0; i < length; i++) out[i] = (char)text[length - 1 - i];
    out[length] = 0;
    sqlite3_result_text(context, out, length, sqlite3_free);
}

/* The collation `bylength`: shorter first. */
static int by_length(void *data, int a_length, const void *a, int b_length, const void *b) {
    (void)data;
    if (a_length != b_length) return a_length - b_length;
    return memcmp(a, b, (size_t)a_length);
}

static char *read_all(FILE *in) {
    size_t size = 0, room = 4096;
    char *text = malloc(room);
    for (size_t n; (n = fread(text + size, 1, room - size - 1, in)) > 0;) {
        size += n;
        if (room - size < 2) text = realloc(text, room *= 2);
    }
    text[size] = 0;
    return text;
}

static int run(sqlite3 *db, const char *sql, long *rows) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, print_row, rows, &message) == SQLITE_OK) return 0;
    fflush(stdout);
    fprintf(stderr, "error %d: %s\n", sqlite3_extended_errcode(db), message ? message : sqlite3_errmsg(db));
    sqlite3_free(message);
    return 1;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fputs("usage: sqlite_main DATABASE [SQL...]\n", stderr);
        return 2;
    }
    sqlite3 *db;
    if (sqlite3_open(argv[1], &db) != SQLITE_OK) {
        fprintf(stderr, "cannot open %s: %s\n", argv[1], sqlite3_errmsg(db));
        return 1;
    }
    sqlite3_create_function(db, "reverse", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, reverse, NULL, NULL);
    sqlite3_create_collation(db, "bylength", SQLITE_UTF8, NULL, by_length);
    long rows = 0;
    int failed = 0;
    if (argc == 2) {
        char *sql = read_all(stdin);
        failed = run(db, sql, &rows);
        free(sql);
    }
    for (int i = 2; i < argc && !failed; i++) failed = run(db, argv[i], &rows);
    printf("-- %ld rows\n", rows);
    if (sqlite3_close(db) != SQLITE_OK) return 3;
    return failed;
}
