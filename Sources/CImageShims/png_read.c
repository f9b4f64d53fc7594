#include "CImageShims.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct sd_png_reader {
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t count;
    size_t offset;
    sd_image_status status;
    char *message;
    size_t message_capacity;
};

static void note(sd_png_reader *reader, const char *text) {
    if (reader->message_capacity == 0) return;
    strncpy(reader->message, text, reader->message_capacity - 1);
    reader->message[reader->message_capacity - 1] = 0;
}

static void on_error(png_structp png, png_const_charp text) {
    sd_png_reader *reader = png_get_error_ptr(png);
    if (reader->status == SD_IMAGE_OK) {
        reader->status = strstr(text, "emory") != NULL ? SD_IMAGE_NO_MEMORY : SD_IMAGE_CORRUPT;
        note(reader, text);
    }
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void on_read(png_structp png, png_bytep into, size_t wanted) {
    sd_png_reader *reader = png_get_io_ptr(png);
    if (wanted > reader->count - reader->offset) {
        reader->status = SD_IMAGE_TRUNCATED;
        note(reader, "the bytes end before the image does");
        png_error(png, "truncated");
    }
    memcpy(into, reader->bytes + reader->offset, wanted);
    reader->offset += wanted;
}

sd_image_status sd_png_open(
    const uint8_t *bytes, size_t count, sd_png_reader **out, sd_png_info *info, char *message,
    size_t message_capacity) {
    // Chunks that say nothing about stored sample values are stepped over: no work, and no refusal for their defects.
    static const png_byte skipped[] =
        "cHRM\0gAMA\0iCCP\0sBIT\0sRGB\0bKGD\0eXIf\0hIST\0tRNS\0oFFs\0pHYs\0sPLT\0tIME\0iTXt\0tEXt\0zTXt\0sCAL\0"
        "pCAL";
    *out = NULL;
    sd_png_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return SD_IMAGE_NO_MEMORY;
    reader->bytes = bytes;
    reader->count = count;
    reader->message = message;
    reader->message_capacity = message_capacity;
    note(reader, "");
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning);
    if (reader->png != NULL) reader->info = png_create_info_struct(reader->png);
    if (reader->info == NULL) {
        sd_png_close(reader);
        return SD_IMAGE_NO_MEMORY;
    }
    if (setjmp(png_jmpbuf(reader->png))) {
        sd_image_status status = reader->status;
        sd_png_close(reader);
        return status;
    }
    png_set_read_fn(reader->png, reader, on_read);
    png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_set_keep_unknown_chunks(
        reader->png, PNG_HANDLE_CHUNK_NEVER, skipped, (int)(sizeof skipped / 5));
    // The caller bounds the size by the number of bytes; libpng's own limit of a million a side would be in the way.
    png_set_user_limits(reader->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(reader->png, reader->info);

    memset(info, 0, sizeof *info);
    info->width = png_get_image_width(reader->png, reader->info);
    info->height = png_get_image_height(reader->png, reader->info);
    info->bit_depth = png_get_bit_depth(reader->png, reader->info);
    info->color_type = png_get_color_type(reader->png, reader->info);
    info->channels = png_get_channels(reader->png, reader->info);
    png_colorp palette = NULL;
    int entries = 0;
    if (png_get_PLTE(reader->png, reader->info, &palette, &entries) != 0 && palette != NULL) {
        for (int i = 0; i < entries && i < 256; i++) {
            info->palette[3 * i] = palette[i].red;
            info->palette[3 * i + 1] = palette[i].green;
            info->palette[3 * i + 2] = palette[i].blue;
        }
        info->palette_count = (uint16_t)(entries < 256 ? entries : 256);
    }
    *out = reader;
    return SD_IMAGE_OK;
}

sd_image_status sd_png_read(
    sd_png_reader *reader, uint8_t *pixels, size_t capacity, char *message, size_t message_capacity) {
    reader->message = message;
    reader->message_capacity = message_capacity;
    note(reader, "");
    if (setjmp(png_jmpbuf(reader->png))) return reader->status;
    png_set_packing(reader->png);
    if (png_get_bit_depth(reader->png, reader->info) == 16) {
        const uint16_t one = 1;
        if (*(const uint8_t *)&one == 1) png_set_swap(reader->png);
    }
    int passes = png_set_interlace_handling(reader->png);
    png_read_update_info(reader->png, reader->info);
    size_t row_bytes = png_get_rowbytes(reader->png, reader->info);
    size_t height = png_get_image_height(reader->png, reader->info);
    if (row_bytes == 0 || capacity / row_bytes < height) {
        reader->status = SD_IMAGE_NO_MEMORY;
        note(reader, "the pixel buffer is too small");
        return reader->status;
    }
    for (int pass = 0; pass < passes; pass++) {
        for (size_t row = 0; row < height; row++) png_read_row(reader->png, pixels + row * row_bytes, NULL);
    }
    png_read_end(reader->png, NULL);
    return SD_IMAGE_OK;
}

void sd_png_close(sd_png_reader *reader) {
    if (reader == NULL) return;
    if (reader->png != NULL) png_destroy_read_struct(&reader->png, reader->info != NULL ? &reader->info : NULL, NULL);
    free(reader);
}
