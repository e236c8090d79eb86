internal import CVideo4Linux
internal import Imaging

/// A `v4l2_format` of either kind of device.
@safe
struct FormatRecord {
    /// What it says of the buffers.
    struct Layout {
        var format: FourCC
        var size: Size
        /// Of the first plane.
        var bytesPerRow: Int
        var byteCount: Int
        /// Planes in memory of their own; NV12 in one buffer has one.
        var planeCount: Int
    }

    // The pointers inside are of other kinds of buffers, and nobody touches them.
    private var record: v4l2_format
    private let isMultiplanar: Bool

    /// What `node` has now.
    init(of node: VideoNode) throws(VideoError) {
        unsafe record = unsafe v4l2_format()
        isMultiplanar = node.capability.isMultiplanar
        unsafe record.type = node.bufferType
        try unsafe node.call(cv_G_FMT, "G_FMT", &record)
    }

    /// Asks for `format` and `size`, rows without padding and progressive; then this is what was granted.
    mutating func set(_ format: FourCC, _ size: Size, on node: VideoNode) throws(VideoError) {
        if isMultiplanar {
            unsafe record.fmt.pix_mp.pixelformat = format.rawValue
            unsafe record.fmt.pix_mp.width = UInt32(size.width)
            unsafe record.fmt.pix_mp.height = UInt32(size.height)
            unsafe record.fmt.pix_mp.field = V4L2_FIELD_NONE.rawValue
            unsafe record.fmt.pix_mp.num_planes = 1
            unsafe record.fmt.pix_mp.plane_fmt.0 = v4l2_plane_pix_format()
        } else {
            unsafe record.fmt.pix.pixelformat = format.rawValue
            unsafe record.fmt.pix.width = UInt32(size.width)
            unsafe record.fmt.pix.height = UInt32(size.height)
            unsafe record.fmt.pix.field = V4L2_FIELD_NONE.rawValue
            unsafe record.fmt.pix.bytesperline = 0
            unsafe record.fmt.pix.sizeimage = 0
        }
        try unsafe node.call(cv_S_FMT, "S_FMT", &record)
    }

    var layout: Layout {
        if isMultiplanar {
            let picture = unsafe record.fmt.pix_mp
            return Layout(
                format: FourCC(rawValue: picture.pixelformat),
                size: Size(width: Int(picture.width), height: Int(picture.height)),
                bytesPerRow: Int(picture.plane_fmt.0.bytesperline),
                byteCount: Int(picture.plane_fmt.0.sizeimage), planeCount: Int(picture.num_planes))
        }
        let picture = unsafe record.fmt.pix
        return Layout(
            format: FourCC(rawValue: picture.pixelformat),
            size: Size(width: Int(picture.width), height: Int(picture.height)),
            bytesPerRow: Int(picture.bytesperline), byteCount: Int(picture.sizeimage), planeCount: 1)
    }
}
