#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Which of 64 bytes end a number in a JSON array: a comma or a closing bracket. The first byte is the lowest bit.
///
/// By plain C, byte by byte: the readable reference for tests and for machines without SSE2.
uint64_t sd_number_ends_portable(const uint8_t *_Nonnull bytes);

/// The same, inline in the caller's loop: Swift has no way to turn a comparison of vectors into bits.
static inline uint64_t sd_number_ends(const uint8_t *_Nonnull bytes) {
#if defined(__SSE2__)
  const __m128i comma = _mm_set1_epi8(','), bracket = _mm_set1_epi8(']');
  uint64_t ends = 0;
  for (int part = 0; part < 4; ++part) {
    __m128i text = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
    __m128i found = _mm_or_si128(_mm_cmpeq_epi8(text, comma), _mm_cmpeq_epi8(text, bracket));
    ends |= (uint64_t)(uint32_t)_mm_movemask_epi8(found) << (16 * part);
  }
  return ends;
#else
  return sd_number_ends_portable(bytes);
#endif
}

/// Why reading a run of numbers ended.
enum sd_number_stop {
  /// What stands at the cursor is left to the caller.
  SD_NUMBER_IRREGULAR = 0,
  /// The closing bracket was passed.
  SD_NUMBER_CLOSED = 1,
  /// The buffer may be too small for what comes next.
  SD_NUMBER_FULL = 2,
};

/// A run of short numbers that are separated by commas.
struct sd_number_run {
  /// Where the next number starts.
  size_t cursor;
  /// Numbers in the buffer.
  size_t count;
  /// An `sd_number_stop`.
  int stop;
  /// Whether a number was written as `12`.
  int has_plain_integers;
  /// Whether a number was written as `12.0`.
  int has_decimal_integers;
};

/// What ``sd_read_numbers`` can do on this processor: 0 nothing, 1 four numbers at once (AVX2), 2 eight (AVX-512 with VBMI2).
int sd_number_level(void);

/// Reads short numbers (at most eight bytes, no sign, no exponent) several at a time, up to the closing bracket, to
/// something else, or to the last 80 bytes of the text.
///
/// - Parameters:
///   - level: at most ``sd_number_level()``.
///   - step: bytes from a comma to the next number, 1 or 2; with 2 the byte between is a blank.
///   - capacity: numbers that the buffer can hold.
/// - Returns: 0 at level 0, where nothing is done.
int sd_read_numbers(int level, const uint8_t *_Nonnull base, size_t end, size_t step, double *_Nonnull buffer,
                    size_t capacity, struct sd_number_run *_Nonnull run);
