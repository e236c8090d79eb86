import AnomalyModels
import Imaging
import Kernels
import ModelPackages
import Platform
import Tensors
import Testing

@Suite("a bank of patches")
struct PatchBankTests {
    @Test("is the same after it was written as a package and read again")
    func roundTrip() throws {
        let folder = try TemporaryFolder(), bank = try PatchFixture.bank()
        let package = try bank.package(name: "part-7", version: "1.0.0").write(
            to: folder.path + "/part-7", replacing: false)
        #expect(try PatchBank(of: package) == bank)
    }

    @Test("has a vector for every patch of every view up to the capacity of its tap")
    func counts() throws {
        let bank = try PatchFixture.bank(.turned)
        // 96 x 64 has 96, 24 and 6 patches; two parts in eight views.
        #expect(bank.vectors.map(\.count) == [1536, 384, 96])
        #expect(bank.vectors.map(\.channels) == [40, 112, 192])
        #expect(bank.references == 2 && bank.size == PatchFixture.size)
    }

    @Test("is refused if its configuration or its vectors are out of range")
    func refusals() throws {
        let folder = try TemporaryFolder(), bank = try PatchFixture.bank()
        let changes: [(String, Manifest.Value?)] = [
            ("input.width", .number(100)), ("input.height", .number(0)), ("references", .number(0)),
            ("views", .string("upside-down")), ("trunk", nil), ("trunk.digest", .number(3)),
        ]
        for (index, change) in changes.enumerated() {
            var writer = try bank.package(name: "b", version: "1.0.0")
            writer.manifest.configuration[change.0] = change.1
            let package = try writer.write(to: folder.path + "/\(index)", replacing: false)
            #expect(throws: ModelError.self, "\(change.0)") { try PatchBank(of: package) }
        }
        let vectors =
            [PatchBank.Vectors(name: "s8", channels: 2, codes: [1, -128])] + bank.vectors.dropFirst()
        let odd = PatchBank(
            trunk: bank.trunk, size: bank.size, references: 2, views: bank.views, vectors: vectors)
        let package = try odd.package(name: "b", version: "1.0.0").write(
            to: folder.path + "/odd", replacing: false)
        #expect(throws: ModelError.self) { try PatchBank(of: package) }
        #expect(throws: ModelError.self) { try PatchBank(of: PatchFixture.trunk()) }
    }
}

@Suite("a coreset")
struct CoresetTests {
    @Test("is chosen farthest first, as by a plain search", arguments: InstructionSet.available)
    func farthestFirst(instructions: InstructionSet) throws {
        let depth = 16, count = 150
        var random = SplitMix64(seed: 9)
        let codes = (0..<count * depth).map { _ in Int8(truncatingIfNeeded: Int(random.next() % 255) - 127) }
        let chosen = try Coreset.choose(codes, depth: depth, capacity: 40, kernels: KernelTable(instructions))
        #expect(Set(chosen).count == 40)
        func cosine(_ a: Int, _ b: Int) -> Double {
            let products = { (a: Int, b: Int) in
                (0..<depth).reduce(0.0) { $0 + Double(codes[a * depth + $1]) * Double(codes[b * depth + $1]) }
            }
            return products(a, b) / (products(a, a) * products(b, b)).squareRoot()
        }
        for step in 1..<40 {
            let nearest = { (row: Int) in chosen.prefix(step).map { cosine(row, $0) }.max()! }
            let least = (0..<count).map(nearest).min()!
            #expect(abs(nearest(chosen[step]) - least) < 1e-6, "step \(step)")
        }
        let smaller = try Coreset.choose(
            codes, depth: depth, capacity: 19, kernels: KernelTable(instructions))
        #expect(smaller == Array(chosen.prefix(19)))
        // 150 are more than eight times 15: pieces of 50 give 10 each, of which 15 are the farthest.
        let thinned = try Coreset.choose(
            codes, depth: depth, capacity: 15, kernels: KernelTable(instructions))
        var kept: [Int] = []
        for start in stride(from: 0, to: 150, by: 50) {
            let piece = Array(codes[start * depth..<(start + 50) * depth])
            kept += try Coreset.choose(piece, depth: depth, capacity: 10, kernels: KernelTable(instructions))
                .map { start + $0 }
        }
        let again = try Coreset.choose(
            kept.flatMap { codes[$0 * depth..<($0 + 1) * depth] }, depth: depth, capacity: 15,
            kernels: KernelTable(instructions))
        #expect(thinned == again.map { kept[$0] } && Set(thinned).count == 15)
        let all = try Coreset.choose(codes, depth: depth, capacity: count, kernels: KernelTable(instructions))
        #expect(all == Array(0..<count))
    }
}
