import Platform
import Testing
import linewatch

/// What `linewatch doctor` says of machines that it is shown as folders.
struct DoctorCheckTests {
    @Test(
        "no check fails, traps or praises where there is neither /proc nor /sys",
        arguments: [
            CheckReport.cores, CheckReport.caches, CheckReport.hugePages, CheckReport.lockedMemory,
        ])
    func nothingMounted(check: @Sendable (Machine) -> Check) throws {
        let found = try PretendMachine([:]).result(of: check)
        #expect(found.status == .warn)
        #expect(found.remedy?.isEmpty == false)
    }

    @Test("files of random words never end the process", arguments: 0..<100 as Range<UInt64>)
    func randomBytes(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let words = [
            "Cpus_allowed_list:", "CapEff:", "Max locked memory", "[", "]", "-", ",", "K", "\n",
            "\t",
            "0", "9223372036854775807", "-1", "\u{e9}", " ",
        ]
        let paths = [
            "proc/self/status", "proc/self/limits", "sys/devices/system/cpu/online",
            "sys/devices/system/cpu/cpu0/cache/index0/size", "sys/devices/system/cpu/cpu0/cache/index0/type",
            "sys/devices/system/cpu/cpu0/cache/index0/level", "sys/kernel/mm/transparent_hugepage/enabled",
        ]
        var files: [String: String] = [:]
        for path in paths {
            files[path] = (0..<random.next(below: 12)).map { _ in words[random.next(below: words.count)] }
                .joined()
        }
        for check in try PretendMachine(files).result(of: CheckReport.allChecks) {
            #expect((check.remedy == nil) == (check.status == .pass))
        }
    }

    @Test(
        "an instruction set passes if it is the best of the processor and multiplies int8",
        arguments: [
            (["avx512vnni", "scalar"], "avx512vnni", Check.Status.pass),
            (["neon-dotprod", "scalar"], "neon-dotprod", .pass),
            (["avx512vnni", "avx2", "scalar"], "avx2", .warn),
            (["avx2", "scalar"], "avx2", .warn),
        ])
    func instructionSets(available: [String], inUse: String, status: Check.Status) {
        let found = CheckReport.instructionSets(available: available, inUse: inUse)
        #expect(found.status == status)
        #expect(found.detail == "\(available.joined(separator: ", ")); in use: \(inUse).")
    }

    @Test("an instruction set forced that does not exist fails with the list of what there is")
    func forcedInstructionSet() throws {
        let machine = try PretendMachine([:], environment: ["LINEWATCH_ISA": "avx1024"])
        let found = machine.result(of: CheckReport.instructionSets(of:))
        #expect(found.status == .fail)
        #expect(found.detail.contains("'avx1024'") && found.detail.contains("scalar"))
    }

    @Test("cores are counted over ranges and single numbers")
    func cores() throws {
        let files = [
            "proc/self/status": "Name:\tlinewatch\nCpus_allowed_list:\t0-2,5\n",
            "sys/devices/system/cpu/online": "0-7\n",
        ]
        let found = try PretendMachine(files).result(of: CheckReport.cores)
        #expect(found == .pass("cores", "4 of 8 may be used."))
        let single = try PretendMachine(["proc/self/status": "Cpus_allowed_list: 3"])
        #expect(single.result(of: CheckReport.cores).status == .warn)
    }

    @Test("one core with another governor than performance is warned of")
    func governor() throws {
        var files = [
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "performance\n",
        ]
        #expect(
            try PretendMachine(files).result(of: CheckReport.governor) == .pass("governor", "performance."))
        files["sys/devices/system/cpu/cpu1/cpufreq/scaling_governor"] = "powersave\n"
        #expect(try PretendMachine(files).result(of: CheckReport.governor).detail.contains("'powersave'"))
    }

    @Test("caches are listed innermost first in their largest whole unit")
    func caches() throws {
        let folder = "sys/devices/system/cpu/cpu0/cache"
        let files = [
            "\(folder)/index0/level": "1\n", "\(folder)/index0/type": "Data\n",
            "\(folder)/index0/size": "48K\n",
            "\(folder)/index2/level": "2\n", "\(folder)/index2/type": "Unified\n",
            "\(folder)/index2/size": "1024K\n",
        ]
        let found = try PretendMachine(files).result(of: CheckReport.caches)
        #expect(found == .pass("caches", "L1d 48 KiB, L2 1 MiB."))
    }

    @Test(
        "huge pages pass unless they are switched off",
        arguments: [
            ("always [madvise] never", Check.Status.pass), ("[always] madvise never", .pass),
            ("always madvise [never]", .warn), ("", .warn),
        ])
    func hugePages(setting: String, status: Check.Status) throws {
        let machine = try PretendMachine(["sys/kernel/mm/transparent_hugepage/enabled": setting])
        #expect(machine.result(of: CheckReport.hugePages).status == status)
    }

    @Test(
        "the limit on locked memory is read from the column of the soft limit",
        arguments: [
            ("8388608            unlimited", Check.Status.warn), ("67108864  67108864", .pass),
            ("unlimited  unlimited", .pass),
        ])
    func lockedMemory(limits: String, status: Check.Status) throws {
        let files = ["proc/self/limits": "Limit  Soft Limit\nMax locked memory         \(limits)  bytes\n"]
        #expect(try PretendMachine(files).result(of: CheckReport.lockedMemory).status == status)
    }

    @Test("whoever may lock any amount of memory has no limit")
    func lockCapability() throws {
        let files = [
            "proc/self/limits": "Max locked memory  8388608  8388608  bytes",
            "proc/self/status": "CapEff:\t0000000000004000",
        ]
        #expect(try PretendMachine(files).result(of: CheckReport.lockedMemory).status == .pass)
    }
}

extension SplitMix64 {
    /// A number in `0..<bound`.
    fileprivate mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
