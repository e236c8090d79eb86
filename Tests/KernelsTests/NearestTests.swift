import CKernels
import Kernels
import Testing

@Suite("the nearest rows of a bank")
struct NearestTests {
    @Test(
        "equal those of scalar to the bit, at sizes around the vector widths",
        arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for count in [1, 15, 16, 17, 31, 33, 255, 256, 257, 600] {
            for (queries, depth, blockRows) in [(1, 4, 1), (7, 64, 3), (13, 20, 128)] {
                let bank = Bank(count: count, queryCount: queries, depth: depth, seed: UInt64(count))
                for k in [1, 2, 5, 32] {
                    for byDistance in [false, true] {
                        let expected = bank.nearest(k, byDistance: byDistance, .scalar, blockRows: blockRows)
                        for split in Split.allCases {
                            let result = bank.nearest(
                                k, byDistance: byDistance, instructions, blockRows: blockRows, split: split)
                            let context =
                                "\(k) of \(count) by \(byDistance ? "L2" : "cosine"), \(queries) x \(depth)"
                            try requireSame(result.index, expected.index, "indices, \(context)")
                            try requireSame(result.score, expected.score, "scores, \(context)")
                        }
                    }
                }
            }
        }
    }

    @Test("come in order, and of equal scores the lowest index first", arguments: InstructionSet.available)
    func ties(instructions: InstructionSet) {
        // Three kinds of vectors, each many times: all scores are ties.
        var bank = Bank(count: 700, queryCount: 3, depth: 8, seed: 4)
        for i in 0..<700 {
            for d in 0..<8 { bank.vectors[i * 8 + d] = i % 7 == 3 ? 100 : i % 5 == 2 ? 50 : -20 }
        }
        bank.queries = Array(repeating: 200, count: 24)
        let best = (0..<700).filter { $0 % 7 == 3 }.map { Int32($0) }
        for k in [1, 2, 31, 32] {
            let neighbours = bank.nearest(k, instructions)
            for query in 0..<3 {
                #expect(
                    Array(neighbours.index.elements[query * k..<(query + 1) * k]) == Array(best.prefix(k)))
            }
        }
    }

    @Test("equal a full sort", arguments: InstructionSet.available, [Codes.random, .ends])
    func fullSort(instructions: InstructionSet, codes: Codes) {
        let depth = 16, k = 9
        let bank = Bank(count: 401, queryCount: 4, depth: depth, codes: codes, seed: 11)
        let neighbours = bank.nearest(k, instructions)
        for query in 0..<4 {
            let dots = (0..<401).map { row in
                (0..<depth).reduce(0) {
                    $0 + (Int(bank.queries[query * depth + $1]) - 128) * Int(bank.vectors[row * depth + $1])
                }
            }
            let order = (0..<401).sorted { (-dots[$0], $0) < (-dots[$1], $1) }
            let indices = neighbours.index.elements[query * k..<(query + 1) * k].map { Int($0) }
            #expect(indices == Array(order.prefix(k)), "query \(query)")
        }
    }

    @Test(
        "of a bank with fewer rows than asked for are followed by -inf and -1",
        arguments: InstructionSet.available)
    func shortBank(instructions: InstructionSet) {
        let neighbours = Bank(count: 3, queryCount: 1, depth: 4, seed: 1).nearest(5, instructions)
        #expect(neighbours.index.elements.filter { $0 >= 0 }.sorted() == [0, 1, 2])
        #expect(Array(neighbours.index.elements.suffix(2)) == [-1, -1])
        #expect(Array(neighbours.score.elements.suffix(2)) == [-.infinity, -.infinity])
    }

    @Test("a vector is at distance 0 from itself", arguments: InstructionSet.available)
    func distanceToItself(instructions: InstructionSet) {
        var bank = Bank(count: 50, queryCount: 50, depth: 32, seed: 3)
        bank.queries = bank.vectors.map { UInt8(Int($0) + 128) }
        let neighbours = bank.nearest(1, byDistance: true, instructions)
        #expect(neighbours.index.elements == (0..<50).map { Int32($0) })
        #expect(neighbours.score.elements.allSatisfy { $0 <= 1e-5 })
    }
}
