#include "include/camera.h"

// Two rows of 32-bit sums, each with room for the zero-weight reads behind its end, and four floats
// per output pixel, rounded up to 16 pixels. camera.inc lays them out.
size_t ck_camera_scratch_bytes(const ck_camera *op) {
    size_t bytes = 0;
    for (int r = 0; r < 2; r++) {
        const size_t samples = op->sample_count[r] + op->columns[r].count + 64;
        bytes += (samples * sizeof(uint32_t) + 63) / 64 * 64;
    }
    return bytes + (op->out_w + 15) / 16 * 16 * 4 * sizeof(float);
}
