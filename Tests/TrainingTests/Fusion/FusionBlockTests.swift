import AnomalyModels
import Foundation
import Tensors
import Testing
import Training

/// Numbers by the name of a tensor: those of Golden/fusion.py.
private func drawn(_ name: String, _ count: Int, scale: Double = 1) -> [Double] {
    let start = name.utf8.reduce(UInt32(0x811C_9DC5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    return (0..<count).map { index in
        var x = start &+ UInt32(truncatingIfNeeded: index) &* 0x9E37_79B9
        x = (x ^ x >> 16) &* 0x85EB_CA6B
        x = (x ^ x >> 13) &* 0xC2B2_AE35
        x ^= x >> 16
        return (Double(x >> 8) / 16_777_216 - 0.5) * scale
    }
}

/// Numbers of a patch in the block of Golden/fusion.py.
private let width = SegmentationHead.blockWidth(SegmentationHead.embedding)

private let tensorShapes =
    FusionBlock.shapes(width: width, .gated) + FusionBlock.textShapes(width: width, sentence: 384)

/// A fusion block with its text adapter, of two pictures of five patches.
private struct BlockFunction: TestFunction {
    static let names =
        ["patches", "gaps", "centres", "columns"]
        + tensorShapes.map(\.name).filter {
            $0 != "block.text" && $0 != "block.said"
        }
    /// Whether it ends in Y; else in what is said.
    let isFused: Bool
    var kind = FusionBlock.Kind.gated
    /// The inputs; the others are what the golden vectors have.
    var names = Self.names

    var name: String { "fusion block" }
    var gap: Double { 0 }
    var shapes: [[Int]] {
        let shapes = Dictionary(
            uniqueKeysWithValues: tensorShapes.map {
                ($0.name, $0.shape)
            })
        let inputs = [
            "patches": [2, 5, width], "gaps": [2, 5, width],
            "centres": [2, 4, width], "columns": [4, 384],
        ]
        return names.map { inputs[$0] ?? shapes[$0] ?? [] }
    }

    func apply<Scalar: TrainingScalar>(_ tape: Tape<Scalar>, _ x: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let (fused, said, _) = results(tape, x)
        return isFused ? fused : said
    }

    func results<Scalar: TrainingScalar>(
        _ tape: Tape<Scalar>, _ x: [Tensor<Scalar>]
    ) -> (fused: Tensor<Scalar>, said: Tensor<Scalar>, text: Tensor<Scalar>) {
        func tensor(_ name: String) -> Tensor<Scalar> {
            if let index = names.firstIndex(of: name) { return x[index] }
            var other = self
            other.names = [name]
            return tape.constant(other.drawnInputs[0].map { Scalar($0) }, other.shapes[0])
        }
        let text = tape.fusionText(tensor("columns"), weights: tensor)
        let (fused, said) = tape.fusionBlock(
            kind, patches: tensor("patches"), gaps: tensor("gaps"),
            text: tape.reshape(text, [2, 2, width]), centres: tensor("centres"), weights: tensor)
        return (fused, said, text)
    }

    /// The inputs and weights of the golden vectors.
    var drawnInputs: [[Double]] {
        let scales = ["patches": 4.0, "gaps": 2, "centres": 4]
        return zip(names, shapes).map { name, shape in
            drawn(name, shape.reduce(1, *), scale: scales[name] ?? 1)
        }
    }
}

@Suite("the fusion block of VTFusion")
struct FusionBlockTests {
    @Test("its gradients equal central differences: 5e-6 in double, 5e-3 in single precision")
    func differences() throws {
        // A bias of the keys moves all scores of a query alike: its gradient is 0 but for rounding.
        let names = BlockFunction.names.filter { !$0.hasSuffix(".k.bias") && !$0.hasPrefix("text.") }
        let words = ["block.words.q.weight", "block.words.v.weight", "text.projection", "text.b.bias"]
        let open = names.filter { $0 != "gaps" && !$0.contains("gate") }
        for (isFused, kind, names) in [
            (true, FusionBlock.Kind.gated, names), (true, .open, open), (false, .gated, words),
        ] {
            let check = GradientCheck(
                BlockFunction(isFused: isFused, kind: kind, names: names), workers: try Workers(count: 1))
            #expect(check.isAlive)
            #expect(check.inDouble <= 5e-6, "fused: \(isFused)")
            #expect(check.inFloat <= 5e-3, "fused: \(isFused)")
        }
    }

    @Test("its results and gradients are those of PyTorch: 1e-6 in double, 1e-4 in single precision")
    func golden() throws {
        #expect(try worst(in: Double.self) <= 1e-6)
        #expect(try worst(in: Float.self) <= 1e-4)
    }

    /// The largest difference in a tensor, over the largest number there.
    private func worst<Scalar: TrainingScalar>(in _: Scalar.Type) throws -> Double {
        let url = try #require(
            Bundle.module.url(forResource: "fusion", withExtension: "safetensors", subdirectory: "Golden"))
        let golden = try WeightFile(path: url.path)
        let block = BlockFunction(isFused: true)
        let tape = Tape<Scalar>(workers: try Workers(count: 1))
        tape.begin()
        let inputs = zip(block.drawnInputs, block.shapes).map { tape.variable($0.map { Scalar($0) }, $1) }
        let (fused, said, text) = block.results(tape, inputs)
        func weighed(_ y: Tensor<Scalar>, _ name: String) -> Tensor<Scalar> {
            let weights = drawn("weights of \(name)", y.count).map { Scalar($0) }
            return tape.sum(tape.multiply(y, tape.constant(weights, y.shape)))
        }
        tape.backward(tape.add(weighed(fused, "fused"), weighed(said, "said")))
        var found = ["text": tape.values(text), "fused": tape.values(fused), "said": tape.values(said)]
        for (name, input) in zip(BlockFunction.names, inputs) {
            let all = tape.gradientValues(of: input)
            let isSparse = name == "columns" || name.hasPrefix("text.")
            found["gradient.\(name)"] =
                isSparse ? stride(from: 0, to: all.count, by: 97).map { all[$0] } : all
        }
        #expect(found.count == golden.names.count)
        return try found.map { name, ours in
            let theirs = try golden.floats(name)
            #expect(ours.count == theirs.count, "\(name)")
            // The gradient of a bias of the keys is 0 but for rounding, which differs from one processor to the next.
            let least = name.hasSuffix(".k.bias") ? 1e-2 : 1e-3
            let largest = max(theirs.map { abs(Double($0)) }.max() ?? 0, least)
            let worst = zip(ours, theirs).map { abs(Double($0) - Double($1)) }.max() ?? .infinity
            #expect(worst / largest <= 1e-4, "\(name)")
            return worst / largest
        }.max() ?? .infinity
    }
}
