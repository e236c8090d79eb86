import AnomalyModels
import ArgumentParser
import Inference
import Kernels
import Platform

/// `linewatch model bench`: how fast a model runs here, and what it needs.
struct ModelBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Times a model on this machine.",
        discussion: """
            NAME is a package, the path of one, or a built-in network, which gets random weights: \
            \(Network.builtIn.map(\.name).joined(separator: ", ")).
            The share of the int8 peak is that of the fastest frame; the peak is measured before, between and after \
            the frames.
            """
    )

    @Argument(help: "The name or the path of the model.")
    var name: String

    @Option(help: "Side of the image in pixels, or number of tokens of a text. Default: the model's own.")
    var input: Int?

    @Option(help: "Threads that share a frame.")
    var threads = 1

    @Option(help: "Frames to time.")
    var frames = 200

    @Option(help: "Instruction set. Default: LINEWATCH_ISA, or the best.")
    var isa: String?

    @Option(help: "Folder of packed weights. Default: $LINEWATCH_STATE_DIR/cache, or ~/.cache/linewatch.")
    var cache: String?

    @Flag(help: "Pack the weights anew and keep nothing.")
    var noCache = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @Flag(help: "Print ms=NUMBER for each frame and nothing else.")
    var eachFrame = false

    @Flag(help: "Print the time of each kernel call as well.")
    var profile = false

    func validate() throws {
        guard 1...1_000_000 ~= frames else {
            throw ValidationError("--frames is 1 to 1000000, not \(frames).")
        }
        guard 1...64 ~= threads else { throw ValidationError("--threads is 1 to 64, not \(threads).") }
    }

    func run() throws {
        let kernels = try ModelChoice.kernels(isa)
        let start = MonotonicClock.now
        let choice = try ModelChoice(name)
        let loaded = try LoadedModel(
            choice.network, choice.weights,
            input: input.map(choice.network.input) ?? choice.network.nativeInput,
            outputs: .last, kernels: kernels, threads: threads,
            cacheDirectory: noCache ? nil : ModelChoice.cacheDirectory(cache))
        let session = try Session(loaded.model, pool: TensorPool())
        let loadTime = MonotonicClock.now - start
        warn(choice, loaded)

        let sample = sampleInput(of: loaded.model.graph)
        let measured = FrameTimes(of: session, input: sample, frames: frames)
        if eachFrame {
            print(measured.nanoseconds.map { "ms=\(decimals(Double($0) / 1e6, 4))" }.joined(separator: "\n"))
            return
        }
        let report = BenchReport(choice, loaded, measured, loadTime: loadTime)
        print(json ? try jsonText(report) : report.text)
        if profile { print(Self.profile(of: session, input: sample)) }
    }

    /// Says on stderr what would otherwise surprise.
    private func warn(_ choice: ModelChoice, _ loaded: LoadedModel) {
        var standardError = StandardError()
        if case .random = choice.weights {
            print(
                "linewatch: no package '\(choice.name)' found, random weights are used.", to: &standardError)
        }
        do { try loaded.storeCache() } catch {
            print("linewatch: packed weights are not kept: \(error)", to: &standardError)
        }
    }

    /// Numbers that use every code: bytes of a fixed sequence for an image, ids for a text.
    private func sampleInput(of graph: Graph) -> [UInt8] {
        let shape = graph.inputShape
        if shape.count == 1 {
            let ids = (0..<shape[0]).map { Int32($0 * 97 % 1000) }
            return unsafe ids.withUnsafeBytes { unsafe Array($0) }
        }
        return (0..<shape.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    }

    /// The least processor time of every call over 20 runs, in microseconds, with its share.
    private static func profile(of session: Session, input: [UInt8]) -> String {
        session.write(input)
        var least = session.profile { ThreadClock.now }
        for _ in 0..<20 {
            session.write(input)
            for (index, call) in session.profile(clock: { ThreadClock.now }).enumerated() {
                least[index].nanoseconds = min(least[index].nanoseconds, call.nanoseconds)
            }
        }
        let sum = Double(least.reduce(0) { $0 + $1.nanoseconds })
        return table(
            [["call", "us", "%"]]
                + least.map {
                    [
                        $0.name, decimals(Double($0.nanoseconds) / 1e3, 1),
                        decimals(Double($0.nanoseconds) / sum * 100, 1),
                    ]
                })
    }
}
