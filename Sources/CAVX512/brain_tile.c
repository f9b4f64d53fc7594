#include "CAVX512.h"
#include "brain.h"
#include "transpose.h"

#if defined(__x86_64__)

int sd_brain_is_available(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16");
}

// Adds a pair of steps to the accumulators; `rows` and `halves` are constants in every call, so that loops unroll and the
// accumulators stay in registers.
INLINE void add_pair(__m512 *sums, const float *a, __m512bh left, __m512bh right, int rows, int halves) {
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++) {
    __m512bh factor = (__m512bh)_mm512_set1_epi32(((const int *)a)[row]);
    sums[2 * row] = _mm512_dpbf16_ps(sums[2 * row], factor, left);
    if (halves == 2) sums[2 * row + 1] = _mm512_dpbf16_ps(sums[2 * row + 1], factor, right);
  }
}

INLINE void add_packed(__m512 *sums, size_t k, const float *a, const float *b, int rows, int halves) {
  for (size_t pair = 0; pair < (k + 1) / 2; pair++) {
    __m512bh left = (__m512bh)_mm512_loadu_ps(b);
    __m512bh right = halves == 2 ? (__m512bh)_mm512_loadu_ps(b + LANES) : left;
    add_pair(sums, a, left, right, rows, halves);
    a += SD_BRAIN_ROWS;
    b += SD_BRAIN_COLUMNS;
  }
}

INLINE void add_rows(__m512 *sums, size_t k, const float *a, const float *b, size_t step, int rows, int halves) {
  const __m512 zero = _mm512_setzero_ps();
  for (size_t first = 0; first < k; first += 2) {
    int has_later = first + 1 < k;
    const float *later = b + step;
    __m512bh left = (__m512bh)round_rows(_mm512_loadu_ps(b), has_later ? _mm512_loadu_ps(later) : zero);
    __m512bh right = left;
    if (halves == 2)
      right = (__m512bh)round_rows(_mm512_loadu_ps(b + LANES), has_later ? _mm512_loadu_ps(later + LANES) : zero);
    add_pair(sums, a, left, right, rows, halves);
    a += SD_BRAIN_ROWS;
    b += 2 * step;
  }
}

INLINE void add_product(__m512 *sums, size_t k, const float *a, struct sd_brain_right b, int rows, int halves) {
  if (b.is_packed)
    add_packed(sums, k, a, b.start, rows, halves);
  else
    add_rows(sums, k, a, b.start, b.step, rows, halves);
}

// Never inlined into the loop over tiles: its registers are all taken.
LEVEL __attribute__((noinline)) static void whole_tile(size_t k, const float *a, struct sd_brain_right b,
                                                       const struct sd_brain_target *target, float *tile) {
  __m512 sums[2 * SD_BRAIN_ROWS];
#pragma clang loop unroll(full)
  for (int index = 0; index < 2 * SD_BRAIN_ROWS; index++) sums[index] = _mm512_setzero_ps();
  add_product(sums, k, a, b, SD_BRAIN_ROWS, 2);
  const __m512 zero = _mm512_setzero_ps();
  __m512 left = target->bias ? _mm512_loadu_ps(target->bias) : zero;
  __m512 right = target->bias ? _mm512_loadu_ps(target->bias + LANES) : zero;
  __m512 beta = _mm512_set1_ps(target->beta);
  int adds = target->beta != 0, is_rectified = target->is_rectified;
#pragma clang loop unroll(full)
  for (int row = 0; row < SD_BRAIN_ROWS; row++) {
    float *c = tile + (size_t)row * target->ldc;
    __m512 first = sums[2 * row], second = sums[2 * row + 1];
    if (adds) {
      first = _mm512_fmadd_ps(_mm512_loadu_ps(c), beta, first);
      second = _mm512_fmadd_ps(_mm512_loadu_ps(c + LANES), beta, second);
    }
    first = _mm512_add_ps(first, left);
    second = _mm512_add_ps(second, right);
    if (is_rectified) {
      // As the float kernels do it: what is not a number stays so.
      first = _mm512_mask_mov_ps(first, _mm512_cmp_ps_mask(first, zero, _CMP_LT_OQ), zero);
      second = _mm512_mask_mov_ps(second, _mm512_cmp_ps_mask(second, zero, _CMP_LT_OQ), zero);
    }
    _mm512_storeu_ps(c, first);
    _mm512_storeu_ps(c + LANES, second);
  }
}

LEVEL void sd_brain_tiles(size_t count, size_t k, const float *a, struct sd_brain_right b,
                          const struct sd_brain_target *target) {
  for (size_t tile = 0; tile < count; tile++)
    whole_tile(k, a + tile * SD_BRAIN_ROWS * k, b, target, target->c + tile * SD_BRAIN_ROWS * target->ldc);
}

INLINE void part(size_t k, const float *a, struct sd_brain_right b, float *scratch, int rows, int halves) {
  __m512 sums[2 * SD_BRAIN_ROWS];
#pragma clang loop unroll(full)
  for (int index = 0; index < 2 * rows; index++) sums[index] = _mm512_setzero_ps();
  add_product(sums, k, a, b, rows, halves);
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++) {
    _mm512_storeu_ps(scratch + row * SD_BRAIN_COLUMNS, sums[2 * row]);
    if (halves == 2) _mm512_storeu_ps(scratch + row * SD_BRAIN_COLUMNS + LANES, sums[2 * row + 1]);
  }
}

LEVEL void sd_brain_part(size_t k, const float *a, struct sd_brain_right b, int thirds, int halves, float *scratch) {
  if (halves == 1) {
    if (thirds == 1) return part(k, a, b, scratch, SD_BRAIN_ROWS / 3, 1);
    if (thirds == 2) return part(k, a, b, scratch, 2 * SD_BRAIN_ROWS / 3, 1);
    return part(k, a, b, scratch, SD_BRAIN_ROWS, 1);
  }
  if (thirds == 1) return part(k, a, b, scratch, SD_BRAIN_ROWS / 3, 2);
  if (thirds == 2) return part(k, a, b, scratch, 2 * SD_BRAIN_ROWS / 3, 2);
  part(k, a, b, scratch, SD_BRAIN_ROWS, 2);
}

#else

int sd_brain_is_available(void) { return 0; }
void sd_brain_tiles(size_t count, size_t k, const float *a, struct sd_brain_right b,
                    const struct sd_brain_target *target) {
  __builtin_trap();
}
void sd_brain_part(size_t k, const float *a, struct sd_brain_right b, int thirds, int halves, float *scratch) {
  __builtin_trap();
}

#endif
