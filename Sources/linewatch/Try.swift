import AnomalyModels
import ArgumentParser
import Inference
import Kernels
import Platform
import Glibc
func cpu() -> Int { var t = timespec(); clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); return t.tv_sec * 1_000_000_000 + t.tv_nsec }
struct Try: ParsableCommand {
    @Argument var name: String
    @Option var threads = 1
    @Option var frames = 60
    @Flag var profile = false
    @Flag var each = false
    @Option var isa: String?
    func run() throws {
        let k = KernelTable(try InstructionSet.named(isa))
        let graph: Graph = switch name {
        case "b32": Architecture.Clip.Vision.b32.graph(height: 224, width: 224, embeddingWidth: 512, activation: .quickGELU, taps: [])
        case "b16": Architecture.Clip.Vision.b16.graph(height: 240, width: 240, embeddingWidth: 512, activation: .quickGELU, taps: [])
        case "s14": Architecture.Clip.Vision.s14.graph(height: 448, width: 448, embeddingWidth: 384, activation: .gelu, taps: [], hasPreNorm: false)
        default: EfficientNetLite.lite0.graph(height: 224, width: 224, taps: [], hasClassifier: true)
        }
        let t0 = MonotonicClock.now
        let model = try CompiledModel(graph, weights: RandomWeights(seed: 1), kernels: k, threads: threads)
        let s = try Session(model, pool: TensorPool())
        if !each { print("load", Double(MonotonicClock.now - t0) / 1e6, "arena", model.arenaBytes) }
        s.withInput { b in for i in b.indices { unsafe b[i] = UInt8(truncatingIfNeeded: i &* 2654435761 >> 7) } }
        for _ in 0..<3 { s.run() }
        var ms: [Double] = []
        for _ in 0..<frames { let t = MonotonicClock.now; s.run(); ms.append(Double(MonotonicClock.now - t) / 1e6) }
        ms.sort()
        var cs: [Double] = []
        for _ in 0..<frames { let t = cpu(); s.run(); cs.append(Double(cpu() - t) / 1e6) }
        cs.sort()
        if !each { print("cpu min \(cs[0]) median \(cs[frames / 2])") }
        if each { for m in ms { print("ms=\(m)") }; return }
        print("\(name) \(k.instructions) min \(ms[0]) median \(ms[frames / 2]) p99 \(ms[frames * 99 / 100])")
        if profile {
            var best: [(String, Int)] = []
            for r in 0..<20 { let p = s.profileCPU(cpu); if r == 0 { best = p.map { ($0.name, $0.nanoseconds) } } else { for i in p.indices { best[i].1 = min(best[i].1, p[i].nanoseconds) } } }
            for (n, v) in best { print(n, Double(v) / 1e3) }
            print("sum", Double(best.reduce(0) { $0 + $1.1 }) / 1e6)
        }
    }
}
