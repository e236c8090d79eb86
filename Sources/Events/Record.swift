/// One numbered entry of the event log: what every reader of the log sees.
public struct Record: Equatable, Sendable {
    /// The log number, and the cursor after this record. 1...2^53-1.
    public var seq: UInt64
    /// The start of the daemon that made it.
    public var run: UInt32
    /// The boot of the machine in which that start was: as systemd writes it, empty where it is unknown.
    public var boot: String
    public var body: Body

    public enum Body: Equatable, Sendable {
        case result(InspectionResult)
        case event(Event)
        /// Numbers that hold no record and never will; `seq` is the last of them.
        case gap(Gap)
    }

    public init(seq: UInt64, run: UInt32, boot: String = "", body: Body) {
        (self.seq, self.run, self.boot, self.body) = (seq, run, boot, body)
    }
}

/// The final verdict on one trigger (LWP/1, 5.1), in the form that the log keeps.
///
/// Fields are named and ranged as in `Outcome`, from which the publisher makes it.
public struct InspectionResult: Equatable, Sendable {
    public var job: UInt32
    public var partNumber: UInt32 = 0
    /// At most 48 bytes of UTF-8.
    public var part = ""
    public var camera: UInt8
    public var verdict: Verdict
    public var reason: Reason
    public var flags: RecordFlags = []
    public var score: UInt32 = 0
    public var cluster: UInt16 = 0
    public var box = Box()
    public var rawScore: Float?
    public var rawThreshold: Float?
    public var encoder: Int32 = 0
    public var lines: UInt32 = 0
    public var validLines: UInt32 = 0
    public var millimetres: Float?
    public var pixelsPerMillimetre: Float?
    public var driverSequence: UInt32 = 0
    public var exposureMicroseconds: UInt32 = 0
    public var latencyMicroseconds: UInt32 = 0
    public var timeMilliseconds: Int64 = 0
    public var monotonicNanoseconds: Int64 = 0
    public var recipe: UInt16 = 0
    public var model: UInt64 = 0
    public var calibration: Int32 = 0
    public var stageMicroseconds: [UInt32] = []
    public var findings: [Finding] = []
    public var regions: [RegionVerdict] = []
    /// Only on its way into the log: what its findings look like.
    public var embeddings: [DefectEmbedding] = []

    // What came after the commit, and so is no part of the line that readers get again and again: only `get`
    // shows it.

    /// The score that came after the deadline had forced the verdict.
    public var late: Late?
    /// The numbers of the pictures of the frame and of its score map.
    public var image: Int64?
    public var map: Int64?
    public var mark: OperatorMark?

    /// A score that was ready too late to count.
    public struct Late: Equatable, Sendable {
        public var score: UInt32
        public var latencyMicroseconds: UInt32
        public init(score: UInt32, latencyMicroseconds: UInt32) {
            (self.score, self.latencyMicroseconds) = (score, latencyMicroseconds)
        }
    }

    /// An operator's verdict: OK on what was rejected, NG on what was passed.
    public struct OperatorMark: Equatable, Sendable {
        public var verdict: Verdict
        /// The missed defect; all zero: the whole frame.
        public var box: Box
        /// The part is proposed for the reference bank.
        public var absorb: Bool
        public init(verdict: Verdict, box: Box, absorb: Bool) {
            (self.verdict, self.box, self.absorb) = (verdict, box, absorb)
        }
    }

    /// Where on the material `box` begins, in millimetres; nil where the strip's position or scale is unknown.
    public func millimetres(of box: Box) -> Float? {
        guard let millimetres, let pixelsPerMillimetre, pixelsPerMillimetre > 0 else { return nil }
        return millimetres + Float(box.y) / pixelsPerMillimetre
    }

    public init(job: UInt32, camera: UInt8, verdict: Verdict, reason: Reason) {
        (self.job, self.camera, self.verdict, self.reason) = (job, camera, verdict, reason)
    }
}

/// Something that happened to the station rather than to a part (LWP/1, 5.2).
public struct Event: Equatable, Sendable {
    public var code: EventCode
    public var severity: Severity
    /// The camera concerned, 1...32; 0 none.
    public var camera: UInt8 = 0
    /// Their meaning depends on the code.
    public var a: Int32 = 0
    public var b: Int32 = 0
    public var flags: RecordFlags = []
    public var timeMilliseconds: Int64 = 0
    public var monotonicNanoseconds: Int64 = 0
    /// More for people, as one JSON object; empty: none.
    public var detail = ""

    public enum Severity: UInt8, CaseIterable, Sendable {
        case info, notice, warning, error, critical
    }

    public init(_ code: EventCode, severity: Severity, camera: UInt8 = 0, a: Int32 = 0, b: Int32 = 0) {
        (self.code, self.severity, self.camera, self.a, self.b) = (code, severity, camera, a, b)
    }
}

/// Numbers without a record (LWP/1, 5.3): `from` to the record's own `seq`.
public struct Gap: Equatable, Sendable {
    public var from: UInt64
    public var why: Why
    public var timeMilliseconds: Int64 = 0

    public enum Why: UInt8, CaseIterable, Sendable {
        case retention = 1
        case overload, uncleanStop, storageError, logRecreated
    }

    public init(from: UInt64, why: Why, timeMilliseconds: Int64 = 0) {
        (self.from, self.why, self.timeMilliseconds) = (from, why, timeMilliseconds)
    }
}
