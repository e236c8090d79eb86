import CKernels
import Kernels
import Testing

@Suite("the float kernels do what PyTorch does", .serialized)
struct GoldenTests {
    private let golden: GoldenVectors

    init() throws { golden = try GoldenVectors() }

    // A product of depth 1 with weight 1 applies its epilogue to each element.
    private func activated(_ instructions: InstructionSet, _ epilogue: ck_epilogue) throws -> Buffer<Float> {
        let x = try golden.floats("activation.x")
        return FloatProduct(rows: x.count, depth: 1, columns: 1, epilogue: epilogue).run(
            instructions, a: x, b: [1], bias: nil)
    }

    @Test("gelu, to 6e-5 (one polynomial for all CPUs), and quick gelu", arguments: InstructionSet.available)
    func activations(instructions: InstructionSet) throws {
        try golden.expect(activated(instructions, CK_FLOAT_GELU), isNear: "gelu.y", absolute: 6e-5)
        try golden.expect(
            activated(instructions, CK_FLOAT_QUICK_GELU), isNear: "quick_gelu.y", absolute: 1e-9,
            relative: 2e-6)
    }

    @Test("softmax", arguments: InstructionSet.available)
    func softmax(instructions: InstructionSet) throws {
        let x = try golden.floats("softmax.x")
        for (name, factor) in [("softmax.y", Float(1)), ("softmax_cold.y", 14)] {
            let result = FloatRows(kernel: .softmax, rows: 5, width: 77, factor: factor).run(instructions, x)
            try golden.expect(result, isNear: name, absolute: 1e-10, relative: 2e-5)
        }
    }

    @Test("L2 normalisation", arguments: InstructionSet.available)
    func normalisation(instructions: InstructionSet) throws {
        let result = FloatRows(kernel: .normalise, rows: 4, width: 50).run(
            instructions, try golden.floats("l2.x"))
        try golden.expect(result, isNear: "l2.y", absolute: 0, relative: 5e-7)
    }

    @Test("layer norm", arguments: InstructionSet.available)
    func layerNorm(instructions: InstructionSet) throws {
        let x = Buffer(try golden.floats("layer_norm.x")), gain = Buffer(try golden.floats("layer_norm.gain"))
        let shift = Buffer(try golden.floats("layer_norm.shift")), y = Buffer<Float>(count: x.count)
        var op = unsafe ck_rows()
        unsafe (op.in, op.width, op.in_stride, op.epsilon) = (x.read, 64, 64, 1e-5)
        unsafe (op.gain, op.shift) = (gain.read, shift.read)
        unsafe (op.normalised, op.normalised_stride) = (y.pointer, 64)
        unsafe instructions.table.pointee.f32_layer_norm(&op, 0, 3, nil)
        try withExtendedLifetime((x, gain, shift)) {
            try golden.expect(y, isNear: "layer_norm.y", absolute: 2e-6)
        }
    }

    @Test("bilinear resize, with both corner conventions", arguments: InstructionSet.available)
    func bilinear(instructions: InstructionSet) throws {
        let x = try golden.floats("bilinear.x")
        for (height, width) in [(13, 11), (14, 10), (16, 16), (4, 3), (1, 9)] {
            for alignsCorners in [false, true] {
                let result = Bilinear(
                    height: 7, width: 5, channels: 3, outHeight: height, outWidth: width,
                    alignsCorners: alignsCorners
                ).run(instructions, x)
                let name = "bilinear.\(height)x\(width).\(alignsCorners ? "corners" : "centres")"
                try golden.expect(result, isNear: name, absolute: 3e-6)
            }
        }
    }

    @Test("average and maximum pooling", arguments: InstructionSet.available)
    func pooling(instructions: InstructionSet) throws {
        let x = try golden.floats("pool.x")
        for (kernel, stride, pad) in [(3, 2, 1), (2, 2, 0), (3, 1, 1)] {
            for kind in Pool.Kind.allCases {
                let pool = Pool(
                    kind: kind, height: 9, width: 8, channels: 20, kernel: kernel, stride: stride, pad: pad)
                let name = "pool.\(kind).\(kernel).\(stride).\(pad)"
                try golden.expect(
                    pool.run(instructions, x), isNear: name, absolute: kind == .maximum ? 1e-30 : 5e-7)
            }
        }
    }

    @Test("linear layers with activations", arguments: InstructionSet.available)
    func linear(instructions: InstructionSet) throws {
        let x = try golden.floats("linear.x"), w = try golden.floats("linear.w"),
            bias = try golden.floats("linear.bias")
        for (name, epilogue, tolerance) in [
            ("linear.y", CK_FLOAT, Float(5e-6)), ("linear.gelu", CK_FLOAT_GELU, 6.5e-5),
            ("linear.quick_gelu", CK_FLOAT_QUICK_GELU, 1e-5), ("linear.relu6", CK_FLOAT_RELU6, 5e-6),
        ] {
            let result = FloatProduct(rows: 5, depth: 33, columns: 20, epilogue: epilogue)
                .run(instructions, a: x, b: w, bias: bias)
            try golden.expect(result, isNear: name, absolute: tolerance)
        }
    }

    @Test("transposed convolution 2 x 2", arguments: InstructionSet.available)
    func transposed(instructions: InstructionSet) throws {
        let result = Transposed2x2(height: 3, width: 4, inputs: 10, channels: 6).run(
            instructions, try golden.floats("transposed.x"), weights: try golden.floats("transposed.w"),
            bias: try golden.floats("transposed.bias"))
        try golden.expect(result, isNear: "transposed.y", absolute: 3e-6)
    }

    @Test("attention, in int8 within 2 % of it, causal and not", arguments: InstructionSet.available)
    func attention(instructions: InstructionSet) throws {
        let qkv = try golden.floats("attention.qkv")
        for isCausal in [false, true] {
            let result = Attention(tokens: 20, heads: 2, headWidth: 32, isCausal: isCausal).run(
                instructions, qkv)
            let distance = try golden.relativeDistance(
                result, from: isCausal ? "attention.causal" : "attention.full")
            #expect(distance < 0.02, "causal: \(isCausal)")
        }
    }
}
