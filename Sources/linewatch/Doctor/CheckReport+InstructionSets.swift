extension CheckReport {
    /// Which instruction sets Linux reports for this processor, and whether `LINEWATCH_ISA` forces one it lacks.
    ///
    /// Linux leaves out what the kernel or a hypervisor has switched off, whatever the processor could do.
    package static func instructionSets(of machine: Machine) -> Check {
        let name = "instruction sets"
        let keys = ["flags", "Features"]  // x86 and arm64
        guard let words = keys.lazy.compactMap({ machine.value(of: $0, in: "proc/cpuinfo") }).first else {
            return .warn(name, "unknown.", remedy: "Mount /proc, or check with 'lscpu'.")
        }
        let flags = Set(words.split(separator: " ").map(String.init))
        let found = requirements.filter { $0.flags.isSubset(of: flags) }
        let list = found.map(\.name).joined(separator: ", ")

        if let forced = machine.environment["LINEWATCH_ISA"], !forced.isEmpty {
            guard found.contains(where: { $0.name == forced }) else {
                return .fail(
                    name, "LINEWATCH_ISA forces '\(forced)', this processor has \(list).",
                    remedy: "Unset LINEWATCH_ISA, or set it to one of those.")
            }
            return .pass(name, "\(list); LINEWATCH_ISA forces \(forced).")
        }
        guard found.contains(where: \.multipliesBytes) else {
            return .warn(
                name, "\(list).",
                remedy: "int8 gains little here. Choose a processor with VNNI (x86) or dotprod (arm64).")
        }
        return .pass(name, "\(list).")
    }

    /// The instruction sets by their names in `LINEWATCH_ISA`, fastest first, with the words that Linux uses.
    ///
    /// `multipliesBytes` says whether one instruction multiplies int8 and adds to int32.
    private static let requirements: [(name: String, flags: Set<String>, multipliesBytes: Bool)] = [
        ("avx512vnni", ["avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512_vnni"], true),
        ("avxvnni", ["avx2", "fma", "avx_vnni"], true),
        ("avx2", ["avx2", "fma"], false),
        ("neon-i8mm", ["asimddp", "i8mm"], true),
        ("neon-dotprod", ["asimddp"], true),
        ("scalar", [], false),
    ]
}
