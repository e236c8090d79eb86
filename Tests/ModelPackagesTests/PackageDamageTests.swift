import FoundationEssentials
import ModelPackages
import Platform
import Tensors
import Testing

@Suite("Model packages with random damage")
struct PackageDamageTests {
    @Test("a package with any file cut at any byte is refused with an error, never with a trap")
    func cutAnywhere() throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/p"
        try samplePackage().write(to: directory, replacing: false)
        for name in ["manifest.json", "weights.safetensors", "MODEL.md"] {
            let path = directory + "/" + name
            let bytes = content(path)
            // The newline at the end of the manifest may be missing: the JSON is complete without it.
            let end = name == "manifest.json" ? bytes.count - 1 : bytes.count
            for length in 0..<end where length % 10 == 0 || length > end - 20 || name != "manifest.json" {
                try overwrite(path, Array(bytes.prefix(length)))
                #expect(refusal(directory, verifyingHashes: false) != nil, "\(name) cut at byte \(length)")
            }
            try overwrite(path, bytes)
        }
        #expect(refusal(directory) == nil)
    }

    @Test("a manifest cut at any byte is refused before a file is touched")
    func manifestCutAnywhere() throws {
        let folder = try TemporaryFolder()
        try samplePackage().write(to: folder.path + "/p", replacing: false)
        let bytes = content(folder.path + "/p/manifest.json")
        #expect(throws: Never.self) { try Manifest(json: bytes, path: "m") }
        for length in 0..<bytes.count - 1 {
            #expect(throws: ModelPackageError.self, "cut at byte \(length)") {
                try Manifest(json: Array(bytes.prefix(length)), path: "m")
            }
        }
    }

    @Test("a manifest with changed bytes is read or refused, never trapped on")
    func manifestMutations() throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/p"
        try samplePackage().write(to: directory, replacing: false)
        let path = directory + "/manifest.json"
        let original = content(path)
        let pieces: [[UInt8]] = [
            "{", "}", "[", "]", "\"", ",", ":", "null", "-1", "1e999", "1e-999", "99999999999999999999",
            "0.5", "true",
            "\\u0000", "\\ud800", "../", "\"format\" : 1,",
        ].map { Array($0.utf8) }
        var random = SplitMix64(seed: 0x5EED)
        var readable = 0
        for round in 0..<5_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.remove(at: index)
                default: bytes.insert(contentsOf: pieces.randomElement(using: &random)!, at: index)
                }
            }
            guard (try? Manifest(json: bytes, path: path)) != nil else { continue }
            readable += 1
            guard round % 10 == 0 else { continue }  // most need no disk
            try overwrite(path, bytes)
            _ = refusal(directory)
        }
        #expect(readable > 100, "the loop should reach the files too")
    }

    @Test("weights with changed bytes are read or refused, never trapped on")
    func weightMutations() throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/p"
        try samplePackage().write(to: directory, replacing: false)
        let path = directory + "/weights.safetensors"
        let original = content(path)
        var random = SplitMix64(seed: 0xBEEF)
        var readable = 0
        for _ in 0..<2_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] =
                    Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : bytes[index] ^ 1
            }
            guard (try? WeightFile(bytes: bytes)) != nil else { continue }
            try overwrite(path, bytes)
            #expect(bytes == original || refusal(directory) != nil)
            guard let package = try? ModelPackage(opening: directory, verifyingHashes: false) else {
                continue
            }
            readable += 1
            for name in package.weights.names where name.hasSuffix(".scale") {
                #expect(try package.weights.floats(name).allSatisfy { $0 > 0 && $0.isFinite })
            }
        }
        #expect(readable > 100, "the loop should reach the tensors too")
    }
}
