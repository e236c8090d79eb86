import AnomalyModels
import Foundation
import ModelPackages
import Tensors
import Testing
import Training

/// What cannot be run is refused with the reason.
struct FidelityFaultTests {
    /// What reading these heads for the tower says.
    private func message(
        metadata: [String: String] = [:],
        changing change: (inout [String: (shape: [Int], values: [Float])]) -> Void = { _ in }
    ) throws -> String {
        let tower = try FidelityFixture.tower()
        let file = try FidelityFixture.heads(metadata: metadata, changing: change)
        do {
            _ = try FidelityHeads(file, for: tower)
            return ""
        } catch { return "\(error)" }
    }

    @Test("heads are taken by the tower that they name, or if they name none")
    func ownTower() throws {
        let digest = try FidelityFixture.tower().digest
        #expect(try message(metadata: ["clip_sha256": digest]) == "")
        #expect(try message() == "")
    }

    @Test("heads of another tower are refused, and what judges without them is named")
    func otherTower() throws {
        let other = String(repeating: "ab", count: 32)
        let text = try message(metadata: ["clip_sha256": other])
        #expect(text.contains("abababababab") && text.contains("AdaCLIP-E"))
    }

    @Test("tensors that are missing, too many or misshapen are each named")
    func tensors() throws {
        let name = "clip_model.patch_token_layer.head.2.weight"
        let missing = try message { $0[name] = nil }
        #expect(missing.contains("missing '\(name)'") || missing.contains("missing \(name)"))
        let more = try message { $0["clip_model.extra"] = ([1], [0]) }
        #expect(more.contains("unexpected clip_model.extra"))
        let wrong = try message { $0[name] = ([64, 127], [Float](repeating: 0, count: 64 * 127)) }
        #expect(wrong.contains("'\(name)' [64, 127], not [64, 128]"))
        // Heads of a larger tower: every tensor but the biases of the joint space.
        let wider = try message { tensors in
            for (key, tensor) in tensors where tensor.shape.count == 2 {
                let shape = [tensor.shape[0], 2 * tensor.shape[1]]
                tensors[key] = (shape, [Float](repeating: 0, count: shape[0] * shape[1]))
            }
        }
        #expect(wider.contains("cls_token_layer.head.0.weight") && wider.contains("more"), "\(wider)")
    }

