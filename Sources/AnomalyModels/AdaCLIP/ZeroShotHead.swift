/// AdaCLIP-E on a frozen trunk: the weights that bring patches and sentences into one space (METHODS.md 3.4, the
/// tier without transformer blocks), and how much what they say counts beside the rarity of patches.
///
/// For each patch of stride 8, with v the unit vectors of the three taps there (coarser ones brought up bilinearly)
/// and ρ the roots of its six rarities:
///
///     h = ReLU(Σ W_tap v_tap + W_ρ ρ + b)                     [hidden]
///     F_P = W_p h + b_p                                       [width]
///     c = cos(F_P, F_A) - cos(F_P, F_N), over τ               the margin
///     F_s = norm(T_s + e_s + W_b ReLU(W_a T_s + b_a) + b_b)   the columns of the class, s normal or abnormal
package struct ZeroShotHead: Sendable, Hashable {
    /// The trunk whose patches it reads.
    package let trunk: PatchBank.Trunk
    /// Rows of h.
    package let hidden: Int
    /// Channels of the taps, finest first.
    package let channels: [Int]
    /// By name; see `shapes`.
    package let tensors: [String: [Float]]
    /// τ.
    package let temperature: Float
    /// What the margin of a patch counts in the map, whose other part is the distance of rare patches, 0...2.
    package let mapWeight: Float
    /// What the highest margins count in the score of the image.
    package let imageWeight: Float
    /// The score that splits NG from UNSURE as long as no good part is known, and the usual score of a good one.
    package let limit: Float
    package let median: Float

    /// The numbers of the common space: those of the sentences.
    package static let width = Architecture.MiniLM.width
    package static let adapterWidth = 96
    /// Rarities of a patch: for each tap with fewer neighbours, then with more.
    package static let rarities = 6

    package init(
        trunk: PatchBank.Trunk, hidden: Int, channels: [Int], tensors: [String: [Float]],
        temperature: Float, mapWeight: Float, imageWeight: Float, limit: Float, median: Float
    ) {
        for (name, shape) in Self.shapes(hidden: hidden, channels: channels) {
            precondition(tensors[name]?.count == shape.reduce(1, *), "tensor '\(name)' of another shape")
        }
        (self.trunk, self.hidden, self.channels, self.tensors) = (trunk, hidden, channels, tensors)
        (self.temperature, self.mapWeight, self.imageWeight) = (temperature, mapWeight, imageWeight)
        (self.limit, self.median) = (limit, median)
    }

    /// The shapes of the tensors by name.
    package static func shapes(hidden: Int, channels: [Int]) -> [(name: String, shape: [Int])] {
        zip(["s8", "s16", "s32"], channels).map { ("\($0).weight", [hidden, $1]) } + [
            ("rarity.weight", [hidden, rarities]), ("bias", [hidden]),
            ("projection.weight", [width, hidden]), ("projection.bias", [width]),
            ("adapter.a.weight", [adapterWidth, width]), ("adapter.a.bias", [adapterWidth]),
            ("adapter.b.weight", [width, adapterWidth]), ("adapter.b.bias", [width]),
            ("anchors", [2, width]),
        ]
    }

    subscript(name: String) -> [Float] { tensors[name] ?? [] }

    /// The same head, where what the sentences say counts so much in the map and in the score of the image.
    package func weighing(map: Float, image: Float) -> ZeroShotHead {
        ZeroShotHead(
            trunk: trunk, hidden: hidden, channels: channels, tensors: tensors, temperature: temperature,
            mapWeight: map, imageWeight: image, limit: limit, median: median)
    }
}

extension ZeroShotHead {
    /// F_A - F_N of a class.
    func direction(_ columns: ClassColumns) -> [Float] {
        let normal = adapted(columns.normal, anchor: 0), abnormal = adapted(columns.abnormal, anchor: 1)
        return zip(abnormal, normal).map { $0 - $1 }
    }

    private func adapted(_ column: [Float], anchor: Int) -> [Float] {
        let width = Self.width
        let inner = Self.affine(self["adapter.a.weight"], column, self["adapter.a.bias"]).map { max($0, 0) }
        let outer = Self.affine(self["adapter.b.weight"], inner, self["adapter.b.bias"])
        let anchors = self["anchors"]
        return unit((0..<width).map { column[$0] + anchors[anchor * width + $0] + outer[$0] })
    }

    private static func affine(_ weight: [Float], _ x: [Float], _ bias: [Float]) -> [Float] {
        bias.indices.map { row in
            x.indices.reduce(bias[row]) { $0 + weight[row * x.count + $1] * x[$1] }
        }
    }

    /// The projection for one class, folded: with x = [h; 1], the first column gives F_P · direction / τ and the
    /// others U x, whose length is that of F_P: U is the Cholesky factor of [W_p b_p]ᵀ[W_p b_p]. `[hidden + 1,
    /// hidden + 2]`, row-major: the last row is for the 1.
    func folded(_ columns: ClassColumns) -> [Float] {
        let direction = direction(columns), size = hidden + 1, width = Self.width
        let (weight, bias) = (self["projection.weight"], self["projection.bias"])
        let extended = { (row: Int, column: Int) -> Double in
            Double(column < hidden ? weight[row * hidden + column] : bias[row])
        }
        var gram = [Double](repeating: 0, count: size * size)
        for row in 0..<width {
            for i in 0..<size {
                for j in 0...i { gram[i * size + j] += extended(row, i) * extended(row, j) }
            }
        }
        let lower = Self.cholesky(gram, size)
        var result = [Float](repeating: 0, count: size * (size + 1))
        for i in 0..<size {
            let dot = (0..<width).reduce(0.0) { $0 + extended($1, i) * Double(direction[$1]) }
            result[i * (size + 1)] = Float(dot / Double(temperature))
            // Row i of U transposed is row i of the lower factor.
            for j in 0...i { result[i * (size + 1) + 1 + j] = Float(lower[i * size + j]) }
        }
        return result
    }

    /// The lower factor of the symmetric matrix whose lower half is `matrix`; a little is added to its diagonal.
    private static func cholesky(_ matrix: [Double], _ size: Int) -> [Double] {
        var lower = [Double](repeating: 0, count: size * size)
        let trace = (0..<size).reduce(0.0) { $0 + matrix[$1 * size + $1] }
        let ridge = 1e-9 * trace / Double(size) + 1e-18
        for i in 0..<size {
            for j in 0...i {
                var sum = matrix[i * size + j] + (i == j ? ridge : 0)
                for k in 0..<j { sum -= lower[i * size + k] * lower[j * size + k] }
                lower[i * size + j] = i == j ? max(sum, ridge).squareRoot() : sum / lower[j * size + j]
            }
        }
        return lower
    }
}
