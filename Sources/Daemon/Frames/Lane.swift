package import Capture
package import Events
package import Imaging
package import Inspection
package import Platform
package import Synchronization

/// What one camera and its inspection worker share: the way of its frames, and what is exchanged between two of them.
@safe
package final class Lane: @unchecked Sendable {
    // @unchecked: `held`, `seat`, `frameTime`, `seam` and `random` belong to the worker's thread alone.
    package let camera: UInt8
    package let docket: Docket
    package let frames: Ring<Frame>
    /// New networks, taken between two frames.
    package let inspectors = Mailbox<Seat>()
    /// The newest frames; nil until their size is known.
    package let memory: FrameMemory
    /// Which verdicts are kept as pictures: bit `verdict.rawValue`.
    package let keptVerdicts = Atomic<UInt8>(0)
    /// Frames that are to be kept whatever their verdict, of a million.
    package let samplePPM = Atomic<UInt32>(0)
    package let archive: Ring<ArchiveItem>
    /// Pictures that found no room on their way to the archivist.
    package let droppedPictures = Atomic<Int>(0)
    /// Flags of every result of this camera: simulated, clock, degraded.
    package let flags = Atomic<UInt16>(0)
    /// Fewer real rows of a strip make it INVALID; 0 for an area camera.
    package let leastRows: Int
    /// Pixels along the material and encoder counts for a millimetre; 0 where they are unknown.
    package let scale: (pixels: Double, counts: Double)

    /// Whose turn it is at the eyepiece: the inspector, or nobody yet.
    package struct Seat: Sendable {
        package var inspector: (any FrameJudging)?
        package init(_ inspector: (any FrameJudging)?) { self.inspector = inspector }
    }

    /// The next frame, taken out of the ring to compare its deadline with those of other cameras.
    var held: Frame?
    var seat = Seat(nil)
    /// What a frame takes; of the worker's thread alone, too.
    var frameTime = FrameTime()
    /// What the strip before has reported, of a line-scan camera.
    var seam = StripSeam()
    var random: UInt64

    package init(
        camera: UInt8, docket: Docket, frames: Ring<Frame>, memory: FrameMemory, leastRows: Int,
        scale: (pixels: Double, counts: Double)
    ) {
        self.scale = scale
        (self.camera, self.docket, self.frames) = (camera, docket, frames)
        (self.memory, self.leastRows) = (memory, leastRows)
        archive = Ring(capacity: 64)
        random = UInt64(camera) &* 0x9E37_79B9_7F4A_7C15
    }

    /// Sets `flag` in every result from now on, or takes it away.
    package func say(_ flag: RecordFlags, _ isTrue: Bool) {
        if isTrue {
            flags.bitwiseOr(flag.rawValue, ordering: .relaxed)
        } else {
            flags.bitwiseAnd(~flag.rawValue, ordering: .relaxed)
        }
    }

    /// Exchanges what was put for it. For the worker, between two frames; allocation-free.
    func exchange() {
        _ = inspectors.exchange(&seat)
        seat.inspector?.exchangeRules()
    }

    /// Whether a picture of this verdict is to be kept. Allocation-free.
    func keeps(_ verdict: Verdict) -> Bool {
        if keptVerdicts.load(ordering: .relaxed) & 1 << verdict.rawValue != 0 { return true }
        let ppm = samplePPM.load(ordering: .relaxed)
        guard verdict == .ok, ppm > 0 else { return false }
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt32(truncatingIfNeeded: random >> 33) % 1_000_000 < ppm
    }
}

/// Who looks at the frames of a camera: a `FrameInspector`, or a script where a test has the say over time.
///
/// All calls come from one thread at a time, and none of them allocates.
package protocol FrameJudging: AnyObject, Sendable {
    /// Cells of the heat-map of a frame.
    var heatSize: Size { get }
    /// Takes new rules, if there are any. Between two frames.
    func exchangeRules()
    /// Looks at a frame of which `validRows` rows are real, and completes `outcome`.
    func inspect(_ view: ImageView, validRows: Int, into outcome: inout Outcome)
    /// Writes the heat-map of the last frame: `heatSize.pixelCount` bytes.
    func writeHeat(into heat: UnsafeMutableBufferPointer<UInt8>)
    /// Runs everything once for nothing.
    func keepWarm()
}

extension FrameInspector: FrameJudging {}

/// A frame on its way to the archivist: its place in the memory of its camera.
package struct ArchiveItem: BitwiseCopyable, Sendable {
    package var place: Int
    package var job: UInt32
}
