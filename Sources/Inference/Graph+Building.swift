extension Graph {
    /// The camera's pixels: u8 RGB `[height, width, 3]`.
    public mutating func image(height: Int, width: Int) -> Value {
        append("image", .image, [], shape: [height, width, 3])
    }

    /// Ids of `count` tokens.
    public mutating func tokens(count: Int) -> Value {
        append("tokens", .tokens, [], shape: [count])
    }

    /// A dense convolution with SAME padding and weights `[channels, kernel, kernel, in]`; `residual` is
    /// added at the end.
    public mutating func convolution(
        _ input: Value, _ name: String, kernel: Int, stride: Int, channels: Int, activation: Activation,
        residual: Value? = nil
    ) -> Value {
        let convolution = Convolution(
            kernel: kernel, stride: stride, activation: activation, isResidual: residual != nil)
        let shape = shape(of: input)
        precondition(shape.count == 3, "'\(name)' convolves an image, not \(shape)")
        return append(
            name, .convolution(convolution), [input] + (residual.map { [$0] } ?? []),
            shape: [convolution.padding(shape[0]).output, convolution.padding(shape[1]).output, channels])
    }

    /// A depthwise convolution with SAME padding and weights `[kernel, kernel, channels]`.
    public mutating func depthwise(
        _ input: Value, _ name: String, kernel: Int, stride: Int, activation: Activation
    ) -> Value {
        let convolution = Convolution(
            kernel: kernel, stride: stride, activation: activation, isResidual: false)
        let shape = shape(of: input)
        return append(
            name, .depthwise(convolution), [input],
            shape: [convolution.padding(shape[0]).output, convolution.padding(shape[1]).output, shape[2]])
    }

    /// The mean over all pixels: `[1, channels]`.
    public mutating func globalMean(_ input: Value, _ name: String) -> Value {
        append(name, .globalMean, [input], shape: [1, shape(of: input)[2]])
    }

    /// A map without an activation scaled to `height` x `width`: bilinear, pixel centres on pixel centres.
    public mutating func resize(_ input: Value, _ name: String, height: Int, width: Int) -> Value {
        append(name, .resize, [input], shape: [height, width, shape(of: input)[2]])
    }

    /// The rows of a transformer: `row` `[1, channels]` first, then the pixels of `map`, row-major from the top
    /// left: `[1 + pixels, channels]`. Reads `name.positions` of that shape, which is added.
    ///
    /// - Precondition: `map` has no activation, and a multiple of 16 channels.
    public mutating func sequence(_ row: Value, _ map: Value, _ name: String) -> Value {
        let shape = shape(of: map), width = self.shape(of: row)[1]
        precondition(shape[2] == width && width % 16 == 0, "'\(name)' joins \(width) and \(shape)")
        return append(name, .sequence, [row, map], shape: [1 + shape[0] * shape[1], width])
    }

    /// Vision transformer input: patches of `size` pixels to `[1 + patches, width]`.
    ///
    /// Reads `name.patch.weight` `[width, size, size, 3]`, `name.class` `[width]`, `name.positions` `[1 +
    /// patches, width]`.
    public mutating func patches(
        _ image: Value, _ name: String, size: Int, width: Int, normalisation: PixelNormalisation
    ) -> Value {
        let shape = shape(of: image)
        precondition(shape[0] % size == 0 && shape[1] % size == 0, "\(shape) is not whole patches of \(size)")
        let count = shape[0] / size * (shape[1] / size)
        return append(
            name, .patches(size: size, normalisation: normalisation), [image], shape: [count + 1, width])
    }

    /// Text transformer input `[tokens, width]`. Reads `name.word`, `name.position`, and `name.type0` where
    /// `hasTypes`.
    public mutating func embeddings(
        _ tokens: Value, _ name: String, vocabulary: Int, width: Int, hasTypes: Bool
    ) -> Value {
        append(
            name, .embeddings(vocabulary: vocabulary, hasTypes: hasTypes), [tokens],
            shape: [shape(of: tokens)[0], width])
    }

    /// y = activation(x W^T + b) + residual, with weights `[width, in]`.
    public mutating func linear(
        _ input: Value, _ name: String, width: Int, activation: Activation = .none, residual: Value? = nil,
        hasBias: Bool = true, isFloat: Bool = false, isFine: Bool = false
    ) -> Value {
        precondition(
            activation == .none || residual == nil, "'\(name)' cannot have an activation and a residual")
        precondition(
            !isFine || activation == .none && residual == nil && !isFloat, "'\(name)' is a plain product")
        let linear = Linear(
            activation: activation, isResidual: residual != nil, hasBias: hasBias, isFloat: isFloat,
            isFine: isFine)
        return append(
            name, .linear(linear), [input] + (residual.map { [$0] } ?? []),
            shape: [shape(of: input)[0], width])
    }

    /// Layer norm of every row. Reads `name.weight` and `name.bias`.
    public mutating func layerNorm(_ input: Value, _ name: String, epsilon: Float) -> Value {
        append(name, .layerNorm(epsilon: epsilon), [input], shape: shape(of: input))
    }

    /// Multi-head attention over rows of [q | k | v].
    public mutating func attention(_ qkv: Value, _ name: String, heads: Int, isCausal: Bool = false) -> Value
    {
        let shape = shape(of: qkv)
        return append(
            name, .attention(heads: heads, isCausal: isCausal, isFine: false), [qkv],
            shape: [shape[0], shape[1] / 3])
    }

    /// The first row: `[1, width]`.
    public mutating func firstRow(_ input: Value, _ name: String) -> Value {
        append(name, .row(.first), [input], shape: [1, shape(of: input)[1]])
    }

    /// The last row: `[1, width]`.
    public mutating func lastRow(_ input: Value, _ name: String) -> Value {
        append(name, .row(.last), [input], shape: [1, shape(of: input)[1]])
    }

    /// The rows `range`: `[range.count, width]`.
    public mutating func rows(_ input: Value, _ name: String, _ range: Range<Int>) -> Value {
        let shape = shape(of: input)
        precondition(range.lowerBound >= 0 && range.upperBound <= shape[0], "\(range) of \(shape)")
        return append(name, .row(.from(range.lowerBound)), [input], shape: [range.count, shape[1]])
    }

    /// `input` with `count` prompts behind its rows, or in the place of its last ones (`replaces`).
    ///
    /// A prompt is its row of the tensor `name` `[count, width]`, plus its part of `dynamic` `[1, count * width]`.
    /// - Precondition: the width is a multiple of 16.
    public mutating func prompts(
        _ input: Value, _ name: String, count: Int, dynamic: Value?, replaces: Bool
    ) -> Value {
        let shape = shape(of: input)
        precondition(
            shape[1] % 16 == 0 && (!replaces || shape[0] > count)
                && dynamic.map { self.shape(of: $0) == [1, count * shape[1]] } ?? true,
            "'\(name)' puts \(count) prompts among \(shape)")
        return append(
            name, .prompts(count: count, replaces: replaces), [input] + (dynamic.map { [$0] } ?? []),
            shape: [shape[0] + (replaces ? 0 : count), shape[1]])
    }

    /// The mean of all rows: `[1, width]`.
    public mutating func meanOfRows(_ input: Value, _ name: String) -> Value {
        append(name, .meanOfRows, [input], shape: [1, shape(of: input)[1]])
    }

    /// Every row divided by its length.
    public mutating func l2Normalise(_ input: Value, _ name: String) -> Value {
        append(name, .l2Normalise, [input], shape: shape(of: input))
    }
}
