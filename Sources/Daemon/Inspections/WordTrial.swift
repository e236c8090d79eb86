import AnomalyModels
import Capture
import Configuration
import Events
import Imaging
import Inspection
import Platform

/// What words make of the newest frame of a camera before they are in force: the regions and tiles of the inspection,
/// judged by a zero-shot head as it would judge them. Changes nothing.
struct WordTrial: Sendable {
    /// The score by the words, and by the name "object", as the models give them.
    let score: Float
    let objectScore: Float
    /// NG above.
    let limit: Float
    /// `score` as results print it: 10,000 is the limit.
    let printedScore: UInt32
    /// Nanoseconds of the look by the words.
    let nanoseconds: Int
    /// The frame under the heat-map of the words, PNG.
    let picture: [UInt8]

    /// Blocks for tenths of a second, for seconds where the words have not been read yet.
    ///
    /// Throws `ModelError` with the word that cannot be read or what is wrong with the head, `WordTrialError`,
    /// `ImagingError`.
    init(
        _ words: ClassWords, _ inspection: InspectionSettings, _ unit: CameraUnit,
        _ building: InspectorBuilding
    )
        throws
    {
        let own = try Self.inspector(words, inspection, unit, building)
        let plain = try Self.inspector(.object, inspection, unit, building)
        guard let frame = unit.lane.memory.hold(job: unit.lane.memory.newestJob), let view = frame.view else {
            throw WordTrialError.noFrame(camera: unit.title)
        }
        var other = Outcome(), outcome = Outcome()
        plain.inspect(view, validRows: view.size.height, into: &other)
        let start = MonotonicClock.now
        own.inspect(view, validRows: view.size.height, into: &outcome)
        nanoseconds = MonotonicClock.now - start
        guard outcome.verdict != .invalid else { throw WordTrialError.notJudged(outcome.reason) }
        (score, objectScore, limit) = (outcome.rawScore, other.rawScore, outcome.rawThreshold)
        printedScore = outcome.score
        var heat = [UInt8](repeating: 0, count: own.heatSize.pixelCount)
        // As many bytes as the map has cells.
        unsafe heat.withUnsafeMutableBufferPointer { unsafe own.writeHeat(into: $0) }
        let shown = try FramePicture(frame, heat: (own.heatSize, heat), kernels: building.kernels)
        picture = try shown.heated()?.encodedAsPNG() ?? shown.png()
    }

    /// An inspector of its own for the frames of `unit`, by `words` alone.
    private static func inspector(
        _ words: ClassWords, _ settings: InspectionSettings, _ unit: CameraUnit, _ building: InspectorBuilding
    ) throws -> FrameInspector {
        var alone = settings
        (alone.head, alone.cluster) = (.zeroshot, false)
        guard case .read(let zeroShot) = try building.zeroShot(of: alone, with: words, reading: true) else {
            throw WordTrialError.noHead
        }
        var inspection = ActiveInspection(alone)
        inspection.zeroShot = zeroShot
        let made = try building.inspector(
            [(0, inspection)], camera: unit.settings, format: unit.expected.pixelFormat)
        return made.inspector
    }
}

/// Why words cannot be tried.
enum WordTrialError: Error, CustomStringConvertible {
    case noFrame(camera: String)
    case noHead
    case notJudged(Reason)

    var description: String {
        switch self {
        case .noFrame(let camera): "Camera \(camera) has given no frame yet: is it armed?"
        case .notJudged(let reason): "The newest frame cannot be judged: \(reason)."
        case .noHead: "No zero-shot head is installed, so words say nothing. Install the package 'adaclip'."
        }
    }
}
