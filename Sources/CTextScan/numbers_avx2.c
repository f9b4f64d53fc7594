#include "numbers.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Numbers found before they are read: at most MOST, and what one more block of 64 bytes can hold.
#define MOST 60
#define ROOM (MOST + 64 + 4)
// Ends that are written for each block, whether there are so many or not: a loop over as many as there are would be
// left at an unforeseen place.
#define WRITTEN 12
// Bytes of text that are asked for before they are looked at; those beyond the text's end are only asked for.
#define AHEAD 1024

// Offsets of numbers' ends from `origin`; the first entry stands for the end of a number before the first.
struct marks {
  int32_t ends[1 + ROOM];
  size_t count;
  // Whether the closing bracket is the last end.
  int closed;
  // Whether the last end is a comma after which no blank stands, where one is due.
  int broken;
};

__attribute__((target("avx2,bmi,popcnt"))) static inline uint64_t equal_bytes(__m256i low, __m256i high, char byte) {
  __m256i pattern = _mm256_set1_epi8(byte);
  uint32_t first = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern));
  uint32_t second = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, pattern));
  return first | (uint64_t)second << 32;
}

__attribute__((target("avx2,bmi,popcnt"))) static inline void find_ends(const uint8_t *base, size_t origin, size_t last,
                                                                 size_t step, struct marks *marks) {
  size_t n = 0;
  uint64_t carry = 0;
  marks->closed = marks->broken = 0;
  marks->ends[0] = -(int32_t)step;
  for (size_t block = origin; block <= last && n < MOST; block += 64) {
    // The processor foresees no more than a page.
    _mm_prefetch((const char *)((uintptr_t)(base + block) + AHEAD), _MM_HINT_T0);
    __m256i low = _mm256_loadu_si256((const __m256i *)(base + block));
    __m256i high = _mm256_loadu_si256((const __m256i *)(base + block + 32));
    uint64_t commas = equal_bytes(low, high, ',');
    uint64_t brackets = equal_bytes(low, high, ']');
    uint64_t ends = commas;
    if (brackets != 0) {
      ends = (commas | brackets) & (brackets ^ (brackets - 1));
      commas &= ends & ~brackets;
      marks->closed = 1;
    }
    if (step == 2) {
      uint64_t missing = (commas << 1 | carry) & ~equal_bytes(low, high, ' ');
      // The last byte's comma is looked at in the next block.
      carry = commas >> 63;
      if (missing != 0) {
        ends &= (missing & (0 - missing)) - 1;
        marks->closed = 0;
        marks->broken = 1;
      }
    }
    int32_t offset = (int32_t)(block - origin);
    size_t found = (size_t)__builtin_popcountll(ends);
    int32_t *place = marks->ends + 1 + n;
    for (size_t i = 0; i < WRITTEN; ++i) {
      place[i] = offset + (int32_t)_tzcnt_u64(ends);
      ends &= ends - 1;
    }
    for (size_t i = WRITTEN; i < found; ++i) {
      place[i] = offset + (int32_t)_tzcnt_u64(ends);
      ends &= ends - 1;
    }
    n += found;
    if (marks->closed || marks->broken) break;
  }
  marks->count = n;
}

// The eight bytes at each of four places.
__attribute__((target("avx2,bmi,popcnt"))) static inline __m256i load_four(const uint8_t *origin, const int32_t *before,
                                                                   ptrdiff_t step) {
  const uint8_t *text = origin + step;
  __m128i low = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(text + before[0])),
                                   _mm_loadl_epi64((const __m128i *)(text + before[1])));
  __m128i high = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(text + before[2])),
                                    _mm_loadl_epi64((const __m128i *)(text + before[3])));
  return _mm256_set_m128i(high, low);
}

