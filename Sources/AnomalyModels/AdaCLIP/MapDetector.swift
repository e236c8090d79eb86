/// What gives an image a score and a map of scores. For one thread; running it allocates nothing.
///
/// The picture is its input, written by the caller before a run; the map is that of the last run.
package protocol MapDetector: ScoredPicture {
    /// What describes the patches of the input: of the last run, until the next.
    var trunk: PatchTrunk { get }

    /// The input is tile `tile` of its region from now on, counted from 0: what knows each tile by itself looks there.
    func begin(tile: Int)

    /// Scores the input: fills the map and returns the score of the image, higher for worse.
    func run() -> Float

    /// Scores the part of the input that `mask` leaves: cells of the map whose byte is 0 become 0.
    ///
    /// - Precondition: `mask` has a byte for each cell of the map, row-major.
    func run(mask: UnsafePointer<UInt8>) -> Float
}

extension MapDetector {
    /// Most know all tiles alike.
    package func begin(tile: Int) {}
}

extension PatchDetector: MapDetector {}
