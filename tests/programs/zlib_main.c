/* zlib: compresses and expands generated text at every level; an invalid stream must be noticed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int main(void) {
    enum { SIZE = 200000 };
    unsigned char *text = malloc(SIZE), *packed = malloc(2 * SIZE), *again = malloc(SIZE);
    unsigned seed = 12345;
    for (int i = 0; i < SIZE; i++) {
        seed = seed * 1103515245u + 12345u;
        text[i] = "etaoin shrdlu\n"[(seed >> 16) % 14];
    }
    printf("crc32 %08lx adler32 %08lx\n", crc32(0, text, SIZE), adler32(1, text, SIZE));
    for (int level = 0; level <= 9; level++) {
        uLongf packed_size = 2 * SIZE, size = SIZE;
        if (compress2(packed, &packed_size, text, SIZE, level) != Z_OK) return 1;
        if (uncompress(again, &size, packed, packed_size) != Z_OK || size != SIZE || memcmp(text, again, SIZE)) return 2;
        printf("level %d: %lu bytes\n", level, (unsigned long)packed_size);
        packed[packed_size / 2] ^= 0x55;
        size = SIZE;
        int status = uncompress(again, &size, packed, packed_size);
        printf("damaged: %s\n", status == Z_OK ? "not noticed" : zError(status));
    }
    char path[] = "/tmp/setlink-zlib-XXXXXX";
    int descriptor = mkstemp(path);
    gzFile out = gzdopen(descriptor, "wb");
    gzprintf(out, "%s %d\n", "line", 1);
    gzputs(out, "line 2\n");
    gzclose(out);
    gzFile in = gzopen(path, "rb");
    char line[64];
    while (gzgets(in, line, sizeof line)) fputs(line, stdout);
    gzclose(in);
    remove(path);
    free(text), free(packed), free(again);
    return 0;
}
