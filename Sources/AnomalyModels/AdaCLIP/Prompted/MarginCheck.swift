package import Imaging
package import Inference
import Kernels
package import ModelPackages

/// How close AdaCLIP-E's pass in int8 comes to float32 (METHODS.md 10.2): tokens, unit vectors and margins.
package struct MarginCheck {
    /// Over all pictures: tokens behind each tap, patches alone.
    package struct Tap: Sendable {
        package let name: String
        /// Of every token, int8 against float32.
        package fileprivate(set) var cosines: [Double] = []
        fileprivate var squares = 0.0
        fileprivate var errors = 0.0

        fileprivate init(name: String) { self.name = name }

        package var mean: Double { cosines.reduce(0, +) / Double(max(cosines.count, 1)) }
        /// A hundredth of the tokens is below it.
        package var lowest: Double {
            cosines.isEmpty ? 0 : cosines.sorted()[min(cosines.count / 100, cosines.count - 1)]
        }
        package var relativeL2: Double { squares == 0 ? 0 : (errors / squares).squareRoot() }
    }

    /// Tokens, then F_P, in the order of the taps.
    package private(set) var tokens: [Tap]
    package private(set) var projections: [Tap]
    /// Of each picture, the correlation of the margins of its tokens in int8 with those in float32.
    package private(set) var correlations: [Double] = []

    private let session: Session
    private let reference: ReferenceSession
    private let columns: ColumnPair
    private let head: PromptedHead
    private let count: Int

    /// - Parameter float: the tower's weights that float32 is computed with.
    ///
    /// Blocks. Throws `inputSize` or `weights`.
    package init(
        _ head: PromptedHead, _ columns: ClassColumns, tower package: ModelPackage, float: any WeightSource,
        size: Size
    ) throws(ModelError) {
        let tower = try PromptedTower(package, kind: head.layout.kind, size: size, showsTokens: true)
        do {
            session = try unsafe Session(
                CompiledModel(
                    tower.graph,
                    weights: PromptedSource(PackageSource(package), head.weights, grid: tower.grid),
                    kernels: KernelTable(.best)), pool: TensorPool())
            reference = try ReferenceSession(
                tower.graph, weights: PromptedSource(float, head.weights, grid: tower.grid),
                kernels: KernelTable(.best), keepsAll: false)
        } catch { throw .weights(directory: package.directory, error) }
        (self.head, self.columns, count) = (head, ColumnPair(head, columns), tower.grid.pixelCount)
        tokens = head.layout.taps.map { Tap(name: "vision.tap\($0)") }
        projections = head.layout.taps.map { Tap(name: "prompts.tap\($0)") }
    }

    /// Compares on RGB `pixels` of the input's size. Blocks.
    package mutating func add(_ pixels: [UInt8]) {
        // As many bytes as the input, by the caller's word.
        unsafe session.withInput { unsafe $0.copyBytes(from: pixels) }
        session.run()
        reference.run(image: pixels)
        for tap in tokens.indices {
            // The class token comes first.
            compare(&tokens[tap], width: head.layout.width, skipping: 1)
            compare(&projections[tap], width: head.layout.embeddingWidth, skipping: 0)
        }
        let found = margins { session.floats($0) ?? [] }
        let expected = margins { reference.output($0) ?? [] }
        correlations.append(Self.correlation(found, expected))
    }

    private func compare(_ tap: inout Tap, width: Int, skipping rows: Int) {
        guard let found = session.floats(tap.name), let expected = reference.output(tap.name) else { return }
        for row in rows..<rows + count {
            var (product, a, b) = (0.0, 0.0, 0.0)
            for index in row * width..<(row + 1) * width {
                let (x, y) = (Double(found[index]), Double(expected[index]))
                (product, a, b) = (product + x * y, a + x * x, b + y * y)
                tap.errors += (x - y) * (x - y)
            }
            tap.squares += b
            tap.cosines.append(product / max((a * b).squareRoot(), .leastNormalMagnitude))
        }
    }

    /// m of every token, from the outputs of a run.
    private func margins(_ output: (String) -> [Float]) -> [Float] {
        let width = head.layout.embeddingWidth
        var direction = [Float](repeating: 0, count: width)
        // One number for each of the columns' own, `conditionWidth` of the condition.
        unsafe columns.fill(
            &direction, stride: 1, condition: output("prompts.condition"), temperature: head.temperature)
        var margins = [Float](repeating: 0, count: count)
        for tap in head.layout.taps {
            let patches = output("prompts.tap\(tap)")
            for token in 0..<count {
                for index in 0..<width { margins[token] += patches[token * width + index] * direction[index] }
            }
        }
        return margins
    }

    private static func correlation(_ a: [Float], _ b: [Float]) -> Double {
        let count = Double(max(a.count, 1))
        let meanA = a.reduce(0) { $0 + Double($1) } / count, meanB = b.reduce(0) { $0 + Double($1) } / count
        var (product, squareA, squareB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            let (dx, dy) = (Double(x) - meanA, Double(y) - meanB)
            (product, squareA, squareB) = (product + dx * dy, squareA + dx * dx, squareB + dy * dy)
        }
        return product / max((squareA * squareB).squareRoot(), .leastNormalMagnitude)
    }
}
