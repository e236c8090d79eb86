internal import Glibc

/// Adam (Kingma and Ba, 2015), with weight decay as AdamW has it (Loshchilov and Hutter, 2019) or as an L2 term.
///
/// m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²; θ ← θ - rate · m̂ / (√v̂ + ε), with m̂ = m / (1-β₁ᵗ), v̂ alike.
public final class Adam<Scalar: TrainingScalar> {
    /// What pulls the weights to 0.
    public enum Decay: Sendable, Hashable {
        /// θ ← θ (1 - rate · decay) before the step.
        case decoupled(Double)
        /// g ← g + decay · θ before the moments.
        case l2(Double)
    }

    /// The constants of the method.
    public struct Settings: Sendable, Hashable {
        public var beta1 = 0.9
        public var beta2 = 0.999
        public var epsilon = 1e-8
        public var decay = Decay.decoupled(0)
        /// v̂ from the running maximum of v (Reddi et al., 2018).
        public var isAMSGrad = false
        /// Gradients whose norm over all parameters is larger are shortened to it; infinity: never.
        public var clip = Double.infinity

        /// Those of the paper, without decay or clipping.
        public init() {}
    }

    public let settings: Settings
    public let parameters: Parameters<Scalar>
    /// The steps taken.
    public internal(set) var step = 0
    /// Of each parameter: m, v and, for AMSGrad, the largest v.
    private(set) var moments: [[Cells<Scalar>]]
    private let workspace = Workspace<Scalar>()

    /// - Precondition: no parameters are added afterwards.
    public init(_ parameters: Parameters<Scalar>, _ settings: Settings) {
        self.parameters = parameters
        self.settings = settings
        let (workspace, kinds) = (self.workspace, settings.isAMSGrad ? 3 : 2)
        moments = parameters.all.map { parameter in
            (0..<kinds).map { _ in
                let cells = workspace.borrow(parameter.value.count)
                cells.fill(0)
                return cells
            }
        }
    }

    /// The norm of all gradients of parameters that learn, in double precision. Infinite or NaN if one is not
    /// finite.
    public func gradientNorm() -> Double {
        var sum = 0.0
        for parameter in parameters.all where parameter.rate != 0 {
            sum += squares(parameter.gradient)
        }
        return sum.squareRoot()
    }

    /// Moves every parameter against its gradient. `norm` is what `gradientNorm` just gave.
    ///
    /// - Precondition: `norm` is finite.
    public func update(rate: Double, norm: Double, workers: Workers) {
        precondition(norm.isFinite, "a step along a gradient of norm \(norm)")
        step += 1
        let shrink = norm > settings.clip ? settings.clip / norm : 1
        for (parameter, moments) in zip(parameters.all, moments) where parameter.rate != 0 {
            move(parameter, moments, rate: rate * parameter.rate, shrink: shrink, workers)
        }
    }

    @specialized(where Scalar == Float)
    private func squares(_ cells: Cells<Scalar>) -> Double {
        // Blocks of a few thousand keep the error of the lanes small; the blocks add up in double precision.
        stride(from: 0, to: cells.count, by: 4096).reduce(0.0) { sum, start in
            let part = cells.part(start, min(4096, cells.count - start))
            return sum + Double(part.dot(part))
        }
    }

    @specialized(where Scalar == Float)
    private func move(
        _ parameter: Parameter<Scalar>, _ moments: [Cells<Scalar>], rate: Double, shrink: Double,
        _ workers: Workers
    ) {
        let (b1, b2) = (Scalar(settings.beta1), Scalar(settings.beta2))
        let (c1, c2) = (Scalar(1 - settings.beta1), Scalar(1 - settings.beta2))
        let stepSize = Scalar(rate / (1 - pow(settings.beta1, Double(step))))
        let correction = Scalar(1 / (1 - pow(settings.beta2, Double(step))).squareRoot())
        let epsilon = Scalar(settings.epsilon)
        var (keep, pull): (Scalar, Scalar) = (1, 0)
        if parameter.decays {
            switch settings.decay {
            case .decoupled(let decay): keep = Scalar(1 - rate * decay)
            case .l2(let decay): pull = Scalar(decay)
            }
        }
        let (value, gradient, m, v) = (parameter.value, parameter.gradient, moments[0], moments[1])
        let most = settings.isAMSGrad ? moments[2] : v
        let isAMSGrad = settings.isAMSGrad
        let scale = Scalar(shrink)
        workers.split(value.count, grain: 16_384) { range in
            sweep(range) { index, width in
                let old = value.lanes(index, width)
                let g = gradient.lanes(index, width) * scale + old * pull
                let newM = m.lanes(index, width) * b1 + g * c1
                let newV = v.lanes(index, width) * b2 + g * g * c2
                m.put(newM, index, width)
                v.put(newV, index, width)
                var top = newV
                if isAMSGrad {
                    top = Scalar.larger(newV, most.lanes(index, width))
                    most.put(top, index, width)
                }
                let root = top.squareRoot() * correction + epsilon
                value.put(old * keep - newM * stepSize / root, index, width)
            }
        }
    }
}
