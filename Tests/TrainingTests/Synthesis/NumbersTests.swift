import Testing
import Training

@Suite("random numbers by counting")
struct CounterRandomTests {
    @Test("are even, and depend on seed, index and stream alone")
    func even() {
        var random = CounterRandom(seed: 1, index: 2)
        var again = CounterRandom(seed: 1, index: 2)
        var other = CounterRandom(seed: 2, index: 1)
        var stream = CounterRandom(seed: 1, index: 2).stream(0)
        var counts = [Int](repeating: 0, count: 10), sum: Float = 0
        for _ in 0..<20_000 {
            let value = random.next()
            #expect(value == again.next())
            #expect(value != other.next() && value != stream.next())
            counts[stream.whole(0...9)] += 1
            sum += other.unit()
        }
        #expect(counts.allSatisfy { 1850...2150 ~= $0 })
        #expect(abs(sum / 20_000 - 0.5) < 0.01)
    }
}
