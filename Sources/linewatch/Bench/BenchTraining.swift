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
            are threads. Shares are of the least times, which other work on the machine hardly changes; medians stand \
            beside.
            """)

    @Option(help: "Threads (1...64).")
    var threads = 2

    @Option(help: "Steps of each kind; the least time counts (3...10000).")
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
            "OpenBLAS with its \(OpenBLAS.kernelName) kernels, \(threads) threads, least and median of \(steps) steps"
        )
        for network in BenchNetwork.all where isWanted(network.label) {
            let trainer = network.trainer(workers)
            let step = try times { _ = try trainer.takeStep(network.loss) }
            let linear = network.products.reduce(0.0) { $0 + least(of: $1, threads: threads) }
            let attention = network.attentionProducts.reduce(0.0) {
                $0 + least(of: $1.product, threads: 1) * Double($1.count) / Double(threads)
            }
            let rate = network.products.reduce(0.0) { $0 + $1.operations } / step.least / 1e9
            print(
                "\(network.label): step \(step.text), \(text(rate)) GFLOP/s in its linear layers; "
                    + "OpenBLAS alone \(text(linear * 1e3)) ms for them, share \(text(100 * linear / step.least)) %, and "
                    + "\(text(attention * 1e3)) ms for attention, share "
                    + "\(text(100 * (linear + attention) / step.least)) %"
            )
        }
        guard isWanted(BenchFusionHead.label) else { return }
        let head = BenchFusionHead()
        let trainer = head.trainer(workers)
        let step = try times { _ = try trainer.takeStep(head.loss) }
        print("\(BenchFusionHead.label): step \(step.text), \(head.parameters.count) parameters")
    }

    private func isWanted(_ label: String) -> Bool { only.map { label.contains($0) } ?? true }

    /// Seconds of each step; the first two do not count.
    private func times(_ body: () throws -> Void) rethrows -> Times {
        var times: [Int] = []
        for _ in 0..<steps + 2 {
            let start = MonotonicClock.now
            try body()
            times.append(MonotonicClock.now - start)
        }
        return Times(times)
    }

    /// Seconds of the product by OpenBLAS itself.
    private func least(of product: BenchProduct, threads: Int) -> Double {
        Times(
            OpenBLAS.times(
                rows: product.rows, columns: product.columns, depth: product.depth,
                isLeftTransposed: product.isLeftTransposed, isRightTransposed: product.isRightTransposed,
                threads: threads, count: steps + 2)
        ).least
    }
}

/// The times of one thing done again and again, in seconds.
private struct Times {
    let least: Double
    let median: Double

    /// Of nanoseconds, the first two of which do not count.
    init(_ nanoseconds: [Int]) {
        let sorted = nanoseconds.dropFirst(2).sorted()
        (least, median) = (Double(sorted[0]) * 1e-9, Double(sorted[sorted.count / 2]) * 1e-9)
    }

    var text: String { "\(milliseconds(least)) ms (median \(milliseconds(median)))" }
}

private func milliseconds(_ seconds: Double) -> String { text(1e3 * seconds) }

private func text(_ value: Double) -> String { String(Double(Int(value * 100)) / 100) }
