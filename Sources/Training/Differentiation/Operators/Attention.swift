/// Which keys a query may look at.
public enum AttentionMask: Sendable, Hashable {
    case none
    /// Query i sees keys 0...i.
    case causal
    /// Of each batch entry, the first so many keys: the tokens of a padded sentence.
    case lengths([Int])
    /// Whether query i may see key j, `[queries, keys]`, the same for the batch.
    case allowed([Bool])
}

/// Where queries, keys or values lie: `[batch, tokens, width]` inside of rows of `stride`.
private struct Projection<Scalar: TrainingScalar> {
    let tensor: Tensor<Scalar>
    let offset: Int
    let tokens: Int

    /// The matrix `[tokens, size]` of one batch entry and head, in the values or the gradient.
    @inline(__always)
    func matrix(_ cells: Cells<Scalar>, _ entry: Int, _ head: Int, _ size: Int) -> Matrix<Scalar> {
        let stride = tensor.width
        let start = entry * tokens * stride + offset + head * size
        return Matrix(cells.part(start, (tokens - 1) * stride + size), tokens, size, stride: stride)
    }
}

extension Tape {
    /// softmax(Q Kᵀ / √size) V in each head, size = width / heads.
    ///
    /// - Parameters:
    ///   - queries: `[batch, n, width]`; head h has the columns `size * h ..< size * (h + 1)`.
    ///   - keys: `[batch, m, width]`, like `values`.
    /// - Returns: `[batch, n, width]`.
    /// - Precondition: `heads` divides the width.
    @specialized(where Scalar == Float)
    public func attention(
        queries: Tensor<Scalar>, keys: Tensor<Scalar>, values: Tensor<Scalar>, heads: Int,
        mask: AttentionMask = .none
    ) -> Tensor<Scalar> {
        let (batch, n, m) = (queries.shape[0], queries.shape[1], keys.shape[1])
        precondition(
            queries.shape.count == 3 && keys.shape == [batch, m, queries.width] && keys.shape == values.shape,
            "attention of \(queries.shape) to \(keys.shape) and \(values.shape)")
        return attend(
            Projection(tensor: queries, offset: 0, tokens: n), Projection(tensor: keys, offset: 0, tokens: m),
            Projection(tensor: values, offset: 0, tokens: m), batch, queries.width, heads, mask)
    }

    /// The same of a set of tokens to itself, with queries, keys and values side by side in `qkv`:
    /// `[batch, n, 3 width]`, first all columns of the queries, then of the keys, then of the values.
    @specialized(where Scalar == Float)
    public func selfAttention(
        qkv: Tensor<Scalar>, heads: Int, mask: AttentionMask = .none
    ) -> Tensor<Scalar> {
        precondition(qkv.shape.count == 3 && qkv.width % 3 == 0, "self-attention of \(qkv.shape)")
        let (batch, n, width) = (qkv.shape[0], qkv.shape[1], qkv.width / 3)
        return attend(
            Projection(tensor: qkv, offset: 0, tokens: n), Projection(tensor: qkv, offset: width, tokens: n),
            Projection(tensor: qkv, offset: 2 * width, tokens: n), batch, width, heads, mask)
    }

