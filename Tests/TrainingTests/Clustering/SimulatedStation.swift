import AnomalyModels
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import SimulatedLine
import Testing
import Training

/// The arithmetic that a station looks with.
enum SimulatedEye {
    case int8
    /// The weights of this file; its bank keeps the patches of the places that the bank of `places` keeps.
    case float(checkpoint: String, places: PatchTeaching)

    func float(of package: ModelPackage) throws -> FloatSource? {
        guard case .float(let path, _) = self else { return nil }
        return try FloatSource(of: package, checkpoint: path)
    }

    var places: PatchTeaching? {
        guard case .float(_, let places) = self else { return nil }
        return places
    }

    /// The published weights of the trunk, where this machine has them.
    static let checkpoint: String? = {
        let beside = URL(filePath: #filePath).appending(path: "../../../../../shared").standardized.path
        let shared = ProcessInfo.processInfo.environment["LINEWATCH_SHARED"] ?? beside
        let path = shared + "/weights/efficientnet_lite0.safetensors"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()
}

/// A detector that was taught three parts of a surface of the simulated line, and the head that ships.
final class SimulatedStation {
    /// Parts are rendered at twice the detector's width and height, and scaled to it.
    private static let rendered = Size(width: 512, height: 512)
    private static let goodParts = 20

    private let detector: PatchDetector
    private let embedder: DefectEmbedder
    /// How types are told apart with the head.
    let settings: DefectTypes.Settings
    private var line: ProductionLine
    private let size = Size(width: 256, height: 256)
    /// What no good part reaches.
    private var limit: Float = 0

    /// What the detector was taught with.
    let teaching: PatchTeaching

    init(_ surface: Surface, seed: UInt32, _ eye: SimulatedEye) throws {
        func package(_ name: String) throws -> ModelPackage {
            let path = URL(filePath: #filePath).appending(path: "../../../../Models/\(name)")
            return try ModelPackage(opening: path.standardized.path, verifyingHashes: false)
        }
        let trunk = try package("efficientnet-lite0"), kernels = KernelTable(.best), pool = TensorPool()
        let float = try eye.float(of: trunk)
        line = try ProductionLine(
            LineSettings(
                surface: surface, form: .parts, seed: seed, size: Self.rendered,
                defectsPerMillion: 0))
        let trunks = PatchTrunks(trunk, float: float, kernels: kernels, pool: pool)
        var teaching = PatchTeaching(trunks, views: .fixed, fusion: nil, places: eye.places)
        for part in 0..<3 {
            try teaching.add(
                Self.halved(line.part(part, defect: .none).colour.pixels), size: size)
        }
        self.teaching = teaching
        detector = try PatchDetector(teaching.bank(), on: trunks.trunk(size), kernels: kernels)
        let head = try EmbeddingHead(of: package("fine"))
        settings = DefectTypes.Settings(similarity: head.similarity)
        embedder = try #require(
            try DefectEmbedder(
                head, detector: detector, trunk: trunk, float: float, kernels: kernels, pool: pool))
        for part in 0..<Self.goodParts { limit = max(limit, look(3 + part, .none)) }
    }

    /// The score of a part.
    private func look(_ part: Int, _ defect: DefectChoice) -> Float {
        // As many bytes as the detector's input.
        let pixels = scaled(part, defect)
        unsafe detector.withInput { unsafe $0.copyBytes(from: pixels) }
        embedder.keep()
        return detector.run()
    }

    private func scaled(_ part: Int, _ defect: DefectChoice) -> [UInt8] {
        Self.halved(line.part(part, defect: defect).colour.pixels)
    }

    /// The pixels of a picture of `rendered`, each the mean of four.
    private static func halved(_ pixels: [UInt8]) -> [UInt8] {
        let row = 3 * rendered.width
        return (0..<rendered.height / 2).flatMap { y in
            (0..<row / 2).map { byte in
                let at = 2 * y * row + byte / 3 * 6 + byte % 3
                let sum = [at, at + 3, at + row, at + row + 3].reduce(2) { $0 + Int(pixels[$1]) }
                return UInt8(sum / 4)
            }
        }
    }

    /// What is said of a part with a defect of `kind`; nil if it looks good.
    func describe(_ part: Int, _ kind: DefectKind) -> DefectVector? {
        guard look(part, .forced(kind)) > limit else { return nil }
        embedder.describe(detector.peak)
        return DefectVector(codes: embedder.codes)
    }
}
