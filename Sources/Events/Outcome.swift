/// A rectangle of pixels in the frame; all zero: none.
public struct Box: Hashable, BitwiseCopyable, Sendable {
    public var x: UInt16
    public var y: UInt16
    public var width: UInt16
    public var height: UInt16

    public init(x: UInt16 = 0, y: UInt16 = 0, width: UInt16 = 0, height: UInt16 = 0) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }
}

/// A connected region of a frame whose score is above the threshold.
public struct Finding: Hashable, BitwiseCopyable, Sendable {
    public var box = Box()
    /// 1/10,000 of the threshold: 10,000 is the threshold itself. 0...9,999,999.
    public var score: UInt32 = 0
    /// The defect type: 0 none, 1...65,534 a type, 65,535 a new kind.
    public var cluster: UInt16 = 0
    /// Pixels above the threshold.
    public var area: UInt32 = 0
    /// 1/1,000: how clearly it is of its type rather than of another, and how unlike every type it is. Both 0
    /// where it was not compared.
    public var confidence: UInt16 = 0
    public var novelty: UInt16 = 0
    /// Of an `Outcome` alone: its place among the descriptions, from 1; 0 none.
    public var description: UInt8 = 0

    public init() {}
}

/// The verdict on one region of interest.
public struct RegionVerdict: Hashable, BitwiseCopyable, Sendable {
    /// Position of the inspection in the recipe and of its region in the camera's list.
    public var inspection: UInt8 = 0
    public var region: UInt8 = 0
    public var verdict = Verdict.invalid
    public var reason = Reason.none
    public var score: UInt32 = 0

    public init() {}
}

/// What the hot path knows of one frame: one value of fixed size, without a pointer in it.
///
/// An inspection worker fills one and pushes it into the publisher's ring; nothing is allocated. The
/// publisher makes an `InspectionResult` of it.
public struct Outcome: BitwiseCopyable, Sendable {
    public static let findingCapacity = 32
    public static let regionCapacity = 16
    public static let partCapacity = 48
    public static let descriptionCapacity = 4

    public var job: UInt32 = 0
    public var partNumber: UInt32 = 0
    /// UTF-8 of the part's name, `partLength` bytes of it.
    public var part = InlineArray<48, UInt8>(repeating: 0)
    public var partLength: UInt8 = 0
    /// 1...32.
    public var camera: UInt8 = 0
    public var verdict = Verdict.invalid
    public var reason = Reason.internal
    public var flags: RecordFlags = []
    /// 1/10,000 of the threshold; 0 for INVALID.
    public var score: UInt32 = 0
    public var cluster: UInt16 = 0
    /// The worst defect.
    public var box = Box()
    /// The model's own units.
    public var rawScore: Float = 0
    public var rawThreshold: Float = 0
    /// Encoder counts at the start of the frame; 0 without encoder.
    public var encoder: Int32 = 0
    /// Lines asked for and lines that are real; 0 for an area camera.
    public var lines: UInt32 = 0
    public var validLines: UInt32 = 0
    /// Position of the strip's first line; NaN where unknown.
    public var millimetres: Float = .nan
    /// Pixels of the frame, down the strip, to a millimetre of material; 0 where unknown.
    public var pixelsPerMillimetre: Float = 0
    public var driverSequence: UInt32 = 0
    public var exposureMicroseconds: UInt32 = 0
    /// Trigger, or end of exposure, to ready for publishing.
    public var latencyMicroseconds: UInt32 = 0
    /// Time of exposure: UTC milliseconds, and the monotonic clock in nanoseconds.
    public var timeMilliseconds: Int64 = 0
    public var monotonicNanoseconds: Int64 = 0
    public var recipe: UInt16 = 0
    /// The first 48 bits of the model's SHA-256: twelve hexadecimal digits. 0: none.
    public var model: UInt64 = 0
    public var calibration: Int32 = 0
    /// Microseconds in capture, preparation, backbone, heads and store.
    public var stageMicroseconds = InlineArray<5, UInt32>(repeating: 0)
    public var findings = InlineArray<32, Finding>(repeating: Finding())
    public var findingCount: UInt8 = 0
    public var regions = InlineArray<16, RegionVerdict>(repeating: RegionVerdict())
    public var regionCount: UInt8 = 0
    /// Of the largest findings, which name them by their place.
    public var descriptions = InlineArray<4, DefectDescription>(repeating: DefectDescription())
    public var descriptionCount: UInt8 = 0

    public init() {}
}
