extension Tape {
    /// Pictures in another size, each pixel the weighted mean of the four around its place.
    ///
    /// - Parameters:
    ///   - x: `[N, H, W, C]`.
    ///   - alignsCorners: whether the centres of the corner pixels stay where they are; if not, the picture's
    ///     edges do (half-pixel centres), and places outside the centres take the border.
    /// - Returns: `[N, height, width, C]`.
    @specialized(where Scalar == Float)
    public func resize(
        _ x: Tensor<Scalar>, height: Int, width: Int, alignsCorners: Bool
    ) -> Tensor<Scalar> {
        precondition(x.shape.count == 4, "resize of \(x.shape)")
        let (batch, channels) = (x.shape[0], x.width)
        let rows = taps(from: x.shape[1], to: height, alignsCorners)
        let columns = taps(from: x.shape[2], to: width, alignsCorners)
        let y = push("resize", [batch, height, width, channels], [x])
        let (xv, yv) = (cells(x), cells(y))
        let (oldHeight, oldWidth) = (x.shape[1], x.shape[2])
        workers.split(batch * height, grain: 1 + 8192 / (width * channels)) { lines in
            for line in lines {
                let (picture, row) = (line / height, rows[line % height])
                let above = (picture * oldHeight + row.first) * oldWidth
                let below = (picture * oldHeight + row.second) * oldWidth
                for x in 0..<width {
                    let column = columns[x]
                    let target = yv.part((line * width + x) * channels, channels)
                    let a = xv.part((above + column.first) * channels, channels)
                    let b = xv.part((above + column.second) * channels, channels)
                    let c = xv.part((below + column.first) * channels, channels)
                    let d = xv.part((below + column.second) * channels, channels)
                    let (down, right) = (row.weight, column.weight)
                    sweep(channels) {
                        let top = a.lanes($0, $1) * (1 - right) + b.lanes($0, $1) * right
                        let bottom = c.lanes($0, $1) * (1 - right) + d.lanes($0, $1) * right
                        target.put(top * (1 - down) + bottom * down, $0, $1)
                    }
                }
            }
        }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            // Lines share pixels of the input, so a thread takes whole pictures.
            tape.workers.split(batch, grain: 1 + 8192 / (height * width * channels)) { pictures in
                for line in pictures.lowerBound * height..<pictures.upperBound * height {
                    let (picture, row) = (line / height, rows[line % height])
                    for x in 0..<width {
                        let (column, change) = (columns[x], dy.part((line * width + x) * channels, channels))
                        for (line, down) in [(row.first, 1 - row.weight), (row.second, row.weight)] {
                            let start = (picture * oldHeight + line) * oldWidth
                            dx.part((start + column.first) * channels, channels).add(
                                change, times: down * (1 - column.weight))
                            dx.part((start + column.second) * channels, channels).add(
                                change, times: down * column.weight)
                        }
                    }
                }
            }
        }
        return y
    }

    /// For each place of the new axis: the two old ones around it, and the weight of the second.
    private func taps(
        from old: Int, to new: Int, _ alignsCorners: Bool
    ) -> [(first: Int, second: Int, weight: Scalar)] {
        (0..<new).map { index in
            let place: Double
            if alignsCorners {
                place = new > 1 ? Double(index) * Double(old - 1) / Double(new - 1) : 0
            } else {
                place = max(0, (Double(index) + 0.5) * Double(old) / Double(new) - 0.5)
            }
            let first = min(Int(place), old - 1)
            return (first, min(first + 1, old - 1), Scalar(place - Double(first)))
        }
    }
}
