public import Imaging

/// Everything that the frames of a simulated line depend on: equal settings give equal bytes.
public struct LineSettings: Hashable, Sendable {
    /// What the line makes.
    public var surface: Surface
    /// Another seed gives other parts.
    public var seed: UInt32
    /// Width and height of a frame; of a web, its width and the lines of a segment.
    public var size: Size
    /// Single parts, or material without end.
    public var form: Form
    /// Of a million parts, or segments of a web, so many have a defect. 0...1,000,000.
    public var defectsPerMillion: Int

    /// How the material comes past the camera.
    public enum Form: String, CaseIterable, Hashable, Sendable {
        /// An area camera and one part per frame, lying on a conveyor (woven cloth and tiles fill the frame).
        case parts
        /// A line-scan camera over a web without end. Segment n is lines n * height up to (n + 1) * height,
        /// and frame n of such a line is segment n.
        case web
    }

    /// Any settings; `ProductionLine` checks them.
    public init(surface: Surface, form: Form, seed: UInt32, size: Size, defectsPerMillion: Int) {
        self.surface = surface
        self.form = form
        self.seed = seed
        self.size = size
        self.defectsPerMillion = defectsPerMillion
    }

    /// The seed of everything random: surfaces of one seed have nothing in common.
    var lineSeed: UInt32 {
        let number = Surface.allCases.firstIndex(of: surface) ?? 0
        return scrambled(UInt32(number), form == .web ? 1 : 0, seed)
    }
}

/// Why a line cannot be simulated.
public enum SimulatedLineError: Error, Hashable, CustomStringConvertible {
    /// A side is below `ProductionLine.minimumSide` or above `Size.maximumSide`, or there are more than
    /// `ProductionLine.maximumPixelCount` pixels.
    case badSize(Size)
    /// The rate is not 0...1,000,000.
    case badDefectRate(Int)
    /// Frames are made as GREY and RGB3 only.
    case badFormat(PixelFormat)
    /// The memory for the pixels is too small.
    case targetTooSmall(byteCount: Int, needed: Int)
    /// Lines were asked of a line of parts.
    case notAWeb

    /// What happened and what to do, in one line.
    public var description: String {
        switch self {
        case .badSize(let size):
            "A simulated line cannot have frames of \(size). Choose sides of "
                + "\(ProductionLine.minimumSide) to \(Size.maximumSide) pixels, "
                + "\(ProductionLine.maximumPixelCount) pixels in all at most."
        case .badDefectRate(let rate):
            "\(rate) defects in a million parts cannot be. Choose 0 to 1000000."
        case .badFormat(let format):
            "The simulated line cannot make frames of \(format.rawValue). Choose GREY or RGB3."
        case .targetTooSmall(let byteCount, let needed):
            "The frame needs \(needed) bytes, and the memory for it has \(byteCount)."
        case .notAWeb:
            "Parts have no lines in a row. Choose the form 'web' for a line-scan camera."
        }
    }
}
