import Inference
import Kernels
import Testing

struct CrewTests {
    @Test(
        "two and three threads compute the bytes of one, frame after frame", arguments: SmallNetworks.allCases
    )
    func threadsAgree(network: SmallNetworks) throws {
        let one = try session(network, threads: 1)
        let expected = (0..<8).map { one.bits(of: network.image($0)) }
        #expect(expected[0] != expected[1])

        for threads in [2, 3] {
            let many = try session(network, threads: threads)
            for frame in 0..<400 {
                #expect(
                    many.bits(of: network.image(frame % 8)) == expected[frame % 8],
                    "\(threads) threads, frame \(frame)")
            }
        }
    }

    @Test("sessions of several threads end while nothing or everything has been run")
    func ends() throws {
        for round in 0..<20 {
            let session = try session(.transformer, threads: 3)
            if round % 2 == 0 { _ = session.bits(of: SmallNetworks.transformer.image(round)) }
        }
    }

    private func session(_ network: SmallNetworks, threads: Int) throws -> Session {
        let model = try unsafe CompiledModel(
            network.graph, weights: SmallWeights(), kernels: KernelTable(.best), threads: threads)
        return try Session(model, pool: TensorPool())
    }
}
