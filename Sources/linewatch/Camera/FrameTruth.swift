import FoundationEssentials
import Imaging
import SimulatedLine

/// What is true of one simulated frame, as a line of `truth.jsonl`.
struct FrameTruth: Encodable {
    private let schema = "linewatch.camera.simulate/1"
    private let frame: Int
    private let surface: String
    private let form: String
    private let seed: UInt32
    private let width: Int
    private let height: Int
    /// Left out if the frame has none.
    private let defect: DefectTruth?

    private struct DefectTruth: Encodable {
        let kind: String
        /// The left and upper edge, width and height of the rectangle around the changed pixels.
        let x: Int
        let y: Int
        let width: Int
        let height: Int
        let changedPixels: Int
        let strength: Float

        private enum CodingKeys: String, CodingKey {
            case kind, x, y, width, height, strength
            case changedPixels = "changed_pixels"
        }
    }

    init(_ part: RenderedPart, _ settings: LineSettings) {
        frame = part.index
        surface = settings.surface.rawValue
        form = settings.form.rawValue
        seed = settings.seed
        width = settings.size.width
        height = settings.size.height
        defect = part.defect.map {
            DefectTruth(
                kind: $0.kind.rawValue, x: $0.region.x, y: $0.region.y, width: $0.region.width,
                height: $0.region.height, changedPixels: $0.changedPixelCount, strength: $0.strength)
        }
    }

    /// One JSON object without line breaks.
    func jsonLine() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
