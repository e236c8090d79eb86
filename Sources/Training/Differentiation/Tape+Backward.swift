/// The way back.
extension Tape {
    /// Adds the gradients of `loss`, a tensor of one element, to the parameters and variables it came from.
    ///
    /// - Precondition: the tape is a training one; `loss` has one element.
    public func backward(_ loss: Tensor<Scalar>) {
        precondition(isTraining, "backward on a tape that is not training")
        precondition(loss.count == 1, "the gradient of \(loss.shape)")
        culprit = nil
        guard let seed = gradient(of: loss) else { return }
        seed[0] += 1
        walkBack(from: nodes.count, to: 0)
    }

    /// Runs the closures of the nodes `end - 1` down to `start`.
    func walkBack(from end: Int, to start: Int) {
        for index in stride(from: end - 1, through: start, by: -1) {
            guard let body = nodes[index].backward, let gradient = nodes[index].gradient else { continue }
            body(self, gradient)
            if isWatching, culprit == nil { culprit = blame(below: index) }
            if let left = nodes[index].gradient {
                workspace.giveBack(left)
                nodes[index].gradient = nil
            }
        }
    }

    /// The gradient of an input, to be added to; nil if it is not wanted. Zeros at first.
    func gradient(of tensor: Tensor<Scalar>) -> Cells<Scalar>? {
        guard let (cells, isNew) = sink(of: tensor) else { return nil }
        if isNew { cells.fill(0) }
        return cells
    }

    /// The same for who can write instead of add: a new one has no values yet, and `beta` is 0 for it, 1 else.
    func sink(of tensor: Tensor<Scalar>) -> (cells: Cells<Scalar>, isNew: Bool)? {
        guard needsGradient(tensor) else { return nil }
        if let gradient = nodes[tensor.index].gradient { return (gradient, false) }
        let gradient = workspace.borrow(tensor.count)
        nodes[tensor.index].gradient = gradient
        return (gradient, true)
    }

    /// The same, with zeros in a new one if `fillingZeros`; then it does not count as new.
    func sink(
        of tensor: Tensor<Scalar>, fillingZeros: Bool
    ) -> (cells: Cells<Scalar>, isNew: Bool)? {
        fillingZeros ? gradient(of: tensor).map { ($0, false) } : sink(of: tensor)
    }

    /// Adds the whole gradient of `result` to that of `input`, which has as many elements: by handing over the
    /// memory where `input` has none yet.
    ///
    /// The last thing that the backward pass of `result` does.
    func handOver(_ gradient: Cells<Scalar>, of result: Tensor<Scalar>, to input: Tensor<Scalar>) {
        guard needsGradient(input) else { return }
        if let sum = nodes[input.index].gradient {
            workers.split(sum.count, grain: 32_768) { sum.part($0).add(gradient.part($0)) }
        } else {
            nodes[input.index].gradient = gradient
            nodes[result.index].gradient = nil
        }
    }

    /// Where the gradient of `input` goes, for an operator that computes each of its numbers from the number at the
    /// same place of `gradient`, that of `result`, or from its row: the memory of `gradient` itself where `input` has
    /// none yet, to be written; else what is there, to be added to. nil if it is not wanted.
    ///
    /// The last thing that the backward pass of `result` does.
    func takeOver(
        _ gradient: Cells<Scalar>, of result: Tensor<Scalar>, for input: Tensor<Scalar>
    ) -> (cells: Cells<Scalar>, isNew: Bool)? {
        precondition(result.count == input.count, "\(result.shape) for \(input.shape)")
        guard needsGradient(input) else { return nil }
        if let sum = nodes[input.index].gradient { return (sum, false) }
        nodes[input.index].gradient = gradient
        nodes[result.index].gradient = nil
        return (gradient, true)
    }

    /// The first operator whose result is not finite, in the order of the computation.
    package func firstNonFinite() -> String? {
        nodes.first { !$0.value.areFinite }?.operation
    }

    /// The operator at `index` if one of the gradients before it is not finite.
    private func blame(below index: Int) -> String? {
        let isBroken = nodes[..<index].contains { $0.gradient.map { !$0.areFinite } ?? false }
        return isBroken ? "gradient of \(nodes[index].operation)" : nil
    }
}

extension Cells {
    /// The cells of a range.
    ///
    /// - Precondition: it lies in the view.
    @inline(__always)
    func part(_ range: Range<Int>) -> Cells { part(range.lowerBound, range.count) }
}
