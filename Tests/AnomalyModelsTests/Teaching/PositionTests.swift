import AnomalyModels
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Tensors
import Testing

@Suite("references by position")
struct PositionTests {
    private enum Pattern: CaseIterable { case stripes, plain, checks }

    private static let frame = Size(width: 192, height: 64)
    private static let region = TaughtRegion(rect: Region(all: frame), tile: 64, overlap: 0, mask: nil)

    /// Three squares side by side, with a little noise.
    private static func picture(_ seed: UInt64, _ patterns: [Pattern] = Pattern.allCases) throws
        -> ReferencePicture
    {
        var random = SplitMix64(seed: seed)
        let pixels = (0..<frame.pixelCount).flatMap { pixel -> [UInt8] in
            let x = pixel % frame.width, y = pixel / frame.width
            let isDark =
                switch patterns[x / 64] {
                case .stripes: x / 8 % 2 == 0
                case .plain: false
                case .checks: (x / 8 + y / 8) % 2 == 0
                }
            return [UInt8](repeating: UInt8((isDark ? 80 : 150) + Int(random.next() % 9)), count: 3)
        }
        return try ReferencePicture(
            file: RGBImage(size: frame, pixels: pixels).encodedAsPNG(), path: "part \(seed)")
    }

    private static func product(
        _ pictures: [ReferencePicture], _ views: ReferenceViews = .fixed,
        _ instructions: InstructionSet = .best, regions: [TaughtRegion] = [region],
        positions: TilePositions = .compared
    ) throws -> TaughtProduct {
        try TaughtProduct.teach(
            name: "weld", pictures: pictures, regions: regions, trunk: PatchFixture.trunk(),
            fusion: .standard, views: views, positions: [positions], kernels: KernelTable(instructions),
            pool: TensorPool(),
            progress: { _, _ in })
    }

    private static func score(_ product: TaughtProduct, _ picture: ReferencePicture) throws -> Float {
        try ProductJudge(
            product, trunk: PatchFixture.trunk(), kernels: KernelTable(.best), pool: TensorPool()
        ).score(picture).score
    }

    @Test("a thing of one place is a defect in another, where every part lies at the same place")
    func misplaced() throws {
        let good = try [1, 2].map { try Self.picture($0) }
        let positioned = try Self.product(good)
        #expect(positioned.banks[0].positions == 3)
        // Of parts that may come mirrored nobody knows what lies where.
        let together = try Self.product(good, .mirrored)
        #expect(together.banks[0].positions == 1)
        let odd = try Self.picture(9, [.checks, .plain, .checks]), usual = try Self.picture(8)
        for product in [positioned, together] {
            #expect(try Self.score(product, usual) < #require(product.leaveOneOutScores.max()))
        }
        #expect(try Self.score(positioned, odd) > 1.5 * #require(positioned.leaveOneOutScores.max()))
        #expect(try Self.score(together, odd) < #require(together.leaveOneOutScores.max()))
    }

    @Test("a tile is judged as a bank of its vectors alone judges it, also with a head and under a mask")
    func slices() throws {
        let mask = try TeachingFixture.mask(Self.frame, 0..<112)
        let masked = TaughtRegion(rect: Region(all: Self.frame), tile: 64, overlap: 0, mask: mask)
        let good = try [1, 2].map { try Self.picture($0) }, kernels = KernelTable(.best)
        var random = SplitMix64(seed: 5)
        var tensors: [String: [Float]] = [:]
        for (name, shape) in SegmentationHead.shapes(channels: [40, 112]) {
            tensors[name] = (0..<shape.reduce(1, *)).map { _ in Float(Int(random.next() % 201) - 100) / 400 }
        }
        let head = SegmentationHead(channels: [40, 112], tensors: tensors, weight: 0.1, centre: 0)
        for region in [Self.region, masked] {
            let bank = try Self.product(good, regions: [region]).banks[0].with(head)
            #expect(bank.positions == 3)
            let trunk = try PatchTrunk(
                PatchFixture.trunk(), size: bank.size, kernels: kernels, pool: TensorPool())
            let whole = try PatchDetector(bank, on: trunk, kernels: kernels)
            var maps: Set<[Float]> = []
            // Of a tile that is masked, and around which nothing is looked at, nobody asks.
            for tile in 0..<2 {
                let vectors = bank.vectors.map { tap in
                    let range = tap.starts[tile]..<tap.starts[tile + 1]
                    return PatchBank.Vectors(
                        name: tap.name, channels: tap.channels,
                        codes: Array(
                            tap.codes[range.lowerBound * tap.channels..<range.upperBound * tap.channels]),
                        rarities: Array(tap.rarities[range]))
                }
                let alone = PatchBank(
                    trunk: bank.trunk, size: bank.size, references: bank.references, views: bank.views,
                    vectors: vectors, fusion: bank.fusion, head: head)
                let single = try PatchDetector(alone, on: trunk, kernels: kernels)
                let pixels = PatchFixture.part(4, bank.size)
                func map(_ detector: PatchDetector) -> [Float] {
                    // As many bytes as the input.
                    unsafe detector.withInput { input in unsafe input.copyBytes(from: pixels) }
                    _ = detector.run()
                    return unsafe detector.withMap { unsafe Array($0) }
                }
                whole.begin(tile: tile)
                #expect(map(whole) == map(single), "tile \(tile)")
                maps.insert(map(whole))
            }
            #expect(maps.count == 2)
        }
    }

