import ArgumentParser
import Platform
import Training

/// `linewatch bench training`: how fast a training step is beside the matrix products it consists of.
struct BenchTraining: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training",
        abstract: "Measures training steps beside OpenBLAS's own products of the same shapes.",
        discussion: """
            A step is forward, backward and AdamW of transformer blocks on random tokens. "share" is the time \
            that OpenBLAS takes for the products of a step alone over the time of the whole step: those of its linear \
            layers, on as many threads of its own, and with those of its attention as well, as many at a time as there \
            are threads.
            """)

    @Option(help: "Threads (1...64).")
    var threads = 2

    @Option(help: "Steps of each kind; the median counts (3...10000).")
    var steps = 30

    @Option(help: "Only networks with this in their name, as in 'block of 192'.")
    var only: String?

    func validate() throws {
        guard 1...64 ~= threads else { throw ValidationError("--threads \(threads) is not in 1...64.") }
        guard 3...10_000 ~= steps else { throw ValidationError("--steps \(steps) is not in 3...10000.") }
    }

    func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let workers = try Workers(count: threads)
        print(
            "OpenBLAS with its \(OpenBLAS.kernelName) kernels, \(threads) threads, medians of \(steps) steps")
        for network in BenchNetwork.all where isWanted(network.label) {
            let trainer = network.trainer(workers)
            let step = try median { _ = try trainer.takeStep(network.loss) }
            let linear = network.products.reduce(0.0) { $0 + median(of: $1, threads: threads) }
            let attention = network.attentionProducts.reduce(0.0) {
                $0 + median(of: $1.product, threads: 1) * Double($1.count) / Double(threads)
            }
            let rate = network.products.reduce(0.0) { $0 + $1.operations } / step / 1e9
            print(
                "\(network.label): step \(text(step * 1e3)) ms, \(text(rate)) GFLOP/s in its linear layers; "
                    + "OpenBLAS alone \(text(linear * 1e3)) ms for them, share \(text(100 * linear / step)) %, and "
                    + "\(text(attention * 1e3)) ms for attention, share \(text(100 * (linear + attention) / step)) %"
            )
        }
        guard isWanted(BenchFusionHead.label) else { return }
        let head = BenchFusionHead()
        let trainer = head.trainer(workers)
        let step = try median { _ = try trainer.takeStep(head.loss) }
        print("\(BenchFusionHead.label): step \(text(step * 1e3)) ms, \(head.parameters.count) parameters")
    }

    private func isWanted(_ label: String) -> Bool { only.map { label.contains($0) } ?? true }

    private func median(_ body: () throws -> Void) rethrows -> Double {
        var times: [Int] = []
        for _ in 0..<steps + 2 {
            let start = MonotonicClock.now
            try body()
            times.append(MonotonicClock.now - start)
        }
        return Double(times.dropFirst(2).sorted()[steps / 2]) * 1e-9
    }

    /// Seconds of the product by OpenBLAS itself.
    private func median(of product: BenchProduct, threads: Int) -> Double {
        let times = OpenBLAS.times(
            rows: product.rows, columns: product.columns, depth: product.depth,
            isLeftTransposed: product.isLeftTransposed, isRightTransposed: product.isRightTransposed,
            threads: threads, count: steps + 2)
        return Double(times.dropFirst(2).sorted()[steps / 2]) * 1e-9
    }

    private func text(_ value: Double) -> String { String(Double(Int(value * 100)) / 100) }
}
