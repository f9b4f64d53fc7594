#include "numbers.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Numbers of one round, each in a lane of eight bytes.
#define LANES 8
// Bytes of text that are asked for before they are looked at; those beyond the text's end are only asked for.
#define AHEAD 1024

#define LEVEL __attribute__((target("avx512f,avx512bw,avx512dq,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))

// Eight numbers, and for each what is to be known of it, as a bit of its lane.
struct eight {
  __m512d values;
  // No short number.
  __mmask8 bad;
  // Written as `12`, and as `12.0`.
  __mmask8 plain, decimal;
};

// Reads the numbers of a block of text whose first starts at its first byte.
//
// - ends: places of the numbers' ends in the block, as bytes.
LEVEL static inline struct eight read_eight(__m512i block, __m128i ends, size_t step) {
  const __m512i zero = _mm512_setzero_si512(), nines = _mm512_set1_epi8(9), one = _mm512_set1_epi64(1);
  // For each byte of a lane its place in the lane, less 8.
  const __m512i places = _mm512_set1_epi64((long long)0xfffefdfcfbfaf9f8ull);
  // A lane's number, for each of its bytes.
  const __m512i lanes = _mm512_set_epi64(0x0707070707070707, 0x0606060606060606, 0x0505050505050505, 0x0404040404040404,
                                         0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0);
  // Where numbers start: after the end of the one before.
  __m128i starts = _mm_add_epi8(_mm_slli_si128(ends, 1),
                                _mm_cvtsi64_si128((long long)(step * 0x0101010101010100ull)));
  __m512i text = _mm512_xor_si512(block, _mm512_set1_epi8('0'));
  __m512i lane_ends = _mm512_permutexvar_epi8(lanes, _mm512_castsi128_si512(ends));
  __m512i lane_starts = _mm512_permutexvar_epi8(lanes, _mm512_castsi128_si512(starts));
  // The last character becomes a lane's highest byte, zeros stand before the first.
  __m512i sources = _mm512_add_epi8(lane_ends, places);
  __mmask64 used = _mm512_cmpge_epi8_mask(sources, lane_starts);
  __m512i values = _mm512_maskz_permutexvar_epi8(used, sources, text);
  __m512i first = _mm512_maskz_permutexvar_epi8(0x0101010101010101, lane_starts, text);
  __m512i lengths = _mm512_cvtepu8_epi64(_mm_sub_epi8(ends, starts));
  __m512i point = _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(values, _mm512_set1_epi8('.' ^ '0')));
  __m512i point_count = _mm512_sad_epu8(_mm512_abs_epi8(point), zero);
  __m512i below = _mm512_sub_epi64(_mm512_and_si512(point, _mm512_sub_epi64(zero, point)), one);
  __m512i not_above = _mm512_or_si512(below, point);
  __m512i fraction = _mm512_andnot_si512(not_above, values);
  __m512i fraction_count = _mm512_sad_epu8(_mm512_andnot_si512(not_above, _mm512_set1_epi8(1)), zero);
  // The point is cut out.
  __m512i digits = _mm512_or_si512(
      fraction, _mm512_sllv_epi64(_mm512_and_si512(values, below), _mm512_slli_epi64(point_count, 3)));
  // Irregular: what is no digit, a second point, a point at either end, a superfluous zero, a length that is not 1...8.
  __m512i odd = _mm512_subs_epu8(_mm512_or_si512(_mm512_andnot_si512(point, values), first), nines);
  odd = _mm512_or_si512(odd, _mm512_andnot_si512(one, point_count));
  odd = _mm512_or_si512(odd, _mm512_and_si512(point, _mm512_set1_epi64(INT64_MIN)));
  __m512i whole_count = _mm512_sub_epi64(lengths, _mm512_add_epi64(fraction_count, point_count));
  struct eight eight;
  eight.bad = _mm512_test_epi64_mask(odd, odd) |
              (_mm512_cmpneq_epi64_mask(whole_count, one) & _mm512_testn_epi64_mask(first, first)) |
              _mm512_cmpgt_epu64_mask(_mm512_sub_epi64(lengths, one), _mm512_set1_epi64(7));
  eight.plain = _mm512_testn_epi64_mask(point, point);
  eight.decimal = _mm512_testn_epi64_mask(fraction, fraction) & ~eight.plain;
  const __m512i tens = _mm512_set1_epi16(1 << 8 | 10), hundreds = _mm512_set1_epi32(1 << 16 | 100);
  __m512i parts = _mm512_madd_epi16(_mm512_maddubs_epi16(digits, tens), hundreds);
  __m512i whole = _mm512_add_epi64(_mm512_mul_epu32(parts, _mm512_set1_epi64(10000)), _mm512_srli_epi64(parts, 32));
  const __m512d powers = _mm512_setr_pd(1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7);
  // Both numbers are exact floats, so the one division is the only rounding.
  eight.values = _mm512_div_pd(_mm512_cvtepu64_pd(whole), _mm512_permutexvar_pd(fraction_count, powers));
  return eight;
}

