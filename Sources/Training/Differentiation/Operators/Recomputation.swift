extension Tape {
    /// Computes `body` and keeps only its result: on the way back it is computed again (Chen et al., 2016). Takes
    /// time, spares the memory of everything in between.
    ///
    /// `body` may use tensors from outside and parameters, and must compute the same each time: nothing random.
    public func checkpoint(_ body: @escaping (Tape) -> Tensor<Scalar>) -> Tensor<Scalar> {
        guard isTraining else { return body(self) }
        let start = nodes.count
        let inner = body(self)
        precondition(inner.index >= start, "a checkpoint of nothing")
        let needsGradient = self.needsGradient(inner)
        let value = workspace.borrow(inner.count)
        value.copy(cells(inner))
        drop(from: start)
        let result = append(
            Node(operation: "checkpoint", value: value, needsGradient: needsGradient, blocks: [value]),
            inner.shape)
        onBackward(result) { tape, dy in
            let start = tape.nodes.count
            tape.isRecomputing = true
            let again = body(tape)
            tape.isRecomputing = false
            tape.gradient(of: again)?.add(dy)
            tape.walkBack(from: tape.nodes.count, to: start)
            tape.drop(from: start)
        }
        return result
    }
}
