/// Operators that choose. What is chosen counts as constant; the gradient flows through the chosen values only.
extension Tape {
    /// The mean of the `count` largest elements of each row; ties go to the lower index.
    ///
    /// - Precondition: `count` is in 1...width.
    @specialized(where Scalar == Float)
    public func topMean(_ x: Tensor<Scalar>, count: Int) -> Tensor<Scalar> {
        let (rows, width) = (x.rows, x.width)
        precondition(1...width ~= count, "the \(count) largest of \(width)")
        let y = push("topMean", Array(x.shape.dropLast()), [x])
        let (xv, yv) = (cells(x), cells(y))
        var chosen = [Int32](repeating: 0, count: rows * count)
        for row in 0..<rows {
            let source = xv.part(row * width, width)
            let best = source.indicesOfLargest(count)
            var sum = 0.0
            for (place, index) in best.enumerated() {
                chosen[row * count + place] = Int32(index)
                sum += Double(source[index])
            }
            yv[row] = Scalar(sum / Double(count))
        }
        onBackward(y) { [chosen] tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            for row in 0..<rows {
                let share = dy[row] / Scalar(count)
                for place in row * count..<(row + 1) * count { dx[row * width + Int(chosen[place])] += share }
            }
        }
        return y
    }

    /// The mean of the largest ⌈share · width⌉ elements of each row, at least one.
    public func topMean(_ x: Tensor<Scalar>, share: Double) -> Tensor<Scalar> {
        topMean(x, count: min(x.width, max(1, Int((share * Double(x.width)).rounded(.up)))))
    }

    /// For each row of `x` the row of `prototypes` with the largest product, as a constant `[..., width]`, and its
    /// index; ties go to the lower index.
    @specialized(where Scalar == Float)
    public func nearest(
        _ x: Tensor<Scalar>, among prototypes: Tensor<Scalar>
    ) -> (rows: Tensor<Scalar>, indices: [Int]) {
        let (rows, count, width) = (x.rows, prototypes.rows, x.width)
        precondition(prototypes.width == width, "the nearest of \(prototypes.shape) to \(x.shape)")
        let indices = withScratch(rows * count) { scores in
            workers.multiply(
                Matrix(cells(x), rows, width), Matrix(cells(prototypes), count, width).transposed,
                into: Matrix(scores, rows, count))
            return (0..<rows).map { scores.part($0 * count, count).indicesOfLargest(1)[0] }
        }
        return (reshape(gather(detached(prototypes), rows: indices), x.shape), indices)
    }

    /// The mean of the rows of each cluster: `[n, width]` and a label for each row give `[clusters, width]`. A
    /// cluster without rows gets zeros. The labels count as constant: k-means, straight through.
    @specialized(where Scalar == Float)
    public func clusterMeans(_ x: Tensor<Scalar>, labels: [Int], clusters: Int) -> Tensor<Scalar> {
        let width = x.width
        precondition(
            labels.count == x.rows && labels.allSatisfy { 0..<clusters ~= $0 },
            "\(labels.count) labels of \(clusters) clusters for \(x.shape)")
        let y = push("clusterMeans", [clusters, width], [x])
        let (xv, yv) = (cells(x), cells(y))
        var shares = [Scalar](repeating: 0, count: clusters)
        for label in labels { shares[label] += 1 }
        for cluster in 0..<clusters where shares[cluster] > 0 { shares[cluster] = 1 / shares[cluster] }
        yv.fill(0)
        for (row, label) in labels.enumerated() {
            yv.part(label * width, width).add(xv.part(row * width, width), times: shares[label])
        }
        onBackward(y) { [shares] tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            for (row, label) in labels.enumerated() {
                dx.part(row * width, width).add(dy.part(label * width, width), times: shares[label])
            }
        }
        return y
    }
}

extension Cells {
    /// The positions of the `count` largest cells, largest first; ties go to the lower one.
    func indicesOfLargest(_ count: Int) -> [Int] {
        guard count <= 64 else {
            let order = (0..<self.count).sorted { self[$0] != self[$1] ? self[$0] > self[$1] : $0 < $1 }
            return Array(order.prefix(count))
        }
        var best: [Int] = []
        best.reserveCapacity(count + 1)
        for index in 0..<self.count {
            if best.count == count, self[index] <= self[best[count - 1]] { continue }
            var place = best.count
            while place > 0, self[index] > self[best[place - 1]] { place -= 1 }
            best.insert(index, at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
