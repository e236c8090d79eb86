internal import AnomalyModels
internal import CAllocationCounter
internal import Capture
internal import Events
internal import FoundationEssentials
internal import Imaging
internal import Inference
internal import Inspection
internal import Kernels
internal import ModelPackages
internal import Platform
internal import Sockets

extension BenchLine {
    /// Frames of all cameras before the first that counts.
    private var warmUp: Int { 50 * cameraCount }

    /// Inspects `frames` frames of each camera, and notes every result as it comes out of the socket; then, where
    /// `isTeaching`, as many while the inspection of camera 1 is taught in full.
    func inspect(frames: Int, isTeaching: Bool, into report: inout FrameReport) throws {
        let daemon = try start()
        try wait(for: 3)
        let client = try LineClient(path: admin, patience: 60_000)
        _ = try client.hello(name: "bench", profile: .full, isAnonymous: true)
        _ = try client.ask("sub", [JSONMember("after", .integer(-2)), JSONMember("kinds", .integer(1))])
        try StationClient(socket: admin).arm()
        var seen = 0
        // Without a model nothing is inspected yet: the words of an untaught inspection take a second to read.
        while seen < warmUp {
            let line = try client.nextLine()
            if line.kind == "r", line["model"]?.text?.isEmpty == false { seen += 1 }
        }
        let before = ProcessFigures(of: daemon.id), begun = MonotonicClock.now
        let tenth = max(1, frames * cameraCount / 10)
        for number in 1...frames * cameraCount {
            var line = try client.nextLine()
            while line.kind != "r" { line = try client.nextLine() }
            report.note(line, arrived: MonotonicClock.now)
            if number.isMultiple(of: tenth) { report.noteMemory(ProcessFigures(of: daemon.id)) }
        }
        report.seconds = Double(MonotonicClock.now - begun) / 1e9
        let after = ProcessFigures(of: daemon.id)
        report.note(before, after)
        report.noteCommits(try StationClient(socket: admin).ask(.storeStat))
        if isTeaching { try inspectBesideTeaching(frames: frames, client, into: &report) }
        try stop(daemon)
    }

    private func inspectBesideTeaching(
        frames: Int, _ client: LineClient, into report: inout FrameReport
    ) throws {
        var teaching = try teaching(1)
        for _ in 1...frames * cameraCount {
            if !teaching.isRunning {
                guard teaching.ended() == 0 else { throw failure("Teaching in full failed") }
                teaching = try self.teaching(1)
            }
            var line = try client.nextLine()
            while line.kind != "r" { line = try client.nextLine() }
            report.noteBesideTeaching(line, arrived: MonotonicClock.now)
        }
    }

    /// Looks at `frames` frames with the model of camera 1, on this thread and without a daemon.
    func lookAlone(frames: Int, isTaught: Bool, into report: inout FrameReport) throws {
        let kernels = KernelTable(try InstructionSet.named(isa))
        let (plan, limit) = isTaught ? try taughtPlan() : (try untaughtPlan(kernels), nil)
        let inspector = try FrameInspector(
            [plan], rules: [InspectionRule(threshold: limit, band: 0.1)], format: .grey, size: size,
            kernels: kernels, pool: TensorPool(), quality: .off)
        var camera = try ReplayCamera(
            Recording.open(recording, framesPerSecond: 30).inMemory(),
            pace: ReplayPace(speed: 0, lentFrames: 1, isRestamped: true, rounds: 0))
        var times: [Int] = [], allocations: UInt64 = 0
        times.reserveCapacity(frames)
        for number in 0..<frames + 50 {
            let counted = ca_thread_allocations()
            guard case .frame(let frame) = camera.next(timeoutMilliseconds: 100), let view = frame.view else {
                continue
            }
            var outcome = Outcome()
            let start = MonotonicClock.now
            inspector.inspect(view, validRows: view.size.height, into: &outcome)
            let took = MonotonicClock.now - start
            guard number >= 50 else { continue }
            allocations += ca_thread_allocations() - counted
            times.append(took)
        }
        report.noteAlone(times, allocations: Int(allocations))
        if let banks = plan.taught?.banks, let trunk = plan.taught?.trunk {
            try time(banks[0], trunk, runs: frames, kernels, into: &report)
        }
    }

