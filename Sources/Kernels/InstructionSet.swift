import CKernels

/// An instruction set that kernels are compiled for, by the name that `LINEWATCH_ISA` and the file names use.
public struct InstructionSet: Hashable, Sendable, CustomStringConvertible {
    public let name: String

    /// Whether this CPU runs it.
    public let isAvailable: Bool

    public var description: String { name }

    /// Every instruction set of this build, best first; the last one is `scalar`, the definition.
    public static let compiled: [InstructionSet] = {
        var all: [InstructionSet] = []
        var available: Int32 = 0
        while let name = unsafe ck_kernels_name(all.count, &available) {
            all.append(InstructionSet(name: unsafe String(cString: name), isAvailable: available != 0))
        }
        return all
    }()

    /// Those of `compiled` that this CPU runs, best first.
    public static var available: [InstructionSet] { compiled.filter(\.isAvailable) }

    /// The best one that this CPU runs.
    public static var best: InstructionSet { available[0] }

    /// The instruction set called `name`; nil or "auto" stands for the best one.
    ///
    /// Throws `InstructionSetError` if the build does not know it or this CPU lacks it.
    public static func named(_ name: String?) throws(InstructionSetError) -> InstructionSet {
        guard let name, name != "auto", !name.isEmpty else { return best }
        guard let set = compiled.first(where: { $0.name == name }) else {
            throw .unknown(name: name, available: available.map(\.name))
        }
        guard set.isAvailable else { throw .notOnThisCPU(name: name, available: available.map(\.name)) }
        return set
    }
}

/// An instruction set that was asked for and cannot be had.
public enum InstructionSetError: Error, Hashable, CustomStringConvertible {
    case unknown(name: String, available: [String])
    case notOnThisCPU(name: String, available: [String])

    public var description: String {
        switch self {
        case .unknown(let name, let available):
            "'\(name)' is no instruction set of this build. Set LINEWATCH_ISA to one of: \(list(available))."
        case .notOnThisCPU(let name, let available):
            "this CPU lacks '\(name)'. Set LINEWATCH_ISA to one of: \(list(available))."
        }
    }

    private func list(_ names: [String]) -> String { (["auto"] + names).joined(separator: ", ") }
}
