import FoundationEssentials
import ModelPackages
import Platform
import Tensors
import Testing

@Suite("Model packages that are refused")
struct PackageRefusalTests {
    /// Writes the sample package into a new folder and calls `body` with its directory.
    private func withPackage(_ body: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/p"
        try samplePackage().write(to: directory, replacing: false)
        try body(directory)
    }

    @Test("a folder without a manifest, a file and nothing at all are no packages")
    func notAPackage() throws {
        let folder = try TemporaryFolder()
        try overwrite(folder.path + "/file", [1])
        for path in [folder.path, folder.path + "/file", folder.path + "/nothing"] {
            #expect(refusal(path) == .notAPackage(directory: path))
        }
    }

    @Test("a manifest that is a folder is refused with its path")
    func manifestIsFolder() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/manifest.json", withIntermediateDirectories: false)
        #expect(refusal(folder.path) == .unreadable(.notRegular(path: folder.path + "/manifest.json")))
    }

    @Test("a manifest of more than 4,000,000 bytes is refused before it is read")
    func manifestTooLarge() throws {
        try withPackage { directory in
            let path = directory + "/manifest.json"
            let old = content(path)
            try overwrite(path, old + [UInt8](repeating: 32, count: 4_000_000 - old.count))
            #expect(refusal(directory) == nil)
            try overwrite(path, old + [UInt8](repeating: 32, count: 4_000_001 - old.count))
            #expect(
                refusal(directory) == .manifestTooLarge(path: path, byteCount: 4_000_001, allowed: 4_000_000))
        }
    }

    @Test("another format is refused by its number, whatever else the manifest holds")
    func format() throws {
        try withPackage { directory in
            let path = directory + "/manifest.json"
            for format in [0, 2, -1] {
                try overwrite(path, Array("{\"format\": \(format)}".utf8))
                #expect(refusal(directory) == .unknownFormat(path: path, found: format))
            }
        }
    }

    @Test(
        "a manifest that is not the JSON of one is refused with the place",
        arguments: [
            ("", "it is not JSON"), ("{", "it is not JSON"), ("[]", "another type"),
            ("{}", "the key 'format' is missing"),
            ("{\"format\": \"1\"}", "at 'format'"), ("{\"format\": 1}", "is missing"),
            ("{\"format\": 1e400}", "does not fit"), ("{\"format\": 1.5}", "does not fit"),
            ("{\"format\": null}", "at 'format'"), (String(repeating: "[", count: 100_000), "it is not JSON"),
            ("{\"format\": 1, \"accuracy\": \(String(repeating: "[", count: 3_000_000))", "it is not JSON"),
        ])
    func malformed(text: String, problem: String) throws {
        try withPackage { directory in
            try overwrite(directory + "/manifest.json", Array(text.utf8))
            guard case .malformedManifest(directory + "/manifest.json", let found)? = refusal(directory)
            else {
                Issue.record("\(text.prefix(80)) gave \(String(describing: refusal(directory)))")
                return
            }
            #expect(found.contains(problem), "\(found)")
        }
    }

    @Test(
        "a value that is not allowed is refused by its key",
        arguments: [
            ("\"name\" : \"sample\"", "\"name\" : \"\"", "name"),
            ("\"name\" : \"sample\"", "\"name\" : \"../x\"", "name"),
            ("\"name\" : \"sample\"", "\"name\" : \".hidden\"", "name"),
            ("\"name\" : \"sample\"", "\"name\" : \"Sample\"", "name"),
            ("\"name\" : \"sample\"", "\"name\" : \"\(String(repeating: "a", count: 65))\"", "name"),
            ("1.0.2-beta", "", "version"), ("1.0.2-beta", "1..2", "version"), ("1.0.2-beta", "v1", "version"),
            ("1.0.2-beta", "1.0-", "version"), ("1.0.2-beta", "1.0-b/c", "version"),
            ("efficientnet-lite0", "", "architecture"),
            (String(repeating: "0f", count: 32), "0f", "provenance.sha256"),
            ("\"images\" : 64", "\"images\" : -1", "calibration.images"),
            ("0.9999", "1.5", "calibration.quantile"),
            ("\"zeroPoint\" : 128", "\"zeroPoint\" : 256", "calibration.activations.stem"),
            ("\"zeroPoint\" : 128", "\"zeroPoint\" : -1", "calibration.activations.stem"),
            ("\"scale\" : 0.1", "\"scale\" : 0", "calibration.activations.stem"),
            ("\"scale\" : 0.1", "\"scale\" : -0.1", "calibration.activations.stem"),
            ("\"bytes\" : 9", "\"bytes\" : -9", "files.bytes"),
            ("tokenizer/vocab.txt", "MODEL.md", "files.path"),
            ("\"weights.safetensors\"", "\"other.safetensors\"", "files"),
        ])
    func notAllowed(text: String, replacement: String, key: String) throws {
        try withPackage { directory in
            try editManifest(directory, text, replacement)
            guard case .notAllowed(directory + "/manifest.json", let found, _, _)? = refusal(directory) else {
                Issue.record("\(replacement) gave \(String(describing: refusal(directory)))")
                return
            }
            #expect(found == key)
        }
    }

    @Test("a hash that is not 64 small hexadecimal digits is refused")
    func hashForm() throws {
        try withPackage { directory in
            let hash = PackageDigest(of: Array("# Sample\n".utf8)).description
            for other in [
                "", hash.uppercased(), String(hash.dropLast()), hash + "0", String(repeating: "g", count: 64),
            ] {
                try editManifest(directory, hash, other)
                guard case .notAllowed(_, "files.sha256", other, _)? = refusal(directory) else {
                    Issue.record("\(other) gave \(String(describing: refusal(directory)))")
                    return
                }
                if !other.isEmpty {
                    try editManifest(directory, other, hash)
                } else {
                    try editManifest(directory, "\"sha256\" : \"\"", "\"sha256\" : \"\(hash)\"")
                }
            }
        }
    }

    @Test(
        "a file name that is not a plain path inside the package is refused",
        arguments: [
            "../MODEL.md", "/etc/passwd", "..", ".", "", "a/../../b", "a//b", "a/", "./a", "a/./b",
            "a\\u0000b",
            "manifest.json", "manifest.sig", String(repeating: "a", count: 256),
        ])
    func unsafePath(name: String) throws {
        try withPackage { directory in
            try editManifest(directory, "\"MODEL.md\"", "\"\(name)\"")
            #expect(
                refusal(directory)
                    == .unsafePath(
                        path: directory + "/manifest.json", file: name.replacing("\\u0000", with: "\0")))
        }
    }

    @Test("a link out of the package is refused, one that stays inside is followed")
    func links() throws {
        try withPackage { directory in
            try FileManager.default.removeItem(atPath: directory + "/MODEL.md")
            try overwrite(directory + "-outside", Array("# Sample\n".utf8))
            try link(directory + "/MODEL.md", to: directory + "-outside")
            #expect(refusal(directory) == .leavesPackage(path: directory + "/MODEL.md"))

            try FileManager.default.removeItem(atPath: directory + "/MODEL.md")
            try overwrite(directory + "/inside", Array("# Sample\n".utf8))
            try link(directory + "/MODEL.md", to: "inside")
            #expect(refusal(directory) == nil)

            try FileManager.default.moveItem(
                atPath: directory + "/tokenizer", toPath: directory + "-tokenizer")
            try link(directory + "/tokenizer", to: directory + "-tokenizer")
            #expect(refusal(directory) == .leavesPackage(path: directory + "/tokenizer/vocab.txt"))
        }
    }

    @Test(
        "a listed file that is missing, a folder or of another size is refused, hashes or not",
        arguments: [true, false])
    func files(verifyingHashes: Bool) throws {
        try withPackage { directory in
            let path = directory + "/MODEL.md"
            try overwrite(path, [1, 2, 3])
            #expect(
                refusal(directory, verifyingHashes: verifyingHashes)
                    == .wrongByteCount(path: path, expected: 9, found: 3))
            try FileManager.default.removeItem(atPath: path)
            #expect(refusal(directory, verifyingHashes: verifyingHashes) == .missingFile(path: path))
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            guard case .unreadable(.notRegular)? = refusal(directory, verifyingHashes: verifyingHashes) else {
                Issue.record("a folder was taken for a file")
                return
            }
        }
    }

    @Test("a byte that changed in any file is found when hashes are verified")
    func hashes() throws {
        try withPackage { directory in
            for name in ["MODEL.md", "tokenizer/vocab.txt", "weights.safetensors"] {
                let path = directory + "/" + name
                let old = content(path)
                var changed = old
                changed[old.count - 1] ^= 1
                try overwrite(path, changed)
                #expect(
                    refusal(directory)
                        == .wrongHash(
                            path: path, expected: PackageDigest(of: old).description,
                            found: PackageDigest(of: changed).description))
                try overwrite(path, old)
            }
            #expect(refusal(directory) == nil)
        }
    }

    @Test("weights that are no weight file are refused with what is wrong with them")
    func weights() throws {
        try withPackage { directory in
            let path = directory + "/weights.safetensors"
            try overwrite(path, [UInt8](repeating: 255, count: content(path).count))
            #expect(
                refusal(directory, verifyingHashes: false)
                    == .weights(.headerTooLarge(file: path, byteCount: .max)))
        }
    }

    @Test(
        "a scale that is not a finite number above zero is refused with its tensor and place",
        arguments: [Float.nan, .infinity, -.infinity, 0, -0.0, -1])
    func scales(value: Float) throws {
        try withPackage { directory in
            let path = directory + "/weights.safetensors"
            let place = try #require(try WeightFile(path: path).tensor("stem.scale")).byteRange.lowerBound + 4
            var bytes = content(path)
            for index in 0..<4 {
                bytes[place + index] = UInt8(truncatingIfNeeded: value.bitPattern >> (8 * index))
            }
            try overwrite(path, bytes)
            let expected: ModelPackageError =
                value.isFinite
                ? .invalidScale(path: path, tensor: "stem.scale", index: 1, value: value)
                : .weights(.notFinite(file: path, tensor: "stem.scale", index: 1))
            #expect(refusal(directory, verifyingHashes: false) == expected)
        }
    }

    @Test(
        "a zero point that is no unsigned code is refused with its tensor and place",
        arguments: [-1, 256, .min, .max])
    func zeroPoints(value: Int32) throws {
        try withPackage { directory in
            let path = directory + "/weights.safetensors"
            let place = try #require(try WeightFile(path: path).tensor("stem.zero_point")).byteRange
                .lowerBound
            var bytes = content(path)
            for index in 0..<4 {
                bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * Int32(index)))
            }
            try overwrite(path, bytes)
            #expect(
                refusal(directory, verifyingHashes: false)
                    == .invalidZeroPoint(path: path, tensor: "stem.zero_point", index: 0, value: value))
        }
    }

    @Test("scales and zero points of an unsuitable type are refused")
    func types() throws {
        let folder = try TemporaryFolder()
        for (name, wanted) in [("a.scale", "F32, F16 or BF16"), ("a.zero_point", "I32")] {
            var weights = WeightFileWriter()
            try weights.addInt8(name, [1], [1])
            let writer = ModelPackageWriter(
                Manifest(name: "m", version: "1", architecture: "x"), weights: weights)
            do {
                try writer.write(to: folder.path + "/m", replacing: false)
                Issue.record("\(name) was accepted")
            } catch .weights(.wrongElementType(_, let tensor, .int8, let found)) {
                #expect(tensor == name && found == wanted)
            } catch {
                Issue.record("\(name) gave \(error)")
            }
        }
        #expect(folder.names.isEmpty)
    }

    @Test("every message is one line that names what it is about")
    func messages() throws {
        let nasty = "x\n\u{1B}[2J"
        let errors: [ModelPackageError] = [
            .notFound(name: nasty, searched: ["/a", "/b"]), .unsafePath(path: "/m", file: nasty),
            .notAllowed(path: "/m", key: "k", found: nasty, allowed: "y"),
            .unlisted(directory: "/d", file: nasty),
            .unknownFormat(path: "/m", found: 2),
            .invalidScale(path: "/w", tensor: nasty, index: 3, value: -1),
            .invalidZeroPoint(path: "/w", tensor: nasty, index: 3, value: 256), .exists(path: "/m"),
            .invalidKey,
            .unsigned(directory: "/d"), .wrongSignature(directory: "/d"), .leavesPackage(path: "/l"),
        ]
        for error in errors {
            let text = error.description
            #expect(!text.contains("\n") && !text.contains("\u{1B}") && text.hasSuffix("."), "\(text)")
        }
    }
}

/// Makes `path` a symbolic link to `target`.
func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
}
