import CKernels
import Kernels
import Platform

extension SplitMix64 {
    mutating func floats(_ count: Int, _ range: ClosedRange<Float> = -3...3) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }

    mutating func integers(_ count: Int, _ range: ClosedRange<Int32>) -> [Int32] {
        (0..<count).map { _ in Int32.random(in: range, using: &self) }
    }
}

/// How the codes of a test are drawn: at random, or all at an end of their range.
enum Codes: CaseIterable {
    case random, least, greatest, ends

    func activations(_ count: Int, using random: inout SplitMix64) -> [UInt8] {
        (0..<count).map { _ in
            switch self {
            case .random: UInt8.random(in: 0...255, using: &random)
            case .least: 0
            case .greatest: 255
            case .ends: Bool.random(using: &random) ? 0 : 255
            }
        }
    }

    func weights(_ count: Int, using random: inout SplitMix64) -> [Int8] {
        (0..<count).map { _ in
            switch self {
            case .random: Int8.random(in: -127...127, using: &random)
            case .least: -127
            case .greatest: 127
            case .ends: Bool.random(using: &random) ? -127 : 127
            }
        }
    }
}
