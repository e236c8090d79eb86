import Tensors
import Testing

@Suite("Weight files that are refused")
struct WeightFileRefusalTests {
    private func refusal(_ bytes: [UInt8]) -> WeightFileError? {
        do {
            _ = try WeightFile(bytes: bytes, path: "w")
            return nil
        } catch { return error }
    }

    private func refusal(_ header: String, _ data: [UInt8] = []) -> WeightFileError? {
        refusal(weightFile(header, data))
    }

    @Test("a file cut at any byte is refused with an error, never with a trap")
    func cutAnywhere() throws {
        var writer = WeightFileWriter(metadata: ["key": "value"])
        try writer.addFloat32("a", [2], [1, 2])
        try writer.addInt8("b", [3], [1, 2, 3])
        let bytes = writer.bytes()
        #expect(refusal(bytes) == nil)
        for length in bytes.indices {
            #expect(refusal(Array(bytes.prefix(length))) != nil, "cut at byte \(length)")
        }
    }

    @Test("a file with a byte more is refused")
    func tooLong() throws {
        #expect(refusal(WeightFileWriter().bytes() + [0]) == .gap(file: "w", offset: 0, byteCount: 1))
    }

    @Test("a header that is longer than the file or than 100,000,000 bytes is refused before it is read")
    func oversizedHeader() {
        #expect(
            refusal([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D])
                == .cutShort(file: "w", byteCount: 10, neededByteCount: 11))
        #expect(
            refusal([0, 0xE1, 0xF5, 5, 0, 0, 0, 0])
                == .cutShort(file: "w", byteCount: 8, neededByteCount: 100_000_008))
        #expect(
            refusal([1, 0xE1, 0xF5, 5, 0, 0, 0, 0]) == .headerTooLarge(file: "w", byteCount: 100_000_001))
        #expect(refusal(Array(repeating: 255, count: 9)) == .headerTooLarge(file: "w", byteCount: .max))
    }

    @Test(
        "a header of another form is refused where it leaves it",
        arguments: [
            ("", 8), ("[]", 8), ("null", 8), ("{", 9), ("{}}", 10), ("{} x", 11), ("{,}", 9), ("{\"a\"}", 12),
            ("{\"a\":{},}", 13), ("{\"a\":1}", 13), ("{\"a\":null}", 13), ("{\"a", 11), ("{\"a\n\":", 11),
            (#"{"\x":"#, 11), (#"{"\u12"#, 14), (#"{"\ud800":"#, 11), (#"{"\ud800\u0041":"#, 11),
            (#"{"a":"b"}"#, 13),
            (#"{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1,1]}}"#, 13),
            (#"{"a":{"dtype":"I8","shape":[1],"data_offsets":[0]}}"#, 13),
            (#"{"a":{"dtype":"I8","shape":[1]}}"#, 13),
            (#"{"a":{"dtype":"I8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}"#, 35),
            (#"{"a":{"dtype":"I8","more":1,"shape":[1],"data_offsets":[0,1]}}"#, 34),
            (#"{"a":{"dtype":"I8","shape":[-1],"data_offsets":[0,1]}}"#, 36),
            (#"{"a":{"dtype":"I8","shape":[01],"data_offsets":[0,1]}}"#, 36),
            (#"{"a":{"dtype":"I8","shape":[1.0],"data_offsets":[0,1]}}"#, 37),
            (#"{"a":{"dtype":"I8","shape":[1e0],"data_offsets":[0,1]}}"#, 37),
            (#"{"a":{"dtype":"I8","shape":[9223372036854775808],"data_offsets":[0,1]}}"#, 36),
            (#"{"a":{"dtype":"I8","shape":[[1]],"data_offsets":[0,1]}}"#, 36),
            (#"{"a":{"dtype":"I8","shape":"1","data_offsets":[0,1]}}"#, 35),
            (#"{"a":{"dtype":8,"shape":[1],"data_offsets":[0,1]}}"#, 22),
            (#"{"__metadata__":{"a":1}}"#, 29), (#"{"__metadata__":[]}"#, 24),
        ])
    func malformed(header: String, offset: Int) {
        let error = refusal(header, [0])
        guard case .malformedHeader("w", let found, _)? = error else {
            Issue.record("\(header) gave \(String(describing: error))")
            return
        }
        #expect(found == offset, "\(header)")
    }

    @Test("a header nested a hundred thousand levels deep is refused without recursion")
    func deep() {
        for opening in ["[", "{\"a\":"] {
            let error = refusal(String(repeating: opening, count: 100_000))
            guard case .malformedHeader? = error else {
                Issue.record("\(opening) gave \(String(describing: error))")
                return
            }
        }
    }

    @Test("a name that is not UTF-8 is refused")
    func notUTF8() {
        let header: [UInt8] = [0x7B, 0x22, 0xC3, 0x28, 0x22, 0x3A]
        #expect(
            refusal([6, 0, 0, 0, 0, 0, 0, 0] + header)
                == .malformedHeader(file: "w", offset: 10, expected: "UTF-8"))
    }

    @Test("a name that comes twice is refused")
    func duplicates() {
        let entry = #"{"dtype":"I8","shape":[0],"data_offsets":[0,0]}"#
        #expect(refusal(#"{"a":\#(entry),"\u0061":\#(entry)}"#) == .duplicateName(file: "w", tensor: "a"))
        #expect(
            refusal(#"{"__metadata__":{},"__metadata__":{}}"#)
                == .duplicateName(file: "w", tensor: "__metadata__"))
        #expect(refusal(#"{"__metadata__":{"k":"","k":""}}"#) == .duplicateName(file: "w", tensor: "k"))
    }

    @Test("an element type that the runtime does not know is refused by its name")
    func elementType() {
        #expect(
            refusal(#"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, [0])
                == .unknownElementType(file: "w", tensor: "a", found: "F8_E4M3"))
    }

    @Test("a shape whose size overflows is refused, even if another extent is zero")
    func overflow() {
        for shape in [[1 << 32, 1 << 32], [0, 1 << 32, 1 << 32], [1 << 62]] {
            #expect(
                refusal(#"{"a":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,0]}}"#)
                    == .impossibleShape(file: "w", tensor: "a", extents: shape))
        }
    }

    @Test("a range that does not fit the shape or leaves the data is refused")
    func ranges() {
        func entry(_ begin: Int, _ end: Int) -> String {
            #"{"a":{"dtype":"I32","shape":[2],"data_offsets":[\#(begin),\#(end)]}}"#
        }
        let data = [UInt8](repeating: 0, count: 8)
        #expect(refusal(entry(0, 8), data) == nil)
        #expect(refusal(entry(0, 7), data) == .wrongByteCount(file: "w", tensor: "a", needed: 8, found: 7))
        for (begin, end) in [(8, 0), (1, 9), (0, .max), (.max, .max)] {
            #expect(
                refusal(entry(begin, end), data)
                    == .outsideData(file: "w", tensor: "a", begin: begin, end: end, dataByteCount: 8))
        }
    }

    @Test("tensors that overlap, or leave bytes to nobody, are refused")
    func coverage() {
        func two(_ a: (Int, Int), _ b: (Int, Int)) -> WeightFileError? {
            let entries = [("a", a), ("b", b)].map { name, range in
                let (begin, end) = range
                return
                    #""\#(name)":{"dtype":"I8","shape":[\#(end - begin)],"data_offsets":[\#(begin),\#(end)]}"#
            }
            return refusal("{\(entries.joined(separator: ","))}", [1, 2, 3, 4])
        }
        #expect(two((0, 2), (2, 4)) == nil)
        #expect(two((2, 4), (0, 2)) == nil)
        #expect(two((0, 4), (4, 4)) == nil)
        #expect(two((0, 3), (2, 4)) == .overlap(file: "w", tensor: "b", other: "a"))
        #expect(two((0, 4), (2, 2)) == .overlap(file: "w", tensor: "b", other: "a"))
        #expect(two((0, 1), (2, 4)) == .gap(file: "w", offset: 1, byteCount: 1))
        #expect(two((1, 2), (2, 4)) == .gap(file: "w", offset: 0, byteCount: 1))
        #expect(two((0, 2), (2, 3)) == .gap(file: "w", offset: 3, byteCount: 1))
    }

    @Test("asking for a tensor that is missing or of another type is refused")
    func asking() throws {
        var writer = WeightFileWriter()
        try writer.addInt8("codes", [1], [1])
        try writer.addFloat32("floats", [1], [1])
        let file = try WeightFile(bytes: writer.bytes(), path: "w")
        #expect(throws: WeightFileError.missingTensor(file: "w", tensor: "x")) { try file.floats("x") }
        #expect(throws: WeightFileError.missingTensor(file: "w", tensor: "x")) {
            try unsafe file.withUnsafeBytes(of: "x") { _ in }
        }
        #expect(
            throws: WeightFileError.wrongElementType(
                file: "w", tensor: "codes", found: .int8, wanted: "F32, F16 or BF16")
        ) { try file.floats("codes") }
        #expect(
            throws: WeightFileError.wrongElementType(
                file: "w", tensor: "floats", found: .float32, wanted: "I8")
        ) {
            try file.int8("floats")
        }
        #expect(
            throws: WeightFileError.wrongElementType(file: "w", tensor: "codes", found: .int8, wanted: "I32")
        ) {
            try file.int32("codes")
        }
    }

    @Test(
        "a number that is not finite is refused with its place",
        arguments: [Float.infinity, -.infinity, .nan])
    func notFinite(value: Float) throws {
        let values: [Float] = [1, 2, value, .nan]
        let data = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        let upper = stride(from: 0, to: 16, by: 4).flatMap { [data[$0 + 2], data[$0 + 3]] }
        let f32 = try WeightFile(
            bytes: weightFile(#"{"t":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, data), path: "w")
        let bf16 = try WeightFile(
            bytes: weightFile(#"{"t":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}}"#, upper), path: "w")
        for file in [f32, bf16] {
            #expect(throws: WeightFileError.notFinite(file: "w", tensor: "t", index: 2)) {
                try file.floats("t")
            }
        }
    }

    @Test("a file that is missing, a folder or a device is refused with its path")
    func unreadable() {
        for (path, word) in [
            ("/nowhere/w.safetensors", "Check the path"), ("/tmp", "regular"), ("/dev/zero", "regular"),
        ] {
            do {
                _ = try WeightFile(path: path)
                Issue.record("\(path) opened")
            } catch {
                #expect("\(error)".contains("'\(path)'") && "\(error)".contains(word), "\(error)")
            }
        }
    }

    @Test("the writer refuses what the reader would")
    func writer() throws {
        var writer = WeightFileWriter()
        try writer.addInt8("a", [1], [1])
        #expect(throws: WeightFileError.duplicateName(file: "the new weight file", tensor: "a")) {
            try writer.addInt32("a", [1], [1])
        }
        #expect(throws: WeightFileError.wrongElementCount(tensor: "b", shape: [2, 2], found: 3)) {
            try writer.addInt8("b", [2, 2], [1, 2, 3])
        }
        #expect(throws: WeightFileError.reservedName(tensor: "__metadata__")) {
            try writer.addInt8("__metadata__", [1], [1])
        }
        #expect(throws: WeightFileError.notRepresentable(tensor: "h", index: 1, value: 65520, type: .float16))
        {
            try writer.addFloat16("h", [2], [65519, 65520])
        }
        #expect(throws: WeightFileError.self) { try writer.addFloat32("f", [1], [.nan]) }
        #expect(try WeightFile(bytes: writer.bytes()).names == ["a"])
    }

    @Test("a write that fails leaves the old file and nothing else")
    func failedWrite() throws {
        let folder = try TemporaryFolder()
        try WeightFileWriter().write(to: folder.path + "/w")
        #expect(throws: WeightFileError.self) { try WeightFileWriter().write(to: folder.path + "/w/x") }
        #expect(folder.names == ["w"])
        #expect(try WeightFile(path: folder.path + "/w").names.isEmpty)
    }

    @Test("a name from outside cannot break the line of a message")
    func oneLine() {
        let name = "a\n\u{1B}[31m" + String(repeating: "x", count: 200)
        let text = WeightFileError.missingTensor(file: "w", tensor: name).description
        #expect(!text.contains("\n") && !text.contains("\u{1B}") && text.count < 200)
    }
}
