#pragma once
#include <stddef.h>

/// The x86-64 micro-architecture level of this machine that the kernels have a build for: 4, 3 or 1.
int sd_x86_64_level(void);

/// Asks the processor to bring memory into its caches while other work goes on; Swift has no word for it. No access: nothing
/// happens where the memory is not mapped.
static inline void sd_prefetch(const void *_Nonnull start, size_t count) {
  const char *line = (const char *)start;
  for (size_t place = 0; place < count; place += 64) __builtin_prefetch(line + place);
}
