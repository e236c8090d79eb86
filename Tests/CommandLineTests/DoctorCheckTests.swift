import Testing
import linewatch

/// What `linewatch doctor` says of machines that it is shown as folders.
struct DoctorCheckTests {
    @Test(
        "no check fails, traps or praises where there is neither /proc nor /sys",
        arguments: [
            CheckReport.instructionSets, CheckReport.cores, CheckReport.caches, CheckReport.hugePages,
            CheckReport.lockedMemory,
        ])
    func nothingMounted(check: @Sendable (Machine) -> Check) throws {
        let found = try PretendMachine([:]).result(of: check)
        #expect(found.status == .warn)
        #expect(found.remedy?.isEmpty == false)
    }

    @Test("files of random words never end the process", arguments: 0..<100 as Range<UInt64>)
    func randomBytes(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let words = [
            "Cpus_allowed_list:", "CapEff:", "Max locked memory", "flags:", "[", "]", "-", ",", "K", "\n",
            "\t",
            "0", "9223372036854775807", "-1", "avx2", "\u{e9}", " ",
        ]
        let paths = [
            "proc/self/status", "proc/self/limits", "proc/cpuinfo", "sys/devices/system/cpu/online",
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

    @Test("the instruction sets are named fastest first")
    func instructionSets() throws {
        let flags = "flags\t\t: fpu avx2 fma avx512f avx512bw avx512vl avx512_vnni avx_vnni\n"
        let found = try PretendMachine(["proc/cpuinfo": flags]).result(of: CheckReport.instructionSets)
        #expect(found == .pass("instruction sets", "avx512vnni, avxvnni, avx2, scalar."))
    }

    @Test("a processor without int8 products is warned of")
    func noInt8Products() throws {
        let found = try PretendMachine(["proc/cpuinfo": "flags : avx2 fma"]).result(
            of: CheckReport.instructionSets)
        #expect(found.status == .warn)
    }

    @Test("an instruction set forced that the processor lacks is refused with the list of what it has")
    func forcedInstructionSet() throws {
        let files = ["proc/cpuinfo": "Features : fp asimd asimddp"]
        let lacking = try PretendMachine(files, environment: ["LINEWATCH_ISA": "avx2"])
        #expect(
            lacking.result(of: CheckReport.instructionSets)
                == .fail(
                    "instruction sets",
                    "LINEWATCH_ISA forces 'avx2', this processor has neon-dotprod, scalar.",
                    remedy: "Unset LINEWATCH_ISA, or set it to one of those."))
        let having = try PretendMachine(files, environment: ["LINEWATCH_ISA": "scalar"])
        #expect(having.result(of: CheckReport.instructionSets).status == .pass)
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

/// A generator of equal numbers for equal seeds (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
private struct SplitMix64 {
    var state: UInt64

    /// A number in `0..<bound`.
    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
