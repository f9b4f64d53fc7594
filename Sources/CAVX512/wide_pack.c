#include "CAVX512.h"
#include "transpose.h"

#if defined(__x86_64__)

#define LEVEL __attribute__((target("avx512f")))

// Lanes lie side by side: each step is a short copy.
LEVEL static void pack_along_lanes(const float *source, size_t step_stride, size_t lanes, size_t steps, size_t width,
                                   __m512 scale, float *panel) {
  for (size_t lane = 0; lane < width; lane += LANES) {
    __mmask16 here = lanes > lane ? first_lanes(lanes - lane) : 0, kept = first_lanes(width - lane);
    const float *from = source + lane;
    float *to = panel + lane;
    for (size_t step = 0; step < steps; step++) {
      _mm512_mask_storeu_ps(to, kept, _mm512_mul_ps(_mm512_maskz_loadu_ps(here, from), scale));
      from += step_stride;
      to += width;
    }
  }
}

// Steps lie side by side: 16 of 16 lanes are transposed at a time.
LEVEL static void pack_along_steps(const float *source, size_t lane_stride, size_t lanes, size_t steps, size_t width,
                                   __m512 scale, float *panel) {
  for (size_t step = 0; step < steps; step += LANES) {
    size_t count = steps - step < LANES ? steps - step : LANES;
    __mmask16 wanted = first_lanes(count);
    for (size_t lane = 0; lane < width; lane += LANES) {
      size_t here = lanes > lane ? lanes - lane : 0;
      __mmask16 kept = first_lanes(width - lane);
      __m512i rows[LANES];
#pragma clang loop unroll(full)
      for (size_t row = 0; row < LANES; row++) {
        rows[row] = _mm512_setzero_si512();
        if (row >= here) continue;
        const float *from = source + (lane + row) * lane_stride + step;
        rows[row] = _mm512_castps_si512(_mm512_mul_ps(_mm512_maskz_loadu_ps(wanted, from), scale));
      }
      transpose(rows);
      float *to = panel + step * width + lane;
#pragma clang loop unroll(full)
      for (size_t row = 0; row < LANES; row++)
        if (row < count) _mm512_mask_storeu_epi32(to + row * width, kept, rows[row]);
    }
  }
}

LEVEL void sd_wide_pack(const float *source, size_t lane_stride, size_t step_stride, size_t lanes, size_t steps,
                        size_t width, float scale, float *panels) {
  const __m512 factor = _mm512_set1_ps(scale);
  for (size_t lane = 0; lane < lanes; lane += width) {
    size_t count = lanes - lane < width ? lanes - lane : width;
    const float *from = source + lane * lane_stride;
    if (lane_stride == 1)
      pack_along_lanes(from, step_stride, count, steps, width, factor, panels + lane * steps);
    else
      pack_along_steps(from, lane_stride, count, steps, width, factor, panels + lane * steps);
  }
}

#else

void sd_wide_pack(const float *source, size_t lane_stride, size_t step_stride, size_t lanes, size_t steps, size_t width,
                  float scale, float *panels) {
  __builtin_trap();
}

#endif
