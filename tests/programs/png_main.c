/* libpng over zlib: writes an image into memory, reads it back, and takes a damaged one's error by longjmp. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
    unsigned char bytes[1 << 18];
    size_t size, at;
};

static void put(png_structp png, png_bytep data, png_size_t size) {
    struct buffer *to = png_get_io_ptr(png);
    memcpy(to->bytes + to->size, data, size);
    to->size += size;
}

static void flush(png_structp png) { (void)png; }

static void get(png_structp png, png_bytep data, png_size_t size) {
    struct buffer *from = png_get_io_ptr(png);
    if (from->at + size > from->size) png_error(png, "read past the end");
    memcpy(data, from->bytes + from->at, size);
    from->at += size;
}

static void complain(png_structp png, png_const_charp message) {
    printf("error: %s\n", message);
    longjmp(png_jmpbuf(png), 1);
}

static int read_back(struct buffer *image) {
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, complain, NULL);
    png_infop info = png_create_info_struct(png);
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, NULL);
        return 0;
    }
    png_set_read_fn(png, image, get);
    png_read_png(png, info, PNG_TRANSFORM_EXPAND, NULL);
    png_bytepp rows = png_get_rows(png, info);
    unsigned long sum = 0, width = png_get_image_width(png, info), height = png_get_image_height(png, info);
    for (unsigned long y = 0; y < height; y++)
        for (unsigned long x = 0; x < 3 * width; x++) sum = sum * 31 + rows[y][x];
    printf("%lu x %lu, sum %lx\n", width, height, sum & 0xffffffff);
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
}

int main(void) {
    enum { W = 120, H = 80 };
    struct buffer *image = calloc(1, sizeof *image);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, complain, NULL);
    png_infop info = png_create_info_struct(png);
    if (setjmp(png_jmpbuf(png))) return 1;
    png_set_write_fn(png, image, put, flush);
    png_set_IHDR(png, info, W, H, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_ADAM7, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_bytep rows[H];
    for (int y = 0; y < H; y++) {
        rows[y] = malloc(3 * W);
        for (int x = 0; x < W; x++) {
            rows[y][3 * x] = (png_byte)(x * 2);
            rows[y][3 * x + 1] = (png_byte)(y * 3);
            rows[y][3 * x + 2] = (png_byte)(x ^ y);
        }
    }
    png_set_rows(png, info, rows);
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    png_destroy_write_struct(&png, &info);
    printf("%lu bytes\n", (unsigned long)image->size);
    if (!read_back(image)) return 2;
    image->at = 0;
    image->bytes[image->size / 2] ^= 0xff;
    if (read_back(image)) return 3;
    for (int y = 0; y < H; y++) free(rows[y]);
    free(image);
    return 0;
}
