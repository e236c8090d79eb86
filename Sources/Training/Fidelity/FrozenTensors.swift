/// Tensors that are never trained, such as those of a tower. They own their memory; a tape reads them in place,
/// without a copy and without a gradient.
package final class FrozenTensors {
    private let workspace = Workspace<Float>()
    private var entries: [String: (shape: [Int], cells: Cells<Float>)] = [:]

    /// None yet.
    package init() {}

    /// Adds one, in the place of one of the same name.
    ///
    /// - Precondition: `values` has as many as `shape` says.
    package func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        let cells = workspace.borrow(shape.reduce(1, *))
        cells.copy(values)
        entries[name] = (shape, cells)
    }

    /// The one called `name` on `tape`.
    ///
    /// - Precondition: there is one.
    package func callAsFunction(_ name: String, on tape: Tape<Float>) -> Tensor<Float> {
        guard let entry = entries[name] else { preconditionFailure("no frozen tensor '\(name)'") }
        return tape.append(
            .init(operation: name, value: entry.cells, needsGradient: false, blocks: []), entry.shape)
    }

    /// Its numbers. As above.
    func cells(_ name: String) -> Cells<Float> {
        guard let entry = entries[name] else { preconditionFailure("no frozen tensor '\(name)'") }
        return entry.cells
    }
}

extension Tape {
    /// Computes `body` and keeps only its result: on a training tape by `checkpoint`, else for good.
    func compact(_ body: @escaping (Tape) -> Tensor<Scalar>) -> Tensor<Scalar> {
        guard !isTraining else { return checkpoint(body) }
        let start = nodes.count
        let inner = body(self)
        precondition(inner.index >= start, "nothing was computed")
        let value = workspace.borrow(inner.count)
        value.copy(cells(inner))
        drop(from: start)
        return append(
            Node(operation: "compact", value: value, needsGradient: false, blocks: [value]), inner.shape)
    }

    /// `x` rounded to half precision, ties to even. The gradient passes unchanged.
    @specialized(where Scalar == Float)
    package func roundedToHalf(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
        let y = push("roundedToHalf", x.shape, [x])
        let (xv, yv) = (cells(x), cells(y))
        workers.split(xv.count, grain: 16_384) { range in
            for index in range { yv[index] = Scalar(Float16(xv[index])) }
        }
        onBackward(y) { tape, dy in tape.handOver(dy, of: y, to: x) }
        return y
    }
}
