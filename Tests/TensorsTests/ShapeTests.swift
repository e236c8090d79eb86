import Tensors
import Testing

@Suite("Shapes and element types")
struct ShapeTests {
    @Test("the number of elements is the product of the extents")
    func elementCount() {
        #expect(([] as Shape).elementCount == 1)
        #expect(([3, 224, 224] as Shape).elementCount == 150_528)
        #expect(([3, 0, 7] as Shape).elementCount == 0)
        #expect(([1, 49, 384] as Shape)[2] == 384)
        #expect(([2, 3] as Shape).byteCount(of: .int64) == 48)
        #expect(([2, 3] as Shape).description == "[2, 3]")
    }

    @Test("negative extents and overflow have no shape")
    func impossible() {
        #expect(Shape(checking: [-1]) == nil)
        #expect(Shape(checking: [0, -1]) == nil)
        #expect(Shape(checking: [.max, 2]) == nil)
        #expect(Shape(checking: [0, .max, 2]) == nil)
        #expect(Shape(checking: [.max]) != nil)
        #expect(Shape(checking: [.max])?.byteCount(of: .float16) == nil)
    }

    @Test("every element type has the size that its name says")
    func sizes() {
        for type in ElementType.allCases {
            #expect(type.byteCount * 8 == Int(type.rawValue.drop { !$0.isNumber }), "\(type)")
        }
    }

    @Test("quantisation parameters are valid with a finite positive scale and a code as zero point")
    func parameters() {
        #expect(QuantisationParameters(scale: 0.1, zeroPoint: 255).isValid)
        for scale in [0, -1, Float.nan, .infinity] {
            #expect(!QuantisationParameters(scale: scale, zeroPoint: 0).isValid)
        }
        #expect(!QuantisationParameters(scale: 1, zeroPoint: 256).isValid)
        #expect(!QuantisationParameters(scale: 1, zeroPoint: -1).isValid)
    }
}
