package import AnomalyModels

/// The training of the head that describes defects (METHODS.md 5.3): defects of one line lie near each other where the
/// same is wrong and far from each other where it is not, by the supervised contrastive loss (Khosla et al., 2020). What
/// is wrong is known of rendered defects; on the box nobody says it.
package struct EmbeddingTraining {
    /// How it is trained.
    package struct Settings: Sendable, Hashable {
        package var hidden = 256
        package var width = 64
        package var temperature: Float = 0.2
        package var steps = 2000
        package var rate = 1e-3
        package var seed: UInt64 = 0
        /// Of the lines of a step, the share that are surfaces of the simulated line, where there are both.
        package var surfaceShare = 0.5
        /// Of all lines of a step, the share that are data sets from outside, where there are any.
        package var outsideShare = 0.0
        /// The share of inputs and of hidden numbers that a step leaves out.
        package var dropout: (inputs: Double, hidden: Double) { (0.1, 0.2) }

        package init() {}
    }

    /// Lines of one step, and the most defects of each.
    private static let linesPerStep = 4
    private static let defectsPerLine = 96

    package let steps: Int
    package var step: Int { trainer.step }
    private let settings: Settings
    private let means: [[Float]]
    private let inputs: Int
    private let parameters = Parameters<Float>()
    private let trainer: Trainer<Float>
    private var random: RandomNumbers
    private let lines: [DescribedDefect.Source: [Line]]

    /// The defects of one line as the head reads them, and what is wrong with each as a number.
    private struct Line {
        let rows: [[Float]]
        let states: [Int]
    }

    /// For `defects`, pooled over maps of `channels`. Lines on which only one thing is wrong teach nothing and are left out.
    ///
    /// - Precondition: there is a defect.
    package init(
        _ defects: [DescribedDefect], channels: [Int], _ settings: Settings, workers: Workers
    ) {
        precondition(!defects.isEmpty, "no defects to train a head on")
        (self.settings, steps) = (settings, settings.steps)
        let means = Self.means(of: defects, channels: channels)
        self.means = means
        inputs = defects[0].pooled.count
        random = RandomNumbers(seed: settings.seed, stream: "defects")
        for (name, shape, decays) in [
            ("in.weight", [settings.hidden, inputs], true), ("in.bias", [settings.hidden], false),
            ("out.weight", [settings.width, settings.hidden], true),
            ("skip", [settings.width, inputs], true), ("bias", [settings.width], false),
        ] {
            parameters.add(name, shape, decays ? .uniform(seed: settings.seed) : .zeros, decays: decays)
        }
        var adam = Adam<Float>.Settings()
        adam.decay = .decoupled(1e-3)
        trainer = Trainer(
            tape: Tape<Float>(workers: workers), optimiser: Adam(parameters, adam),
            schedule: Schedule(
                peak: settings.rate, warmUpSteps: min(20, settings.steps - 1), totalSteps: settings.steps))
        lines = Dictionary(grouping: defects, by: \.source).mapValues { Self.lines($0, means) }
    }

    /// The mean of each map.
    private static func means(of defects: [DescribedDefect], channels: [Int]) -> [[Float]] {
        var offset = 0
        return channels.map { count in
            defer { offset += count }
            return (offset..<offset + count).map { input in
                Float(defects.reduce(0.0) { $0 + Double($1.pooled[input]) } / Double(defects.count))
            }
        }
    }

    private static func lines(
        _ defects: [DescribedDefect], _ means: [[Float]]
    ) -> [Line] {
        let byLine = Dictionary(grouping: defects, by: \.line)
        return byLine.keys.sorted().compactMap { line in
            let members = byLine[line] ?? []
            let byState = Dictionary(grouping: members, by: \.state).filter { $0.value.count > 1 }
            guard byState.count > 1 else { return nil }
            let states = byState.keys.sorted()
            let kept = members.filter { byState[$0.state] != nil }
            return Line(
                rows: kept.map { defect in
                    var row = defect.pooled
                    EmbeddingHead.prepare(&row, means: means)
                    return row
                }, states: kept.map { states.firstIndex(of: $0.state) ?? 0 })
        }
    }

    /// How many lines there are to learn from.
    package var lineCount: Int { lines.values.reduce(0) { $0 + $1.count } }

    /// Takes one step; nil when none is left. Throws `TrainingError.notFinite`.
    package mutating func takeStep() throws -> Trainer<Float>.Report? {
        guard step < steps, lineCount > 0 else { return nil }
        let batches = (0..<Self.linesPerStep).map { _ in batch() }
        return try trainer.takeStep { tape in
            let losses = batches.map { loss(tape, $0) }
            let sum = losses.dropFirst().reduce(losses[0]) { tape.add($0, $1) }
            return tape.scale(sum, by: 1 / Float(losses.count))
        }
    }

    private struct Batch {
        var rows: [Float] = []
        var states: [Int] = []
        /// 0, or what a number is multiplied with that was kept.
        var kept: [Float] = []
    }

    /// Defects of one line by chance, at least two of each state that is among them.
    private mutating func batch() -> Batch {
        let lines = lines[source()] ?? []
        let line = lines[random.nextIndex(below: lines.count)]
        var order = Array(line.rows.indices)
        order.shuffle(using: &random)
        let drawn = order.prefix(Self.defectsPerLine)
        let counts = Dictionary(drawn.map { (line.states[$0], 1) }, uniquingKeysWith: +)
        var batch = Batch()
        for row in drawn where counts[line.states[row], default: 0] > 1 {
            batch.states.append(line.states[row])
            batch.rows += dropped(line.rows[row], settings.dropout.inputs)
            batch.kept += dropped([Float](repeating: 1, count: settings.hidden), settings.dropout.hidden)
        }
        return batch
    }

    /// Where the next batch is from: one that has lines.
    private mutating func source() -> DescribedDefect.Source {
        func has(_ source: DescribedDefect.Source) -> Bool { lines[source]?.isEmpty == false }
        if has(.outside) {
            let isRendered = has(.surface) || has(.catalogue)
            if random.nextUnit() < settings.outsideShare || !isRendered { return .outside }
        }
        let isSurface = random.nextUnit() < settings.surfaceShare
        return isSurface && has(.surface) || !has(.catalogue) ? .surface : .catalogue
    }

    private mutating func dropped(_ values: [Float], _ share: Double) -> [Float] {
        values.map { random.nextUnit() < share ? 0 : $0 / Float(1 - share) }
    }

    private func loss(_ tape: Tape<Float>, _ batch: Batch) -> Tensor<Float> {
        let count = batch.states.count
        guard count > 1 else { return tape.constant([0], []) }
        func parameter(_ name: String) -> Tensor<Float> {
            tape.parameter(name, of: parameters)
        }
        let x = tape.constant(batch.rows, [count, inputs])
        let hidden = tape.multiply(
            tape.relu(tape.linear(x, parameter("in.weight"), parameter("in.bias"))),
            tape.constant(batch.kept, [count, settings.hidden]))
        let z = tape.normalise(
            tape.add(
                tape.linear(hidden, parameter("out.weight"), nil),
                tape.linear(x, parameter("skip"), parameter("bias"))))
        // A defect is not compared with itself.
        var own = [Float](repeating: 0, count: count * count), targets = own
        for row in 0..<count {
            own[row * count + row] = -1e4
            let alike = batch.states.indices.filter { $0 != row && batch.states[$0] == batch.states[row] }
            for other in alike { targets[row * count + other] = 1 / Float(alike.count) }
        }
        let logits = tape.scale(
            tape.product(z, z, isRightTransposed: true), by: 1 / settings.temperature)
        return tape.divergence(
            tape.add(logits, tape.constant(own, [count, count])),
            targets: tape.constant(targets, [count, count]))
    }

    /// The head as it is now.
    package func head(similarity: Float) -> EmbeddingHead {
        func values(_ name: String) -> [Float] { parameters[name]?.values ?? [] }
        return EmbeddingHead(
            width: settings.width, similarity: similarity, means: means,
            layers: .init(
                inWeight: values("in.weight"), inBias: values("in.bias"), outWeight: values("out.weight"),
                skip: values("skip"), bias: values("bias")))
    }
}
