import AnomalyModels
import CAllocationCounter
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Testing

@Suite("a closer look at a defect")
struct DefectEmbedderTests {
    private static let region = Region(x: 3, y: 2, width: 9, height: 5)

    /// A head of chance weights for the two or three maps of the fixture's trunk.
    private static func head(_ detector: any MapDetector) -> EmbeddingHead {
        var random = SplitMix64(seed: 5)
        let means = detector.trunk.taps.map { tap in
            (0..<tap.channels).map { _ in ZeroShotFixture.number(&random) / 50 }
        }
        let inputs = means.reduce(EmbeddingHead.extentCount) { $0 + $1.count }
        func numbers(_ count: Int) -> [Float] {
            (0..<count).map { _ in ZeroShotFixture.number(&random) / 4 }
        }
        return EmbeddingHead(
            width: 24, similarity: 0.4, means: means,
            layers: .init(
                inWeight: numbers(16 * inputs), inBias: numbers(16), outWeight: numbers(24 * 16),
                skip: numbers(24 * inputs), bias: numbers(24)))
    }

    /// A detector of the fixture and what describes what it finds.
    private static func station(_ instructions: InstructionSet = .best) throws -> (
        PatchDetector, DefectEmbedder
    ) {
        let trunk = try PatchFixture.trunk(), kernels = KernelTable(instructions), pool = TensorPool()
        let detector = try PatchDetector(
            PatchFixture.bank(.fixed), trunk: trunk, size: PatchFixture.size, kernels: kernels, pool: pool)
        let embedder = try #require(
            try DefectEmbedder(
                head(detector), detector: detector, trunk: trunk, kernels: kernels, pool: pool))
        return (detector, embedder)
    }

    private static func look(
        _ pixels: [UInt8], _ station: (PatchDetector, DefectEmbedder), _ region: Region
    ) -> [Int8] {
        // As many bytes as the detector's input.
        unsafe station.0.withInput { input in unsafe input.copyBytes(from: pixels) }
        station.1.keep()
        _ = station.0.run()
        station.1.describe(region)
        return station.1.codes
    }

    @Test("is a unit vector, the same on every instruction set, and another one of another picture or place")
    func instructionSets() throws {
        let image = PatchFixture.damaged(5), station = try Self.station()
        let found = Self.look(image, station, Self.region)
        let length = found.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(length - 127) < 3)
        for instructions in InstructionSet.available {
            #expect(
                Self.look(image, try Self.station(instructions), Self.region) == found, "\(instructions)")
        }
        #expect(Self.look(PatchFixture.damaged(6), station, Self.region) != found)
        let elsewhere = Region(x: 20, y: 12, width: 6, height: 6)
        #expect(Self.look(image, station, elsewhere) != found)
        #expect(Self.look(image, station, Self.region) == found, "again")
    }

    @Test("allocates nothing, also at the edges of the map and for one cell")
    func allocations() throws {
        let image = PatchFixture.damaged(5), station = try Self.station(), size = station.0.mapSize
        _ = Self.look(image, station, Self.region)
        let regions = [
            Self.region, Region(x: 0, y: 0, width: 1, height: 1),
            Region(x: size.width - 1, y: size.height - 1, width: 1, height: 1),
            Region(x: 0, y: 0, width: size.width, height: size.height),
        ]
        let before = ca_thread_allocations()
        for region in regions {
            station.1.keep()
            station.1.describe(region)
        }
        #expect(ca_thread_allocations() == before)
    }

    @Test("a head is the same after it was written and read again")
    func roundTrip() throws {
        let folder = try TemporaryFolder(), head = Self.head(try Self.station().0)
        let trunk = try PatchFixture.trunk()
        let package = try head.package(
            name: "fine", version: "1.0.0",
            trunk: .init(name: trunk.manifest.name, digest: trunk.digest.description)
        ).write(to: folder.path + "/head", replacing: false)
        #expect(try EmbeddingHead(of: package) == head)
        #expect(try EmbeddingHead.trunk(of: package).name == trunk.manifest.name)
    }
}
