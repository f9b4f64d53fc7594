#include "CCRC32C.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#define REVERSED_POLYNOMIAL 0x82F63B78u

// One lane of the three-way hardware loop, in bytes. The crc32 instruction has a latency of three cycles and a
// throughput of one, so three independent lanes keep it busy.
#define LANE_BYTES 4096

static uint32_t table[256];
// shift_lane[k][b]: the effect of byte k of a CRC register, moved past LANE_BYTES zero bytes.
static uint32_t shift_lane[4][256];

static uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = 0x80000000u; bit != 0; bit >>= 1) {
    if (a & bit) product ^= b;
    b = (b & 1) ? (b >> 1) ^ REVERSED_POLYNOMIAL : b >> 1;
  }
  return product;
}

__attribute__((constructor)) static void build_tables(void) {
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) ? (crc >> 1) ^ REVERSED_POLYNOMIAL : crc >> 1;
    table[byte] = crc;
  }
  // x^(8 * LANE_BYTES) modulo the polynomial, by repeated squaring of x.
  uint32_t power = 0x80000000u, square = 0x40000000u;
  for (uint64_t exponent = 8ull * LANE_BYTES; exponent != 0; exponent >>= 1) {
    if (exponent & 1) power = multiply(power, square);
    square = multiply(square, square);
  }
  for (int k = 0; k < 4; ++k)
    for (uint32_t byte = 0; byte < 256; ++byte) shift_lane[k][byte] = multiply(power, byte << (8 * k));
}

uint32_t sd_crc32c_extend_table(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *p = bytes;
  crc = ~crc;
  while (count-- > 0) crc = (crc >> 8) ^ table[(crc ^ *p++) & 0xFF];
  return ~crc;
}

#if defined(__x86_64__)
static inline uint32_t past_lane(uint32_t crc) {
  return shift_lane[0][crc & 0xFF] ^ shift_lane[1][(crc >> 8) & 0xFF] ^ shift_lane[2][(crc >> 16) & 0xFF] ^
         shift_lane[3][crc >> 24];
}

static inline uint64_t load64(const uint8_t *p) {
  uint64_t value;
  memcpy(&value, p, 8);
  return value;
}

__attribute__((target("sse4.2"))) static uint32_t extend_hardware(uint32_t crc, const uint8_t *p, size_t count) {
  uint64_t a = ~crc;
  while (count >= 3 * LANE_BYTES) {
    uint64_t b = 0, c = 0;
    for (size_t i = 0; i < LANE_BYTES; i += 8) {
      a = _mm_crc32_u64(a, load64(p + i));
      b = _mm_crc32_u64(b, load64(p + LANE_BYTES + i));
      c = _mm_crc32_u64(c, load64(p + 2 * LANE_BYTES + i));
    }
    a = past_lane(past_lane((uint32_t)a) ^ (uint32_t)b) ^ (uint32_t)c;
    p += 3 * LANE_BYTES;
    count -= 3 * LANE_BYTES;
  }
  for (; count >= 8; p += 8, count -= 8) a = _mm_crc32_u64(a, load64(p));
  for (; count > 0; ++p, --count) a = _mm_crc32_u8((uint32_t)a, *p);
  return ~(uint32_t)a;
}
#endif

uint32_t sd_crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return extend_hardware(crc, bytes, count);
#endif
  return sd_crc32c_extend_table(crc, bytes, count);
}
