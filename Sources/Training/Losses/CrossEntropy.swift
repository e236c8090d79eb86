extension Tape {
    /// The mean over the rows of -log softmax(logits)[target], in double precision.
    ///
    /// - Parameters:
    ///   - logits: `[..., classes]`.
    ///   - targets: a class for each row; rows with a negative one are left out of the mean.
    /// - Returns: one number; 0 if no row has a target.
    @specialized(where Scalar == Float)
    public func crossEntropy(_ logits: Tensor<Scalar>, targets: [Int]) -> Tensor<Scalar> {
        let (rows, width) = (logits.rows, logits.width)
        precondition(
            targets.count == rows && targets.allSatisfy { $0 < width },
            "\(targets.count) targets for logits \(logits.shape)")
        let loss = push("crossEntropy", [], [logits])
        let x = cells(logits)
        let p = keep(x.count, with: loss)
        p.copy(x)
        var sum = 0.0
        for row in 0..<rows {
            let logSum = p.part(row * width, width).becomeSoftmax()
            if targets[row] >= 0 { sum += Double(logSum) - Double(x[row * width + targets[row]]) }
        }
        let counted = targets.count { $0 >= 0 }
        cells(loss)[0] = Scalar(counted > 0 ? sum / Double(counted) : 0)
        onBackward(loss) { tape, dy in
            guard let dx = tape.gradient(of: logits), counted > 0 else { return }
            let share = dy[0] / Scalar(counted)
            for row in 0..<rows where targets[row] >= 0 {
                dx.part(row * width, width).add(p.part(row * width, width), times: share)
                dx[row * width + targets[row]] -= share
            }
        }
        return loss
    }

    /// The mean over the rows of KL(targets ‖ softmax(logits)): the cross entropy to soft targets less the
    /// targets' own entropy, which is constant.
    ///
    /// - Parameter targets: `[..., classes]`, each row a distribution. No gradient flows to them.
    @specialized(where Scalar == Float)
    public func divergence(_ logits: Tensor<Scalar>, targets: Tensor<Scalar>) -> Tensor<Scalar> {
        let (rows, width) = (logits.rows, logits.width)
        precondition(targets.shape == logits.shape, "targets \(targets.shape) for logits \(logits.shape)")
        let loss = push("divergence", [], [logits])
        let (x, t) = (cells(logits), cells(targets))
        let p = keep(x.count, with: loss)
        p.copy(x)
        var sum = 0.0
        for row in 0..<rows {
            let logSum = p.part(row * width, width).becomeSoftmax()
            for index in row * width..<(row + 1) * width where t[index] > 0 {
                sum += Double(t[index]) * Double(Scalar.logarithm(t[index]) + logSum - x[index])
            }
        }
        cells(loss)[0] = Scalar(sum / Double(rows))
        onBackward(loss) { tape, dy in
            guard let dx = tape.gradient(of: logits) else { return }
            let share = dy[0] / Scalar(rows)
            for row in 0..<rows {
                let target = t.part(row * width, width)
                dx.part(row * width, width).add(p.part(row * width, width), times: share * target.sum())
                dx.part(row * width, width).add(target, times: -share)
            }
        }
        return loss
    }
}
