import FoundationEssentials
import ModelPackages
import Platform
import Testing

@Suite("The cache of packed weights")
struct PackedCacheTests {
    private let digest = PackageDigest(of: [1, 2, 3])

    private func cache(in folder: TemporaryFolder) -> PackedCache {
        PackedCache(in: folder.path, digest: digest, instructions: "avx2", layout: 7)
    }

    private func store(_ payload: [UInt8], _ cache: PackedCache) throws {
        // The array outlives the call.
        try unsafe payload.withUnsafeBytes { try unsafe cache.store($0) }
    }

    /// What the cache gives for a payload of `count` bytes, or nil if it is not used.
    private func load(_ count: Int, _ cache: PackedCache) -> [UInt8]? {
        var payload = [UInt8](repeating: 0xAA, count: count)
        let isUsed = unsafe payload.withUnsafeMutableBytes { unsafe cache.load(into: $0) }
        return isUsed ? payload : nil
    }

    private func payload(_ count: Int) -> [UInt8] {
        var random = SplitMix64(seed: UInt64(count))
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    @Test("a payload of any length comes back", arguments: [0, 1, 7, 8, 63, 64, 65, 127, 128, 4096, 300_001])
    func roundTrip(count: Int) throws {
        let folder = try TemporaryFolder()
        try store(payload(count), cache(in: folder))
        #expect(load(count, cache(in: folder)) == payload(count))
        #expect(content(cache(in: folder).path).count == 64 + count)
        #expect(folder.names.count == 1)
    }

    @Test("the folder is created, and an older cache is replaced")
    func replaced() throws {
        let folder = try TemporaryFolder()
        let cache = PackedCache(in: folder.path + "/a/b", digest: digest, instructions: "scalar", layout: 1)
        #expect(load(10, cache) == nil)
        try store(payload(20), cache)
        try store(payload(10), cache)
        #expect(load(10, cache) == payload(10))
        #expect(load(20, cache) == nil)
    }

    @Test("a payload of another length is not used")
    func otherLength() throws {
        let folder = try TemporaryFolder()
        try store(payload(100), cache(in: folder))
        for count in [0, 99, 101, 1000] { #expect(load(count, cache(in: folder)) == nil) }
    }

    @Test("a cache for another package, instruction set or layout is not used, even under the right name")
    func otherKey() throws {
        let folder = try TemporaryFolder()
        let right = cache(in: folder)
        let others = [
            PackedCache(
                in: folder.path, digest: PackageDigest(of: [1, 2, 4]), instructions: "avx2", layout: 7),
            PackedCache(in: folder.path, digest: digest, instructions: "avxvnni", layout: 7),
            PackedCache(in: folder.path, digest: digest, instructions: "avx2", layout: 8),
        ]
        #expect(Set(others.map(\.path) + [right.path]).count == 4)
        for other in others {
            try store(payload(100), other)
            #expect(load(100, right) == nil)
            try overwrite(right.path, content(other.path))
            #expect(load(100, right) == nil)
            try FileManager.default.removeItem(atPath: right.path)
        }
    }

    @Test("a cache cut at any byte, or with a byte more, is not used")
    func cut() throws {
        let folder = try TemporaryFolder()
        let cache = cache(in: folder)
        try store(payload(130), cache)
        let bytes = content(cache.path)
        for length in bytes.indices {
            try overwrite(cache.path, Array(bytes.prefix(length)))
            #expect(load(130, cache) == nil, "cut at byte \(length)")
        }
        try overwrite(cache.path, bytes + [0])
        #expect(load(130, cache) == nil)
        try overwrite(cache.path, bytes)
        #expect(load(130, cache) == payload(130))
    }

    @Test("a cache with any bit changed is not used")
    func changedBit() throws {
        let folder = try TemporaryFolder()
        let cache = cache(in: folder)
        try store(payload(130), cache)
        let bytes = content(cache.path)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1 << UInt8(index % 8)
            try overwrite(cache.path, changed)
            #expect(load(130, cache) == nil, "byte \(index)")
        }
    }

    @Test("a cache whose blocks changed places or were lost is not used")
    func movedBlocks() throws {
        let folder = try TemporaryFolder()
        let cache = cache(in: folder)
        try store(payload(4096), cache)
        let bytes = content(cache.path)
        var random = SplitMix64(seed: 1)
        for _ in 0..<200 {
            let size = [1, 8, 64, 512].randomElement(using: &random)!
            let a = 64 + Int.random(in: 0..<4096 / size, using: &random) * size
            let b = 64 + Int.random(in: 0..<4096 / size, using: &random) * size
            var changed = bytes
            changed.replaceSubrange(a..<a + size, with: bytes[b..<b + size])
            changed.replaceSubrange(b..<b + size, with: bytes[a..<a + size])
            try overwrite(cache.path, changed)
            #expect((load(4096, cache) != nil) == (changed == bytes))
            changed.replaceSubrange(a..<a + size, with: [UInt8](repeating: 0, count: size))
            try overwrite(cache.path, changed)
            #expect((load(4096, cache) != nil) == (changed == bytes))
        }
    }

    @Test("random bytes instead of a cache are not used")
    func noise() throws {
        let folder = try TemporaryFolder()
        let cache = cache(in: folder)
        for count in 0..<200 {
            try overwrite(cache.path, payload(count))
            #expect(load(max(0, count - 64), cache) == nil)
        }
    }

    @Test("a folder or nothing in the place of the cache is not used")
    func notAFile() throws {
        let folder = try TemporaryFolder()
        let cache = cache(in: folder)
        #expect(load(0, cache) == nil)
        try FileManager.default.createDirectory(atPath: cache.path, withIntermediateDirectories: false)
        #expect(load(0, cache) == nil)
    }

    @Test("a cache that cannot be written is an error, and leaves nothing behind")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        try overwrite(folder.path + "/file", [1])
        let below = PackedCache(in: folder.path + "/file", digest: digest, instructions: "avx2", layout: 7)
        #expect(throws: ModelPackageError.self) { try store([1], below) }

        let cache = cache(in: folder)
        try FileManager.default.createDirectory(atPath: cache.path, withIntermediateDirectories: false)
        #expect(throws: ModelPackageError.self) { try store([1], cache) }
        #expect(folder.names.count == 2)
    }
}
