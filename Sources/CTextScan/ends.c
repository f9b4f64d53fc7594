#include "CTextScan.h"

uint64_t sd_number_ends_portable(const uint8_t *bytes) {
  uint64_t ends = 0;
  for (int place = 0; place < 64; ++place) {
    if (bytes[place] == ',' || bytes[place] == ']') ends |= 1ull << place;
  }
  return ends;
}
