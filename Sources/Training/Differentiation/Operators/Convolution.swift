extension Tape {
    /// The convolution of pictures with kernels, plus a bias: the windows become the rows of a matrix, picture by
    /// picture, and OpenBLAS multiplies it with the kernels.
    ///
    /// - Parameters:
    ///   - x: `[N, H, W, inputs]`.
    ///   - kernels: `[outputs, kernel height, kernel width, inputs]`.
    ///   - bias: `[outputs]`, or nil.
    /// - Returns: `[N, H', W', outputs]`, H' and W' as `padding` says.
    @specialized(where Scalar == Float)
    public func convolve(
        _ x: Tensor<Scalar>, _ kernels: Tensor<Scalar>, _ bias: Tensor<Scalar>?, stride: Int, padding: Padding
    ) -> Tensor<Scalar> {
        precondition(
            kernels.shape.count == 4 && kernels.width == x.width
                && (bias.map { $0.shape == [kernels.shape[0]] } ?? true),
            "convolution of \(x.shape) with \(kernels.shape)")
        let outputs = kernels.shape[0]
        if kernels.shape[1...2] == [1, 1] && stride == 1 {
            return linear(x, reshape(kernels, [outputs, x.width]), bias)
        }
        let window = Window(
            over: x.shape, kernel: (kernels.shape[1], kernels.shape[2]), stride: stride, padding: padding)
        let batch = x.shape[0]
        let (rows, depth) = (window.outHeight * window.outWidth, kernels.count / outputs)
        let y = push(
            "convolve", [batch, window.outHeight, window.outWidth, outputs],
            [x, kernels] + (bias.map { [$0] } ?? []))
        let (xv, kv, yv) = (cells(x), cells(kernels), cells(y))
        let weights = Matrix(kv, outputs, depth)
        if let bias { fillRows(of: yv, with: cells(bias)) }
        let beta: Scalar = bias == nil ? 0 : 1
        withScratch(rows * depth) { patches in
            for picture in 0..<batch {
                window.gather(xv.picture(picture, of: batch), into: patches, workers)
                workers.multiply(
                    Matrix(patches, rows, depth), weights.transposed,
                    into: Matrix(yv.picture(picture, of: batch), rows, outputs), beta: beta)
            }
        }
        onBackward(y) { tape, dy in
            let (dx, dk) = (tape.gradient(of: x), tape.gradient(of: kernels))
            tape.withScratch(rows * depth) { patches in
                for picture in 0..<batch {
                    let change = Matrix(dy.picture(picture, of: batch), rows, outputs)
                    if let dk {
                        window.gather(xv.picture(picture, of: batch), into: patches, tape.workers)
                        tape.workers.multiply(
                            change.transposed, Matrix(patches, rows, depth), into: Matrix(dk, outputs, depth),
                            beta: 1)
                    }
                    if let dx {
                        tape.workers.multiply(change, weights, into: Matrix(patches, rows, depth))
                        window.scatter(patches, onto: dx.picture(picture, of: batch))
                    }
                }
            }
            if let bias, let db = tape.gradient(of: bias) {
                tape.workers.addColumnSums(dy, rows: batch * rows, into: db)
            }
        }
        return y
    }
}

extension Cells {
    /// One of `batch` equal parts.
    func picture(_ index: Int, of batch: Int) -> Cells { part(index * (count / batch), count / batch) }
}

extension Window {
    /// Writes the numbers under each window into a row of `patches`: kernel rows, columns, channels.
    func gather<Scalar: TrainingScalar>(
        _ picture: Cells<Scalar>, into patches: Cells<Scalar>, _ workers: Workers
    ) {
        let depth = kernelHeight * kernelWidth * channels
        workers.split(outHeight, grain: 1 + 32_768 / (outWidth * depth)) { lines in
            for y in lines {
                for x in 0..<outWidth {
                    let patch = patches.part((y * outWidth + x) * depth, depth)
                    let (rows, columns) = (kernelRows(at: y), kernelColumns(at: x))
                    if rows.count < kernelHeight || columns.count < kernelWidth { patch.fill(0) }
                    guard !columns.isEmpty else { continue }
                    for row in rows {
                        let source =
                            ((y * stride - top + row) * width + x * stride - left + columns.lowerBound)
                        patch.part(
                            (row * kernelWidth + columns.lowerBound) * channels, columns.count * channels
                        )
                        .copy(picture.part(source * channels, columns.count * channels))
                    }
                }
            }
        }
    }

    /// The adjoint: adds each row of `patches` to the numbers it was gathered from. In order, on one thread.
    func scatter<Scalar: TrainingScalar>(_ patches: Cells<Scalar>, onto picture: Cells<Scalar>) {
        let depth = kernelHeight * kernelWidth * channels
        for y in 0..<outHeight {
            for x in 0..<outWidth {
                let patch = patches.part((y * outWidth + x) * depth, depth)
                let (rows, columns) = (kernelRows(at: y), kernelColumns(at: x))
                guard !columns.isEmpty else { continue }
                for row in rows {
                    let target = ((y * stride - top + row) * width + x * stride - left + columns.lowerBound)
                    picture.part(target * channels, columns.count * channels).add(
                        patch.part(
                            (row * kernelWidth + columns.lowerBound) * channels, columns.count * channels))
                }
            }
        }
    }
}
