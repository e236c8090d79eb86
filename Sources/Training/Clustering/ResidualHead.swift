internal import Glibc

/// FINE's trainable part over a frozen trunk (METHODS.md 5.2): h = x + MLP(x), which begins as the identity, and unit
/// centres. Instance loss (NT-Xent) between views of one image first, then the centres' loss as well.
package struct ResidualHead {
    /// How it is trained.
    package struct Settings: Sendable {
        package var hidden = 256
        package var epochs = 20
        package var batch = 256
        package var rate = 1e-3
        package var temperature: Float = 0.3
        package var centreTemperature: Float = 0.1
        /// The epochs before centres join in.
        package var lonelyShare = 1.0 / 3
        package var centreLoss = CentreLoss.sharpened
        /// What the centres' loss counts; 0 leaves the instance loss alone.
        package var centreWeight: Float = 1

        package init() {}
    }

    private let parameters: Parameters<Float>
    private let settings: Settings
    private let workers: Workers
    private let width: Int

    /// Trains on `views`, each `[count, width]` with the same images in the same order, for `clusters` clusters.
    ///
    /// Blocks for seconds. Throws `TrainingError.notFinite` if the losses do not stay finite.
    /// - Precondition: there are two views at least, of at least one image.
    package init(
        views: [[Float]], width: Int, clusters: Int, seed: Int, settings: Settings, workers: Workers
    ) throws {
        precondition(views.count > 1 && !views[0].isEmpty, "\(views.count) views")
        (self.settings, self.workers, self.width) = (settings, workers, width)
        let start = UInt64(bitPattern: Int64(seed))
        parameters = Parameters<Float>()
        parameters.add("in.weight", [settings.hidden, width], .uniform(seed: start), decays: false)
        parameters.add("in.bias", [settings.hidden], .zeros, decays: false)
        parameters.add("out.weight", [width, settings.hidden], .zeros, decays: false)
        parameters.add("out.bias", [width], .zeros, decays: false)
        parameters.add("centres", [max(clusters, 1), width], .zeros, decays: false)
        try train(views, clusters: clusters, seed: seed)
    }

    private func train(_ views: [[Float]], clusters: Int, seed: Int) throws {
        let count = views[0].count / width, batch = min(settings.batch, count)
        let steps = max(1, count / batch) * settings.epochs
        let tape = Tape<Float>(workers: workers)
        let trainer = Trainer(
            tape: tape, optimiser: Adam(parameters, .init()),
            schedule: Schedule(peak: settings.rate, warmUpSteps: min(5, steps - 1), totalSteps: steps))
        var random = RandomNumbers(seed: UInt64(bitPattern: Int64(seed)), stream: "views")
        var hasCentres = false, order = Array(0..<count)
        let centresFrom = Int(Double(settings.epochs) * settings.lonelyShare)
        for epoch in 0..<settings.epochs {
            order.shuffle(using: &random)
            if epoch == centresFrom, settings.centreWeight > 0, clusters > 1 {
                hasCentres = parameters.placeCentres(
                    among: UnitRows(embeddings(of: views), width: width), count: clusters, seed: seed)
            }
            for first in stride(from: 0, through: count - batch, by: batch) {
                let chosen = order[first..<first + batch]
                let rows = pair(of: chosen, views, &random)
                _ = try trainer.takeStep { tape in loss(tape, rows, hasCentres: hasCentres) }
                if hasCentres { parameters.normaliseCentres(width: width) }
            }
        }
    }

    /// Two different views of each image, the first ones before the second ones.
    private func pair(of images: ArraySlice<Int>, _ views: [[Float]], _ random: inout RandomNumbers)
        -> [Float]
    {
        var first: [Float] = [], second: [Float] = []
        for image in images {
            let one = random.nextIndex(below: views.count)
            let other = (one + 1 + random.nextIndex(below: views.count - 1)) % views.count
            first += views[one][image * width..<(image + 1) * width]
            second += views[other][image * width..<(image + 1) * width]
        }
        return first + second
    }

    private func parameter(_ tape: Tape<Float>, _ name: String) -> Tensor<Float> {
        tape.parameter(name, of: parameters)
    }

    private func embedding(_ tape: Tape<Float>, _ rows: [Float]) -> Tensor<Float> {
        let x = tape.constant(rows, [rows.count / width, width])
        let hidden = tape.relu(tape.linear(x, parameter(tape, "in.weight"), parameter(tape, "in.bias")))
        return tape.normalise(
            tape.add(x, tape.linear(hidden, parameter(tape, "out.weight"), parameter(tape, "out.bias"))))
    }

    private func loss(_ tape: Tape<Float>, _ rows: [Float], hasCentres: Bool) -> Tensor<Float> {
        let z = embedding(tape, rows)
        let instance = tape.ntXent(z, temperature: settings.temperature)
        guard hasCentres else { return instance }
        let centres = tape.normalise(parameter(tape, "centres"))
        let centre = tape.centreLoss(
            settings.centreLoss, z, centres, temperature: settings.centreTemperature)
        return tape.add(instance, tape.scale(centre, by: settings.centreWeight))
    }

    /// Each row's target: the assignment q of the other view as q² over the sum of q of its cluster (Xie et al. 2016),
    /// of sum 1.
    static func sharpened(_ logits: [Float], clusters: Int) -> [Float] {
        let rows = logits.count / clusters
        var q = logits
        for row in 0..<rows {
            let part = row * clusters..<(row + 1) * clusters
            let top = q[part].max() ?? 0
            for index in part { q[index] = Float.exponential(q[index] - top) }
            let sum = q[part].reduce(0, +)
            for index in part { q[index] /= sum }
        }
        var mass = [Float](repeating: 1e-6, count: clusters)
        for index in q.indices { mass[index % clusters] += q[index] }
        var targets = q
        for row in 0..<rows {
            let partner = (row + rows / 2) % rows
            var sum: Float = 0
            for cluster in 0..<clusters {
                let value = q[partner * clusters + cluster]
                targets[row * clusters + cluster] = value * value / mass[cluster]
                sum += targets[row * clusters + cluster]
            }
            for cluster in 0..<clusters {
                targets[row * clusters + cluster] /= max(sum, .leastNormalMagnitude)
            }
        }
        return targets
    }

    /// The mean over the views of each image's unit embedding: `[count, width]`.
    package func embeddings(of views: [[Float]]) -> [Float] {
        let tape = Tape<Float>(workers: workers, isTraining: false)
        var sum = [Float](repeating: 0, count: views[0].count)
        for view in views {
            tape.begin()
            for (index, value) in tape.values(embedding(tape, view)).enumerated() { sum[index] += value }
        }
        return sum
    }
}
