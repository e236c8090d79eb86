public import Imaging

/// Turns lines and encoder counts into millimetres along the material.
public struct LinePositions: Sendable {
    /// Encoder counts per millimetre; negative where the encoder counts down. 0: there is no encoder.
    public let countsPerMillimetre: Double
    /// Lines per millimetre; 0: unknown.
    public let linesPerMillimetre: Double
    private var last: Int32?
    private var travelled: Int64 = 0

    public init(countsPerMillimetre: Double, linesPerMillimetre: Double) {
        self.countsPerMillimetre = countsPerMillimetre
        self.linesPerMillimetre = linesPerMillimetre
    }

    /// Where the first line of `strip` lies, counted from the first line of the stream: by the encoder where
    /// there is one, else by the number of the line; nil where neither can be turned into millimetres.
    ///
    /// Ask for the strips in order: the encoder's 32 bits may wrap between two, once.
    public mutating func millimetres(of strip: FrameHeader) -> Double? {
        if strip.hasEncoder, countsPerMillimetre != 0 {
            if let last { travelled += Int64(strip.encoder &- last) }
            last = strip.encoder
            return Double(travelled) / countsPerMillimetre
        }
        return linesPerMillimetre > 0 ? Double(strip.firstLine) / linesPerMillimetre : nil
    }
}
