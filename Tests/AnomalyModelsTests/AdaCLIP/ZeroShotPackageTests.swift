import AnomalyModels
import Foundation
import ModelPackages
import Testing

@Suite("the package of a zero-shot head")
struct ZeroShotPackageTests {
    private static let text = PatchBank.Trunk(name: "minilm", digest: "abc")

    @Test("gives back the head that was written")
    func roundTrip() throws {
        try withFolder { folder in
            let head = try ZeroShotFixture.head()
            let written = try head.package(name: "adaclip", version: "1.0.0", text: Self.text)
                .write(to: folder + "/adaclip", replacing: false)
            #expect(try ZeroShotHead(of: written) == head)
            #expect(try ZeroShotHead.text(of: written) == Self.text)
        }
    }

    @Test("is refused where a number of its manifest is beyond its limits")
    func limits() throws {
        try withFolder { folder in
            for (key, value) in [("temperature", 0.6), ("hidden", 17), ("weight.map", -1), ("limit", 11)] {
                var package = try ZeroShotFixture.head().package(
                    name: "adaclip", version: "1.0.0", text: Self.text)
                package.manifest.configuration[key] = .number(value)
                let written = try package.write(to: folder + "/adaclip", replacing: true)
                let error = #expect(throws: ModelError.self) { try ZeroShotHead(of: written) }
                let words = error.map { "\($0)" } ?? ""
                #expect(words.contains("configuration.\(key)'"), "\(key): \(words)")
            }
        }
    }

    @Test("keeps the columns of a class in a file, which is made anew where it is damaged")
    func columns() throws {
        try withFolder { folder in
            let path = folder + "/columns", columns = ZeroShotFixture.columns()
            try columns.write(to: path)
            #expect(ClassColumns(contentsOf: path) == columns)
            try Data("no weights".utf8).write(to: URL(filePath: path))
            #expect(
                ClassColumns(contentsOf: path) == nil && ClassColumns(contentsOf: folder + "/none") == nil)
        }
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "zero-shot-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
