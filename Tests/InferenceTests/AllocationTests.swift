import CAllocationCounter
import Glibc
import Inference
import Kernels
import Testing

struct AllocationTests {
    @Test("the counter sees an array being made")
    func counts() {
        let before = ca_thread_allocations(), all = ca_allocations()
        let array = [Int](repeating: Int.random(in: 0..<9), count: 1000)
        #expect(ca_thread_allocations() > before)
        #expect(ca_allocations() > all)
        #expect(array.count == 1000)
    }

    @Test("1,000 frames call no allocator and touch no new page", arguments: SmallNetworks.allCases)
    func budget(network: SmallNetworks) throws {
        let model = try unsafe CompiledModel(
            network.graph, weights: SmallWeights(), kernels: KernelTable(.best))
        let session = try Session(model, pool: TensorPool())
        let image = network.image(0)
        run(session, image, frames: 3)

        let allocations = ca_thread_allocations(), faults = minorFaults()
        run(session, image, frames: 1000)
        #expect(ca_thread_allocations() - allocations == 0)
        #expect(minorFaults() - faults == 0)
    }

    private func run(_ session: Session, _ image: [UInt8], frames: Int) {
        for _ in 0..<frames {
            session.write(image)
            session.run()
        }
    }

    /// Page faults of this thread that needed no disk.
    private func minorFaults() -> Int {
        var usage = rusage()
        // 1 is RUSAGE_THREAD, which Swift does not see. Cannot fail: both arguments are valid.
        _ = unsafe getrusage(1, &usage)
        return usage.ru_minflt
    }
}
