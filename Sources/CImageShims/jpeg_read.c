#include "CImageShims.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

struct sd_jpeg_reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    int max_scans;
    sd_image_status status;
    char *message;
    size_t message_capacity;
};

static void note(sd_jpeg_reader *reader, const char *text) {
    if (reader->message_capacity == 0) return;
    strncpy(reader->message, text, reader->message_capacity - 1);
    reader->message[reader->message_capacity - 1] = 0;
}

static void on_error(j_common_ptr jpeg) {
    sd_jpeg_reader *reader = jpeg->client_data;
    if (reader->status == SD_IMAGE_OK) {
        char text[JMSG_LENGTH_MAX];
        (*jpeg->err->format_message)(jpeg, text);
        note(reader, text);
        switch (jpeg->err->msg_code) {
        case JERR_OUT_OF_MEMORY: reader->status = SD_IMAGE_NO_MEMORY; break;
        case JERR_SOF_UNSUPPORTED:
        case JERR_ARITH_NOTIMPL:
        case JERR_BAD_PRECISION:
        case JERR_NOT_COMPILED:
        case JERR_CONVERSION_NOTIMPL:
        case JERR_FRACT_SAMPLE_NOTIMPL:
        case JERR_CCIR601_NOTIMPL: reader->status = SD_IMAGE_UNSUPPORTED; break;
        case JERR_INPUT_EMPTY: reader->status = SD_IMAGE_TRUNCATED; break;
        default: reader->status = SD_IMAGE_CORRUPT;
        }
    }
    longjmp(reader->jump, 1);
}

/// libjpeg invents an end-of-image marker when the bytes run out and only warns; here that ends the decoding.
static void on_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    jpeg->err->num_warnings++;
    if (jpeg->err->msg_code != JWRN_JPEG_EOF) return;
    sd_jpeg_reader *reader = jpeg->client_data;
    reader->status = SD_IMAGE_TRUNCATED;
    note(reader, "the bytes end before the image does");
    longjmp(reader->jump, 1);
}

static void on_output(j_common_ptr jpeg) { (void)jpeg; }

static void on_progress(j_common_ptr jpeg) {
    sd_jpeg_reader *reader = jpeg->client_data;
    if (!jpeg->is_decompressor || reader->jpeg.input_scan_number <= reader->max_scans) return;
    reader->status = SD_IMAGE_TOO_MANY_SCANS;
    note(reader, "too many scans");
    longjmp(reader->jump, 1);
}

sd_image_status sd_jpeg_open(
    const uint8_t *bytes, size_t count, sd_jpeg_reader **out, sd_jpeg_info *info, char *message,
    size_t message_capacity) {
    *out = NULL;
    sd_jpeg_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return SD_IMAGE_NO_MEMORY;
    reader->message = message;
    reader->message_capacity = message_capacity;
    note(reader, "");
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->jpeg.client_data = reader;
    reader->errors.error_exit = on_error;
    reader->errors.emit_message = on_message;
    reader->errors.output_message = on_output;
    if (setjmp(reader->jump)) {
        sd_image_status status = reader->status;
        sd_jpeg_close(reader);
        return status;
    }
    jpeg_create_decompress(&reader->jpeg);
    jpeg_mem_src(&reader->jpeg, bytes, count);
    jpeg_read_header(&reader->jpeg, TRUE);

    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    memset(info, 0, sizeof *info);
    if (jpeg->num_components != 1 && jpeg->num_components != 3 && jpeg->num_components != 4) {
        note(reader, "neither 1, 3 nor 4 components");
        sd_jpeg_close(reader);
        return SD_IMAGE_UNSUPPORTED;
    }
    info->width = jpeg->image_width;
    info->height = jpeg->image_height;
    info->components = (uint8_t)jpeg->num_components;
    info->output_channels = jpeg->num_components == 4 ? 4 : 3;
    info->max_h_factor = 1;
    info->max_v_factor = 1;
    for (int i = 0; i < jpeg->num_components; i++) {
        if (jpeg->comp_info[i].h_samp_factor > info->max_h_factor)
            info->max_h_factor = (uint8_t)jpeg->comp_info[i].h_samp_factor;
        if (jpeg->comp_info[i].v_samp_factor > info->max_v_factor)
            info->max_v_factor = (uint8_t)jpeg->comp_info[i].v_samp_factor;
    }
    *out = reader;
    return SD_IMAGE_OK;
}

sd_image_status sd_jpeg_read(
    sd_jpeg_reader *reader, uint8_t *pixels, size_t capacity, int max_scans, char *message,
    size_t message_capacity) {
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    reader->message = message;
    reader->message_capacity = message_capacity;
    reader->max_scans = max_scans;
    note(reader, "");
    if (setjmp(reader->jump)) return reader->status;
    reader->progress.progress_monitor = on_progress;
    jpeg->progress = &reader->progress;
    jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(jpeg);
    size_t row_bytes = (size_t)jpeg->output_width * (size_t)jpeg->output_components;
    if (row_bytes == 0 || capacity / row_bytes < jpeg->output_height) {
        reader->status = SD_IMAGE_NO_MEMORY;
        note(reader, "the pixel buffer is too small");
        return reader->status;
    }
    while (jpeg->output_scanline < jpeg->output_height) {
        // Several rows a call: libjpeg gives what it has ready, up to the number asked for.
        JSAMPROW rows[16];
        JDIMENSION wanted = 0;
        while (wanted < 16 && jpeg->output_scanline + wanted < jpeg->output_height) {
            rows[wanted] = pixels + (size_t)(jpeg->output_scanline + wanted) * row_bytes;
            wanted++;
        }
        jpeg_read_scanlines(jpeg, rows, wanted);
    }
    jpeg_finish_decompress(jpeg);
    return SD_IMAGE_OK;
}

void sd_jpeg_close(sd_jpeg_reader *reader) {
    if (reader == NULL) return;
    jpeg_destroy_decompress(&reader->jpeg);
    free(reader);
}