    @Test("a number that is not finite is an error that names its tensor")
    func notFinite() throws {
        let name = "clip_model.cls_token_layer.head.0.bias"
        var bytes = try FidelityFixture.writer(FidelityFixture.headTensors.filter { $0.key == name }).bytes()
        // The last number of the only tensor becomes NaN, which a writer refuses to write.
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F])
        let broken = try WeightFile(bytes: bytes)
        #expect(throws: WeightFileError.self) { try broken.floats(name) }

        var whole = try FidelityFixture.writer(FidelityFixture.headTensors).bytes()
        whole.replaceSubrange(whole.count - 4..<whole.count, with: [0, 0, 0xC0, 0x7F])
        let file = try WeightFile(bytes: whole, path: "heads.safetensors")
        let tower = try FidelityFixture.tower()
        let last = try #require(
            file.names.max {
                (file.tensor($0)?.byteRange.upperBound ?? 0) < (file.tensor($1)?.byteRange.upperBound ?? 0)
            })
        #expect(throws: FidelityError.notFinite(file: "heads.safetensors", tensor: last)) {
            try FidelityHeads(file, for: tower)
        }
    }

    @Test("more prompted blocks than the tower has are refused")
    func tooDeep() throws {
        let text = try message { tensors in
            for kind in ["text", "visual"] {
                for index in 4..<9 {
                    tensors["clip_model.\(kind)_prompter.static_prompts.\(index)"] =
                        tensors["clip_model.\(kind)_prompter.static_prompts.0"]
                }
            }
        }
        #expect(text.contains("prompt 9 blocks"))
    }

    @Test(
        "class names that say nothing, or too much, are refused with the reason",
        arguments: [
            ("", "letter or digit"), ("  ", "letter or digit"), ("!?-", "letter or digit"),
            ("nut\u{7}", "control character"), ("<|endoftext|>", "'<|'"),
            (String(repeating: "metal nut ", count: 40), "tokens"),
            (String(repeating: "x", count: 5000), "bytes"),
        ])
    func classNames(name: String, reason: String) throws {
        let tokenizer = try FidelityFixture().tokenizer
        do {
            _ = try ClassSentences(className: name, tokenizer)
            Issue.record("'\(name.prefix(20))' was taken")
        } catch {
            #expect("\(error)".contains(reason), "\(error)")
            #expect(!"\(error)".contains("\n") && "\(error)".utf8.count < 500)
        }
    }

    @Test("names in other scripts are encoded", arguments: ["Гайка 5", "ねじ", "écrou", "螺母", "صامولة"])
    func scripts(name: String) throws {
        let tokenizer = try FidelityFixture().tokenizer
        let plain = try ClassSentences(className: "nut", tokenizer)
        let sentences = try ClassSentences(className: name, tokenizer)
        #expect(zip(plain.ids, sentences.ids).allSatisfy { $0 != $1 && $1.count > 8 && $1.count <= 77 })
    }

    @Test("a hyphen is a space, as in the authors' code")
    func hyphen() throws {
        let tokenizer = try FidelityFixture().tokenizer
        let a = try ClassSentences(className: "metal-nut", tokenizer)
        #expect(try a.ids == ClassSentences(className: "metal nut", tokenizer).ids)
    }

    @Test("an input that does not fit the patches is refused", arguments: [0, 8, 41, -40, 4096])
    func sides(side: Int) {
        #expect(throws: FidelityError.self) { try FidelityFixture.tower(side: side) }
    }

    @Test(
        "switches that do not exist are refused, and those that do are named",
        arguments: ["hsf", "hsf=on", "x=1", ""])
    func switches(text: String) {
        var settings = FidelitySettings()
        do {
            try settings.set(text)
            Issue.record("'\(text)' was taken")
        } catch { #expect("\(error)".contains("hsf=code|paper|off")) }
    }

    @Test("a package holds tower, heads and vocabulary to the bit, and a changed tower is noticed")
    func package() throws {
        let folder = "\(temporaryFolder)/linewatch-fidelity-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (clip, headsPath) = ("\(folder)/clip.safetensors", "\(folder)/heads.safetensors")
        try FidelityFixture.writer(FidelityFixture.towerTensors).write(to: clip)
        let digest = try FidelityFixture.tower().digest
        try FidelityFixture.writer(FidelityFixture.headTensors, metadata: ["clip_sha256": digest]).write(
            to: headsPath)
        let merges = Array(try Data(contentsOf: URL(filePath: FidelityFixture.path("adaclip_merges.txt"))))
        var request = FidelityPackage.Request(name: "small", vocabulary: ("merges.txt", merges))
        request.activation = .quickGELU

        let report = try FidelityPackage.write(
            checkpoint: clip, heads: headsPath, request, to: "\(folder)/small")
        #expect(report.wasBound && report.tower == digest)
        let opened = try FidelityPackage(report.package, side: 40)
        #expect(opened.tower.digest == digest)
        let heads = try FidelityHeads(FidelityFixture.heads(), for: FidelityFixture.tower())
        #expect(opened.heads.parameters.all.map(\.values) == heads.parameters.all.map(\.values))

        // The heads that are saved are bound to their tower.
        let saved = try WeightFile(bytes: opened.heads.file(for: opened.tower).bytes())
        #expect(saved.metadata["clip_sha256"] == digest)

        // Another tower of the same shape.
        var other = FidelityFixture.towerTensors
        other["ln_final.bias"]?.values[0] += 1
        let otherClip = "\(folder)/other.safetensors"
        try FidelityFixture.writer(other).write(to: otherClip)
        #expect(throws: FidelityError.self) {
            try FidelityPackage.write(checkpoint: otherClip, heads: headsPath, request, to: "\(folder)/other")
        }
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/other"))
    }
}
