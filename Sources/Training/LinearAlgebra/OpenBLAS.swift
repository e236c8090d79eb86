internal import COpenBLAS
internal import Glibc
internal import Kernels

/// The library of matrix products: which of its kernels runs, and a bare call as a yardstick.
public enum OpenBLAS {
    /// The processor whose kernels it took, as in "SkylakeX".
    public static var kernelName: String {
        // A constant of OpenBLAS's own.
        unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
    }

    /// Starts the program anew with `OPENBLAS_CORETYPE` set, where OpenBLAS would otherwise not know this
    /// processor: version 0.3.21 takes its SSE3 kernels on what is newer than itself, at a tenth of the speed.
    ///
    /// Returns if the variable is set already, if there is nothing better, or if the kernel refuses. Call it
    /// first thing in a command that trains: what the process did before is lost.
    public static func relaunchWithBestKernel() {
        let best = InstructionSet.available.contains { $0.name.hasPrefix("avx512") } ? "SkylakeX" : "Haswell"
        // The strings are constants, and nobody else writes the environment yet.
        guard unsafe getenv("OPENBLAS_CORETYPE") == nil, kernelName != best, isSupported else { return }
        // Strings and the array live until execv, which does not return unless it failed.
        unsafe setenv("OPENBLAS_CORETYPE", best, 1)
        unsafe setenv("OPENBLAS_NUM_THREADS", "1", 0)
        var arguments = unsafe CommandLine.arguments.map { unsafe strdup($0) } + [nil]
        _ = unsafe execv("/proc/self/exe", &arguments)
    }

    private static var isSupported: Bool {
        InstructionSet.available.contains { $0.name.hasPrefix("avx") }
    }

    /// A product of matrices of 1s by OpenBLAS's own threads, `count` times; returns the nanoseconds of each.
    /// The yardstick of a benchmark. Blocks; sets the threads back to one.
    public static func times(
        rows: Int, columns: Int, depth: Int, isLeftTransposed: Bool, isRightTransposed: Bool, threads: Int,
        count: Int
    ) -> [Int] {
        let a = [Float](repeating: 1, count: rows * depth)
        let b = [Float](repeating: 1, count: depth * columns)
        var c = [Float](repeating: 0, count: rows * columns)
        openblas_set_num_threads(Int32(threads))
        defer { openblas_set_num_threads(1) }
        return (0..<count).map { _ in
            var (start, end) = (timespec(), timespec())
            // The pointers are good for the calls, here and below.
            unsafe clock_gettime(CLOCK_MONOTONIC, &start)
            unsafe cblas_sgemm(
                CblasRowMajor, isLeftTransposed ? CblasTrans : CblasNoTrans,
                isRightTransposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(depth), 1,
                a, Int32(isLeftTransposed ? rows : depth), b, Int32(isRightTransposed ? depth : columns), 0,
                &c, Int32(columns))
            unsafe clock_gettime(CLOCK_MONOTONIC, &end)
            return (end.tv_sec - start.tv_sec) * 1_000_000_000 + end.tv_nsec - start.tv_nsec
        }
    }
}
