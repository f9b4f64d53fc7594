#include "CMalloc.h"

#include <malloc.h>

void sd_share_heap(void) {
#if defined(M_ARENA_MAX)
  mallopt(M_ARENA_MAX, 1);
#endif
}
