/// A function of one number with its derivative, for eight numbers at a time.
private protocol Activation {
    static var name: String { get }
    /// What computes it for `Float`; nil: the loops over the two functions below.
    static var kernel: ActivationKernel? { get }
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar>
    /// The derivative at `x`, where the value was `y`.
    static func slope<Scalar: TrainingScalar>(_ x: Lanes<Scalar>, _ y: Lanes<Scalar>) -> Lanes<Scalar>
}

extension Activation {
    static var kernel: ActivationKernel? { nil }
}

extension Tape {
    /// x Φ(x), with the error function.
    @specialized(where Scalar == Float)
    public func gelu(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(GELU.self, x) }

    /// x σ(1.702 x), as CLIP has it.
    @specialized(where Scalar == Float)
    public func quickGELU(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(QuickGELU.self, x) }

    /// The larger of x and 0.
    @specialized(where Scalar == Float)
    public func relu(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(ReLU.self, x) }

    /// x cut to 0...6. The derivative is 1 strictly inside, else 0.
    @specialized(where Scalar == Float)
    public func relu6(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(ReLU6.self, x) }

    /// 1 / (1 + exp(-x)).
    @specialized(where Scalar == Float)
    public func sigmoid(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(Sigmoid.self, x) }

    /// The hyperbolic tangent.
    @specialized(where Scalar == Float)
    public func tanh(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(Tanh.self, x) }

    /// The absolute value; derivative 0 at 0.
    @specialized(where Scalar == Float)
    public func abs(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(Magnitude.self, x) }

    /// e to the power of x.
    @specialized(where Scalar == Float)
    public func exp(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(Exponential.self, x) }

    /// x squared.
    @specialized(where Scalar == Float)
    public func square(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(Square.self, x) }

    /// 1 / x.
    @specialized(where Scalar == Float)
    public func reciprocal(_ x: Tensor<Scalar>) -> Tensor<Scalar> { apply(Reciprocal.self, x) }

    @inline(__always)
    private func apply<Function: Activation>(_: Function.Type, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
        let y = push(Function.name, x.shape, [x])
        let (xv, yv) = (cells(x), cells(y))
        workers.split(xv.count, grain: 8192) { range in
            if let kernel = Function.kernel, kernel.write(xv, to: yv, range) { return }
            sweep(range) { yv.put(Function.value(xv.lanes($0, $1)), $0, $1) }
        }
        onBackward(y) { tape, dy in
            guard let (dx, isNew) = tape.takeOver(dy, of: y, for: x) else { return }
            tape.workers.split(dx.count, grain: 8192) { range in
                if let kernel = Function.kernel, kernel.goBack(xv, dy, dx, isNew: isNew, range) { return }
                if isNew {
                    sweep(range) {
                        dx.put(dy.lanes($0, $1) * Function.slope(xv.lanes($0, $1), yv.lanes($0, $1)), $0, $1)
                    }
                } else {
                    sweep(range) {
                        dx.add(dy.lanes($0, $1) * Function.slope(xv.lanes($0, $1), yv.lanes($0, $1)), $0, $1)
                    }
                }
            }
        }
        return y
    }
}

private enum GELU: Activation {
    static let name = "gelu"
    static var kernel: ActivationKernel? { .gelu }

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> {
        let half: Scalar = 0.5
        return x * half * (Scalar.errorFunction(x * Scalar(0.707_106_781_186_547_5)).erf + 1)
    }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_ x: Lanes<Scalar>, _: Lanes<Scalar>) -> Lanes<Scalar> {
        let (erf, gaussian) = Scalar.errorFunction(x * Scalar(0.707_106_781_186_547_5))
        return (erf + 1) * Scalar(0.5) + x * gaussian * Scalar(0.398_942_280_401_432_7)
    }
}

private enum QuickGELU: Activation {
    static let name = "quickGELU"
    static var kernel: ActivationKernel? { .quickGELU }

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> {
        x / (Scalar.exponential(x * Scalar(-1.702)) + 1)
    }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_ x: Lanes<Scalar>, _: Lanes<Scalar>) -> Lanes<Scalar> {
        let s = Lanes<Scalar>(repeating: 1) / (Scalar.exponential(x * Scalar(-1.702)) + 1)
        return s + x * Scalar(1.702) * s * (1 - s)
    }
}

private enum ReLU: Activation {
    static let name = "relu"

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> {
        Scalar.larger(x, Lanes(repeating: 0))
    }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_ x: Lanes<Scalar>, _: Lanes<Scalar>) -> Lanes<Scalar> {
        Scalar.choose(Lanes(repeating: 1), whereAbove: Lanes(repeating: 0), x, else: Lanes(repeating: 0))
    }
}

private enum ReLU6: Activation {
    static let name = "relu6"

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> {
        -Scalar.larger(-Scalar.larger(x, Lanes(repeating: 0)), Lanes(repeating: -6))
    }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_ x: Lanes<Scalar>, _: Lanes<Scalar>) -> Lanes<Scalar> {
        let zero = Lanes<Scalar>(repeating: 0)
        let below = Scalar.choose(Lanes(repeating: 1), whereAbove: -6 + zero, -x, else: zero)
        return Scalar.choose(below, whereAbove: zero, x, else: zero)
    }
}

private enum Sigmoid: Activation {
    static let name = "sigmoid"

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> {
        Lanes<Scalar>(repeating: 1) / (Scalar.exponential(-x) + 1)
    }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_: Lanes<Scalar>, _ y: Lanes<Scalar>) -> Lanes<Scalar> {
        y * (1 - y)
    }
}

private enum Tanh: Activation {
    static let name = "tanh"

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> {
        // Odd function; near 0 the difference of 1 and the quotient loses up to 1e-7 absolutely.
        1 - Lanes<Scalar>(repeating: 2) / (Scalar.exponential(x * 2) + 1)
    }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_: Lanes<Scalar>, _ y: Lanes<Scalar>) -> Lanes<Scalar> {
        1 - y * y
    }
}

private enum Magnitude: Activation {
    static let name = "abs"

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> { Scalar.larger(x, -x) }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_ x: Lanes<Scalar>, _: Lanes<Scalar>) -> Lanes<Scalar> {
        let (zero, one) = (Lanes<Scalar>(repeating: 0), Lanes<Scalar>(repeating: 1))
        return Scalar.choose(one, whereAbove: zero, x, else: zero)
            - Scalar.choose(one, whereAbove: zero, -x, else: zero)
    }
}

private enum Exponential: Activation {
    static let name = "exp"

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> { Scalar.exponential(x) }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_: Lanes<Scalar>, _ y: Lanes<Scalar>) -> Lanes<Scalar> { y }
}

private enum Square: Activation {
    static let name = "square"

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> { x * x }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_ x: Lanes<Scalar>, _: Lanes<Scalar>) -> Lanes<Scalar> { x * 2 }
}

private enum Reciprocal: Activation {
    static let name = "reciprocal"

    @inline(__always)
    static func value<Scalar: TrainingScalar>(_ x: Lanes<Scalar>) -> Lanes<Scalar> {
        Lanes<Scalar>(repeating: 1) / x
    }

    @inline(__always)
    static func slope<Scalar: TrainingScalar>(_: Lanes<Scalar>, _ y: Lanes<Scalar>) -> Lanes<Scalar> {
        -(y * y)
    }
}
