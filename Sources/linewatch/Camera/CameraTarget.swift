import Capture
import Configuration
import FoundationEssentials
import Glibc
import SimulatedLine

/// What an operator means by the camera that he names.
enum CameraTarget {
    /// A camera of the settings.
    case configured(CameraSettings)
    /// A device, by its path or one of its names.
    case device(CameraIdentity)
    /// A folder of images, the folder of a recording or its file.
    case files(String)
    /// The simulated line, without settings.
    case simulated(Surface)

    /// Says what `name` means: `simulated` or `simulated:SURFACE`, an id or name of `loaded`, a folder or a file,
    /// else a device.
    ///
    /// Throws if it is an id that no camera of the settings has, or may be one that cannot be looked up.
    init(_ name: String, _ loaded: LoadedSettings) throws {
        let hasErrors = !loaded.errors.isEmpty
        if name == "simulated" || name.hasPrefix("simulated:") {
            self = .simulated(try Self.surface(name))
        } else if !hasErrors, let camera = loaded.settings.camera.first(where: { $0.answers(to: name) }) {
            self = .configured(camera)
        } else if Self.isFolderOrFile(name) {
            self = .files(name)
        } else if name.contains("/") || name.contains("=") {
            self = .device(CameraIdentity(name))
        } else {
            self = try Self.device(named: name, hasErrors ? loaded : nil, loaded.settings.camera)
        }
    }

    /// - Parameter broken: settings in which nothing can be looked up.
    private static func device(
        named name: String, _ broken: LoadedSettings?, _ cameras: [CameraSettings]
    ) throws -> CameraTarget {
        let devices = VideoDevice.all()
        let isName = devices.contains {
            [$0.bus, $0.serial].contains(name) || $0.byID.contains(name) || $0.byPath.contains(name)
        }
        let couldBeBus = name.contains(":") || name.contains("-video-index")
        guard !isName, !couldBeBus else { return .device(CameraIdentity(name)) }
        if let broken, broken.isThere {
            throw CommandFailure(
                "No device is '\(name)', and the settings have \(broken.summary), so it cannot be looked up "
                    + "there. 'linewatch config check' lists them.")
        }
        let configured = broken == nil ? cameras.map(\.label) : []
        let known = configured + devices.map(\.summary)
        throw CommandFailure(
            "No camera is '\(name)'. "
                + (known.isEmpty
                    ? "No camera is configured or plugged in: check 'linewatch config check', cable and power."
                    : "There are: \(known.joined(separator: "; "))."))
    }

    private static func surface(_ name: String) throws -> Surface {
        let word = name.dropFirst("simulated".count).drop { $0 == ":" }
        if let surface = word.isEmpty ? .brushed : Surface(rawValue: String(word)) { return surface }
        let known = Surface.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure("There is no simulated surface '\(word)'. Surfaces: \(known).")
    }

    /// Whether `path` is a folder or an ordinary file: a device is neither.
    private static func isFolderOrFile(_ path: String) -> Bool {
        var status = stat()
        // The path is valid for the call, and the record is filled by it.
        guard unsafe stat(path, &status) == 0 else { return false }
        let kind = status.st_mode & S_IFMT
        return kind == S_IFDIR || kind == S_IFREG
    }
}

extension CameraSettings {
    /// Whether `text` is its id or its name.
    func answers(to text: String) -> Bool {
        text.allSatisfy(\.isNumber) ? Int(text) == id : !name.isEmpty && text == name
    }

    /// `camera 1 'top'`.
    var label: String { "camera \(id)" + (name.isEmpty ? "" : " '\(name)'") }
}
