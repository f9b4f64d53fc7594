#pragma once

#include <stddef.h>
#include <stdint.h>

// Parts of the kernels of x86-64-v4 for which Swift has no words: shuffles of whole registers under masks, and `vdpbf16ps`.

/// Copies lanes by steps into panels of `width` lanes, scaled, as floats: the element of lane l and step s is number
/// (l / width) * steps * width + s * width + l % width of the panels, zero where the last panel has no lane. Lanes or steps
/// lie side by side: one of the strides is 1.
void sd_wide_pack(const float *source, size_t lane_stride, size_t step_stride, size_t lanes, size_t steps, size_t width,
                  float scale, float *panels);

/// To bfloat16 and back: to the nearest, even where two are as near; what is not a number stays so, quiet.
void sd_wide_to_bfloat16(const float *input, uint16_t *output, size_t count);
void sd_wide_from_bfloat16(const uint16_t *input, float *output, size_t count);

// Matrix products of bfloat16 operands with float sums, for processors with AVX512_BF16. Panels lie where those of float
// products lie, and take the first half of their room: a word of four bytes holds two steps of k, the lower half the
// earlier one.

/// Rows and columns of the register tile.
enum { SD_BRAIN_ROWS = 12, SD_BRAIN_COLUMNS = 32 };

/// B of a product: packed panels, or rows of floats as they lie.
struct sd_brain_right {
  const float *start;
  /// Floats from one row to the next; not used where it is packed.
  size_t step;
  int is_packed;
};

/// Where whole tiles go: c = beta c + product + bias, and no less than 0 where it is rectified.
struct sd_brain_target {
  float *c;
  /// Floats from one row of c to the next.
  size_t ldc;
  float beta;
  /// SD_BRAIN_COLUMNS floats, or NULL.
  const float *bias;
  int is_rectified;
};

/// Whether this processor has the instructions.
int sd_brain_is_available(void);

/// Rounds lanes by steps to panels of `width` lanes, at most SD_BRAIN_COLUMNS, scaled first; the steps are padded with a
/// zero to an even number, the lanes of the last panel to `width`. The word of lane l and steps 2 p and 2 p + 1 is number
/// (l / width) * steps * width + p * width + l % width of the panels.
void sd_brain_pack(const float *source, size_t lane_stride, size_t step_stride, size_t lanes, size_t steps,
                   size_t width, float scale, float *panels);

/// Whole tiles below each other: SD_BRAIN_ROWS rows of each of A's panels from `a` on, k steps long, times
/// SD_BRAIN_COLUMNS columns.
void sd_brain_tiles(size_t count, size_t k, const float *a, struct sd_brain_right b,
                    const struct sd_brain_target *target);

/// The product of a part of a tile, with nothing added: thirds of its rows (1 to 3) by half its columns, or all of them
/// (halves 1 or 2), written to `scratch`, rows of SD_BRAIN_COLUMNS floats.
void sd_brain_part(size_t k, const float *a, struct sd_brain_right b, int thirds, int halves, float *scratch);