LEVEL void sd_read_numbers_avx512(const uint8_t *base, size_t end, size_t step, double *buffer, size_t capacity,
                                  struct sd_number_run *run) {
  size_t start = run->cursor, count = run->count;
  unsigned plain = 0, decimal = 0;
  if (end < 80) return;
  const size_t last = end - 80;
  const __m512i places = _mm512_set_epi64(0x3f3e3d3c3b3a3938, 0x3736353433323130, 0x2f2e2d2c2b2a2928, 0x2726252423222120,
                                          0x1f1e1d1c1b1a1918, 0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
  while (start <= last) {
    // The processor foresees no more than a page.
    _mm_prefetch((const char *)((uintptr_t)(base + start) + AHEAD), _MM_HINT_T0);
    __m512i block = _mm512_loadu_si512(base + start);
    uint64_t commas = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(','));
    uint64_t brackets = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(']'));
    uint64_t ends = (commas | brackets) & (brackets ^ (brackets - 1));
    if (step == 2) {
      // Where no blank follows, that comma is the last end. What follows the last byte is seen in the next block.
      ends &= ~(commas & (1ull << 63));
      uint64_t missing = commas << 1 & ~_mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(' '));
      ends &= (missing & (0 - missing)) - 1;
    }
    int found = __builtin_popcountll(ends);
    if (found == 0) break;
    int taken = found < LANES ? found : LANES;
    if ((size_t)taken > capacity - count) {
      run->stop = SD_NUMBER_FULL;
      break;
    }
    __m128i lane_ends = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(ends, places));
    struct eight eight = read_eight(block, lane_ends, step);
    unsigned lanes = (1u << taken) - 1;
    unsigned bad = eight.bad & lanes;
    if (__builtin_expect(bad != 0, 0)) {
      taken = __builtin_ctz(bad);
      if (taken == 0) break;
      lanes = (1u << taken) - 1;
    }
    _mm512_mask_storeu_pd(buffer + count, (__mmask8)lanes, eight.values);
    count += (size_t)taken;
    plain |= eight.plain & lanes;
    decimal |= eight.decimal & lanes;
    size_t stop = start + (size_t)__builtin_ctzll(_pdep_u64(1ull << (taken - 1), ends));
    if (bad != 0) {
      start = stop + step;
      break;
    }
    int closes = base[stop] == ']';
    int breaks = step == 2 && base[stop + 1] != ' ';
    start = stop + (closes || breaks ? 1 : step);
    if (closes) run->stop = SD_NUMBER_CLOSED;
    if (closes || breaks) break;
  }
  run->cursor = start;
  run->count = count;
  run->has_plain_integers |= plain != 0;
  run->has_decimal_integers |= decimal != 0;
}
#endif
