/// The rows of the house: which targets lie below which.
///
/// A target may depend only on targets of lower rows. Equal rows do not know each other.
struct Rows {
    /// The names of the targets of each row, lowest row first.
    let targets: [[String]]

    /// Ways that the order of the rows would permit and the design forbids, with the reason.
    let closedWays: [(from: String, to: String, reason: String)]

    /// The rows of Linewatch. A new target gets its row here, in Package.swift's comments and nowhere else.
    static let linewatch = Rows(
        targets: [
            [
                "CKernels", "CLinux", "CAllocationCounter", "CTurboJPEG", "CPNG", "CSystemd", "COpenBLAS",
                "CVideo4Linux", "CPowerCut",
            ],
            ["Platform", "Imaging", "Events"],
            [
                "Tensors", "SimulatedLine", "EventStorage", "Sockets", "Systemd", "Configuration",
                "Evaluation",
            ],
            ["Kernels", "ModelPackages", "Capture"],
            ["Inference"],
            ["AnomalyModels"],
            ["Training", "Inspection"],
            ["Daemon", "TrainingFixtures"],
            ["linewatchd", "linewatch", "event-log-writer", "scripted-station", "scripted-training"],
        ],
        closedWays: [
            ("Inspection", "Capture", "judgement must run from a picture file, without a camera"),
            ("linewatchd", "Training", "the memory of training must never be the daemon's"),
            ("linewatchd", "COpenBLAS", "only training multiplies in float through OpenBLAS"),
            ("linewatch", "Daemon", "the command line talks to the daemon, it does not contain it"),
        ]
    )

    /// The row of `target`, 0 being the lowest, or nil if it has none.
    func row(of target: String) -> Int? {
        targets.firstIndex { $0.contains(target) }
    }

    /// What in `package` breaks the rules, one sentence each; empty if nothing does.
    ///
    /// Test targets have no row and may depend on every target.
    func violations(in package: PackageDescription) -> [String] {
        let built = package.targets.filter { $0.type != "test" }
        return built.flatMap(violations(of:)) + closedWaysTaken(in: package)
    }

    private func violations(of target: PackageDescription.Target) -> [String] {
        guard let own = row(of: target.name) else {
            return ["'\(target.name)' has no row. Give it one in Tests/ArchitectureTests/Rows.swift."]
        }
        return target.dependencies.compactMap { dependency in
            guard let other = row(of: dependency) else {
                return "'\(target.name)' depends on '\(dependency)', which has no row."
            }
            guard other >= own else { return nil }
            let direction = other == own ? "sideways" : "up"
            return "'\(target.name)' (row \(own)) depends \(direction) on '\(dependency)' (row \(other))."
        }
    }

    private func closedWaysTaken(in package: PackageDescription) -> [String] {
        closedWays.compactMap { way in
            guard package.reached(from: way.from).contains(way.to) else { return nil }
            return "'\(way.from)' reaches '\(way.to)', but \(way.reason)."
        }
    }
}
