internal import Glibc

/// The images of a folder, as calibration and evaluation read them.
public enum ImageFolder {
    /// The paths of the files in `folder` whose names end in .png, .jpg or .jpeg (in either case), in
    /// rising order of their names' bytes. Folders inside it are not entered. Blocks.
    ///
    /// Throws `.unreadable` if `folder` is missing, is no folder or may not be listed, and `.noImages`
    /// if none of its files is an image by its name.
    public static func images(in folder: String) throws(ImagingError) -> [String] {
        guard let listing = unsafe opendir(folder) else {
            throw .unreadable(path: folder, reason: ImageFile.reason(errno))
        }
        defer { unsafe closedir(listing) }

        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // A name that is not UTF-8 cannot be named in any report: it is passed over like a text file.
            if let name, isImage(name), unsafe entry.pointee.d_type != UInt8(DT_DIR) { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw .unreadable(path: folder, reason: ImageFile.reason(errno)) }
        guard !names.isEmpty else { throw .noImages(path: folder) }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return names.map { folder.hasSuffix("/") ? folder + $0 : folder + "/" + $0 }
    }

    private static func isImage(_ name: String) -> Bool {
        let lowered = name.lowercased()
        return !name.hasPrefix(".") && [".png", ".jpg", ".jpeg"].contains { lowered.hasSuffix($0) }
    }
}
