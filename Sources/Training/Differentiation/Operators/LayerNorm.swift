extension Tape {
    /// Each row with mean 0 and deviation 1, times `gain` plus `bias` (Ba et al., 2016).
    ///
    /// - Parameters:
    ///   - x: `[..., width]`.
    ///   - gain: `[width]`, like `bias`.
    ///   - epsilon: added to the variance: 1e-5 in CLIP, 1e-12 in MiniLM.
    @specialized(where Scalar == Float)
    public func layerNorm(
        _ x: Tensor<Scalar>, gain: Tensor<Scalar>, bias: Tensor<Scalar>, epsilon: Scalar
    ) -> Tensor<Scalar> {
        let (rows, width) = (x.rows, x.width)
        precondition(gain.shape == [width] && bias.shape == [width], "layer norm of \(x.shape)")
        let y = push("layerNorm", x.shape, [x, gain, bias])
        let (xv, yv, gv, bv) = (cells(x), cells(y), cells(gain), cells(bias))
        let moments = keep(2 * rows, with: y)  // mean and 1 / deviation of each row
        let kernel = NormKernel(x: xv, gain: gv, bias: bv, y: yv, moments: moments, epsilon: epsilon)
        workers.split(rows, grain: 1 + 16_384 / width) { range in
            if let kernel { return kernel.write(range) }
            for row in range {
                let (source, target) = (xv.part(row * width, width), yv.part(row * width, width))
                let mean = source.sum() / Scalar(width)
                var squares = Lanes<Scalar>(repeating: 0)
                sweep(width) {
                    let distance = source.lanes($0, $1, fill: mean) - mean
                    squares += distance * distance
                }
                let scale = 1 / (squares.sum() / Scalar(width) + epsilon).squareRoot()
                moments[2 &* row] = mean
                moments[2 &* row &+ 1] = scale
                sweep(width) {
                    let normal = (source.lanes($0, $1) - mean) * scale
                    target.put(normal * gv.lanes($0, $1) + bv.lanes($0, $1), $0, $1)
                }
            }
        }
        onBackward(y) { tape, dy in
            if var kernel {
                let (dg, db) = (tape.gradient(of: gain), tape.gradient(of: bias))
                let dx = tape.takeOver(dy, of: y, for: x)
                kernel.setGradients(dy: dy, dx: dx?.cells, isNew: dx?.isNew ?? false, gain: dg, bias: db)
                tape.goBack(
                    through: kernel, rows: rows, width: width, hasInput: dx != nil,
                    hasSums: dg != nil || db != nil)
                return
            }
            tape.addGainGradients(gain, bias, dy, xv, moments)
            guard let dx = tape.gradient(of: x) else { return }
            tape.workers.split(rows, grain: 1 + 16_384 / width) { range in
                for row in range {
                    let start = row * width
                    addNormGradient(
                        dx.part(start, width), dy.part(start, width), gv, xv.part(start, width),
                        mean: moments[2 &* row], scale: moments[2 &* row &+ 1])
                }
            }
        }
        return y
    }

    private func goBack(
        through kernel: NormKernel, rows: Int, width: Int, hasInput: Bool, hasSums: Bool
    ) {
        if hasSums {
            workers.split((width + 15) / 16, grain: 1 + 2048 / rows) { bands in
                kernel.addSums(rows: rows, bands.lowerBound * 16..<min(width, bands.upperBound * 16))
            }
        }
        if hasInput { workers.split(rows, grain: 1 + 16_384 / width) { kernel.goBack($0) } }
    }

    /// The sums over the rows of dy, and of dy times the normalised x.
    private func addGainGradients(
        _ gain: Tensor<Scalar>, _ bias: Tensor<Scalar>, _ dy: Cells<Scalar>, _ xv: Cells<Scalar>,
        _ moments: Cells<Scalar>
    ) {
        let width = gain.count
        if let db = gradient(of: bias) { workers.addColumnSums(dy, rows: dy.count / width, into: db) }
        guard let dg = gradient(of: gain) else { return }
        let rows = dy.count / width
        workers.split((width + 15) / 16, grain: 1 + 2048 / rows) { bands in
            let range = bands.lowerBound * 16..<min(width, bands.upperBound * 16)
            for row in 0..<rows {
                let (start, mean, scale) = (row &* width, moments[2 &* row], moments[2 &* row &+ 1])
                sweep(range) {
                    let normal = (xv.lanes(start &+ $0, $1) - mean) * scale
                    dg.add(dy.lanes(start &+ $0, $1) * normal, $0, $1)
                }
            }
        }
    }
}

/// dx += (1/s) [g - mean(g) - n mean(g n)], g = dy times gain, n the normalised row.
@inline(__always)
private func addNormGradient<Scalar: TrainingScalar>(
    _ dx: Cells<Scalar>, _ dy: Cells<Scalar>, _ gain: Cells<Scalar>, _ x: Cells<Scalar>, mean: Scalar,
    scale: Scalar
) {
    let count = dx.count
    var (sum, product) = (Lanes<Scalar>(repeating: 0), Lanes<Scalar>(repeating: 0))
    sweep(count) {
        let g = dy.lanes($0, $1) * gain.lanes($0, $1)
        sum += g
        product += g * ((x.lanes($0, $1) - mean) * scale)
    }
    let (a, b) = (sum.sum() / Scalar(count), product.sum() / Scalar(count))
    sweep(count) {
        let g = dy.lanes($0, $1) * gain.lanes($0, $1)
        dx.add((g - a - (x.lanes($0, $1) - mean) * scale * b) * scale, $0, $1)
    }
}
