// HOW DIFFERENTIATION WORKS
//
// A tape writes down a computation while it runs. Each operator is one method of `Tape`, in one file:
//
//     1. `push` makes the node of the result: its memory, and whether a derivative is wanted at all;
//     2. a loop computes the values;
//     3. `onBackward` leaves a closure that gets the gradient dy of the result and adds to the gradients of the
//        inputs. It asks `gradient(of:)` for each, which is nil where nobody wants it.
//
// `backward` seeds the gradient of the loss with 1 and calls the closures from the last to the first. When a
// node's turn comes, everything that used its value has already added its share, so its gradient is whole; once
// its closure has run, that memory goes back to the workspace and serves an earlier node. Values stay until
// `begin`, which forgets the step and keeps the memory.
//
// Operators are generic over `Float` and `Double`, and carry `@specialized(where Scalar == Float)`: the compiler
// then makes a copy for `Float`, closures included, and dispatches to it at the top. An operator without that
// line is correct and a hundred times slower.
//
// Threads: loops go through `workers.split`, which cuts by index. Nothing is summed across threads in an order
// that depends on time, so a step is reproducible to the bit on the same number of workers.

/// A record of one computation, from which its derivatives are taken.
///
/// Not for several threads at once. It brings its own `Workers`.
public final class Tape<Scalar: TrainingScalar> {
    struct Node {
        let operation: String
        let value: Cells<Scalar>
        let needsGradient: Bool
        /// Where the value, or something else that the backward pass needs, must be given back.
        var blocks: [Cells<Scalar>]
        var gradient: Cells<Scalar>?
        /// The gradient belongs to a parameter and stays.
        var isParameter = false
        var backward: ((Tape, Cells<Scalar>) -> Void)?
    }

    /// The threads that compute.
    public let workers: Workers
    /// Whether derivatives are wanted. Without, operators leave no closures, and batch norm uses its running
    /// statistics.
    public let isTraining: Bool
    let workspace = Workspace<Scalar>()
    var nodes: [Node] = []
    /// Grows with each `begin`, so that a handle of an earlier step is noticed.
    private var step = 0
    /// A `checkpoint` is computing a part for the second time.
    var isRecomputing = false
    /// Look at each gradient as it arrives, and remember who wrote the first that is not finite.
    var isWatching = false
    var culprit: String?

    /// A tape without a computation.
    public init(workers: Workers, isTraining: Bool = true) {
        self.workers = workers
        self.isTraining = isTraining
    }

    /// Forgets the computation; tensors of it may no longer be used. Keeps the memory.
    public func begin() {
        drop(from: 0)
        step += 1
    }

    /// The bytes of memory that the tape holds.
    public var byteCount: Int { workspace.capacity * MemoryLayout<Scalar>.stride }

    // MARK: What goes in and out

    /// Numbers that are not to be differentiated.
    ///
    /// - Precondition: `values` has as many as `shape` says.
    public func constant(_ values: [Scalar], _ shape: [Int]) -> Tensor<Scalar> {
        let tensor = push("constant", shape, [])
        cells(tensor).copy(values)
        return tensor
    }

    /// Numbers that are to be differentiated, and whose gradient `gradientValues(of:)` gives.
    public func variable(_ values: [Scalar], _ shape: [Int]) -> Tensor<Scalar> {
        let tensor = push("variable", shape, [], needsGradient: true)
        cells(tensor).copy(values)
        return tensor
    }

    /// A constant whose numbers `fill` writes, `shape`'s product of them.
    package func constant(_ shape: [Int], fill: (Cells<Scalar>) -> Void) -> Tensor<Scalar> {
        let tensor = push("constant", shape, [])
        fill(cells(tensor))
        return tensor
    }

    /// The values, row-major.
    public func values(_ tensor: Tensor<Scalar>) -> [Scalar] { cells(tensor).array }

    /// The only value of a tensor of one element, such as a loss.
    public func value(_ tensor: Tensor<Scalar>) -> Scalar {
        precondition(tensor.count == 1, "one value of \(tensor.shape)")
        return cells(tensor)[0]
    }

    /// The gradient of the last `backward` with respect to a `variable`; zeros if it had no part in the loss.
    public func gradientValues(of variable: Tensor<Scalar>) -> [Scalar] {
        node(variable).gradient?.array ?? Array(repeating: 0, count: variable.count)
    }

    // MARK: For operators

    /// The values of a tensor.
    package func cells(_ tensor: Tensor<Scalar>) -> Cells<Scalar> { node(tensor).value }

    func node(_ tensor: Tensor<Scalar>) -> Node {
        precondition(tensor.step == step && tensor.index < nodes.count, "a tensor of an earlier step")
        return nodes[tensor.index]
    }

    func needsGradient(_ tensor: Tensor<Scalar>) -> Bool { node(tensor).needsGradient }

    /// The node of a result of `inputs`. Its values are not set yet.
    func push(
        _ operation: String, _ shape: [Int], _ inputs: [Tensor<Scalar>], needsGradient: Bool = false
    ) -> Tensor<Scalar> {
        precondition(shape.allSatisfy { $0 > 0 }, "\(operation) to \(shape)")
        let value = workspace.borrow(shape.reduce(1, *))
        let needsGradient = isTraining && (needsGradient || inputs.contains { self.needsGradient($0) })
        return append(
            Node(operation: operation, value: value, needsGradient: needsGradient, blocks: [value]), shape)
    }

    func append(_ node: Node, _ shape: [Int]) -> Tensor<Scalar> {
        nodes.append(node)
        return Tensor(shape: shape, index: nodes.count - 1, step: step)
    }

    /// Leaves what is to be done with the gradient of `result`, if it will have one.
    func onBackward(_ result: Tensor<Scalar>, _ body: @escaping (Tape, Cells<Scalar>) -> Void) {
        if nodes[result.index].needsGradient { nodes[result.index].backward = body }
    }

    /// Memory that lives as long as `result`: what its backward pass needs beside its inputs.
    func keep(_ count: Int, with result: Tensor<Scalar>) -> Cells<Scalar> {
        let cells = workspace.borrow(count)
        nodes[result.index].blocks.append(cells)
        return cells
    }

    /// Memory for the time of `body`.
    func withScratch<Result>(_ count: Int, _ body: (Cells<Scalar>) -> Result) -> Result {
        let cells = workspace.borrow(count)
        defer { workspace.giveBack(cells) }
        return body(cells)
    }

    /// Forgets the nodes from `start` on.
    func drop(from start: Int) {
        for node in nodes[start...] {
            for block in node.blocks { workspace.giveBack(block) }
            if let gradient = node.gradient, !node.isParameter { workspace.giveBack(gradient) }
        }
        nodes.removeSubrange(start...)
    }
}
