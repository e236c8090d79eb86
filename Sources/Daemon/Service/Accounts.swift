import Glibc

/// The numbers of users and groups that the settings name.
struct Accounts {
    /// The uids of the names without @; unknown ones are left out.
    func users(_ names: [String]) -> Set<UInt32> {
        Set(
            names.filter { !$0.hasPrefix("@") }.compactMap { name in
                // The entry is read at once: the next call may overwrite it.
                unsafe getpwnam(name).map { unsafe $0.pointee.pw_uid }
            })
    }

    /// The gids of the names with @; unknown ones are left out.
    func groups(_ names: [String]) -> Set<UInt32> {
        Set(
            names.filter { $0.hasPrefix("@") }.compactMap { name in
                // As above.
                unsafe getgrnam(String(name.dropFirst())).map { unsafe $0.pointee.gr_gid }
            })
    }
}
