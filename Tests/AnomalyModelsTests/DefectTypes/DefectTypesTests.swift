import AnomalyModels
import Testing

@Suite("defect types")
struct DefectTypesTests {
    /// SplitMix64.
    private struct Draws {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    /// Directions in 128 dimensions about some fixed ones.
    private struct Stream {
        var random: Draws
        let kinds: [[Float]]

        init(kinds count: Int, seed: UInt64 = 77) {
            random = Draws(state: seed)
            var random = Draws(state: 5)
            kinds = (0..<count).map { _ in (0..<128).map { _ in Self.normal(&random) } }
        }

        static func normal(_ random: inout Draws) -> Float {
            // The sum of twelve uniform numbers has variance 1.
            (0..<12).reduce(-6) { sum, _ in sum + Float(random.next() >> 40) / 16_777_216 }
        }

        /// About 0.87 similar to its kind's direction.
        mutating func defect(_ kind: Int, spread: Float = 0.6) -> DefectVector {
            DefectVector(kinds[kind].map { $0 + spread * Self.normal(&random) })
        }
    }

    private let hour: Int64 = 3_600_000

    /// Streams `count` defects of random kinds, a minute apart; the last kind comes from `late` on.
    private func streamed(_ count: Int, kinds: Int, late: Int) -> (
        types: DefectTypes, ids: [UInt16], truth: [Int], promotions: [DefectTypes.Promotion]
    ) {
        var stream = Stream(kinds: kinds), types = DefectTypes()
        var ids: [UInt16] = [], truth: [Int] = [], promotions: [DefectTypes.Promotion] = []
        for index in 0..<count {
            let known = index < late ? kinds - 1 : kinds
            let kind = Int(stream.random.next() % UInt64(known))
            let result = types.assign(stream.defect(kind), key: Int64(index), at: Int64(index) * 60_000)
            ids.append(result.type)
            truth.append(kind)
            guard let promotion = result.promoted else { continue }
            promotions.append(promotion)
            for member in promotion.members { ids[Int(member)] = promotion.type }
        }
        return (types, ids, truth, promotions)
    }

    @Test("10,000 defects of six kinds become six types, the late one within 30 of its defects")
    func grow() throws {
        let (types, ids, truth, promotions) = streamed(10_000, kinds: 6, late: 6_000)
        #expect(types.types.map(\.id) == [1, 2, 3, 4, 5, 6] && promotions.map(\.type) == [1, 2, 3, 4, 5, 6])
        // Every type holds one kind, and nearly all defects have a type.
        for id in UInt16(1)...6 {
            #expect(Set(ids.indices.filter { ids[$0] == id }.map { truth[$0] }).count == 1)
        }
        #expect(ids.count { $0 == 0 } < 100)
        let late = truth.indices.filter { truth[$0] == 5 }
        let last = try #require(promotions[5].members.max())
        #expect(late.count { $0 <= last } <= 30)
    }

    @Test("the same stream gives the same ids")
    func alike() {
        let (first, second) = (streamed(800, kinds: 4, late: 400), streamed(800, kinds: 4, late: 400))
        #expect(first.ids == second.ids && first.types.types == second.types.types)
    }

    @Test("thresholds do not creep up while a type sees the same kind of defect for long")
    func steady() throws {
        var stream = Stream(kinds: 1), types = DefectTypes(), early: Float = 0
        var strays = 0
        for index in 0..<6_000 {
            let result = types.assign(stream.defect(0), key: Int64(index), at: Int64(index) * 60_000)
            if index == 1_000 { early = types.types[0].threshold }
            if index > 1_000, result.type == 0 { strays += 1 }
        }
        #expect(abs(types.types[0].threshold - early) < 0.05)
        #expect(strays < 100)
    }

    @Test("a crowd from a single hour stays in the bin until another hour confirms it")
    func hours() {
        var stream = Stream(kinds: 1), types = DefectTypes()
        for index in 0..<20 {
            #expect(types.assign(stream.defect(0), key: Int64(index), at: 5 * hour + Int64(index)).type == 0)
        }
        #expect(types.bin.count == 20 && types.types.isEmpty)
        let result = types.assign(stream.defect(0), key: 20, at: 6 * hour)
        #expect(result.type == 1 && result.promoted?.members == Array(0...20))
        #expect(types.bin.isEmpty && types.types[0].exemplars.count == 16)
    }

