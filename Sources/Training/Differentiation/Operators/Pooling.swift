extension Tape {
    /// The largest number under each window, channel by channel; nothing outside the picture counts. The
    /// gradient goes to the first of the largest.
    @specialized(where Scalar == Float)
    public func maxPool(_ x: Tensor<Scalar>, size: Int, stride: Int, padding: Padding) -> Tensor<Scalar> {
        let window = Window(over: x.shape, kernel: (size, size), stride: stride, padding: padding)
        let (batch, channels) = (x.shape[0], x.width)
        let y = push("maxPool", [batch, window.outHeight, window.outWidth, channels], [x])
        let (xv, yv) = (cells(x), cells(y))
        var chosen = [Int32](repeating: -1, count: y.count)
        yv.fill(-.infinity)
        for picture in 0..<batch {
            window.forEachTap(picture, 0..<window.outHeight) { output, input, _ in
                for channel in 0..<channels {
                    let (target, source) = (output &* channels &+ channel, input &* channels &+ channel)
                    if xv[source] > yv[target] || chosen[target] < 0 {
                        yv[target] = xv[source]
                        chosen[target] = Int32(source)
                    }
                }
            }
        }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            for index in 0..<dy.count where chosen[index] >= 0 { dx[Int(chosen[index])] += dy[index] }
        }
        return y
    }

    /// The mean of the numbers under each window that lie in the picture.
    @specialized(where Scalar == Float)
    public func meanPool(_ x: Tensor<Scalar>, size: Int, stride: Int, padding: Padding) -> Tensor<Scalar> {
        let window = Window(over: x.shape, kernel: (size, size), stride: stride, padding: padding)
        let (batch, channels) = (x.shape[0], x.width)
        let y = push("meanPool", [batch, window.outHeight, window.outWidth, channels], [x])
        let (xv, yv) = (cells(x), cells(y))
        yv.fill(0)
        func share(_ output: Int) -> Scalar {
            let (row, column) = (output / window.outWidth % window.outHeight, output % window.outWidth)
            return 1
                / Scalar(max(1, window.kernelRows(at: row).count * window.kernelColumns(at: column).count))
        }
        for picture in 0..<batch {
            window.forEachTap(picture, 0..<window.outHeight) { output, input, _ in
                yv.part(output * channels, channels).add(
                    xv.part(input * channels, channels), times: share(output))
            }
        }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            for picture in 0..<batch {
                window.forEachTap(picture, 0..<window.outHeight) { output, input, _ in
                    dx.part(input * channels, channels).add(
                        dy.part(output * channels, channels), times: share(output))
                }
            }
        }
        return y
    }

    /// Blocks of `size` x `size` pixels become channels: `[N, H, W, C]` to `[N, H/size, W/size, size² C]`, block
    /// rows from the top, each from the left.
    ///
    /// - Precondition: `size` divides height and width.
    @specialized(where Scalar == Float)
    public func spaceToDepth(_ x: Tensor<Scalar>, size: Int) -> Tensor<Scalar> {
        precondition(
            x.shape.count == 4 && x.shape[1] % size == 0 && x.shape[2] % size == 0,
            "blocks of \(size) in \(x.shape)")
        let (batch, height, width, channels) = (x.shape[0], x.shape[1] / size, x.shape[2] / size, x.width)
        let y = push("spaceToDepth", [batch, height, width, size * size * channels], [x])
        let (xv, yv) = (cells(x), cells(y))
        // One run: `size` pixels beside each other, which stay beside each other.
        let run = size * channels
        func forRuns(_ body: (_ source: Int, _ target: Int) -> Void) {
            for line in 0..<batch * height * size {
                let (row, within) = (line / size, line % size)
                for column in 0..<width {
                    body((line * width + column) * run, ((row * width + column) * size + within) * run)
                }
            }
        }
        forRuns { yv.part($1, run).copy(xv.part($0, run)) }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            forRuns { dx.part($0, run).add(dy.part($1, run)) }
        }
        return y
    }
}
