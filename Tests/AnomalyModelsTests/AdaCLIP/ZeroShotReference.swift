import AnomalyModels
import Imaging
import Inference
import Kernels

/// The formulas of `ZeroShotHead` in double precision, one patch after the other, without folding.
struct ZeroShotReference {
    /// c of each patch of stride 8.
    let margins: [Float]
    let peakMargin: Float
    private let grid: Size

    init(_ head: ZeroShotHead, _ columns: ClassColumns, _ image: [UInt8]) throws {
        let kernels = KernelTable(.best)
        let trunk = try PatchTrunk(
            PatchFixture.trunk(), size: PatchFixture.size, kernels: kernels, pool: TensorPool())
        let rarity = try PatchRarity(of: trunk, kernels: kernels)
        unsafe trunk.withInput { input in unsafe input.copyBytes(from: image) }
        trunk.run()
        rarity.run()
        grid = trunk.grid(0)
        var sum = [[Double]](
            repeating: head.tensors["bias"]!.map(Double.init), count: grid.pixelCount)
        for tap in 0..<3 {
            let said = Self.said(head, tap, trunk, rarity)
            for patch in sum.indices {
                let raised = Self.bilinear(said, trunk.grid(tap), at: patch, of: trunk.grid(0))
                for index in 0..<head.hidden { sum[patch][index] += raised[index] }
            }
        }
        let weight = head.tensors["projection.weight"]!, bias = head.tensors["projection.bias"]!
        let normal = Self.adapted(head, columns.normal, 0), abnormal = Self.adapted(head, columns.abnormal, 1)
        let vectors = sum.map { h in
            Self.unit(
                bias.indices.map { row in
                    (0..<head.hidden).reduce(Double(bias[row])) {
                        $0 + Double(weight[row * head.hidden + $1]) * max(h[$1], 0)
                    }
                })
        }
        let direction = zip(abnormal, normal).map { $0 - $1 }
        func margin(_ vector: [Double]) -> Double {
            zip(vector, direction).reduce(0) { $0 + $1.0 * $1.1 } / Double(head.temperature)
        }
        let found = vectors.map(margin)
        margins = found.map { Float($0) }
        let peaks = found.sorted(by: >).prefix(max(1, found.count / 100))
        peakMargin = Float(peaks.reduce(0, +) / Double(peaks.count))
    }

    /// The margins at half of `size`, bilinear.
    func map(of size: Size) -> [Float] {
        let out = Size(width: size.width / 2, height: size.height / 2)
        return (0..<out.pixelCount).map { cell in
            Float(Self.bilinear(margins.map { [Double($0)] }, grid, at: cell, of: out)[0])
        }
    }

    /// What a tap and its rarities add to h, at its own grid.
    private static func said(
        _ head: ZeroShotHead, _ tap: Int, _ trunk: PatchTrunk, _ rarity: PatchRarity
    ) -> [[Double]] {
        let rows = unsafe trunk.patches(tap), depth = trunk.depth(tap), channels = trunk.taps[tap].channels
        let weight = head.tensors["\(trunk.taps[tap].name).weight"]!
        let rare = head.tensors["rarity.weight"]!
        let maps = (0..<2).map { which in unsafe rarity.withMap(tap, which) { unsafe Array($0) } }
        return unsafe (0..<rows.count).map { patch in
            let v = unit((0..<channels).map { unsafe Double(rows.codes[patch * depth + $0]) - 128 })
            return (0..<head.hidden).map { row in
                let words = (0..<channels).reduce(0) { $0 + Double(weight[row * channels + $1]) * v[$1] }
                return (0..<2).reduce(words) {
                    $0 + Double(rare[row * ZeroShotHead.rarities + 2 * tap + $1])
                        * (2 * Double(maps[$1][patch])).squareRoot()
                }
            }
        }
    }

    /// `values` of a grid at the centre of cell `index` of a finer one.
    private static func bilinear(_ values: [[Double]], _ grid: Size, at index: Int, of fine: Size) -> [Double]
    {
        let x = (Double(index % fine.width) + 0.5) * Double(grid.width) / Double(fine.width) - 0.5
        let y = (Double(index / fine.width) + 0.5) * Double(grid.height) / Double(fine.height) - 0.5
        func place(_ value: Double, _ count: Int) -> (Int, Int, Double) {
            let held = min(max(value, 0), Double(count - 1)), low = Int(held)
            return (low, min(low + 1, count - 1), held - Double(low))
        }
        let (left, right, dx) = place(x, grid.width), (top, bottom, dy) = place(y, grid.height)
        return values[0].indices.map { channel in
            func at(_ row: Int, _ column: Int) -> Double { values[row * grid.width + column][channel] }
            let upper = at(top, left) * (1 - dx) + at(top, right) * dx
            let lower = at(bottom, left) * (1 - dx) + at(bottom, right) * dx
            return upper * (1 - dy) + lower * dy
        }
    }

    private static func adapted(_ head: ZeroShotHead, _ column: [Float], _ anchor: Int) -> [Double] {
        func affine(_ name: String, _ x: [Double]) -> [Double] {
            let weight = head.tensors["\(name).weight"]!, bias = head.tensors["\(name).bias"]!
            return bias.indices.map { row in
                x.indices.reduce(Double(bias[row])) { $0 + Double(weight[row * x.count + $1]) * x[$1] }
            }
        }
        let inner = affine("adapter.a", column.map(Double.init)).map { max($0, 0) }
        let outer = affine("adapter.b", inner), anchors = head.tensors["anchors"]!
        return unit(
            column.indices.map {
                Double(column[$0]) + Double(anchors[anchor * column.count + $0]) + outer[$0]
            })
    }

    private static func unit(_ vector: [Double]) -> [Double] {
        let length = max(vector.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
        return vector.map { $0 / length }
    }
}
