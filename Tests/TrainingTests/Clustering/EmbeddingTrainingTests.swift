import AnomalyModels
import Testing
import Training

@Suite("the training of the head that describes defects")
struct EmbeddingTrainingTests {
    private static let channels = [6, 4]

    /// Defects of `lines` lines with three things wrong on each: which of them lies in two numbers of ten, and all numbers
    /// have much noise beside.
    private static func defects(lines: Int) -> [PracticeDefects.Defect] {
        var random = RandomNumbers(seed: 4, stream: "defects")
        return (0..<lines).flatMap { line in
            (0..<30).map { index in
                let state = index % 3
                var pooled = (0..<12).map { _ in Float(random.nextNormal()) }
                pooled[1] += state == 0 ? 5 : 0
                pooled[7] += state == 1 ? 5 : 0
                return PracticeDefects.Defect(
                    pooled: pooled, product: "line \(line)", isOfLine: line % 2 == 0,
                    state: "state \(state)")
            }
        }
    }

    private static func head(steps: Int, seed: UInt64 = 1) throws -> EmbeddingHead {
        var settings = EmbeddingTraining.Settings()
        (settings.hidden, settings.width, settings.steps, settings.seed) = (16, 8, steps, seed)
        var training = EmbeddingTraining(
            defects(lines: 4), channels: channels, settings, workers: try Workers(count: 1))
        #expect(training.lineCount == 4)
        while try training.takeStep() != nil {}
        return training.head(similarity: 0.4)
    }

    /// How often the nearest other defect of a line that was not trained on has the same wrong.
    private static func agreement(_ head: EmbeddingHead) -> Double {
        let rows = defects(lines: 5).suffix(30).map { defect -> (state: String, vector: [Float]) in
            var x = defect.pooled
            EmbeddingHead.prepare(&x, means: head.means)
            let layers = head.layers
            let hidden = (0..<head.hidden).map { row in
                max(
                    0,
                    layers.inBias[row]
                        + x.indices.reduce(0) { $0 + layers.inWeight[row * x.count + $1] * x[$1] })
            }
            let z = (0..<head.width).map { row in
                layers.bias[row] + x.indices.reduce(0) { $0 + layers.skip[row * x.count + $1] * x[$1] }
                    + hidden.indices.reduce(0) { $0 + layers.outWeight[row * hidden.count + $1] * hidden[$1] }
            }
            let length = z.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return (defect.state, z.map { $0 / length })
        }
        let right = rows.indices.count { index in
            let nearest = rows.indices.filter { $0 != index }.max { a, b in
                zip(rows[a].vector, rows[index].vector).reduce(0) { $0 + $1.0 * $1.1 }
                    < zip(rows[b].vector, rows[index].vector).reduce(0) { $0 + $1.0 * $1.1 }
            }
            return nearest.map { rows[$0].state == rows[index].state } ?? false
        }
        return Double(right) / Double(rows.count)
    }

    @Test("brings defects together on a line that it has not seen, and twice the same way")
    func learns() throws {
        let before = Self.agreement(try Self.head(steps: 1)), head = try Self.head(steps: 150)
        let after = Self.agreement(head)
        #expect(after > 0.8 && after > before + 0.05, "\(before) before, \(after) after")
        #expect(try Self.head(steps: 150) == head)
        #expect(try Self.head(steps: 150, seed: 2) != head)
    }
}
