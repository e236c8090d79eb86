/// What an inspection says of one part, strip or frame (LWP/1, 5.1). The PLC accepts only `ok`.
public enum Verdict: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    /// Every score is at or below its threshold.
    case ok = 1
    /// A defect was found.
    case ng = 2
    /// Judged, but not surely: in the band, uncalibrated, or held by debounce or drift.
    case unsure = 3
    /// Not judged: no image, late, incomplete.
    case invalid = 4
}

/// Why a verdict is what it is (LWP/1, 5.5). A reason belongs to one verdict only.
public enum Reason: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    case none = 0
    case noImage = 1
    case deadline = 2
    case queueFull = 3
    case incomplete = 4
    case cameraLost = 5
    case frameLost = 6
    case badBuffer = 7
    case modelNotReady = 8
    case stopped = 9
    case uncleanStop = 10
    case imageQuality = 11
    case notAligned = 12
    case encoderLost = 13
    case `internal` = 14
    case inBand = 20
    case debounce = 21
    case modelsDisagree = 22
    case uncalibrated = 23
    case driftHold = 24
    case anomaly = 30
    case knownCluster = 31
    case newCluster = 32

    /// The only verdict that may carry this reason.
    public var verdict: Verdict {
        switch rawValue {
        case 0: .ok
        case 1..<20: .invalid
        case 20..<30: .unsure
        default: .ng
        }
    }
}

/// What else is to be known of a record, one bit each (LWP/1, 5.6). Bits 11 to 15 are 0.
public struct RecordFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Some region was not judged, or lines are missing.
    public static let partial = RecordFlags(rawValue: 1 << 0)
    /// The frame comes from a folder or the simulated line.
    public static let simulated = RecordFlags(rawValue: 1 << 1)
    /// Older than the connection that reads it; set at delivery, never stored.
    public static let historical = RecordFlags(rawValue: 1 << 2)
    public static let deadlineMissed = RecordFlags(rawValue: 1 << 3)
    public static let clockNotSynchronised = RecordFlags(rawValue: 1 << 4)
    /// Sent before its commit (fast mode); never stored.
    public static let notYetDurable = RecordFlags(rawValue: 1 << 5)
    /// An inspection is at level none or provisional.
    public static let notCalibrated = RecordFlags(rawValue: 1 << 6)
    /// An alarm bit of a camera is set.
    public static let stationDegraded = RecordFlags(rawValue: 1 << 7)
    public static let severalBoxes = RecordFlags(rawValue: 1 << 8)
    public static let debounced = RecordFlags(rawValue: 1 << 9)
    public static let duplicateImage = RecordFlags(rawValue: 1 << 10)
}
