#pragma once

/// Lets all threads allocate from one heap of the C library from now on; Swift's module of it has no mallopt.
void sd_share_heap(void);
