#include "numbers.h"

int sd_number_level(void) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("popcnt")) return 0;
  // Processors that have the last two have all instructions that are needed, and none of those whose clock these slow.
  int has_512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("avx512vbmi") &&
                __builtin_cpu_supports("avx512vbmi2");
  return has_512 ? 2 : 1;
#else
  return 0;
#endif
}

int sd_read_numbers(int level, const uint8_t *base, size_t end, size_t step, double *buffer, size_t capacity,
                    struct sd_number_run *run) {
  run->stop = SD_NUMBER_IRREGULAR;
#if defined(__x86_64__)
  if (level >= 2) {
    sd_read_numbers_avx512(base, end, step, buffer, capacity, run);
    return 1;
  }
  if (level == 1) {
    sd_read_numbers_avx2(base, end, step, buffer, capacity, run);
    return 1;
  }
#endif
  return 0;
}
