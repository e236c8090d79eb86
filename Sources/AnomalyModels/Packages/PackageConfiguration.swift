import ModelPackages
internal import Tensors

/// Reads the configuration of a package within its limits.
struct PackageConfiguration {
    let package: ModelPackage

    init(_ package: ModelPackage) { self.package = package }

    func integer(_ key: String, _ allowed: ClosedRange<Int>, multipleOf unit: Int = 1) throws(ModelError)
        -> Int
    {
        guard let value = package.manifest.configuration[key]?.integer, allowed ~= value, value % unit == 0
        else {
            throw error(key, found(key), "\(allowed.lowerBound) to \(allowed.upperBound) in steps of \(unit)")
        }
        return value
    }

    func number(_ key: String, _ allowed: ClosedRange<Double>) throws(ModelError) -> Double {
        guard case .number(let value)? = package.manifest.configuration[key], allowed ~= value else {
            throw error(key, found(key), "\(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return value
    }

    func text(_ key: String) throws(ModelError) -> String {
        guard case .string(let text)? = package.manifest.configuration[key], 1...256 ~= text.utf8.count else {
            throw error(key, found(key), "a text")
        }
        return text
    }

    func views(_ key: String) throws(ModelError) -> ReferenceViews {
        guard let views = ReferenceViews(rawValue: try text(key)) else {
            throw error(key, found(key), ReferenceViews.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return views
    }

    /// The tensor `name`, row-major. Throws unless it has this shape, or any where none is asked for, and every number
    /// is finite.
    func floats(_ name: String, _ shape: [Int]? = nil) throws(ModelError) -> [Float] {
        let found: [Float]
        do { found = try package.weights.floats(name) } catch { throw .package(.weights(error)) }
        let extents = package.weights.tensor(name)?.shape.extents ?? []
        guard shape == nil || extents == shape, found.allSatisfy(\.isFinite) else {
            throw error(name, "\(extents)", "\(shape.map { "\($0)" } ?? "any shape"), all finite")
        }
        return found
    }

    func error(_ key: String, _ found: String, _ allowed: String) -> ModelError {
        .configuration(directory: package.directory, key: key, found: found, allowed: allowed)
    }

    private func found(_ key: String) -> String {
        switch package.manifest.configuration[key] {
        case .number(let number): "\(number)"
        case .string(let text): "'\(text.prefix(40))'"
        case .bool(let bool): "\(bool)"
        case nil: "missing"
        }
    }
}
