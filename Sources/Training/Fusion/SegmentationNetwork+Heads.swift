package import AnomalyModels

extension SegmentationNetwork {
    /// The head as inspection reads it.
    package func head(weight: Float, centre: Float) -> SegmentationHead {
        var tensors: [String: [Float]] = [:]
        for parameter in parameters.all { tensors[parameter.name] = parameter.values }
        var bias = tensors["input.bias"] ?? []
        for (tap, name) in SegmentationHead.taps.enumerated() {
            let width = SegmentationHead.inputWidth(name, self.width),
                first = width - SegmentationHead.evidence
            var matrix = tensors["input.\(name)"] ?? []
            for row in 0..<SegmentationHead.hidden {
                if !readsFeatures { for column in 0..<first { matrix[row * width + column] = 0 } }
                for index in 0..<SegmentationHead.evidence {
                    let place = row * width + first + index
                    matrix[place] /= evidence[tap].deviation[index]
                    bias[row] -= matrix[place] * evidence[tap].mean[index]
                }
            }
            tensors["input.\(name)"] = matrix
        }
        tensors["input.bias"] = bias
        if block != nil {
            tensors["block.text"] = columns.map { FusionBlock.text($0, tensors) }
            for name in tensors.keys where name.hasPrefix("text.") { tensors[name] = nil }
        }
        return SegmentationHead(channels: channels, tensors: tensors, weight: weight, centre: centre)
    }

    /// The head that knows no product.
    func sharedHead(trunk: PatchBank.Trunk, strength: Float) -> SharedHead {
        var tensors: [String: [Float]] = [:]
        for (name, _) in SharedHead.shapes(channels: channels, width: width, block: block) {
            tensors[name] = parameters[name]?.values
        }
        if block != nil { tensors["text.object"] = columns.map { $0.normal + $0.abnormal } }
        tensors["evidence.mean"] = evidence.flatMap(\.mean)
        tensors["evidence.deviation"] = evidence.flatMap(\.deviation)
        return SharedHead(trunk: trunk, channels: channels, tensors: tensors, strength: strength)
    }

    /// Goes on from `head`, which was made for the same patches, instead of from weights drawn by chance.
    package func start(from head: SegmentationHead) {
        var bias = head.tensors["input.bias"] ?? []
        for parameter in parameters.all where parameter.name != "input.bias" {
            parameter.values = head.tensors[parameter.name] ?? parameter.values
        }
        for (tap, name) in SegmentationHead.taps.enumerated() {
            let width = SegmentationHead.inputWidth(name, self.width),
                first = width - SegmentationHead.evidence
            guard let parameter = parameters["input.\(name)"] else { continue }
            var matrix = parameter.values
            for row in 0..<SegmentationHead.hidden {
                for index in 0..<SegmentationHead.evidence {
                    let place = row * width + first + index
                    bias[row] += matrix[place] * evidence[tap].mean[index]
                    matrix[place] *= evidence[tap].deviation[index]
                }
            }
            parameter.values = matrix
        }
        parameters["input.bias"]?.values = bias
    }

    /// `sample` as the network reads it.
    package func input(_ sample: SegmentationPractice.Sample) -> Input {
        input(
            sample, columns,
            sample.scalars.enumerated().map { tap, values in evidence[tap].standardised(values) })
    }

    /// `sample` of a product at `level`, as a network that is shared reads it; with the sentences `columns` of its class, by
    /// default those of an object.
    func input(
        _ sample: SegmentationPractice.Sample, _ level: EvidenceLevel, _ columns: ClassColumns? = nil
    ) -> Input {
        let width = SegmentationHead.evidence
        return input(
            sample, columns ?? self.columns,
            sample.scalars.enumerated().map { tap, values in
                let own = EvidenceSpread(mean: level.mean[tap], deviation: level.deviation[tap])
                    .standardised(values)
                let all = evidence[tap].standardised(values)
                return stride(from: 0, to: values.count, by: width).flatMap {
                    own[$0..<$0 + width] + all[$0..<$0 + width]
                }
            })
    }

    private func input(
        _ sample: SegmentationPractice.Sample, _ columns: ClassColumns?, _ evidence: [[Float]]
    ) -> Input {
        Input(
            grids: sample.grids, own: zip(sample.codes, channels).map(PatchBasis.units),
            near: zip(sample.nearest, channels).map(PatchBasis.units), evidence: evidence,
            centres: block != nil ? sample.centres : [],
            columns: block != nil ? columns.map { $0.normal + $0.abnormal } ?? [] : [], mask: sample.mask)
    }
}
