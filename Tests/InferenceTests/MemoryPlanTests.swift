import Inference
import Platform
import Testing

struct MemoryPlanTests {
    @Test("buffers that live at the same time never overlap, whatever their sizes and lives")
    func neverOverlaps() {
        var random = SplitMix64(seed: 0x9_1A47)
        for round in 0..<300 {
            let buffers = (0..<random.number(below: 40)).map { _ in buffer(&random) }
            let plan = MemoryPlan(buffers)
            for (index, a) in buffers.enumerated() {
                #expect(plan.offsets[index] % MemoryPlan.alignment == 0)
                #expect(plan.offsets[index] >= 0 && plan.offsets[index] + a.byteCount <= plan.byteCount)
                for other in 0..<index where a.byteCount > 0 && buffers[other].byteCount > 0 {
                    let b = buffers[other]
                    let liveTogether = a.first <= b.last && b.first <= a.last
                    let overlap =
                        plan.offsets[index] < plan.offsets[other] + b.byteCount
                        && plan.offsets[other] < plan.offsets[index] + a.byteCount
                    #expect(!(liveTogether && overlap), "round \(round): \(a) and \(b)")
                }
            }
            #expect(plan.byteCount <= buffers.reduce(0) { $0 + aligned($1.byteCount) })
            #expect(plan.byteCount >= greatestDemand(buffers))
        }
    }

    @Test("buffers that follow each other share their memory")
    func shares() {
        let plan = MemoryPlan((0..<10).map { .init(byteCount: 1000, first: 2 * $0, last: 2 * $0 + 1) })
        #expect(plan.byteCount == 1024)
    }

    @Test("a plan of nothing needs nothing")
    func empty() {
        #expect(MemoryPlan([]).byteCount == 0)
    }

    private func buffer(_ random: inout SplitMix64) -> MemoryPlan.Buffer {
        let first = random.number(below: 30) - 1
        // Some are kept for ever, as outputs are.
        let last = random.number(below: 8) == 0 ? Int.max : first + random.number(below: 12)
        return .init(byteCount: random.number(below: 5000), first: first, last: last)
    }

    /// The most bytes that are alive in one step: no plan can need less.
    private func greatestDemand(_ buffers: [MemoryPlan.Buffer]) -> Int {
        (-1..<45).map { step in
            buffers.filter { $0.first <= step && step <= $0.last }.reduce(0) { $0 + $1.byteCount }
        }.max() ?? 0
    }

    private func aligned(_ count: Int) -> Int {
        (count + MemoryPlan.alignment - 1) / MemoryPlan.alignment * MemoryPlan.alignment
    }
}
