import Inference
import Kernels
import Platform

/// What makes the maps of a trunk of pixels: its network in int8, as inspections run it, or in float32, to see what
/// int8 costs.
@safe
final class TrunkNetwork {
    private enum Engine {
        case int8(Session)
        case float(FloatTrunk)
    }

    private let engine: Engine

    /// Compiles `graph` with `weights`, or takes `float` to run it in float32, where it keeps `outputs`. Throws what they
    /// throw.
    init(
        _ graph: Graph, _ weights: any WeightSource, float: FloatSource?, outputs: [String],
        kernels: KernelTable, pool: TensorPool
    ) throws(InferenceError) {
        if let float {
            engine = .float(try FloatTrunk(graph, float, outputs: outputs, kernels: kernels))
        } else {
            engine = try unsafe .int8(
                Session(CompiledModel(graph, weights: weights, kernels: kernels), pool: pool))
        }
    }

    func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result {
        switch engine {
        case .int8(let session): try unsafe session.withInput(body)
        case .float(let trunk): try unsafe trunk.withInput(body)
        }
    }

    /// Fills the maps. In int8 allocation-free.
    func run() {
        switch engine {
        case .int8(let session): session.run()
        case .float(let trunk): trunk.run()
        }
    }

    /// Output `name`, a map of floats: its first row, and the floats from one row to the next. Valid as long as this lives.
    ///
    /// - Precondition: there is such an output.
    func map(_ name: String) -> (values: UnsafePointer<Float>, stride: Int) {
        switch engine {
        case .int8(let session):
            // A block ends in a projection or a sum without activation, whose values stay in float32.
            guard case .floats(let values, _, let stride) = unsafe session.rawOutput(name) else {
                preconditionFailure("'\(name)' is no map of floats")
            }
            return unsafe (values, stride)
        case .float(let trunk): return unsafe trunk.map(name)
        }
    }
}

/// A trunk in float32. It allocates at every run: for comparisons.
@safe
private final class FloatTrunk {
    private let reference: ReferenceSession
    private let pixels: Memory
    private let pixelBytes: Int
    private let outputs: [(name: String, width: Int)]
    private let maps: FloatBuffers

    init(
        _ graph: Graph, _ source: FloatSource, outputs: [String], kernels: KernelTable
    ) throws(InferenceError) {
        reference = try ReferenceSession(graph, weights: source, kernels: kernels, keepsAll: false)
        let shapes = outputs.map { name -> [Int] in
            guard let output = graph.outputs.first(where: { $0.name == name }) else {
                preconditionFailure("no output '\(name)'")
            }
            return graph.nodes[output.value].shape
        }
        self.outputs = zip(outputs, shapes).map { ($0, $1.last ?? 1) }
        pixelBytes = graph.nodes[0].shape.reduce(1, *)
        do {
            pixels = try Memory(byteCount: pixelBytes)
            maps = try FloatBuffers(shapes.map { $0.reduce(1, *) }, scratchBytes: 64)
        } catch { throw .outOfMemory(bytes: pixelBytes) }
    }

    func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result {
        // As many bytes as the memory was made with.
        try unsafe body(UnsafeMutableRawBufferPointer(start: pixels.base, count: pixelBytes))
    }

    func run() {
        reference.run(image: unsafe Array(UnsafeRawBufferPointer(start: pixels.base, count: pixelBytes)))
        for (index, output) in outputs.enumerated() {
            guard let values = reference.output(output.name) else {
                preconditionFailure("no output '\(output.name)'")
            }
            // Each map has room for the values of its output.
            for place in values.indices { unsafe maps[index][place] = values[place] }
        }
    }

    func map(_ name: String) -> (values: UnsafePointer<Float>, stride: Int) {
        guard let index = outputs.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("no output '\(name)'")
        }
        return unsafe (UnsafePointer(maps[index]), outputs[index].width)
    }
}
