public import Tensors

/// What a model package says about itself: the content of its `manifest.json`.
///
/// Its bytes are always the same for the same content: sorted keys, two spaces, a newline at the end.
public struct Manifest: Codable, Sendable, Hashable {
    /// The version of this file's form. This build reads 1.
    public var format = 1
    /// Small letters, digits, '.', '_' and '-'; begins with a letter or digit; at most 64.
    public var name: String
    /// As in "1.0.2": numbers with dots, then optionally '-' and a word.
    public var version: String
    /// Which code builds the graph, such as "efficientnet-lite0", "minilm-l6" or "clip-vit".
    public var architecture: String
    /// What that code wants to know, such as the extent of the input.
    public var configuration: [String: Value] = [:]
    /// The files from outside that the package was made of.
    public var provenance: [Source] = []
    /// nil if all weights are floating-point.
    public var quantisation: Quantisation?
    /// nil if the activations are quantised as they come, or not at all.
    public var calibration: Calibration?
    /// Measured results by name, such as "imagenet-top1": 0.753.
    public var accuracy: [String: Double] = [:]
    /// Every file of the package but the manifest and its signature, sorted by path.
    public var files: [File] = []

    /// A manifest without any optional part.
    public init(name: String, version: String, architecture: String) {
        self.name = name
        self.version = version
        self.architecture = architecture
    }

    /// Where a part of the package came from.
    public struct Source: Codable, Sendable, Hashable {
        /// The name of the file that was imported.
        public var file: String
        /// Of that file, in hexadecimal.
        public var sha256: String
        /// Where it can be had.
        public var origin: String
        /// Its licence, as an SPDX identifier.
        public var licence: String

        /// Takes any values; they are checked when the package is written.
        public init(file: String, sha256: String, origin: String, licence: String) {
            self.file = file
            self.sha256 = sha256
            self.origin = origin
            self.licence = licence
        }
    }

    /// How the weights became 8-bit codes.
    public struct Quantisation: Codable, Sendable, Hashable {
        /// The name of the scheme, such as "qs8-per-channel".
        public var scheme: String
        /// The matrices that stayed floating-point, and the attention whose probabilities have 16 bits, by its node.
        public var exceptions: [String]
        /// How far channels were evened out, if not by the usual exponent 0.5: SmoothQuant's alpha.
        public var equalisation: Double?

        /// Takes any values; they are checked when the package is written.
        public init(scheme: String, exceptions: [String]) {
            self.scheme = scheme
            self.exceptions = exceptions
        }
    }

    /// How the ranges of the activations were found.
    public struct Calibration: Codable, Sendable, Hashable {
        /// The number of images that were looked at.
        public var images: Int
        /// The share of values inside the range, 0...1.
        public var quantile: Double
        /// What the images showed.
        public var dataset: String
        /// The parameters of each activation by its name in the graph.
        public var activations: [String: QuantisationParameters]

        /// Takes any values; they are checked when the package is written.
        public init(
            images: Int, quantile: Double, dataset: String, activations: [String: QuantisationParameters]
        ) {
            self.images = images
            self.quantile = quantile
            self.dataset = dataset
            self.activations = activations
        }
    }

    /// One file of the package.
    public struct File: Codable, Sendable, Hashable {
        /// Relative to the folder of the package.
        public var path: String
        /// The length of the file.
        public var bytes: Int
        /// In hexadecimal, small letters.
        public var sha256: String

        /// Takes any values; they are checked when the package is written.
        public init(path: String, bytes: Int, sha256: String) {
            self.path = path
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    /// A number, a text or a yes-or-no.
    public enum Value: Sendable, Hashable {
        case number(Double)
        case string(String)
        case bool(Bool)

        /// The number if it is a whole one that fits `Int`, else nil.
        public var integer: Int? {
            if case .number(let number) = self { Int(exactly: number) } else { nil }
        }
    }
}

extension Manifest.Value: Codable {
    /// Throws `DecodingError` if the value is anything else, such as null or a list.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Not a number, text or boolean.")
        }
    }

    /// Throws `EncodingError` if a number is not finite and the encoder cannot write it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        }
    }
}
