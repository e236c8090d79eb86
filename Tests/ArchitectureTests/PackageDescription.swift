import FoundationEssentials

/// What `swift package describe --type json` says of a package, as far as the rows need it.
struct PackageDescription: Decodable {
    let targets: [Target]

    struct Target: Decodable {
        let name: String
        /// `library`, `executable`, `system-target` or `test`.
        let type: String
        /// The targets of this package that it depends on; products of other packages are not among them.
        let dependencies: [String]

        init(_ name: String, type: String = "library", dependencies: [String] = []) {
            self.name = name
            self.type = type
            self.dependencies = dependencies
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            name = try values.decode(String.self, forKey: .name)
            type = try values.decode(String.self, forKey: .type)
            dependencies = try values.decodeIfPresent([String].self, forKey: .dependencies) ?? []
        }

        private enum CodingKeys: String, CodingKey {
            case name, type
            case dependencies = "target_dependencies"
        }
    }

    /// The file that Packaging/test has written, or nil where the tests were started without it.
    static var path: String? {
        ProcessInfo.processInfo.environment["LINEWATCH_PACKAGE_DESCRIPTION"]
    }

    /// Reads the description of this package. Throws if there is none or it is not understood.
    static func ofThisPackage() throws -> PackageDescription {
        let file = URL(filePath: path ?? "")
        return try JSONDecoder().decode(PackageDescription.self, from: Data(contentsOf: file))
    }

    /// The targets that `target` depends on, directly or through others.
    func reached(from target: String) -> Set<String> {
        var reached: Set<String> = []
        var open = [target]
        while let name = open.popLast() {
            for dependency in targets.first(where: { $0.name == name })?.dependencies ?? []
            where reached.insert(dependency).inserted {
                open.append(dependency)
            }
        }
        return reached
    }
}
