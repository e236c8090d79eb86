public import Imaging

/// How a stream of lines is cut into strips.
///
/// In an undisturbed stream strip k covers lines k(H - o) ..< k(H - o) + H, H being the height and o the
/// overlap: its first o lines are the last of the strip before.
public struct StripLayout: Hashable, Sendable {
    /// Lines of a strip.
    public let height: Int
    /// Lines that a strip repeats of the one before.
    public let overlap: Int
    /// Strips that may be on loan at once; when all are, lines wait with the camera.
    public let lentStrips: Int
    /// Encoder counts from one line to the next, negative where the encoder counts down; 0: unknown.
    public let countsPerLine: Double

    /// Throws `LineScanError.badLayout` if the numbers make no strip.
    public init(
        height: Int, overlap: Int, lentStrips: Int, countsPerLine: Double = 0
    ) throws(LineScanError) {
        guard 1...Size.maximumSide ~= height else {
            throw .badLayout("a strip has 1 to \(Size.maximumSide) lines, not \(height)")
        }
        guard 0...(height / 2) ~= overlap else {
            throw .badLayout("strips of \(height) lines overlap by 0 to \(height / 2) lines, not \(overlap)")
        }
        guard 1...64 ~= lentStrips else {
            throw .badLayout("1 to 64 strips may be on loan, not \(lentStrips)")
        }
        guard countsPerLine.isFinite, abs(countsPerLine) < 1e6 else {
            throw .badLayout("\(countsPerLine) encoder counts per line are not possible")
        }
        self.height = height
        self.overlap = overlap
        self.lentStrips = lentStrips
        self.countsPerLine = countsPerLine
    }
}

/// Why lines cannot be assembled.
public enum LineScanError: Error, Hashable, CustomStringConvertible {
    /// The settings make no strip.
    case badLayout(String)
    /// Lines of this format depend on their neighbours or lie in several planes.
    case unsuitableFormat(PixelFormat)
    /// The kernel has not enough memory.
    case noMemory(String)

    /// What is wrong and what to do, in one line.
    public var description: String {
        switch self {
        case .badLayout(let reason):
            "\(reason). Change [camera.line]."
        case .unsuitableFormat(let format):
            "Lines of \(format.rawValue) cannot be assembled. Set 'format' to GREY, Y10, Y12, Y16, YUYV, RGB3 or BGR3."
        case .noMemory(let reason):
            "No memory for the strips: \(reason) Lower 'strip_lines' or 'queue'."
        }
    }
}
