import CKernels
import Kernels
import Testing

@Suite("the nearest row of a bank")
struct NearestTests {
    @Test(
        "equals that of scalar to the bit, at sizes around the vector widths",
        arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for count in [1, 15, 16, 17, 31, 33, 255, 256, 257, 600] {
            for (queries, depth, blockRows) in [(1, 4, 1), (7, 64, 3), (13, 20, 128), (40, 40, 24)] {
                let bank = Bank(count: count, queryCount: queries, depth: depth, seed: UInt64(count))
                let expected = bank.nearest(.scalar, blockRows: blockRows)
                for split in Split.allCases {
                    let result = bank.nearest(instructions, blockRows: blockRows, split: split)
                    let context = "of \(count), \(queries) x \(depth)"
                    try requireSame(result.index, expected.index, "indices, \(context)")
                    try requireSame(result.score, expected.score, "scores, \(context)")
                }
            }
        }
    }

    @Test("of equal scores the lowest index is taken", arguments: InstructionSet.available)
    func ties(instructions: InstructionSet) {
        // Three kinds of vectors, each many times: all scores are ties.
        for first in [3, 17, 40, 699] {
            var bank = Bank(count: 700, queryCount: 3, depth: 8, seed: 4)
            for i in 0..<700 {
                for d in 0..<8 {
                    let isBest = i >= first && (i - first) % 7 == 0
                    bank.vectors[i * 8 + d] = isBest ? 100 : i % 5 == 2 ? 50 : -20
                }
            }
            bank.queries = Array(repeating: 200, count: 24)
            #expect(bank.nearest(instructions).index.elements == Array(repeating: Int32(first), count: 3))
        }
    }

    @Test("equals the best of a full sort", arguments: InstructionSet.available, [Codes.random, .ends])
    func fullSort(instructions: InstructionSet, codes: Codes) {
        let bank = Bank(count: 401, queryCount: 4, depth: 16, codes: codes, seed: 11)
        let index = bank.nearest(instructions).index.elements
        for query in 0..<4 {
            let best = (0..<401).min { (-bank.dot(query, $0), $0) < (-bank.dot(query, $1), $1) }
            #expect(index[query] == best.map(Int32.init), "query \(query)")
        }
    }

    @Test("is found where all are far", arguments: InstructionSet.available)
    func opposite(instructions: InstructionSet) {
        var bank = Bank(count: 3, queryCount: 1, depth: 4, seed: 1)
        bank.queries = [228, 228, 228, 228]
        bank.vectors = [-90, -90, -90, -90, -3, -3, -3, -3, -70, -70, -70, -70]
        let neighbours = bank.nearest(instructions)
        #expect(neighbours.index.elements == [1] && neighbours.score.elements[0] < 0)
    }
}
