import AnomalyModels
import ArgumentParser
import Foundation
import Imaging
import Inference
import ModelPackages
import Platform
import SimulatedLine
import Training

/// `linewatch bench types`: what it costs to say what kind of defect a finding is.
struct BenchTypes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "types",
        abstract: "Measures how long the description of one finding takes, and sorting them anew.",
        discussion: """
            A detector for 256 x 256 is taught a part of the simulated line and looks at one with a scratch; its finding is \
            then described again and again on one thread. Times are those of the thread. With --sorted descriptions drawn \
            about six centres are sorted anew, as each night with those that are kept.
            """)

    @Option(help: "How often (10...1000000).")
    var rounds = 500

    @Option(help: "Also sort so many descriptions anew (24...20000).")
    var sorted: Int?

    @Option(help: "Instruction set. Default: LINEWATCH_ISA, or the best.")
    var isa: String?

    func validate() throws {
        guard 10...1_000_000 ~= rounds else {
            throw ValidationError("--rounds \(rounds) is not in 10...1000000.")
        }
        if let sorted, !(24...20_000 ~= sorted) {
            throw ValidationError("--sorted \(sorted) is not in 24...20000.")
        }
    }

    func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let fine = try ModelPackage(opening: locator.find("fine"), verifyingHashes: true)
        let trunk = try ModelPackage(
            opening: locator.find(EmbeddingHead.trunk(of: fine).name), verifyingHashes: true)
        let kernels = try ModelChoice.kernels(isa), pool = TensorPool()
        let size = Size(width: 256, height: 256)
        var line = try ProductionLine(
            LineSettings(surface: .brushed, form: .parts, seed: 1, size: size, defectsPerMillion: 0))
        var teaching = PatchTeaching(trunk: trunk, views: .fixed, kernels: kernels, pool: pool)
        try teaching.add(line.part(0, defect: .none).colour.pixels, size: size)
        let detector = try PatchDetector(
            teaching.bank(), trunk: trunk, size: size, kernels: kernels, pool: pool)
        guard
            let embedder = try DefectEmbedder(
                EmbeddingHead(of: fine), detector: detector, trunk: trunk, kernels: kernels, pool: pool)
        else { throw CommandFailure("'\(fine.directory)' does not fit '\(trunk.directory)'.") }
        let pixels = line.part(1, defect: .forced(.scratch)).colour.pixels
        // As many bytes as the detector's input.
        unsafe detector.withInput { input in unsafe input.copyBytes(from: pixels) }
        embedder.keep()
        _ = detector.run()
        let region = detector.peak
        let times = (0..<rounds).map { _ in
            let start = ThreadClock.now
            embedder.describe(region)
            return Double(ThreadClock.now - start) / 1e6
        }.sorted()
        print(
            "a finding described: \(decimals(times[0], 3)) ms least, \(decimals(times[rounds / 2], 3)) median"
        )
        if let sorted { sortAnew(sorted, width: try EmbeddingHead(of: fine).width) }
    }

    /// Sorts `count` vectors about six centres anew, one in ten of no type yet.
    private func sortAnew(_ count: Int, width: Int) {
        var random = RandomNumbers(seed: 1, stream: "descriptions")
        func numbers() -> [Float] { (0..<width).map { _ in Float(random.nextNormal()) } }
        let centres = (0..<6).map { _ in numbers() }
        var values: [Float] = [], types: [UInt16] = []
        for index in 0..<count {
            let kind = index % centres.count
            values += zip(centres[kind], numbers()).map { $0 + 1.5 * $1 }
            types.append(index % 10 == 0 ? 0 : UInt16(kind + 1))
        }
        let start = MonotonicClock.now
        let found = Reclustering(UnitRows(values, width: width), types: types)
        let seconds = Double(MonotonicClock.now - start) / 1e9
        let most = Machine.this.value(of: "VmHWM", in: "proc/self/status") ?? "unknown"
        print(
            "\(count) sorted anew into \(found.clusters.count): \(decimals(seconds, 1)) s, "
                + "memory at most \(most)")
    }
}
