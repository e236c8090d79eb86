import Training

/// Numbers for tests: the same on each run.
struct TestNumbers {
    private var random: RandomNumbers

    init(_ name: String) { random = RandomNumbers(seed: 0x5EED, stream: name) }

    /// `count` normal numbers, rounded so that `Float` and `Double` hold the same; none nearer to 0 than `gap`.
    mutating func normal(_ count: Int, gap: Double = 0) -> [Double] {
        (0..<count).map { _ in
            let value = random.nextCutNormal()
            return Double(Float(value + (value < 0 ? -gap : gap)))
        }
    }

    mutating func index(below bound: Int) -> Int { random.nextIndex(below: bound) }
}

/// A differentiable function of some tensors, for both scalars.
protocol TestFunction {
    var name: String { get }
    /// The shapes of its inputs, and the least size of their numbers (to stay away from kinks).
    var shapes: [[Int]] { get }
    var gap: Double { get }
    func apply<Scalar: TrainingScalar>(_ tape: Tape<Scalar>, _ x: [Tensor<Scalar>]) -> Tensor<Scalar>
}

/// What a function gives at some inputs: the sum of its results times fixed weights, and the gradients of that.
struct Evaluation {
    let value: Double
    let gradients: [[Double]]

    init<Function: TestFunction, Scalar: TrainingScalar>(
        _ function: Function, at inputs: [[Double]], in _: Scalar.Type, workers: Workers,
        isTraining: Bool = true
    ) {
        let tape = Tape<Scalar>(workers: workers, isTraining: isTraining)
        tape.begin()
        let tensors = zip(inputs, function.shapes).map { tape.variable($0.map { Scalar($0) }, $1) }
        let y = function.apply(tape, tensors)
        var numbers = TestNumbers("weights of \(function.name)")
        let weights = tape.constant(numbers.normal(y.count).map { Scalar($0) }, y.shape)
        let sum = tape.sum(tape.multiply(y, weights))
        value = Double(tape.value(sum))
        if isTraining { tape.backward(sum) }
        gradients = isTraining ? tensors.map { tape.gradientValues(of: $0).map { Double($0) } } : []
    }
}

/// The gradients of a function beside central differences in double precision.
struct GradientCheck {
    /// The largest relative error of a gradient; elements smaller than 1 % of the largest count as that.
    let inDouble: Double
    let inFloat: Double
    /// Not every gradient is zero.
    let isAlive: Bool

    init<Function: TestFunction>(_ function: Function, workers: Workers) {
        var numbers = TestNumbers(function.name)
        let inputs = function.shapes.map { numbers.normal($0.reduce(1, *), gap: function.gap) }
        let exact = Evaluation(function, at: inputs, in: Double.self, workers: workers)
        let single = Evaluation(function, at: inputs, in: Float.self, workers: workers)
        var (worstDouble, worstFloat, most) = (0.0, 0.0, 0.0)
        for (which, input) in inputs.enumerated() {
            let largest = exact.gradients[which].map(abs).max() ?? 0
            most = max(most, largest)
            let chosen =
                input.count <= 40
                ? Array(input.indices) : (0..<40).map { _ in numbers.index(below: input.count) }
            for index in chosen {
                let step = 1e-5 * max(1, abs(input[index]))
                func value(_ offset: Double) -> Double {
                    var moved = inputs
                    moved[which][index] += offset
                    return Evaluation(function, at: moved, in: Double.self, workers: workers).value
                }
                let difference = (value(step) - value(-step)) / (2 * step)
                let size = max(abs(difference), 0.01 * largest, 1e-9)
                worstDouble = max(worstDouble, abs(exact.gradients[which][index] - difference) / size)
                worstFloat = max(worstFloat, abs(single.gradients[which][index] - difference) / size)
            }
        }
        (inDouble, inFloat, isAlive) = (worstDouble, worstFloat, most > 0)
    }
}
