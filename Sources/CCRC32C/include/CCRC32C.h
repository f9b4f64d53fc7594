#pragma once
#include <stddef.h>
#include <stdint.h>

/// Extends a CRC-32C (Castagnoli) over `count` bytes; start with 0.
uint32_t sd_crc32c_extend(uint32_t crc, const void *_Nullable bytes, size_t count);

/// The same by table only: the readable reference for tests and for machines without SSE 4.2.
uint32_t sd_crc32c_extend_table(uint32_t crc, const void *_Nullable bytes, size_t count);
