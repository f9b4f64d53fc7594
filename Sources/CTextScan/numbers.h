#pragma once
#include "CTextScan.h"

#if defined(__x86_64__)
// As `sd_read_numbers`, for processors of a level; `run->stop` is SD_NUMBER_IRREGULAR before.
void sd_read_numbers_avx2(const uint8_t *base, size_t end, size_t step, double *buffer, size_t capacity,
                          struct sd_number_run *run);
void sd_read_numbers_avx512(const uint8_t *base, size_t end, size_t step, double *buffer, size_t capacity,
                            struct sd_number_run *run);
#endif
