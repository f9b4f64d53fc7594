#include "CImageShims.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

sd_image_status sd_inflate(const uint8_t *bytes, size_t count, uint8_t *out, size_t capacity, size_t *written) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    *written = 0;
    if (count > UINT32_MAX || capacity > UINT32_MAX) return SD_IMAGE_UNSUPPORTED;
    if (inflateInit(&stream) != Z_OK) return SD_IMAGE_NO_MEMORY;
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = out;
    stream.avail_out = (uInt)capacity;
    int result = inflate(&stream, Z_FINISH);
    *written = capacity - stream.avail_out;
    inflateEnd(&stream);
    // More than was asked for is left alone; less is for the caller to judge.
    if (result == Z_STREAM_END || (result == Z_BUF_ERROR && stream.avail_out == 0)) return SD_IMAGE_OK;
    return result == Z_MEM_ERROR ? SD_IMAGE_NO_MEMORY : result == Z_BUF_ERROR ? SD_IMAGE_TRUNCATED : SD_IMAGE_CORRUPT;
}

sd_image_status sd_deflate(const uint8_t *bytes, size_t count, sd_image_bytes *out) {
    out->data = NULL;
    out->count = 0;
    uLongf capacity = compressBound((uLong)count);
    uint8_t *data = malloc(capacity > 0 ? capacity : 1);
    if (data == NULL) return SD_IMAGE_NO_MEMORY;
    if (compress2(data, &capacity, bytes, (uLong)count, 6) != Z_OK) {
        free(data);
        return SD_IMAGE_NO_MEMORY;
    }
    out->data = data;
    out->count = capacity;
    return SD_IMAGE_OK;
}
