import Imaging

/// Which codes of YUV are black and white.
public enum YUVRange: Sendable {
    /// Y 16...235, U and V 16...240: what cameras send unless they say otherwise.
    case limited
    /// 0...255 in all three.
    case full
}

/// From the four sums of an output pixel to R, G and B: `matrix * sums + bias`, 0...255.
struct CameraColour {
    var matrix: [[Double]]
    var bias: [Double]

    /// `totals` are what the weights of each sum add up to, rows times columns.
    init(_ format: PixelFormat, range: YUVRange, totals: [Double]) {
        let white = Double((1 << format.significantBits) - 1)
        bias = [0, 0, 0]
        switch format {
        case .grey, .y10, .y12, .y16, .y16BigEndian:
            matrix = Array(repeating: [1, 0, 0, 0], count: 3)
        case .rgb24:
            matrix = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
        case .bgr24:
            matrix = [[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]
        case .yuyv, .uyvy, .nv12, .nv16:
            (matrix, bias) = CameraColour.yuv(range)
        case .bayerBGGR8, .bayerBGGR10:
            matrix = [[0, 0, 0, 1], [0, 0.5, 0.5, 0], [1, 0, 0, 0]]
        case .bayerGBRG8, .bayerGBRG10:
            matrix = [[0, 0, 1, 0], [0.5, 0, 0, 0.5], [0, 1, 0, 0]]
        case .bayerGRBG8, .bayerGRBG10:
            matrix = [[0, 1, 0, 0], [0.5, 0, 0, 0.5], [0, 0, 1, 0]]
        case .bayerRGGB8, .bayerRGGB10:
            matrix = [[1, 0, 0, 0], [0, 0.5, 0.5, 0], [0, 0, 0, 1]]
        }
        for row in 0..<3 {
            for k in 0..<4 { matrix[row][k] *= 255 / (white * totals[k]) }
        }
    }

    /// Rec. ITU-R BT.601-7, sections 2.5.1 to 2.5.3, solved for R, G and B.
    private static func yuv(_ range: YUVRange) -> (matrix: [[Double]], bias: [Double]) {
        let kr = 0.299, kb = 0.114, kg = 1 - kr - kb
        let luma: Double, chroma: Double, black: Double
        switch range {
        case .limited: (luma, chroma, black) = (255.0 / 219, 255.0 / 224, 16)
        case .full: (luma, chroma, black) = (1, 1, 0)
        }
        let rv = 2 * (1 - kr) * chroma, bu = 2 * (1 - kb) * chroma
        let gu = -bu * kb / kg, gv = -rv * kr / kg
        let matrix = [[luma, 0, rv, 0], [luma, gu, gv, 0], [luma, bu, 0, 0]]
        return (matrix, matrix.map { -black * $0[0] - 128 * ($0[1] + $0[2]) })
    }
}
