import CLinux
import Glibc
import Synchronization

/// What a hot thread asks between two turns of its loop: shall it go on?
public final class StopFlag: Sendable {
    private let isRaised = Atomic<Bool>(false)

    /// A flag that is down.
    public init() {}

    /// Asks the thread to end. It cannot be taken back. From any thread, allocation-free.
    public func raise() { isRaised.store(true, ordering: .releasing) }

    /// Whether the thread was asked to end. Allocation-free.
    public var isUp: Bool { isRaised.load(ordering: .acquiring) }
}

/// A thread of the operating system's for the way of a frame, with a name and, if asked, its processors.
///
/// It owns its state, which may be noncopyable, and works on it until its body returns. Letting a
/// `HotThread` go asks it to stop and waits for it.
public struct HotThread: ~Copyable, Sendable {
    /// Its name in `ps -L` and `top -H`.
    public let name: String
    /// Asks it to end; the body looks at it.
    public let stop: StopFlag
    private let thread: pthread_t

    /// Starts a thread that runs `body` once on `state`.
    ///
    /// - Parameters:
    ///   - name: up to 15 bytes are kept.
    ///   - cpus: the numbers of the processors it may use; empty: all. Numbers that the machine lacks are
    ///     the kernel's to refuse, and then the thread runs everywhere.
    ///
    /// Throws if the kernel gives no thread.
    public init<State: ~Copyable & Sendable>(
        name: String, cpus: [Int32] = [], state: consuming State,
        body: @escaping @Sendable (inout State, StopFlag) -> Void
    ) throws(PlatformError) {
        let stop = StopFlag()
        let start = Start(state: state) { state in
            _ = unsafe String(name.utf8.prefix(15))?.withCString { unsafe cl_name_thread($0) }
            if !cpus.isEmpty { _ = unsafe cl_pin_thread(cpus, Int32(cpus.count)) }
            body(&state, stop)
        }
        // The thread takes this reference over; if there is no thread, it is released below.
        let argument = unsafe Unmanaged<Startable>.passRetained(start)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                unsafe Unmanaged<Startable>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            unsafe argument.release()
            throw .refused(call: "pthread_create", path: name, code: code)
        }
        self.name = name
        self.stop = stop
        self.thread = thread
    }

    deinit {
        stop.raise()
        // Joined once, here: nobody else has the thread's number.
        pthread_join(thread, nil)
    }

    /// Asks the thread to end and waits until it has. Blocks.
    public consuming func join() {}
}

/// What a new thread is handed: erased, because its C entry cannot be generic.
private class Startable: @unchecked Sendable {
    // @unchecked: used by the new thread alone after pthread_create.
    func run() {}
}

private final class Start<State: ~Copyable & Sendable>: Startable, @unchecked Sendable {
    private var state: State
    private let body: (inout State) -> Void

    init(state: consuming State, body: @escaping (inout State) -> Void) {
        self.state = state
        self.body = body
    }

    override func run() { body(&state) }
}
