import Inference
package import Kernels

/// Whether a model computes the same bytes on two instruction sets.
package struct InstructionComparison: Sendable {
    /// The instruction sets compared.
    package let first: InstructionSet
    package let second: InstructionSet
    /// The outputs that differ, with the position of the first different value.
    package let differences: [(output: String, index: Int)]
    /// How many values were compared.
    package let valueCount: Int

    /// Runs every graph of a model for small inputs on `first` and `second` and compares all blocks bit by
    /// bit.
    ///
    /// Blocks; packs the weights for both, without a cache. Throws `weights` if they do not fit the network.
    package init(
        of network: Network, _ weights: LoadedModel.Weights, _ first: InstructionSet, _ second: InstructionSet
    ) throws(ModelError) {
        self.first = first
        self.second = second
        var differences: [(output: String, index: Int)] = []
        var count = 0
        for input in network.smallInputs {
            let expected = try Self.outputs(of: network, weights, input, second)
            let found = try Self.outputs(of: network, weights, input, first)
            for (name, values) in expected.sorted(by: { $0.key < $1.key }) {
                count += values.count
                let other = found[name] ?? []
                let index = values.indices.first {
                    $0 >= other.count || values[$0].bitPattern != other[$0].bitPattern
                }
                if let index { differences.append((name, index)) }
            }
        }
        self.differences = differences
        valueCount = count
    }

    private static func outputs(
        of network: Network, _ weights: LoadedModel.Weights, _ input: Network.Input,
        _ instructions: InstructionSet
    ) throws(ModelError) -> [String: [Float]] {
        let loaded = try LoadedModel(
            network, weights, input: input, outputs: .blocks, kernels: KernelTable(instructions), threads: 1,
            cacheDirectory: nil)
        let session: Session
        do { session = try Session(loaded.model, pool: TensorPool()) } catch {
            throw .weights(directory: "", error)
        }
        unsafe session.withInput { unsafe fill($0, input) }
        session.run()
        var outputs: [String: [Float]] = [:]
        for output in loaded.model.graph.outputs { outputs[output.name] = session.floats(output.name) }
        return outputs
    }

    /// Bytes of a fixed sequence, or the ids of the first words.
    private static func fill(_ buffer: UnsafeMutableRawBufferPointer, _ input: Network.Input) {
        switch input {
        case .image:
            for index in buffer.indices {
                unsafe buffer[index] = UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 7)
            }
        case .tokens:
            let ids = unsafe buffer.bindMemory(to: Int32.self)
            for index in ids.indices { unsafe ids[index] = Int32(index) }
        }
    }
}

extension Network {
    /// A small input for each graph, that runs every layer.
    package var smallInputs: [Input] {
        switch architecture {
        case .efficientNetLite, .liteVL: [.image(side: 64)]
        case .miniLM: [.tokens(count: 9)]
        case .clip(let network):
            [.image(side: 2 * network.vision.patch)] + (network.text == nil ? [] : [.tokens(count: 9)])
        }
    }
}
