import Glibc
import Platform
import Testing

@Suite("Files replaced in one step and mapped")
struct FileReplacementTests {
    /// Calls `body` with the path of a new folder, then removes it with its files.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = "/tmp/linewatch-test-\(UInt64.random(in: 0 ... .max))"
        try createFolder(path)
        defer {
            for name in names(in: path) { unsafe unlink(path + "/" + name) }
            unsafe rmdir(path)
        }
        try body(path)
    }

    private func names(in path: String) -> [String] {
        guard let stream = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // The entry's name is valid until the next call and ends with a zero.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe String(cString: $0.bindMemory(to: CChar.self).baseAddress!)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private func content(_ path: String) throws -> [UInt8] {
        try unsafe MappedFile(path).withUnsafeBytes { unsafe Array($0) }
    }

    @Test(
        "a mapped file shows the bytes that were written, of any length",
        arguments: [0, 1, 4095, 4096, 4097, 100_000])
    func roundTrip(length: Int) throws {
        try withFolder { folder in
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try writeAtomically(folder + "/file", bytes)
            let file = try MappedFile(folder + "/file")
            #expect(file.byteCount == length)
            #expect(try content(folder + "/file") == bytes)
            #expect(file.withBytes { $0.byteCount } == length)
            #expect(names(in: folder) == ["file"])
        }
    }

    @Test("a mapping keeps the old content when the file is replaced")
    func replaced() throws {
        try withFolder { folder in
            try writeAtomically(folder + "/file", [1, 2, 3])
            let old = try MappedFile(folder + "/file")
            try writeAtomically(folder + "/file", [9])
            #expect(unsafe old.withUnsafeBytes { unsafe Array($0) } == [1, 2, 3])
            #expect(try content(folder + "/file") == [9])
        }
    }

    @Test("a replacement that is let go leaves the old file and nothing else")
    func abandoned() throws {
        try withFolder { folder in
            try writeAtomically(folder + "/file", [1])
            do {
                var replacement = try FileReplacement(of: folder + "/file")
                try unsafe replacement.append(([2, 3] as [UInt8]).span.bytes)
                #expect(names(in: folder).count == 2)
            }
            #expect(names(in: folder) == ["file"])
            #expect(try content(folder + "/file") == [1])
        }
    }

    @Test("a file cannot replace a folder, or be put below a file or nowhere")
    func impossiblePlaces() throws {
        try withFolder { folder in
            try writeAtomically(folder + "/file", [1])
            #expect(throws: PlatformError.refused(call: "open", path: folder + "/file/x", code: ENOTDIR)) {
                try writeAtomically(folder + "/file/x", [2])
            }
            #expect(throws: PlatformError.refused(call: "open", path: folder + "/no/x", code: ENOENT)) {
                try writeAtomically(folder + "/no/x", [2])
            }
            #expect(throws: PlatformError.refused(call: "rename", path: folder, code: EISDIR)) {
                try writeAtomically(folder, [2])
            }
            #expect(names(in: folder) == ["file"])
        }
    }

    @Test("only regular files are mapped")
    func regular() throws {
        #expect(throws: PlatformError.notRegular(path: "/tmp")) { try MappedFile("/tmp") }
        #expect(throws: PlatformError.notRegular(path: "/dev/null")) { try MappedFile("/dev/null") }
        #expect(throws: PlatformError.refused(call: "open", path: "/no/file", code: ENOENT)) {
            try MappedFile("/no/file")
        }
        try withFolder { folder in
            unsafe mkfifo(folder + "/pipe", 0o644)
            #expect(throws: PlatformError.notRegular(path: folder + "/pipe")) {
                try MappedFile(folder + "/pipe")
            }
        }
    }

    @Test("a folder moves only to a free name, and two folders change places")
    func folders() throws {
        try withFolder { folder in
            try createFolder(folder + "/a/b/c")
            try createFolder(folder + "/a/b/c")
            try createFolder(folder + "/d")
            #expect(try !move(folder + "/a", toFree: folder + "/d"))
            try exchange(folder + "/a", folder + "/d")
            #expect(isFolder(folder + "/d/b/c") && isFolder(folder + "/a"))
            #expect(try move(folder + "/a", toFree: folder + "/e"))
            #expect(names(in: folder) == ["d", "e"])
            try writeAtomically(folder + "/file", [])
            #expect(throws: PlatformError.self) { try createFolder(folder + "/file/x") }
            #expect(throws: PlatformError.self) { try createFolder(folder + "/file") }
            for path in ["/d/b/c", "/d/b", "/d", "/e"] { unsafe rmdir(folder + path) }
        }
    }

    @Test("an error names the path, the call and what to do")
    func description() {
        let error = PlatformError.refused(call: "open", path: "/a/b", code: ENOENT)
        #expect(error.description == "'/a/b': open failed: No such file or directory. Check the path.")
    }

    @Test("text from outside is quoted on one line of at most 80 characters")
    func quotation() {
        #expect(quoted("a\nb\u{85}c") == "'a?b?c'")
        #expect(quoted(String(repeating: "x", count: 80)).count == 82)
        #expect(quoted(String(repeating: "x", count: 81)).hasSuffix("x...'"))
    }

    @Test("the monotonic clock never goes back")
    func clock() {
        var last = MonotonicClock.now
        for _ in 0..<1000 {
            let now = MonotonicClock.now
            #expect(now >= last)
            last = now
        }
        #expect(last > 0)
    }
}
