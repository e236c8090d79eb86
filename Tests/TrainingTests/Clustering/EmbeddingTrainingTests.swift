import AnomalyModels
import Testing
import Training

@Suite("the training of the head that describes defects")
struct EmbeddingTrainingTests {
    private static let channels = [6, 4]

    /// Defects of `lines` lines with three things wrong on each: which of them lies in two numbers of ten, and all numbers
    /// have much noise beside.
    private static func defects(lines: Int) -> [DescribedDefect] {
        var random = RandomNumbers(seed: 4, stream: "defects")
        return (0..<lines).flatMap { line in
            (0..<30).map { index in
                let state = index % 3
                var pooled = (0..<12).map { _ in Float(random.nextNormal()) }
                pooled[1] += state == 0 ? 5 : 0
                pooled[7] += state == 1 ? 5 : 0
                return DescribedDefect(
                    pooled: pooled, line: "line \(line)", source: line % 2 == 0 ? .surface : .catalogue,
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

    @Test("of data sets from outside and what was rendered each is learned from as its share says")
    func outside() throws {
        let rendered = Self.defects(lines: 2)
        let other = Self.defects(lines: 3).suffix(30).map { defect in
            DescribedDefect(pooled: defect.pooled, line: "set", source: .outside, state: defect.state)
        }
        /// The same with other things wrong.
        func relabelled(_ defects: [DescribedDefect]) -> [DescribedDefect] {
            defects.enumerated().map { index, defect in
                DescribedDefect(
                    pooled: defect.pooled, line: defect.line, source: defect.source,
                    state: "state \(index % 2)")
            }
        }
        func head(_ defects: [DescribedDefect], share: Double) throws -> EmbeddingHead {
            var settings = EmbeddingTraining.Settings()
            (settings.hidden, settings.width, settings.steps) = (16, 8, 20)
            settings.outsideShare = share
            var training = EmbeddingTraining(
                defects, channels: Self.channels, settings, workers: try Workers(count: 1))
            while try training.takeStep() != nil {}
            return training.head(similarity: 0.4)
        }
        let only = try head(rendered + other, share: 1), never = try head(rendered + other, share: 0)
        #expect(try head(relabelled(rendered) + other, share: 1) == only)
        #expect(try head(rendered + relabelled(other), share: 1) != only)
        #expect(try head(rendered + relabelled(other), share: 0) == never)
        #expect(try head(relabelled(rendered) + other, share: 0) != never)
        // Where nothing else is there, the share does not matter.
        #expect(try head(other, share: 0) == head(other, share: 1))
    }
}
