/// One tensor that training changes.
public final class Parameter<Scalar: TrainingScalar> {
    /// Unique in its network, as in "blocks.0.attention.out.weight".
    public let name: String
    public let shape: [Int]
    /// Whether weight decay applies to it. No for biases, norms, temperatures and prompts.
    public let decays: Bool
    /// What its learning rate is multiplied with; 0 freezes it.
    public var rate: Double
    let value: Cells<Scalar>
    let gradient: Cells<Scalar>
    /// Keeps the memory of both as long as this parameter.
    private let workspace: Workspace<Scalar>

    init(_ name: String, _ shape: [Int], decays: Bool, rate: Double, _ workspace: Workspace<Scalar>) {
        self.name = name
        self.shape = shape
        self.decays = decays
        self.rate = rate
        self.workspace = workspace
        value = workspace.borrow(shape.reduce(1, *))
        gradient = workspace.borrow(shape.reduce(1, *))
        gradient.fill(0)
    }

    /// The values, row-major. Setting another number of them traps.
    public var values: [Scalar] {
        get { value.array }
        set { value.copy(newValue) }
    }

    /// The gradient since the last `Parameters.clearGradients`.
    public var gradients: [Scalar] { gradient.array }
}

/// The parameters of a network, in the order in which they were added, and the running statistics of its batch norms.
public final class Parameters<Scalar: TrainingScalar> {
    /// In the order of adding.
    public private(set) var all: [Parameter<Scalar>] = []
    private let workspace = Workspace<Scalar>()
    private var byName: [String: Parameter<Scalar>] = [:]
    /// Not trained, but part of the network: moved by each step, kept by a checkpoint. In the order of adding.
    public private(set) var statistics: [(name: String, value: RunningStatistics<Scalar>)] = []

    /// None yet.
    public init() {}

    /// Adds one with the values of `initial`.
    ///
    /// - Precondition: no other has its name.
    @discardableResult
    public func add(
        _ name: String, _ shape: [Int], _ initial: Initial, decays: Bool, rate: Double = 1
    ) -> Parameter<Scalar> {
        precondition(byName[name] == nil, "two parameters are named '\(name)'")
        let parameter = Parameter(name, shape, decays: decays, rate: rate, workspace)
        initial.fill(parameter.value, shape: shape, name: name)
        all.append(parameter)
        byName[name] = parameter
        return parameter
    }

    /// Adds the running statistics of a batch norm: mean 0, variance 1.
    ///
    /// - Precondition: no others have their name.
    @discardableResult
    public func addStatistics(
        _ name: String, channels: Int, momentum: Scalar = 0.1
    ) -> RunningStatistics<Scalar> {
        precondition(!statistics.contains { $0.name == name }, "two batch norms are named '\(name)'")
        let added = RunningStatistics<Scalar>(channels: channels, momentum: momentum)
        statistics.append((name, added))
        return added
    }

    /// What the running statistics are now; `restore` brings it back.
    var statisticsNow: [RunningStatistics<Scalar>.Values] { statistics.map(\.value.values) }

    /// Sets the running statistics to what they were.
    func restore(_ values: [RunningStatistics<Scalar>.Values]) {
        for (statistic, values) in zip(statistics, values) { statistic.value.values = values }
    }

    /// The one with a name.
    public subscript(name: String) -> Parameter<Scalar>? { byName[name] }

    /// The numbers in all of them.
    public var count: Int { all.reduce(0) { $0 + $1.value.count } }

    /// Sets every gradient to 0.
    public func clearGradients() {
        for parameter in all { parameter.gradient.fill(0) }
    }
}

/// What a parameter begins with. Random values depend on the seed and the parameter's name alone, not on the
/// order of adding, so that a network that grows by one layer keeps the others.
public enum Initial {
    case zeros
    case constant(Double)
    /// Normal with this deviation, cut at two deviations.
    case normal(deviation: Double, seed: UInt64)
    /// Uniform within the square root of 1 / inputs, as PyTorch does for linear layers and convolutions; `inputs`
    /// are the elements of one output: the count over the first extent.
    case uniform(seed: UInt64)
    case values([Double])

    func fill<Scalar: TrainingScalar>(_ cells: Cells<Scalar>, shape: [Int], name: String) {
        switch self {
        case .zeros: cells.fill(0)
        case .constant(let value): cells.fill(Scalar(value))
        case .values(let values): cells.copy(values.map { Scalar($0) })
        case .normal(let deviation, let seed):
            var random = RandomNumbers(seed: seed, stream: name)
            for index in 0..<cells.count { cells[index] = Scalar(deviation * random.nextCutNormal()) }
        case .uniform(let seed):
            var random = RandomNumbers(seed: seed, stream: name)
            let limit = (Double(shape.first ?? 1) / Double(max(1, cells.count))).squareRoot()
            for index in 0..<cells.count { cells[index] = Scalar(limit * (2 * random.nextUnit() - 1)) }
        }
    }
}

extension Tape {
    /// The values of a parameter, whose gradient is added to `parameter.gradients`.
    public func parameter(_ parameter: Parameter<Scalar>) -> Tensor<Scalar> {
        let isTrained = isTraining && parameter.rate != 0
        return append(
            Node(
                operation: parameter.name, value: parameter.value, needsGradient: isTrained, blocks: [],
                gradient: isTrained ? parameter.gradient : nil, isParameter: true),
            parameter.shape)
    }

    /// The same of the one called `name` of `parameters`.
    ///
    /// - Precondition: there is one of this name.
    public func parameter(_ name: String, of parameters: Parameters<Scalar>) -> Tensor<Scalar> {
        guard let parameter = parameters[name] else { preconditionFailure("no parameter '\(name)'") }
        return self.parameter(parameter)
    }
}
