// Checks of the processor: what it can compute, how many cores of it are ours, how fast it may run.

extension CheckReport {
    /// How many cores this process may use, of how many that are switched on.
    ///
    /// With a single one, capture, inference and the sockets take turns on it.
    package static func cores(of machine: Machine) -> Check {
        let name = "cores"
        guard let allowed = machine.value(of: "Cpus_allowed_list", in: "proc/self/status").flatMap(coreCount)
        else {
            return .warn(name, "unknown.", remedy: "Mount /proc, or check with 'nproc'.")
        }
        let online = machine.text("sys/devices/system/cpu/online").flatMap(coreCount) ?? allowed
        let detail = "\(allowed) of \(online) may be used."
        guard allowed > 1 else {
            return .warn(
                name, detail,
                remedy: "Give Linewatch two cores or more: one captures and sends, the others inspect.")
        }
        return .pass(name, detail)
    }

    /// Which governor sets the clock of each core.
    package static func governor(of machine: Machine) -> Check {
        let name = "governor"
        let folder = "sys/devices/system/cpu"
        let governors = machine.names(in: folder).compactMap {
            machine.text("\(folder)/\($0)/cpufreq/scaling_governor")
        }
        guard !governors.isEmpty else {
            return .pass(name, "none here: the firmware or the hypervisor sets the clock.")
        }
        let others = Set(governors).subtracting(["performance"]).sorted()
        guard others.isEmpty else {
            return .warn(
                name, "'\(others.joined(separator: "', '"))' lowers the clock between frames.",
                remedy: "Run 'cpupower frequency-set -g performance' at boot.")
        }
        return .pass(name, "performance.")
    }

    /// The number of cores in a list like `0-3,8`, or nil if it is none.
    static func coreCount(_ list: String) -> Int? {
        var count = 0
        for part in list.split(separator: ",") {
            let ends = part.split(separator: "-", maxSplits: 1).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else {
                return nil
            }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }
}
