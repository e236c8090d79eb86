package import Imaging

/// What gives an image a score and a map of scores. For one thread; running it allocates nothing.
package protocol MapDetector: AnyObject {
    /// Width and height of the input in pixels.
    var size: Size { get }
    /// Width and height of the score map.
    var mapSize: Size { get }
    /// What describes the patches of the input: of the last run, until the next.
    var trunk: PatchTrunk { get }

    /// The input: u8 RGB `[height, width, 3]`. Written by the caller before a run.
    func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result

    /// Scores the input: fills the map and returns the score of the image, higher for worse.
    func run() -> Float

    /// Scores the part of the input that `mask` leaves: cells of the map whose byte is 0 become 0.
    ///
    /// - Precondition: `mask` has a byte for each cell of the map, row-major.
    func run(mask: UnsafePointer<UInt8>) -> Float

    /// Calls `body` with the score map of the last run, `[mapSize.height, mapSize.width]`, row-major.
    func withMap<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result
}

extension PatchDetector: MapDetector {}
