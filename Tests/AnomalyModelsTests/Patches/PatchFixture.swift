import AnomalyModels
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform

/// The trunk that comes with the sources, drawn parts, and banks taught with them.
enum PatchFixture {
    static let size = Size(width: 96, height: 64)

    static func trunk() throws -> ModelPackage {
        let folder = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        return try ModelPackage(opening: folder + "/efficientnet-lite0", verifyingHashes: false)
    }

    /// A striped part `[height, width, 3]` with a little noise that differs from part to part.
    static func part(_ seed: UInt64, _ size: Size = size) -> [UInt8] {
        var random = SplitMix64(seed: seed)
        return (0..<size.pixelCount).flatMap { pixel -> [UInt8] in
            let x = pixel % size.width, y = pixel / size.width
            let level = (x / 6 + y / 9) % 2 == 0 ? 90 : 150
            let value = UInt8(level + Int(random.next() % 9))
            return [value, value, UInt8(Int(value) - 10)]
        }
    }

    /// The same part with a dark blot.
    static func damaged(_ seed: UInt64) -> [UInt8] {
        var pixels = part(seed)
        for y in 24..<40 {
            for x in 40..<58 {
                for channel in 0..<3 { pixels[3 * (y * size.width + x) + channel] = 8 }
            }
        }
        return pixels
    }

    static func bank(_ views: ReferenceViews = .mirrored, _ instructions: InstructionSet = .best) throws
        -> PatchBank
    {
        var teaching = try PatchTeaching(
            trunk: trunk(), views: views, kernels: KernelTable(instructions), pool: TensorPool())
        for seed in 1...2 as ClosedRange<UInt64> { try teaching.add(part(seed), size: size) }
        return try teaching.bank()
    }

    /// The score and the map of `pixels`.
    static func scores(_ pixels: [UInt8], _ detector: PatchDetector) -> (score: Float, map: [Float]) {
        unsafe detector.withInput { input in unsafe input.copyBytes(from: pixels) }
        let score = detector.run()
        return unsafe (score, detector.withMap { unsafe Array($0) })
    }
}
