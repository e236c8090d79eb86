import AnomalyModels
import Foundation
import Kernels
import ModelPackages
import Platform
import Testing

struct PackedModelCacheTests {
    @Test("the second load comes from the cache and computes the same bytes")
    func restores() throws {
        let folder = try TemporaryFolder()
        let package = try PackageFixture.package(in: folder)
        let first = try load(package, folder)
        #expect(!first.isFromCache)
        let expected = try PackageFixture.bits(of: first.model)
        try first.storeCache()
        let second = try load(package, folder)
        #expect(second.isFromCache)
        #expect(try PackageFixture.bits(of: second.model) == expected)
    }

    @Test("a damaged cache is ignored, wherever the damage is")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let package = try PackageFixture.package(in: folder)
        let first = try load(package, folder)
        let expected = try PackageFixture.bits(of: first.model)
        try first.storeCache()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache")
        let path = folder.path + "/cache/" + (try #require(names.first))
        let bytes = try TestFiles.bytes(path)

        var random = SplitMix64(seed: 0xCACE)
        for round in 0..<24 {
            var damaged = bytes
            if round % 3 == 0 {
                damaged.removeLast(Int(random.next() % UInt64(bytes.count)))
            } else {
                damaged[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 + random.next() % 255)
            }
            guard damaged != bytes else { continue }
            try Data(damaged).write(to: URL(filePath: path))
            let loaded = try load(package, folder)
            #expect(!loaded.isFromCache, "round \(round)")
            #expect(try PackageFixture.bits(of: loaded.model) == expected, "round \(round)")
        }
    }

    @Test("a cache serves its own package, instruction set and graph only")
    func stale() throws {
        let folder = try TemporaryFolder()
        let package = try PackageFixture.package(in: folder)
        try load(package, folder).storeCache()
        let other = try PackageFixture.package(like: package, in: folder, name: "other")
        #expect(try !load(other, folder).isFromCache)
        #expect(try !load(package, folder, kernels: InstructionSet.named("scalar")).isFromCache)
        let network = try Network(of: package)
        #expect(
            try !LoadedModel(
                network, .package(package), input: .tokens(count: 9), outputs: .last,
                kernels: KernelTable(.best),
                threads: 1, cacheDirectory: folder.path + "/cache"
            ).isFromCache)
        // Threads and outputs do not change what is packed.
        #expect(
            try LoadedModel(
                network, .package(package), input: network.nativeInput, outputs: .last,
                kernels: KernelTable(.best),
                threads: 2, cacheDirectory: folder.path + "/cache"
            ).isFromCache)
    }

    @Test("a cache folder that cannot be written is an error of storing, not of loading")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        let package = try PackageFixture.package(in: folder)
        _ = try folder.write([1], "file")
        let network = try Network(of: package)
        let loaded = try LoadedModel(
            network, .package(package), input: network.nativeInput, outputs: .last,
            kernels: KernelTable(.best),
            threads: 1, cacheDirectory: folder.path + "/file/cache")
        #expect(throws: ModelError.self) { try loaded.storeCache() }
    }

    private func load(
        _ package: ModelPackage, _ folder: TemporaryFolder, kernels: InstructionSet = .best
    ) throws -> LoadedModel {
        let network = try Network(of: package)
        return try LoadedModel(
            network, .package(package), input: network.nativeInput, outputs: .blocks,
            kernels: KernelTable(kernels),
            threads: 1, cacheDirectory: folder.path + "/cache")
    }
}
