// Checks of the memory: the caches a frame's working set has to fit, the pages it lies on, the limit on
// locking it.

extension CheckReport {
    /// The caches of the first core, innermost first.
    package static func caches(of machine: Machine) -> Check {
        let name = "caches"
        let folder = "sys/devices/system/cpu/cpu0/cache"
        let caches = machine.names(in: folder).compactMap { index -> String? in
            guard
                let level = machine.text("\(folder)/\(index)/level"),
                let type = machine.text("\(folder)/\(index)/type"),
                let size = machine.text("\(folder)/\(index)/size")
            else { return nil }
            let letter = ["Data": "d", "Instruction": "i"][type] ?? ""
            return "L\(level)\(letter) \(wholeUnits(size))"
        }
        guard !caches.isEmpty else {
            return .warn(name, "unknown.", remedy: "Mount /sys, or check with 'lscpu --caches'.")
        }
        return .pass(name, caches.joined(separator: ", ") + ".")
    }

    /// Whether memory can be had in pages of 2 MiB, which spare address translations while weights stream by.
    package static func hugePages(of machine: Machine) -> Check {
        let name = "huge pages"
        let path = "sys/kernel/mm/transparent_hugepage/enabled"
        // The file lists all settings and puts the valid one in brackets: "always [madvise] never".
        let setting = machine.text(path)?.firstMatch(of: /\[(\w+)\]/)?.1
        switch setting {
        case "always", "madvise":
            return .pass(name, "\(setting ?? "").")
        case let other:
            return .warn(
                name, other.map { "\($0)." } ?? "not offered by this kernel.",
                remedy: "Run 'echo madvise > /\(path)' at boot.")
        }
    }

    /// How much memory this process may lock, so that no page of a running model is ever swapped out.
    package static func lockedMemory(of machine: Machine) -> Check {
        let name = "locked memory"
        // An assumption, above the arenas of two cameras (weights are not locked); the memory plans of the
        // models in use can replace it.
        let needed = 64 << 20
        if let capabilities = machine.value(of: "CapEff", in: "proc/self/status").flatMap({
            UInt64($0, radix: 16)
        }),
            capabilities & 1 << 14 != 0  // CAP_IPC_LOCK
        {
            return .pass(name, "no limit for this user.")
        }
        let row = machine.text("proc/self/limits")?.split(separator: "\n").first {
            $0.hasPrefix("Max locked memory")
        }
        guard let limit = row?.dropFirst("Max locked memory".count).split(separator: " ").first else {
            return .warn(name, "unknown.", remedy: "Mount /proc, or check with 'ulimit -l'.")
        }
        guard limit != "unlimited" else { return .pass(name, "no limit.") }
        guard let bytes = Int(limit), bytes >= needed else {
            return .warn(
                name, "at most \((Int(limit) ?? 0) >> 10) KiB, \(needed >> 10) KiB are wanted.",
                remedy: "Set 'LimitMEMLOCK=1G' in the unit, or memlock in /etc/security/limits.conf.")
        }
        return .pass(name, "at most \(bytes >> 10) KiB.")
    }

    /// A size as sysfs writes it, like `1024K`, in the largest binary unit that keeps it whole.
    static func wholeUnits(_ size: String) -> String {
        guard size.hasSuffix("K"), let kibibytes = Int(size.dropLast()) else { return size }
        return kibibytes >= 1024 && kibibytes % 1024 == 0 ? "\(kibibytes / 1024) MiB" : "\(kibibytes) KiB"
    }
}
