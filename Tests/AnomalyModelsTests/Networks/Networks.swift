import AnomalyModels
import Inference
import Testing

/// The networks of the golden vectors with their float weights.
enum Networks {
    static func efficientNet(_ network: EfficientNetLite) throws -> FloatWeights {
        let folder = try #require(TestFiles.weights)
        return try CheckpointReader.read(
            path: "\(folder)/efficientnet_lite\(network.rawValue).safetensors", activation: nil
        ).weights
    }

    static func miniLM() throws -> (network: Architecture.MiniLM, weights: FloatWeights) {
        let folder = try #require(TestFiles.weights)
        let checkpoint = try CheckpointReader.read(
            path: folder + "/all_minilm_l6_v2_fp16.safetensors", activation: nil)
        guard case .miniLM(let network) = checkpoint.architecture else { throw WrongNetwork() }
        return (network, checkpoint.weights)
    }

    static func clip(_ activation: Architecture.Activation) throws -> Clip {
        let checkpoint = try CheckpointReader.read(
            path: TestFiles.golden("clip_openai.safetensors"), activation: nil)
        guard case .clip(let network) = checkpoint.architecture, let text = network.text else {
            throw WrongNetwork()
        }
        return Clip(
            network: network, textTower: text, weights: checkpoint.weights, activation: activation)
    }

    struct Clip {
        let network: Architecture.Clip
        let textTower: Architecture.Clip.Text
        let weights: FloatWeights
        let activation: Architecture.Activation

        func vision(taps: [Int]) -> Graph {
            network.vision.graph(
                height: 32, width: 32, embeddingWidth: network.embeddingWidth, activation: activation,
                taps: taps)
        }

        func text(tokens: Int, taps: [Int]) -> Graph {
            textTower.graph(
                tokens: tokens, embeddingWidth: network.embeddingWidth, activation: activation, taps: taps)
        }
    }

    struct WrongNetwork: Error {}
}