    /// Times the trunk, and the detector of `bank` with and without name and head, in turns, on a picture of noise.
    private func time(
        _ bank: PatchBank, _ package: ModelPackage, runs: Int, _ kernels: KernelTable,
        into report: inout FrameReport
    ) throws {
        let trunk = try PatchTrunk(package, size: bank.size, kernels: kernels, pool: TensorPool())
        let bare = bank.with(nil as SegmentationHead?).with(nil as PatchText?)
        let whole = try PatchDetector(bank, on: trunk, kernels: kernels)
        let plain = try PatchDetector(bare, on: trunk, kernels: kernels)
        var random = SplitMix64(seed: 1)
        unsafe trunk.withInput { input in
            for index in input.indices { unsafe input[index] = UInt8(truncatingIfNeeded: random.next()) }
        }
        var times: [[Int]] = [[], [], []]
        let turns: [() -> Void] = [{ trunk.run() }, { _ = whole.run() }, { _ = plain.run() }]
        for _ in 0..<runs {
            for (index, run) in turns.enumerated() {
                let start = MonotonicClock.now
                run()
                times[index].append(MonotonicClock.now - start)
            }
        }
        report.noteParts(trunk: times[0], whole: times[1], plain: times[2])
    }

    private var region: TaughtRegion {
        TaughtRegion(rect: Region(all: size), tile: tile, overlap: 0.125, mask: nil)
    }

    /// What the daemon was taught, and its limit.
    private func taughtPlan() throws -> (InspectionPlan, Threshold?) {
        let models = state + "/models"
        let link = state + "/inspections/\(Self.inspection(1))/current"
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: link)
        let name = target.split(separator: "/").last.map(String.init) ?? ""
        let package = try ModelPackage(opening: models + "/" + name, verifyingHashes: false)
        let taught = try TaughtProduct(of: package)
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let trunk = try ModelPackage(opening: try locator.find(taught.trunk.name), verifyingHashes: false)
        let plan = InspectionPlan(
            index: 0, name: Self.inspection(1), regions: [region],
            taught: InspectionPlan.Taught(banks: taught.banks, trunk: trunk, model: 1))
        let limit = GoodParts(parts: [], leaveOneOutScores: taught.leaveOneOutScores)
            .threshold(for: FalseRejectClaim())
        return (plan, limit)
    }

    /// The zero-shot head that is installed, by the name that the daemon goes by too.
    private func untaughtPlan(_ kernels: KernelTable) throws -> InspectionPlan {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let package = try ModelPackage(opening: try locator.find("adaclip"), verifyingHashes: false)
        let tower = try ClassHead.tower(of: package), text = try ZeroShotHead.text(of: package)
        let trunk = try ModelPackage(opening: try locator.find(tower.name), verifyingHashes: false)
        let head = try ClassHead(of: package, tower: trunk)
        let reader = try ModelPackage(opening: try locator.find(text.name), verifyingHashes: false)
        let columns = try ClassColumns(.object, SentenceEncoder(reader, kernels: kernels))
        var plan = InspectionPlan(index: 0, name: Self.inspection(1), regions: [region], taught: nil)
        plan.zeroShot = .init(head: head, columns: columns, trunk: trunk, model: 1)
        return plan
    }
}

extension StationClient {
    /// Begins continuous execution of all cameras.
    func arm() throws(CommandFailure) {
        _ = try ask(.arm, [JSONMember("cam", .integer(0))])
    }
}

/// What Linux says of a running process.
struct ProcessFigures {
    /// Resident bytes; 0 where /proc is not mounted.
    let residentBytes: Int
    let minorFaults: Int

    init(of process: Int32) {
        let status = Machine.this.value(of: "VmRSS", in: "proc/\(process)/status")
        residentBytes = (status?.split(separator: " ").first.flatMap { Int($0) } ?? 0) << 10
        // Behind the name in brackets, which may hold anything: state is field 3, minor faults are field 10.
        let line = Machine.this.text("proc/\(process)/stat") ?? ""
        let fields = line[(line.lastIndex(of: ")") ?? line.startIndex)...].split(separator: " ")
        minorFaults = fields.count > 8 ? Int(fields[8]) ?? 0 : 0
    }
}
