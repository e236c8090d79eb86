/// How real numbers are written as 8-bit codes: `real = scale * (code - zeroPoint)`.
public struct QuantisationParameters: Sendable, Hashable, Codable {
    /// The real distance of two neighbouring codes: finite and above zero.
    public var scale: Float

    /// The code of the real zero: 0...255 for unsigned codes, 0 for the signed codes of weights.
    public var zeroPoint: Int32

    /// Takes any values; see `isValid`.
    public init(scale: Float, zeroPoint: Int32) {
        self.scale = scale
        self.zeroPoint = zeroPoint
    }

    /// Whether unsigned 8-bit codes can be read with these parameters: the scale is finite and above zero and
    /// the zero point is a code.
    public var isValid: Bool { scale.isFinite && scale > 0 && 0...255 ~= zeroPoint }
}
