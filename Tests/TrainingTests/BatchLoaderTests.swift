import Testing
import Training

struct BatchLoaderTests {
    private struct Refusal: Error {}

    @Test("batches come in the order of the steps and depend on step and seed alone", arguments: [1, 2, 3])
    func order(threads: Int) throws {
        func load(_ steps: Range<Int>, _ threads: Int) throws -> [UInt64] {
            let loader = try BatchLoader(steps: steps, threads: threads, ahead: 2, seed: 9) { step, random in
                UInt64(step) << 32 | random.next() >> 32
            }
            var all: [UInt64] = []
            while let batch = try loader.next() { all.append(batch) }
            return all
        }
        let all = try load(0..<20, threads)
        #expect(all.map { Int($0 >> 32) } == Array(0..<20))
        #expect(try load(0..<20, 1) == all)
        #expect(try load(13..<20, threads) == Array(all[13...]))
    }

    @Test("a batch that cannot be made is thrown at its step, and the next one follows")
    func failure() throws {
        let loader = try BatchLoader(steps: 0..<3, threads: 2, ahead: 1, seed: 0) { step, _ in
            if step == 1 { throw Refusal() }
            return step
        }
        #expect(try loader.next() == 0)
        #expect(throws: Refusal.self) { try loader.next() }
        #expect(try loader.next() == 2)
        #expect(try loader.next() == nil)
    }

    @Test("a loader that is let go before its end stops")
    func stopping() throws {
        for _ in 0..<20 {
            let loader = try BatchLoader(steps: 0..<1_000_000, threads: 2, ahead: 1, seed: 0) { step, _ in
                step
            }
            #expect(try loader.next() == 0)
        }
    }

    @Test("each epoch sees every sample at most once, and all in whole batches")
    func epochs() {
        let order = SampleOrder(sampleCount: 11, batchSize: 3, seed: 4)
        #expect(order.stepsPerEpoch == 3)
        let first = (0..<3).flatMap { order.indices(at: $0) },
            second = (3..<6).flatMap { order.indices(at: $0) }
        #expect(Set(first).count == 9 && Set(second).count == 9 && first != second)
        #expect((first + second).allSatisfy { 0..<11 ~= $0 })
        #expect(order.indices(at: 4) == SampleOrder(sampleCount: 11, batchSize: 3, seed: 4).indices(at: 4))
    }
}
