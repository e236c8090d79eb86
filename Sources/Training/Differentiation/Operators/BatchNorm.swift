/// The running statistics of a batch norm: not trained, but part of the network. `Parameters.addStatistics` makes those
/// that a checkpoint keeps.
public final class RunningStatistics<Scalar: TrainingScalar> {
    /// What they are at one moment.
    struct Values: Sendable {
        var mean: [Scalar]
        var variance: [Scalar]
    }

    var values: Values
    /// How far a batch moves them: 0.1 in PyTorch.
    public let momentum: Scalar

    /// The mean of each channel.
    public var mean: [Scalar] {
        get { values.mean }
        set { values.mean = newValue }
    }

    /// The unbiased variance of each channel.
    public var variance: [Scalar] {
        get { values.variance }
        set { values.variance = newValue }
    }

    /// Mean 0, variance 1.
    public init(channels: Int, momentum: Scalar = 0.1) {
        values = Values(
            mean: Array(repeating: 0, count: channels), variance: Array(repeating: 1, count: channels))
        self.momentum = momentum
    }
}

extension Tape {
    /// Each channel with mean 0 and deviation 1 over the batch, times `gain` plus `bias`; on a tape that is not
    /// training, with the running statistics instead (Ioffe and Szegedy, 2015).
    ///
    /// - Parameters:
    ///   - x: `[..., channels]`.
    ///   - gain: `[channels]`, like `bias`.
    ///   - statistics: moved by each training step: towards the mean and the unbiased variance of the batch.
    @specialized(where Scalar == Float)
    public func batchNorm(
        _ x: Tensor<Scalar>, gain: Tensor<Scalar>, bias: Tensor<Scalar>,
        statistics: RunningStatistics<Scalar>, epsilon: Scalar
    ) -> Tensor<Scalar> {
        let (rows, channels) = (x.rows, x.width)
        precondition(gain.shape == [channels] && bias.shape == [channels], "batch norm of \(x.shape)")
        guard isTraining else {
            return foldedNorm(x, gain: gain, bias: bias, statistics: statistics, epsilon: epsilon)
        }
        let y = push("batchNorm", x.shape, [x, gain, bias])
        let (xv, yv, gv, bv) = (cells(x), cells(y), cells(gain), cells(bias))
        let (means, scales) = (keep(channels, with: y), keep(channels, with: y))
        measure(xv, means, scales)
        if !isRecomputing { statistics.move(means, scales, rows: rows) }
        sweep(channels) { index, width in
            let one = Lanes<Scalar>(repeating: 1)
            scales.put(one / (scales.lanes(index, width) + epsilon).squareRoot(), index, width)
        }
        workers.split(rows, grain: 1 + 16_384 / channels) { range in
            for row in range {
                let start = row &* channels
                sweep(channels) {
                    let normal = (xv.lanes(start &+ $0, $1) - means.lanes($0, $1)) * scales.lanes($0, $1)
                    yv.put(normal * gv.lanes($0, $1) + bv.lanes($0, $1), start &+ $0, $1)
                }
            }
        }
        onBackward(y) { tape, dy in
            tape.withScratch(2 * channels) { sums in
                let (sumOfChange, sumOfProduct) = (sums.part(0, channels), sums.part(channels, channels))
                sums.fill(0)
                tape.workers.addColumnSums(dy, rows: rows, into: sumOfChange)
                tape.addNormalProducts(dy, xv, means, scales, into: sumOfProduct)
                tape.gradient(of: bias)?.add(sumOfChange)
                tape.gradient(of: gain)?.add(sumOfProduct)
                guard let dx = tape.gradient(of: x) else { return }
                let share = 1 / Scalar(rows)
                tape.workers.split(rows, grain: 1 + 16_384 / channels) { range in
                    for row in range {
                        let start = row &* channels
                        sweep(channels) { index, width in
                            let scale = scales.lanes(index, width)
                            let normal = (xv.lanes(start &+ index, width) - means.lanes(index, width)) * scale
                            let centred =
                                dy.lanes(start &+ index, width)
                                - (sumOfChange.lanes(index, width) + normal * sumOfProduct.lanes(index, width))
                                * share
                            dx.add(centred * scale * gv.lanes(index, width), start &+ index, width)
                        }
                    }
                }
            }
        }
        return y
    }

    /// Batch norm with the running statistics, as inference has it, differentiable: x · f + (bias - mean · f) with
    /// f = gain / √(variance + ε).
    public func foldedNorm(
        _ x: Tensor<Scalar>, gain: Tensor<Scalar>, bias: Tensor<Scalar>,
        statistics: RunningStatistics<Scalar>, epsilon: Scalar
    ) -> Tensor<Scalar> {
        let inverse = constant(statistics.variance.map { 1 / ($0 + epsilon).squareRoot() }, gain.shape)
        let factor = multiply(gain, inverse)
        let offset = subtract(bias, multiply(factor, constant(statistics.mean, gain.shape)))
        return add(multiply(x, factor), offset)
    }

    /// The mean and the biased variance of each column.
    @inline(__always)
    private func measure(_ x: Cells<Scalar>, _ means: Cells<Scalar>, _ variances: Cells<Scalar>) {
        let channels = means.count
        let rows = x.count / channels
        means.fill(0)
        variances.fill(0)
        workers.addColumnSums(x, rows: rows, into: means)
        let share = 1 / Scalar(rows)
        sweep(channels) { means.put(means.lanes($0, $1) * share, $0, $1) }
        workers.split((channels + 15) / 16, grain: 1 + 2048 / rows) { bands in
            let range = bands.lowerBound * 16..<min(channels, bands.upperBound * 16)
            for row in 0..<rows {
                let start = row &* channels
                sweep(range) {
                    let distance = x.lanes(start &+ $0, $1) - means.lanes($0, $1)
                    variances.add(distance * distance * share, $0, $1)
                }
            }
        }
    }

    /// Adds the sums over the rows of dy times the normalised x.
    @inline(__always)
    private func addNormalProducts(
        _ dy: Cells<Scalar>, _ x: Cells<Scalar>, _ means: Cells<Scalar>, _ scales: Cells<Scalar>,
        into sums: Cells<Scalar>
    ) {
        let channels = means.count
        let rows = x.count / channels
        workers.split((channels + 15) / 16, grain: 1 + 2048 / rows) { bands in
            let range = bands.lowerBound * 16..<min(channels, bands.upperBound * 16)
            for row in 0..<rows {
                let start = row &* channels
                sweep(range) {
                    let normal = (x.lanes(start &+ $0, $1) - means.lanes($0, $1)) * scales.lanes($0, $1)
                    sums.add(dy.lanes(start &+ $0, $1) * normal, $0, $1)
                }
            }
        }
    }
}

extension RunningStatistics {
    fileprivate func move(_ means: Cells<Scalar>, _ variances: Cells<Scalar>, rows: Int) {
        let unbiased = rows > 1 ? Scalar(rows) / Scalar(rows - 1) : 1
        for channel in mean.indices {
            mean[channel] += momentum * (means[channel] - mean[channel])
            variance[channel] += momentum * (variances[channel] * unbiased - variance[channel])
        }
    }
}
