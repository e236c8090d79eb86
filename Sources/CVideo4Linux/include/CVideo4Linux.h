#ifndef CVIDEO4LINUX_H
#define CVIDEO4LINUX_H
// What Swift cannot import of videodev2.h and libv4l2: constants and non-variadic calls. No logic.
#include <time.h>

#include <linux/videodev2.h>

#endif
