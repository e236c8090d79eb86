import AnomalyModels
import FoundationEssentials
import Inference
import Kernels

/// What `linewatch model bench` measured. Keys are only ever added.
struct BenchReport: Encodable {
    let schema = "linewatch.model.bench/1"
    let name: String
    /// "package" or "random".
    let weights: String
    let isa: String
    let threads: Int
    let input: [Int]
    let frames: Int
    /// Billions of multiply-adds in one frame.
    let gmac: Double
    let medianMilliseconds: Double
    let minMilliseconds: Double
    let p99Milliseconds: Double
    /// The least processor time of a frame on one thread, which others on the same core do not lengthen.
    let minCPUMilliseconds: Double
    /// The rate of the fastest frame over the peak of `threads` cores.
    let peakFraction: Double
    /// Billions of multiply-adds per second of one core.
    let peakGmacs: Double
    let arenaBytes: Int
    let weightBytes: Int
    /// Of the whole process, after the frames.
    let rssBytes: Int
    let loadMilliseconds: Double
    /// Whether the packed weights came from the cache.
    let isFromCache: Bool
    let mallocsPerFrame: Double
    let minorFaultsPerFrame: Double

    enum CodingKeys: String, CodingKey {
        case schema, name, weights, isa, threads, input, frames, gmac
        case medianMilliseconds = "median_ms"
        case minMilliseconds = "min_ms"
        case p99Milliseconds = "p99_ms"
        case minCPUMilliseconds = "min_cpu_ms"
        case peakFraction = "peak_fraction"
        case peakGmacs = "peak_gmacs"
        case arenaBytes = "arena_bytes"
        case weightBytes = "weight_bytes"
        case rssBytes = "rss_bytes"
        case loadMilliseconds = "load_ms"
        case isFromCache = "load_from_cache"
        case mallocsPerFrame = "mallocs_per_frame"
        case minorFaultsPerFrame = "minor_faults_per_frame"
    }

    init(_ choice: ModelChoice, _ loaded: LoadedModel, _ measured: FrameTimes, loadTime: Int) {
        let sorted = measured.nanoseconds.sorted(), model = loaded.model
        let peak = measured.peaks.sorted()[measured.peaks.count / 2]
        name = choice.name
        weights = if case .random = choice.weights { "random" } else { "package" }
        isa = model.kernels.instructions.name
        threads = model.threads
        input = model.graph.inputShape
        frames = sorted.count
        gmac = Double(model.graph.multiplyAdds) / 1e9
        medianMilliseconds = Double(sorted[sorted.count / 2]) / 1e6
        minMilliseconds = Double(sorted[0]) / 1e6
        p99Milliseconds = Double(sorted[min(sorted.count - 1, sorted.count * 99 / 100)]) / 1e6
        minCPUMilliseconds = Double(measured.leastProcessorTime) / 1e6
        peakFraction = Double(model.graph.multiplyAdds) / Double(sorted[0]) / (peak * Double(threads))
        peakGmacs = peak
        arenaBytes = model.arenaBytes
        weightBytes = model.constantBytes
        rssBytes = Self.residentBytes
        loadMilliseconds = Double(loadTime) / 1e6
        isFromCache = loaded.isFromCache
        mallocsPerFrame = Double(measured.allocations) / Double(sorted.count)
        minorFaultsPerFrame = Double(measured.minorFaults) / Double(sorted.count)
    }

    /// What of this process lies in memory now, as Linux counts it; 0 where /proc is not mounted.
    static var residentBytes: Int {
        guard let status = Machine.this.value(of: "VmRSS", in: "proc/self/status"),
            let kibibytes = status.split(separator: " ").first.flatMap({ Int($0) })
        else { return 0 }
        return kibibytes << 10
    }

    var text: String {
        let megabytes = { (bytes: Int) in decimals(Double(bytes) / 1e6, 1) + " MB" }
        return [
            "\(name), \(weights == "random" ? "random weights" : "package"), input "
                + input.map(String.init).joined(separator: "x") + ", \(isa), "
                + (threads == 1 ? "1 thread" : "\(threads) threads"),
            "frame    median \(decimals(medianMilliseconds, 3)) ms, min \(decimals(minMilliseconds, 3)) ms, "
                + "p99 \(decimals(p99Milliseconds, 3)) ms over \(frames) frames",
            "speed    \(decimals(gmac, 3)) GMAC, \(decimals(peakFraction * 100, 1)) % of the int8 peak of "
                + "\(decimals(peakGmacs, 0)) GMAC/s a core",
            "memory   arena \(megabytes(arenaBytes)), packed weights \(megabytes(weightBytes)), "
                + "process \(megabytes(rssBytes))",
            "load     \(decimals(loadMilliseconds, 1)) ms, \(isFromCache ? "from the cache" : "packed now")",
            "a frame  \(decimals(mallocsPerFrame, 2)) allocations, \(decimals(minorFaultsPerFrame, 2)) minor faults",
        ].joined(separator: "\n")
    }
}
