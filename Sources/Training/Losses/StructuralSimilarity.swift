internal import Glibc

extension Tape {
    /// The mean structural similarity (Wang et al., 2004) of two stacks of pictures in 0...1, over each window of
    /// 11x11 that lies inside, channel by channel: Gaussian weights of deviation 1.5, C1 = 0.01², C2 = 0.03². 1 for
    /// equal pictures; the loss is 1 less it.
    ///
    /// - Parameters:
    ///   - x: `[N, H, W, C]`, at least 11x11, like `y`.
    public func structuralSimilarity(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
        precondition(x.shape == y.shape && x.shape.count == 4, "similarity of \(x.shape) and \(y.shape)")
        let (mx, my) = (blurred(x), blurred(y))
        let (mxx, myy, mxy) = (square(mx), square(my), multiply(mx, my))
        let vx = subtract(blurred(square(x)), mxx)
        let vy = subtract(blurred(square(y)), myy)
        let vxy = subtract(blurred(multiply(x, y)), mxy)
        let above = multiply(scale(mxy, by: 2, offset: 1e-4), scale(vxy, by: 2, offset: 9e-4))
        let below = multiply(
            scale(add(mxx, myy), by: 1, offset: 1e-4), scale(add(vx, vy), by: 1, offset: 9e-4))
        return mean(multiply(above, reciprocal(below)))
    }

    /// The Gaussian means of the windows, rows first.
    private func blurred(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
        let weights = (-5...5).map { Glibc.exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
        let total = weights.reduce(0, +)
        let channels = x.width
        let kernel = weights.flatMap { [Scalar](repeating: Scalar($0 / total), count: channels) }
        let rows = convolveDepthwise(
            x, constant(kernel, [11, 1, channels]), nil, stride: 1, padding: .plain(0))
        return convolveDepthwise(
            rows, constant(kernel, [1, 11, channels]), nil, stride: 1, padding: .plain(0))
    }
}
