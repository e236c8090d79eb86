import Kernels

extension CheckReport {
    /// Which instruction sets this processor has kernels for, and which of them is in use.
    ///
    /// Fails if `LINEWATCH_ISA` names one that cannot be had.
    package static func instructionSets(of machine: Machine) -> Check {
        do {
            let inUse = try InstructionSet.named(machine.environment["LINEWATCH_ISA"])
            return instructionSets(available: InstructionSet.available.map(\.name), inUse: inUse.name)
        } catch {
            return .fail(
                "instruction sets", "LINEWATCH_ISA cannot be followed: \(error)",
                remedy: "Unset it to use the best.")
        }
    }

    /// What to say of a processor with the instruction sets `available`, best first, of which `inUse` is
    /// used.
    package static func instructionSets(available: [String], inUse: String) -> Check {
        let name = "instruction sets"
        let detail = "\(available.joined(separator: ", ")); in use: \(inUse)."
        guard inUse == available.first else {
            return .warn(
                name, detail,
                remedy: "Unset LINEWATCH_ISA, which forces a slower one than this processor has.")
        }
        // One instruction that multiplies int8 and adds to int32 is what makes int8 fast.
        let fast: Set = ["avx512vnni", "avxvnni", "neon-i8mm", "neon-dotprod"]
        guard fast.contains(inUse) else {
            return .warn(
                name, detail,
                remedy: "int8 gains little here. Choose a processor with VNNI (x86) or dotprod (arm64).")
        }
        return .pass(name, detail)
    }

    /// The measured int8 ceiling of one core with the instruction set in use.
    package static func int8Peak(of machine: Machine) -> Check {
        let name = "int8 peak"
        guard let set = try? InstructionSet.named(machine.environment["LINEWATCH_ISA"]) else {
            return .warn(
                name, "not measured: the instruction set cannot be had.", remedy: "See 'instruction sets'.")
        }
        let gmacs = Int(KernelTable(set).peakGmacs())
        return .pass(name, "\(gmacs) GMAC/s on one core with \(set).")
    }
}
