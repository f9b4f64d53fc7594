#include "CImageShims.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    sd_image_bytes out;
    size_t capacity;
    char *message;
    size_t message_capacity;
} png_sink;

static void on_error(png_structp png, png_const_charp text) {
    png_sink *sink = png_get_error_ptr(png);
    if (sink->message_capacity > 0) {
        strncpy(sink->message, text, sink->message_capacity - 1);
        sink->message[sink->message_capacity - 1] = 0;
    }
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void on_write(png_structp png, png_bytep bytes, size_t count) {
    png_sink *sink = png_get_io_ptr(png);
    if (count > sink->capacity - sink->out.count) {
        size_t capacity = sink->capacity * 2;
        if (capacity < sink->out.count + count) capacity = sink->out.count + count;
        uint8_t *grown = realloc(sink->out.data, capacity);
        if (grown == NULL) png_error(png, "no memory for the encoded image");
        sink->out.data = grown;
        sink->capacity = capacity;
    }
    memcpy(sink->out.data + sink->out.count, bytes, count);
    sink->out.count += count;
}

static void on_flush(png_structp png) { (void)png; }

/// `palette` is null but for colour type 3.
static sd_image_status write_png(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t bit_depth, uint8_t color_type,
    const png_color *palette, int palette_count, sd_image_bytes *out, char *message, size_t message_capacity) {
    out->data = NULL;
    out->count = 0;
    // On the heap, so that what the callbacks change is not a local of the function that setjmp returns to.
    png_sink *sink = calloc(1, sizeof *sink);
    if (sink == NULL) return SD_IMAGE_NO_MEMORY;
    sink->message = message;
    sink->message_capacity = message_capacity;
    sink->capacity = 4096;
    sink->out.data = malloc(sink->capacity);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, sink, on_error, on_warning);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (sink->out.data == NULL || info == NULL) {
        if (png != NULL) png_destroy_write_struct(&png, NULL);
        free(sink->out.data);
        free(sink);
        return SD_IMAGE_NO_MEMORY;
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        free(sink->out.data);
        free(sink);
        return SD_IMAGE_CORRUPT;
    }
    png_set_write_fn(png, sink, on_write, on_flush);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(
        png, info, width, height, bit_depth, color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    if (palette != NULL) png_set_PLTE(png, info, palette, palette_count);
    png_set_compression_level(png, 6);
    png_write_info(png, info);
    if (bit_depth < 8) png_set_packing(png);
    if (bit_depth == 16) {
        const uint16_t one = 1;
        if (*(const uint8_t *)&one == 1) png_set_swap(png);
    }
    size_t row_bytes = (size_t)width * (color_type == PNG_COLOR_TYPE_RGB ? 3 : 1) * (bit_depth == 16 ? 2 : 1);
    for (size_t row = 0; row < height; row++) png_write_row(png, pixels + row * row_bytes);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    *out = sink->out;
    free(sink);
    return SD_IMAGE_OK;
}

sd_image_status sd_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t bit_depth, uint8_t color_type,
    sd_image_bytes *out, char *message, size_t message_capacity) {
    return write_png(pixels, width, height, bit_depth, color_type, NULL, 0, out, message, message_capacity);
}

sd_image_status sd_png_write_palette(
    const uint8_t *indexes, uint32_t width, uint32_t height, const uint8_t *palette, sd_image_bytes *out,
    char *message, size_t message_capacity) {
    png_color colors[256];
    for (int i = 0; i < 256; i++) {
        colors[i].red = palette[3 * i];
        colors[i].green = palette[3 * i + 1];
        colors[i].blue = palette[3 * i + 2];
    }
    return write_png(
        indexes, width, height, 8, PNG_COLOR_TYPE_PALETTE, colors, 256, out, message, message_capacity);
}

void sd_image_bytes_free(sd_image_bytes bytes) { free(bytes.data); }
