#ifndef CVIDEO4LINUX_H
#define CVIDEO4LINUX_H
// What Swift cannot import of videodev2.h and libv4l2: constants and non-variadic calls. No logic.
#include <stdint.h>
#include <time.h>

#include <linux/videodev2.h>

// Requests of cv_ioctl, with what `argument` points at.
#define CV_REQUEST(name) static const unsigned long cv_##name = VIDIOC_##name
CV_REQUEST(QUERYCAP);            // v4l2_capability
CV_REQUEST(ENUM_FMT);            // v4l2_fmtdesc
CV_REQUEST(ENUM_FRAMESIZES);     // v4l2_frmsizeenum
CV_REQUEST(ENUM_FRAMEINTERVALS); // v4l2_frmivalenum
CV_REQUEST(G_FMT);               // v4l2_format
CV_REQUEST(S_FMT);               // v4l2_format
CV_REQUEST(G_PARM);              // v4l2_streamparm
CV_REQUEST(S_PARM);              // v4l2_streamparm
CV_REQUEST(G_SELECTION);         // v4l2_selection
CV_REQUEST(S_SELECTION);         // v4l2_selection
CV_REQUEST(QUERY_EXT_CTRL);      // v4l2_query_ext_ctrl
CV_REQUEST(QUERYMENU);           // v4l2_querymenu
CV_REQUEST(S_CTRL);              // v4l2_control
CV_REQUEST(S_EXT_CTRLS);         // v4l2_ext_controls
CV_REQUEST(REQBUFS);             // v4l2_requestbuffers
CV_REQUEST(QUERYBUF);            // v4l2_buffer
CV_REQUEST(QBUF);                // v4l2_buffer
CV_REQUEST(DQBUF);               // v4l2_buffer
CV_REQUEST(STREAMON);            // int, a v4l2_buf_type
CV_REQUEST(STREAMOFF);           // int, a v4l2_buf_type
#undef CV_REQUEST

// Flags whose macros Swift cannot import.
#define CV_FLAG(name) static const uint32_t cv_##name = V4L2_##name
CV_FLAG(CAP_VIDEO_CAPTURE);
CV_FLAG(CAP_VIDEO_CAPTURE_MPLANE);
CV_FLAG(CAP_STREAMING);
CV_FLAG(CAP_DEVICE_CAPS);
CV_FLAG(CAP_TIMEPERFRAME);
CV_FLAG(BUF_FLAG_ERROR);
CV_FLAG(BUF_FLAG_TIMESTAMP_MASK);
CV_FLAG(BUF_FLAG_TIMESTAMP_MONOTONIC);
CV_FLAG(FMT_FLAG_COMPRESSED);
CV_FLAG(FMT_FLAG_EMULATED);
CV_FLAG(SEL_TGT_CROP);
CV_FLAG(CTRL_FLAG_NEXT_CTRL);
CV_FLAG(CTRL_FLAG_DISABLED);
CV_FLAG(CTRL_FLAG_READ_ONLY);
CV_FLAG(CID_EXPOSURE);
CV_FLAG(CID_EXPOSURE_AUTO);
CV_FLAG(CID_EXPOSURE_ABSOLUTE);
CV_FLAG(CID_AUTOGAIN);
CV_FLAG(CID_GAIN);
CV_FLAG(CID_ANALOGUE_GAIN);
#undef CV_FLAG

// Opens the device `path` for reading and writing without waiting. The descriptor, or -errno.
int cv_open(const char *path);

// ioctl, again when a signal interrupts it. What it returned, or -errno.
int cv_ioctl(int descriptor, unsigned long request, void *argument);

// The same through libv4l2, which converts pixel formats. cv_convert_open puts it over an open descriptor,
// which cv_convert_close then closes. -errno where a call failed; NULL where a mapping did.
int cv_convert_open(int descriptor);
int cv_convert_ioctl(int descriptor, unsigned long request, void *argument);
void *cv_convert_map(int descriptor, uint64_t length, int64_t offset);
int cv_convert_unmap(void *address, uint64_t length);
int cv_convert_close(int descriptor);

#endif
