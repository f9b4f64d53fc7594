#include "CAVX512.h"
#include "brain.h"
#include "transpose.h"

#if defined(__x86_64__)

// Lanes lie side by side: a pair of rows becomes a row of words.
LEVEL static void pack_along_lanes(const float *source, size_t step_stride, size_t lanes, size_t steps, size_t width,
                                   __m512 scale, float *panel) {
  for (size_t step = 0; step < steps; step += 2) {
    const float *row = source + step * step_stride;
    __mmask16 has_later = step + 1 < steps ? 0xffff : 0;
    for (size_t lane = 0; lane < width; lane += LANES) {
      __mmask16 here = lanes > lane ? first_lanes(lanes - lane) : 0;
      __m512 earlier = _mm512_mul_ps(_mm512_maskz_loadu_ps(here, row + lane), scale);
      __m512 later = _mm512_mul_ps(_mm512_maskz_loadu_ps(here & has_later, row + step_stride + lane), scale);
      _mm512_mask_storeu_epi32(panel + step / 2 * width + lane, first_lanes(width - lane), round_rows(earlier, later));
    }
  }
}

// Steps lie side by side: 32 of them are the 16 words of a lane, and 16 lanes are transposed at a time.
LEVEL static void pack_along_steps(const float *source, size_t lane_stride, size_t lanes, size_t steps, size_t width,
                                   __m512 scale, float *panel) {
  for (size_t step = 0; step < steps; step += 2 * LANES) {
    size_t left = steps - step;
    __mmask16 first = first_lanes(left), second = left > LANES ? first_lanes(left - LANES) : 0;
    size_t pairs = left >= 2 * LANES ? LANES : (left + 1) / 2;
    for (size_t lane = 0; lane < width; lane += LANES) {
      size_t here = lanes > lane ? lanes - lane : 0;
      __m512i rows[LANES];
#pragma clang loop unroll(full)
      for (size_t row = 0; row < LANES; row++) {
        rows[row] = _mm512_setzero_si512();
        if (row >= here) continue;
        const float *from = source + (lane + row) * lane_stride + step;
        __m512 earlier = _mm512_mul_ps(_mm512_maskz_loadu_ps(first, from), scale);
        __m512 later = _mm512_mul_ps(_mm512_maskz_loadu_ps(second, from + LANES), scale);
        rows[row] = (__m512i)_mm512_cvtne2ps_pbh(later, earlier);
      }
      transpose(rows);
      __mmask16 kept = first_lanes(width - lane);
      float *to = panel + step / 2 * width + lane;
#pragma clang loop unroll(full)
      for (size_t pair = 0; pair < LANES; pair++)
        if (pair < pairs) _mm512_mask_storeu_epi32(to + pair * width, kept, rows[pair]);
    }
  }
}

// Nothing lies side by side: numbers are gathered one by one.
LEVEL static void pack_scattered(const float *source, size_t lane_stride, size_t step_stride, size_t lanes,
                                 size_t steps, size_t width, __m512 scale, float *panel) {
  float rows[2 * SD_BRAIN_COLUMNS];
  for (size_t step = 0; step < steps; step += 2) {
    size_t count = steps - step < 2 ? 1 : 2;
    for (size_t part = 0; part < count; part++)
      for (size_t lane = 0; lane < lanes; lane++)
        rows[part * SD_BRAIN_COLUMNS + lane] = source[lane * lane_stride + (step + part) * step_stride];
    pack_along_lanes(rows, SD_BRAIN_COLUMNS, lanes, count, width, scale, panel + step / 2 * width);
  }
}

LEVEL void sd_brain_pack(const float *source, size_t lane_stride, size_t step_stride, size_t lanes, size_t steps,
                         size_t width, float scale, float *panels) {
  const __m512 factor = _mm512_set1_ps(scale);
  for (size_t lane = 0; lane < lanes; lane += width) {
    size_t count = lanes - lane < width ? lanes - lane : width;
    const float *from = source + lane * lane_stride;
    float *panel = panels + lane * steps;
    if (lane_stride == 1)
      pack_along_lanes(from, step_stride, count, steps, width, factor, panel);
    else if (step_stride == 1)
      pack_along_steps(from, lane_stride, count, steps, width, factor, panel);
    else
      pack_scattered(from, lane_stride, step_stride, count, steps, width, factor, panel);
  }
}

#else

void sd_brain_pack(const float *source, size_t lane_stride, size_t step_stride, size_t lanes, size_t steps,
                   size_t width, float scale, float *panels) {
  __builtin_trap();
}

#endif
