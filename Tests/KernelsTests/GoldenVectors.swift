import Kernels
import Tensors
import Testing

import class Foundation.Bundle
import struct Foundation.URL

/// The tensors that Golden/make_float_kernels.py made with PyTorch.
struct GoldenVectors {
    private let file: WeightFile

    init() throws {
        let url = try #require(
            Bundle.module.url(forResource: "Golden/float_kernels", withExtension: "safetensors"))
        file = try WeightFile(path: url.path)
    }

    func floats(_ name: String) throws -> [Float] { try file.floats(name) }
    func int32(_ name: String) throws -> [Int32] { try file.int32(name) }
    func uint8(_ name: String) throws -> [UInt8] { try file.uint8(name) }
    func int8(_ name: String) throws -> [Int8] { try file.int8(name) }

    /// Fails unless every element of `result` is within `absolute` + `relative` * |element| of the tensor
    /// `name`; names the worst.
    func expect(
        _ result: Buffer<Float>, isNear name: String, absolute: Float, relative: Float = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let expected = try floats(name), found = result.elements
        try #require(found.count == expected.count, "'\(name)'", sourceLocation: sourceLocation)
        let excess = expected.indices.map { i in
            let error = abs(found[i] - expected[i]) / (absolute + relative * abs(expected[i]))
            return error.isNaN ? .infinity : error
        }
        let worst = expected.indices.max { excess[$0] < excess[$1] }!
        if excess[worst] > 1 {
            Issue.record(
                "'\(name)' differs most at element \(worst): \(found[worst]), not \(expected[worst]), \(excess[worst]) times what is allowed",
                sourceLocation: sourceLocation)
        }
    }

    /// The length of the difference divided by the length of the tensor `name`.
    func relativeDistance(_ result: Buffer<Float>, from name: String) throws -> Float {
        let expected = try floats(name), found = result.elements
        let difference = zip(found, expected).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (difference / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }
}
