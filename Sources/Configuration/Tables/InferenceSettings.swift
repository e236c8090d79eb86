/// `[infer]`: cores and memory of the networks.
package struct InferenceSettings: SettingTable {
    package enum Instructions: String, CaseIterable, Sendable {
        case auto, scalar, avx2, avxvnni, avx512vnni
        case neonDotprod = "neon-dotprod"
        case neonI8MM = "neon-i8mm"
    }

    /// 0: one worker per physical core minus one, at least 1.
    package var threads = 0
    package var isa = Instructions.auto
    /// CPU numbers of the hot threads; none leaves it to the scheduler.
    package var cpus: [Int] = []
    /// Frames per camera.
    package var queue = 4
    /// Zero is off.
    package var keepWarm = Duration.zero
    package var lockMemory = true

    package init() {}

    package static let settings: [Setting<InferenceSettings>] = [
        .integer(
            "threads", \.threads, 0...64, "",
            "0 = one worker per physical core minus one, at least 1; 2 is right for 2 cores and 2 cameras"
        ).restarting(.restart),
        .choice("isa", \.isa, "all give the same sums").restarting(.restart),
        .integers(
            "cpus", \.cpus, 0...1023, 0...1024,
            "CPUs of capture, inference and publisher threads; [] = left to the scheduler"
        ).restarting(.restart),
        .integer("queue", \.queue, 1...64, "frames", "per camera, taken from a fixed pool")
            .restarting(.restart),
        .duration(
            "keep_warm_ms", \.keepWarm, 0...60_000, .milliseconds,
            "0 = off; run an idle pass so that latency does not rise after pauses"
        ).restarting(.restart),
        .flag("lock_memory", \.lockMemory, "mlock weights and arenas").restarting(.restart),
    ]
}
