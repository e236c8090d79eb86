import AnomalyModels
import ArgumentParser
import CAllocationCounter
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import SimulatedLine
import Training

/// `linewatch model margin`: what AdaCLIP-E with prompts loses in int8, and what it costs beside its tower.
struct ModelMargin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "margin",
        abstract: "Checks a head with prompts in int8 against float32, and times it beside its tower.",
        discussion: """
            NAME is a package that `linewatch train adaclip` wrote with tier = "prompted". Compared are the tokens behind \
            each tap, their unit vectors in the space of sentences and the margins, on practice pictures that nothing was \
            trained on. float32 is computed with the weights of the package, or with those of the checkpoint that the \
            tower was imported from. Then the tower alone and the whole pass run in turns, on one thread.
            """
    )

    @Argument(help: "The name or the path of the package.")
    var name: String

    @Option(help: "The safetensors file that the tower was imported from.")
    var checkpoint: String?

    @Option(help: "Pictures to compare on (1...1000).")
    var pictures = 24

    @Option(help: "Frames of each to time (0...100000).")
    var frames = 200

    @Option(help: "What the parts are called.")
    var className = "object"

    func validate() throws {
        guard 1...1000 ~= pictures else {
            throw ValidationError("--pictures is 1 to 1000, not \(pictures).")
        }
        guard 0...100_000 ~= frames else {
            throw ValidationError("--frames is 0 to 100000, not \(frames).")
        }
    }

    func run() throws {
        let kernels = try ModelChoice.kernels(nil)
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let package = try ModelPackage(opening: locator.find(name), verifyingHashes: true)
        let wanted = try PromptedHead.tower(of: package), text = try ZeroShotHead.text(of: package)
        let tower = try ModelPackage(opening: locator.find(wanted.name), verifyingHashes: true)
        let head = try PromptedHead(of: package, tower: tower)
        let reader = try ModelPackage(opening: locator.find(text.name), verifyingHashes: true)
        let encoder = try SentenceEncoder(reader, kernels: kernels)
        let columns = try ClassColumns(ClassWords(names: [className]), encoder)
        let network = try Network(of: tower)
        guard case .image(let side) = network.nativeInput else { preconditionFailure("a tower reads images") }
        try printCheck(head, columns, tower, side: side)
        if frames > 0 { try printTimes(head, columns, tower, network, side: side, kernels) }
    }

    private func printCheck(
        _ head: PromptedHead, _ columns: ClassColumns, _ tower: ModelPackage, side: Int
    ) throws {
        var float: any WeightSource = PackageSource(tower)
        if let checkpoint {
            float = FloatSource(
                try CheckpointReader.read(path: checkpoint, activation: head.layout.activation).weights)
        }
        var check = try MarginCheck(
            head, columns, tower: tower, float: float, size: Size(width: side, height: side))
        let practice = PracticePictures(
            kinds: PracticeCatalogue.kinds, products: 1, side: side, seed: 3_000_003)
        var bar = ProgressBar()
        for index in 0..<pictures {
            bar.show("comparing", index, of: pictures)
            check.add(practice[index * 5].image.pixels)
        }
        bar.finish()
        let rows = (check.tokens + check.projections).map {
            [$0.name, decimals($0.mean, 5), decimals($0.lowest, 5), decimals($0.relativeL2, 4)]
        }
        print(table([["int8 against float32", "cosine", "1 % below", "relative L2"]] + rows))
        let sorted = check.correlations.sorted()
        print(
            "margins  correlation least \(decimals(sorted[0], 5)), "
                + "median \(decimals(sorted[sorted.count / 2], 5)) of \(sorted.count) pictures, "
                + "\(sorted.count { $0 < 0.99 }) below 0.99")
    }

    /// The tower alone and the whole pass, frame about frame.
    private func printTimes(
        _ head: PromptedHead, _ columns: ClassColumns, _ tower: ModelPackage, _ network: Network, side: Int,
        _ kernels: KernelTable
    ) throws {
        let alone = try unsafe Session(
            CompiledModel(
                network.graph(network.nativeInput, outputs: .last), weights: PackageSource(tower),
                kernels: kernels),
            pool: TensorPool())
        let detector = try PromptedDetector(
            head, columns, tower: tower, size: Size(width: side, height: side), kernels: kernels,
            pool: TensorPool())
        let pixels = PracticePictures(
            kinds: PracticeCatalogue.kinds, products: 1, side: side, seed: 3_000_003)[0].image.pixels
        var times: (alone: [Int], whole: [Int]) = ([], [])
        times.alone.reserveCapacity(frames)
        times.whole.reserveCapacity(frames)
        var allocations: UInt64 = 0
        for frame in 0..<frames + 5 {
            // Both inputs have the side of the tower.
            unsafe alone.withInput { unsafe $0.copyBytes(from: pixels) }
            unsafe detector.withInput { unsafe $0.copyBytes(from: pixels) }
            let counted = ca_thread_allocations(), start = MonotonicClock.now
            alone.run()
            let middle = MonotonicClock.now
            _ = detector.run()
            let end = MonotonicClock.now
            guard frame >= 5 else { continue }
            allocations += ca_thread_allocations() - counted
            times.alone.append(middle - start)
            times.whole.append(end - middle)
        }
        print(line("tower alone", times.alone))
        print(line("whole pass", times.whole))
        let (first, second) = (times.alone.sorted(), times.whole.sorted())
        let share = { (index: Int) in decimals(100 * (Double(second[index]) / Double(first[index]) - 1), 1) }
        print(
            "beside   +\(share(frames / 2)) % at the median, +\(share(0)) % at the least, "
                + "\(decimals(Double(allocations) / Double(frames), 2)) allocations a frame, "
                + "\(kernels.instructions.name), \(side)x\(side)")
    }

    private func line(_ name: String, _ times: [Int]) -> String {
        let sorted = times.sorted()
        return "\(name)  p50 \(decimals(Double(sorted[sorted.count / 2]) / 1e6, 3)) ms, "
            + "min \(decimals(Double(sorted[0]) / 1e6, 3)) ms over \(sorted.count) frames"
    }
}
