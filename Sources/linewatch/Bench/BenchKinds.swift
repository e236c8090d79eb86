import ArgumentParser
import Imaging
import Platform
import SimulatedLine

/// `linewatch bench kinds`: what pictures of the kinds to practise on cost.
struct BenchKinds: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kinds",
        abstract: "Measures how long pictures of the kinds to practise on take.",
        discussion: """
            Each kind renders good and defective samples in colour, each of another product, on one thread. Times are \
            those of the thread, in milliseconds: medians. The slowest kinds come first.
            """)

    @Option(help: "Width and height of the pictures (64...1024).")
    var size = 256

    @Option(help: "Samples of each sort (1...1000).")
    var samples = 5

    @Option(help: "Only kinds with this in their name.")
    var kind: String?

    @Option(help: "Print only so many kinds.")
    var top = 1000

    func validate() throws {
        guard 64...1024 ~= size else { throw ValidationError("--size \(size) is not in 64...1024.") }
        guard 1...1000 ~= samples else { throw ValidationError("--samples \(samples) is not in 1...1000.") }
    }

    func run() throws {
        let kinds = PracticeCatalogue.kinds.filter { found in kind.map(found.names[0].contains) ?? true }
        guard !kinds.isEmpty else { throw ValidationError("No kind is called '\(kind ?? "")'.") }
        let rows = kinds.map { kind in
            (name: kind.names[0], good: time(kind, defective: false), bad: time(kind, defective: true))
        }.sorted { max($0.good, $0.bad) > max($1.good, $1.bad) }
        let text = rows.prefix(top).map { [$0.name, decimals($0.good, 1), decimals($0.bad, 1)] }
        print(table([["\(size)x\(size), ms", "good", "defective"]] + text))
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
        print(
            "mean of \(rows.count): good \(decimals(mean(rows.map(\.good)), 1)), "
                + "defective \(decimals(mean(rows.map(\.bad)), 1))")
    }

    /// The median of the thread's time.
    private func time(_ kind: PracticeKind, defective: Bool) -> Double {
        let side = Size(width: size, height: size)
        let times = (0..<samples).map { sample in
            let start = ThreadClock.now
            _ = kind.render(
                product: UInt32(sample), sample: sample, defective: defective, size: side, colour: true)
            return ThreadClock.now - start
        }
        return Double(times.sorted()[samples / 2]) / 1e6
    }
}
