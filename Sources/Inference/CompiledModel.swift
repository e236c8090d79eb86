public import Kernels
public import Platform
package import Tensors

/// A graph compiled for one instruction set: packed weights, a memory plan, and the calls of one run.
///
/// Compiling packs all weights, which takes longer than anything else at load; `Constants` can be kept in a
/// file and shared by models that differ only in their input size or number of tokens.
public final class CompiledModel: Sendable {
    public let graph: Graph
    public let kernels: KernelTable
    public let threads: Int
    public let constants: Constants
    public let plan: MemoryPlan
    /// Names the layout of `constants`: equal for models of the same package and instruction set exactly if
    /// their packed weights lie at the same places.
    public let constantLayout: UInt32
    /// Bytes of scratch of each thread.
    package let scratchBytes: Int
    nonisolated(unsafe) package let program: Program  // never changed after init
    package let outputs: [String: Output]
    package let input: Program.BufferID

    /// Where an output lies and how to read it.
    package enum Output: Sendable {
        case floats(Program.BufferID, offset: Int, shape: [Int])
        case codes(Program.BufferID, QuantisationParameters, shape: [Int])
        case map(Program.BufferID, shape: [Int])

        package var shape: [Int] {
            switch self {
            case .floats(_, _, let shape), .codes(_, _, let shape), .map(_, let shape): shape
            }
        }
    }

    /// Packed weights and tables of a model, in memory of their own.
    public final class Constants: Sendable {
        public let memory: Memory
        public init(byteCount: Int) throws(InferenceError) {
            do { memory = try Memory(byteCount: byteCount) } catch { throw .outOfMemory(bytes: byteCount) }
        }
    }

    /// Compiles `graph` with `weights`.
    ///
    /// `restore` may fill the constants from a cache: it gets their layout and zeroed memory of their size,
    /// and returns whether it did; if not, the memory is zero again. Then no weights are read. Throws what
    /// `weights` throws, or if the scales leave the range of the kernels.
    /// - Parameter threads: how many threads will share a run; it decides how work is cut.
    public init(
        _ graph: Graph, weights: any WeightSource, kernels: KernelTable, threads: Int = 1,
        restore: (_ layout: UInt32, UnsafeMutableRawBufferPointer) -> Bool = { _, _ in false }
    ) throws(InferenceError) {
        var compiler = Compiler(graph, weights: weights, kernels: kernels, threads: threads)
        try compiler.compile()
        self.graph = graph
        self.kernels = kernels
        self.threads = threads
        let program = compiler.program
        compiler.program.forgetFills()
        unsafe self.program = compiler.program
        plan = MemoryPlan(program.buffers)
        constants = try Constants(byteCount: program.constantBytes)
        let target = unsafe UnsafeMutableRawBufferPointer(
            start: constants.memory.base, count: program.constantBytes)
        constantLayout = program.layout(of: graph, kernels)
        if unsafe !restore(constantLayout, target) { try unsafe program.fillConstants(constants.memory.base) }
        outputs = compiler.outputTable()
        guard let input = compiler.inputBuffer() else { preconditionFailure("a graph without input") }
        self.input = input
        let widths = graph.nodes.map { $0.shape.last ?? 0 }
        scratchBytes = KernelTable.scratchBytes(
            width: widths.max() ?? 0,
            tokens: graph.nodes.filter { $0.shape.count == 2 }.map { $0.shape[0] }.max() ?? 0,
            imageWidth: graph.nodes.filter { $0.shape.count == 3 }.map { $0.shape[1] }.max() ?? 0)
    }

    /// Bytes that one session needs: its arena and the scratch of its threads.
    public var arenaBytes: Int { plan.byteCount + threads * scratchBytes }

    /// Bytes of packed weights and tables.
    public var constantBytes: Int { constants.memory.byteCount }

    /// The packed form, for a cache.
    public func withConstants<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe body(
            UnsafeRawBufferPointer(start: constants.memory.base, count: unsafe program.constantBytes))
    }
}

extension Compiler {
    func outputTable() -> [String: CompiledModel.Output] {
        var table: [String: CompiledModel.Output] = [:]
        for (name, value) in graph.outputs {
            let shape = graph.nodes[value].shape
            switch locations[value] {
            case .rows(let buffer, let offset): table[name] = .floats(buffer, offset: offset, shape: shape)
            case .codes(let buffer, let quantisation):
                table[name] = .codes(buffer, quantisation, shape: shape)
            case .map(let buffer): table[name] = .map(buffer, shape: shape)
            case .pixels, .ids, .fused: preconditionFailure("'\(name)' cannot be an output")
            }
        }
        return table
    }

    func inputBuffer() -> Program.BufferID? {
        for location in locations {
            switch location {
            case .pixels(let buffer), .ids(let buffer): return buffer
            default: continue
            }
        }
        return nil
    }
}