    @Test("one part alone, or parts that show other things at a place, have one bank for all tiles")
    func unknown() throws {
        #expect(try Self.product([Self.picture(1)]).banks[0].positions == 1)
        let same = try Self.picture(1)
        #expect(try Self.product([same, same]).banks[0].positions == 1)
        let orders: [[Pattern]] = [
            [.stripes, .plain, .checks], [.plain, .checks, .stripes], [.checks, .stripes, .plain],
        ]
        let mixed = try orders.enumerated().map { try Self.picture(UInt64($0), $1) }
        #expect(try Self.product(mixed).banks[0].positions == 1)
    }

    @Test("of parts in a fixture nothing is compared, and of others nothing if it is not wanted")
    func told() throws {
        let one = try [Self.picture(1)], two = try [1, 2].map { try Self.picture($0) }
        #expect(try Self.product(one, positions: .always).banks[0].positions == 3)
        #expect(try Self.product(two, positions: .never).banks[0].positions == 1)
        #expect(try Self.product(two, .mirrored, positions: .always).banks[0].positions == 1)
    }

    @Test("are the same to the bit on every instruction set, and when read again")
    func sameness() throws {
        let good = try [1, 2].map { try Self.picture($0) }, product = try Self.product(good)
        for instructions in InstructionSet.available {
            #expect(try Self.product(good, .fixed, instructions) == product, "\(instructions)")
        }
        let folder = try TemporaryFolder()
        let package = try product.write(to: folder.path, pictures: good)
        let again = try TaughtProduct(of: ModelPackage(opening: package.directory, verifyingHashes: true))
        #expect(again == product && again.banks[0].positions == 3)
    }

    @Test("are refused, with one line, where they do not fit the vectors or the tiles")
    func refusals() throws {
        let good = try [1, 2].map { try Self.picture($0) }, product = try Self.product(good)
        let folder = try TemporaryFolder()
        let whole = try product.write(to: folder.path, pictures: good), name = "region.0.s8.starts"
        let known = try whole.weights.int32(name), end = known[3]
        for (index, starts) in [
            [0, 4, 2, end], [1, 1, 2, end], [0, 1, 2, end + 1], [0, 1, end], [0], [0, -5, 2, end],
        ].enumerated() {
            var weights = WeightFileWriter()
            for other in whole.weights.names.sorted() {
                let shape = try #require(whole.weights.tensor(other)).shape
                if other == name {
                    try weights.addInt32(other, [starts.count], starts)
                } else if other.hasSuffix("starts") {
                    try weights.addInt32(other, shape, whole.weights.int32(other))
                } else if other.hasSuffix("vectors") {
                    try weights.addInt8(other, shape, whole.weights.int8(other))
                } else {
                    try weights.addFloat32(other, shape, whole.weights.floats(other))
                }
            }
            var writer = ModelPackageWriter(whole.manifest, weights: weights)
            for file in whole.manifest.files where file.path != "weights.safetensors" {
                writer.add(
                    file.path, [UInt8](try Data(contentsOf: URL(filePath: whole.directory + "/" + file.path)))
                )
            }
            let package = try writer.write(to: folder.path + "/\(index)", replacing: false)
            let error = #expect(throws: ModelError.self) { try TaughtProduct(of: package) }
            let line = "\(try #require(error))"
            #expect(line.contains("starts") && !line.contains("\n"), "\(starts): \(line)")
        }
    }
}
