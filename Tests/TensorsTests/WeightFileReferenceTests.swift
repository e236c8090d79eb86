import FoundationEssentials
import Tensors
import Testing

@Suite("Weight files of other programs")
struct WeightFileReferenceTests {
    /// Made by `Golden/make_reference.py`.
    private static let reference = #filePath.replacing(
        "WeightFileReferenceTests.swift", with: "Golden/reference.safetensors")

    @Test("a file of the format's own library is read exactly")
    func reference() throws {
        let file = try WeightFile(path: Self.reference)
        #expect(file.names == ["empty", "f16", "f32", "i32", "i64", "i8", "odd \"näme\"/\n", "u8"])
        #expect(file.metadata == ["format": "np", "note": "a\\b"])
        #expect(file.tensor("f32")?.shape == [2, 3])
        #expect(
            try file.floats("f32").map(\.bitPattern) == [
                0x3DCC_CCCD, 0xC020_0000, 0x0001_16C2, 0x7F7F_C99E, 0x8000_0000, 0x40E0_0000,
            ])
        #expect(try file.floats("f16").map(\.bitPattern) == [0x3DCC_C000, 0x3380_0000, 0xC77F_E000])
        #expect(try file.int8("i8") == [-3, -2, -1, 0, 1, 2, 3])
        #expect(try file.uint8("u8") == [253, 254, 255, 0, 1, 2, 3])
        #expect(try file.int32("i32") == [.min])
        #expect(file.tensor("i64")?.elementType == .int64)
        #expect(file.tensor("empty")?.shape == [0, 3])
        #expect(try file.floats("empty") == [])
    }

    /// Where the published checkpoints lie, if they are on this machine.
    private static let checkpoints = [
        ProcessInfo.processInfo.environment["LINEWATCH_SHARED"],
        #filePath.replacing("Tests/TensorsTests/WeightFileReferenceTests.swift", with: "../shared"),
    ].compactMap { $0.map { $0 + "/weights" } }.first { FileManager.default.fileExists(atPath: $0) }

    @Test(
        "every tensor of the published checkpoints is finite",
        .enabled(if: checkpoints != nil, "set LINEWATCH_SHARED to the folder that holds weights/"),
        arguments: ["efficientnet_lite0", "efficientnet_lite2", "all_minilm_l6_v2_fp16"])
    func published(name: String) throws {
        let file = try WeightFile(path: #require(Self.checkpoints) + "/\(name).safetensors")
        #expect(file.names.count > 50)
        for name in file.names where file.tensor(name)?.elementType.byteCount != 8 {
            #expect(try file.floats(name).count == file.tensor(name)?.shape.elementCount)
        }
    }
}
