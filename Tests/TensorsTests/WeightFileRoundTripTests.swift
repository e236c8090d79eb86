import Tensors
import Testing

@Suite("Weight files written and read back")
struct WeightFileRoundTripTests {
    private func sample() throws -> WeightFileWriter {
        var writer = WeightFileWriter(metadata: ["made": "by \"hand\"\n", "schöne": "grüße \u{1F9EA}"])
        try writer.addInt8("b.codes", [3], [-128, 0, 127])
        try writer.addFloat32("a", [2, 2], [1, -2.5, 0x1p-149, .greatestFiniteMagnitude])
        try writer.addFloat16("half", [2, 1], [0.5, -65504])
        try writer.addInt32("z", [], [.min])
        try writer.addUInt8("mask", [1, 2], [0, 255])
        try writer.addFloat32("empty", [4, 0], [])
        return writer
    }

    @Test("every tensor comes back with its type, shape, elements and the metadata")
    func roundTrip() throws {
        let file = try WeightFile(bytes: sample().bytes())

        #expect(file.names == ["a", "b.codes", "empty", "half", "mask", "z"])
        #expect(file.metadata == ["made": "by \"hand\"\n", "schöne": "grüße \u{1F9EA}"])
        #expect(try file.floats("a") == [1, -2.5, 0x1p-149, .greatestFiniteMagnitude])
        #expect(try file.floats("half") == [0.5, -65504])
        #expect(try file.floats("empty") == [])
        #expect(try file.int8("b.codes") == [-128, 0, 127])
        #expect(try file.uint8("mask") == [0, 255])
        #expect(try file.int32("z") == [.min])
        #expect(file.tensor("a")?.shape == [2, 2])
        #expect(file.tensor("a")?.elementType == .float32)
        #expect(file.tensor("z")?.shape.rank == 0)
        #expect(file.tensor("missing") == nil)
    }

    @Test("a mapped file holds the same bytes as one in memory")
    func mapped() throws {
        let writer = try sample()
        let folder = try TemporaryFolder()
        let path = folder.path + "/weights.safetensors"
        try writer.write(to: path)

        let mapped = try WeightFile(path: path)
        let memory = try WeightFile(bytes: writer.bytes())
        #expect(mapped.names == memory.names)
        for name in memory.names {
            #expect(mapped.tensor(name) == memory.tensor(name))
            let bytes = try unsafe mapped.withUnsafeBytes(of: name) { unsafe Array($0) }
            #expect(try unsafe memory.withUnsafeBytes(of: name) { unsafe Array($0) } == bytes, "\(name)")
        }
    }

    @Test("the bytes do not depend on the order in which tensors are added")
    func deterministic() throws {
        var other = WeightFileWriter(metadata: ["schöne": "grüße \u{1F9EA}", "made": "by \"hand\"\n"])
        try other.addFloat32("empty", [4, 0], [])
        try other.addUInt8("mask", [1, 2], [0, 255])
        try other.addInt32("z", [], [.min])
        try other.addFloat16("half", [2, 1], [0.5, -65504])
        try other.addFloat32("a", [2, 2], [1, -2.5, 0x1p-149, .greatestFiniteMagnitude])
        try other.addInt8("b.codes", [3], [-128, 0, 127])
        #expect(try other.bytes() == sample().bytes())
    }

    @Test("the data start at a multiple of 64 bytes and every tensor at one of its element size")
    func aligned() throws {
        for nameLength in 1...70 {
            var writer = WeightFileWriter()
            try writer.addInt8(String(repeating: "n", count: nameLength), [3], [1, 2, 3])
            try writer.addFloat32("f", [1], [1])
            try writer.addFloat16("h", [1], [1])
            let file = try WeightFile(bytes: writer.bytes())
            #expect(file.tensor("f")!.byteRange.lowerBound % 64 == 0)
            for name in file.names {
                let entry = file.tensor(name)!
                #expect(entry.byteRange.lowerBound % entry.elementType.byteCount == 0)
            }
        }
    }

    @Test("a file without tensors is valid")
    func empty() throws {
        let file = try WeightFile(bytes: WeightFileWriter().bytes())
        #expect(file.names.isEmpty && file.metadata.isEmpty)
    }

    @Test("every finite half widens to the same number, and every other half is refused")
    func everyHalf() throws {
        for pattern in UInt16.min...UInt16.max {
            let half = Float16(bitPattern: pattern)
            let bytes = weightFile(
                #"{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#,
                [UInt8(pattern & 255), UInt8(pattern >> 8)])
            let file = try WeightFile(bytes: bytes)
            if half.isFinite {
                #expect(try file.floats("h")[0].bitPattern == Float(half).bitPattern)
            } else {
                #expect(throws: WeightFileError.notFinite(file: "memory", tensor: "h", index: 0)) {
                    try file.floats("h")
                }
            }
        }
    }

    @Test("BF16 widens to the float with the same upper half")
    func bfloat16() throws {
        let file = try WeightFile(
            bytes: weightFile(
                #"{"b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}"#,
                [0x80, 0x3F, 0x49, 0xC0, 0x01, 0x00]))
        #expect(try file.floats("b") == [1, -3.140625, Float(bitPattern: 0x1_0000)])
    }

    @Test("F16 is rounded to the nearest half, ties to even")
    func roundsToHalf() throws {
        var writer = WeightFileWriter()
        try writer.addFloat16("h", [4], [1 + 0x1p-11, 1 + 0x1p-11 + 0x1p-20, 1 + 3 * 0x1p-11, 0x1p-25])
        let file = try WeightFile(bytes: writer.bytes())
        #expect(try file.floats("h") == [1, 1 + 0x1p-10, 1 + 0x1p-9, 0])
    }
}
