import Glibc

extension V4L2Camera {
    /// One round without a stream: finishes taking down, sleeps, or tries to open. False once `deadline` is
    /// there and nothing happened.
    mutating func waitAndAttempt(_ deadline: Int64) -> Bool {
        guard state != .disabled else { return false }
        if let stopped, !stopped.collectLast() { return waitForFrames(deadline) }
        if let stopped {
            stopped.buffers.unmap()
            // The last reference: the node is closed here.
            self.stopped = nil
        }
        if state == .lost { enter(.backoff, .closed) }
        guard isWaitPlanned || state != .backoff else {
            planNextAttempt()
            return true
        }
        let now = driver.now()
        guard now < nextAttempt else {
            attempt()
            return true
        }
        guard now < deadline else { return false }
        let milliseconds = (min(nextAttempt, deadline) - now + 999_999) / 1_000_000
        let isHotPlug = driver.wait(watch, Int32(clamping: milliseconds))
        wakeUpCount += 1
        if isHotPlug {
            nextAttempt = driver.now()
            attemptReason = .hotPlug
        }
        return true
    }

    /// Sleeps while frames of a stopped stream are on loan, a tenth of a second at a time: whoever has them
    /// gives them back within one inspection.
    private mutating func waitForFrames(_ deadline: Int64) -> Bool {
        let now = driver.now()
        guard now < deadline else { return false }
        _ = driver.wait(-1, Int32(clamping: min((deadline - now) / 1_000_000 + 1, 20)))
        return true
    }

    /// Looks for the device and opens it. The look-out for new devices begins before, so that one that comes
    /// in between is not missed.
    private mutating func attempt() {
        driver.endWatch(watch)
        watch = driver.watch()
        outage.attemptCount &+= 1
        let found: VideoDevice
        do throws(VideoError) {
            found = try settings.identity.resolved(in: folders, driver: driver)
        } catch {
            return fail(error)
        }
        enter(.opening, attemptReason)
        do throws(VideoError) {
            stream = try open(found)
        } catch {
            return fail(error)
        }
        device = stream?.device(found)
        if let node = stream?.node { triggerLine?.connect(to: node) }
        lastError = nil
        driver.endWatch(watch)
        watch = -1
        lastFrame = driver.now()
        lastPing = lastFrame
        if settings.trigger != .free {
            backoff.reset()
            enter(.idle, .started)
        }
    }

    /// The whole set-up, in the order of OPERATIONS.md.
    private func open(_ device: VideoDevice) throws(VideoError) -> VideoStream {
        var node = try VideoNode(device.node, driver: driver, folders: folders)
        guard node.capability.isCamera else {
            throw .notACamera(path: device.node, what: "its driver does not capture video into buffers")
        }
        let identity = settings.identity
        guard identity.bus.isEmpty || identity.bus == node.capability.bus else {
            throw .contradiction(
                camera: "\(identity)", found: ["'\(device.node)' is on bus \(node.capability.bus)"])
        }
        if !settings.controls.isEmpty { try node.checkFree() }
        try node.set(settings.controls)
        if try node.needsConversion(settings) {
            // libv4l2 wants to be there from the start.
            node = try VideoNode(device.node, driver: converting, folders: folders)
        }
        return try VideoStream(node, settings, negotiation: node.negotiate(settings))
    }

    private mutating func fail(_ error: VideoError) {
        lastError = error
        switch error {
        case .absent:
            enter(.absent, .deviceGone, errno: error.code)
        case .ambiguous:
            enter(.wrong, .ambiguousIdentity)
        case .contradiction:
            enter(.wrong, .wrongIdentity)
        case .formatChanged:
            enter(.backoff, .formatChanged)
        default:
            let isOpening = state == .opening
            enter(.backoff, isOpening ? .setUpFailed : .openFailed, errno: error.code)
        }
        planNextAttempt()
    }

    private mutating func planNextAttempt() {
        nextAttempt = driver.now() + backoff.next(random: driver.random())
        attemptReason = .retry
        isWaitPlanned = true
    }
}
