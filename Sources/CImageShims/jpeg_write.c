#include "CImageShims.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

typedef struct {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf jump;
    unsigned char *data;
    unsigned long count;
    char *message;
    size_t message_capacity;
} jpeg_sink;

static void on_error(j_common_ptr jpeg) {
    jpeg_sink *sink = jpeg->client_data;
    char text[JMSG_LENGTH_MAX];
    (*jpeg->err->format_message)(jpeg, text);
    if (sink->message_capacity > 0) {
        strncpy(sink->message, text, sink->message_capacity - 1);
        sink->message[sink->message_capacity - 1] = 0;
    }
    longjmp(sink->jump, 1);
}

static void on_output(j_common_ptr jpeg) { (void)jpeg; }

sd_image_status sd_jpeg_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int quality, int chroma_step, sd_image_bytes *out,
    char *message, size_t message_capacity) {
    out->data = NULL;
    out->count = 0;
    jpeg_sink *sink = calloc(1, sizeof *sink);
    if (sink == NULL) return SD_IMAGE_NO_MEMORY;
    sink->message = message;
    sink->message_capacity = message_capacity;
    sink->jpeg.err = jpeg_std_error(&sink->errors);
    sink->jpeg.client_data = sink;
    sink->errors.error_exit = on_error;
    sink->errors.output_message = on_output;
    if (setjmp(sink->jump)) {
        jpeg_destroy_compress(&sink->jpeg);
        free(sink->data);
        free(sink);
        return SD_IMAGE_CORRUPT;
    }
    jpeg_create_compress(&sink->jpeg);
    jpeg_mem_dest(&sink->jpeg, &sink->data, &sink->count);
    sink->jpeg.image_width = width;
    sink->jpeg.image_height = height;
    sink->jpeg.input_components = 3;
    sink->jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&sink->jpeg);
    jpeg_set_quality(&sink->jpeg, quality, TRUE);
    sink->jpeg.comp_info[0].h_samp_factor = chroma_step;
    sink->jpeg.comp_info[0].v_samp_factor = chroma_step;
    jpeg_start_compress(&sink->jpeg, TRUE);
    size_t row_bytes = (size_t)width * 3;
    while (sink->jpeg.next_scanline < height) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)sink->jpeg.next_scanline * row_bytes);
        jpeg_write_scanlines(&sink->jpeg, &row, 1);
    }
    jpeg_finish_compress(&sink->jpeg);
    jpeg_destroy_compress(&sink->jpeg);
    out->data = sink->data;
    out->count = sink->count;
    free(sink);
    return SD_IMAGE_OK;
}