    @inline(__always)
    private func attend(
        _ q: Projection<Scalar>, _ k: Projection<Scalar>, _ v: Projection<Scalar>, _ batch: Int, _ width: Int,
        _ heads: Int, _ mask: AttentionMask
    ) -> Tensor<Scalar> {
        precondition(width % heads == 0, "\(heads) heads of width \(width)")
        let size = width / heads
        let (n, m) = (q.tokens, k.tokens)
        let scale = 1 / Scalar(size).squareRoot()
        let y = push("attention", [batch, n, width], [q.tensor, k.tensor, v.tensor])
        let (qv, kv, vv, yv) = (cells(q.tensor), cells(k.tensor), cells(v.tensor), cells(y))
        let out = Projection(tensor: y, offset: 0, tokens: n)
        let weights = keep(batch * heads * n * m, with: y)
        workers.split(batch * heads, grain: 1) { range in
            for index in range {
                let (entry, head) = (index / heads, index % heads)
                let scores = weights.part(index * n * m, n * m)
                matrixProduct(
                    q.matrix(qv, entry, head, size), k.matrix(kv, entry, head, size).transposed,
                    into: Matrix(scores, n, m), alpha: scale)
                hide(scores, mask, entry, n, m)
                for row in 0..<n { scores.part(row * m, m).becomeSoftmax() }
                matrixProduct(
                    Matrix(scores, n, m), v.matrix(vv, entry, head, size),
                    into: out.matrix(yv, entry, head, size))
            }
        }
        onBackward(y) { tape, dy in
            // Parts of one tensor, or of three, do not overlap: then the first to write need not add.
            let areApart =
                q.tensor != k.tensor && q.tensor != v.tensor && k.tensor != v.tensor
                || Set([q.offset, k.offset, v.offset]).count == 3
            let dq = tape.sink(of: q.tensor, fillingZeros: !areApart)
            let dk = tape.sink(of: k.tensor, fillingZeros: !areApart)
            let dv = tape.sink(of: v.tensor, fillingZeros: !areApart)
            // Of one new tensor all three parts are new.
            let isNew = (
                dq: dq?.isNew, dk: dk.map { $0.isNew || k.tensor == q.tensor && dq?.isNew == true },
                dv: dv.map { $0.isNew || v.tensor == q.tensor && dq?.isNew == true }
            )
            // One matrix for each worker, which stays in its cache.
            tape.withScratch(tape.workers.count * n * m) { scratch in
                tape.workers.splitNumbered(batch * heads, grain: 1) { band, range in
                    let ds = scratch.part(band * n * m, n * m)
                    for index in range {
                        let (entry, head) = (index / heads, index % heads)
                        let p = weights.part(index * n * m, n * m)
                        let change = out.matrix(dy, entry, head, size)
                        if let dv {
                            matrixProduct(
                                Matrix(p, n, m).transposed, change,
                                into: v.matrix(dv.cells, entry, head, size), beta: isNew.dv == true ? 0 : 1)
                        }
                        guard dq != nil || dk != nil else { continue }
                        matrixProduct(
                            change, v.matrix(vv, entry, head, size).transposed, into: Matrix(ds, n, m))
                        for row in 0..<n {
                            let change = ds.part(row * m, m)
                            p.part(row * m, m).goBackThroughSoftmax(
                                change, to: change, scale: scale, isNew: true)
                        }
                        if let dq {
                            matrixProduct(
                                Matrix(ds, n, m), k.matrix(kv, entry, head, size),
                                into: q.matrix(dq.cells, entry, head, size),
                                beta: isNew.dq == true ? 0 : 1)
                        }
                        if let dk {
                            matrixProduct(
                                Matrix(ds, n, m).transposed, q.matrix(qv, entry, head, size),
                                into: k.matrix(dk.cells, entry, head, size),
                                beta: isNew.dk == true ? 0 : 1)
                        }
                    }
                }
            }
        }
        return y
    }
}

/// Sets the scores that the mask forbids to minus infinity.
private func hide<Scalar: TrainingScalar>(
    _ scores: Cells<Scalar>, _ mask: AttentionMask, _ entry: Int, _ n: Int, _ m: Int
) {
    switch mask {
    case .none: return
    case .causal:
        for row in 0..<n where row + 1 < m { scores.part(row * m + row + 1, m - row - 1).fill(-.infinity) }
    case .lengths(let lengths):
        let length = lengths[entry]
        guard length < m else { return }
        for row in 0..<n { scores.part(row * m + length, m - length).fill(-.infinity) }
    case .allowed(let allowed):
        precondition(allowed.count == n * m, "a mask of \(allowed.count) for \(n)x\(m) scores")
        for index in 0..<n * m where !allowed[index] { scores[index] = -.infinity }
    }
}
