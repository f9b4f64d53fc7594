#pragma once

#if defined(__x86_64__)
#include <immintrin.h>

#define LEVEL __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define INLINE LEVEL __attribute__((always_inline)) static inline

// The columns of two rows of floats side by side, as a register of a panel has them.
INLINE __m512i round_rows(__m512 earlier, __m512 later) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                         5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(later, earlier));
}

#endif
