internal import CKernels
import Imaging

/// Where each kind of sample lies, and which rows of sums the kernel makes of them.
///
/// The kernel adds rows of the frame into one row of sums, or two: luma and chroma of two planes, even
/// and odd rows of Bayer cells. Then it walks each row of sums in steps of `step` samples, four lanes at
/// a time, and every lane must always meet the same kind of sample.
struct CameraLayout {
    /// One kind of sample in a row of sums: site j is at `j * stride + at`, `width` samples long.
    struct Kind {
        let lattice: CameraAxis.Lattice
        let stride: Int
        let at: Int
        var width = 1
    }

    /// One row of sums.
    struct Row {
        /// Site j of the vertical axis is row `j * stride + at` of the plane.
        let lattice: CameraAxis.Lattice
        var stride = 1
        var at = 0
        let kinds: [Kind]
        /// Runs begin at multiples of this many samples, so that the lanes agree.
        let period: Int
    }

    let identifier: ck_camera_layout
    let rows: [Row]
    /// Samples from one group of four weights to the next.
    var step = 4
    /// Of every sum that the kernel makes: the row of sums it comes from, and its kind there.
    let sums: [(row: Int, kind: Int)]

    init(_ format: PixelFormat) {
        switch format {
        case .grey, .y10, .y12, .y16, .y16BigEndian:
            identifier = CK_CAMERA_MONO
            rows = [Row(lattice: .luma, kinds: [Kind(lattice: .luma, stride: 1, at: 0)], period: 1)]
            sums = [(0, 0)]
        case .rgb24, .bgr24:
            identifier = CK_CAMERA_RGB
            rows = [Row(lattice: .luma, kinds: [Kind(lattice: .luma, stride: 3, at: 0, width: 3)], period: 3)]
            step = 3
            sums = [(0, 0), (0, 0), (0, 0)]
        case .yuyv, .uyvy:
            identifier = format == .yuyv ? CK_CAMERA_YUYV : CK_CAMERA_UYVY
            let luma = format == .yuyv ? 0 : 1
            let kinds = [
                Kind(lattice: .luma, stride: 2, at: luma),
                Kind(lattice: .chroma(step: 2), stride: 4, at: 1 - luma),
                Kind(lattice: .chroma(step: 2), stride: 4, at: 3 - luma),
            ]
            rows = [Row(lattice: .luma, kinds: kinds, period: 4)]
            sums = [(0, 0), (0, 1), (0, 2)]
        case .nv12, .nv16:
            identifier = CK_CAMERA_SEMIPLANAR
            let pair = Kind(lattice: .chroma(step: 2), stride: 2, at: 0, width: 2)
            rows = [
                Row(lattice: .luma, kinds: [Kind(lattice: .luma, stride: 1, at: 0)], period: 1),
                Row(lattice: .chroma(step: format == .nv12 ? 2 : 1), kinds: [pair], period: 2),
            ]
            sums = [(0, 0), (1, 0), (1, 0)]
        default:
            identifier = CK_CAMERA_BAYER
            let kinds = (0..<2).map { Kind(lattice: .bayer(phase: $0), stride: 2, at: $0) }
            rows = (0..<2).map {
                Row(lattice: .bayer(phase: $0), stride: 2, at: $0, kinds: kinds, period: 2)
            }
            sums = [(0, 0), (0, 1), (1, 0), (1, 1)]
        }
    }
}
