import Kernels
import Platform
import Tensors

/// A compiled model in an arena of its own, run by one owner at a time.
///
/// After `init` a run calls no allocator, takes no lock and touches no new page.
@safe
public final class Session: @unchecked Sendable {
    // @unchecked: a session is moved between threads, never shared; `Crew` hands its units to helpers and
    // waits for them.
    public let model: CompiledModel
    private let pool: TensorPool
    private let arena: Memory
    private let crew: Crew
    private let addresses: Program.Addresses
    private let calls: UnsafeMutableBufferPointer<KernelCall>

    /// Takes an arena from `pool`. Throws if there is no memory for it.
    public init(_ model: CompiledModel, pool: TensorPool) throws(InferenceError) {
        self.model = model
        self.pool = pool
        let arena = try pool.take(byteCount: model.arenaBytes)
        self.arena = arena
        let program = unsafe model.program
        let addresses = unsafe Program.Addresses(
            constants: model.constants.memory.base, arena: arena.base,
            constantOffsets: program.constants.map(\.offset), bufferOffsets: model.plan.offsets)
        let made = program.calls.map { $0.make(addresses) }
        self.addresses = addresses
        unsafe calls = .allocate(capacity: made.count)
        _ = unsafe calls.initialize(from: made)
        unsafe crew = Crew(
            calls: UnsafeBufferPointer(calls), threads: model.threads,
            scratch: arena.base + model.plan.byteCount, scratchBytes: model.scratchBytes)
    }

    deinit {
        crew.stop()
        for index in unsafe calls.indices { unsafe calls[index].destroy() }
        unsafe calls.deallocate()
        pool.giveBack(arena)
    }

    /// Computes all outputs from the input that lies in `input`. Allocation-free.
    public func run() { crew.run() }

    /// The input: u8 pixels `[height, width, 3]` or Int32 token ids. Written by the caller before `run`.
    public func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result
    {
        let count = model.graph.nodes[0].shape.reduce(1, *) * (model.graph.nodes[0].shape.count == 1 ? 4 : 1)
        return try unsafe body(UnsafeMutableRawBufferPointer(start: addresses.raw(model.input), count: count))
    }

    /// The shape of output `name`; nil if the graph has none of that name.
    public func shape(of name: String) -> [Int]? { model.outputs[name]?.shape }

    /// Output `name` in float32, row-major in its shape, codes dequantised and padding removed; nil if there
    /// is none.
    ///
    /// Valid after `run`. Allocates: for the control plane and for tests.
    public func floats(_ name: String) -> [Float]? {
        switch model.outputs[name] {
        case .floats(let buffer, let offset, let shape):
            let values = unsafe addresses.floats(buffer, offset: offset)
            return (0..<shape.reduce(1, *)).map { unsafe values[$0] }
        case .codes(let buffer, let quantisation, let shape):
            let codes = unsafe addresses.codes(buffer), stride = KernelTable.padded(shape[2])
            return (0..<shape[0] * shape[1]).flatMap { pixel in
                (0..<shape[2]).map { channel in
                    let code = Int32(unsafe codes[pixel * stride + channel])
                    return Float(code - quantisation.zeroPoint) * quantisation.scale
                }
            }
        case .map(let buffer, let shape):
            let values = unsafe addresses.floats(buffer), stride = KernelTable.padded(shape[2])
            return (0..<shape.reduce(1, *)).map {
                unsafe values[$0 / shape[2] * stride + $0 % shape[2]]
            }
        case nil: return nil
        }
    }

    /// An output as it lies in the arena: pixels or rows of `width` values, `stride` values apart.
    ///
    /// Codes mean a number that is proportional to code - zeroPoint.
    @unsafe
    package enum RawOutput {
        case codes(UnsafePointer<UInt8>, zeroPoint: Int32, width: Int, stride: Int)
        case floats(UnsafePointer<Float>, width: Int, stride: Int)
    }

    /// Output `name` where it lies; nil if there is none. Valid from a `run` to the next, as long as the
    /// session lives. Allocation-free.
    package func rawOutput(_ name: String) -> RawOutput? {
        switch model.outputs[name] {
        case .codes(let buffer, let quantisation, let shape):
            unsafe .codes(
                addresses.codes(buffer), zeroPoint: quantisation.zeroPoint, width: shape[2],
                stride: KernelTable.padded(shape[2]))
        case .floats(let buffer, let offset, let shape):
            unsafe .floats(addresses.floats(buffer, offset: offset), width: shape[1], stride: shape[1])
        case .map(let buffer, let shape):
            unsafe .floats(
                addresses.floats(buffer), width: shape[2], stride: KernelTable.padded(shape[2]))
        case nil: nil
        }
    }

    /// The values of `pixels`, counted row by row, of output `name`, which is a map; nil if there is none.
    ///
    /// Valid after `run`. Allocates.
    package func floats(_ name: String, pixels: [Int]) -> [Float]? {
        switch model.outputs[name] {
        case .codes(let buffer, let quantisation, let shape):
            let codes = unsafe addresses.codes(buffer), stride = KernelTable.padded(shape[2])
            return pixels.flatMap { pixel in
                (0..<shape[2]).map {
                    Float(Int32(unsafe codes[pixel * stride + $0]) - quantisation.zeroPoint)
                        * quantisation.scale
                }
            }
        case .map(let buffer, let shape):
            let values = unsafe addresses.floats(buffer), stride = KernelTable.padded(shape[2])
            return pixels.flatMap { pixel in (0..<shape[2]).map { unsafe values[pixel * stride + $0] } }
        case .floats, nil: return nil
        }
    }

    /// The time of every call in one run by `clock`, in nanoseconds, for profiling. Needs an input like
    /// `run`.
    public func profile(clock: () -> Int) -> [(name: String, nanoseconds: Int)] {
        unsafe model.program.calls.indices.map { index in
            let start = clock()
            unsafe calls[index].run(0..<calls[index].unitCount, scratch: arena.base + model.plan.byteCount)
            return unsafe (model.program.calls[index].name, clock() - start)
        }
    }
}