// 10^count for counts of 0 ... 7.
__attribute__((target("avx2,bmi,popcnt"))) static inline __m256d powers_of_ten(__m256i counts) {
  const __m256 low = _mm256_castpd_ps(_mm256_setr_pd(1e0, 1e1, 1e2, 1e3));
  const __m256 high = _mm256_castpd_ps(_mm256_setr_pd(1e4, 1e5, 1e6, 1e7));
  // Each double is two words, of which the permutation takes the lowest two bits of the count.
  __m256i words = _mm256_or_si256(_mm256_or_si256(_mm256_slli_epi64(counts, 1), _mm256_slli_epi64(counts, 33)),
                                  _mm256_set1_epi64x(1ll << 32));
  __m256d below = _mm256_castps_pd(_mm256_permutevar8x32_ps(low, words));
  __m256d above = _mm256_castps_pd(_mm256_permutevar8x32_ps(high, words));
  return _mm256_blendv_pd(below, above, _mm256_castsi256_pd(_mm256_slli_epi64(counts, 61)));
}

// Four numbers, and for each, by all bits of its lane or none, what is to be known of it.
struct four {
  __m256d values;
  // Not zero where there is no short number.
  __m256i bad;
  // Whether it is written as `12`, and whether as `12.0`.
  __m256i plain, decimal;
};

// Reads the four numbers whose ends follow `before`, the end of the number before the first.
__attribute__((target("avx2,bmi,popcnt"))) static inline struct four read_four(const uint8_t *origin,
                                                                              const int32_t *before, size_t step) {
  const __m256i zeros = _mm256_set1_epi8('0'), points = _mm256_set1_epi8('.' ^ '0'), nines = _mm256_set1_epi8(9);
  const __m256i ones = _mm256_set1_epi8(1), one = _mm256_set1_epi64x(1), none = _mm256_setzero_si256();
  const __m256i tens = _mm256_set1_epi16(1 << 8 | 10), hundreds = _mm256_set1_epi32(1 << 16 | 100);
  const __m256i exponent = _mm256_castpd_si256(_mm256_set1_pd(0x1p52));
  struct four four;
  __m128i starts = _mm_add_epi32(_mm_loadu_si128((const __m128i *)before), _mm_set1_epi32((int)step));
  __m128i ends = _mm_loadu_si128((const __m128i *)(before + 1));
  __m256i lengths = _mm256_cvtepi32_epi64(_mm_sub_epi32(ends, starts));
  __m256i text = _mm256_xor_si256(load_four(origin, before, (ptrdiff_t)step), zeros);
  __m256i first = _mm256_and_si256(text, _mm256_set1_epi64x(0xff));
  // The last character becomes the highest byte, zeros stand before the first.
  __m256i unused = _mm256_sub_epi64(_mm256_set1_epi64x(64), _mm256_slli_epi64(lengths, 3));
  __m256i values = _mm256_sllv_epi64(text, unused);
  __m256i point = _mm256_cmpeq_epi8(values, points);
  __m256i point_count = _mm256_sad_epu8(_mm256_and_si256(point, ones), none);
  __m256i lowest = _mm256_and_si256(point, _mm256_sub_epi64(none, point));
  __m256i below = _mm256_sub_epi64(lowest, one);
  __m256i not_above = _mm256_or_si256(below, point);
  __m256i fraction = _mm256_andnot_si256(not_above, values);
  __m256i fraction_count = _mm256_sad_epu8(_mm256_andnot_si256(not_above, ones), none);
  // The point is cut out.
  __m256i digits = _mm256_or_si256(
      fraction, _mm256_sllv_epi64(_mm256_and_si256(values, below), _mm256_slli_epi64(point_count, 3)));
  // Irregular: what is no digit, a second point, a point at either end, a superfluous zero, a length that is not 1...8.
  __m256i bad = _mm256_subs_epu8(_mm256_andnot_si256(point, values), nines);
  bad = _mm256_or_si256(bad, _mm256_andnot_si256(one, point_count));
  bad = _mm256_or_si256(bad, _mm256_and_si256(point, _mm256_set1_epi64x(INT64_MIN)));
  bad = _mm256_or_si256(bad, _mm256_subs_epu8(first, nines));
  __m256i whole_count = _mm256_sub_epi64(lengths, _mm256_add_epi64(fraction_count, point_count));
  bad = _mm256_or_si256(
      bad, _mm256_andnot_si256(_mm256_cmpeq_epi64(whole_count, one), _mm256_cmpeq_epi64(first, none)));
  four.bad = _mm256_or_si256(bad, _mm256_andnot_si256(_mm256_set1_epi64x(7), _mm256_sub_epi64(lengths, one)));
  four.plain = _mm256_cmpeq_epi64(point_count, none);
  four.decimal = _mm256_andnot_si256(four.plain, _mm256_cmpeq_epi64(fraction, none));
  __m256i parts = _mm256_madd_epi16(_mm256_maddubs_epi16(digits, tens), hundreds);
  __m256i whole = _mm256_add_epi64(_mm256_mul_epu32(parts, _mm256_set1_epi64x(10000)), _mm256_srli_epi64(parts, 32));
  __m256d numerator = _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(whole, exponent)), _mm256_set1_pd(0x1p52));
  // Both numbers are exact floats, so the one division is the only rounding.
  four.values = _mm256_div_pd(numerator, powers_of_ten(fraction_count));
  return four;
}

