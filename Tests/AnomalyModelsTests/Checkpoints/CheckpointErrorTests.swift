import AnomalyModels
import Foundation
import Platform
import Tensors
import Testing

struct CheckpointErrorTests {
    @Test("one error names every missing, unexpected and wrongly shaped tensor and the nearest network")
    func mismatch() throws {
        var tensors = try ClipFixture.openclip.tensors()
        tensors.tensors["visual.conv1.weight"] = nil
        tensors.rename("transformer.resblocks.1.mlp.c_fc.bias", "transformer.resblocks.1.mlp.fc.bias")
        tensors.transpose("visual.transformer.resblocks.0.mlp.c_proj.weight")
        tensors.addZeros("logit_bias", [])
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointReader.read(tensors.file(), activation: .gelu)
        }
        guard case .doesNotFit(let file, let mismatch) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(file == "checkpoint")
        #expect(mismatch.nearest.contains("CLIP ViT") && mismatch.nearest.contains("OpenCLIP names"))
        #expect(
            mismatch.missing.sorted() == ["transformer.resblocks.1.mlp.c_fc.bias", "visual.conv1.weight"])
        #expect(mismatch.unexpected == ["logit_bias", "transformer.resblocks.1.mlp.fc.bias"])
        #expect(mismatch.wrongShapes.map(\.name) == ["visual.transformer.resblocks.0.mlp.c_proj.weight"])
        #expect(
            mismatch.wrongShapes.map(\.found) == [[512, 128]]
                && mismatch.wrongShapes.map(\.wanted) == [[128, 512]])
        #expect(mismatch.details.count == 5)
        let message = "\(try #require(error))"
        #expect(message.contains("'visual.conv1.weight'") && message.contains("[512, 128], not [128, 512]"))
        #expect(!message.contains("\n"))
    }

    @Test(
        "a block too few or too many is named against the nearest EfficientNet-Lite",
        .enabled(if: TestFiles.hasWeights, Comment(rawValue: TestFiles.weightsMissing)))
    func nearest() throws {
        let path = try #require(TestFiles.weights) + "/efficientnet_lite0.safetensors"
        let file = try WeightFile(path: path)
        var tensors: [String: (shape: [Int], values: [Float])] = [:]
        for name in file.names where !name.hasSuffix("num_batches_tracked") {
            let count = try file.entry(name).shape.elementCount
            tensors[name] = (try file.entry(name).shape.extents, [Float](repeating: 1, count: count))
        }
        tensors["_blocks.7._bn2.bias"] = nil
        tensors["_blocks.16._bn2.bias"] = ([320], [Float](repeating: 1, count: 320))
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointReader.read(NamedTensors(tensors).file(), activation: nil)
        }
        guard case .doesNotFit(_, let mismatch) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(mismatch.nearest == "EfficientNet-Lite0")
        #expect(
            mismatch.missing == ["_blocks.7._bn2.bias"] && mismatch.unexpected == ["_blocks.16._bn2.bias"])
        #expect(mismatch.wrongShapes.isEmpty)
    }

    @Test("a file without any known name is called unknown, and the known networks are listed")
    func unknown() throws {
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointReader.read(NamedTensors(["conv.weight\n": ([1], [0])]).file(), activation: nil)
        }
        #expect(error == .unknown(file: "checkpoint", names: ["conv.weight\n"]))
        let message = "\(try #require(error))"
        #expect(
            message.contains("EfficientNet-Lite0") && message.contains("MiniLM") && message.contains("CLIP"))
        #expect(!message.contains("\n"))
        #expect(throws: CheckpointError.unknown(file: "checkpoint", names: [])) {
            try CheckpointReader.read(NamedTensors([:]).file(), activation: nil)
        }
    }

    @Test(
        "a pickle is refused with the way out, and a missing file as what it is",
        arguments: [
            [0x50, 0x4B, 3, 4, 0, 0, 8, 8, 0, 0], [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9],
        ] as [[UInt8]])
    func pickle(start: [UInt8]) throws {
        let path = NSTemporaryDirectory() + "linewatch-pickle-\(UUID().uuidString).pt"
        try Data(start + [UInt8](repeating: 0, count: 64)).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointReader.read(path: path, activation: nil)
        }
        #expect(error == .pickle(file: path))
        #expect("\(try #require(error))".contains("Convert it to safetensors"))

        let missing = #expect(throws: CheckpointError.self) {
            try CheckpointReader.read(path: path + ".missing", activation: nil)
        }
        guard case .file(.unreadable) = missing else {
            Issue.record("another error: \(String(describing: missing))")
            return
        }
    }

    @Test("other kinds of CLIP are refused by name")
    func unsupported() throws {
        var pooled = try ClipFixture.openclip.tensors()
        pooled.addZeros("visual.attnpool.positional_embedding", [50, 128])
        #expect(
            throws: CheckpointError.unsupported(file: "checkpoint", feature: "an attention-pool vision tower")
        ) {
            try CheckpointReader.read(pooled.file(), activation: .gelu)
        }
    }

    @Test("a number that is not finite is refused with its tensor, before and after folding")
    func notFinite() throws {
        var tensors = try ClipFixture.openclip.tensors()
        // NaN cannot be written, so its bytes are put in.
        tensors.tensors["ln_final.bias"]!.values[3] = 12_345.678
        var bytes = try tensors.bytes()
        let place = try #require(bytes.firstRange(of: Self.littleEndian(12_345.678)))
        bytes.replaceSubrange(place, with: Self.littleEndian(.nan))
        let file = try WeightFile(bytes: bytes, path: "checkpoint")
        #expect(
            throws: CheckpointError.file(.notFinite(file: "checkpoint", tensor: "ln_final.bias", index: 3))
        ) {
            try CheckpointReader.read(file, activation: .gelu)
        }
        tensors = try ClipFixture.openclip.tensors()
        for index in 0..<2 {
            for scale in ["ls_1", "ls_2"] {
                let gamma = [Float](repeating: index == 0 ? 3e38 : 1, count: 128)
                tensors.tensors["visual.transformer.resblocks.\(index).\(scale).gamma"] = ([128], gamma)
            }
        }
        tensors.tensors["visual.transformer.resblocks.0.attn.out_proj.bias"]!.values[0] = 100
        tensors.tensors["visual.transformer.resblocks.0.mlp.c_proj.bias"]!.values[0] = 100
        #expect(
            throws: CheckpointError.notFinite(
                file: "checkpoint", tensors: ["vision.layer0.attention.bias", "vision.layer0.fc2.bias"])
        ) {
            try CheckpointReader.read(tensors.file(), activation: .gelu)
        }
    }

    private static func littleEndian(_ value: Float) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }

    @Test("any set of names and shapes gives weights or an error, never a trap")
    func mutations() throws {
        let names = try ClipFixture.allCases.flatMap {
            try $0.tensors().tensors.map { ($0.key, $0.value.shape) }
        }
        var random = SplitMix64(seed: 0xC4EC)
        for _ in 0..<150 {
            var tensors: [String: (shape: [Int], values: [Float])] = [:]
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                var (name, shape) = names.randomElement(using: &random)!
                if Int.random(in: 0..<4, using: &random) == 0 {
                    name.replace(".1.", with: ".\(Int.random(in: 0...Int.max, using: &random)).")
                }
                for axis in shape.indices where Int.random(in: 0..<3, using: &random) == 0 {
                    shape[axis] = Int.random(in: 0...2, using: &random)
                }
                if Bool.random(using: &random) { shape = Array(shape.dropLast()) }
                if shape.contains(0) { shape = [0, Int.max / 4] }
                let count = shape.contains(0) ? 0 : shape.reduce(1, *)
                if count < 1_000 { tensors[name] = (shape, [Float](repeating: 0, count: count)) }
            }
            #expect(throws: CheckpointError.self) {
                try CheckpointReader.read(NamedTensors(tensors).file(), activation: .gelu)
            }
        }
    }
}
