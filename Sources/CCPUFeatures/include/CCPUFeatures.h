#pragma once

/// The x86-64 micro-architecture level of this machine that the kernels have a build for: 4, 3 or 1.
int sd_x86_64_level(void);
