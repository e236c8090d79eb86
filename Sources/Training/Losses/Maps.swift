internal import Glibc

/// Losses of maps: a number per pixel against a mask of 0 and 1. Sums run in double precision.
extension Tape {
    /// The mean binary cross entropy of logits against targets in 0...1.
    public func binaryCrossEntropy(logits: Tensor<Scalar>, targets: Tensor<Scalar>) -> Tensor<Scalar> {
        focal(logits: logits, targets: targets, gamma: 0)
    }

    /// The mean focal loss of logits (Lin et al., 2017): with u = (2y - 1) m and p = σ(u), -(1 - p)^γ ln p, and
    /// ln p = -softplus(-u). Gradient (2y - 1)(1 - p)^γ [γ p ln p - (1 - p)]. γ = 0 is the cross entropy, for
    /// which targets between 0 and 1 are allowed too.
    @specialized(where Scalar == Float)
    public func focal(logits: Tensor<Scalar>, targets: Tensor<Scalar>, gamma: Int) -> Tensor<Scalar> {
        precondition(
            logits.shape == targets.shape && gamma >= 0, "focal of \(logits.shape), \(targets.shape)")
        let loss = push("focal", [], [logits])
        let (m, y) = (cells(logits), cells(targets))
        let slopes = keep(m.count, with: loss)
        cells(loss)[0] = meanOverBands(m.count) { range in
            var sum = 0.0
            for index in range {
                let (value, slope) = focalTerm(Double(m[index]), Double(y[index]), gamma)
                slopes[index] = Scalar(slope)
                sum += value
            }
            return sum
        }
        onBackward(loss) { tape, dy in
            tape.gradient(of: logits)?.add(slopes, times: dy[0] / Scalar(slopes.count))
        }
        return loss
    }

    /// The mean focal loss of probabilities as AdaCLIP's code has it: with p̃ = (1-ε) p_y + ε p_{1-y} + ε,
    /// ε = 1e-5, -(1 - p̃)² ln p̃.
    @specialized(where Scalar == Float)
    public func focal(probabilities: Tensor<Scalar>, targets: Tensor<Scalar>) -> Tensor<Scalar> {
        precondition(
            probabilities.shape == targets.shape, "focal of \(probabilities.shape), \(targets.shape)")
        let loss = push("focal", [], [probabilities])
        let (p, y) = (cells(probabilities), cells(targets))
        let slopes = keep(p.count, with: loss)
        cells(loss)[0] = meanOverBands(p.count) { range in
            var sum = 0.0
            for index in range {
                let isPositive = y[index] > 0.5
                let own = isPositive ? Double(p[index]) : 1 - Double(p[index])
                let smooth = (1 - 2e-5) * own + 2e-5
                sum -= (1 - smooth) * (1 - smooth) * log(smooth)
                let slope =
                    (2 * (1 - smooth) * log(smooth) - (1 - smooth) * (1 - smooth) / smooth) * (1 - 2e-5)
                slopes[index] = Scalar(isPositive ? slope : -slope)
            }
            return sum
        }
        onBackward(loss) { tape, dy in
            tape.gradient(of: probabilities)?.add(slopes, times: dy[0] / Scalar(slopes.count))
        }
        return loss
    }

    /// The mean over the rows of 1 - (2Σpg + 1) / (Σp + Σg + 1). Reshape to one row for a whole batch, to a row
    /// per picture for each.
    ///
    /// - Parameters:
    ///   - p: probabilities `[rows, width]`.
    ///   - targets: of the same shape; constant.
    @specialized(where Scalar == Float)
    public func dice(_ p: Tensor<Scalar>, targets: Tensor<Scalar>) -> Tensor<Scalar> {
        precondition(p.shape == targets.shape, "dice of \(p.shape), \(targets.shape)")
        let (rows, width) = (p.rows, p.width)
        let loss = push("dice", [], [p])
        let (pv, gv) = (cells(p), cells(targets))
        var parts: [(a: Double, b: Double)] = []
        for row in 0..<rows {
            let (p, g) = (pv.part(row * width, width), gv.part(row * width, width))
            parts.append((2 * p.preciseDot(g) + 1, p.preciseSum() + g.preciseSum() + 1))
        }
        cells(loss)[0] = Scalar(parts.reduce(0.0) { $0 + 1 - $1.a / $1.b } / Double(rows))
        onBackward(loss) { [parts] tape, dy in
            guard let dp = tape.gradient(of: p) else { return }
            for row in 0..<rows {
                let (a, b) = parts[row]
                let share = Double(dy[0]) / Double(rows)
                let (offset, factor) = (Scalar(share * a / (b * b)), Scalar(-2 * share / b))
                let (target, g) = (dp.part(row * width, width), gv.part(row * width, width))
                sweep(width) { target.add(g.lanes($0, $1) * factor + offset, $0, $1) }
            }
        }
        return loss
    }

    /// Σ weights · x / Σ weights; 0 if the weights sum to 0. With weights of 0 and 1: the mean of some elements.
    @specialized(where Scalar == Float)
    public func weightedMean(_ x: Tensor<Scalar>, weights: Tensor<Scalar>) -> Tensor<Scalar> {
        precondition(x.shape == weights.shape, "mean of \(x.shape), weights \(weights.shape)")
        let mean = push("weightedMean", [], [x])
        let (xv, wv) = (cells(x), cells(weights))
        let total = wv.preciseSum()
        cells(mean)[0] = Scalar(total == 0 ? 0 : xv.preciseDot(wv) / total)
        onBackward(mean) { tape, dy in
            guard total != 0 else { return }
            tape.gradient(of: x)?.add(wv, times: dy[0] / Scalar(total))
        }
        return mean
    }

    /// The mean of what `body` sums over ranges, which threads share in a fixed way.
    private func meanOverBands(_ count: Int, _ body: (Range<Int>) -> Double) -> Scalar {
        let size = 4096
        var sums = [Double](repeating: 0, count: (count + size - 1) / size)
        // Each band writes its own elements; the array is not resized.
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            let sums = unsafe sums
            workers.split(sums.count, grain: 1) { bands in
                for band in bands { unsafe sums[band] = body(band * size..<min(count, (band + 1) * size)) }
            }
        }
        return Scalar(sums.reduce(0, +) / Double(count))
    }
}

/// The loss and its slope at logit `m` and target `y`.
private func focalTerm(_ m: Double, _ y: Double, _ gamma: Int) -> (value: Double, slope: Double) {
    guard gamma > 0 else {
        return (max(m, 0) - m * y + log1p(exp(-abs(m))), 1 / (1 + exp(-m)) - y)
    }
    let sign: Double = y > 0.5 ? 1 : -1
    let u = sign * m
    let logP = -(max(-u, 0) + log1p(exp(-abs(u))))
    let p = exp(logP)
    let power = (0..<gamma).reduce(1.0) { product, _ in product * (1 - p) }
    return (-power * logP, sign * power * (Double(gamma) * p * logP - (1 - p)))
}

extension Cells {
    /// The sum of the products of corresponding cells, in double precision.
    func preciseDot(_ other: Cells) -> Double {
        precondition(count == other.count, "dot of \(count) and \(other.count) cells")
        var sums = SIMD8<Double>(repeating: 0)
        sweep(count) { sums += SIMD8<Double>(lanes($0, $1)) * SIMD8<Double>(other.lanes($0, $1)) }
        return sums.sum()
    }
}
