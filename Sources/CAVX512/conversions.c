#include "CAVX512.h"
#include "transpose.h"

#if defined(__x86_64__)

// vpmovdw and vpmovzxwd, and the masked loads and stores of 16-bit lanes at the end.
#define LEVEL __attribute__((target("avx512f,avx512bw,avx512vl")))

LEVEL static inline __m256i narrowed(__m512 floats) {
  const __m512i one = _mm512_set1_epi32(1), half = _mm512_set1_epi32(0x7fff), quiet = _mm512_set1_epi32(0x400000);
  __m512i bits = _mm512_castps_si512(floats);
  // Just less than half a unit, and one more where the last bit is odd.
  __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), one);
  __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, half), odd);
  __mmask16 is_number = _mm512_cmp_ps_mask(floats, floats, _CMP_ORD_Q);
  rounded = _mm512_mask_mov_epi32(_mm512_or_si512(bits, quiet), is_number, rounded);
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
}

LEVEL void sd_wide_to_bfloat16(const float *input, uint16_t *output, size_t count) {
  size_t index = 0;
  for (; index + LANES <= count; index += LANES)
    _mm256_storeu_si256((__m256i *)(output + index), narrowed(_mm512_loadu_ps(input + index)));
  __mmask16 rest = first_lanes(count - index);
  if (rest) _mm256_mask_storeu_epi16(output + index, rest, narrowed(_mm512_maskz_loadu_ps(rest, input + index)));
}

LEVEL void sd_wide_from_bfloat16(const uint16_t *input, float *output, size_t count) {
  size_t index = 0;
  for (; index + LANES <= count; index += LANES) {
    __m512i words = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(input + index)));
    _mm512_storeu_si512(output + index, _mm512_slli_epi32(words, 16));
  }
  __mmask16 rest = first_lanes(count - index);
  if (rest) {
    __m512i words = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(rest, input + index));
    _mm512_mask_storeu_epi32(output + index, rest, _mm512_slli_epi32(words, 16));
  }
}

#else

void sd_wide_to_bfloat16(const float *input, uint16_t *output, size_t count) { __builtin_trap(); }
void sd_wide_from_bfloat16(const uint16_t *input, float *output, size_t count) { __builtin_trap(); }

#endif
