extension Tape {
    /// The convolution of each channel with its own kernel, plus a bias.
    ///
    /// - Parameters:
    ///   - x: `[N, H, W, channels]`.
    ///   - kernels: `[kernel height, kernel width, channels]`.
    ///   - bias: `[channels]`, or nil.
    /// - Returns: `[N, H', W', channels]`, H' and W' as `padding` says.
    @specialized(where Scalar == Float)
    public func convolveDepthwise(
        _ x: Tensor<Scalar>, _ kernels: Tensor<Scalar>, _ bias: Tensor<Scalar>?, stride: Int, padding: Padding
    ) -> Tensor<Scalar> {
        precondition(
            kernels.shape.count == 3 && kernels.width == x.width
                && (bias.map { $0.shape == [x.width] } ?? true),
            "depthwise convolution of \(x.shape) with \(kernels.shape)")
        let window = Window(
            over: x.shape, kernel: (kernels.shape[0], kernels.shape[1]), stride: stride, padding: padding)
        let (batch, channels) = (x.shape[0], x.width)
        let y = push(
            "convolveDepthwise", [batch, window.outHeight, window.outWidth, channels],
            [x, kernels] + (bias.map { [$0] } ?? []))
        let (xv, kv, yv) = (cells(x), cells(kernels), cells(y))
        if let bias { fillRows(of: yv, with: cells(bias)) } else { yv.fill(0) }
        forEachTap(window, batch, byPicture: false) { output, input, tap, range in
            let source = xv.part(input * channels, channels)
            let (kernel, target) = (kv.part(tap * channels, channels), yv.part(output * channels, channels))
            sweep(range) { target.add(source.lanes($0, $1) * kernel.lanes($0, $1), $0, $1) }
        }
        onBackward(y) { tape, dy in
            if let dx = tape.gradient(of: x) {
                // Two lines of the result may touch one of the input, so a thread takes whole pictures.
                tape.forEachTap(window, batch, byPicture: true) { output, input, tap, range in
                    let change = dy.part(output * channels, channels)
                    let (kernel, target) = (
                        kv.part(tap * channels, channels), dx.part(input * channels, channels)
                    )
                    sweep(range) { target.add(change.lanes($0, $1) * kernel.lanes($0, $1), $0, $1) }
                }
            }
            if let dk = tape.gradient(of: kernels) {
                tape.addKernelGradient(window, batch, dk, dy, xv)
            }
            if let bias, let db = tape.gradient(of: bias) {
                tape.workers.addColumnSums(dy, rows: dy.count / channels, into: db)
            }
        }
        return y
    }

    /// Each thread sums its own channels, over all pictures in order.
    @inline(__always)
    private func addKernelGradient(
        _ window: Window, _ batch: Int, _ dk: Cells<Scalar>, _ dy: Cells<Scalar>, _ xv: Cells<Scalar>
    ) {
        let channels = window.channels
        workers.split((channels + 7) / 8, grain: 1 + 4096 / (dy.count / channels)) { bands in
            let range = bands.lowerBound * 8..<min(channels, bands.upperBound * 8)
            for picture in 0..<batch {
                window.forEachTap(picture, 0..<window.outHeight) { output, input, tap in
                    let (change, source) = (
                        dy.part(output * channels, channels), xv.part(input * channels, channels)
                    )
                    let target = dk.part(tap * channels, channels)
                    sweep(range) { target.add(change.lanes($0, $1) * source.lanes($0, $1), $0, $1) }
                }
            }
        }
    }

    /// Calls `body` with each pixel of the result, each pixel of the input under its window, the position in the
    /// kernel, and all channels.
    @inline(__always)
    private func forEachTap(
        _ window: Window, _ batch: Int, byPicture: Bool, _ body: (Int, Int, Int, Range<Int>) -> Void
    ) {
        let channels = 0..<window.channels
        let lines = byPicture ? window.outHeight : 1
        let units = batch * window.outHeight / lines
        workers.split(units, grain: 1 + 4096 / (lines * window.outWidth * window.channels)) { range in
            for unit in range {
                let picture = unit * lines / window.outHeight
                let first = unit * lines % window.outHeight
                window.forEachTap(picture, first..<first + lines) { body($0, $1, $2, channels) }
            }
        }
    }
}

extension Window {
    /// Calls `body` with the indices of pixels of the result and the input, and of the position in the kernel.
    @inline(__always)
    func forEachTap(_ picture: Int, _ lines: Range<Int>, _ body: (Int, Int, Int) -> Void) {
        for y in lines {
            let rows = kernelRows(at: y)
            for x in 0..<outWidth {
                let columns = kernelColumns(at: x)
                let output = (picture &* outHeight &+ y) &* outWidth &+ x
                for row in rows {
                    let line =
                        (picture &* height &+ y &* stride &- top &+ row) &* width &+ x &* stride &- left
                    for column in columns { body(output, line &+ column, row &* kernelWidth &+ column) }
                }
            }
        }
    }
}
