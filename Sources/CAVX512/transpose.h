#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>

// Floats or words of a register.
#define LANES 16

// Transposes 16 rows of 16 words of four bytes.
__attribute__((target("avx512f"), always_inline)) static inline void transpose(__m512i *rows) {
  __m512i pairs[LANES], fours[LANES];
#pragma clang loop unroll(full)
  for (int row = 0; row < LANES; row += 2) {
    pairs[row] = _mm512_unpacklo_epi32(rows[row], rows[row + 1]);
    pairs[row + 1] = _mm512_unpackhi_epi32(rows[row], rows[row + 1]);
  }
  // Of four rows: the words 0, 1, 2 and 3 of each quarter of a register.
#pragma clang loop unroll(full)
  for (int row = 0; row < LANES; row += 4) {
    fours[row] = _mm512_unpacklo_epi64(pairs[row], pairs[row + 2]);
    fours[row + 1] = _mm512_unpackhi_epi64(pairs[row], pairs[row + 2]);
    fours[row + 2] = _mm512_unpacklo_epi64(pairs[row + 1], pairs[row + 3]);
    fours[row + 3] = _mm512_unpackhi_epi64(pairs[row + 1], pairs[row + 3]);
  }
#pragma clang loop unroll(full)
  for (int word = 0; word < 4; word++) {
    __m512i low = _mm512_shuffle_i32x4(fours[word], fours[word + 4], 0x88);
    __m512i low_odd = _mm512_shuffle_i32x4(fours[word], fours[word + 4], 0xdd);
    __m512i high = _mm512_shuffle_i32x4(fours[word + 8], fours[word + 12], 0x88);
    __m512i high_odd = _mm512_shuffle_i32x4(fours[word + 8], fours[word + 12], 0xdd);
    rows[word] = _mm512_shuffle_i32x4(low, high, 0x88);
    rows[word + 8] = _mm512_shuffle_i32x4(low, high, 0xdd);
    rows[word + 4] = _mm512_shuffle_i32x4(low_odd, high_odd, 0x88);
    rows[word + 12] = _mm512_shuffle_i32x4(low_odd, high_odd, 0xdd);
  }
}

// A mask of the first lanes.
__attribute__((target("avx512f"), always_inline)) static inline __mmask16 first_lanes(size_t count) {
  return count >= LANES ? 0xffff : (__mmask16)((1u << count) - 1);
}

#endif
