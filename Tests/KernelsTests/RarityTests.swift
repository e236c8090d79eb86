import CKernels
import Kernels
import Testing

@Suite("how far patches of a grid are from those that resemble them")
struct RarityTests {
    /// Grids of `across` x `down` patches of which each `step`th is compared with.
    private static let grids: [(across: Int, down: Int, step: Int)] = [
        (1, 1, 1), (3, 2, 1), (8, 8, 1), (5, 13, 1), (32, 32, 1), (1, 90, 1), (20, 3, 2), (41, 25, 2),
        (33, 64, 3),
    ]

    private static func bank(_ grid: (across: Int, down: Int, step: Int), depth: Int, codes: Codes) -> Bank {
        let patches = grid.across * grid.down, count = (patches + grid.step - 1) / grid.step
        var bank = Bank(
            count: count, queryCount: patches, depth: depth, codes: codes,
            seed: UInt64(grid.across * 1_000 + grid.down))
        for row in 0..<count {
            for d in 0..<depth {
                bank.queries[row * grid.step * depth + d] = UInt8(Int(bank.vectors[row * depth + d]) + 128)
            }
        }
        return bank
    }

    @Test("equals that of scalar to the bit", arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for grid in Self.grids {
            for (few, many, depth) in [(1, 1, 4), (1, 3, 40), (5, 20, 40), (32, 32, 16)] {
                let bank = Self.bank(grid, depth: depth, codes: many == 3 ? .ends : .random)
                let expected = bank.rarity(
                    across: grid.across, step: grid.step, few: few, many: many, .scalar)
                for (split, blockRows) in zip(Split.allCases, [24, 7, 1]) {
                    let result = bank.rarity(
                        across: grid.across, step: grid.step, few: few, many: many, instructions,
                        blockRows: blockRows, split: split)
                    let context = "\(few) and \(many) of \(grid), \(depth) deep"
                    try requireSame(result.few, expected.few, "few, \(context)")
                    try requireSame(result.many, expected.many, "many, \(context)")
                }
            }
        }
    }

    @Test("equals the mean of a full sort", arguments: InstructionSet.available, [Codes.random, .ends])
    func fullSort(instructions: InstructionSet, codes: Codes) {
        for grid in Self.grids where grid.across * grid.down < 200 {
            let bank = Self.bank(grid, depth: 8, codes: codes)
            let found = bank.rarity(across: grid.across, step: grid.step, few: 2, many: 6, instructions)
            for patch in 0..<bank.queryCount {
                let distances = (0..<bank.count).filter { row in
                    let other = row * grid.step
                    return abs(other % grid.across - patch % grid.across) > 1
                        || abs(other / grid.across - patch / grid.across) > 1
                }.map { max(1 - Double(bank.dot(patch, $0)) / (127 * 127), 0) }.sorted()
                for (result, most) in [(found.few, 2), (found.many, 6)] {
                    let nearest = distances.prefix(most)
                    let mean = nearest.isEmpty ? 0 : nearest.reduce(0, +) / Double(nearest.count)
                    #expect(abs(Double(result.elements[patch]) - mean) < 1e-5, "patch \(patch) of \(grid)")
                }
            }
        }
    }
}
