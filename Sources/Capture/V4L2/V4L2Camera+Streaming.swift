import Glibc
internal import Imaging

extension V4L2Camera {
    /// One round of an open stream: what happened, or nil to go round again. Allocation-free while frames
    /// come.
    mutating func next(of stream: VideoStream, _ deadline: Int64) -> CameraSignal? {
        let code = stream.requeue()
        guard code == 0 else {
            lose(by: stream.node.error(of: "VIDIOC_QBUF", code: code))
            return nil
        }
        let events = driver.poll(stream.node.descriptor, pollMilliseconds(until: deadline))
        if events == -EINTR { return driver.now() < deadline ? nil : .nothing }
        guard events >= 0 else {
            lose(.pollError, by: stream.node.error(of: "poll", code: -events))
            return nil
        }
        if events & (POLLERR | POLLHUP | POLLNVAL) != 0 {
            loseByPoll(stream)
            return nil
        }
        if events & POLLIN != 0 {
            guard state == .streaming else {
                backoff.reset()
                enter(.streaming, state == .idle ? .triggered : .started)
                return nil
            }
            return frame(of: stream)
        }
        checkSilence(of: stream)
        return transitions.isEmpty && driver.now() >= deadline ? .nothing : nil
    }

    private mutating func frame(of stream: VideoStream) -> CameraSignal? {
        switch stream.dequeue() {
        case .frame(let frame):
            lastFrame = frame.header.arrivalNanoseconds
            return .frame(frame)
        case .refused(let header):
            lastFrame = header.arrivalNanoseconds
            refusedCount += 1
            return .refused(header)
        case .nothing:
            return nil
        case .failed(let code):
            lose(by: stream.node.error(of: "VIDIOC_DQBUF", code: code))
            return nil
        }
    }

    /// 100 ms at most, so that pings and stalls are noticed in time whatever the caller's patience.
    private func pollMilliseconds(until deadline: Int64) -> Int32 {
        let left = deadline - driver.now()
        return Int32(max(0, min((left + 999_999) / 1_000_000, 100)))
    }

    /// A stream without a frame is asked whether it is still there; a free one that is late has stalled.
    private mutating func checkSilence(of stream: VideoStream) {
        let now = driver.now()
        let silence = now - lastFrame
        let limit = settings.stallNanoseconds(rate: stream.negotiation.stream.framesPerSecond)
        if settings.trigger == .free {
            // The first frame may take longer: sensors settle, links are trained.
            if silence >= (state == .opening ? max(limit, 2_000_000_000) : limit) {
                lose(.stalled, by: .stalled(path: stream.node.path, milliseconds: silence / 1_000_000))
                return
            }
        } else if state == .streaming && silence >= limit {
            enter(.idle, .noTrigger)
        }
        guard now - max(lastFrame, lastPing) >= settings.pingMilliseconds * 1_000_000 else { return }
        lastPing = now
        do throws(VideoError) {
            try stream.node.check(stream.negotiation)
        } catch {
            if case .formatChanged = error {
                lose(.formatChanged, by: error)
            } else {
                lose(.pingFailed, by: error)
            }
        }
    }

    /// Poll says only that something is wrong; dequeueing says what.
    private mutating func loseByPoll(_ stream: VideoStream) {
        if case .failed(let code) = stream.dequeue() {
            lose(by: stream.node.error(of: "VIDIOC_DQBUF", code: code))
        } else {
            lose(.pollError, by: .refused(path: stream.node.path, call: "poll", code: EIO))
        }
    }

    private mutating func lose(by error: VideoError) {
        if case .gone = error { lose(.deviceGone, by: error) } else { lose(.ioError, by: error) }
    }

    /// Takes everything down: nothing of this descriptor is used again.
    private mutating func lose(_ reason: CameraTransition.Reason, by error: VideoError) {
        triggerLine?.disconnect()
        stream?.stop()
        stopped = stream
        stream = nil
        device = nil
        lastError = error
        if state == .opening {
            enter(.backoff, reason, errno: error.code)
        } else {
            outage.start = driver.now()
            enter(.lost, reason, errno: error.code)
        }
        nextAttempt = driver.now()
        attemptReason = .retry
        isWaitPlanned = false
    }
}
