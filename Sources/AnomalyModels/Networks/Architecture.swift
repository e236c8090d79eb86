/// A network that checkpoints can be imported for, with the sizes inferred from the tensors.
package enum Architecture: Sendable, Hashable, CustomStringConvertible {
    case efficientNetLite(EfficientNetLite)
    case miniLM(MiniLM)
    case clip(Clip)
    case liteVL(LiteVL)

    /// A BERT encoder of width 384 as in all-MiniLM-L6-v2: 12 heads of 32, GELU (erf form), norms after each
    /// part.
    package struct MiniLM: Sendable, Hashable {
        package static let width = 384
        package static let heads = 12
        package static let hiddenWidth = 1536
        package static let normEpsilon: Float = 1e-12

        package let vocabularySize: Int
        /// Rows of the positional embedding.
        package let positions: Int
        package let layers: Int
    }

    /// CLIP towers: heads of 64, hidden width four times the width, norms before each part (epsilon 1e-5).
    package struct Clip: Sendable, Hashable {
        package static let normEpsilon: Float = 1e-5

        package struct Vision: Sendable, Hashable {
            package let width: Int
            /// The side of a patch in pixels.
            package let patch: Int
            /// Patches along one side of the square input.
            package let grid: Int
            package let layers: Int

            package init(width: Int, patch: Int, grid: Int, layers: Int) {
                (self.width, self.patch, self.grid, self.layers) = (width, patch, grid, layers)
            }

            package var heads: Int { width / 64 }
            /// The side of the input in pixels.
            package var input: Int { patch * grid }
        }

        package struct Text: Sendable, Hashable {
            package let width: Int
            package let vocabularySize: Int
            /// The most tokens of a text.
            package let contextLength: Int
            package let layers: Int

            package init(width: Int, vocabularySize: Int, contextLength: Int, layers: Int) {
                (self.width, self.vocabularySize) = (width, vocabularySize)
                (self.contextLength, self.layers) = (contextLength, layers)
            }

            package var heads: Int { width / 64 }
        }

        package let vision: Vision
        /// Nil if the checkpoint has no text tower.
        package let text: Text?
        /// The width d_t of the common space.
        package let embeddingWidth: Int
        package let activation: Activation

        package init(vision: Vision, text: Text?, embeddingWidth: Int, activation: Activation) {
            (self.vision, self.text) = (vision, text)
            (self.embeddingWidth, self.activation) = (embeddingWidth, activation)
        }
    }

    /// The non-linearity of CLIP's MLPs.
    package enum Activation: String, Sendable, Hashable, Codable, CaseIterable {
        /// x * sigmoid(1.702 x)
        case quickGELU = "quickgelu"
        /// x * Phi(x), by the error function
        case gelu
    }

    package var description: String {
        switch self {
        case .efficientNetLite(let network):
            "EfficientNet-Lite\(network.rawValue)"
        case .liteVL(let network):
            "LiteVL (EfficientNet-Lite\(network.trunk.rawValue), "
                + "\(network.layers) layers of \(network.width))"
        case .miniLM(let network):
            "MiniLM (\(network.layers) layers, \(network.vocabularySize) tokens)"
        case .clip(let network):
            "CLIP ViT (patch \(network.vision.patch), "
                + "\(network.vision.layers) layers of \(network.vision.width), "
                + (network.text.map { "text: \($0.layers) layers of \($0.width))" } ?? "no text)")
        }
    }
}
