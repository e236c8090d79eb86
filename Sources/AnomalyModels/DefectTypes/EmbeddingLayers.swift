/// The trained part of an `EmbeddingHead` at work: numbers in, the codes of a unit vector out. Sums run in the order of
/// the inputs, so they are the same on every instruction set. Allocates nothing after it was made.
struct EmbeddingLayers {
    private let inBias: [Float]
    private let bias: [Float]
    /// Weights as `[inputs, hidden]`, `[inputs, width]` and `[hidden, width]`: one input's share of all numbers lies
    /// together.
    private let inColumns: [Float]
    private let skipColumns: [Float]
    private let outColumns: [Float]
    private var hidden: [Float]
    private var vector: [Float]
    /// -127...127, of length 127.
    private(set) var codes: [Int8]

    init(_ head: EmbeddingHead) {
        let layers = head.layers
        (inBias, bias) = (layers.inBias, layers.bias)
        inColumns = Self.turned(layers.inWeight, width: head.inputs)
        skipColumns = Self.turned(layers.skip, width: head.inputs)
        outColumns = Self.turned(layers.outWeight, width: head.hidden)
        hidden = [Float](repeating: 0, count: head.hidden)
        vector = [Float](repeating: 0, count: head.width)
        codes = [Int8](repeating: 0, count: head.width)
    }

    private static func turned(_ rows: [Float], width: Int) -> [Float] {
        let count = rows.count / width
        return (0..<width).flatMap { column in (0..<count).map { rows[$0 * width + column] } }
    }

    /// Fills `codes`.
    ///
    /// - Precondition: as many numbers as the head has inputs.
    mutating func run(_ inputs: [Float]) {
        for index in hidden.indices { hidden[index] = inBias[index] }
        for index in vector.indices { vector[index] = bias[index] }
        Self.accumulate(inputs, inColumns, into: &hidden)
        Self.accumulate(inputs, skipColumns, into: &vector)
        for index in hidden.indices { hidden[index] = max(0, hidden[index]) }
        Self.accumulate(hidden, outColumns, into: &vector)
        var square: Float = 0
        for axis in vector.indices { square += vector[axis] * vector[axis] }
        let factor = square > 1e-12 ? 127 / square.squareRoot() : 0
        for axis in vector.indices {
            codes[axis] = Int8(clamping: Int((vector[axis] * factor).rounded(.toNearestOrEven)))
        }
    }

    /// Adds to `result` the columns, each times its input.
    private static func accumulate(_ inputs: [Float], _ columns: [Float], into result: inout [Float]) {
        let width = result.count
        precondition(columns.count == inputs.count * width, "\(columns.count) weights")
        unsafe result.withUnsafeMutableBufferPointer { result in
            unsafe columns.withUnsafeBufferPointer { columns in
                for input in inputs.indices {
                    let value = inputs[input]
                    // A column of `width` for each input, as the precondition says.
                    for axis in 0..<width { unsafe result[axis] += value * columns[input * width + axis] }
                }
            }
        }
    }
}
