#pragma once
#include <stddef.h>
#include <stdint.h>

// libpng and libjpeg report errors by longjmp, which must never cross a Swift frame: every call below catches its own
// jumps and returns a code. A reader or writer owns all its memory and is freed by its close function.

#ifdef __cplusplus
extern "C" {
#endif

/// What a call came to.
typedef enum sd_image_status {
    SD_IMAGE_OK = 0,
    /// The bytes are not a valid image; `message` says why.
    SD_IMAGE_CORRUPT = 1,
    /// The bytes end before the image does.
    SD_IMAGE_TRUNCATED = 2,
    /// A valid image of a kind that the library does not decode.
    SD_IMAGE_UNSUPPORTED = 3,
    /// Memory could not be had.
    SD_IMAGE_NO_MEMORY = 4,
    /// More progressive scans than the caller allows.
    SD_IMAGE_TOO_MANY_SCANS = 5,
} sd_image_status;

/// Bytes that a writer produced; freed by `sd_image_bytes_free`.
typedef struct sd_image_bytes {
    uint8_t *_Nullable data;
    size_t count;
} sd_image_bytes;

void sd_image_bytes_free(sd_image_bytes bytes);

// MARK: PNG

typedef struct sd_png_reader sd_png_reader;

typedef struct sd_png_info {
    uint32_t width;
    uint32_t height;
    /// Bits per sample as stored: 1, 2, 4, 8 or 16.
    uint8_t bit_depth;
    /// PNG colour type: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.
    uint8_t color_type;
    /// Samples per pixel as stored: a palette image has one.
    uint8_t channels;
    /// Entries of `palette`, RGB each.
    uint16_t palette_count;
    uint8_t palette[768];
} sd_png_info;

/// Reads everything before the pixels. On success `*reader` is set and must be closed; `bytes` must outlive it.
sd_image_status sd_png_open(
    const uint8_t *_Nonnull bytes, size_t count, sd_png_reader *_Nullable *_Nonnull reader,
    sd_png_info *_Nonnull info, char *_Nonnull message, size_t message_capacity);

/// Reads all pixels as stored, no gamma, no expansion: samples of up to 8 bits one byte each, 16 bits two bytes each in
/// the machine's order, interlacing undone. Then reads to the end of the file. `capacity` must be at least
/// height * width * channels * bytes per sample.
sd_image_status sd_png_read(
    sd_png_reader *_Nonnull reader, uint8_t *_Nonnull pixels, size_t capacity, char *_Nonnull message,
    size_t message_capacity);

void sd_png_close(sd_png_reader *_Nullable reader);

/// Writes gray (color_type 0) or RGB (2) of 1, 8 or 16 bits: samples laid out as `sd_png_read` gives them.
sd_image_status sd_png_write(
    const uint8_t *_Nonnull pixels, uint32_t width, uint32_t height, uint8_t bit_depth, uint8_t color_type,
    sd_image_bytes *_Nonnull out, char *_Nonnull message, size_t message_capacity);

/// Writes 8-bit indexes into a palette of 256 colours, RGB each.
sd_image_status sd_png_write_palette(
    const uint8_t *_Nonnull indexes, uint32_t width, uint32_t height, const uint8_t *_Nonnull palette,
    sd_image_bytes *_Nonnull out, char *_Nonnull message, size_t message_capacity);

// MARK: JPEG

typedef struct sd_jpeg_reader sd_jpeg_reader;

typedef struct sd_jpeg_info {
    uint32_t width;
    uint32_t height;
    /// Components as stored: 1 gray, 3 colour, 4 CMYK or YCCK.
    uint8_t components;
    /// Samples per pixel as decoded: 3 (RGB) or 4 (CMYK as stored, which is inverted in files from Adobe).
    uint8_t output_channels;
    /// Largest sampling factors; the coded size is a multiple of 8 times these.
    uint8_t max_h_factor;
    uint8_t max_v_factor;
} sd_jpeg_info;

/// Reads the header. On success `*reader` is set and must be closed; `bytes` must outlive it.
sd_image_status sd_jpeg_open(
    const uint8_t *_Nonnull bytes, size_t count, sd_jpeg_reader *_Nullable *_Nonnull reader,
    sd_jpeg_info *_Nonnull info, char *_Nonnull message, size_t message_capacity);

/// Decodes all pixels, `output_channels` bytes each, and reads to the end of the image. Bytes that end early are
/// SD_IMAGE_TRUNCATED; damage inside the coded data is repaired as libjpeg does. `max_scans` bounds the work that a
/// small progressive file can ask for.
sd_image_status sd_jpeg_read(
    sd_jpeg_reader *_Nonnull reader, uint8_t *_Nonnull pixels, size_t capacity, int max_scans,
    char *_Nonnull message, size_t message_capacity);

void sd_jpeg_close(sd_jpeg_reader *_Nullable reader);

/// Writes an RGB image, `quality` 1 to 100. `chroma_step` 1 keeps all chroma samples (4:4:4), 2 every other one along
/// both axes (4:2:0).
sd_image_status sd_jpeg_write(
    const uint8_t *_Nonnull pixels, uint32_t width, uint32_t height, int quality, int chroma_step,
    sd_image_bytes *_Nonnull out,
    char *_Nonnull message, size_t message_capacity);

// MARK: zlib

/// Decompresses a zlib stream into at most `capacity` bytes; what would be more is left out.
sd_image_status sd_inflate(
    const uint8_t *_Nonnull bytes, size_t count, uint8_t *_Nonnull out, size_t capacity, size_t *_Nonnull written);

/// Compresses into a zlib stream.
sd_image_status sd_deflate(const uint8_t *_Nonnull bytes, size_t count, sd_image_bytes *_Nonnull out);

#ifdef __cplusplus
}
#endif