    @Test("defects without a direction are of no type, and a full bin loses its oldest")
    func nothing() {
        var settings = DefectTypes.Settings()
        settings.binCapacity = 10
        var types = DefectTypes(settings: settings)
        for index in 0..<25 {
            let zero = DefectVector([Float](repeating: index % 2 == 0 ? 0 : .nan, count: 128))
            #expect(types.assign(zero, key: Int64(index), at: Int64(index) * hour).type == 0)
        }
        #expect(types.bin.map(\.key) == Array(15..<25))
    }

    @Test("between two types that are as good a defect is ambiguous and teaches nothing")
    func ambiguous() throws {
        var (left, right) = ([Float](repeating: 0, count: 8), [Float](repeating: 0, count: 8))
        (left[0], left[1], right[0], right[1]) = (1, 0.5, 1, -0.5)
        func type(_ id: UInt16, _ centre: [Float]) -> DefectType {
            DefectType(id: id, centre: centre, count: 9, threshold: 0.7, firstSeen: 0, lastSeen: 0)
        }
        var types = DefectTypes(types: [type(1, left), type(2, right)], nextID: 3)
        let before = types.types.map(\.centre)
        let result = types.assign(DefectVector([1, 0, 0, 0, 0, 0, 0, 0]), key: 1, at: hour)
        #expect(result.isAmbiguous && result.type > 0)
        #expect(types.types.map(\.centre) == before && types.types.reduce(0) { $0 + $1.count } == 19)
    }

    @Test("merged, split and forgotten ids are never given again")
    func editing() throws {
        var (types, ids, _, _) = streamed(600, kinds: 3, late: 0)
        #expect(types.types.map(\.id) == [1, 2, 3])
        let (second, third) = (try types.type(2).count, try types.type(3).count)
        try types.merge(3, into: 2)
        #expect(try types.type(2).count == second + third && types.type(2).parents == [3])
        var stream = Stream(kinds: 3, seed: 9)
        let members = (0..<20).map {
            DefectTypes.Stray(key: Int64($0), vector: stream.defect($0 % 2), time: Int64($0) * hour)
        }
        let parts = try types.split(2, members: members)
        #expect(parts.map(\.type) == [4, 5])
        #expect(Set(parts.map { Set($0.members.map { $0 % 2 }).count }) == [1])
        #expect(try types.type(4).parents == [2])
        try types.forget(1)
        ids = []
        for index in 0..<200 {
            ids.append(types.assign(stream.defect(2), key: Int64(index), at: Int64(index) * hour).type)
        }
        #expect(Set(ids).isDisjoint(with: [1, 2, 3]))
    }

    @Test("what cannot be done is refused in one line that says what to do")
    func refused() throws {
        var types = DefectTypes(
            types: [
                DefectType(id: 1, centre: [1, 0], count: 1, threshold: 0.7, firstSeen: 0, lastSeen: 0),
                DefectType(
                    id: 2, name: "scratch", centre: [0, 1], count: 1, threshold: 0.7, firstSeen: 0,
                    lastSeen: 0),
            ], nextID: 3)
        #expect(throws: DefectTypeError.mergedWithItself(1)) { try types.merge(1, into: 1) }
        #expect(throws: DefectTypeError.unknown(9, known: [1, 2])) { try types.merge(9, into: 1) }
        #expect(throws: DefectTypeError.unknown(9, known: [1, 2])) { try types.forget(9) }
        #expect(throws: DefectTypeError.nameTaken("scratch", by: 2)) { try types.rename(1, to: "scratch") }
        for name in ["", "  ", "a\nb", String(repeating: "x", count: 65)] {
            #expect(throws: DefectTypeError.badName(name)) { try types.rename(1, to: name) }
        }
        try types.rename(1, to: "Kratzer, ölig & \"tief\"")
        let one = DefectTypes.Stray(key: 1, vector: DefectVector([1, 0]), time: 0)
        #expect(throws: DefectTypeError.tooFewToSplit(1, count: 1)) { try types.split(1, members: [one]) }
        // All equal: there is nothing to tell two types by.
        #expect(throws: DefectTypeError.tooFewToSplit(1, count: 3)) {
            try types.split(1, members: [one, one, one])
        }
        #expect(types.types.map(\.id) == [1, 2])
    }

    @Test("the last id is given once, and then defects stay in the bin")
    func exhausted() {
        var stream = Stream(kinds: 2), types = DefectTypes(nextID: 65_534)
        for index in 0..<60 {
            _ = types.assign(stream.defect(index % 2), key: Int64(index), at: Int64(index) * hour)
        }
        #expect(types.types.map(\.id) == [65_534] && types.nextID == 0 && !types.bin.isEmpty)
    }
}