__attribute__((target("avx2,bmi,popcnt"))) void sd_read_numbers_avx2(const uint8_t *base, size_t end, size_t step,
                                                                     double *buffer, size_t capacity,
                                                                     struct sd_number_run *run) {
  struct marks marks;
  size_t start = run->cursor, count = run->count;
  int stop = SD_NUMBER_IRREGULAR;
  __m256i plain = _mm256_setzero_si256(), decimal = plain;
  if (end < 80) return;
  const size_t last = end - 80;
  while (start <= last) {
    find_ends(base, start, last, step, &marks);
    if (marks.count > capacity - count) {
      stop = SD_NUMBER_FULL;
      break;
    }
    int whole = marks.closed || marks.broken;
    if (!whole && marks.count < 4) break;
    size_t total = whole ? marks.count : marks.count & ~(size_t)3;
    const uint8_t *origin = base + start;
    size_t done = 0;
    for (; done + 4 <= total; done += 4) {
      struct four four = read_four(origin, marks.ends + done, step);
      if (!_mm256_testz_si256(four.bad, four.bad)) break;
      plain = _mm256_or_si256(plain, four.plain);
      decimal = _mm256_or_si256(decimal, four.decimal);
      _mm256_storeu_pd(buffer + count + done, four.values);
    }
    size_t lanes = total - done;
    if (lanes > 0 && lanes < 4) {
      // The places of lanes without a number must not lie far.
      for (size_t lane = 1; lane <= 3; ++lane) marks.ends[total + lane] = marks.ends[total];
      struct four four = read_four(origin, marks.ends + done, step);
      __m256i used = _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)lanes), _mm256_set_epi64x(3, 2, 1, 0));
      if (_mm256_testz_si256(four.bad, used)) {
        plain = _mm256_or_si256(plain, _mm256_and_si256(four.plain, used));
        decimal = _mm256_or_si256(decimal, _mm256_and_si256(four.decimal, used));
        double values[4];
        _mm256_storeu_pd(values, four.values);
        for (size_t lane = 0; lane < lanes; ++lane) buffer[count + done + lane] = values[lane];
        done = total;
      }
    }
    count += done;
    if (done < total) {
      start += (size_t)((int64_t)marks.ends[done] + (int64_t)step);
      break;
    }
    // After the closing bracket; after a comma that has no blank, where the block's last byte may be the comma.
    int closes = marks.closed;
    int breaks = marks.broken || (step == 2 && origin[marks.ends[total] + 1] != ' ');
    start += (size_t)marks.ends[total] + (closes || breaks ? 1 : step);
    if (closes) stop = SD_NUMBER_CLOSED;
    if (closes || breaks) break;
  }
  run->cursor = start;
  run->count = count;
  run->stop = stop;
  run->has_plain_integers |= !_mm256_testz_si256(plain, plain);
  run->has_decimal_integers |= !_mm256_testz_si256(decimal, decimal);
}
#endif
