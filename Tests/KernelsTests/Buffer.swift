import CKernels
import Kernels

/// Memory as kernels want it: aligned, with bytes behind it that may be read and must not be written.
@safe
final class Buffer<Element: BitwiseCopyable> {
    let count: Int
    private let memory: UnsafeMutableRawPointer
    private static var guardByte: UInt8 { 0xA5 }

    /// `count` elements of bytes 0xA5, which no kernel may rely on.
    init(count: Int) {
        self.count = count
        let bytes = count * MemoryLayout<Element>.stride + KernelTable.overread
        unsafe memory = .allocate(byteCount: bytes, alignment: 64)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: Self.guardByte, count: bytes)
    }

    convenience init(_ elements: [Element]) {
        self.init(count: elements.count)
        unsafe elements.withUnsafeBytes {
            unsafe memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
    }

    deinit { unsafe memory.deallocate() }

    var raw: UnsafeMutableRawPointer { unsafe memory }
    var pointer: UnsafeMutablePointer<Element> { unsafe memory.assumingMemoryBound(to: Element.self) }
    var read: UnsafePointer<Element> { unsafe UnsafePointer(pointer) }

    var elements: [Element] { (0..<count).map { unsafe pointer[$0] } }

    /// Whether nothing was written behind the elements.
    var isIntact: Bool {
        let end = count * MemoryLayout<Element>.stride
        return (end..<end + KernelTable.overread).allSatisfy {
            unsafe memory.load(fromByteOffset: $0, as: UInt8.self) == Self.guardByte
        }
    }

    /// The first element whose bytes differ, or nil.
    func firstDifference(from other: Buffer<Element>) -> Int? {
        let size = MemoryLayout<Element>.stride
        let bytes = count * size
        for i in 0..<bytes
        where unsafe memory.load(fromByteOffset: i, as: UInt8.self)
            != other.memory.load(fromByteOffset: i, as: UInt8.self)
        {
            return i / size
        }
        return nil
    }
}

/// What a kernel did otherwise than its definition.
struct Difference: Error, CustomStringConvertible {
    let description: String
}

/// Throws unless `result` equals `expected` bit for bit and nothing was written behind it.
func requireSame<Element: BitwiseCopyable>(
    _ result: Buffer<Element>, _ expected: Buffer<Element>, _ context: @autoclosure () -> String
) throws(Difference) {
    if let i = result.firstDifference(from: expected) {
        let found = unsafe result.pointer[i]
        let wanted = unsafe expected.pointer[i]
        throw Difference(description: "\(context()): element \(i) is \(found), not \(wanted)")
    }
    if !result.isIntact { throw Difference(description: "\(context()): wrote behind its output") }
}

/// The ways in which a test shares out units.
enum Split: CaseIterable {
    case whole, backwardsOneByOne, unevenParts

    func forEachRange(of units: Int, _ body: (Int, Int) -> Void) {
        switch self {
        case .whole: body(0, units)
        case .backwardsOneByOne: for unit in (0..<units).reversed() { body(unit, unit + 1) }
        case .unevenParts:
            let cut = units / 3
            body(cut, units)
            body(0, cut)
        }
    }
}

extension InstructionSet {
    /// Every available one but the definition itself.
    static var vectors: [InstructionSet] { available.filter { $0.name != "scalar" } }
    static var scalar: InstructionSet { compiled.last! }

    var kernels: ck_kernels { unsafe ck_kernels_for(name).pointee }
    var table: UnsafePointer<ck_kernels> { unsafe ck_kernels_for(name) }
}
